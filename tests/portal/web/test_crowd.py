"""Beyond the limit: the queue page, for a form its values, and who is let in all the same (S-68)."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask, request

from portal.web.crowd import AHEAD, LATEST, PLACE, SOONEST, Crowd
from tests.pages import PageClient

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def visitor(broken: Flask, portal: PageClient) -> PageClient:
    return portal


def ahead(count: int) -> dict[str, dict[str, int]]:
    """What a server in front tells."""
    return {"environ_overrides": {AHEAD: count}}


def test_who_comes_on_top_is_asked_to_wait(visitor: PageClient) -> None:
    """S-68, U-2: when to come back, in a header and on the page, which counts down and can be stopped; a link without
    script; nothing failed, so it is no error."""
    page = visitor.get("/help?topic=1", 503, **ahead(128))
    assert (page.screen, page.root["data-state"]) == ("queue", "ready")
    wait = int(page.response.headers["Retry-After"])
    assert SOONEST <= wait <= LATEST
    counted = page.soup.find("time", attrs={"data-countdown": True})
    assert counted is not None
    assert (counted["data-countdown"], counted["data-then"]) == (str(wait), "#again")
    again = page.soup.find(id="again")
    assert again is not None
    assert again["href"] == "/help?topic=1"
    assert page.soup.find("button", attrs={"data-countdown-stop": True}) is not None
    note = page.soup.find(attrs={"data-countdown-note": True})
    assert note is not None
    assert note.has_attr("hidden"), "without script nothing counts, and nothing may say so"
    assert page.soup.find("script", src=True) is not None
    assert "no-store" in page.response.headers["Cache-Control"]
    visitor.get("/help", **ahead(127))


def test_the_page_asked_for_waits_too(visitor: PageClient) -> None:
    """S-68, U-31: the queue in front of the sign-in comes back by itself, and to the same target."""
    page = visitor.get("/login?next=/appointments", 503, **ahead(128))
    again = page.soup.find(id="again")
    assert again is not None
    assert again["href"] == "/login?next=/appointments"


def test_a_part_waits_in_its_place(visitor: PageClient) -> None:
    """S-68, U-23: a fragment with Retry-After, which the page in the browser counts down."""
    page = visitor.get("/parts/policy", 503, headers=PART, **ahead(500))
    assert page.soup.find(attrs={"data-fault": True}) is not None
    assert "много посетителей" in page.words
    assert int(page.response.headers["Retry-After"]) > 0


def test_nobody_asks_who_is_refused(visitor: PageClient, broken: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """S-68: before any work is done; the session's cookie is read again for the first one who is let in."""
    read: list[bool] = []
    serializer = broken.session_interface.get_signing_serializer  # type: ignore[attr-defined]  # Flask's own interface has it.
    monkeypatch.setattr(
        broken.session_interface, "get_signing_serializer", lambda app: read.append(True) or serializer(app)
    )
    visitor.get("/help", 503, **ahead(128))
    assert not read
    visitor.get("/help", **ahead(127))
    assert read


def test_monitors_and_assets_are_answered_in_any_crowd(visitor: PageClient) -> None:
    """S-67, S-68: the page that says so needs its logo."""
    visitor.get("/healthz/live", **ahead(100_000))
    visitor.get("/static/x/logo.svg", **ahead(100_000))


def test_what_is_sent_is_let_in_for_longer_and_comes_back_with_what_was_typed(visitor: PageClient) -> None:
    """S-51, S-68, U-9: a form costs more than a page; beyond twice the limit it can be sent again."""
    visitor.get("/accessibility")
    visitor.client.set_cookie("seen", "1", domain="localhost")
    visitor.post("/broken/form", {"note": "x"}, 400)
    late = visitor.post("/broken/form", {"note": "Боль в спине", "password": "Lampa"}, 503, **ahead(256))
    assert late.screen == "queue"
    assert "Ничего не отправлено. Введённое сохранилось." in late.words
    assert "Lampa" not in late.text
    values = late.form("/broken/form")
    assert values["note"] == "Боль в спине"
    assert visitor.post("/broken/form", values, 200, **ahead(200)).text == "sent"


def test_requests_are_counted_while_they_are_worked_on(broken: Flask, portal: PageClient) -> None:
    """Whatever way they end, they leave; who waits for another system stands aside."""
    crowd = Crowd(1)
    with crowd.inside() as first, crowd.inside() as second:
        assert (first, second) == (1, 2)
        with crowd.aside(), crowd.inside() as third:
            assert third == 2
    with pytest.raises(RuntimeError), crowd.inside():
        raise RuntimeError
    with crowd.inside() as last:
        assert last == 1
    places: list[int] = []
    broken.before_request(lambda: places.append(request.environ[PLACE]))
    portal.get("/broken/crash", 500)
    portal.get("/help")
    assert places == [1, 1]


@pytest.fixture
def one_inside(broken: Flask) -> Iterator[threading.Event]:
    """A request that is worked on until the event is set."""
    end = threading.Event()

    @broken.get("/broken/long")
    def long() -> str:
        end.wait(10)
        return "done"

    yield end
    end.set()


def test_the_limit_is_a_setting_of_each_process(broken: Flask, portal: PageClient, one_inside: threading.Event) -> None:
    """S-68: a second request on top of a limit of one."""
    broken.extensions["portal.crowd"].limit = 1
    answers: list[int] = []
    began = threading.Event()
    broken.before_request(began.set)

    def ask() -> None:
        answers.append(broken.test_client().get("/broken/long", base_url=portal.base_url).status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    assert began.wait(10)
    assert portal.get("/help", 503).screen == "queue"
    one_inside.set()
    thread.join()
    assert answers == [200]
    portal.get("/help")
