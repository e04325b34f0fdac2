"""Anna is a member of the staff of her clinic."""

from __future__ import annotations

from tests.portal.record.conftest import anna, full

__all__ = ["anna", "full"]
