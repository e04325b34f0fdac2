"""What the programs are measured against: a Flask program that does nothing but answer, under the same server."""

from __future__ import annotations

import base64

from flask import Flask

from bench.machine import sign

PAGE = ("<!doctype html><html lang='ru'><title>bare</title><p>" + "0123456789abcdef" * 640)[:10_240]


def application() -> Flask:
    """gunicorn's factory."""
    app = Flask("bare", static_folder=None)

    @app.get("/")
    def page() -> str:
        return PAGE

    @app.get("/signed")
    def signed() -> str:
        return base64.b64encode(sign()).decode("ascii")

    @app.get("/healthz/live")
    def live() -> str:
        return "ok"

    return app
