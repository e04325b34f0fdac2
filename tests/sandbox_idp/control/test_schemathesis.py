"""Requests that schemathesis makes of the OpenAPI document: at the edges, beyond them, and at random.

Bounded and always the same ones, so that a failure can be repeated. Each operation has a stand of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from werkzeug.test import run_wsgi_app

from sandbox_idp.context import Stand
from sandbox_idp.control import routes
from sandbox_idp.scenarios import catalogue
from sandbox_idp.scenarios.catalogue import Catalogue
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from tests.sandbox_idp.control.contract import described

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 20261124,
        "generation": {"mode": "all", "max-examples": 15, "deterministic": True, "database": "none"},
        # A well-formed request may still ask for what cannot be: somebody unknown, a phone taken, check digits wrong.
        "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "404", "409", "422"]}},
    }
)


@schemathesis.serializer("application/zip", "application/toml")
def _as_it_is(_context: Any, value: Any) -> bytes:
    """Files are made up as bytes already, or as what stands in for them."""
    return value if isinstance(value, bytes) else str(value).encode()


class Program:
    """The sandbox as a test runner on this machine reaches it; schemathesis wants to know it before any fixture is."""

    app: WSGIApplication

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # Read and closed here: the stand layer ends its work in the thread that began it.
        body, status, headers = run_wsgi_app(self.app, {**environ, "REMOTE_ADDR": "127.0.0.1"}, buffered=True)
        start_response(status, list(headers))
        return body


program = Program()
schema = schemathesis.openapi.from_dict(described(), config=CONFIG)
schema.app = program


@pytest.fixture
def scenarios() -> Catalogue:
    """The real catalogue: the document's examples are taken from it."""
    return catalogue.shared()


@pytest.fixture
def called(
    sandbox_app: WSGIApplication,
    stand: Stand,
    house: House,
    sandbox_settings: SandboxSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[dict[str, Any]]:
    """How the calls of one operation reach a stand of their own; none of them waits, and the stands they make go."""
    monkeypatch.setattr(program, "app", sandbox_app, raising=False)
    monkeypatch.setattr(routes, "wait_for", lambda read, _seconds: read())
    before = {record.id for record in house.records()}
    yield {
        "root": f"{sandbox_settings.public_url}{{prefix}}/control/v1",
        "prefix": stand.prefix,
        "headers": {"Authorization": f"Bearer {sandbox_settings.control_token}"},
    }
    for record in house.records():
        if record.id not in before:
            house.delete(record.id)


@schema.parametrize()
@settings(suppress_health_check=list(HealthCheck), deadline=None)
def test_every_answer_is_as_the_document_says(case: Case, called: dict[str, Any]) -> None:
    """No fault, no undocumented answer, nothing wrong taken, nothing told to who has no token."""
    prefix = "" if case.path.startswith(("/stands", "/imports")) else called["prefix"]
    case.call_and_validate(base_url=called["root"].format(prefix=prefix), headers=called["headers"])
