"""What `create_app` handed to the web room: clock, source of references, and the line that stands on every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app

from foundation.clock import Clock
from foundation.ids import Ids


@dataclass(frozen=True)
class Given:
    """The things themselves."""

    clock: Clock
    ids: Ids
    notice: str


def keep(app: Flask, given: Given) -> None:
    """Remember them for the requests of `app`."""
    app.extensions["portal.web"] = given


def given() -> Given:
    """They, for the request at hand."""
    kept: Given = current_app.extensions["portal.web"]
    return kept


def now() -> datetime:
    """The portal's time."""
    return given().clock.now()
