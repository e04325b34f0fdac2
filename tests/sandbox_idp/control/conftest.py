"""A test runner's client of the control API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from sandbox_idp.context import Stand
from sandbox_idp.scenarios import catalogue
from sandbox_idp.scenarios.catalogue import Catalogue
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.wsgi import build
from tests.sandbox_idp.control import contract
from tests.sandbox_idp.control.small_catalogue import small_catalogue


class ControlClient:
    """Calls the API as a test runner does: from this machine, with a token, without a browser's headers.

    Every answer must be one that the API's own document describes (`contract.check_answer`).
    """

    def __init__(self, app: Any, base_url: str, token: str, prefix: str = "") -> None:
        self.client = Client(app)
        self.base_url = base_url
        self.token = token
        self.prefix = prefix

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        address: str | None = "127.0.0.1",
        token: str | None = None,
        prefix: str | None = None,
        **more: Any,
    ) -> Any:
        """The parsed answer to one call, whose status must be `status`."""
        sent = {"Authorization": f"Bearer {self.token if token is None else token}", **(headers or {})}
        response: TestResponse = self.client.open(
            (self.prefix if prefix is None else prefix) + "/control/v1" + path,
            method=method,
            base_url=self.base_url,
            headers={name: value for name, value in sent.items() if value},
            environ_base={"REMOTE_ADDR": address} if address else {},
            buffered=True,  # Read and closed here: the stand layer ends its work in the thread that began it.
            **({"json": body} if body is not None else {}),
            **more,
        )
        assert response.status_code == status, f"{response.status_code}: {response.get_data(as_text=True)[:600]}"
        contract.check_answer(method, path, response)
        self.headers = response.headers
        self.mimetype = response.mimetype
        return response.get_json(silent=True)

    def refused(self, method: str, path: str, body: Any = None, *, status: int = 422, **more: Any) -> dict[str, Any]:
        """The problem that a call is refused with."""
        answer: dict[str, Any] = self.call(method, path, body, status=status, **more)
        assert self.mimetype == "application/problem+json"
        assert answer["status"] == status
        return answer

    def wrong(self, method: str, path: str, body: Any = None, **more: Any) -> set[str]:
        """The JSON pointers of everything that a refused call has wrong."""
        return {error["pointer"] for error in self.refused(method, path, body, **more)["errors"]}


@pytest.fixture(scope="session")
def sandbox_app(sandbox_settings: SandboxSettings, house: House) -> Any:
    """The sandbox, made once for all tests here: they differ in their stands."""
    return build(sandbox_settings, house)


@pytest.fixture
def control(sandbox_app: Any, sandbox_settings: SandboxSettings, stand: Stand) -> ControlClient:
    """The API of the test's own stand, opened with the token of the whole pair."""
    return ControlClient(sandbox_app, sandbox_settings.public_url, sandbox_settings.control_token, stand.prefix)


@pytest.fixture
def outside(sandbox_app: Any, sandbox_settings: SandboxSettings) -> ControlClient:
    """The API without a stand's prefix."""
    return ControlClient(sandbox_app, sandbox_settings.public_url, sandbox_settings.control_token)


@pytest.fixture(autouse=True)
def scenarios(tmp_path: Path) -> Iterator[Catalogue]:
    """The small catalogue in place of the real one."""
    with catalogue.using(small_catalogue(tmp_path)) as small:
        yield small
