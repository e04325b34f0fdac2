"""The patient portal: signs patients in through Gosuslugi (ESIA), never sees a password, knows nothing of training."""

from __future__ import annotations

from pathlib import Path

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
"""The portal's migration folder, for whoever prepares a database for it."""
