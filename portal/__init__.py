"""The patient portal: signs patients in through Gosuslugi (ESIA), never sees a password."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from foundation.clock import Clock
    from foundation.ids import Ids
    from portal.clinic.base import Clinic
    from portal.doors import Database, Esia, Files, Messages, Scanner
    from portal.settings import PortalSettings

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
"""The portal's migration folder, for whoever prepares a database for it."""


def create_app(
    settings: PortalSettings,
    *,
    database: Database,
    esia: Esia,
    clinic: Clinic,
    messages: Messages,
    files: Files,
    clock: Clock,
    ids: Ids,
    scanner: Scanner | None = None,
) -> Flask:
    """The portal as a Flask program, behind the doors it is given (`portal.doors`); the built-in `scanner` if none."""
    # Rooms are imported here: whoever only wants MIGRATIONS need not load the whole program.
    from portal.assembly import assemble
    from portal.doors import Doors
    from portal.files.scanner import BuiltInScanner

    return assemble(
        Doors(
            settings=settings,
            database=database,
            esia=esia,
            clinic=clinic,
            messages=messages,
            files=files,
            scanner=scanner or BuiltInScanner(),
            clock=clock,
            ids=ids,
        )
    )
