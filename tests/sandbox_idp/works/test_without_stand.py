"""What either program answers where its register or its stand's database is away (S-61, S-72, U-1, U-6, U-23)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from foundation.clock import SystemClock
from foundation.ids import SystemIds
from portal.settings import PortalSettings
from sandbox_idp.context import Stand
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands import portal_wsgi
from sandbox_idp.stands.house import House
from sandbox_idp.stands.layer import OneStand, StandLayer
from sandbox_idp.works.without_stand import RETRY_AFTER
from sandbox_idp.wsgi import build
from tests.pages import Page, PageClient
from tests.sandbox_idp.works.test_errors import REFERENCE

STRIPE = "Учебный стенд — не вводите настоящие данные"
Program = Callable[[House], Any]


def portal(_settings: SandboxSettings, house: House) -> Any:
    """The portal under stands."""
    return portal_wsgi.build(PortalSettings(secret_key="secret"), house)


def unreached(_environ: Any, _start_response: Any) -> list[bytes]:
    raise AssertionError("a program was asked without a stand")


@pytest.fixture(params=["layer", "one stand"])
def program(request: pytest.FixtureRequest) -> Program:
    """Puts either layer of stands between a house and a program."""
    if request.param == "layer":
        return lambda house: StandLayer(unreached, house)
    return lambda house: OneStand(unreached, house, "default")


@pytest.fixture(params=["sqlite:////nonexistent/stands.sqlite", "postgresql+psycopg://nobody@127.0.0.1:1/nothing"])
def homeless(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A house whose register cannot be reached."""
    house = House(SandboxSettings(demo_dir=tmp_path, database_url=request.param), clock=SystemClock(), ids=SystemIds())
    yield house
    house.close()


def browser_of(program: Any, stand: str = "") -> PageClient:
    return PageClient(program, "http://127.0.0.1:9000", stand)


def refused(browser: PageClient, address: str = "/login", method: str = "get", **more: Any) -> Page:
    """The answer of a program whose database is away; its reference is that of the line in the log."""
    with capture_logs() as lines:
        page = getattr(browser, method)(address, status=503, **more)
    (line,) = [line for line in lines if line["event"] == "database_silent"]
    assert page.response.headers["Retry-After"] == str(RETRY_AFTER)
    assert REFERENCE.match(line["ref"])
    assert line["ref"] in page.text
    assert not re.search(r"Error|select|sqlite|psycopg|nonexistent|Traceback", page.text)
    return page


def test_no_register_is_one_calm_page(program: Program, homeless: House) -> None:
    """S-61, S-72, U-1, U-6: the seed's words, the side, what is safe, what to do, and nothing that needs more."""
    page = refused(browser_of(program(homeless)))
    assert (page.screen, page.root["data-state"]) == ("fault", "error")
    for words in (
        STRIPE,
        "Произошла ошибка..",
        "Попробуйте перезапустить страницу",
        "На стороне учебного стенда",
        "Сохранённое не потеряно",
        "Подождите минуту",
    ):
        assert words in page.words
    assert page.soup.find(["script", "img", "link"]) is None
    marked = page.soup.find(attrs={"data-ref": True})
    assert marked is not None
    assert marked["data-ref"] == marked.get_text()


def test_a_part_gets_a_part_and_a_machine_json(program: Program, homeless: House) -> None:
    """U-23, S-61."""
    browser = browser_of(program(homeless))
    part = refused(browser, headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert part.soup.find(attrs={"data-fault": True}) is not None
    answer = refused(browser, "/control/v1/people").response
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["code"] == "database-silent"


@pytest.mark.parametrize(
    "address",
    ["/aas/oauth2/te", "/aas/oauth2/v3/te", "/oauth2/token", "/oauth2/jwks", "/rs/prns/1", "/.well-known/jwks.json"],
)
@pytest.mark.parametrize("prefix", ["", "/s/abcd"])
def test_a_client_of_the_wire_gets_an_error_object(homeless: House, prefix: str, address: str) -> None:
    """RFC 6749 section 5.2, S-61: a client that waits for a token or a person is answered in its own language."""
    answer = refused(browser_of(StandLayer(unreached, homeless)), prefix + address).response
    assert answer.mimetype == "application/json"
    said = answer.get_json()
    assert said["error"] == "server_error"
    assert said["error_description"].isascii()


def test_a_stand_that_is_called_like_the_wire_is_none(homeless: House) -> None:
    """A path is the wire's by what stands behind the stand's prefix."""
    page = refused(browser_of(StandLayer(unreached, homeless)), "/s/rs/login")
    assert page.screen == "fault"


@pytest.mark.parametrize(
    ("address", "method", "to"),
    [
        ("/s/abcd/login?x=1", "get", ""),
        ("/s/abcd/login/callback?code=1", "get", "/s/abcd/"),
        ("/s/abcd/login", "post", "/s/abcd/"),
        ("/login/callback?code=1", "get", "/"),
        ("//evil.example/login", "post", "/"),
    ],
)
def test_nothing_is_sent_twice(homeless: House, address: str, method: str, to: str) -> None:
    """R-033: asked again is what is harmless; a form and a return from Gosuslugi are not."""
    page = refused(browser_of(StandLayer(unreached, homeless)), address, method)
    again = page.soup.find("a", string="Перезапустить")
    assert again is not None
    assert again["href"] == to


@pytest.mark.parametrize("build", [portal, build], ids=["portal", "sandbox"])
def test_no_database_of_the_stand(
    sandbox_settings: SandboxSettings, house: House, stand: Stand, build: Callable[..., Any]
) -> None:
    """The register knows the stand, but its data are gone: another process has opened nothing of it yet."""
    house._data.drop(house.record(stand.id).generation)
    other = House(sandbox_settings, clock=SystemClock(), ids=SystemIds())
    try:
        refused(browser_of(build(sandbox_settings, other), stand.prefix))
    finally:
        other.close()


def test_no_table_of_the_gate(sandbox: PageClient, stand: Stand) -> None:
    """The gate asks what is armed before any program is there to catch what that raises."""
    with stand.database.writing() as session:
        session.connection().execute(text("alter table armed rename to elsewhere"))
    refused(sandbox)
    with stand.database.writing() as session:
        session.connection().execute(text("alter table elsewhere rename to armed"))
    sandbox.get("/login")


def test_a_stand_that_is_not_there_has_a_reference_too(program: Program, house: House) -> None:
    """U-1: what support is told leads to a line in the log."""
    app = program(house)
    if isinstance(app, OneStand):
        app._stand_id = "aaaaaaaaaaaaaaaa"
    with capture_logs() as lines:
        page = browser_of(app, "/s/aaaaaaaaaaaaaaaa").get("/", status=404)
    (line,) = [line for line in lines if line["event"] == "unknown_stand"]
    assert page.screen == "no-stand"
    assert page.soup.find(attrs={"data-ref": line["ref"]}) is not None
