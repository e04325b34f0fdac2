"""The one hook a program gets from here: it fails where the gate has said so. The programs themselves know nothing."""

# Errors are named after what happened.
# ruff: noqa: N818

from __future__ import annotations

from flask import Flask, abort, request

FAULT = "stand.fault"
"""Environ key by which the gate asks for a fault inside the program: the status that it shall answer with."""
AHEAD = "portal.ahead"
"""Environ key by which a server in front tells how many requests wait there (`portal.web.crowd`)."""
UNFORESEEN = 500
"""The status of an error that nobody has foreseen; every other one is an answer that a view gives on purpose."""


class ScenarioFault(Exception):
    """Stands for an error in a program that nobody has foreseen."""


def install_faults(app: Flask) -> None:
    """Have `app` fail by itself on requests that carry the key; its own last resort then answers. Once is enough."""
    if FAULT in app.extensions:
        return
    app.extensions[FAULT] = True

    @app.before_request
    def fail_when_told() -> None:
        status = request.environ.get(FAULT)
        if status == UNFORESEEN:
            raise ScenarioFault
        if status:
            abort(status)
