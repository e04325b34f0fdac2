"""Routes of the room `works`: the start page, the schedule of works, health, and the shutter before the sign-in."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from sandbox_idp.context import current_stand
from sandbox_idp.scenarios import engine
from sandbox_idp.works.schedule import ahead, closures, running, windows
from sandbox_idp.works.shutter import shut, works_page

blueprint = Blueprint("works", __name__)
blueprint.before_app_request(shut)


@blueprint.get("/")
def index() -> str:
    """What this place is and where one goes from here (screen `idp-start`)."""
    stand = current_stand()
    now = stand.clock.now()
    planned = closures(windows())
    return render_template(
        "sandbox_idp/works/index.html", stand=stand, running=running(planned, now), ahead=ahead(planned, now)
    )


@blueprint.get("/works")
def works() -> Response | str:
    """The schedule of works as a page (R-118)."""
    stand = current_stand()
    now = stand.clock.now()
    planned = closures(windows())
    closure = running(planned, now)
    if closure is not None:
        return works_page(closure, again=request.script_root + request.path)
    return render_template("sandbox_idp/works/open.html", now=now, ahead=ahead(planned, now))


@blueprint.get("/works.json")
def works_json() -> Response:
    """The same for the portal, and whether codes by SMS go out: how it learns of both (`ESIA_WORKS_URL`)."""
    return jsonify(
        {
            "now": current_stand().clock.now().isoformat(),
            "sms": "down" if engine.gateway_is_down("sms") else "works",
            "windows": [
                {
                    "start": window.start.isoformat(),
                    "end": None if window.end is None else window.end.isoformat(),
                    "kind": window.kind,
                    "title": window.title,
                }
                for window in windows()
            ],
        }
    )


@blueprint.get("/healthz/live")
def live() -> Response:
    """This process answers."""
    return jsonify({"status": "ok"})


@blueprint.get("/healthz/ready")
def ready() -> Response:
    """Whether the stand's database answers; 503 if not. (The register has answered: it named the stand.)"""
    alive = current_stand().database.is_alive()
    response = jsonify({"status": "ok" if alive else "failed", "parts": {"stand": alive}})
    response.status_code = 200 if alive else 503
    return response
