"""Cards: whose an identity is, and to which clinic it is attached."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_
from sqlmodel import col, select

from foundation.database import Session
from foundation.russian import msk
from portal.clinic.errors import CardDuplicateError, CardNotFoundError, NotFoundError
from portal.clinic.values import Attachment, Card, Identity, Sex
from sandbox_idp.clinic.holidays import after_working_days
from sandbox_idp.clinic.models import ClinicApplication, ClinicCard
from sandbox_idp.clinic.region import region
from sandbox_idp.scenarios.points import ClinicDraft

PENDING_DAYS = 3
"""Working days that an attachment still takes which a scenario lets be pending."""


def find(session: Session, who: Identity) -> ClinicCard:
    """The card of that person. CardNotFoundError, CardDuplicateError.

    A card without any number (that of a newborn) is found by the whole name and the birth date.
    """
    numbers = [
        column == number
        for column, number in ((col(ClinicCard.snils), who.snils), (col(ClinicCard.policy), who.policy))
        if number
    ]
    found = list(session.exec(select(ClinicCard).where(or_(*numbers)))) if numbers else []
    if not found and who.birth_date is not None:
        unnumbered = select(ClinicCard).where(col(ClinicCard.snils).is_(None), col(ClinicCard.policy).is_(None))
        found = list(session.exec(unnumbered.where(ClinicCard.birth_date == who.birth_date)))
    fitting = [each for each in found if _agrees(each, who)]
    if not fitting:
        raise CardNotFoundError
    if len(fitting) > 1:
        raise duplicate(each.number for each in fitting)
    return fitting[0]


def duplicate(numbers: Iterable[str]) -> CardDuplicateError:
    """The error with a number by which the support desk finds both cards."""
    return CardDuplicateError(f"Д-{hashlib.sha256(' '.join(sorted(numbers)).encode()).hexdigest()[:6].upper()}")


def known(session: Session, card_id: str) -> ClinicCard:
    """The card of that id. NotFoundError."""
    found = session.get(ClinicCard, card_id)
    if found is None:
        raise NotFoundError
    return found


def value(session: Session, card: ClinicCard, draft: ClinicDraft, now: datetime) -> Card:
    """As the portal knows it; with `draft` as a scenario has it."""
    sex: Sex = "female" if card.sex == "female" else "male"
    return Card(card.id, card.number, sex, card.birth_date, _attachment(session, card, draft, now), card.insurer)


def attached_to(card: ClinicCard, draft: ClinicDraft) -> str | None:
    """The clinic that the card is attached to by now; a scenario may have it otherwise."""
    return card.site if draft.attachment == "as-is" else None


def owner(who: Identity) -> str:
    """Under what applications of somebody are kept who may have no card."""
    if who.snils:
        return f"snils:{who.snils}"
    if who.policy:
        return f"policy:{who.policy}"
    born = who.birth_date.isoformat() if who.birth_date is not None else ""
    return f"name:{_plain(who.surname)} {_plain(who.name)} {_plain(who.patronymic)} {born}"


def owners(card: ClinicCard) -> list[str]:
    """Under what applications in the name of a card can be kept."""
    who = Identity(card.surname, card.name, card.patronymic, card.birth_date, None, None)
    return [f"snils:{card.snils}", f"policy:{card.policy}", owner(who)]


def year_of(at: datetime, site: str | None) -> int:
    """The year of a moment in the clinic's calendar."""
    return local_day(at, site).year


def local_day(at: datetime, site: str | None) -> date:
    """The day of a moment in the clinic's calendar; in Moscow's without one."""
    if site is None:
        return msk(at).date()
    return at.astimezone(ZoneInfo(region().sites[site].zone)).date()


def _attachment(session: Session, card: ClinicCard, draft: ClinicDraft, now: datetime) -> Attachment | None:
    if draft.attachment != "as-is":
        if draft.attachment == "none" or card.site is None:
            return None
        decided_by = after_working_days(local_day(now, card.site), PENDING_DAYS)
        return Attachment(region().sites[card.site], "pending", None, decided_by)
    if card.site is not None:
        return Attachment(region().sites[card.site], "attached", card.attached_on, area=card.area)
    asked = select(ClinicApplication).where(
        ClinicApplication.kind == "attachment",
        ClinicApplication.state == "sent",
        col(ClinicApplication.owner).in_(owners(card)),
    )
    application = session.exec(asked).first()
    if application is None:
        return None
    decided_by = local_day(application.decided_by, application.site)
    return Attachment(region().sites[application.site], "pending", None, decided_by)


def _agrees(card: ClinicCard, who: Identity) -> bool:
    """Name and birth date, where both sides have them."""
    pairs = ((card.surname, who.surname), (card.name, who.name), (card.patronymic, who.patronymic))
    same = all(_plain(mine) == _plain(theirs) for mine, theirs in pairs if mine and theirs)
    return same and (who.birth_date is None or who.birth_date == card.birth_date)


def _plain(text: str | None) -> str:
    return (text or "").strip().casefold().replace("ё", "е")
