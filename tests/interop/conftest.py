"""A running sandbox, and a browser without script that goes through its pages over the wire."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2
import pytest
from bs4 import BeautifulSoup
from werkzeug.serving import make_server

from foundation.clock import SystemClock
from foundation.ids import SystemIds
from sandbox_idp.context import Stand
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.wsgi import build
from tests.conftest import FewKeys


class Running:
    """The sandbox behind a port of this machine."""

    def __init__(self, stand: Stand, house: House) -> None:
        self.stand = stand
        self.house = house
        self.address = stand.idp_url


@pytest.fixture(scope="session")
def served(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house of a sandbox that answers on a free port."""
    server = make_server("127.0.0.1", 0, _not_ready, threaded=True)
    folder: Path = tmp_path_factory.mktemp("interoperability")
    settings = SandboxSettings(
        demo_dir=folder,
        database_url=database_url or f"sqlite:///{folder}/stands.sqlite",
        portal_database_url=database_url,
        port=server.server_port,
        secret_key="interoperability tests",
        control_token="unused",
        console_key="unused",
    )
    house = House(settings, clock=SystemClock(), ids=SystemIds(), keys=FewKeys(10))
    house.prepare()
    server.app = build(settings, house)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield house
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        house.close()


@pytest.fixture
def running(served: House) -> Iterator[Running]:
    """A stand of the test's own there; clients check tokens against real time, so its clock runs."""
    stand = served.create("interoperability").stand
    yield Running(stand, served)
    served.delete(stand.id)


def _not_ready(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("503 Service Unavailable", [])
    return []


class Browser:
    """Follows links and sends forms as a browser without script does; stops at the first address of another host."""

    def __init__(self, home: str) -> None:
        self._home = home
        self._client = httpx2.Client(follow_redirects=False, timeout=20)
        self.address = home
        self.page = BeautifulSoup("", "html5lib")

    @property
    def screen(self) -> str:
        """`data-screen` of the page at hand."""
        html = self.page.find("html")
        return str(html.get("data-screen", "")) if html is not None else ""

    def open(self, address: str) -> None:
        """Go to an address, and on where it leads."""
        self._follow(self._client.get(address))

    def send(self, **values: Any) -> None:
        """Fill in the first form that posts and press its button."""
        form = self.page.find("form", attrs={"method": "post"})
        assert form is not None, self.page.get_text(" ")
        filled = {
            str(field["name"]): str(field.get("value", ""))
            for field in form.find_all("input")
            if field.get("name") and field.get("type") not in ("checkbox", "radio", "submit")
        }
        ticked = [str(box["value"]) for box in form.find_all("input", attrs={"type": "checkbox"})]
        data = {**filled, **({"right": ticked} if ticked else {}), **values}
        self._follow(self._client.post(urljoin(self.address, str(form["action"])), data=data))

    def close(self) -> None:
        self._client.close()

    def _follow(self, response: httpx2.Response) -> None:
        for _ in range(10):
            self.address = str(response.url)
            if not response.has_redirect_location:
                break
            self.address = urljoin(self.address, response.headers["Location"])
            if not self.address.startswith(self._home):
                return
            response = self._client.get(self.address)
        self.page = BeautifulSoup(response.text, "html5lib")


@pytest.fixture
def browser(running: Running) -> Iterator[Browser]:
    made = Browser(running.address)
    yield made
    made.close()
