"""Applications (R-045): attachment to a clinic, a copy of the record; decided after some days on the stand's clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from foundation.database import Session
from foundation.russian import age, date_long
from portal.clinic.errors import CardDuplicateError, CardNotFoundError, NotFoundError, StateError
from portal.clinic.values import Application, ApplicationKind, Identity
from sandbox_idp.clinic import cards
from sandbox_idp.clinic.asking import Line
from sandbox_idp.clinic.models import ClinicApplication, ClinicCard, ClinicEntry
from sandbox_idp.clinic.once import once
from sandbox_idp.clinic.papers import promised
from sandbox_idp.clinic.region import region
from sandbox_idp.clinic.visits import entry_id
from sandbox_idp.context import current_stand

DAYS = {"attachment": 3, "record-copy": 5}
"""Working days until each kind is decided."""
CONSIDERED_AFTER = timedelta(hours=1)
ADULT = 18
CHANGED_EVERY = timedelta(days=365)
"""A clinic is changed at most once in so long."""


def apply(line: Line, who: Identity, kind: ApplicationKind, site_id: str, *, text: str, key: str) -> Application:
    """See `Papers.apply`. NotFoundError for an unknown clinic."""
    if site_id not in region().sites:
        raise NotFoundError
    owner = cards.owner(who)

    def do(session: Session, now: datetime) -> str:
        _settle(session, owner, now)
        same = _of(owner).where(ClinicApplication.kind == kind, ClinicApplication.state == "sent")
        if session.exec(same).first() is not None:
            raise StateError
        row = ClinicApplication(
            id=current_stand().ids.token(12),
            number=current_stand().ids.reference(),
            owner=owner,
            kind=kind,
            site=site_id,
            text=text,
            who=_told(who),
            made_at=now,
            decided_by=promised(site_id, now, DAYS[kind]),
        )
        session.add(row)
        session.flush()
        return row.id

    with line.asking("apply", site_id):
        application_id = once(owner, key, f"apply {kind} {site_id} {text}", do)
    return _read(owner, application_id)


def listed(line: Line, who: Identity) -> list[Application]:
    """See `Papers.applications`."""
    line.ask("applications")
    owner = cards.owner(who)
    settle_due(owner)
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        rows = _of(owner).order_by(col(ClinicApplication.made_at).desc(), col(ClinicApplication.id))
        return [_value(row, now) for row in session.exec(rows)]


def one(line: Line, who: Identity, application_id: str) -> Application:
    """See `Papers.application`."""
    line.ask("application")
    return _read(cards.owner(who), application_id)


def withdraw(line: Line, who: Identity, application_id: str) -> Application:
    """See `Papers.withdraw`; withdrawing what is withdrawn changes nothing."""
    owner = cards.owner(who)
    stand = current_stand()
    with stand.database.reading() as session:
        site = _row(session, owner, application_id).site
    settle_due(owner)
    now = stand.clock.now()
    with line.asking("withdraw", site), stand.database.writing() as session:
        row = session.get_one(ClinicApplication, application_id, with_for_update=True)
        if row.state not in ("sent", "withdrawn"):
            raise StateError
        if row.state == "sent":
            row.state, row.decided_at = "withdrawn", now
            session.add(row)
            session.flush()
        return _value(row, now)


def settle_due(owner: str) -> None:
    """Decide what is due, before somebody looks at it."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        if session.exec(_due(owner, now)).first() is None:
            return
    with stand.database.writing() as session:
        _settle(session, owner, now)


def settle_of_card(card: ClinicCard) -> None:
    """The same for whatever was asked in the name of a card."""
    for owner in cards.owners(card):
        settle_due(owner)


def decided(card: ClinicCard) -> list[tuple[Application, datetime]]:
    """What was granted or refused of all that was asked in the name of a card, each with the time of the decision."""
    settle_of_card(card)
    stand = current_stand()
    with stand.database.reading() as session:
        rows = select(ClinicApplication).where(
            col(ClinicApplication.owner).in_(cards.owners(card)),
            col(ClinicApplication.state).in_(("granted", "refused")),
        )
        now = stand.clock.now()
        return [(_value(row, now), row.decided_at) for row in session.exec(rows) if row.decided_at is not None]


def decide(session: Session, row: ClinicApplication, at: datetime, refusal: str | None) -> None:
    """Grant an application, or refuse it for a reason."""
    row.state, row.decided_at, row.reason = ("refused" if refusal else "granted"), at, refusal or ""
    session.add(row)
    session.flush()
    if refusal is None:
        who = _identity(row.who)
        card = _card(session, who)
        if row.kind == "attachment":
            _attach(session, card or _new_card(session, who, row), row, at)
        elif card is not None:
            _hand_over(session, card, row, at)


def _settle(session: Session, owner: str, now: datetime) -> None:
    for row in session.exec(_due(owner, now).with_for_update()).all():
        decide(session, row, row.decided_by, _refusal(session, row))


def _refusal(session: Session, row: ClinicApplication) -> str | None:
    """Why it has to be refused; None if it need not."""
    who = _identity(row.who)
    card = _card(session, who)
    if row.kind == "record-copy":
        return None if card is not None else f"В клинике «{region().sites[row.site].name}» нет вашей карты."
    born = card.birth_date if card is not None else who.birth_date
    return _not_for(row, born) or (_not_yet(row, card) if card is not None else None)


def _not_for(row: ClinicApplication, born: date | None) -> str | None:
    """Why the clinic cannot take that person on."""
    if not region().facts[row.site].areas:
        return "Эта поликлиника не прикрепляет пациентов: в неё приходят по направлению или по записи."
    years = age(born, cards.local_day(row.decided_by, row.site)) if born is not None else 0
    if region().sites[row.site].for_children and years >= ADULT:
        return "Детская поликлиника прикрепляет только до 18 лет. Подайте заявление в поликлинику для взрослых."
    return None


def _not_yet(row: ClinicApplication, card: ClinicCard) -> str | None:
    """Why somebody who belongs to a clinic cannot change it."""
    if card.attached_on is None or card.site is None:
        return None
    if card.site == row.site:
        return "Вы уже прикреплены к этой клинике."
    again = card.attached_on + CHANGED_EVERY
    if again > cards.local_day(row.decided_by, row.site):
        return f"Менять поликлинику можно один раз в год. Вы сможете подать заявление после {date_long(again)}."
    return None


def _attach(session: Session, card: ClinicCard, row: ClinicApplication, at: datetime) -> None:
    areas = region().facts[row.site].areas
    card.site, card.attached_on = row.site, cards.local_day(at, row.site)
    card.area = areas[0] if areas else None
    session.add(card)
    session.flush()


def _hand_over(session: Session, card: ClinicCard, row: ClinicApplication, at: datetime) -> None:
    """A copy of the record is in its documents."""
    session.add(
        ClinicEntry(
            id=entry_id(row.id, "copy"),
            card_id=card.id,
            kind="documents",
            at=at,
            year=cards.year_of(at, row.site),
            title="Копия медицинской карты",
            site=row.site,
            text=f"По заявлению {row.number}.",
            fields=[],
        )
    )
    session.flush()


def _new_card(session: Session, who: Identity, row: ClinicApplication) -> ClinicCard:
    card = ClinicCard(
        id=current_stand().ids.token(12),
        number=f"{row.site}-{row.number}",
        surname=who.surname,
        name=who.name,
        patronymic=who.patronymic,
        sex="female" if _is_woman(who) else "male",
        birth_date=who.birth_date or date(1990, 1, 1),
        snils=who.snils,
        policy=who.policy,
    )
    session.add(card)
    session.flush()
    return card


def _is_woman(who: Identity) -> bool:
    """By the patronymic, else by the surname: a registrar would look at the person."""
    if who.patronymic:
        return who.patronymic.endswith("на")
    return who.surname.endswith(("ва", "на", "ая"))


def _card(session: Session, who: Identity) -> ClinicCard | None:
    try:
        return cards.find(session, who)
    except (CardNotFoundError, CardDuplicateError):
        return None


def _told(who: Identity) -> dict[str, Any]:
    return {**vars(who), "birth_date": who.birth_date.isoformat() if who.birth_date is not None else None}


def _identity(told: dict[str, Any]) -> Identity:
    return Identity(**{**told, "birth_date": date.fromisoformat(told["birth_date"]) if told["birth_date"] else None})


def _due(owner: str, now: datetime) -> SelectOfScalar[ClinicApplication]:
    return _of(owner).where(ClinicApplication.state == "sent", col(ClinicApplication.decided_by) <= now)


def _of(owner: str) -> SelectOfScalar[ClinicApplication]:
    return select(ClinicApplication).where(ClinicApplication.owner == owner)


def _read(owner: str, application_id: str) -> Application:
    settle_due(owner)
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        return _value(_row(session, owner, application_id), now)


def _row(session: Session, owner: str, application_id: str) -> ClinicApplication:
    row = session.get(ClinicApplication, application_id)
    if row is None or row.owner != owner:
        raise NotFoundError
    return row


def _value(row: ClinicApplication, now: datetime) -> Application:
    considered = row.state == "sent" and now >= row.made_at + CONSIDERED_AFTER
    return Application(
        id=row.id,
        number=row.number,
        kind=row.kind,  # type: ignore[arg-type]  # Only these by a constraint.
        site=region().sites[row.site],
        state="considered" if considered else row.state,  # type: ignore[arg-type]  # The same.
        made_at=row.made_at,
        decided_by=cards.local_day(row.decided_by, row.site),
        reason=row.reason,
    )
