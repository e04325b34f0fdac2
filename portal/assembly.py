"""Putting the portal together: web plumbing, sessions, rooms, and one line in the log for every request."""

from __future__ import annotations

from dataclasses import replace

import structlog
from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from foundation.log import get_log
from foundation.web import WebOptions, prepare_app
from portal.appointments.pages import blueprint as appointments
from portal.documents.applications import blueprint as applications
from portal.documents.certificates import blueprint as certificates
from portal.documents.routes import blueprint as documents
from portal.doors import Doors
from portal.health import blueprint as health
from portal.help.routes import blueprint as help_pages
from portal.notifications.routes import blueprint as notifications
from portal.patients.children import blueprint as children
from portal.patients.clinic_pages import install_clinic_pages
from portal.patients.routes import blueprint as patients
from portal.profile.routes import blueprint as profile
from portal.record.expenses import blueprint as expenses
from portal.record.routes import blueprint as record
from portal.reports.routes import blueprint as reports
from portal.sign_in import ended
from portal.sign_in.drafts import install_drafts
from portal.sign_in.routes import blueprint as sign_in
from portal.sign_in.sessions import install_sessions
from portal.support.routes import blueprint as support
from portal.web import Crowd, install_web

log = get_log("portal")


def assemble(doors: Doors) -> Flask:
    """The program behind `doors`."""
    settings = doors.settings
    crowd = Crowd(settings.queue_limit)
    doors = replace(doors, esia=crowd.beside(doors.esia))
    app = Flask("portal", static_folder=None, template_folder=None)
    # Before all else: also what is refused before any page is logged as its own request and nobody else's (S-62).
    _log_requests(app, doors)
    prepare_app(
        app,
        WebOptions(
            public_url=settings.public_url,
            secret_key=settings.secret_key,
            allowed_hosts=tuple(host.strip() for host in settings.allowed_hosts.split(",") if host.strip()),
            # Where «Выйти» leads in the end: Chromium applies `form-action` to the redirects after a form too (S-52).
            form_action=lambda: [doors.esia.sign_out_origin()],
        ),
    )
    app.extensions["portal"] = doors
    install_web(
        app,
        public_url=settings.public_url,
        notice=settings.notice,
        work_limit=settings.work_limit,
        crowd=crowd,
        clock=doors.clock,
        ids=doors.ids,
    )
    install_sessions(app, public_url=settings.public_url, secret=settings.secret_key, not_signed_in=ended.answer)
    install_drafts(app)
    install_clinic_pages(app)
    people = (sign_in, patients, children, profile, notifications, support)
    care = (appointments, record, documents, certificates, applications, expenses, reports)
    for blueprint in (health, *people, *care, help_pages):
        app.register_blueprint(blueprint)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # Flask documents this assignment.
    return app


def _log_requests(app: Flask, doors: Doors) -> None:
    """Give every line in the log the id of its request, and the request a line of its own without its query (S-62)."""

    @app.before_request
    def begin() -> None:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=doors.ids.token(9))

    @app.after_request
    def end(response: Response) -> Response:
        if request.endpoint != "static":
            log.info("request", method=request.method, path=request.path, status=response.status_code)
        return response
