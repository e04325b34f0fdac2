"""Security headers of every response (S-50, S-52). No inline script or style is ever allowed.

A response may set its own `Content-Security-Policy` (the error page allows its one style by hash); it is then kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response

if TYPE_CHECKING:
    from foundation.web import WebOptions


def content_security_policy(*, form_action: list[str] | None = None, style_hash: str | None = None) -> str:
    """The policy: own origin only, no frames, no plug-ins, no base."""
    style = f"'self' 'sha256-{style_hash}'" if style_hash else "'self'"
    actions = " ".join(["'self'", *(form_action or [])])
    return (
        "default-src 'none'; script-src 'self'; "
        f"style-src {style}; img-src 'self' data:; font-src 'self'; media-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; "
        f"form-action {actions}; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    )


def install_headers(app: Flask, options: WebOptions) -> None:
    """Set the headers after every request; what a view has set itself is kept."""
    usual = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
    if urlsplit(options.public_url).scheme == "https":
        usual["Strict-Transport-Security"] = "max-age=31536000"
    named = [(name.lower(), name, value) for name, value in usual.items()]

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        # Looked through once: asking the list of headers for each name goes through all of it every time.
        own = {name.lower() for name, _ in headers}
        if "content-security-policy" not in own:
            headers.add("Content-Security-Policy", content_security_policy(form_action=options.form_action()))
        for lower, name, value in named:
            if lower not in own:
                headers.add(name, value)
        if response.mimetype == "text/html":
            response.vary.add("HX-Request")
        return response
