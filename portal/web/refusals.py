"""What no page of the portal has to look at: text that no database takes and nobody can type."""

from __future__ import annotations

from flask import Flask, abort, request

NUL = "\0"


def install_refusals(app: Flask) -> None:
    """Refuse a NUL in the address as one that there is not, and in a form as one that no browser sends.

    PostgreSQL takes none in a text, so it would be a fault of the portal where it is a spoilt request. What comes in a
    query is the matter of who reads it: the return from Gosuslugi has its own answers.
    """

    @app.before_request
    def refuse() -> None:
        if NUL in request.path:
            abort(404)
        is_form = request.method == "POST" and request.mimetype == "application/x-www-form-urlencoded"
        if is_form and any(NUL in name or NUL in value for name, value in request.form.items(multi=True)):
            abort(400)
