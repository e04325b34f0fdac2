"""«Загружаем ваши данные» (R-003): each item for itself, nobody has to wait, what fails keeps what was known."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from flask import Flask
from sqlmodel import select

from foundation.clock import ManualClock
from foundation.database import Database
from foundation.ids import SystemIds
from portal.doors import Doors, doors
from portal.patients.items import Access, Loader
from portal.patients.models import Child, Patient, PatientItem
from tests.pages import Page, PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_esia import FakeEsia
from tests.portal.family import PERSON, child, collection

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}
ITEMS = ("contacts", "policy", "children", "child-documents")


def states(page: Page) -> dict[str, str]:
    return {str(tag["data-part"]): str(tag["data-state"]) for tag in page.soup.select("li[data-part]")}


def fetch(portal: PageClient, kind: str, status: int = 200) -> Page:
    return portal.get(f"/loading/{kind}", status, headers=PART)


def test_the_way_in_leads_over_the_loading_page(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """R-003: person data are there already; nothing else was asked for, and everything else is on its way."""
    page = portal.follow(sign_in(portal))
    assert page.screen == "loading"
    assert states(page) == {"person": "ready", **dict.fromkeys(ITEMS, "loading")}
    assert "Лебедева Анна Сергеевна" in page.words
    assert "СНИЛС 000-•••-••• 10" in page.words
    assert "Данные Госуслуг на 12:00 (мск)" in page.words
    assert not any(call.startswith(f"GET {PERSON}/") for call in family.calls)


def test_items_load_by_themselves_and_link_to_their_page(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """U-21, U-29: each item is asked for by htmx, and its place holds a link to the same as a page."""
    page = portal.follow(sign_in(portal))
    for kind in ITEMS:
        item = page.soup.select_one(f'[data-part="{kind}"]')
        assert item is not None
        assert item["data-hx-get"] == f"/loading/{kind}"
        assert str(item["data-hx-trigger"]).startswith("load")
        assert item.find("a", href=f"/loading/{kind}") is not None


def test_every_item_comes(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """R-003: what was fetched is said, numbers masked; a fragment is one whole element with its state."""
    portal.follow(sign_in(portal))
    said = {kind: fetch(portal, kind) for kind in ITEMS}
    assert "+7 000 •••-••-01 · a•••@pochta.example" in said["contacts"].words
    assert "•••• •••• •••• 0370" in said["policy"].words
    assert "0000100000000370" not in said["policy"].text
    assert "Егор, 14 лет · Мила, 8 лет" in said["children"].words
    assert "Не показываем: Вера." in said["children"].words
    assert "Мила: полис, свидетельство о рождении" in said["child-documents"].words
    for kind, page in said.items():
        assert f'data-part="{kind}" data-state="ready"' in page.text
        assert page.text.strip().startswith("<li")
        assert page.text.strip().endswith("</li>")
    assert set(states(portal.get("/loading")).values()) == {"ready"}


def test_an_item_as_a_page(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """U-29: without htmx the same address is a page with ways on."""
    portal.follow(sign_in(portal))
    page = portal.get("/loading/policy")
    assert "•••• •••• •••• 0370" in page.words
    assert page.soup.find("a", href="/home") is not None
    portal.get("/loading/nothing", 404)


@pytest.mark.parametrize(
    ("kind", "path", "error"),
    [
        ("contacts", "/ctts", httpx2.ReadTimeout("slow")),
        ("contacts", "/addrs", httpx2.ConnectError("refused")),
        ("policy", "/docs", None),
        ("children", "/kids", None),
        ("child-documents", "/kids/12/docs", httpx2.RemoteProtocolError("reset")),
    ],
)
def test_an_item_fails_alone(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, *, kind: str, path: str, error: Exception | None
) -> None:
    """U-22, R-033: the failed item shows the component with a reference, the others come; «Перезапустить» heals it."""
    portal.follow(sign_in(portal))
    if error is not None:
        family.fail(PERSON + path, error)
    else:
        family.answer_with(PERSON + path, httpx2.Response(500, text="<html>nginx</html>"))
    page = fetch(portal, kind, 502)
    assert f'data-part="{kind}" data-state="error"' in page.text
    assert "Произошла ошибка.. Попробуйте перезапустить страницу" in page.words
    assert "Код для поддержки:" in page.words
    again = page.soup.find("a", string="Перезапустить", attrs={"data-again": True})
    assert again is not None
    assert "nginx" not in page.text
    for other in set(ITEMS) - {kind, "child-documents" if kind == "children" else kind}:
        fetch(portal, other)
    del family.answers[PERSON + path]
    family.answer_with(PERSON + path, collection())
    page = fetch(portal, kind)
    assert 'data-state="error"' not in page.text
    assert "Произошла ошибка" not in page.words


def test_a_failed_item_keeps_what_was_known(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, clock: ManualClock
) -> None:
    """R-042: a later sign-in that gets no policy shows the old one with the time it was fetched at."""
    portal.follow(sign_in(portal))
    fetch(portal, "policy")
    clock.advance(timedelta(hours=5))
    family.fail(f"{PERSON}/docs", httpx2.ReadTimeout("slow"))
    portal.follow(sign_in(portal))
    page = fetch(portal, "policy", 502)
    assert "показываем данные от 12:00 (мск)" in page.words
    assert "•••• •••• •••• 0370" in page.words


@pytest.mark.parametrize(
    ("without", "kind", "words", "path"),
    [
        (("contacts", "addresses", "email"), "contacts", "уведомления будут только в кабинете", "/ctts"),
        (("medical_doc",), "policy", "записаться к врачу без полиса будет нельзя", "/docs"),
        (("kid_fullname",), "children", "детей в кабинете нет", "/kids"),
        (("kid_medical_doc", "kid_birth_cert_doc"), "child-documents", "«родство не подтверждено»", "/kids/11/docs"),
        (("kid_fullname",), "child-documents", "не разрешили просмотр имён детей", "/kids"),
    ],
)
def test_what_was_withheld_is_not_asked_for(
    portal: PageClient,
    sign_in: SignIn,
    family: FakeEsia,
    grant: Callable[..., None],
    *,
    without: tuple[str, ...],
    kind: str,
    words: str,
    path: str,
) -> None:
    """S-66, R-019: without the right nothing is asked, the consequence is told, and the way to grant it is shown."""
    grant(without=without)
    portal.follow(sign_in(portal))
    page = fetch(portal, kind)
    assert f'data-part="{kind}" data-state="denied"' in page.text
    assert words.lower() in page.words.lower()
    assert page.soup.find("a", href="/login?next=/home&consent=again") is not None
    assert f"GET {PERSON}{path}" not in family.calls


def test_one_of_two_rights_is_enough_for_its_half(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, grant: Callable[..., None]
) -> None:
    """S-66: without `email` there is no address, without `kid_medical_doc` no policy of a child; the rest is there."""
    grant(without=("email", "kid_medical_doc"))
    portal.follow(sign_in(portal))
    page = fetch(portal, "contacts")
    assert "+7 000 •••-••-01" in page.words
    assert "pochta" not in page.text
    page = fetch(portal, "child-documents")
    assert "Мила: свидетельство о рождении" in page.words
    assert "Мила: полис" not in page.words
    assert "Егор: документов нет" in page.words


@pytest.mark.parametrize(
    ("without", "kind", "known", "words"),
    [
        (("email",), "contacts", "+7 000 •••-••-01", "Электронную почту вы не разрешили смотреть"),
        (("contacts", "addresses"), "contacts", "a•••@pochta.example", "Телефоны и адреса вы не разрешили смотреть"),
        (("kid_medical_doc",), "child-documents", "свидетельство о рождении", "Полисы детей вы не разрешили смотреть"),
        (
            ("kid_birth_cert_doc",),
            "child-documents",
            "Мила: полис",
            "Свидетельства о рождении детей вы не разрешили смотреть",
        ),
    ],
)
def test_the_half_that_was_withheld_is_named(
    portal: PageClient,
    sign_in: SignIn,
    family: FakeEsia,
    grant: Callable[..., None],
    *,
    without: tuple[str, ...],
    kind: str,
    known: str,
    words: str,
) -> None:
    """R-003, S-66, `consent-partial`: what came is shown, what was not asked for is named with the way to grant it."""
    grant(without=without)
    portal.follow(sign_in(portal))
    page = fetch(portal, kind)
    assert f'data-part="{kind}" data-state="ready"' in page.text
    assert known in page.words
    assert words in page.words
    assert page.soup.find("a", href="/login?next=/home&consent=again") is not None


@pytest.mark.parametrize(
    ("without", "kind", "missing", "words"),
    [
        (("email",), "contacts", "нет ни телефонов, ни адресов", "Электронную почту вы не разрешили смотреть"),
        (("contacts", "addresses"), "contacts", "нет электронной почты", "Телефоны и адреса вы не разрешили смотреть"),
        (("kid_medical_doc",), "child-documents", "нет свидетельств о рождении детей", "Полисы детей вы не разрешили"),
        (("kid_birth_cert_doc",), "child-documents", "нет полисов детей", "Свидетельства о рождении детей вы не"),
    ],
)
def test_what_was_not_asked_for_is_not_said_to_be_missing(
    portal: PageClient,
    sign_in: SignIn,
    family: FakeEsia,
    grant: Callable[..., None],
    *,
    without: tuple[str, ...],
    kind: str,
    missing: str,
    words: str,
) -> None:
    """S-66: «нет» is said only of what Gosuslugi was asked for; the other half was withheld, and that is said."""
    for path in ("/ctts", "/addrs", "/kids/11/docs", "/kids/12/docs"):
        family.answer_with(PERSON + path, collection())
    grant(without=without)
    portal.follow(sign_in(portal))
    page = fetch(portal, kind)
    assert f'data-part="{kind}" data-state="missing"' in page.text
    assert f"Госуслуг {missing}. " in page.words
    assert words in page.words
    assert page.soup.find("a", href="/login?next=/home&consent=again") is not None


def test_what_is_withheld_later_is_forgotten(
    portal: PageClient, portal_database: Database, sign_in: SignIn, family: FakeEsia, grant: Callable[..., None]
) -> None:
    """S-66: a right that was taken back takes the data with it."""
    portal.follow(sign_in(portal))
    for kind in ITEMS:
        fetch(portal, kind)
    grant(without=("medical_doc", "kid_fullname", "kid_medical_doc", "kid_birth_cert_doc"))
    portal.follow(sign_in(portal))
    for kind in ITEMS:
        fetch(portal, kind)
    with portal_database.reading() as session:
        assert session.exec(select(Child)).all() == []
        rows = {row.kind: row for row in session.exec(select(PatientItem)).all()}
    assert rows["policy"].data == {}
    assert rows["policy"].as_of is None


@pytest.mark.parametrize("kind", ["contacts", "policy", "children", "child-documents"])
def test_what_is_not_there_is_no_failure(
    portal: PageClient, sign_in: SignIn, esia: FakeEsia, grant: Callable[..., None], kind: str
) -> None:
    """An account without contacts, policy or children: said kindly, with what to do."""
    grant()
    portal.follow(sign_in(portal))
    page = fetch(portal, kind)
    assert f'data-part="{kind}" data-state="missing"' in page.text
    assert "ошибк" not in page.words.lower()


def test_without_script_one_button_fetches_everything(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """R-003: «Продолжить» is a plain form that fetches all and goes on to the page that was asked for."""
    page = portal.follow(sign_in(portal, "/login?next=/help"))
    form = page.soup.find("form", action="/loading/all")
    assert form is not None
    assert form["data-script-action"] == "/help"
    assert page.form("/loading/all") == {"next": "/help"}
    family.fail(f"{PERSON}/docs", httpx2.ReadTimeout("slow"))
    assert portal.get("/loading/all?next=/help", 303).location == "/help"
    after = states(portal.get("/loading"))
    assert after == {
        "person": "ready",
        "contacts": "ready",
        "policy": "error",
        "children": "ready",
        "child-documents": "ready",
    }


@pytest.mark.parametrize("foreign", ["//evil.test", "https://evil.test", "/\\evil.test", "/login"])
def test_going_on_never_leads_elsewhere(portal: PageClient, sign_in: SignIn, family: FakeEsia, foreign: str) -> None:
    """S-14: a foreign `next` is ignored."""
    portal.follow(sign_in(portal))
    assert portal.get("/loading/all", 303, query_string={"next": foreign}).location == "/home"
    assert portal.get("/loading", query_string={"next": foreign}).form("/loading/all")["next"] == "/home"


def test_documents_of_children_bring_the_list_along(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """Items are asked for side by side: the documents do not rely on the list having come first."""
    portal.follow(sign_in(portal))
    assert "Мила: полис, свидетельство о рождении" in fetch(portal, "child-documents").words
    assert states(portal.get("/loading"))["children"] == "ready"


def test_documents_of_children_fail_with_their_list(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """`children-unavailable`: only what is about children fails."""
    portal.follow(sign_in(portal))
    family.fail(f"{PERSON}/kids", httpx2.ReadTimeout("slow"))
    fetch(portal, "children", 502)
    fetch(portal, "child-documents", 502)
    fetch(portal, "policy")


def test_an_old_token_asks_for_a_new_sign_in(
    portal: PageClient, portal_settings: Any, sign_in: SignIn, family: FakeEsia, clock: ManualClock
) -> None:
    """The hour of the token is over sooner than the session: no call goes out, and the person is told why."""
    family.access_claims["exp"] = int(clock.now().timestamp()) + 300
    family.token_members["expires_in"] = 300
    portal.follow(sign_in(portal))
    clock.advance(timedelta(minutes=6))
    before = len(family.calls)
    page = fetch(portal, "policy", 502)
    assert len(family.calls) == before
    assert "после нового входа" in page.words
    assert page.soup.find("a", href="/login?next=/home", string="Войти ещё раз") is not None
    page = portal.get("/loading/policy?next=/policies", 502)
    assert page.soup.find("a", href="/login?next=/policies", string="Войти ещё раз") is not None


def test_the_page_asked_for_goes_along_with_every_item(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, grant: Callable[..., None]
) -> None:
    """U-31: also where an item is fetched by itself, or a right is granted on the way."""
    grant(without=("medical_doc",))
    page = portal.follow(sign_in(portal, "/login?next=/appointments/new%3Fclinic%3D7"))
    onward = "?next=/appointments/new%3Fclinic%3D7"
    item = page.soup.find(id="item-policy")
    assert item["data-hx-get"] == f"/loading/policy{onward}"
    page = portal.get(str(item["data-hx-get"]))
    assert page.soup.find("a", href=f"/login{onward}&consent=again") is not None
    assert page.soup.find("a", string="Ко всем данным")["href"] == f"/loading{onward}"


def test_children_that_come_twice_at_once_are_kept_once(
    portal_app: Flask, portal_database: Database, portal: PageClient, sign_in: SignIn, family: FakeEsia
) -> None:
    """Two parts that ask for the same list at the same moment store it one after the other."""
    portal.follow(sign_in(portal))
    with portal_app.app_context():
        room: Doors = doors()
    with portal_database.reading() as session:
        patient = session.exec(select(Patient)).one()
    access = Access(patient_id=patient.id, scopes=frozenset({"kid_fullname"}), token="token", since=room.clock.now())

    def load() -> str:
        with portal_app.test_request_context("/"):
            loader = Loader(
                access, database=room.database, esia=room.esia, now=room.clock.now, ids=SystemIds(),
                new_reference=lambda reason: "4K7-Q2M",
            )  # fmt: skip
            return loader.load("children").state

    with ThreadPoolExecutor(4) as pool:
        assert [future.result() for future in [pool.submit(load) for _ in range(4)]] == ["loaded"] * 4
    with portal_database.reading() as session:
        assert sorted(row.name for row in session.exec(select(Child)).all()) == ["Вера", "Егор", "Мила"]


def test_a_child_that_is_told_no_more_goes(
    portal: PageClient, portal_database: Database, sign_in: SignIn, family: FakeEsia
) -> None:
    """The list is what Gosuslugi tells now; who stays keeps the number by which the portal knows the child."""
    portal.follow(sign_in(portal))
    fetch(portal, "children")
    with portal_database.reading() as session:
        before = {row.name: row.id for row in session.exec(select(Child)).all()}
    family.answer_with(f"{PERSON}/kids", collection(child(11, "Людмила", "05.03.2018")))
    fetch(portal, "children")
    with portal_database.reading() as session:
        assert {row.name: row.id for row in session.exec(select(Child)).all()} == {"Людмила": before["Мила"]}


@pytest.mark.parametrize("path", ["/loading", "/loading/policy", "/loading/all", "/home", "/parts/policy"])
def test_pages_of_a_patient_are_for_the_patient(portal: PageClient, path: str) -> None:
    """U-25, S-50: a stranger goes to the sign-in, a part sends the whole page there; nothing is kept by the browser."""
    assert portal.get(path, 303).location.split("?")[0] == "/login"
    answer = portal.get(path, 401, headers=PART)
    assert answer.response.headers["HX-Redirect"].startswith("/")
    assert answer.response.headers["Cache-Control"] == "no-store"
