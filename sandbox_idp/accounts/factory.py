"""The account factory: people that a test makes up, and changes to those that there are.

`invent` gives a believable person; whoever asks for one replaces what it cares for and hands the whole to `make`.
Numbers are counted up, so that the same calls make the same people in every stand. They lie in the training ranges,
apart from those of the personas, and the registry finds them (`docs/personas.md`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, insert
from sqlmodel import col, func, select
from stdnum import luhn
from stdnum.ru import inn as russian_inn

from foundation.database import Session
from foundation.ids import Ids
from foundation.russian import age, msk
from sandbox_idp import policy
from sandbox_idp.accounts import people, personas, ranges, seeds
from sandbox_idp.accounts.models import Address, Child, Contact, Document, Person
from sandbox_idp.accounts.regions import REGIONS
from sandbox_idp.cabinet import access
from sandbox_idp.factors import backup_codes

FIRST_OID = 1_000_300_001
PASSPORT, POLICY, BIRTH_CERTIFICATE = "RF_PASSPORT", "MDCL_PLCY", "RF_BRTH_CERT"
Unique = Literal["phone", "mail", "snils", "inn", "passport", "policy"]
_WORDS: dict[Unique, str] = {
    "phone": "Этот телефон",
    "mail": "Этот адрес почты",
    "snils": "Этот СНИЛС",
    "inn": "Этот ИНН",
    "passport": "Этот паспорт",
    "policy": "Этот полис",
}

_SURNAMES = (
    ("Ручьёва", "Ручьёв"),
    ("Луговая", "Луговой"),
    ("Соснова", "Соснов"),
    ("Туманова", "Туманов"),
    ("Заречная", "Заречный"),
    ("Родникова", "Родников"),
    ("Степная", "Степной"),
    ("Ветрова", "Ветров"),
    ("Берёзова", "Берёзов"),
    ("Морозная", "Морозный"),
    ("Камышова", "Камышов"),
)
_NAMES = {
    "F": ("Дарья", "Алина", "Вероника", "Юлия", "Татьяна", "Полина", "Ирина"),
    "M": ("Артём", "Максим", "Роман", "Денис", "Алексей", "Илья", "Степан"),
}
_PATRONYMICS = {
    "F": ("Николаевна", "Ивановна", "Андреевна", "Павловна", "Михайловна"),
    "M": ("Николаевич", "Иванович", "Андреевич", "Павлович", "Михайлович"),
}


class TakenError(Exception):
    """A number that only one person can have is somebody else's; `reason` is for whoever asked."""

    def __init__(self, what: Unique, oid: int) -> None:
        super().__init__(f"{what} of {oid}")
        self.what = what
        self.oid = oid
        self.reason = f"{_WORDS[what]} уже у другого человека: {oid}."


@dataclass(frozen=True)
class NewChild:
    """A child to be put into a profile."""

    surname: str
    name: str
    patronymic: str | None
    sex: str
    birth_date: date
    snils: str | None
    policy: str | None
    certificate: tuple[str, str] | None
    """Series and number of the birth certificate."""


@dataclass(frozen=True)
class NewPerson:
    """A person to be made; numbers in the form in which they are stored."""

    surname: str
    name: str
    patronymic: str | None
    sex: str
    birth_date: date
    level: str
    state: str
    region: str
    zone: str
    phone: str | None
    mails: tuple[str, ...]
    snils: str | None
    inn: str | None
    passport: str | None
    """Series and number, ten digits."""
    policy: str | None
    sms: bool
    totp: bool
    push: bool = False
    children: tuple[NewChild, ...] = ()


def invent(session: Session, *, today: date, level: str, sex: str | None, region: str) -> NewPerson:
    """A believable person whom nobody's numbers clash with. A simplified account has no documents."""
    number = next_oid(session) - FIRST_OID
    while _clashes(session, _numbers(number)):
        number += 1
    numbers = _numbers(number)
    kind = sex or ("F" if number % 2 else "M")
    documents = level != "simplified"
    return NewPerson(
        surname=_SURNAMES[number % len(_SURNAMES)][kind == "M"],
        name=_NAMES[kind][number % len(_NAMES[kind])],
        patronymic=_PATRONYMICS[kind][number % len(_PATRONYMICS[kind])],
        sex=kind,
        birth_date=personas.born(today, 20 + number * 7 % 50, number * 37 % 365),
        level=level,
        state="active",
        region=region,
        zone=REGIONS[region].zone,
        phone=numbers["phone"],
        mails=(numbers["mail"],),
        snils=numbers["snils"] if documents else None,
        inn=numbers["inn"] if documents else None,
        passport=numbers["passport"] if documents else None,
        policy=numbers["policy"] if documents else None,
        sms=True,
        totp=False,
    )


def invent_child(surname: str, oid: int, place: int, *, today: date, sex: str | None) -> NewChild:
    """A believable child, the `place`-th (from 1) of the parent with that surname and oid.

    It has a policy and a birth certificate, and no SNILS.
    """
    kind = sex or ("F" if place % 2 else "M")
    pair = next((pair for pair in _SURNAMES if surname in pair), (surname, surname))
    own = oid % 1_000_000 * 10 + place
    return NewChild(
        surname=pair[kind == "M"],
        name=_NAMES[kind][(own + 3) % len(_NAMES[kind])],
        patronymic=_PATRONYMICS[kind][own % len(_PATRONYMICS[kind])],
        sex=kind,
        birth_date=personas.born(today, 3 + place * 4 % 11, 60 + place),
        snils=None,
        policy=_with_luhn(f"00003{own:010d}"),
        certificate=(f"I-{_letter(surname)}У", f"{own % 333 * 3:06d}"),
    )


def next_oid(session: Session) -> int:
    """The oid that the next person made will have."""
    last = session.exec(select(func.max(Person.oid)).where(col(Person.oid) >= FIRST_OID)).one()
    return FIRST_OID if last is None else last + 1


def make(session: Session, new: NewPerson, *, password_hash: str, now: datetime, ids: Ids) -> Person:
    """Put a person in place. Raises TakenError."""
    person = Person(
        oid=next_oid(session),
        surname=new.surname,
        name=new.name,
        patronymic=new.patronymic,
        sex=new.sex,
        birth_date=new.birth_date,
        birth_place="Учебный город",
        level=new.level,
        state=new.state,
        region=new.region,
        zone=new.zone,
        password_hash=password_hash,
        created_at=now,
        updated_at=now,
    )
    session.add(person)
    session.flush()
    given = {
        name: getattr(new, name)
        for name in ("phone", "mails", "snils", "inn", "passport", "policy", "sms", "totp", "push")
    }
    change(session, person, {**given, "children": new.children}, now=now, ids=ids)
    home = {"zip_code": "000000", "region": REGIONS[new.region].name, "city": "Учебный город", "street": "Школьная"}
    session.execute(
        insert(Address), [{"person_oid": person.oid, "type": kind, "house": "1", **home} for kind in ("PRG", "PLV")]
    )
    return person


def change(session: Session, person: Person, given: Mapping[str, Any], *, now: datetime, ids: Ids) -> None:
    """Replace what is given, by the names of `NewPerson` and `password_hash`. Raises TakenError.

    Whoever is not active is signed in nowhere, and is so no more when the account is active again (S-47).
    """
    _refuse_taken(session, person.oid, given)
    for name in _COLUMNS & given.keys():
        setattr(person, name, given[name])
    for name in _FLAGS.keys() & given.keys():
        setattr(person, _FLAGS[name], given[name])
    if "totp" in given:
        _put_authenticator(session, person, on=given["totp"], now=now, ids=ids)
    _put_times(person, given, now)
    if given.get("state", "active") != "active":
        access.end_sessions(session, person.oid, now)
    person.updated_at = now
    session.add(person)
    session.flush()
    if "phone" in given:
        _put_contacts(session, person.oid, "MBT", [given["phone"]] if given["phone"] else [])
    if "mails" in given:
        _put_contacts(session, person.oid, "EML", given["mails"])
    for name, kind in (("passport", PASSPORT), ("policy", POLICY)):
        if name in given:
            _put_document(session, person, kind, given[name])
    if "children" in given:
        _put_children(session, person.oid, given["children"])


def _put_times(person: Person, given: Mapping[str, Any], now: datetime) -> None:
    """What is asked for as yes or no and kept as a moment."""
    if "push" in given:
        person.app_installed_at = (person.app_installed_at or now) if given["push"] else None
    if "restricted" in given:
        person.restricted_until = now + policy.load().unusual.restrict_for if given["restricted"] else None


_COLUMNS = frozenset(
    {"surname", "name", "patronymic", "sex", "birth_date", "level", "state", "region", "zone", "snils", "inn"}
    | {"password_hash", "must_change_password"}
)
_FLAGS = {"sms": "sms_enabled", "card": "card_linked"}
"""What is yes or no, and the column that holds it."""
CHANGEABLE = frozenset(
    {"patronymic", "level", "state", "region", "snils", "inn", "phone", "mails", "passport", "policy"}
    | {"must_change_password", "card", "restricted"}
    | set(people.FACTORS)
)
"""What a scenario may change of somebody's account, and put back (`scenarios.effects.account`)."""


def as_it_is(session: Session, person: Person, names: Iterable[str]) -> dict[str, Any]:
    """What of `CHANGEABLE` is named, as it is now, in the form that `change` takes and JSON holds."""
    return {name: _READ[name](session, person) for name in names}


def _contacts_of(kind: str) -> Callable[[Session, Person], list[str]]:
    statement = select(Contact.value).where(Contact.type == kind).order_by(col(Contact.id))
    return lambda session, person: list(session.exec(statement.where(Contact.person_oid == person.oid)))


def _document_of(kind: str) -> Callable[[Session, Person], str | None]:
    def read(session: Session, person: Person) -> str | None:
        mine = select(Document).where(Document.person_oid == person.oid, Document.type == kind)
        mine = mine.where(col(Document.verified).is_(True))
        found = session.exec(mine.order_by(col(Document.id))).first()
        return f"{found.series or ''}{found.number}" if found is not None else None

    return read


def _column(name: str) -> Callable[[Session, Person], Any]:
    return lambda _session, person: getattr(person, name)


_READ: dict[str, Callable[[Session, Person], Any]] = {
    **{name: _column(name) for name in CHANGEABLE & _COLUMNS},
    "phone": lambda session, person: next(iter(_contacts_of("MBT")(session, person)), None),
    "mails": _contacts_of("EML"),
    "passport": _document_of(PASSPORT),
    "policy": _document_of(POLICY),
    **{name: _column(column) for name, column in _FLAGS.items()},
    "restricted": lambda _session, person: person.restricted_until is not None,
    "totp": lambda _session, person: person.totp_secret is not None,
    "push": lambda _session, person: person.app_installed_at is not None,
}
"""How each of `CHANGEABLE` is read; a further one needs a line here, and one in `change`."""


def _refuse_taken(session: Session, oid: int, given: Mapping[str, Any]) -> None:
    wanted: dict[Unique, list[str]] = {
        "phone": [given["phone"]] if given.get("phone") else [],
        "mail": list(given.get("mails", ())),
    }
    for name in ("snils", "inn", "passport", "policy"):
        wanted[name] = [given[name]] if given.get(name) else []
    for what, values in wanted.items():
        for value in values:
            owner = _owner(session, what, value)
            if owner is not None and owner != oid:
                raise TakenError(what, owner)


def _owner(session: Session, what: Unique, value: str) -> int | None:
    """Whose number it is."""
    if what in ("phone", "mail"):
        contact = select(Contact.person_oid).where(Contact.type == ("MBT" if what == "phone" else "EML"))
        return session.exec(contact.where(Contact.value == value)).first()
    if what in ("snils", "inn"):
        column = Person.snils if what == "snils" else Person.inn
        return session.exec(select(Person.oid).where(column == value)).first()
    document = select(Document.person_oid).where(
        col(Document.person_oid).is_not(None),
        col(Document.verified).is_(True),  # What somebody only says of a number does not make it theirs.
    )
    if what == "passport":
        mine = document.where(Document.type == PASSPORT, Document.series == value[:4], Document.number == value[4:])
    else:
        mine = document.where(Document.type == POLICY, Document.number == value)
    return session.exec(mine).first()


def _clashes(session: Session, numbers: Mapping[Unique, str]) -> bool:
    return any(_owner(session, what, value) is not None for what, value in numbers.items())


def _numbers(number: int) -> dict[Unique, str]:
    """The numbers of the `number`-th person made, all of them found by the registry."""
    nine = f"000{210_000 + number * 3}"
    inn = f"0020{number:06d}"
    return {
        "phone": f"+70002{number:06d}",
        "mail": f"user{number + 1}@pochta.example",
        "snils": nine + ranges.snils_check_digits(nine),
        "inn": inn + russian_inn.calc_personal_check_digits(inn),
        "passport": f"0000{300_000 + number * 3}",
        "policy": _with_luhn(f"00002{number:010d}"),
    }


def _with_luhn(digits: str) -> str:
    return digits + str(luhn.calc_check_digit(digits))


def _letter(surname: str) -> str:
    first = surname[:1].upper()
    return first if "А" <= first <= "Я" else "У"


def _put_authenticator(session: Session, person: Person, *, on: bool, now: datetime, ids: Ids) -> None:
    """Whoever connects an app gets backup codes with it, and whoever gives it up has no use for them any more."""
    if on and person.totp_secret is None:
        person.totp_secret = seeds.new_totp_secret(ids)
        backup_codes.make(session, person.oid, count=policy.load().totp.backup_codes, now=now, ids=ids)
    elif not on:
        person.totp_secret = person.totp_last_step = None
        backup_codes.forget(session, person.oid)


def _put_contacts(session: Session, oid: int, kind: str, values: list[str] | tuple[str, ...]) -> None:
    session.execute(delete(Contact).where(col(Contact.person_oid) == oid, col(Contact.type) == kind))
    if values:
        rows = [{"person_oid": oid, "type": kind, "value": value, "verified": True} for value in values]
        session.execute(insert(Contact), rows)


def _put_document(session: Session, person: Person, kind: str, value: str | None) -> None:
    session.execute(delete(Document).where(col(Document.person_oid) == person.oid, col(Document.type) == kind))
    if value is None:
        return
    row: dict[str, Any] = {"person_oid": person.oid, "type": kind, "number": value, "verified": True}
    if kind == PASSPORT:
        row |= {
            "series": value[:4],
            "number": value[4:],
            "issued_on": seeds.passport_day(person.birth_date, age(person.birth_date, msk(person.updated_at).date())),
            "issued_by": personas.ISSUED_BY,
            "issuer_code": personas.ISSUER_CODE,
        }
    session.execute(insert(Document), [row])


def _put_children(session: Session, oid: int, children: tuple[NewChild, ...]) -> None:
    mine = select(Child.id).where(Child.parent_oid == oid)
    session.execute(delete(Document).where(col(Document.child_id).in_(mine)))
    session.execute(delete(Child).where(col(Child.parent_oid) == oid))
    for child in children:
        members = {
            name: getattr(child, name) for name in ("surname", "name", "patronymic", "sex", "birth_date", "snils")
        }
        made = session.execute(insert(Child).values(parent_oid=oid, **members).returning(col(Child.id))).scalar_one()
        papers: list[dict[str, Any]] = []
        if child.certificate is not None:
            registered = child.birth_date + timedelta(days=7)
            series, number = child.certificate
            papers.append(
                {"type": BIRTH_CERTIFICATE, "series": series, "number": number, "issued_on": registered}
                | {"issued_by": personas.REGISTRY_OFFICE, "act_number": number.lstrip("0"), "act_date": registered}
            )
        if child.policy is not None:
            papers.append({"type": POLICY, "number": child.policy})
        for paper in papers:
            session.execute(insert(Document), [{"child_id": made, "verified": True, **paper}])
