"""Whom the pages are about: the patient, or the child that the patient acts for. Asked here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import cast

from flask import g

from foundation.database import Session
from portal.clinic.base import Directory
from portal.clinic.values import Card, Identity
from portal.doors import doors
from portal.patients.at_hand import patient_at_hand
from portal.patients.items import read_items
from portal.patients.models import Child, Patient


class ActingOverError(Exception):
    """The child's data may not be shown any more: it has grown, or Gosuslugi no longer tells of it."""

    def __init__(self, child: Child | None) -> None:
        super().__init__("acting for a child is over")
        self.child = child
        """None if the child is no longer told of."""


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
    """Whom this page is about; only for views that demand a sign-in. ActingOverError, which has a page of its own."""
    if "subject" not in g:
        g.subject = _subject()
    return cast(Subject, g.subject)


def _subject() -> Subject:
    here = patient_at_hand()
    if here.session.acting_for is not None:
        child = here.acting_for
        if child is None or child.patient_id != here.session.patient_id or here.family([child]).grown:
            raise ActingOverError(child)
        return Subject(here.patient, child, child.policy_number)
    with doors().database.reading() as session:
        return Subject(here.patient, None, _policy(session, here.patient.id))


def _policy(session: Session, patient_id: str) -> str | None:
    item = read_items(session, patient_id)["policy"]
    number: str | None = item.data.get("number") if item.state == "loaded" else None
    return number
