"""The wizard from the first field to the account."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox_idp.accounts import passwords
from sandbox_idp.accounts.models import Address, Document
from sandbox_idp.context import Stand
from sandbox_idp.registration import documents
from sandbox_idp.registration.models import DataConsent, Registration
from tests.pages import PageClient
from tests.sandbox_idp.registration.wizard import (
    FIELDS,
    PASSWORD,
    all_of,
    finish,
    give_code,
    give_four,
    give_password,
    give_profile,
    person_with,
    register,
    up_to_review,
    with_values,
)
from tests.sandbox_idp.sign_in.journey import ask, attached, sessions_of


def test_the_first_page_has_exactly_four_fields_in_their_order(sandbox: PageClient) -> None:
    """R-005, R-007…R-009, C-01: four fields, the sentence, the unticked consent, the button, the ways elsewhere."""
    page = sandbox.get("/register")
    assert page.screen == "register"
    fields = [label.get_text() for label in page.soup.select("label.field__label")]
    assert fields == ["Фамилия", "Имя", "Мобильный телефон", "Электронная почта"]
    assert "Нажимая на кнопку «Зарегистрироваться», вы соглашаетесь с Условиями использования" in page.words.replace(
        " (в новой вкладке)", ""
    )
    box = page.soup.select_one("#consent")
    assert box is not None
    assert not box.has_attr("checked")
    assert "Уже зарегистрировались? Войти" in page.words
    assert "Зарегистрироваться в центре обслуживания" in page.words
    assert "Для регистрации организации необходимо сначала зарегистрировать физическое лицо" in page.words


def test_the_whole_way_ends_in_an_account_of_the_first_level(sandbox: PageClient, stand: Stand) -> None:
    """C-01, R-013, R-067…R-070: signed in with the SMS as second factor; documents are not verified yet."""
    end = register(sandbox, stand)
    assert end.location == f"{stand.prefix}/register/done"
    page = sandbox.follow(end)
    assert page.screen == "register-done"
    assert "учётная запись готова: упрощённая" in page.words
    person = person_with(stand)
    assert person is not None
    assert (person.surname, person.name, person.patronymic) == ("Ясенева", "Зоя", "Ильинична")
    assert (person.level, person.snils, person.sms_enabled) == ("simplified", None, True)
    assert passwords.verify(person.password_hash, PASSWORD)
    papers = {each.type: each for each in all_of(stand, Document) if each.person_oid == person.oid}
    assert {kind: paper.verified for kind, paper in papers.items()} == {"RF_PASSPORT": False, "SNILS": False}
    assert [each.city for each in all_of(stand, Address) if each.person_oid == person.oid] == ["Учебный город"] * 2
    (session,) = sessions_of(stand)
    assert (session.person_oid, session.second_factor, session.method) == (person.oid, "otp", "PWD")


def test_the_consent_is_kept_with_version_hash_time_and_address(sandbox: PageClient, stand: Stand) -> None:
    """C-19, S-64: what the page shows is what is kept, and it goes over to the account."""
    page = sandbox.get("/register/consent")
    assert documents.CONSENT.hash in page.words
    page = sandbox.get("/register")
    values = with_values(page, "/register", FIELDS)
    sandbox.post("/register", values, environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    give_code(sandbox, stand)
    give_password(sandbox)
    give_profile(sandbox)
    finish(sandbox)
    (consent,) = all_of(stand, DataConsent)
    person = person_with(stand)
    assert person is not None
    assert (consent.person_oid, consent.text_version, consent.text_hash, consent.address) == (
        person.oid,
        documents.CONSENT.version,
        documents.CONSENT.hash,
        "192.0.2.7",
    )
    assert consent.given_at <= person.created_at


def test_nobody_is_registered_without_consent(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """R-007: a field error, and nothing is stored."""
    page = give_four(sandbox, status=422, consent="")
    assert [link["href"] for link in page.soup.select("#summary a")] == ["#consent"]
    assert page.form("/register")["surname"] == "Ясенева"
    assert all_of(stand, Registration) == []
    assert acts == []


@pytest.mark.parametrize("path", ["code", "password", "profile", "review", "centre"])
def test_no_step_opens_before_its_turn(sandbox: PageClient, path: str) -> None:
    """S-60: by its address nobody gets ahead; the first page is shown instead."""
    page = sandbox.get(f"/register/{path}", 303)
    assert page.location == f"{sandbox.prefix}/register"


def test_every_address_leads_to_the_step_at_hand(sandbox: PageClient, stand: Stand) -> None:
    """S-60: neither ahead nor back, by GET or by POST."""
    give_four(sandbox)
    sandbox.get("/register/code")
    for path in ("password", "profile", "review"):
        assert sandbox.get(f"/register/{path}", 303).location.endswith("/register/code")
        assert sandbox.post(f"/register/{path}", {"password": PASSWORD}).location.endswith("/register/code")
    give_code(sandbox, stand)
    for path in ("code", "profile", "review", "centre"):
        assert sandbox.get(f"/register/{path}", 303).location.endswith("/register/password")
    give_password(sandbox)
    assert sandbox.get("/register/password", 303).location.endswith("/register/profile")
    assert person_with(stand) is None


def test_a_closed_browser_goes_on_where_it_stopped(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """register-interrupted: the cookie outlives the window, and the step says so."""
    begun = give_four(sandbox)
    kept = next(line for line in begun.response.headers.getlist("Set-Cookie") if line.startswith("registration"))
    assert "Max-Age=86400" in kept
    assert "HttpOnly" in kept
    give_code(sandbox, stand)
    give_password(sandbox)
    back = sandbox.get("/register", 303)
    assert back.location.endswith("/register/profile?resumed=yes")
    assert "Вы остановились на этом шаге. Всё, что вы ввели раньше, сохранено." in sandbox.follow(back).words
    assert acts == ["register-interrupted"]


def test_a_registration_of_yesterday_is_forgotten(sandbox: PageClient, stand: Stand) -> None:
    """Rows expire, and the next one that begins takes them away."""
    give_four(sandbox)
    stand.clock.advance(timedelta(hours=24))
    assert sandbox.get("/register/code", 303).location.endswith("/register")
    give_four(sandbox)
    assert len(all_of(stand, Registration)) == 1


def test_starting_over_forgets_everything(sandbox: PageClient, stand: Stand) -> None:
    """On a shared computer the next person must not go on with the registration of the one before."""
    give_four(sandbox)
    sandbox.get("/register/code")
    sandbox.post("/register", {"action": "start-over"})
    assert all_of(stand, Registration) == []
    assert sandbox.get("/register").form("/register")["surname"] == ""


def test_the_systems_request_goes_along_to_the_consent_page(sandbox: PageClient, stand: Stand) -> None:
    """R-009: registration ends where the sign-in began, in the session that was just opened."""
    request_id = ask(stand)
    end = register(sandbox, stand, request_id)
    page = sandbox.follow(end)
    (session,) = sessions_of(stand)
    assert attached(stand, request_id) == session.sid
    button = page.soup.select_one("a.btn--big")
    assert button is not None
    assert button.get_text() == "Продолжить вход в РС ЕГИСЗ"
    assert sandbox.get(str(button["href"])).screen == "consent"


def test_the_request_is_remembered_when_the_address_has_lost_it(sandbox: PageClient, stand: Stand) -> None:
    """Whoever comes back by typing the address still ends at the system that asked."""
    request_id = ask(stand)
    give_four(sandbox, request_id)
    give_code(sandbox, stand)
    assert sandbox.get("/register", 303).location.endswith(f"/register/password?request={request_id}&resumed=yes")


def test_a_request_that_is_over_does_not_lose_the_registration(sandbox: PageClient, stand: Stand) -> None:
    """The system's hour is shorter than the registration's day."""
    request_id = ask(stand)
    up_to_review(sandbox, stand, request_id)
    stand.clock.advance(timedelta(minutes=61))
    page = sandbox.follow(finish(sandbox, request_id))
    assert page.screen == "register-done"
    assert "Открыть личный кабинет пациента" in page.words


def test_what_the_account_has_is_not_kept_twice(sandbox: PageClient, stand: Stand) -> None:
    """Once the account is there, the row only tells a second click where the first one led."""
    register(sandbox, stand)
    (row,) = all_of(stand, Registration)
    assert (row.stage, row.surname, row.phone, row.mail, row.password_hash, row.profile) == (
        "done",
        "",
        "",
        "",
        None,
        None,
    )


def test_a_weak_password_is_told_every_rule_it_breaks(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """R-130…R-132, S-27, U-9: the rule stands there before; the password is not given back."""
    give_four(sandbox)
    give_code(sandbox, stand)
    page = sandbox.get("/register/password")
    assert "от 12 до 128 символов" in page.words
    page = give_password(sandbox, password="yasen", status=422)
    assert [each for each in acts if each == "register-weak-password"]
    assert len(page.soup.select("[data-state=unmet]")) >= 3
    assert page.form("/register/password")["new_password"] == ""
    (row,) = all_of(stand, Registration)
    assert (row.stage, row.password_hash) == ("password", None)


def test_the_rule_is_marked_while_one_types(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """register-weak-password, S-27: name and phone are own data here too; nothing is kept, told or hashed."""
    give_four(sandbox)
    give_code(sandbox, stand)
    sandbox.get("/register/password")
    acts.clear()
    typed = {"action": "check", "new_password": "Yaseneva-300-00-01"}
    page = sandbox.post("/register/password", typed, 200, headers={"HX-Request": "true"})
    assert page.soup.select_one("[data-rule=own][data-state=unmet]")
    assert page.soup.select_one("[data-rule=length][data-state=met]")
    assert acts == []
    (row,) = all_of(stand, Registration)
    assert (row.stage, row.password_hash) == ("password", None)


def test_the_link_registration_stands_in_the_header(sandbox: PageClient) -> None:
    """R-066: top right, and in the footer where there is no room."""
    page = sandbox.get("/login")
    links = [link for link in page.soup.find_all("a") if link.get_text() == "Регистрация"]
    assert [link.find_parent(["header", "footer"]).name for link in links] == ["header", "footer"]
    assert all(str(link["href"]).endswith("/register") for link in links)


@pytest.mark.parametrize("path", ["terms", "privacy", "consent", "help"])
def test_the_texts_are_there(sandbox: PageClient, path: str) -> None:
    """R-007, R-012: real pages, which lead back to the registration with the system's request."""
    page = sandbox.get(f"/register/{path}")
    assert any(str(link["href"]).endswith("/register") for link in page.soup.select("article a"))
