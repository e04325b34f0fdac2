"""The host name a program answers under (S-58): another one is redirected when that is harmless, else refused."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse


def install_host_check(app: Flask, public_url: str, allowed_hosts: tuple[str, ...]) -> None:
    """Check `Host` before every request. Health pages answer under any name: a monitor asks by address."""
    known = {urlsplit(public_url).netloc, *allowed_hosts}

    @app.before_request
    def check_host() -> BaseResponse | None:
        if request.host in known or request.path.startswith("/healthz/"):
            return None
        if request.method in ("GET", "HEAD"):
            query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
            # Written anew: what was decoded may hold a line end, which no header may.
            path = quote(request.root_path + request.path, safe="/:@!$&'()*+,;=~")
            return redirect(f"{public_url}{path}{query}", code=303)
        return Response("Host не из разрешённых\n", status=421, mimetype="text/plain")
