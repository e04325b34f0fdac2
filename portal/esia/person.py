"""Person data of Gosuslugi: what comes back under `/rs/prns/{oid}`, read strictly into small values.

What is absent is None and never an error (a person without a patronymic, e-mail or INN is a person); what is there in
another shape than agreed raises Malformed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from portal.esia.errors import MissingPersonName
from portal.esia.shapes import (
    boolean,
    date_or_none,
    digits_or_none,
    identifier,
    mapping,
    objects,
    text,
    text_or_none,
)

Level = Literal["simplified", "standard", "confirmed"]

POLICY = "MDCL_PLCY"
BIRTH_CERTIFICATE = "BRTH_CERT"
MAIL = ("EML", "CEM")
"""The kinds of contact that are an e-mail address, a person's own and that of the job; the others are phones."""


@dataclass(frozen=True)
class PersonData:
    """A person as Gosuslugi tells it."""

    surname: str
    name: str
    patronymic: str | None
    birth_date: date | None
    snils: str | None
    """11 digits."""
    inn: str | None
    trusted: bool

    @property
    def level(self) -> Level:
        """The level of the account, from what ESIA sends and nothing else (R-013)."""
        if self.trusted:
            return "confirmed"
        return "standard" if self.snils else "simplified"


@dataclass(frozen=True)
class Contact:
    """A way to reach the person."""

    kind: str
    """`MBT` mobile, `PHN` phone, `EML` e-mail, `CPH` and `CEM` those of the job; others are passed on as they are."""
    value: str
    verified: bool


@dataclass(frozen=True)
class Address:
    """An address: its line, and beside it what Gosuslugi does not put into the line."""

    kind: str
    """`PLV` where the person lives, `PRG` where registered."""
    text: str
    flat: str | None
    house: str | None
    postcode: str | None

    @property
    def in_full(self) -> str:
        """`г Воронеж, ул Кленовая, д. 5, кв. 12`: what is needed to find the door. A line that says it stays."""
        house = f"д. {self.house}" if self.house else ""
        flat = f"кв. {self.flat}" if self.flat else ""
        door = ", ".join(part for part in (house, flat) if part)
        return self.text if self.text.endswith(door) else f"{self.text}, {door}"


@dataclass(frozen=True)
class Document:
    """A document; of the passport the portal never asks."""

    kind: str
    number: str | None
    series: str | None
    issued_on: date | None
    expires_on: date | None
    issued_by: str | None
    record: str | None
    """Number of the civil record (birth certificate)."""
    verified: bool


@dataclass(frozen=True)
class ChildData:
    """A child of the person."""

    id: str
    """Gosuslugi's number of the child, used in the address of its documents."""
    surname: str
    name: str
    patronymic: str | None
    birth_date: date | None
    snils: str | None


def parse_person(answer: Any) -> PersonData:
    """The person; MissingPersonName without surname or name."""
    call = "person"
    item = mapping(answer, call)
    surname, name = text_or_none(item, "lastName", call), text_or_none(item, "firstName", call)
    if surname is None or name is None:
        raise MissingPersonName(call=call)
    return PersonData(
        surname=surname,
        name=name,
        patronymic=text_or_none(item, "middleName", call),
        birth_date=date_or_none(item, "birthDate", call),
        snils=digits_or_none(item, "snils", call, count=11),
        inn=digits_or_none(item, "inn", call, count=12),
        trusted=boolean(item, "trusted", call),
    )


def parse_contacts(answer: Any) -> list[Contact]:
    """Phones and e-mail addresses."""
    call = "contacts"
    return [
        Contact(
            kind=text(item, "type", call),
            value=text(item, "value", call),
            verified=text_or_none(item, "vrfStu", call) == "VERIFIED",
        )
        for item in objects(mapping(answer, call), "elements", call)
    ]


def parse_addresses(answer: Any) -> list[Address]:
    """Addresses; one without its line of text is left out, because nothing could be shown of it."""
    call = "addresses"
    found = []
    for item in objects(mapping(answer, call), "elements", call):
        line = text_or_none(item, "addressStr", call)
        if line is not None:
            found.append(
                Address(
                    kind=text(item, "type", call),
                    text=line,
                    flat=text_or_none(item, "flat", call),
                    house=text_or_none(item, "house", call),
                    postcode=text_or_none(item, "zipCode", call),
                )
            )
    return found


def parse_documents(answer: Any, call: str = "documents") -> list[Document]:
    """Documents of the person or of a child."""
    return [
        Document(
            kind=text(item, "type", call),
            number=text_or_none(item, "number", call),
            series=text_or_none(item, "series", call),
            issued_on=date_or_none(item, "issueDate", call),
            expires_on=date_or_none(item, "expiryDate", call),
            issued_by=text_or_none(item, "issuedBy", call),
            record=text_or_none(item, "actNo", call),
            verified=text_or_none(item, "vrfStu", call) == "VERIFIED",
        )
        for item in objects(mapping(answer, call), "elements", call)
    ]


def parse_children(answer: Any) -> list[ChildData]:
    """Children; a child whose name was not granted is left out, because it could not be told from another."""
    call = "children"
    found = []
    for item in objects(mapping(answer, call), "elements", call):
        surname, name = text_or_none(item, "lastName", call), text_or_none(item, "firstName", call)
        if surname is not None and name is not None:
            found.append(
                ChildData(
                    id=identifier(item, "id", call),
                    surname=surname,
                    name=name,
                    patronymic=text_or_none(item, "middleName", call),
                    birth_date=date_or_none(item, "birthDate", call),
                    snils=digits_or_none(item, "snils", call, count=11),
                )
            )
    return found


def policy_of(documents: list[Document]) -> Document | None:
    """The OMS policy among the documents. One that Gosuslugi has not verified is nobody's yet: it counts as none."""
    return next((each for each in documents if each.kind == POLICY and each.number and each.verified), None)


def birth_certificate_of(documents: list[Document]) -> Document | None:
    """The birth certificate, whichever of its kinds (RF_, FID_, OLD_) it is."""
    return next((document for document in documents if BIRTH_CERTIFICATE in document.kind), None)
