"""Certificates (R-045): asked for, prepared over some working days on the stand's clock, ready or refused."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from foundation.database import Session
from foundation.russian import age_words, date_long
from portal.clinic.errors import NotFoundError, StateError
from portal.clinic.values import Certificate, CertificateKind, Paper
from sandbox_idp.clinic import cards, laboratory, record, visits
from sandbox_idp.clinic.asking import Line
from sandbox_idp.clinic.holidays import after_working_days
from sandbox_idp.clinic.models import ClinicCard, ClinicCertificate, ClinicEntry
from sandbox_idp.clinic.once import lock_card, once
from sandbox_idp.clinic.region import region, short_name
from sandbox_idp.context import current_stand

FILE = Path(__file__).with_name("papers.toml")
PREPARED_AFTER = timedelta(hours=2)
"""So long after it was asked for somebody works on it."""
READY_AT = time(12)
"""On the day by which it is promised."""
RECENT = timedelta(days=366)


@dataclass(frozen=True)
class Kind:
    """A kind of certificate with what it takes."""

    value: CertificateKind
    days: int
    needs: str | None
    refusal: str
    paragraphs: tuple[str, ...]


@functools.cache
def kinds() -> Mapping[str, Kind]:
    """All kinds, by id."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {key: _kind(key, given) for key, given in data["certificates"].items()}


def ask(line: Line, card_id: str, kind_id: str, *, answers: Mapping[str, str], key: str) -> Certificate:
    """See `Papers.ask_certificate`."""
    kind = kinds().get(kind_id)
    if kind is None:
        raise NotFoundError
    kept = {name: answers.get(name, "") for name, _label in kind.value.asks}
    with current_stand().database.reading() as session:
        site = cards.known(session, card_id).site

    def do(session: Session, now: datetime) -> str:
        card = cards.known(session, card_id)
        _settle(session, card, now)
        same = _of(card_id).where(ClinicCertificate.kind == kind_id, ClinicCertificate.state == "requested")
        if session.exec(same).first() is not None:
            raise StateError
        row = ClinicCertificate(
            id=current_stand().ids.token(12),
            number=current_stand().ids.reference(),
            card_id=card_id,
            kind=kind_id,
            answers=kept,
            asked_at=now,
            ready_by=promised(card.site, now, kind.days),
        )
        session.add(row)
        session.flush()
        return row.id

    with line.asking("ask_certificate", site):
        certificate_id = once(card_id, key, f"certificate {kind_id} {sorted(kept.items())}", do, card_id=card_id)
    return _read(card_id, certificate_id)


def listed(line: Line, card_id: str) -> list[Certificate]:
    """See `Papers.certificates`."""
    line.ask("certificates")
    _settle_due(card_id)
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        cards.known(session, card_id)
        rows = _of(card_id).order_by(col(ClinicCertificate.asked_at).desc(), col(ClinicCertificate.id))
        return [_value(row, now) for row in session.exec(rows)]


def one(line: Line, card_id: str, certificate_id: str) -> Certificate:
    """See `Papers.certificate`."""
    line.ask("certificate")
    return _read(card_id, certificate_id)


def paper(line: Line, card_id: str, certificate_id: str) -> Paper:
    """See `Papers.certificate_paper`."""
    line.ask("certificate_paper")
    _settle_due(card_id)
    with current_stand().database.reading() as session:
        row = _row(session, card_id, certificate_id)
        if row.state != "ready" or row.decided_at is None:
            raise StateError
        card = cards.known(session, card_id)
        return _paper(session, row, card, row.decided_at)


def decide(session: Session, row: ClinicCertificate, now: datetime, refused_because: str = "") -> None:
    """Finish a certificate that is being prepared."""
    row.state = "refused" if refused_because else "ready"
    row.decided_at, row.refused_because = now, refused_because
    session.add(row)
    session.flush()


def promised(site: str | None, now: datetime, days: int) -> datetime:
    """Noon of the working day by which something is ready that takes so many of them."""
    zone = ZoneInfo(region().sites[site].zone if site is not None else "Europe/Moscow")
    day = after_working_days(now.astimezone(zone).date(), days)
    return datetime.combine(day, READY_AT, zone).astimezone(UTC)


def _kind(key: str, given: Mapping[str, Any]) -> Kind:
    value = CertificateKind(
        key, given["name"], given["about"], tuple((name, label) for name, label in given.get("asks", ()))
    )
    return Kind(value, given["days"], given.get("needs"), given.get("refusal", ""), tuple(given["paragraphs"]))


def _settle_due(card_id: str) -> None:
    visits.settle_due(card_id)
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        if session.exec(_due(card_id, now)).first() is None:
            return
    with stand.database.writing() as session:
        _settle(session, lock_card(session, card_id), now)


def _settle(session: Session, card: ClinicCard, now: datetime) -> None:
    """What is due is ready, or refused if the record does not have what it needs."""
    for row in session.exec(_due(card.id, now)).all():
        kind = kinds()[row.kind]
        missing = kind.needs is not None and not _has(session, card, kind.needs, row.asked_at)
        decide(session, row, row.ready_by, kind.refusal if missing else "")


def _due(card_id: str, now: datetime) -> SelectOfScalar[ClinicCertificate]:
    return _of(card_id).where(ClinicCertificate.state == "requested", col(ClinicCertificate.ready_by) <= now)


def _of(card_id: str) -> SelectOfScalar[ClinicCertificate]:
    return select(ClinicCertificate).where(ClinicCertificate.card_id == card_id)


def _has(session: Session, card: ClinicCard, needed: str, asked_at: datetime) -> bool:
    """Whether the record has what a certificate needs."""
    mine = select(ClinicEntry.id).where(ClinicEntry.card_id == card.id)
    if needed == "blood":
        mine = mine.where(ClinicEntry.kind == "results", ClinicEntry.at >= asked_at - RECENT)
        blood = mine.where(col(ClinicEntry.figures).contains(laboratory.mark("hgb"), autoescape=True))
        return session.exec(blood).first() is not None
    if needed == "diagnosis":
        return (
            session.exec(mine.where(ClinicEntry.kind == "diagnoses", ClinicEntry.state == "хронический")).first()
            is not None
        )
    return (
        session.exec(mine.where(ClinicEntry.kind == "visits", ClinicEntry.at >= asked_at - RECENT)).first() is not None
    )


def _read(card_id: str, certificate_id: str) -> Certificate:
    _settle_due(card_id)
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        return _value(_row(session, card_id, certificate_id), now)


def _row(session: Session, card_id: str, certificate_id: str) -> ClinicCertificate:
    row = session.get(ClinicCertificate, certificate_id)
    if row is None or row.card_id != card_id:
        raise NotFoundError
    return row


def _value(row: ClinicCertificate, now: datetime) -> Certificate:
    preparing = row.state == "requested" and now >= row.asked_at + PREPARED_AFTER
    return Certificate(
        id=row.id,
        number=row.number,
        card_id=row.card_id,
        kind=kinds()[row.kind].value,
        state="preparing" if preparing else row.state,  # type: ignore[arg-type]  # Only these by a constraint.
        asked_at=row.asked_at,
        ready_by=row.ready_by,
        ready_at=row.decided_at if row.state == "ready" else None,
        refused_because=row.refused_because,
    )


def _paper(session: Session, row: ClinicCertificate, card: ClinicCard, ready_at: datetime) -> Paper:
    kind = kinds()[row.kind]
    site = region().sites[card.site] if card.site is not None else next(iter(region().sites.values()))
    on = cards.local_day(ready_at, site.id)
    facts = [
        ("Пациент", " ".join(part for part in (card.surname, card.name, card.patronymic) if part)),
        ("Дата рождения", date_long(card.birth_date)),
        ("Возраст", age_words(card.birth_date, on)),
        ("Номер карты", card.number),
        *((label, row.answers[name]) for name, label in kind.value.asks if row.answers.get(name)),
    ]
    paragraphs = [*_told(session, row.kind, card, ready_at), *kind.paragraphs]
    doctor = region().select(site_id=site.id)[0].doctor
    return Paper(
        title=kind.value.name,
        number=row.number,
        on=on,
        issuer=site,
        signed_by=f"{short_name(doctor.name)}, {doctor.speciality.name}",
        facts=tuple(facts),
        paragraphs=tuple(paragraphs),
    )


def _told(session: Session, kind: str, card: ClinicCard, at: datetime) -> list[str]:
    """What of the record a certificate tells."""
    told = {"vaccinations": ("vaccinations",), "extract": ("diagnoses", "visits"), "visit": ("visits",)}.get(kind, ())
    limit = {"vaccinations": 60, "visit": 1}.get(kind, 12)
    lines = []
    for each in told:
        rows = select(ClinicEntry).where(ClinicEntry.card_id == card.id, ClinicEntry.kind == each, ClinicEntry.at <= at)
        newest = session.exec(rows.order_by(col(ClinicEntry.at).desc(), col(ClinicEntry.id)).limit(limit))
        lines += [
            f"{date_long(cards.local_day(entry.at, entry.site))}: {record.words(entry).title}." for entry in newest
        ]
    if kind == "vaccinations" and not lines:
        lines.append("Сведений о прививках нет.")
    return lines
