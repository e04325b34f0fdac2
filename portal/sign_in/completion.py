"""Finishing a sign-in: from the return of the browser to a session, in one transaction or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from foundation.database import Session
from foundation.log import get_log
from portal.doors import Doors
from portal.esia.errors import EsiaFailed, EsiaSilent, EsiaWorks, Untrusted
from portal.esia.person import PersonData
from portal.esia.tokens import Tokens
from portal.patients.models import Patient
from portal.sign_in.models import PendingSignIn
from portal.sign_in.sessions import NewSession, end_session, open_session

log = get_log("portal.sign_in")

LONGEST_USER_AGENT = 300
_CODE = re.compile(r"[\x20-\x7e]+")


class CardMismatch(Exception):  # noqa: N818 - named after what happened
    """Gosuslugi vouches for a known patient, but with another SNILS than the stored one (S-09)."""


class CodeAbsent(Untrusted):
    """The return carries neither a code nor an error."""

    name = "no_code"


class CodeUnreadable(Untrusted):
    """What the return calls a code holds characters that no code has (RFC 6749, A.11): nobody gave it out."""

    name = "code_unreadable"


@dataclass(frozen=True)
class Return:
    """What a browser brought back from Gosuslugi; every text is a stranger's (S-16)."""

    code: str
    error: str
    error_description: str
    issuer: str | None
    address: str
    user_agent: str
    replaces: str | None
    """Row of the session this browser had until now."""


@dataclass(frozen=True)
class Opened:
    """A sign-in that ended well."""

    session_id: str
    patient: Patient
    stale: bool


def complete(doors: Doors, pending: PendingSignIn, back: Return, *, redirect_uri: str) -> Opened:
    """Open a session for whoever Gosuslugi vouches for.

    Raises what the Esia door raises, or CardMismatch; nothing is stored then.
    """
    tokens = _tokens(doors, pending, back, redirect_uri)
    person: PersonData | None = None
    try:
        person = doors.esia.person(tokens.access, tokens.subject)
    except (EsiaSilent, EsiaFailed, EsiaWorks) as error:
        # A patient whom we know opens on stored data; the id token has already said who it is.
        if not _is_known(doors, tokens):
            raise
        log.warning("person_unavailable", reason=error.reason)
    return _stored(doors, tokens, person, back)


def _tokens(doors: Doors, pending: PendingSignIn, back: Return, redirect_uri: str) -> Tokens:
    doors.esia.check_response_issuer(back.issuer)
    if back.error:
        raise doors.esia.refused(error=back.error, description=back.error_description)
    if not back.code:
        raise CodeAbsent(call="authorize")
    if _CODE.fullmatch(back.code) is None:
        raise CodeUnreadable(call="authorize")
    return doors.esia.redeem(
        code=back.code,
        redirect_uri=redirect_uri,
        started_at=pending.created_at,
        nonce=pending.nonce,
        code_verifier=pending.code_verifier,
    )


def _is_known(doors: Doors, tokens: Tokens) -> bool:
    with doors.database.reading() as session:
        return _find(session, tokens) is not None


def _find(session: Session, tokens: Tokens) -> Patient | None:
    """The patient of (issuer, subject), the only key there is (S-11)."""
    return session.exec(
        select(Patient).where(col(Patient.issuer) == tokens.issuer, col(Patient.subject) == tokens.subject)
    ).first()


def _stored(doors: Doors, tokens: Tokens, person: PersonData | None, back: Return) -> Opened:
    """Patient and session in one transaction."""

    def store() -> Opened:
        now = doors.clock.now()
        with doors.database.writing() as session:
            patient = _patient(session, doors, tokens, person, now)
            if back.replaces is not None:
                end_session(session, back.replaces, reason="replaced", now=now)
            session_id = open_session(
                session,
                NewSession(
                    patient_id=patient.id,
                    address=back.address,
                    user_agent=back.user_agent[:LONGEST_USER_AGENT],
                    sid=tokens.sid,
                    scopes=tokens.scopes,
                    access_token=tokens.access,
                    access_expires_at=tokens.access_expires_at,
                    stale=person is None,
                ),
                now=now,
                absolute=doors.settings.session_absolute,
            )
        return Opened(session_id=session_id, patient=patient, stale=person is None)

    return _once_more_on_conflict(store)


def _once_more_on_conflict(store: Callable[[], Opened]) -> Opened:
    """Two first sign-ins of one person at once meet at the unique key; the second then finds the patient."""
    try:
        return store()
    except IntegrityError:
        return store()


def _patient(session: Session, doors: Doors, tokens: Tokens, person: PersonData | None, now: datetime) -> Patient:
    """The patient, made or brought up to date; unchanged where nothing new is known."""
    patient = _find(session, tokens)
    if patient is None:
        assert person is not None, "an unknown patient is not let in without person data"
        patient = Patient(
            id=doors.ids.uuid(),
            number=f"{doors.ids.reference()}-{doors.ids.reference()[:3]}",
            issuer=tokens.issuer,
            subject=tokens.subject,
            surname=person.surname,
            name=person.name,
            level=person.level,
            person_as_of=now,
            created_at=now,
        )
    elif person is None:
        return patient
    if patient.snils and person.snils and patient.snils != person.snils:
        raise CardMismatch
    patient.surname, patient.name, patient.patronymic = person.surname, person.name, person.patronymic
    patient.birth_date, patient.inn, patient.level = person.birth_date, person.inn, person.level
    # The SNILS once told stays: it is what a later sign-in under the same subject is compared with.
    patient.snils = person.snils or patient.snils
    patient.person_as_of = now
    session.add(patient)
    session.flush()
    return patient
