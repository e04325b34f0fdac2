"""«Мои документы»: what is typed, what the registries say of it, and what becomes of the account's level."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from foundation.russian import msk
from sandbox_idp.accounts import factory, levels, people
from sandbox_idp.accounts.models import Document, Person
from sandbox_idp.assembly import create_app
from sandbox_idp.cabinet import notices
from sandbox_idp.context import Stand
from sandbox_idp.registries.models import RegistryCheck
from sandbox_idp.scenarios.arming import arm, disarm
from sandbox_idp.scenarios.effects.base import Passage
from sandbox_idp.scenarios.effects.registry import Registry
from sandbox_idp.scenarios.points import RegistryDraft
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from tests.pages import Page, PageClient
from tests.sandbox_idp.sign_in import journey

MARIA = "+70001000003"
PASSPORT, SNILS, POLICY = "0000 200 406", "000-300-300 27", "0000 3000 3000 3002"
ANNAS_SNILS = "000-100-101 10"
ANSWERED = timedelta(seconds=5)


def passport(stand: Stand, number: str = PASSPORT) -> dict[str, str]:
    """All that the form of the passport asks for."""
    issued = msk(stand.clock.now()).date() - timedelta(days=40)
    return {
        "passport": number,
        "issued_on": f"{issued:%d.%m.%Y}",
        "issuer_code": "000-001",
        "issued_by": "Отделение полиции учебного города",
    }


@pytest.fixture
def cabinet(sandbox: PageClient, stand: Stand) -> Callable[[str], PageClient]:
    """Sign somebody in, by phone."""

    def sign_in(phone: str) -> PageClient:
        sandbox.follow(journey.give_password(sandbox, None, phone))
        journey.give_code(sandbox, None, journey.last_code(stand, phone))
        return sandbox

    return sign_in


@pytest.fixture
def maria(cabinet: Callable[[str], PageClient]) -> PageClient:
    """Somebody with an упрощённая account and no documents."""
    return cabinet(MARIA)


def give(browser: PageClient, kind: str, typed: dict[str, str], status: int = 303) -> Page:
    browser.get(f"/cabinet/documents/{kind}")
    return browser.post(f"/cabinet/documents/{kind}", typed, status)


def give_both(browser: PageClient, stand: Stand, *, number: str = PASSPORT, snils: str = SNILS) -> None:
    give(browser, "passport", passport(stand, number))
    give(browser, "snils", {"snils": snils})


def after(stand: Stand, browser: PageClient, by: timedelta = ANSWERED) -> Page:
    """The page of all documents, so much later."""
    stand.clock.advance(by)  # type: ignore[attr-defined]
    return browser.get("/cabinet/documents")


def person(stand: Stand, persona: str = "maria") -> Person:
    return journey.person_of(stand, persona)


def titles(stand: Stand, oid: int) -> list[str]:
    with stand.database.reading() as session:
        return [each.title for each in notices.newest(session, oid)]


def test_passport_and_snils_make_the_account_standard(maria: PageClient, stand: Stand) -> None:
    """R-013, R-014, R-078: checked without an operator, on the stand's clock; each answer is a notice."""
    page = maria.get("/cabinet/documents")
    assert "До стандартной учётной записи осталось подтвердить: паспорт, СНИЛС" in page.words
    give_both(maria, stand)
    page = after(stand, maria, ANSWERED - timedelta(seconds=1))
    assert page.words.count("Проверяется") == 2
    assert person(stand).level == "simplified"
    page = after(stand, maria, timedelta(seconds=1))
    assert page.words.count("Подтверждён") == 2
    assert "0000 ••••06" in page.words
    assert (person(stand).level, person(stand).snils) == ("standard", "00030030027")
    assert titles(stand, person(stand).oid) == [
        "Учётная запись теперь стандартная",
        "СНИЛС: проверка пройдена",
        "Паспорт: проверка пройдена",
    ]
    assert journey.arrived(stand, "maria@pochta.example")[-1].subject == "Учётная запись теперь стандартная"
    assert "Учётная запись теперь стандартная" in journey.arrived(stand, MARIA)[-1].text


def test_nothing_is_told_to_a_system_before_it_is_found(maria: PageClient, stand: Stand) -> None:
    """R-013: a SNILS that was only typed makes nobody стандартная at a portal."""
    give(maria, "snils", {"snils": SNILS})
    assert person(stand).snils is None


def test_every_mistake_has_its_own_words_and_nothing_is_half_stored(maria: PageClient, stand: Stand) -> None:
    """R-101, U-8, U-9, U-10: all fields at once, typed values kept, no question to a registry."""
    typed = {**passport(stand, "0000 200"), "issued_on": "31.02.2020", "issuer_code": "12", "issued_by": ""}
    page = give(maria, "passport", typed, 422)
    assert "Введите серию и номер паспорта полностью: 10 цифр. Сейчас 7." in page.words
    assert "Такого дня в календаре нет. Проверьте дату выдачи паспорта." in page.words
    assert "В коде подразделения 6 цифр, а введено 2." in page.words
    assert "Введите, кем выдан паспорт." in page.words
    assert page.form("/documents/passport")["passport"] == "0000 200"
    give(maria, "passport", passport(stand, "4510 123456"), 422)
    give(maria, "snils", {"snils": "112-233-445 95"}, 422)
    give(maria, "policy", {"policy": "0000 1000 0000 0371"}, 422)
    with stand.database.reading() as session:
        assert session.exec(select(RegistryCheck)).all() == []


def test_a_passport_that_is_not_found_is_corrected(maria: PageClient, stand: Stand, acts: list[str]) -> None:
    """account-passport-not-found, R-074: the field is named, what was typed is there again, one digit mends it."""
    give_both(maria, stand, number="0000 200 407")
    page = after(stand, maria)
    assert "Паспорта с такими серией и номером нет в реестре." in page.words
    assert "0000 200407" in page.words
    assert acts == ["passport-not-found"]
    form = maria.get("/cabinet/documents/passport")
    assert form.form("/documents/passport")["passport"] == "0000 200407"
    assert "Паспорта с такими серией и номером нет в реестре." in form.words
    give(maria, "passport", passport(stand))
    after(stand, maria)
    assert person(stand).level == "standard"


def test_a_snils_that_does_not_fit_is_named(maria: PageClient, stand: Stand, acts: list[str]) -> None:
    """account-snils-mismatch: digits 4 to 9 do not divide by three, or it is somebody else's by name and birth date."""
    for number in ("000-300-301 28", "000-103-737 52"):
        give(maria, "snils", {"snils": number})
        assert "не подходит к вашим имени и дате рождения" in after(stand, maria).words
    assert acts == ["snils-mismatch", "snils-mismatch"]


def test_a_taken_snils_is_told_only_to_whoever_is_known(maria: PageClient, stand: Stand, acts: list[str]) -> None:
    """account-snils-taken, S-32: told after phone and passport are confirmed, and three times a day."""
    give(maria, "snils", {"snils": ANNAS_SNILS})
    assert "не подходит к вашим имени" in after(stand, maria).words
    give(maria, "passport", passport(stand))
    after(stand, maria)
    for _ in range(3):
        give(maria, "snils", {"snils": ANNAS_SNILS})
        page = after(stand, maria)
        assert "Этот СНИЛС уже привязан к другой учётной записи." in page.words
        assert "Восстановить прежнюю учётную запись" in page.words
    give(maria, "snils", {"snils": ANNAS_SNILS})
    assert "не подходит к вашим имени" in after(stand, maria).words
    assert acts == ["snils-mismatch", *["snils-taken"] * 3, "snils-mismatch"]
    assert person(stand, "anna").snils == "00010010110"


def test_passport_and_taken_snils_may_be_given_together(maria: PageClient, stand: Stand, acts: list[str]) -> None:
    """account-snils-taken: the passport is answered first, so the person is known by the time the SNILS is."""
    give_both(maria, stand, snils=ANNAS_SNILS)
    after(stand, maria)
    assert acts == ["snils-taken"]


def test_the_snils_of_a_deleted_account_is_free(maria: PageClient, stand: Stand) -> None:
    """account-deleted: whoever registers again gets the number back."""
    with stand.database.writing() as session:
        gone = session.get_one(Person, person(stand, "gleb").oid)
        gone.state = "deleted"
        session.add(gone)
    give_both(maria, stand, snils="000-103-434 40")
    after(stand, maria)
    assert person(stand).snils == "00010343440"


@pytest.mark.parametrize("number", ["0000 9000 9000 9003", "0000 1000 0000 0370"])
def test_a_policy_is_looked_for_among_the_insured(maria: PageClient, stand: Stand, number: str) -> None:
    """account-oms-not-found: not listed, or listed for somebody else; corrected it is found."""
    give(maria, "policy", {"policy": number})
    assert "Полиса с таким номером нет в реестре застрахованных." in after(stand, maria).words
    give(maria, "policy", {"policy": POLICY})
    page = after(stand, maria)
    assert "•••• •••• •••• 3002" in page.words
    assert "Не подтверждён" not in page.words


def test_a_slow_registry_says_until_when(maria: PageClient, stand: Stand) -> None:
    """account-checks-pending: expected time, no dead end; the answer comes by the clock, with a notice."""
    arm(stand, "account-checks-pending", person="maria")
    give_both(maria, stand)
    page = after(stand, maria)
    assert page.words.count("Проверка идёт дольше обычного. Ответ ждём до") == 2
    after(stand, maria, timedelta(hours=2))
    assert person(stand).level == "standard"


def test_a_registry_out_of_order_postpones_and_loses_nothing(maria: PageClient, stand: Stand) -> None:
    """account-checks-down: what was typed is kept, it is asked again by itself or by «Проверить сейчас»."""
    arm(stand, "account-checks-down", person="maria")
    give_both(maria, stand)
    page = after(stand, maria)
    assert "Реестр паспортов сейчас не отвечает. Введённое сохранено" in page.words
    assert "0000 200406" in page.words
    disarm(stand, "account-checks-down")
    assert "не отвечает" in maria.get("/cabinet/documents").words
    assert maria.post("/cabinet/documents").location.endswith("/cabinet/documents")
    assert person(stand).level == "standard"


def test_a_registry_that_refuses_says_so(stand: Stand) -> None:
    """R-078, effect kind `registry`: a refusal is an answer of its own, only of the registries that are named."""
    refusing = Registry(kind="registry", where="world", registries=("insured",), answer="refuse")
    cases: tuple[tuple[Literal["insured", "snils"], bool], ...] = (("insured", True), ("snils", False))
    for name, meant in cases:
        draft = RegistryDraft(name, person(stand).oid, timedelta(seconds=5))
        passage = Passage(draft, None)  # type: ignore[arg-type]  # This effect does not look at the moment.
        assert refusing.concerns(passage) is meant
        refusing.change(passage)
        assert draft.refuses
    assert "отказался проверять" in levels.refusal("insured", "refused")


def test_a_person_has_one_open_question_to_each_registry(stand: Stand) -> None:
    """The database itself holds it, on SQLite as on PostgreSQL."""
    now = stand.clock.now()
    rows = [
        RegistryCheck(person_oid=person(stand).oid, asked_of="snils", number=number, asked_at=now, due_at=now)
        for number in ("00030030027", "00030030330")
    ]
    with pytest.raises(IntegrityError), stand.database.writing() as session:
        session.add_all(rows)


def test_an_open_question_is_asked_once(maria: PageClient, stand: Stand) -> None:
    """U-17: the same number sent twice is one question; another number withdraws the first (a database constraint)."""
    for number in (SNILS, SNILS, "000-300-303 30"):
        give(maria, "snils", {"snils": number})
    with stand.database.reading() as session:
        rows = session.exec(select(RegistryCheck).order_by(RegistryCheck.id)).all()  # type: ignore[arg-type]
    assert [(each.number, each.answer) for each in rows] == [("00030030027", "withdrawn"), ("00030030330", None)]


def test_an_inn_needs_no_registry(maria: PageClient, stand: Stand) -> None:
    """R-050, account-no-inn: optional; somebody else's is refused without saying whose it is."""
    page = give(maria, "inn", {"inn": "001000011100"}, 422)
    assert "Сохранить этот ИНН не получилось." in page.words
    give(maria, "inn", {"inn": ""})
    assert person(stand).inn is None


def test_who_has_everything_changes_a_passport_without_losing_it(
    cabinet: Callable[[str], PageClient], stand: Stand
) -> None:
    """What is confirmed stays in force until the new one is; a SNILS is for life."""
    anna = cabinet(journey.ANNA)
    assert anna.get("/cabinet/documents/snils", 303).location.endswith("/cabinet/documents")
    give(anna, "passport", passport(stand))
    page = anna.get("/cabinet/documents")
    assert "0000 ••••03" in page.words
    after(stand, anna)
    with stand.database.reading() as session:
        now_valid = levels.verified(session, person(stand, "anna").oid, "passport")
    assert now_valid is not None
    assert now_valid.number == "200406"
    assert person(stand, "anna").level == "confirmed"


def test_what_registration_leaves_is_asked_about_once(
    stand: Stand, sandbox_settings: SandboxSettings, house: House
) -> None:
    """`levels.submitted`: every document that is not verified goes to its registry, and none a second time."""
    with create_app(sandbox_settings, house).app_context(), stand.database.writing() as session:
        maria = session.get_one(Person, person(stand).oid)
        for kind, number in (("RF_PASSPORT", "200406"), ("SNILS", "00030030027")):
            session.execute(
                insert(Document), [{"person_oid": maria.oid, "type": kind, "number": number, "verified": False}]
            )
        for _ in range(2):
            levels.submitted(session, maria, stand.clock.now())
        asked = session.exec(select(RegistryCheck.asked_of)).all()
    assert sorted(asked) == ["passport", "snils"]


def test_numbers_that_are_only_claimed_block_nobody(maria: PageClient, stand: Stand) -> None:
    """What somebody says of another one's passport does not keep the control API from giving it to its owner."""
    give(maria, "passport", passport(stand, "0000 200 103"))
    with stand.database.writing() as session:
        anna = people.find_person(session, "anna")
        assert anna is not None
        factory.change(session, anna, {"passport": "0000200103"}, now=stand.clock.now(), ids=stand.ids)
        assert factory.as_it_is(session, anna, ["passport"]) == {"passport": "0000200103"}


def test_the_profile_tells_level_and_what_is_missing(maria: PageClient) -> None:
    """R-013: the level in words, and the way to the next one."""
    page = maria.get("/cabinet/profile")
    assert page.screen == "cabinet-profile"
    assert "упрощённая" in page.words
    assert "Чтобы она стала стандартной, подтвердите: паспорт, СНИЛС." in page.words
    assert "m•••@pochta.example" in page.words
