"""Small programs behind the gate, catalogues of a test's own, and sign-ins made of single requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask, Response, jsonify, redirect, request
from sqlmodel import select
from werkzeug.test import Client, TestResponse

from sandbox_idp.accounts.models import Person
from sandbox_idp.context import Stand, current_sign_in
from sandbox_idp.scenarios import catalogue, journal
from sandbox_idp.scenarios.gate import Gate
from sandbox_idp.scenarios.models import Armed, JournalLine, SignIn
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.stands.layer import StandLayer

SYSTEM = "PORTAL_DEMO"
AUTHORIZE = "/aas/oauth2/ac"
TOKEN = "/aas/oauth2/te"

ENTRY = """
id         = "{id}"
group      = "D"
cause      = 3
title      = "Проба"
side       = "gosuslugi"
trigger    = "effect"
stage      = "token"
sources    = ["A:105", "S"]
rules      = ["R-030"]
profiles   = ["esia-v1"]
javascript = ["on"]
story      = "Проба."
learner    = "Проба."
explain    = "Проба."

[sees]
at      = "portal"
screen  = "gosuslugi-failed"
texts   = ["Проба"]
session = "none"

[recovers]
by      = "heal"
note    = "Проба."
ends_at = "/home"

[arming]
scopes  = ["next-sign-in", "person", "everyone"]
default = "next-sign-in"
ttl     = "PT30M"

[journey]
person = "anna"
steps  = "sign_in"

{more}
"""


def entry_text(entry: str, more: str) -> str:
    """The text of a small valid file; `more` holds its effects."""
    return ENTRY.format(id=entry, more=more)


def gate_effect(kind: str, program: str = "sandbox_idp", **fields: str) -> str:
    """The lines of one effect at the gate; values are TOML."""
    lines = [f'kind = "{kind}"', 'where = "gate"', f'program = "{program}"']
    return "[[effects]]\n" + "\n".join([*lines, *(f"{name} = {value}" for name, value in fields.items())])


UseEntries = Callable[..., catalogue.Catalogue]


@pytest.fixture
def use_entries(tmp_path: Path) -> Iterator[UseEntries]:
    """Replaces the catalogue by one of these files: `use_entries(name=effects)`, `_` in a name standing for `-`."""
    with ExitStack() as stack:

        def use(**files: str) -> catalogue.Catalogue:
            for name, more in files.items():
                entry = name.replace("_", "-")
                (tmp_path / f"{entry}.toml").write_text(entry_text(entry, more), encoding="utf-8")
            return stack.enter_context(catalogue.using(catalogue.load(tmp_path)))

        yield use


def small_portal(stand_idp_url: str) -> Flask:
    """What the gate needs of a portal: `/login` that sends to Gosuslugi, the return, a page, a part."""
    app = Flask("small_portal", static_folder=None)
    app.config["SECRET_KEY"] = "unit tests"

    @app.get("/login")
    def login() -> Any:
        query = urlencode({"client_id": SYSTEM, "state": request.args.get("state", "state-of-a-test")})
        return redirect(f"{stand_idp_url}{AUTHORIZE}?{query}", code=303)

    @app.get("/login/callback")
    def callback() -> Any:
        return redirect(f"{request.root_path}/loading", code=303) if "code" in request.args else ("no", 400)

    _add_common(app)
    return app


def small_sandbox() -> Flask:
    """What the gate needs of a sandbox."""
    app = Flask("small_sandbox", static_folder=None)

    @app.route("/aas/oauth2/te", methods=["POST"])
    def token() -> Any:
        return jsonify(form=request.form.to_dict(), sign_in=current_sign_in())

    _add_common(app)
    return app


def _add_common(app: Flask) -> None:
    @app.errorhandler(Exception)
    def fault(error: Exception) -> Any:
        return f"fault: {type(error).__name__}", 500

    @app.route("/<path:path>", methods=["GET", "POST"])
    def anything(path: str) -> Any:
        return Response(
            f"{path} belongs to {current_sign_in()} and is long enough to be cut in two", mimetype="text/plain"
        )


@dataclass
class Browser:
    """A browser at one small program behind stand layer and gate."""

    client: Client
    prefix: str
    base_url: str

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.get(self.prefix + path, base_url=self.base_url, **{"buffered": True, **kwargs})

    def post(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.post(self.prefix + path, base_url=self.base_url, **{"buffered": True, **kwargs})

    def number(self, path: str, **kwargs: Any) -> int | None:
        """The sign-in that a request for `path` belongs to, as the program behind the gate sees it."""
        found = re.search(r"belongs to (\d+|None)", self.get(path, **kwargs).get_data(as_text=True))
        assert found is not None
        return None if found[1] == "None" else int(found[1])

    def press_sign_in(self, state: str = "state-of-a-test") -> int:
        """«Войти» at the portal; the number of the sign-in that began."""
        self.get(f"/login?state={state}")
        number = self.number("/home")
        assert number is not None
        return number


@dataclass
class Place:
    """One stand with both small programs."""

    stand: Stand
    portal_app: Any
    sandbox_app: Any
    settings: SandboxSettings

    def at_portal(self) -> Browser:
        return Browser(Client(self.portal_app), self.stand.prefix, self.settings.portal_url)

    def at_sandbox(self) -> Browser:
        return Browser(Client(self.sandbox_app), self.stand.prefix, self.settings.public_url)

    def sign_in(self, number: int) -> SignIn:
        with self.stand.database.reading() as session:
            return session.get_one(SignIn, number)

    def armed(self, entry: str) -> Armed | None:
        with self.stand.database.reading() as session:
            return session.get(Armed, entry)

    def lines(self, **which: Any) -> list[JournalLine]:
        return journal.lines(self.stand.database, **which)

    def anna(self) -> int:
        with self.stand.database.reading() as session:
            return session.exec(select(Person.oid).where(Person.persona == "anna")).one()


@pytest.fixture
def new_place(sandbox_settings: SandboxSettings, house: House) -> Callable[[Stand], Place]:
    """Puts both small programs on a stand."""

    def make(stand: Stand) -> Place:
        portal = Gate(small_portal(stand.idp_url), program="portal", public_url=sandbox_settings.portal_url)
        sandbox = Gate(small_sandbox(), program="sandbox_idp", public_url=sandbox_settings.public_url)
        return Place(
            stand,
            StandLayer(portal, house),
            StandLayer(sandbox, house),
            sandbox_settings,
        )

    return make


@pytest.fixture
def place(stand: Stand, new_place: Callable[[Stand], Place]) -> Place:
    """Both small programs on the test's own stand."""
    return new_place(stand)


def location_state(response: TestResponse) -> str:
    """The `state` in a redirect to Gosuslugi."""
    return parse_qs(urlsplit(response.headers["Location"]).query)["state"][0]
