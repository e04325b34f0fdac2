"""Shared web plumbing of the portal: layout, limits of time and number, error component. It knows no feature."""

from __future__ import annotations

from datetime import timedelta

import structlog
from flask import Flask, g

from foundation.clock import Clock
from foundation.ids import Ids
from foundation.web.accessibility import install_accessibility
from portal.web.context import Given, given, keep
from portal.web.crowd import Crowd, install_crowd
from portal.web.errors import install_errors
from portal.web.limits import install_limits
from portal.web.refusals import install_refusals


def install_web(
    app: Flask, *, public_url: str, notice: str, work_limit: timedelta, crowd: Crowd, clock: Clock, ids: Ids
) -> None:
    """Give `app` all of it. To be called right after `foundation.web.prepare_app`, before blueprints are registered."""
    keep(app, Given(clock=clock, ids=ids, notice=notice))
    install_crowd(app, crowd)
    install_refusals(app)
    install_limits(app, clock=clock, limit=work_limit)
    install_errors(app)
    install_accessibility(app, public_url, keep=("next", "from"))
    app.jinja_env.globals["notice"] = notice
    app.jinja_env.globals["page_reference"] = page_reference
    app.jinja_env.globals["page_moment"] = page_moment


def page_reference() -> str:
    """A reference for what may go wrong in the browser after this page was sent; the log line of the request has it.

    The page has one, however often it stands there.
    """
    if "page_reference" not in g:
        g.page_reference = given().ids.reference()
        structlog.contextvars.bind_contextvars(ref=g.page_reference)
    return str(g.page_reference)


def page_moment() -> int:
    """The portal's time in milliseconds since 1970: from it the script of the page tells when something failed, because
    the clock of a device may be wrong (U-1).
    """
    return int(given().clock.now().timestamp() * 1000)


__all__ = ["Crowd", "install_web", "page_moment", "page_reference"]
