"""Consents that persons gave to systems: remembered, outgrown, withdrawn (R-017, S-23, S-64)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import col, select, update

from foundation.database import Session
from foundation.ids import Ids
from sandbox_idp.accounts.models import Consent
from sandbox_idp.oauth import given_out, rights
from sandbox_idp.oauth.models import InformationSystem

Why = Literal["first", "asked-for", "grown", "changed", "expired", "revoked"]


@dataclass(frozen=True)
class Remembered:
    """Whether an earlier consent answers the request at hand."""

    scopes: list[str] | None
    """The granted ones among those asked for; None: the person must be asked."""
    why: Why = "first"
    """Why the person is asked."""


def remembered(
    session: Session, *, person_oid: int, system: InformationSystem, asked: Sequence[str], now: datetime
) -> Remembered:
    """Look for a consent of this person to this system that covers `asked`, and is neither old nor withdrawn."""
    consent = _latest(session, person_oid, system.mnemonic)
    if consent is None:
        return Remembered(None)
    if consent.revoked_at is not None:
        return Remembered(None, "revoked")
    if consent.expires_at is not None and consent.expires_at <= now:
        return Remembered(None, "expired")
    text = rights.text_hash(system, consent.asked_scopes)
    if consent.text_version != rights.TEXT_VERSION or consent.text_hash != text:
        return Remembered(None, "changed")
    if not set(asked) <= set(consent.asked_scopes):
        return Remembered(None, "grown")
    return Remembered([scope for scope in asked if scope in consent.granted_scopes])


@dataclass(frozen=True)
class Given:
    """What a person has just decided on the consent page."""

    asked: Sequence[str]
    granted: Sequence[str]
    address: str
    """Network address of the browser."""


def record(
    session: Session, *, person_oid: int, system: InformationSystem, given: Given, now: datetime, ids: Ids
) -> Consent:
    """Store a new consent; the one before it ends, so that at most one of a person and a system is in force."""
    _end(session, person_oid, system.mnemonic, now)
    consent = Consent(
        id=ids.token(16),
        person_oid=person_oid,
        system=system.mnemonic,
        asked_scopes=list(given.asked),
        granted_scopes=list(given.granted),
        text_version=rights.TEXT_VERSION,
        text_hash=rights.text_hash(system, given.asked),
        address=given.address,
        granted_at=now,
    )
    session.add(consent)
    return consent


def withdraw(session: Session, *, person_oid: int, mnemonic: str, now: datetime) -> None:
    """The person takes the consent back: access ends at once, and the next sign-in asks again (S-23)."""
    _end(session, person_oid, mnemonic, now)
    given_out.take_back(session, person_oid, now, mnemonic=mnemonic)


def _latest(session: Session, person_oid: int, mnemonic: str) -> Consent | None:
    """The one in force, else the one that ended last."""
    mine = select(Consent).where(Consent.person_oid == person_oid, Consent.system == mnemonic)
    in_force = session.exec(mine.where(col(Consent.revoked_at).is_(None))).first()
    return in_force or session.exec(mine.order_by(col(Consent.revoked_at).desc())).first()


def _end(session: Session, person_oid: int, mnemonic: str, now: datetime) -> None:
    session.exec(
        update(Consent)
        .where(
            col(Consent.person_oid) == person_oid, col(Consent.system) == mnemonic, col(Consent.revoked_at).is_(None)
        )
        .values(revoked_at=now)
    )
