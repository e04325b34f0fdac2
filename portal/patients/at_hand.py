"""The patient whose request this is: read once a request, asked for by every room and by the page around every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import cast

from flask import g
from flask_login import current_user
from sqlalchemy import bindparam
from sqlmodel import col, select

from foundation import russian
from foundation.database import Session
from portal.doors import doors
from portal.patients.items import KINDS, Access, Kind, Loader, read_children, read_items
from portal.patients.models import Child, Patient, PatientItem
from portal.patients.view import Family, ItemView, family, item_view
from portal.sign_in.models import PatientSession
from portal.sign_in.sessions import Left, access_token, left
from portal.web.errors import new_reference

_PATIENT = select(Patient).where(col(Patient.id) == bindparam("patient_id"))
"""Asked with every page of a patient, so put together once."""


@dataclass(frozen=True)
class Here:
    """The patient at hand and what the session may do. What is read is read once, unless asked for anew by `read`."""

    session: PatientSession
    now: datetime

    @cached_property
    def patient(self) -> Patient:
        """Who is signed in."""
        with doors().database.reading() as session:
            return self._read_patient(session)

    @cached_property
    def acting_for(self) -> Child | None:
        """The child that the patient acts for, whether that is still allowed or not (`acting.subject` tells)."""
        if self.session.acting_for is None:
            return None
        with doors().database.reading() as session:
            return session.get(Child, self.session.acting_for)

    @cached_property
    def access(self) -> Access:
        """What the session may ask Gosuslugi for."""
        return Access(
            patient_id=self.session.patient_id,
            scopes=frozenset(self.session.scopes),
            token=access_token(),
            since=self.session.created_at,
            offers=doors().esia.offers,
        )

    def loader(self) -> Loader:
        """Fetches items for this session."""
        return Loader(
            self.access,
            database=doors().database,
            esia=doors().esia,
            now=doors().clock.now,
            ids=doors().ids,
            new_reference=new_reference,
        )

    def read(self) -> tuple[Patient, dict[Kind, PatientItem], list[Child]]:
        """Patient, items and children as they are now."""
        with doors().database.reading() as session:
            patient = self._read_patient(session)
            self.__dict__["patient"] = patient
            return patient, read_items(session, patient.id), read_children(session, patient.id)

    def _read_patient(self, session: Session) -> Patient:
        return session.exec(_PATIENT, params={"patient_id": self.session.patient_id}).one()

    def left(self) -> Left:
        """What the warning before the end of the session counts down from (U-30)."""
        return left(self.session, now=self.now, idle=doors().settings.session_idle)

    def family(self, children: list[Child]) -> Family:
        """The children whose data is shown, and those who have grown out of it."""
        return family(children, russian.msk(self.now).date(), doors().settings.child_access_until)

    def views(self, items: dict[Kind, PatientItem]) -> dict[Kind, ItemView]:
        """The items as they are shown."""
        return {kind: item_view(items[kind], kind, self.access, self.now) for kind in KINDS}


def patient_at_hand() -> Here:
    """The patient at hand; only for views that demand a sign-in. The same object for the whole request."""
    if "patient_at_hand" not in g:
        g.patient_at_hand = Here(current_user.session, doors().clock.now())
    return cast(Here, g.patient_at_hand)
