"""The search of the cabinet: a plain GET, so a result can be shared and needs no script."""

from __future__ import annotations

from flask import Response, request

from sandbox_idp.cabinet import guard, services, views
from sandbox_idp.context import current_stand

LONGEST = 100


def search() -> Response:
    """What was looked for and what was found (screen `cabinet-search`)."""
    query = " ".join(request.args.get("q", "").split())[:LONGEST]
    with current_stand().database.reading() as session:
        here = guard.signed_in(session)
        return views.show(session, here, "search.html", query=query, found=services.search(query))
