"""People of a stand over the control API: who there is, an account factory, and what an authenticator shows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from foundation.database import Session
from foundation.russian import msk
from sandbox_idp.accounts import factory, passwords, people
from sandbox_idp.accounts.factory import NewChild
from sandbox_idp.accounts.models import Child, Contact, Document, Person
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.context import Stand
from sandbox_idp.control.calls import Answer, Calls, PersonKey
from sandbox_idp.control.changes import note_change
from sandbox_idp.control.person_bodies import ChildBody, Factor, Gender, Level, PersonBody, State
from sandbox_idp.control.problems import ProblemError, Wrong, invalid, pointer
from sandbox_idp.scenarios.models import StandState

calls = Calls("people")

_REFUSES = (
    *((409, f"{what}-taken") for what in ("phone", "mail", "snils", "inn", "passport", "policy")),
    (409, "taken-meanwhile"),
    (503, "busy"),
)
_FIELDS = {"mail": "mails"}
_COLUMNS = {"gender": "sex"}


class PersonAnswer(Answer):
    """A person as testers see them."""

    oid: int
    id: str
    """A persona, or the oid of somebody who is none."""
    surname: str
    name: str
    patronymic: str | None
    level: Level
    state: State
    region: str
    zone: str
    phone: str | None
    mails: list[str]
    snils: str | None
    factors: list[Factor]
    """The second factors that are switched on, in the order in which they are offered."""


class PeopleAnswer(Answer):
    """Everybody with an account in the stand."""

    people: list[PersonAnswer]


class CertificateAnswer(Answer):
    """A birth certificate."""

    series: str
    number: str


class ChildAnswer(Answer):
    """A child in a person's profile."""

    id: int
    surname: str
    name: str
    patronymic: str | None
    gender: Gender
    birth_date: date
    snils: str | None
    policy: str | None
    birth_certificate: CertificateAnswer | None


class WholePersonAnswer(PersonAnswer):
    """A person with everything that a test signs in with or looks for."""

    gender: Gender
    birth_date: date
    inn: str | None
    passport: str | None
    """Series and number together."""
    policy: str | None
    children: list[ChildAnswer]
    login: str | None
    """What to type as login: the phone, else an address, else the SNILS."""
    password: str | None
    """The password that this very call set."""
    totp_secret: str | None
    """Base32, for any authenticator app."""


class TotpAnswer(Answer):
    """What an authenticator app shows."""

    code: str
    seconds_left: int


@calls.get("/people")
def list_people(stand: Stand) -> PeopleAnswer:
    """Everybody with an account in the stand."""
    with stand.database.reading() as session:
        cards = people.list_people(session)
    return PeopleAnswer(people=[PersonAnswer.model_validate(asdict(card)) for card in cards])


@calls.post("/people", status=201, refuses=_REFUSES)
def create_person(stand: Stand, body: PersonBody) -> WholePersonAnswer:
    """Make a person up, with what the body says; not idempotent, each call makes another one."""
    password = body.password if body.has("password") else PASSWORD
    password_hash = _hash(password)
    now = stand.clock.now()
    today = msk(now).date()
    with _changing(stand) as session:
        invented = factory.invent(
            session,
            today=today,
            level=body.level,
            sex=body.gender if body.has("gender") else None,
            region=body.region,
        )
        given = _given(body)
        if invented.phone is not None and given.get("phone", "") is None:
            # Without a phone there is nowhere to send a code to.
            given = {"sms": False, "totp": True, **given}
        surname = given.get("surname", invented.surname)
        new = replace(invented, **given, children=_children(body, surname, factory.next_oid(session), today))
        _check(new.phone, (*new.mails, new.snils), sms=new.sms)
        _check_days(body, today)
        made = factory.make(session, new, password_hash=password_hash, now=now, ids=stand.ids)
        note_change(stand, session, "person-made", person_oid=made.oid)
        return _whole(session, made, password)


@calls.patch("/people/{person}", refuses=((404, "unknown-person"), *_REFUSES))
def change_person(stand: Stand, person: PersonKey, body: PersonBody) -> WholePersonAnswer:
    """Change what the body says of a person, a persona or another one; repeating it changes nothing more."""
    password = body.password if body.has("password") else None
    given = _given(body)
    if password is not None:
        given["password_hash"] = _hash(password)
    now = stand.clock.now()
    today = msk(now).date()
    with _changing(stand) as session:
        found = known(session, person)
        before = _whole(session, found, None)
        if body.has("children"):
            given["children"] = _children(body, given.get("surname", found.surname), found.oid, today)
        logins = (*given.get("mails", before.mails), given.get("snils", before.snils))
        _check(given.get("phone", before.phone), logins, sms=given.get("sms", found.sms_enabled))
        _check_days(body, today)
        factory.change(session, found, given, now=now, ids=stand.ids)
        note_change(stand, session, "person-changed", person_oid=found.oid, fields=sorted(body.model_fields_set))
        return _whole(session, found, password)


@calls.delete("/people/{person}", status=204, refuses=((404, "unknown-person"),))
def delete_person(stand: Stand, person: PersonKey) -> None:
    """Close an account, as its owner would; repeating it changes nothing.

    Its numbers stay taken, so that `PATCH {"state": "active"}` can bring it back.
    """
    with _changing(stand) as session:
        found = known(session, person)
        if found.state != "deleted":
            factory.change(session, found, {"state": "deleted"}, now=stand.clock.now(), ids=stand.ids)
            note_change(stand, session, "person-closed", person_oid=found.oid)


@calls.get("/people/{person}/totp", refuses=((404, "unknown-person"), (404, "no-authenticator")))
def read_totp(stand: Stand, person: PersonKey) -> TotpAnswer:
    """What the person's authenticator app shows now, by the stand's clock."""
    with stand.database.reading() as session:
        found = known(session, person)
    shown = people.totp_now(found, stand.clock.now())
    if shown is None:
        raise ProblemError(404, "no-authenticator", "У этого человека не подключено приложение с кодами.")
    return TotpAnswer(code=shown.code, seconds_left=shown.seconds_left)


def known(session: Session, key: str) -> Person:
    """The person of that persona or oid. Raises ProblemError."""
    found = people.find_person(session, key)
    if found is None:
        raise ProblemError(404, "unknown-person", f"В стенде нет человека «{key}».")
    return found


@contextlib.contextmanager
def _changing(stand: Stand) -> Iterator[Session]:
    """A transaction that no other call of the factory runs beside, with its refusals turned into problems."""
    try:
        with stand.database.writing() as session:
            session.get_one(StandState, 1, with_for_update=True)
            yield session
    except factory.TakenError as taken:
        field = pointer(_FIELDS.get(taken.what, taken.what))
        raise ProblemError(409, f"{taken.what}-taken", taken.reason, [Wrong(field, taken.reason)]) from None
    except IntegrityError:
        raise ProblemError(409, "taken-meanwhile", "Кто-то занял этот номер только что: повторите запрос.") from None


def _hash(password: str) -> str:
    """Outside of the transaction, because it takes its time."""
    try:
        return passwords.hash_password(password)
    except passwords.HashingBusyError:
        raise ProblemError(503, "busy", "Слишком много паролей проверяется сразу: повторите запрос.") from None


def _given(body: PersonBody) -> dict[str, Any]:
    """What was sent, by the names of the factory; children and password are the caller's matter."""
    given: dict[str, Any] = {
        _COLUMNS.get(name, name): getattr(body, name)
        for name in body.model_fields_set
        if name not in ("password", "children", "factors", "mails")
    }
    if body.has("mails"):
        given["mails"] = tuple(body.mails)
    if body.has("factors"):
        given |= {factor: factor in body.factors for factor in people.FACTORS}
    return given


def _children(body: PersonBody, surname: str, oid: int, today: date) -> tuple[NewChild, ...]:
    return tuple(_child(child, surname, oid, place, today) for place, child in enumerate(body.children, start=1))


def _child(body: ChildBody, surname: str, oid: int, place: int, today: date) -> NewChild:
    sex = body.gender if body.has("gender") else None
    given = {
        _COLUMNS.get(name, name): getattr(body, name)
        for name in body.model_fields_set
        if name not in ("gender", "birth_certificate")
    }
    if body.has("birth_certificate"):
        given["certificate"] = body.birth_certificate.stored() if body.birth_certificate else None
    return replace(factory.invent_child(surname, oid, place, today=today, sex=sex), **given)


def _check(phone: str | None, others: tuple[str | None, ...], *, sms: bool) -> None:
    """Somebody who can type no login is no account, and a code needs a phone."""
    if phone is None and not any(others):
        raise invalid([Wrong("", "Нужен хотя бы один логин: phone, mails или snils.")])
    if phone is None and sms:
        raise invalid([Wrong("/factors", "Второму подтверждению по SMS нужен телефон.")])


def _check_days(body: PersonBody, today: date) -> None:
    """Nobody is born tomorrow."""
    days = [("/birth_date", body.birth_date)]
    days += [(pointer("children", at, "birth_date"), child.birth_date) for at, child in enumerate(body.children)]
    wrong = [Wrong(where, "Дата рождения ещё не наступила.") for where, day in days if day > today]
    if wrong:
        raise invalid(wrong)


def _whole(session: Session, person: Person, password: str | None) -> WholePersonAnswer:
    contacts = session.exec(select(Contact).where(Contact.person_oid == person.oid).order_by(col(Contact.id)))
    card = people.card_of(person, list(contacts))
    children = session.exec(select(Child).where(Child.parent_oid == person.oid).order_by(col(Child.id)))
    passport = _paper(session, factory.PASSPORT, person_oid=person.oid)
    policy = _paper(session, factory.POLICY, person_oid=person.oid)
    return WholePersonAnswer.model_validate(
        {
            **asdict(card),
            "gender": person.sex,
            "birth_date": person.birth_date,
            "inn": person.inn,
            "passport": None if passport is None else f"{passport.series or ''}{passport.number}",
            "policy": None if policy is None else policy.number,
            "children": [_child_answer(session, child) for child in children],
            "login": card.phone or next(iter(card.mails), None) or card.snils,
            "password": password,
            "totp_secret": person.totp_secret,
        }
    )


def _child_answer(session: Session, child: Child) -> ChildAnswer:
    policy = _paper(session, factory.POLICY, child_id=child.id)
    certificate = _paper(session, factory.BIRTH_CERTIFICATE, child_id=child.id)
    own = ("id", "surname", "name", "patronymic", "birth_date", "snils")
    return ChildAnswer.model_validate(
        {
            **{name: getattr(child, name) for name in own},
            "gender": child.sex,
            "policy": None if policy is None else policy.number,
            "birth_certificate": certificate and {"series": certificate.series or "", "number": certificate.number},
        }
    )


def _paper(session: Session, kind: str, **owner: int) -> Document | None:
    mine = select(Document).where(Document.type == kind).filter_by(**owner).order_by(col(Document.id))
    return session.exec(mine).first()
