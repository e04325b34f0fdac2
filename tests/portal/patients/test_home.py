"""Start page and home page: who is here, what is known and since when, what is missing and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import httpx2
import pytest

from foundation.clock import ManualClock
from portal.patients.models import Child
from portal.patients.view import birthday, contact_masked, family
from tests.pages import Page, PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_esia import FakeEsia
from tests.portal.family import PERSON, collection

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}
PARTS = ("policy", "contacts", "children")


def part(portal: PageClient, name: str, status: int = 200) -> Page:
    return portal.get(f"/parts/{name}", status, headers=PART)


def test_who_is_signed_in_goes_home(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """`/` is the way in; with a session it leads on."""
    assert portal.get("/").screen == "start"
    sign_in(portal)
    assert portal.get("/", 303).location == "/home"


def test_the_home_page_greets_and_does_not_wait(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """U-21: the page is there at once, its parts are asked for by themselves and are links without htmx (U-29)."""
    sign_in(portal)
    before = len(family.calls)
    page = portal.get("/home")
    assert len(family.calls) == before
    assert page.screen == "home"
    assert "Здравствуйте, Анна Сергеевна" in page.words
    assert "Воскресенье, 22 ноября" in page.words
    assert "подтверждённая" in page.words
    assert "Данные из Госуслуг получены в 12:00 (мск)" in page.words
    assert page.soup.find("a", href="/login?next=/home", string="Обновить данные") is not None
    for name in PARTS:
        section = page.soup.select_one(f'section[data-part="{name}"]')
        assert section is not None
        assert section["data-state"] == "loading"
        assert section["data-hx-get"] == f"/parts/{name}"
        assert section.find("a", href=f"/parts/{name}") is not None


def test_nothing_that_is_not_there_has_a_button(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """An empty state says what will come and what to do now; there is no dead button."""
    sign_in(portal)
    page = portal.get("/home")
    assert "Пока пусто." in page.words
    names = [" ".join(tag.get_text(" ").split()) for tag in page.soup.find_all(["a", "button"])]
    assert not [name for name in names if "Записаться" in name or "Вызвать" in name]


def test_parts_show_what_is_known(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """R-042: each part with its time; the policy masked, the contacts in full, children with policy and proof."""
    sign_in(portal)
    policy, contacts, children = (part(portal, name) for name in PARTS)
    assert "•••• •••• •••• 0370" in policy.words
    assert "Из Госуслуг, 12:00 (мск)" in policy.words
    assert "+7 (000) 100-00-01" in contacts.words
    assert "anna@pochta.example не подтверждён" in contacts.words
    assert "г Воронеж, ул Кленовая, д. 5" in contacts.words
    assert "Мила Лесная 8 лет Полис •••• •••• •••• 4810" in children.words
    assert "Полис •••• •••• •••• 5189 · родство не подтверждено" in children.words
    for name, page in zip(PARTS, (policy, contacts, children), strict=True):
        assert f'data-part="{name}" data-state="ready"' in page.text
        assert page.text.strip().endswith("</section>")


def test_what_is_known_is_not_asked_for_again(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """A part that came in this session is read from the database."""
    sign_in(portal)
    for name in PARTS:
        part(portal, name)
    before = len(family.calls)
    for name in PARTS:
        part(portal, name)
        assert part(portal, name).response.headers["Cache-Control"] == "no-store"
    assert len(family.calls) == before


def test_a_part_fails_alone_and_recovers(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """U-22, `children-unavailable`: one part with the error and «Перезапустить», which asks again."""
    sign_in(portal)
    family.answer_with(f"{PERSON}/kids", httpx2.Response(503, text="busy"))
    page = part(portal, "children", 502)
    assert 'data-part="children" data-state="error"' in page.text
    assert "Произошла ошибка.. Попробуйте перезапустить страницу" in page.words
    assert "Остальные данные на месте" in page.words
    assert part(portal, "policy").status == 200
    family.answer_with(f"{PERSON}/kids", collection())
    assert "В личном кабинете Госуслуг детей нет." in part(portal, "children").words


def test_a_failed_part_as_a_page(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """U-29, R-033: without script the part's own page says the same, with the right status and a way back."""
    sign_in(portal)
    family.fail(f"{PERSON}/docs", httpx2.ReadTimeout("slow"))
    page = portal.get("/parts/policy", 502)
    assert page.root["data-state"] == "error"
    assert page.soup.find("a", href="/parts/policy", string="Перезапустить") is not None
    assert page.soup.find("a", href="/home", string="На главную") is not None
    portal.get("/parts/nothing", 404)


def test_rights_that_were_withheld_are_explained(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, grant: Callable[..., None]
) -> None:
    """S-66, `consent-partial`: the portal opens with the required rights alone; each part says why it is empty."""
    optional = (
        "email",
        "contacts",
        "addresses",
        "medical_doc",
        "kid_fullname",
        "kid_medical_doc",
        "kid_birth_cert_doc",
    )
    grant(without=optional)
    sign_in(portal)
    assert portal.get("/home").screen == "home"
    for name in PARTS:
        page = part(portal, name)
        assert f'data-part="{name}" data-state="denied"' in page.text
        assert "не разрешили" in page.words
        assert page.soup.find("a", href="/login?next=/home&consent=again") is not None
    headers = {**PART, "HX-Current-URL": "http://localhost:8000/profile"}
    page = portal.get("/parts/contacts", headers=headers)
    assert page.soup.find("a", href="/login?next=/profile&consent=again") is not None, "it stands there as well"


@pytest.mark.parametrize(
    ("without", "name", "known", "words"),
    [
        (("email",), "contacts", "Адрес проживания", "Электронную почту вы не разрешили смотреть"),
        (("contacts", "addresses"), "contacts", "anna@pochta.example", "Телефоны и адреса вы не разрешили смотреть"),
        (("kid_medical_doc",), "children", "Мила", "Полисы детей вы не разрешили смотреть"),
        (("kid_fullname",), "children", "", "Вы не разрешили просмотр имён детей"),
    ],
)
def test_one_right_withheld_is_explained_in_its_part(
    portal: PageClient,
    sign_in: SignIn,
    family: FakeEsia,
    grant: Callable[..., None],
    *,
    without: tuple[str, ...],
    name: str,
    known: str,
    words: str,
) -> None:
    """R-003, S-66: one right alone withheld is no failure of a part; the part says it, and how to grant it."""
    grant(without=without)
    sign_in(portal)
    page = part(portal, name)
    assert "Произошла ошибка" not in page.words
    assert known in page.words
    assert words in page.words
    assert page.soup.find("a", href="/login?next=/home&consent=again") is not None


@pytest.mark.parametrize(
    ("without", "shown"),
    [
        ((), ["Рабочая почта anna001@work.example", "Рабочий телефон +7 (000) 100-00-09"]),
        (("email",), ["Рабочий телефон +7 (000) 100-00-09"]),
        (("contacts",), ["Рабочая почта anna001@work.example"]),
    ],
)
def test_contacts_of_the_job_follow_the_rights_to_mail_and_phones(
    portal: PageClient,
    sign_in: SignIn,
    family: FakeEsia,
    grant: Callable[..., None],
    *,
    without: tuple[str, ...],
    shown: list[str],
) -> None:
    """S-66: an address of the job is an e-mail address, is shown as one, and is withheld with the others."""
    family.answer_with(
        f"{PERSON}/ctts",
        collection(
            {"id": 1, "type": "CEM", "vrfStu": "VERIFIED", "value": "anna001@work.example"},
            {"id": 2, "type": "CPH", "vrfStu": "VERIFIED", "value": "+7(000)1000009"},
        ),
    )
    grant(without=without)
    sign_in(portal)
    words = part(portal, "contacts").words
    every = ["Рабочая почта anna001@work.example", "Рабочий телефон +7 (000) 100-00-09"]
    assert [line for line in every if line in words] == shown


def test_a_simplified_account_is_told_what_is_missing(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """R-013, `account-simplified`: let in, and told what an appointment will need."""
    family.person = {"firstName": "Мария", "lastName": "Речная", "trusted": False}
    sign_in(portal)
    page = portal.get("/home")
    assert "Здравствуйте, Мария" in page.words
    assert "нужна стандартная или подтверждённая учётная запись" in page.words
    assert "Сейчас у вас упрощённая. Не хватает: паспорт, СНИЛС." in page.words
    assert page.soup.find("a", href="/appointments", string="Что сделать") is not None
    assert "СНИЛС в учётной записи не указан" in portal.get("/loading").words


def test_a_session_on_stored_data_says_so(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, clock: ManualClock
) -> None:
    """`userinfo-500` for a known patient: opens on the last known data, says from when, offers to refresh."""
    sign_in(portal)
    clock.advance(timedelta(days=1))
    family.fail(PERSON, httpx2.ReadTimeout("slow"))
    sign_in(portal)
    page = portal.get("/home")
    assert "Данные от 22 ноября 2026, 12:00 (мск), обновить не удалось" in page.words
    assert page.soup.find("a", href="/login?next=/home", string="Обновить данные") is not None


def test_names_of_strangers_are_text(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """S-53: what Gosuslugi tells is shown, never run."""
    family.person = {"firstName": "<script>alert(1)</script>", "lastName": '"><img src=x>', "trusted": True}
    family.answer_with(f"{PERSON}/kids", collection({"id": 1, "firstName": "<b>К</b>", "lastName": "{{7*7}}"}))
    sign_in(portal)
    assert "<script>alert" not in portal.get("/home").text
    text = part(portal, "children").text
    assert "<b>К</b>" not in text
    assert "{{7*7}}" in text


def test_leaving_is_a_form_with_a_token(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """S-51: «Выйти» posts; afterwards the pages of the patient are closed."""
    sign_in(portal)
    page = portal.get("/home")
    assert page.form("/logout")["csrf_token"]
    portal.post("/logout", page.form("/logout"))
    assert portal.get("/home", 401).screen == "session-ended"


def kid(born: date | None, name: str = "Егор") -> Child:
    return Child(id=name, patient_id="p", esia_id=name, surname="Лесной", name=name, birth_date=born)


@pytest.mark.parametrize(
    ("today", "shown", "closes"),
    [
        (date(2026, 11, 11), True, None),
        (date(2026, 11, 12), True, date(2026, 12, 12)),
        (date(2026, 12, 11), True, date(2026, 12, 12)),
        (date(2026, 12, 12), False, None),
    ],
)
def test_access_ends_on_the_birthday_and_is_told_before(today: date, shown: bool, closes: date | None) -> None:
    """`child-grown`: warned 30 days before, gone on the day, and the reason is told."""
    told = family([kid(date(2011, 12, 12))], today, 15)
    assert bool(told.children) == shown
    assert bool(told.grown) != shown
    if shown:
        assert told.children[0].closes_on == closes
        assert told.children[0].age == "14\u00a0лет"


def test_the_age_at_which_access_ends_is_a_setting() -> None:
    """`CHILD_ACCESS_UNTIL`."""
    assert family([kid(date(2010, 1, 1))], date(2026, 6, 1), 18).children
    assert family([kid(date(2010, 1, 1))], date(2026, 6, 1), 15).grown


def test_a_child_without_a_birth_date_is_shown_without_an_age() -> None:
    """Without `kid_birthdate` the age is not known and nothing breaks."""
    told = family([kid(None)], date(2026, 6, 1), 15)
    assert told.children[0].age == ""


@pytest.mark.parametrize(
    ("born", "age", "day"),
    [(date(2012, 2, 29), 15, date(2027, 3, 1)), (date(2012, 2, 29), 16, date(2028, 2, 29))],
)
def test_the_birthday_of_a_leap_day(born: date, age: int, day: date) -> None:
    """Who was born on 29 February turns a year older on 1 March of a common year."""
    assert birthday(born, age) == day


@pytest.mark.parametrize(
    ("value", "kind", "masked"),
    [
        ("+7(000)1000001", "MBT", "+7\u00a0000\u00a0•••-••-01"),
        ("anna@pochta.example", "EML", "a•••@pochta.example"),
        ("anna001@pochta.example", "CEM", "a•••@pochta.example"),
        ("12-34-56", "PHN", "•••"),
    ],
)
def test_contacts_are_masked_where_they_are_only_to_be_recognised(value: str, kind: str, masked: str) -> None:
    """R-024, U-14: enough to recognise, not enough to learn."""
    assert contact_masked(value, kind) == masked


def test_the_page_knows_when_its_session_ends(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, clock: ManualClock
) -> None:
    """U-30: the warning counts from what the server says, offers to stay and to leave, and works as plain forms."""
    sign_in(portal)
    clock.advance(timedelta(minutes=50))
    portal.get("/home", 401)
    sign_in(portal)
    clock.advance(timedelta(minutes=5))
    page = portal.get("/home")
    dialog = page.soup.find("dialog", id="session-end")
    assert dialog is not None
    assert (dialog["data-session"], dialog["data-left"], dialog["data-absolute"]) == ("/session", "900", "3300")
    assert "Мы завершим сеанс через 2 мин" in page.words
    assert portal.post("/session", page.form("/session")).location == "/home"


def test_the_notice_of_works_is_an_extra(portal: PageClient) -> None:
    """U-29, U-33: its place is quiet, and a link to the same as a page."""
    place = portal.get("/").soup.find(attrs={"data-part": "works"})
    assert place is not None
    assert place.has_attr("data-quiet")
    assert place.find("a", href="/parts/works") is not None
