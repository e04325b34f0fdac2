"""The twelve people: their numbers, ages, and how they lie in a stand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import nacl.pwhash
import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from foundation.database import Database
from foundation.ids import SystemIds
from foundation.russian import age, msk
from sandbox_idp import accounts
from sandbox_idp.accounts import passwords, people, ranges
from sandbox_idp.accounts.logins import Login
from sandbox_idp.accounts.models import Address, Child, Contact, Document, Organisation, Person
from sandbox_idp.accounts.personas import BY_ID, PASSWORD, PERSONAS, Persona, born
from sandbox_idp.context import Stand
from sandbox_idp.policy import load, presets
from sandbox_idp.stands.house import House
from sandbox_idp.tables import SandboxTable

TWELVE = [persona for persona in PERSONAS if persona.id != "nina2"]
TABLE = """
anna     Лесная    34 confirmed 36 1000001 anna 00010010110 200103 0000100000000370 001000011100 sms
viktor   Полевой   75 confirmed 36 1000002 - 00010040422 200106 0000100000000743 - sms
maria    Речная    22 simplified 36 1000003 maria - - - - sms
igor     Озёрный   41 standard 16 1000004 igor 00010101012 200112 - 001000044401 totp
olga     Мостовая  52 confirmed 77 1000005 olga 00010131324 200115 0000100000001857 001000055562 sms+push
timur    Горный    38 confirmed 05 1000006 timur 00010161636 200118 0000100000002228 001000066620 totp
elena    Таёжная   29 confirmed 66 1000007 elena 00010191948 200121 0000100000002590 001000077799 sms
pavel    Снежный   63 confirmed 54 1000008 pavel 00010222226 200124 0000100000002962 001000088857 sms
nina     Дальняя   58 confirmed 25 1000009 nina 00010252538 200127 0000100000003333 001000099915 sms+totp+push
kirill   Тихий     19 confirmed 36 1000010 kirill 00010282850 200130 0000100000003705 001000111016 none
svetlana Садовая   47 confirmed-signature 78 1000011 svetlana 00010313128 200133 0000100000004075 001000122184 sms
gleb     Южный     33 confirmed 36 1000012 gleb 00010343440 200136 0000100000004448 001000133242 sms
"""


def row_of(persona: Persona) -> list[str]:
    switched = (("sms", persona.sms), ("totp", persona.totp), ("push", persona.push))
    factors = "+".join(name for name, on in switched if on) or "none"
    mail = persona.mail and persona.mail.removesuffix("@pochta.example")
    return [
        persona.id,
        persona.surname,
        str(persona.years),
        persona.level,
        persona.region,
        persona.phone.removeprefix("+7000"),
        *(value or "-" for value in (mail, persona.snils, persona.passport, persona.policy, persona.inn)),
        factors,
    ]


def test_they_are_those_of_the_handbook() -> None:
    """`docs/personas.md`: exactly these twelve, exactly these numbers."""
    assert [row_of(persona) for persona in TWELVE] == [line.split() for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.id)
def test_every_number_lies_in_its_training_range(persona: Persona) -> None:
    """S-72: what the stand seeds it would accept from a person, and the registries find it."""
    assert ranges.phone(persona.phone) == persona.phone
    parsed = phonenumbers.parse(persona.phone)
    assert phonenumbers.is_possible_number(parsed)
    assert not phonenumbers.is_valid_number(parsed)
    if persona.mail:
        assert ranges.mail(persona.mail) == persona.mail
    if persona.snils:
        assert_snils(persona.snils)
    if persona.passport:
        assert ranges.passport("0000" + persona.passport) == ("0000", persona.passport)
        assert ranges.number_in_registry(persona.passport)
    if persona.policy:
        assert ranges.policy(persona.policy) == persona.policy
    if persona.inn:
        assert ranges.inn(persona.inn) == persona.inn
    for child in persona.children:
        assert ranges.birth_certificate(child.certificate_series, child.certificate)
        assert ranges.number_in_registry(child.certificate)
        if child.snils:
            assert_snils(child.snils)
        if child.policy:
            assert ranges.policy(child.policy) == child.policy
    if persona.organisation:
        assert ranges.phone(persona.organisation.phone)
        assert ranges.mail(persona.organisation.email)
        assert ranges.ogrn(persona.organisation.ogrn) == persona.organisation.ogrn
        assert ranges.company_inn(persona.organisation.inn) == persona.organisation.inn


def assert_snils(number: str) -> None:
    assert ranges.snils(number) == number
    assert ranges.snils_check_digits(number[:9]) == number[9:], "given right all the same"
    assert ranges.snils_in_registry(number)


def test_the_password_meets_every_preset() -> None:
    """`docs/personas.md`, C-02."""
    kinds = [str.isupper, str.islower, str.isdigit, lambda letter: not letter.isalnum()]
    for preset in presets():
        rule = load(preset).password
        assert rule.min_length <= len(PASSWORD) <= rule.max_length
        assert sum(any(kind(letter) for letter in PASSWORD) for kind in kinds) >= rule.classes


@given(st.dates(min_value=date(2024, 1, 1), max_value=date(2060, 12, 31)))
def test_ages_are_right_on_every_day_on_which_a_stand_may_be_made(today: date) -> None:
    """Ages are counted back from the stand's clock, leap days included."""
    for persona in PERSONAS:
        assert age(born(today, persona.years, persona.days), today) == persona.years
    egor, newborn = BY_ID["anna"].children[1], BY_ID["elena"].children[0]
    birthday = born(today, egor.years, egor.days)
    assert age(birthday, today) == 14
    fifteenth = today + timedelta(days=20)
    if (fifteenth.month, fifteenth.day) == (2, 29):
        fifteenth += timedelta(days=1)
    assert age(birthday, fifteenth) == 15
    assert age(birthday, fifteenth - timedelta(days=1)) == 14
    assert (today - born(today, newborn.years, newborn.days)).days == 40


def test_the_stand_holds_what_the_table_says(stand: Stand) -> None:
    """Contacts, papers, addresses, children and organisations of every person."""
    today = msk(stand.clock.now()).date()
    with stand.database.reading() as session:
        for persona in PERSONAS:
            person = people.find_person(session, persona.id)
            assert person is not None
            contacts = {
                contact.value for contact in session.exec(select(Contact).where(Contact.person_oid == person.oid))
            }
            assert contacts == {value for value in (persona.phone, persona.mail) if value}
            papers = {
                (paper.type, paper.number)
                for paper in session.exec(select(Document).where(Document.person_oid == person.oid))
            }
            assert papers == {
                pair
                for pair in (("RF_PASSPORT", persona.passport), ("MDCL_PLCY", persona.policy))
                if pair[1] is not None
            }
            homes = session.exec(select(Address).where(Address.person_oid == person.oid)).all()
            assert len(homes) == (2 if persona.home else 0)
            children = session.exec(select(Child).where(Child.parent_oid == person.oid)).all()
            assert [child.name for child in children] == [child.name for child in persona.children]
            assert age(person.birth_date, today) == persona.years
            for child in children:
                assert session.exec(select(Document).where(Document.child_id == child.id)).first() is not None
        organisations = session.exec(select(Organisation).order_by(col(Organisation.oid))).all()
        assert [(one.chief, one.type) for one in organisations] == [(False, "AGENCY"), (True, "LEGAL")]


def test_oids_are_the_same_in_every_stand_and_secrets_are_not(stand: Stand, house: House) -> None:
    """Deterministic but for the TOTP secrets."""
    other = house.create("other").stand
    seen = []
    for one in (stand, other):
        with one.database.reading() as session:
            seen.append({person.persona: person for person in session.exec(select(Person))})
    first, second = seen
    assert {key: person.oid for key, person in first.items()} == {key: person.oid for key, person in second.items()}
    assert first["anna"].oid == 1_000_100_001
    for key, person in first.items():
        if key in ("igor", "timur", "nina"):
            assert person.totp_secret
            assert person.totp_secret != second[key].totp_secret
        else:
            assert person.totp_secret is None


def test_a_template_is_made_with_one_hash(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seeding is fast: the password is hashed once for all."""
    made: list[bytes] = []
    real = nacl.pwhash.argon2id.str
    monkeypatch.setattr(
        nacl.pwhash.argon2id, "str", lambda password, **options: made.append(password) or real(password, **options)
    )
    database = Database(f"sqlite:///{tmp_path}/template.sqlite")
    SandboxTable.metadata.create_all(database.engine)
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    with database.writing() as session:
        accounts.seed(session, now=now)
        accounts.personalise(session, now=now, ids=SystemIds())
    assert made == [PASSWORD.encode()]
    with database.reading() as session:
        hashes = set(session.exec(select(Person.password_hash)))
    assert len(hashes) == 1
    assert passwords.verify(hashes.pop(), PASSWORD)
    database.close()


def test_people_are_found_by_every_login(stand: Stand) -> None:
    """R-022: and a contact that is not confirmed opens nothing."""
    with stand.database.writing() as session:
        for login in (
            Login("phone", "+70001000001"),
            Login("mail", "anna@pochta.example"),
            Login("snils", "00010010110"),
        ):
            found = people.find_by_login(session, login)
            assert found is not None
            assert found.persona == "anna"
        assert people.find_by_login(session, Login("phone", "+70001000099")) is None
        contact = session.exec(select(Contact).where(Contact.value == "anna@pochta.example")).one()
        contact.verified = False
        session.add(contact)
        session.flush()
        assert people.find_by_login(session, Login("mail", "anna@pochta.example")) is None


def test_the_list_tells_who_is_who(stand: Stand) -> None:
    """What console and control API show: the twelve, and nina's second account behind them."""
    with stand.database.reading() as session:
        cards = people.list_people(session)
        assert [card.id for card in cards] == [persona.id for persona in PERSONAS]
        anna, nina = cards[0], next(card for card in cards if card.id == "nina")
        assert (anna.short_name, anna.initials, anna.level_words) == ("Анна Лесная", "АЛ", "подтверждённая")
        assert anna.factors == ("sms",)
        assert nina.factors == ("sms", "totp", "push")
        assert anna.as_json()["phone"] == "+70001000001"
        by_oid = people.find_person(session, str(nina.oid))
        assert by_oid is not None
        assert by_oid.persona == "nina"
        for key in ("nobody", "", "9" * 30, "¹"):
            assert people.find_person(session, key) is None


def test_a_phone_shows_the_time_of_its_place(stand: Stand) -> None:
    """`docs/personas.md`: nina lives seven hours ahead of Moscow."""
    moment = datetime(2026, 11, 22, 14, 3, tzinfo=UTC)
    with stand.database.reading() as session:
        cards = {card.id: card for card in people.list_people(session)}
    assert people.local_time(cards["nina"], moment) == "00:03\u00a0(мск+7)"
    assert people.local_time(cards["anna"], moment) == "17:03\u00a0(мск)"
