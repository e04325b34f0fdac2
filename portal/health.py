"""What monitors ask: `/healthz/live` (the process answers) and `/healthz/ready` (what it needs answers too, S-67).

Traffic should follow `live`: with the database or Gosuslugi away the portal still explains itself to people.
"""

from __future__ import annotations

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response as BaseResponse

from portal.doors import doors

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz/live")
def live() -> BaseResponse:
    """200 whenever the process can answer at all."""
    return jsonify(status="live")


@blueprint.get("/healthz/ready")
def ready() -> BaseResponse:
    """200 when all is well, else 503 with what is not. It asks the database, and Gosuslugi nothing."""
    health = doors().esia.health()
    parts = {
        "database": "ready" if doors().database.is_alive() else "down",
        "gosuslugi": "ready" if health.answers else "down",
        "sign_in": "ready" if health.misconfigured is None else f"misconfigured: {health.misconfigured}",
    }
    well = all(state == "ready" for state in parts.values())
    response = jsonify(status="ready" if well else "not-ready", **parts)
    response.status_code = 200 if well else 503
    return response
