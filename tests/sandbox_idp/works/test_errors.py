"""Pages, parts and JSON about faults of the sandbox itself (S-51, S-61, S-72, U-1, U-3, U-6)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask, abort
from sqlalchemy.exc import OperationalError
from werkzeug.test import Client

from foundation.web import WebOptions, prepare_app
from sandbox_idp.context import Stand
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.works import errors
from sandbox_idp.works.errors import install_errors
from sandbox_idp.works.without_stand import RETRY_AFTER
from tests.pages import PageClient

REFERENCE = re.compile(r"^[0-9A-HJKMNP-TV-Z]{3}-[0-9A-HJKMNP-TV-Z]{3}$")


@pytest.fixture
def faulty_page(sandbox_settings: SandboxSettings, stand: Stand) -> PageClient:
    """A small program with the sandbox's error handling, in which things go wrong."""
    app = Flask("faulty", static_folder=None, template_folder=None)
    prepare_app(app, WebOptions(public_url=sandbox_settings.public_url, secret_key="secret"))
    install_errors(app)
    app.extensions["settings"] = sandbox_settings

    def breaks(**_: Any) -> str:
        raise RuntimeError("password of anna at /home/somebody")

    def refuses(status: int) -> str:
        abort(status)

    def is_away(**_: Any) -> str:
        raise OperationalError("select 1", {}, OSError("no server on 127.0.0.1"))

    def form() -> str:
        return "sent"

    app.add_url_rule("/breaks", "breaks", breaks)
    app.add_url_rule("/control/v1/breaks", "control_breaks", breaks)
    app.add_url_rule("/rs/prns/<oid>", "rs_breaks", breaks)
    app.add_url_rule("/is-away", "is_away", is_away, methods=["GET", "POST"])
    app.add_url_rule("/control/v1/is-away", "control_is_away", is_away)
    app.add_url_rule("/rs/is-away", "rs_is_away", is_away)
    app.add_url_rule("/refuses/<int:status>", "refuses", refuses)
    app.add_url_rule("/form", "form", form, methods=["POST"])
    return PageClient(app, sandbox_settings.public_url)


def test_an_unexpected_fault_is_one_calm_page(faulty_page: PageClient) -> None:
    """U-1, S-61: the seed's words, the side, what to do, a reference; no stack, no value, no path."""
    page = faulty_page.get("/breaks?next=1", status=500)
    assert page.screen == "fault"
    assert page.root["data-state"] == "error"
    for words in ("Произошла ошибка..", "Попробуйте перезапустить страницу", "Перезапустить", "Код для поддержки"):
        assert words in page.words
    for secret in ("anna", "/home/somebody", "RuntimeError", "Traceback", "500"):
        assert secret not in page.words
    marked = page.soup.find(attrs={"data-ref": True})
    assert marked is not None
    assert REFERENCE.match(str(marked["data-ref"]))
    again = page.soup.find("a", string="Перезапустить")
    assert again is not None
    assert again["href"] == "/breaks?next=1"


def test_a_database_that_is_away_is_told_as_before_the_program(faulty_page: PageClient) -> None:
    """U-1, R-033, S-61: whose side, what is safe, when to come back; a client of the wire gets the same in its way."""
    page = faulty_page.get("/is-away", status=503)
    assert page.screen == "fault"
    for words in ("не отвечает хранилище", "Сохранённое не потеряно", "Подождите минуту"):
        assert words in page.words
    assert "127.0.0.1" not in page.words
    client = faulty_page.get("/rs/is-away", status=503)
    assert client.response.get_json()["error"] == "server_error"
    problem = faulty_page.get("/control/v1/is-away", status=503)
    assert problem.response.mimetype == "application/problem+json"
    assert problem.response.get_json()["code"] == "database-silent"
    assert {answer.response.headers["Retry-After"] for answer in (page, client, problem)} == {str(RETRY_AFTER)}


@pytest.mark.parametrize(
    ("status", "screen"),
    [(400, "bad-request"), (403, "forbidden"), (404, "not-found"), (405, "wrong-method"), (413, "too-large"),
     (429, "too-many"), (418, "bad-request"), (500, "fault"), (503, "fault")],
)  # fmt: skip
def test_every_refusal_has_its_own_page_that_needs_nothing(faulty_page: PageClient, status: int, screen: str) -> None:
    """U-3, U-6, S-72: own style by hash, no sheet, no script, no image; the stripe, noindex and the title's prefix."""
    page = faulty_page.get(f"/refuses/{status}", status=status)
    assert page.screen == screen
    assert page.soup.find(["script", "img"]) is None
    assert page.soup.find("link") is None
    assert "sha256-" in page.response.headers["Content-Security-Policy"]
    assert "Учебный стенд — не вводите настоящие данные" in page.words
    title = page.soup.find("title")
    assert title is not None
    assert title.get_text().startswith("Учебный стенд: ")
    robots = page.soup.find("meta", attrs={"name": "robots"})
    assert robots is not None
    assert "noindex" in str(robots["content"])


def test_a_wrong_method_says_which_are_right(faulty_page: PageClient) -> None:
    assert "POST" in faulty_page.get("/form", status=405).response.headers["Allow"]


def test_a_part_gets_a_part(faulty_page: PageClient) -> None:
    """U-23: a fragment with the right status, never a whole page inside a panel."""
    page = faulty_page.get("/breaks", status=500, headers={"HX-Request": "true"})
    assert "<html" not in page.text
    assert 'data-part="fault"' in page.text
    assert "Перезапустить" in page.words


@pytest.mark.parametrize(
    ("path", "status", "mimetype"),
    [
        ("/control/v1/breaks", 500, "application/problem+json"),
        ("/control/v1/nothing", 404, "application/problem+json"),
        ("/rs/prns/1", 500, "application/json"),
        ("/rs/nothing", 404, "application/json"),
        ("/aas/oauth2/te", 404, "application/json"),
    ],
)
def test_machines_get_json(faulty_page: PageClient, path: str, status: int, mimetype: str) -> None:
    """S-61: with a reference, without the reason."""
    page = faulty_page.get(path, status=status)
    assert page.response.mimetype == mimetype
    answer = page.response.get_json()
    assert REFERENCE.match(answer["reference"])
    assert "anna" not in page.text


def test_an_expired_form_can_be_sent_again_with_what_was_typed(faulty_page: PageClient) -> None:
    """S-51: the values come back, except passwords and codes (U-9), and sending again succeeds.

    «Код подразделения» of a passport is no such code.
    """
    seen = {"login": "+7 (000) 100-00-01", "issuer_code": "770-001"}
    typed = {**seen, "password": "Lampa", "sms_code": "123456", "csrf_token": "old"}
    page = faulty_page.post("/form?request=7", typed, status=400, headers={"Sec-Fetch-Site": "same-origin"})
    assert page.screen == "form-expired"
    kept = page.form("/form")
    assert kept.pop("csrf_token")
    assert kept == seen
    form = page.soup.find("form")
    assert form is not None
    assert form["action"] == "/form?request=7"
    assert faulty_page.post("/form?request=7", page.form("/form"), status=200).text == "sent"


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://evil.example"}, {}],
)
def test_a_foreign_pages_fields_are_never_offered_again(faulty_page: PageClient, headers: dict[str, str]) -> None:
    """S-51: else a foreign page could have a person confirm a form with one press."""
    page = faulty_page.post("/form", {"login": "forged", "csrf_token": "x"}, status=400, headers=headers)
    assert page.soup.find("form") is None
    assert "forged" not in page.text


def test_the_page_comes_even_where_its_template_fails(faulty_page: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """U-6: the last resort is a string."""

    def fails(*_: Any, **__: Any) -> str:
        raise RuntimeError("no templates today")

    monkeypatch.setattr(errors, "render_template", fails)
    page = faulty_page.get("/breaks", status=500)
    assert "Произошла ошибка.." in page.words
    assert "не вводите настоящие данные" in page.words


def test_without_a_stand_there_is_still_a_page(sandbox_settings: SandboxSettings) -> None:
    """U-6: nothing of the database, the session or the stand is asked."""
    app = Flask("bare", static_folder=None, template_folder=None)
    prepare_app(app, WebOptions(public_url=sandbox_settings.public_url, secret_key="secret"))
    install_errors(app)
    answer = Client(app).get("/nowhere", base_url=sandbox_settings.public_url)
    assert answer.status_code == 404
    assert "Такой страницы нет" in answer.get_data(as_text=True)
