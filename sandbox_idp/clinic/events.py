"""What patients are notified of: bookings, reminders, offers to those who wait, results, papers, decisions (R-039)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from portal.clinic.telling import call_of, change_of, when_and_where
from portal.clinic.values import Event
from sandbox_idp.clinic import applications, bookings, cards, home, papers, record, waiting
from sandbox_idp.clinic.asking import Line
from sandbox_idp.clinic.models import ClinicCard
from sandbox_idp.context import current_stand
from sandbox_idp.scenarios.points import ClinicDraft

REMINDED_BEFORE = timedelta(days=1)


class _Within(Line):
    """The medical system asking itself: the call of the portal was answered, so its parts are there."""

    def __init__(self) -> None:
        super().__init__(lambda: 0.0)

    def _draft(self, operation: str, *, site: str | None = None, source: str | None = None) -> ClinicDraft:
        return ClinicDraft(operation, site, source, patience=0.0)


def events(line: Line, card_id: str, *, since: datetime) -> list[Event]:
    """See `Events.events`."""
    with current_stand().database.reading() as session:
        card = cards.known(session, card_id)
    line.ask("events", card.site)
    now = current_stand().clock.now()
    found = [
        *_appointments(card_id),
        *(call_of(visit) for visit in home.listed(_Within(), card_id) if visit.state != "cancelled"),
        *_offers(card_id, now),
        *_results(card_id, since),
        *_papers(card_id),
        *_decisions(card),
    ]
    return sorted((event for event in found if since < event.at <= now), key=lambda event: event.at)


def _appointments(card_id: str) -> Iterator[Event]:
    for booking in bookings.listed(_Within(), card_id):
        change = change_of(booking)
        if change is not None:
            yield change
        at = booking.slot.start - REMINDED_BEFORE
        # Who books for tomorrow knows it: a reminder is for what was booked before.
        if booking.state == "booked" and booking.made_at < at:
            yield Event(
                f"reminder:{booking.id}:{booking.revision}",
                "appointment",
                at,
                "Завтра приём у врача",
                f"{when_and_where(booking)}. Не сможете прийти — отмените запись заранее.",
                booking.id,
            )


def _offers(card_id: str, now: datetime) -> Iterator[Event]:
    for place in waiting.listed(_Within(), card_id):
        if place.state == "offered" and place.offered is not None and place.offered_until is not None:
            yield Event(
                f"offer:{place.id}:{place.offered.id}",
                "waiting",
                min(now, place.offered_until - waiting.HELD_FOR),
                f"Освободилось время: {place.speciality.name}",
                "Вам предложили время из листа ожидания. Займите его, пока оно держится за вами.",
                place.id,
            )


def _results(card_id: str, since: datetime) -> Iterator[Event]:
    for entry in record.entries(_Within(), card_id, "results", after=None, limit=20).items:
        if entry.at > since:
            yield Event(
                f"result:{entry.id}",
                "result",
                entry.at,
                f"Готов результат: {entry.title[:1].lower()}{entry.title[1:]}",
                "Посмотрите его в карте. Что он значит, объяснит врач.",
                entry.id,
            )


def _papers(card_id: str) -> Iterator[Event]:
    for each in papers.listed(_Within(), card_id):
        if each.state == "ready" and each.ready_at is not None:
            title, text = f"Готово: {each.kind.name}", "Документ можно скачать и распечатать."
            yield Event(f"certificate:{each.id}", "certificate", each.ready_at, title, text, each.id)
        elif each.state == "refused":
            title = f"Отказано: {each.kind.name}"
            yield Event(f"certificate:{each.id}", "certificate", each.ready_by, title, each.refused_because, each.id)


def _decisions(card: ClinicCard) -> Iterator[Event]:
    for each, at in applications.decided(card):
        yield Event(
            f"application:{each.id}",
            "application",
            at,
            f"Заявление {each.number} {'одобрено' if each.state == 'granted' else 'отклонено'}",
            each.reason or "Подробности — в заявлении.",
            each.id,
        )
