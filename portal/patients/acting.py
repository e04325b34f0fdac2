"""Whom the pages are about: the patient, or the child that the patient acts for. Asked here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from foundation.database import Session
from portal.clinic.base import Directory
from portal.clinic.values import Card, Identity
from portal.doors import doors
from portal.patients.items import read_items
from portal.patients.models import Child, Patient
from portal.patients.routes import patient_at_hand


@dataclass(frozen=True)
class Subject:
    """The person whose appointments, record and papers are shown. Read once a request."""

    patient: Patient
    """Who is signed in."""
    child: Child | None
    """Whom the patient acts for."""
    policy: str | None
    """16 digits, if it was granted and found."""

    @property
    def key(self) -> str:
        """What rows of the portal that belong to this person are kept under: the child's id, else the patient's."""
        return self.child.id if self.child is not None else self.patient.id

    @property
    def name(self) -> str:
        """`Лесная Анна Сергеевна`."""
        who = self.child or self.patient
        return " ".join(part for part in (who.surname, who.name, who.patronymic) if part)

    @property
    def identity(self) -> Identity:
        """By what a clinic finds the card."""
        who = self.child or self.patient
        return Identity(who.surname, who.name, who.patronymic, who.birth_date, who.snils, self.policy)

    @cached_property
    def card(self) -> Card:
        """The card at the clinic. CardNotFoundError, CardDuplicateError, NoAnswerError."""
        directory: Directory = doors().clinic.directory
        return directory.card(self.identity)


def subject() -> Subject:
    """Whom this page is about; only for views that demand a sign-in."""
    here = patient_at_hand()
    with doors().database.reading() as session:
        patient = session.get_one(Patient, here.session.patient_id)
        return Subject(patient, None, _policy(session, patient.id))


def _policy(session: Session, patient_id: str) -> str | None:
    item = read_items(session, patient_id)["policy"]
    number: str | None = item.data.get("number") if item.state == "loaded" else None
    return number
