"""What the clinic has to tell: asked for when somebody looks, at most once a minute, and passed on once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.clinic.errors import CardDuplicateError, CardNotFoundError, NoAnswerError
from portal.clinic.values import Event
from portal.doors import Doors
from portal.notifications.kinds import OF_EVENTS, PATHS
from portal.notifications.models import ClinicFeed
from portal.notifications.notify import News, tell
from portal.patients.acting import Subject

EVERY = timedelta(minutes=1)
OVERLAP = timedelta(days=1)
"""Events are asked for again that far back: what a clinic entered late is not lost, and what is known is told once."""
FIRST = timedelta(days=7)
"""How far back the first look goes."""


@dataclass(frozen=True)
class Freshness:
    """What a page says of it."""

    heard_at: datetime | None
    """When the clinic last answered; None if it never did, or if there is no clinic or no card."""
    silent: bool
    """Whether it did not answer just now."""


NOTHING = Freshness(None, silent=False)


def refresh(doors: Doors, subject: Subject, now: datetime) -> Freshness:
    """Ask the clinic for what is new of this person, unless that was done a moment ago."""
    if not doors.clinic.is_there:
        return NOTHING
    patient_id = subject.patient.id
    with doors.database.reading() as session:
        known = session.get(ClinicFeed, (patient_id, subject.key))
    heard = known.heard_at if known is not None else None
    if known is not None and not known.silent and now < known.tried_at + EVERY:
        return Freshness(heard, silent=False)
    try:
        since = heard - OVERLAP if heard is not None else now - FIRST
        events = doors.clinic.events.events(subject.card.id, since=since)
    except (CardNotFoundError, CardDuplicateError):
        return NOTHING
    except NoAnswerError:
        _note(doors, subject, heard, now, silent=True)
        return Freshness(heard, silent=True)
    for event in events:
        pass_on(doors, subject, event)
    _note(doors, subject, now, now, silent=False)
    return Freshness(now, silent=False)


def pass_on(doors: Doors, subject: Subject, event: Event | None) -> None:
    """Tell the patient of an event, once; of what was done through the portal nobody waits to hear from the clinic."""
    if event is None:
        return
    news = News(
        key=f"clinic:{subject.key}:{event.id}",
        kind=OF_EVENTS[event.kind],
        title=event.title,
        text=event.text,
        at=event.at,
        path=PATHS[event.kind].format(id=event.object_id),
        about=subject.child.name if subject.child is not None else None,
        child_id=subject.child.id if subject.child is not None else None,
    )
    tell(doors, subject.patient.id, news)


def _note(doors: Doors, subject: Subject, heard: datetime | None, now: datetime, *, silent: bool) -> None:
    with doors.database.writing() as session:
        row = session.get(ClinicFeed, (subject.patient.id, subject.key)) or ClinicFeed(
            patient_id=subject.patient.id, subject=subject.key, tried_at=now, silent=silent
        )
        row.heard_at, row.tried_at, row.silent = heard, now, silent
        session.add(row)
