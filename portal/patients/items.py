"""«Загружаем ваши данные»: the items that are fetched after a sign-in, each for itself (R-003).

An item fails alone: what was known before stays, with the time it was fetched at. Which rights were granted decides
whether something is asked for at all; what was withheld is not kept either (S-66). Nothing here waits for Gosuslugi
with a transaction open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from foundation.ids import Ids
from portal.doors import Database, Esia
from portal.esia.errors import EsiaError
from portal.esia.person import MAIL, ChildData, birth_certificate_of, policy_of
from portal.patients.models import Child, Patient, PatientItem

Kind = Literal["contacts", "policy", "children", "child-documents"]

KINDS: tuple[Kind, ...] = ("contacts", "policy", "children", "child-documents")

RIGHTS: dict[Kind, tuple[frozenset[str], ...]] = {
    "contacts": (frozenset({"contacts", "addresses", "email"}),),
    "policy": (frozenset({"medical_doc"}),),
    "children": (frozenset({"kid_fullname"}),),
    "child-documents": (frozenset({"kid_fullname"}), frozenset({"kid_medical_doc", "kid_birth_cert_doc"})),
}
"""What has to be granted before the item is asked for: one right of every group (the table of rights in
`docs/requirements.md`, R-019). Documents are asked for child by child, so they need the list of children as well."""


_ITEMS = select(PatientItem).where(col(PatientItem.patient_id) == bindparam("patient_id"))
_CHILDREN = select(Child).where(col(Child.patient_id) == bindparam("patient_id"))
"""Asked with most pages, so put together once."""


@dataclass(frozen=True)
class Access:
    """What a session may ask Gosuslugi for."""

    patient_id: str
    scopes: frozenset[str]
    token: str | None
    """The access token; None when its hour is over."""
    since: datetime
    """When the session began: what was tried before that is asked for anew."""
    offers: frozenset[str] = frozenset(KINDS)
    """Items that the provider of sign-ins can be asked for at all."""

    def may(self, kind: Kind) -> bool:
        """Whether the rights that the item needs were granted."""
        return all(self.scopes & group for group in RIGHTS[kind])


@dataclass(frozen=True)
class Fetched:
    """What came back for an item."""

    state: Literal["loaded", "not-found", "failed"]
    data: dict[str, Any]
    children: list[ChildData] | None = None
    """Only for the item `children`: the rows to keep."""
    documents: dict[str, dict[str, str | None]] | None = None
    """Only for the item `child-documents`: policy and certificate by the child's number at Gosuslugi."""
    reason: str = ""


class TokenGoneError(EsiaError):
    """The hour of the access token is over: only a new sign-in gets fresh data."""

    name = "token_gone"


class ListMissingError(EsiaError):
    """The documents of children cannot be asked for while the list of children is not there."""

    name = "no_list_of_children"


def read_items(session: Session, patient_id: str) -> dict[Kind, PatientItem]:
    """Every item of the patient; one that was never asked for is loading."""
    rows = session.exec(_ITEMS, params={"patient_id": patient_id}).all()
    found = {row.kind: row for row in rows}
    return {
        kind: found.get(kind) or PatientItem(patient_id=patient_id, kind=kind, state="loading", data={})
        for kind in KINDS
    }


def read_children(session: Session, patient_id: str) -> list[Child]:
    """The patient's children, eldest first."""
    rows = session.exec(_CHILDREN, params={"patient_id": patient_id}).all()
    return sorted(rows, key=lambda child: (child.birth_date is None, child.birth_date, child.name))


def is_due(item: PatientItem, access: Access) -> bool:
    """Whether the item has yet to be asked for in this session."""
    if item.kind not in access.offers:
        return False
    return item.state == "loading" or item.tried_at is None or item.tried_at < access.since


class Loader:
    """Fetches items of one session and keeps what came back."""

    def __init__(
        self,
        access: Access,
        *,
        database: Database,
        esia: Esia,
        now: Callable[[], datetime],
        ids: Ids,
        new_reference: Callable[[str], str],
    ) -> None:
        """`new_reference` logs a reason and gives the reference under which the person can be helped."""
        self._access = access
        self._database = database
        self._esia = esia
        self._now = now
        self._ids = ids
        self._new_reference = new_reference

    def load(self, kind: Kind) -> PatientItem:
        """Ask for one item and keep the outcome; the item as it stands afterwards.

        Nothing is asked and nothing changes where the provider does not have it.
        """
        if kind not in self._access.offers:
            with self._database.reading() as session:
                return read_items(session, self._access.patient_id)[kind]
        if not self._access.may(kind):
            nothing = Fetched(
                "loaded",
                {},
                children=[] if kind == "children" else None,
                documents={} if kind == "child-documents" else None,
            )
            return self._keep(kind, "not-permitted", nothing)
        try:
            fetched = self._fetch(kind)
        except EsiaError as error:
            return self._keep(kind, "failed", Fetched("failed", {}, reason=error.reason))
        return self._keep(kind, fetched.state, fetched)

    def _fetch(self, kind: Kind) -> Fetched:
        token = self._access.token
        if token is None:
            raise TokenGoneError(call=kind)
        with self._database.reading() as session:
            subject = session.get_one(Patient, self._access.patient_id).subject
        if kind == "contacts":
            return self._contacts(token, subject)
        if kind == "policy":
            policy = policy_of(self._esia.documents(token, subject))
            if policy is None:
                return Fetched("not-found", {})
            expires = policy.expires_on.isoformat() if policy.expires_on else None
            return Fetched("loaded", {"number": policy.number, "expires_on": expires})
        if kind == "children":
            children = self._esia.children(token, subject)
            return Fetched("loaded" if children else "not-found", {"count": len(children)}, children)
        return self._child_documents(token, subject)

    def _contacts(self, token: str, subject: str) -> Fetched:
        contacts = self._esia.contacts(token, subject) if self._access.scopes & {"contacts", "email"} else []
        if "contacts" not in self._access.scopes:
            contacts = [one for one in contacts if one.kind in MAIL]
        if "email" not in self._access.scopes:
            contacts = [one for one in contacts if one.kind not in MAIL]
        addresses = self._esia.addresses(token, subject) if self._access.scopes & {"contacts", "addresses"} else []
        data = {
            "contacts": [{"kind": one.kind, "value": one.value, "verified": one.verified} for one in contacts],
            "addresses": [{"kind": one.kind, "text": one.in_full} for one in addresses],
        }
        return Fetched("loaded" if contacts or addresses else "not-found", data)

    def _child_documents(self, token: str, subject: str) -> Fetched:
        children = self._children_of_this_session()
        found: dict[str, dict[str, str | None]] = {}
        for child in children:
            documents = self._esia.child_documents(token, subject, child.esia_id)
            policy, certificate = policy_of(documents), birth_certificate_of(documents)
            number = (
                " ".join(part for part in (certificate.series, certificate.number) if part) if certificate else None
            )
            found[child.esia_id] = {
                "policy_number": policy.number if policy and "kid_medical_doc" in self._access.scopes else None,
                "certificate": number if "kid_birth_cert_doc" in self._access.scopes else None,
            }
        something = any(value for documents_of in found.values() for value in documents_of.values())
        return Fetched("loaded" if something else "not-found", {}, documents=found)

    def _children_of_this_session(self) -> list[Child]:
        """The list of children, asked for if nobody has in this session; ListMissingError if it cannot be had."""
        with self._database.reading() as session:
            item = read_items(session, self._access.patient_id)["children"]
        if is_due(item, self._access) or item.state == "failed":
            item = self.load("children")
        if item.state == "failed":
            raise ListMissingError(call="child-documents")
        with self._database.reading() as session:
            return read_children(session, self._access.patient_id)

    def _keep(self, kind: Kind, state: str, fetched: Fetched) -> PatientItem:
        reference = self._new_reference(f"item:{kind}:{fetched.reason}") if state == "failed" else None
        with self._database.writing() as session:
            # The patient's row is the lock: items of one person are kept one after the other.
            session.exec(select(Patient).where(Patient.id == self._access.patient_id).with_for_update()).one()
            item = session.get(PatientItem, (self._access.patient_id, kind))
            if item is None:
                item = PatientItem(patient_id=self._access.patient_id, kind=kind, state=state, data={})
            now = self._now()
            item.state, item.tried_at, item.reference = state, now, reference
            if state != "failed":
                item.data, item.as_of = fetched.data, None if state == "not-permitted" else now
            session.add(item)
            if fetched.children is not None:
                self._keep_children(session, fetched.children)
            if fetched.documents is not None:
                self._keep_documents(session, fetched.documents)
        return item

    def _keep_children(self, session: Session, told: list[ChildData]) -> None:
        known = {child.esia_id: child for child in read_children(session, self._access.patient_id)}
        for data in told:
            child = known.pop(data.id, None) or Child(
                id=self._ids.uuid(), patient_id=self._access.patient_id, esia_id=data.id, surname="", name=""
            )
            child.surname, child.name, child.patronymic = data.surname, data.name, data.patronymic
            child.birth_date, child.snils = data.birth_date, data.snils
            session.add(child)
        for gone in known.values():
            session.delete(gone)

    def _keep_documents(self, session: Session, told: dict[str, dict[str, str | None]]) -> None:
        for child in read_children(session, self._access.patient_id):
            documents = told.get(child.esia_id, {})
            child.policy_number, child.certificate = documents.get("policy_number"), documents.get("certificate")
            session.add(child)
