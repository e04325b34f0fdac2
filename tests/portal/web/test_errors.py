"""The error component: as a page, as a fragment, and when everything around it is broken."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from typing import Any

import pytest
from flask import Flask

from foundation.clock import ManualClock
from foundation.ids import CROCKFORD
from portal.settings import PortalSettings
from portal.web.errors import Action, Failure, Window, failure_page, failure_part, new_reference, restart_address
from tests.pages import Page, PageClient

REFERENCE = re.compile(rf"[{CROCKFORD}]{{3}}-[{CROCKFORD}]{{3}}")
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
BOOSTED = {"HX-Request": "true", "HX-Request-Type": "full", "HX-Boosted": "true"}


@pytest.fixture
def visitor(broken: Flask, portal_settings: PortalSettings) -> PageClient:
    return PageClient(broken, portal_settings.public_url)


def reference_of(page: Page) -> str:
    marks = {str(tag["data-ref"]) for tag in page.soup.find_all(attrs={"data-ref": True})}
    assert len(marks) == 1, marks
    reference = marks.pop()
    assert REFERENCE.fullmatch(reference), reference
    assert f"Код для поддержки: {reference}" in page.words
    return reference


def link(page: Page, name: str) -> str:
    found = [tag for tag in page.soup.find_all("a") if " ".join(tag.get_text(" ").split()) == name]
    assert found, f"no link {name!r}"
    return str(found[0]["href"])


@pytest.mark.parametrize(
    ("path", "status"), [("crash", 500), ("database", 503), ("status/503", 503), ("status/502", 502)]
)
def test_an_unexpected_fault_is_the_page_of_the_seed(visitor: PageClient, path: str, status: int) -> None:
    """U-1, R-033: the three strings, whose side, what is safe, the reference; no stack, no SQL, no path (S-61)."""
    page = visitor.get(f"/broken/{path}?next=%2Fx", status)
    assert page.screen == "error"
    assert page.root["data-state"] == "error"
    for words in (
        "Произошла ошибка..",
        "Попробуйте перезапустить страницу",
        "Сбой на стороне портала",
        "не изменились",
    ):
        assert words in page.words
    assert link(page, "Перезапустить") == f"/broken/{path}?next=%2Fx"
    assert "/help/login-problems" in page.text
    reference_of(page)
    for secret in ("secret", "SELECT", "/var/lib", "RuntimeError", "Traceback"):
        assert secret not in page.text
    main = page.soup.find("main")
    assert main is not None
    assert str(status) not in main.get_text(" ")


@pytest.mark.parametrize("path", ["crash", "database", "status/403", "status/404"])
def test_the_error_page_stands_alone(visitor: PageClient, path: str) -> None:
    """U-6: no script, no style sheet; its one style is small and allowed by hash in its own policy."""
    response = visitor.client.get(f"/broken/{path}", base_url=visitor.base_url)
    page = Page(response)
    assert not page.soup.find_all("script")
    assert not page.soup.find_all("link", rel="stylesheet")
    style = re.search(r"<style>(.*?)</style>", page.text, flags=re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    policy = response.headers["Content-Security-Policy"]
    assert f"style-src 'self' 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert len(gzip.compress(style.group(1).encode())) < 1500
    assert response.headers["Cache-Control"] == "no-store"


def test_the_error_page_needs_neither_session_nor_context(broken: Flask, visitor: PageClient) -> None:
    """U-6, S-61: a context processor that fails changes nothing."""

    @broken.context_processor
    def fails() -> dict[str, Any]:
        raise RuntimeError("context")

    assert visitor.get("/broken/crash", 500).screen == "error"
    assert "Set-Cookie" not in visitor.client.get("/broken/crash", base_url=visitor.base_url).headers


def test_a_bare_page_remains_when_templates_are_gone(broken: Flask, visitor: PageClient) -> None:
    """U-6, S-61: even without templates the person reads the three strings and the reference."""
    broken.jinja_env.loader = None
    page = visitor.get("/broken/crash", 500)
    assert "Произошла ошибка.. Попробуйте перезапустить страницу Перезапустить" in page.words
    reference_of(page)


def test_a_fragment_is_small_and_whole(visitor: PageClient) -> None:
    """U-23: to htmx goes a fragment with the right status, which can begin again by itself."""
    page = visitor.get("/broken/crash", 500, headers=HTMX)
    assert "<html" not in page.text
    root = page.soup.find(attrs={"data-fault": True})
    assert root is not None
    assert page.text.strip().startswith("<div")
    assert page.text.strip().endswith("</div>")
    assert "Произошла ошибка.." in page.words
    assert page.soup.find("a", attrs={"data-again": True, "href": "/broken/crash"}) is not None
    reference_of(page)
    assert "HX-Request" in page.response.headers["Vary"]


def test_a_link_that_htmx_follows_gets_the_whole_page(visitor: PageClient) -> None:
    """U-26: the page that replaces the whole body is styled by the one it comes into and brings no style of its own."""
    page = visitor.get("/broken/crash", 500, headers=BOOSTED)
    assert page.screen == "error"
    assert not page.soup.find_all("style")
    assert page.text.strip().endswith("</html>")


@pytest.mark.parametrize(
    ("path", "status", "screen", "heading"),
    [
        ("/broken/nowhere", 404, "not-found", "Такой страницы нет"),
        ("/broken/form", 405, "not-found", "Такой страницы нет"),
        ("/broken/status/410", 410, "not-found", "Такой страницы нет"),
        ("/broken/status/403", 403, "forbidden", "Эта страница вам недоступна"),
    ],
)
def test_what_is_nobodys_fault_blames_nobody(
    visitor: PageClient, path: str, status: int, screen: str, heading: str
) -> None:
    """U-3: 404 and 403 are pages with a way home, without «ошибка» and without a chain of blame."""
    page = visitor.get(path, status)
    assert page.screen == screen
    assert heading in page.words
    assert link(page, "На главную") == "/"
    assert "ошибк" not in page.words.lower()
    assert not page.soup.find(class_="chain")
    reference_of(page)


@pytest.mark.parametrize(
    ("status", "heading", "then", "way"),
    [
        (400, "Портал не понял запрос", "вернитесь назад и проверьте введённое", "На главную"),
        (413, "Слишком много за один раз", "выберите файл поменьше", "На главную"),
        (415, "Портал не понял запрос", "вернитесь назад и проверьте введённое", "На главную"),
        (429, "Слишком много запросов подряд", "Подождите 1 мин и нажмите «Перезапустить»", "Перезапустить"),
    ],
)
def test_a_request_that_is_at_fault_says_what_of_it(
    visitor: PageClient, status: int, heading: str, then: str, way: str
) -> None:
    """U-1, U-3, U-5: no fault of the portal's is claimed; each says what the person can do."""
    page = visitor.get(f"/broken/status/{status}", status)
    assert page.screen == "request-refused"
    assert page.soup.find("h1").get_text() == heading
    assert then in page.words
    assert "Портал работает, ваши данные не изменились." in page.words
    assert "сбо" not in page.words.lower()
    assert "ошибка.." not in page.words
    link(page, way)
    assert page.response.headers.get("Retry-After") == ("60" if status == 429 else None)
    reference_of(page)


def test_503_says_when_to_come_back(visitor: PageClient) -> None:
    """S-68: every 503 carries Retry-After."""
    for path in ("/broken/database", "/broken/status/503"):
        assert int(visitor.get(path, 503).response.headers["Retry-After"]) > 0


def test_a_form_that_is_too_old_comes_back_with_what_was_typed(visitor: PageClient) -> None:
    """S-51: the form can be sent again; values are kept, secrets are not."""
    visitor.get("/")
    visitor.client.set_cookie("seen", "1", domain="localhost")
    typed = {"csrf_token": "old", "note": "Боль <в> спине", "password": "Lampa", "sms_code": "418205"}
    page = visitor.post("/broken/form?x=1", typed, 400)
    assert page.screen == "form-expired"
    assert "Боль <в> спине" in page.words
    assert "Lampa" not in page.text
    assert "418205" not in page.text
    values = page.form("/broken/form")
    assert values["note"] == typed["note"]
    assert "password" not in values
    policy = page.response.headers["Content-Security-Policy"]
    assert "form-action 'self' http://front.esia.test" in policy, "«Выйти» sent again must reach Gosuslugi"
    again = visitor.post("/broken/form?x=1", values, 200)
    assert again.text == "sent"


def test_a_form_without_cookies_is_told_about_cookies(visitor: PageClient) -> None:
    """Who refuses cookies learns that they are needed and how to allow them; nothing was sent."""
    page = visitor.post("/broken/form", {"note": "x"}, 400)
    assert page.screen == "no-cookies"
    assert "cookie" in page.words
    assert "Ничего не отправлено" in page.words


def test_a_reference_leads_support_to_the_log(broken: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    """R-033, S-62: what the person reads stands in the log together with the reason, and the page has no reason."""
    with broken.test_request_context("/somewhere"):
        reference = new_reference("jwt: bad signature")
    written = "".join(capsys.readouterr())
    assert REFERENCE.fullmatch(reference)
    assert reference in written
    assert "jwt: bad signature" in written


@pytest.mark.parametrize(
    ("host", "written"), [("localhost:8000", "form-expired"), ("evil.test", "status=421")], ids=["form", "host"]
)
def test_what_is_refused_before_any_page_is_logged_as_its_own_request(
    visitor: PageClient, capsys: pytest.CaptureFixture[str], host: str, written: str
) -> None:
    """S-62: and not under the id of the request before it, which may be somebody else's."""
    visitor.get("/help")
    visitor.client.set_cookie("seen", "1", domain="localhost")
    before = set(re.findall(r"request=(\S+)", capsys.readouterr().out))
    visitor.client.post("/broken/form", data={"csrf_token": "old"}, base_url=f"http://{host}")
    lines = capsys.readouterr().out.splitlines()
    assert any(written in line for line in lines)
    assert len(ids := {request for line in lines for request in re.findall(r"request=(\S+)", line)}) == 1
    assert not ids & before


@pytest.mark.parametrize(
    ("path", "method", "expected"),
    [
        ("/home?x=1", "GET", "/s/abc/home?x=1"),
        ("/login/callback?code=secret&state=1", "GET", "/s/abc/login"),
        ("/login?next=/appointments", "GET", "/s/abc/login?next=/appointments"),
        ("/broken/form", "POST", "/s/abc/"),
    ],
)
def test_restart_is_always_safe(broken: Flask, path: str, method: str, expected: str) -> None:
    """R-033, U-31: a GET is asked again, a return from Gosuslugi and a sent form never."""
    with broken.test_request_context(path, method=method, base_url="http://localhost:8000/s/abc"):
        assert restart_address() == expected


def test_a_failure_page_says_what_it_was_given(broken: Flask, clock: ManualClock) -> None:
    """U-1: heading, lead, chain, what and safe in one sentence, then, otherwise, actions, time with its zone."""
    failure = Failure(
        screen="gosuslugi-failed",
        status=502,
        side="gosuslugi",
        what="Госуслуги ответили ошибкой.",
        safe="Вы не вошли, ваши данные не изменились.",
        then="Нажмите.",
        otherwise="Подождите.",
        actions=[Action("Перезапустить", "/login")],
        reference="4K7-Q2M",
    )
    with broken.test_request_context("/"):
        page = Page(as_test(broken, failure_page(failure)))
    assert "Госуслуги ответили ошибкой. Вы не вошли, ваши данные не изменились." in page.words
    assert "22 ноября 2026, 12:00 (мск)" in page.words
    states = [str(item["data-state"]) for item in page.soup.select(".chain li")]
    assert states == ["ready", "ready", "error", "idle"]
    assert page.status == 502


def test_texts_of_strangers_are_escaped(broken: Flask) -> None:
    """S-53: nothing that a failure was given becomes markup, neither on the page nor in the fragment."""
    evil = '<script>alert(1)</script>" onmouseover="x'
    failure = Failure(
        screen="error",
        status=500,
        side="portal",
        what=evil,
        safe=evil,
        heading=evil,
        lead=evil,
        actions=[Action(evil, "/")],
        reference="4K7-Q2M",
    )
    with broken.test_request_context("/"):
        for response in (failure_page(failure), failure_part(failure)):
            text = response.get_data(as_text=True)
            assert "<script" not in text
            assert 'onmouseover="' not in text


def test_works_are_a_closure_and_no_error(broken: Flask, clock: ManualClock) -> None:
    """U-2: start, end and what is left; the page is ready and counts down by itself, which can be stopped."""
    start, end = clock.now().replace(hour=6), clock.now().replace(hour=10, minute=12)
    failure = Failure(
        screen="works", status=503, side="gosuslugi", heading="Вход откроется в 13:12", lead="Работы.",
        what="Плановые работы", safe="Портал работает.", actions=[Action("Проверить снова", "/login")],
        retry_after=4320, window=Window(starts=start, ends=end),
    )  # fmt: skip
    with broken.test_request_context("/"):
        page = Page(as_test(broken, failure_page(failure)))
    assert page.root["data-state"] == "ready"
    assert page.response.headers["Retry-After"] == "4320"
    countdown = page.soup.find(attrs={"data-countdown": True})
    assert countdown is not None
    assert countdown["data-countdown"] == "4320"
    assert "1 ч 12 мин" in page.words
    assert "09:00 (мск) – 13:12 (мск)" in page.words
    assert page.soup.select_one(str(countdown["data-then"])) is not None
    assert "Не проверять" in page.words


def test_works_without_an_end_promise_nothing(broken: Flask) -> None:
    """U-2: nobody knows the end, so nothing counts down."""
    failure = Failure(
        screen="works", status=503, side="gosuslugi", what="Работы", safe="Портал работает.",
        actions=[Action("Проверить снова", "/login")], window=Window(None, None),
    )  # fmt: skip
    with broken.test_request_context("/"):
        page = Page(as_test(broken, failure_page(failure)))
    assert not page.soup.find_all(attrs={"data-countdown": True})
    assert "пока неизвестно" in page.words


def as_test(app: Flask, response: Any) -> Any:
    """The response as a test client would have got it."""
    from werkzeug.test import TestResponse

    return TestResponse(
        response.response, response.status, response.headers, request=None, history=(), direct_passthrough=False
    )  # type: ignore[arg-type]  # Nobody looks at the request.
