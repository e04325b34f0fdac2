"""Registering at a service centre, and organisations (R-010, R-011)."""

from __future__ import annotations

from sandbox_idp.accounts.models import Document
from sandbox_idp.context import Stand
from sandbox_idp.registration.centres import CENTRES
from sandbox_idp.registration.models import Registration
from tests.pages import PageClient
from tests.sandbox_idp.control.conftest import ControlClient
from tests.sandbox_idp.registration.wizard import (
    FIELDS,
    all_of,
    finish,
    give_code,
    give_password,
    person_with,
    register,
    with_values,
)
from tests.sandbox_idp.sign_in.journey import arrived


def ask_for_a_visit(sandbox: PageClient, centre: str = "station") -> str:
    """Choose a centre and name oneself; the number of the visit."""
    page = sandbox.get(f"/register?centre={centre}")
    sandbox.follow(sandbox.post(f"/register?centre={centre}", with_values(page, "/register", FIELDS)))
    assert sandbox.page is not None
    number = sandbox.page.soup.select_one("main b")
    assert number is not None
    return number.get_text()


def test_every_centre_has_address_and_hours(sandbox: PageClient) -> None:
    """R-010: and leads to the first step."""
    page = sandbox.get("/centres")
    for centre in CENTRES:
        assert centre.name in page.words
        assert centre.address in page.words
        assert centre.hours[0] in page.words
        assert sandbox.get(f"/register?centre={centre.id}").screen == "register"
        sandbox.get("/centres")


def test_the_visit_waits_for_the_operator_and_then_goes_on(
    sandbox: PageClient, stand: Stand, control: ControlClient
) -> None:
    """account-centre-pending: no code before the visit; afterwards code, password, a look, and a confirmed account."""
    number = ask_for_a_visit(sandbox)
    assert "Состояние: ждём вашего визита." in sandbox.get("/register/centre").words
    sandbox.post("/register/centre")
    assert arrived(stand, "+70003000001") == []
    for path in ("code", "password", "review"):
        assert sandbox.get(f"/register/{path}", 303).location.endswith("/register/centre")
    decided = control.call("POST", "/decisions", {"request": f"centre:{number}", "decision": "grant"})
    assert decided["person_oid"] is None
    assert "Сотрудник центра проверил документы" in sandbox.get("/register/centre").words
    assert sandbox.post("/register/centre").location.endswith("/register/code")
    give_code(sandbox, stand)
    assert give_password(sandbox).location.endswith("/register/review")
    page = sandbox.get("/register/review")
    assert "Личность подтверждена." in page.words
    finish(sandbox)
    person = person_with(stand)
    assert person is not None
    assert (person.level, person.snils is not None) == ("confirmed", True)
    assert {each.verified for each in all_of(stand, Document) if each.person_oid == person.oid} == {True}


def test_a_refused_visit_still_waits(sandbox: PageClient, control: ControlClient) -> None:
    """Whoever came without a passport may come again; a visit that was made waits no longer."""
    number = ask_for_a_visit(sandbox)
    refusal = {"request": f"centre:{number}", "decision": "refuse", "reasons": ["Нет паспорта."]}
    control.call("POST", "/decisions", refusal)
    assert "Состояние: ждём вашего визита." in sandbox.get("/register/centre").words
    control.call("POST", "/decisions", {"request": f"centre:{number}", "decision": "grant"})
    control.call("POST", "/decisions", {"request": f"centre:{number}", "decision": "grant"}, status=404)


def test_another_centre_is_another_visit(sandbox: PageClient, stand: Stand) -> None:
    """«Выбрать другой центр»: the one before is forgotten."""
    first = ask_for_a_visit(sandbox)
    assert ask_for_a_visit(sandbox, "clinic") != first
    (row,) = all_of(stand, Registration)
    assert row.centre == "clinic"


def test_an_organisation_needs_a_person_first(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """R-011, U-3: a page, not a red field; without an account, and with one that is not confirmed."""
    sandbox.get("/register/organisation")
    page = sandbox.post("/register/organisation", {}, 403)
    assert "Для регистрации организации необходимо сначала зарегистрировать физическое лицо" in page.words
    assert page.soup.select_one("[data-ref]")
    register(sandbox, stand)
    sandbox.get("/register/organisation")
    page = sandbox.post("/register/organisation", {}, 403)
    assert "Вы вошли как Зоя Я., но личность ещё не подтверждена." in page.words
    assert acts.count("organization-first") == 2
