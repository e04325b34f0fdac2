"""Putting the sandbox together: web plumbing and rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from foundation.web import WebOptions, prepare_app
from foundation.web.accessibility import install_accessibility
from sandbox_idp.cabinet.routes import blueprint as cabinet
from sandbox_idp.console.routes import blueprint as console
from sandbox_idp.control.routes import blueprint as control
from sandbox_idp.identity.routes import blueprint as identity
from sandbox_idp.oauth.openid.routes import blueprint as openid
from sandbox_idp.oauth.requests import form_action_sources
from sandbox_idp.oauth.routes import blueprint as oauth
from sandbox_idp.registration.routes import blueprint as registration
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.sign_in.routes import blueprint as sign_in
from sandbox_idp.signature.routes import blueprint as signature
from sandbox_idp.works.errors import install_errors
from sandbox_idp.works.routes import blueprint as works
from sandbox_idp.world.routes import blueprint as world

if TYPE_CHECKING:
    from sandbox_idp.stands.house import House


def create_app(settings: SandboxSettings, house: House) -> Flask:
    """The sandbox as a Flask program; it works on the current stand, which the stand layer around it sets."""
    app = Flask("sandbox_idp", static_folder=None, template_folder=None)
    prepare_app(
        app,
        WebOptions(public_url=settings.public_url, secret_key=settings.secret_key, form_action=form_action_sources),
    )
    install_errors(app)
    install_accessibility(app, settings.public_url, keep=("request", "person"))
    app.extensions["settings"] = settings
    app.extensions["house"] = house
    for blueprint in (
        works,
        sign_in,
        signature,
        registration,
        cabinet,
        identity,
        oauth,
        openid,
        world,
        console,
        control,
    ):
        app.register_blueprint(blueprint)
    return app
