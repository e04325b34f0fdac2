"""`/rs/…`: person data for the holder of an access token.

Slashes may be doubled or trail (quirk 10), any `Accept` will do (quirk 15), and a collection without `embed` holds
absolute addresses, which clients follow one by one (quirk 17).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from foundation.database import Session
from sandbox_idp.accounts.models import Address, Child, Contact, Document, Organisation, Person
from sandbox_idp.oauth import person_data as shape
from sandbox_idp.oauth import tokens
from sandbox_idp.oauth.disclosure import (
    CHILD_DOCUMENT_TYPES,
    CHILD_FIELDS,
    CONTACT_TYPES,
    DOCUMENT_TYPES,
    PERSON_FIELDS,
    Disclosure,
)
from sandbox_idp.oauth.models import IssuedToken

IDENTITY_DOCUMENTS = ("RF_PASSPORT", "FID_DOC")


class RestError(Exception):
    """The call is refused; `status` and a message that names no person. Never a member `error` (quirk 16)."""

    status = 400
    message = "Bad Request"


class UnauthorizedError(RestError):
    """No bearer, or one that is unknown, expired or revoked."""

    status = 401
    message = "Unauthorized"


class NotGrantedError(RestError):
    """The scope that opens this was not granted, or the data are another person's."""

    status = 403
    message = "ESIA-007019: OAuthErrorEnum.noGrants"


class NoSuchThingError(RestError):
    """Nothing lies under this address."""

    status = 404
    message = "Not Found"


@dataclass(frozen=True)
class Caller:
    """Whose token came, what it opens, and where absolute addresses begin."""

    session: Session
    token: IssuedToken
    base_url: str
    """Public address of the sandbox with the stand's prefix."""

    @property
    def oid(self) -> int:
        """The one person whose data this token opens."""
        return self.token.person_oid

    @property
    def disclosure(self) -> Disclosure:
        """What the token's scopes open."""
        return Disclosure.of(self.token.scopes)


@dataclass(frozen=True)
class Element:
    """One object of a collection: its address below `/rs` and its body."""

    path: str
    body: shape.Body


def token_of(session: Session, authorization: str | None, now: datetime) -> IssuedToken:
    """The living access token that the header carries; UnauthorizedError otherwise."""
    scheme, _, value = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not value.strip():
        raise UnauthorizedError
    row = session.get(IssuedToken, tokens.digest(value.strip()))
    if row is None or row.kind != "access" or row.revoked_at is not None or row.expires_at <= now:
        raise UnauthorizedError
    person = session.get(Person, row.person_oid)
    if person is None or person.state != "active":
        raise UnauthorizedError
    return row


def parse_embed(value: str | None) -> frozenset[str]:
    """The names in `embed=(contacts.elements,documents)`; `()` and what cannot be read give none (quirk 9)."""
    match = re.fullmatch(r"\(?([A-Za-z0-9_.,\- ]*)\)?", value or "")
    if match is None:
        return frozenset()
    names = (re.sub(r"-\d+$", "", name.strip()) for name in match.group(1).split(","))
    return frozenset(name for name in names if name)


def split_path(path: str) -> list[str]:
    """The segments of a path, with doubled and trailing slashes collapsed."""
    return [segment for segment in path.split("/") if segment]


def answer(caller: Caller, path: str, embed: frozenset[str]) -> shape.Body:
    """The JSON under `path` (below `/rs`); RestError otherwise."""
    segments = split_path(path)
    if len(segments) == 2 and segments[0] == "orgs":
        return _organisation(caller, segments[1])
    if len(segments) < 2 or segments[0] != "prns":
        raise NoSuchThingError
    if segments[1] != str(caller.oid):
        raise NotGrantedError
    rest = segments[2:]
    if not rest:
        return person(caller, embed)
    if rest[0] == "kids" and len(rest) > 2:
        return _child_documents(caller, rest, embed)
    if len(rest) > 2 or rest[0] not in LOADERS:
        raise NoSuchThingError
    return _part(caller, rest[0], rest[1:], embed)


def person(caller: Caller, embed: frozenset[str]) -> shape.Body:
    """The person object with the collections that `embed` names and the scopes open."""
    row = caller.session.get_one(Person, caller.oid)
    embedded = {}
    for name, collection in EMBEDDABLE.items():
        wanted = name in embed or f"{name}.elements" in embed
        if wanted and caller.disclosure.opens(collection):
            embedded[name] = _collection(caller, collection, LOADERS[collection](caller), f"{name}.elements" in embed)
    main = caller.session.exec(
        select(Document.id)
        .where(Document.person_oid == caller.oid, col(Document.type).in_(IDENTITY_DOCUMENTS))
        .order_by(col(Document.id))
    ).first()
    return shape.person(
        row,
        identity_document=main,
        open_fields=caller.disclosure.of_table(PERSON_FIELDS),
        embedded=embedded,
    )


def _part(caller: Caller, name: str, ids: list[str], embed: frozenset[str]) -> shape.Body:
    if not caller.disclosure.opens(name):
        raise NotGrantedError
    elements = LOADERS[name](caller)
    return _one(elements, ids[0]) if ids else _collection(caller, name, elements, "elements" in embed)


def _child_documents(caller: Caller, rest: list[str], embed: frozenset[str]) -> shape.Body:
    """`kids/{id}/docs` and `kids/{id}/docs/{id}`."""
    if rest[2] != "docs" or len(rest) > 4:
        raise NoSuchThingError
    if not caller.disclosure.opens("kids/docs"):
        raise NotGrantedError
    child = next((child for child in _children(caller) if str(child.id) == rest[1]), None)
    if child is None:
        raise NoSuchThingError
    rows = caller.session.exec(select(Document).where(Document.child_id == child.id).order_by(col(Document.id)))
    types = caller.disclosure.of_table(CHILD_DOCUMENT_TYPES)
    elements = [
        Element(f"prns/{caller.oid}/kids/{child.id}/docs/{row.id}", shape.document(row))
        for row in rows
        if row.type in types
    ]
    return _one(elements, rest[3]) if len(rest) == 4 else _collection(caller, "docs", elements, "elements" in embed)


def _organisation(caller: Caller, oid: str) -> shape.Body:
    if not caller.disclosure.opens("orgs"):
        raise NotGrantedError
    return _one(_organisations(caller), oid)


def _one(elements: Sequence[Element], element_id: str) -> shape.Body:
    for element in elements:
        if element.path.rsplit("/", 1)[1] == element_id:
            return element.body
    raise NoSuchThingError


def _collection(caller: Caller, name: str, elements: Sequence[Element], embedded: bool) -> shape.Body:
    if embedded or name == "roles":
        return shape.collection([element.body for element in elements])
    return shape.collection([f"{caller.base_url}/rs/{element.path}" for element in elements])


def _contacts(caller: Caller) -> list[Element]:
    rows = caller.session.exec(select(Contact).where(Contact.person_oid == caller.oid).order_by(col(Contact.id)))
    types = caller.disclosure.of_table(CONTACT_TYPES)
    return [Element(f"prns/{caller.oid}/ctts/{row.id}", shape.contact(row)) for row in rows if row.type in types]


def _addresses(caller: Caller) -> list[Element]:
    rows = caller.session.exec(select(Address).where(Address.person_oid == caller.oid).order_by(col(Address.id)))
    return [Element(f"prns/{caller.oid}/addrs/{row.id}", shape.address(row)) for row in rows]


def _documents(caller: Caller) -> list[Element]:
    rows = caller.session.exec(select(Document).where(Document.person_oid == caller.oid).order_by(col(Document.id)))
    types = caller.disclosure.of_table(DOCUMENT_TYPES)
    return [Element(f"prns/{caller.oid}/docs/{row.id}", shape.document(row)) for row in rows if row.type in types]


def _kids(caller: Caller) -> list[Element]:
    fields = caller.disclosure.of_table(CHILD_FIELDS)
    return [
        Element(f"prns/{caller.oid}/kids/{row.id}", shape.child(row, open_fields=fields)) for row in _children(caller)
    ]


def _children(caller: Caller) -> list[Child]:
    return list(caller.session.exec(select(Child).where(Child.parent_oid == caller.oid).order_by(col(Child.id))))


def _organisations(caller: Caller) -> list[Element]:
    return [Element(f"orgs/{row.oid}", shape.organisation(row)) for row in _memberships(caller)]


def _roles(caller: Caller) -> list[Element]:
    return [Element(f"prns/{caller.oid}/roles/{row.oid}", shape.role(row)) for row in _memberships(caller)]


def _memberships(caller: Caller) -> Sequence[Organisation]:
    mine = select(Organisation).where(Organisation.person_oid == caller.oid)
    return caller.session.exec(mine.order_by(col(Organisation.oid))).all()


def _vehicles(_caller: Caller) -> list[Element]:
    """Nobody here has a vehicle: the collection exists and is empty."""
    return []


LOADERS: dict[str, Callable[[Caller], list[Element]]] = {
    "ctts": _contacts,
    "addrs": _addresses,
    "docs": _documents,
    "kids": _kids,
    "vhls": _vehicles,
    "orgs": _organisations,
    "roles": _roles,
}

EMBEDDABLE: dict[str, str] = {
    "contacts": "ctts",
    "addresses": "addrs",
    "documents": "docs",
    "vehicles": "vhls",
    "organizations": "orgs",
    "kids": "kids",
}
"""Names in `embed` of a person, in the order of the real answer, and the collection each means."""
