"""All the pages of the room under one blueprint, for the assembly."""

from __future__ import annotations

from portal.appointments import booking, changing, home_visit, refusals, routes, waiting
from portal.appointments.room import blueprint

__all__ = ["blueprint", "booking", "changing", "home_visit", "refusals", "routes", "waiting"]
