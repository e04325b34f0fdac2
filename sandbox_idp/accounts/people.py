"""Finding people of a stand and naming them; what the phone page, the console and the control API say of them."""

from __future__ import annotations

import hmac
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyotp
from sqlmodel import col, select

from foundation import russian
from foundation.database import Session
from sandbox_idp.accounts.logins import Login
from sandbox_idp.accounts.models import Contact, Person
from sandbox_idp.accounts.personas import BY_ID

LEVELS = {
    "simplified": "упрощённая",
    "standard": "стандартная",
    "confirmed": "подтверждённая",
    "confirmed-signature": "подтверждённая (КЭП)",
}
"""The words for `Person.level`, as in «учётная запись: …»."""
FACTORS = ("sms", "totp", "push")
"""The second factors in the order in which they are offered."""
ACR = {"sms": "otp", "totp": "totp", "push": "push", "backup": "totp"}
"""What the tokens say of each in `acr` (S-10); a backup code stands for the app whose place it takes."""
TOTP_STEP = 30
"""Seconds that a code of the authenticator app is shown (RFC 6238)."""
SKEW_REACH = 20
"""How many steps away a code is still recognised as that of a clock that is wrong: ten minutes. It is not accepted."""


@dataclass(frozen=True)
class PersonCard:
    """A person as trainers and testers see them."""

    oid: int
    id: str
    """`anna`, or the oid of somebody who is not one of the twelve."""
    surname: str
    name: str
    patronymic: str | None
    level: str
    state: str
    region: str
    zone: str
    phone: str | None
    mails: tuple[str, ...]
    snils: str | None
    factors: tuple[str, ...]
    """Some of `FACTORS`, in that order."""

    @property
    def short_name(self) -> str:
        """`Анна Лесная`."""
        return f"{self.name} {self.surname}"

    @property
    def initials(self) -> str:
        """`АЛ`."""
        return self.name[:1] + self.surname[:1]

    @property
    def level_words(self) -> str:
        """`подтверждённая`."""
        return LEVELS[self.level]

    @property
    def genitive(self) -> str | None:
        """`Анны Лесной`, where it is known."""
        persona = BY_ID.get(self.id)
        return persona.genitive if persona and (persona.name, persona.surname) == (self.name, self.surname) else None

    @property
    def note(self) -> str:
        """`вторая учётная запись`, where there are two of one name."""
        persona = BY_ID.get(self.id)
        return persona.note if persona else ""

    def as_json(self) -> dict[str, Any]:
        """The card for the control API."""
        return {**asdict(self), "mails": list(self.mails), "factors": list(self.factors)}


@dataclass(frozen=True)
class TotpNow:
    """What an authenticator app shows at a moment."""

    code: str
    seconds_left: int


def find_by_login(session: Session, login: Login) -> Person | None:
    """The person who may sign in with `login`: a confirmed phone or address, or the SNILS. Deleted ones are unknown."""
    if login.kind == "snils":
        statement = select(Person).where(Person.snils == login.value)
    else:
        statement = (
            select(Person)
            .join(Contact, col(Contact.person_oid) == col(Person.oid))
            .where(
                Contact.type == ("MBT" if login.kind == "phone" else "EML"),
                Contact.value == login.value,
                col(Contact.verified).is_(True),
            )
        )
    return session.exec(statement.where(Person.state != "deleted")).first()


def logins_of(session: Session, person: Person) -> list[Login]:
    """Everything that this person may type as a login."""
    found = session.exec(select(Contact).where(Contact.person_oid == person.oid, col(Contact.verified).is_(True)))
    logins = [Login("phone" if each.type == "MBT" else "mail", each.value) for each in found]
    return [*logins, *([Login("snils", person.snils)] if person.snils else [])]


def find_person(session: Session, key: str) -> Person | None:
    """The person of that persona id (`anna`) or oid."""
    if key.isascii() and key.isdigit() and len(key) <= 18:
        return session.get(Person, int(key))
    return session.exec(select(Person).where(Person.persona == key)).first()


def confirmed_phone(session: Session, oid: int) -> str | None:
    """The mobile phone that codes are sent to."""
    return session.exec(
        select(Contact.value)
        .where(Contact.person_oid == oid, Contact.type == "MBT", col(Contact.verified).is_(True))
        .order_by(col(Contact.id))
    ).first()


def confirmed_mail(session: Session, oid: int) -> str | None:
    """The address that letters are sent to."""
    return session.exec(
        select(Contact.value)
        .where(Contact.person_oid == oid, Contact.type == "EML", col(Contact.verified).is_(True))
        .order_by(col(Contact.id))
    ).first()


def has_account_with_snils(session: Session, person: Person) -> bool:
    """Whether somebody without a SNILS goes by the name and birth date of another account that has one."""
    if person.snils is not None:
        return False
    same = select(Person.oid).where(
        Person.surname == person.surname,
        Person.name == person.name,
        Person.patronymic == person.patronymic,
        Person.birth_date == person.birth_date,
        Person.state == "active",
    )
    return session.exec(same.where(col(Person.snils).is_not(None), Person.oid != person.oid)).first() is not None


def factors_of(person: Person) -> tuple[str, ...]:
    """The second factors that are switched on, in the order in which they are offered."""
    on = {"sms": person.sms_enabled, "totp": bool(person.totp_secret), "push": person.app_installed_at is not None}
    return tuple(name for name in FACTORS if on[name])


def usable_factors(session: Session, person: Person) -> tuple[str, ...]:
    """Those of them that can be used now: SMS needs a confirmed phone."""
    factors = factors_of(person)
    if "sms" in factors and confirmed_phone(session, person.oid) is None:
        return tuple(name for name in factors if name != "sms")
    return factors


def list_people(session: Session) -> list[PersonCard]:
    """Everybody with an account in this stand, the twelve first."""
    contacts: dict[int, list[Contact]] = {}
    for contact in session.exec(select(Contact).order_by(col(Contact.id))):
        contacts.setdefault(contact.person_oid, []).append(contact)
    people = session.exec(select(Person).order_by(col(Person.oid)))
    return [card_of(person, contacts.get(person.oid, [])) for person in people]


def card_of(person: Person, contacts: list[Contact]) -> PersonCard:
    """The card of one person, whose contacts have been read."""
    return PersonCard(
        oid=person.oid,
        id=person.persona or str(person.oid),
        surname=person.surname,
        name=person.name,
        patronymic=person.patronymic,
        level=person.level,
        state=person.state,
        region=person.region,
        zone=person.zone,
        phone=next((contact.value for contact in contacts if contact.type == "MBT"), None),
        mails=tuple(contact.value for contact in contacts if contact.type == "EML"),
        snils=person.snils,
        factors=factors_of(person),
    )


def short_name(person: Person) -> str:
    """`Анна Л.`: who a living session belongs to, for whoever sits at the computer (S-26)."""
    return f"{person.name} {person.surname[:1]}."


def full_name(person: Person) -> str:
    """`Лесная Анна Сергеевна`."""
    return " ".join(part for part in (person.surname, person.name, person.patronymic) if part)


def level_words(person: Person) -> str:
    """`подтверждённая`."""
    return LEVELS[person.level]


def totp_now(person: Person, now: datetime) -> TotpNow | None:
    """What the person's authenticator app shows at `now` of the stand's clock; None without an app."""
    return totp_of(person.totp_secret, now) if person.totp_secret else None


def totp_of(secret: str, now: datetime) -> TotpNow:
    """What an app with that secret shows."""
    code = pyotp.TOTP(secret, interval=TOTP_STEP).at(now)
    return TotpNow(code, TOTP_STEP - int(now.timestamp()) % TOTP_STEP)


def step_number(now: datetime) -> int:
    """The number of the time step at `now` (RFC 6238, T)."""
    return int(now.timestamp()) // TOTP_STEP


def totp_step(secret: str | None, code: str, now: datetime, *, reach: int) -> int | None:
    """The number of the time step that `code` belongs to, at most `reach` steps from `now`; None if to none of them.

    The nearest step wins. Codes are compared in constant time.
    """
    if not secret or not code.isascii():
        return None
    totp = pyotp.TOTP(secret, interval=TOTP_STEP)
    here = step_number(now)
    found = None
    for distance in range(reach, -1, -1):
        for step in (here + distance, here - distance):
            if hmac.compare_digest(totp.generate_otp(step), code):
                found = step
    return found


def local_time(person: PersonCard, now: datetime) -> str:
    """The time on the person's own clock with its distance from Moscow: `21:03 (мск+7)`."""
    local, moscow = now.astimezone(ZoneInfo(person.zone)), russian.msk(now)
    ahead = local.replace(tzinfo=None) - moscow.replace(tzinfo=None)
    hours = round(ahead.total_seconds() / 3600)
    return f"{local:%H:%M}{russian.NBSP}(мск{f'{hours:+d}' if hours else ''})"
