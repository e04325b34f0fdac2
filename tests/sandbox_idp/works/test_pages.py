"""The shutter before the sign-in, the schedule, health and the start page (R-030, R-117, R-118, R-120, U-2)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sandbox_idp.context import Stand
from sandbox_idp.control.stands import clock_of
from sandbox_idp.scenarios import arming
from tests.pages import PageClient

CLOSED = ("/login", "/login?request=abc", "/consent?request=abc", "/aas/oauth2/ac?client_id=X", "/cabinet", "/register")


@pytest.mark.parametrize("path", CLOSED)
def test_while_works_are_on_the_sign_in_says_until_when(sandbox: PageClient, stand: Stand, path: str) -> None:
    """R-030, U-2: 503 with Retry-After; the end with day, time and zone; what still works; a look again at the same."""
    clock_of(stand).freeze(True)
    arming.arm(stand, "works-planned", parameters={"minutes": 90})
    page = sandbox.get(path, status=503)
    assert page.screen == "works"
    assert page.response.headers["Retry-After"] == "5400"
    assert "Вход откроется" in page.words
    assert "мск" in page.words
    assert "1 ч 30 мин" in page.words
    assert "Что работает сейчас" in page.words
    again = page.soup.find("a", string="Проверить снова")
    assert again is not None
    assert again["href"] == stand.prefix + path
    countdown = page.soup.find(attrs={"data-countdown": True})
    assert countdown is not None
    assert countdown["data-countdown"] == "5400"


def test_a_form_sent_during_works_is_looked_at_again_by_a_get(sandbox: PageClient, stand: Stand) -> None:
    """Catalogue row `maintenance-mid-login`: «Проверить снова» repeats the step, never the sending."""
    sandbox.get("/login")
    arming.arm(stand, "works-planned")
    page = sandbox.post("/login?request=abc", {"login": "x", "password": "y"}, status=503)
    again = page.soup.find("a", string="Проверить снова")
    assert again is not None
    assert again["href"] == f"{stand.prefix}/login?request=abc"


def test_an_unknown_end_is_no_promise(sandbox: PageClient, stand: Stand) -> None:
    """U-2: no time, no countdown, «пока неизвестно»."""
    arming.arm(stand, "works-endless")
    page = sandbox.get("/login", status=503)
    assert "Госуслуги сейчас недоступны" in page.words
    assert "пока неизвестно" in page.words
    assert page.soup.find(attrs={"data-countdown": True}) is None
    assert int(page.response.headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["/aas/oauth2/te", "/aas/oauth2/v3/te", "//aas//oauth2/te/", "/oauth2/token"])
def test_a_system_gets_the_answer_of_esia(sandbox: PageClient, stand: Stand, path: str) -> None:
    """ESIA-007008 `temporarily_unavailable`, JSON, with the state that was sent."""
    arming.arm(stand, "works-planned")
    page = sandbox.post(path, {"state": "s1", "csrf_token": ""}, status=503)
    answer = page.response.get_json()
    assert answer["error"] == "temporarily_unavailable"
    assert answer["error_description"].startswith("ESIA-007008")
    assert answer["state"] == "s1"
    assert "Retry-After" in page.response.headers


@pytest.mark.parametrize("path", ["/", "/phone", "/works.json", "/healthz/live", "/healthz/ready"])
def test_what_is_not_the_sign_in_stays_open(sandbox: PageClient, stand: Stand, path: str) -> None:
    arming.arm(stand, "works-planned")
    sandbox.get(path, status=200)


def test_when_the_works_are_over_the_sign_in_opens(sandbox: PageClient, stand: Stand) -> None:
    """R-030: by the stand's clock, without anybody switching anything."""
    arming.arm(stand, "works-planned", parameters={"minutes": 30})
    assert sandbox.get("/login", status=503).screen == "works"
    clock_of(stand).advance(timedelta(minutes=31))
    assert sandbox.get("/login").screen == "login"


def test_announced_works_are_on_the_schedule_and_do_not_close_the_sign_in(sandbox: PageClient, stand: Stand) -> None:
    """R-118: the page, the JSON for the portal, and a line on the start page."""
    start = stand.clock.now() + timedelta(hours=5)
    arming.arm(stand, "works-planned", starts_at=start, parameters={"minutes": 60})
    assert sandbox.get("/login").screen == "login"
    page = sandbox.get("/works")
    assert page.screen == "works"
    assert "Плановые работы" in page.words
    assert "Начало" in page.words
    assert "Расписание работ" in sandbox.get("/").words
    told = sandbox.get("/works.json").response.get_json()
    assert datetime.fromisoformat(told["now"]) <= start
    (window,) = told["windows"]
    assert set(window) == {"start", "end", "kind", "title"}
    assert datetime.fromisoformat(window["start"]) == start
    assert datetime.fromisoformat(window["end"]) == start + timedelta(hours=1)
    assert window["kind"] == "planned"


def test_without_works_the_schedule_says_so(sandbox: PageClient) -> None:
    page = sandbox.get("/works")
    assert page.screen == "works"
    assert "Работы не запланированы" in page.words
    assert sandbox.get("/works.json").response.get_json()["windows"] == []


def test_the_schedule_during_works_is_the_same_page(sandbox: PageClient, stand: Stand) -> None:
    arming.arm(stand, "works-planned")
    page = sandbox.get("/works")
    assert "Вход откроется" in page.words


def test_the_start_page_leads_everywhere(sandbox: PageClient, stand: Stand) -> None:
    page = sandbox.get("/")
    assert page.screen == "idp-start"
    links = {str(link["href"]) for link in page.soup.find_all("a")}
    assert {f"{stand.portal_url}/", f"{stand.prefix}/phone", f"{stand.prefix}/login", f"{stand.prefix}/works"} <= links
    assert f"{stand.prefix}/console/" in links


def test_works_of_one_stand_close_no_other(sandbox: PageClient, stand: Stand) -> None:
    arming.arm(stand, "works-planned")
    other = PageClient(sandbox.client.application, sandbox.base_url, "")
    assert other.get("/login").screen == "login"
