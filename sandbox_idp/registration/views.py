"""How the pages of the wizard are answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app, make_response, render_template, request, url_for

from foundation.russian import span, time_msk
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.views import whole_seconds


def show(
    template: str, status: int = 200, *, visit: Visit, retry_after: timedelta | None = None, **values: Any
) -> Response:
    """A page of this room; `retry_after` becomes the header of that name."""
    response = make_response(render_template(f"sandbox_idp/registration/{template}", visit=visit, **values), status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(whole_seconds(retry_after))
    return response


def resumed() -> bool:
    """Whether the browser has come back to a registration that it had left."""
    return request.args.get("resumed") == "yes"


def later(at: datetime, now: datetime) -> str:
    """`через 43 мин, в 15:10 (мск)`."""
    return f"через {span(whole_seconds(at - now))}, в {time_msk(at)}"


def address_of(endpoint: str) -> str | None:
    """The address of a page that another room may have; None while it has not."""
    return url_for(endpoint) if endpoint in current_app.view_functions else None


def network_address() -> str:
    """Where the browser asks from."""
    return request.remote_addr or ""
