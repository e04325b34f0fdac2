"""What any medical system behind `portal.clinic` has to do: a subclass gives it a `world`, and runs these tests.

They know nothing of how it is made: what they need they look for in its directory.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Protocol

import pytest

from portal.clinic.base import Clinic
from portal.clinic.errors import (
    AgeError,
    CardNotFoundError,
    KeyReusedError,
    NotAttachedError,
    NotFoundError,
    ReferralError,
    SameSpecialityError,
    SexError,
    SlotTakenError,
    StateError,
    TooLateError,
)
from portal.clinic.values import Booking, Card, Identity, Slot, Speciality

KINDS = ("diagnoses", "visits", "results", "procedures", "prescriptions", "referrals", "vaccinations", "documents")


class Clock(Protocol):
    """The time of the medical system; it can be moved forward."""

    def now(self) -> datetime: ...

    def advance(self, by: timedelta) -> object: ...


@dataclass(frozen=True)
class World:
    """A medical system with people in it."""

    clinic: Clinic
    clock: Clock
    woman: Identity
    """A grown-up woman with a card and a record, attached to a clinic, with a referral that is valid."""
    man: Identity
    """A grown-up man with a card, attached to another clinic of her region."""
    child: Identity
    """Under 15, with a card."""
    stranger: Identity
    """Nobody has a card for this person."""


class ClinicContract:
    """The tests."""

    @pytest.fixture(autouse=True)
    def _given(self, world: World) -> None:
        self.world = world
        self.clinic = world.clinic
        self.keys = (f"key-{number}" for number in count())

    def card(self, who: Identity | None = None) -> Card:
        return self.clinic.directory.card(who or self.world.woman)

    def slots(self, card: Card, speciality: Speciality | None = None, *, days: int = 28) -> list[Slot]:
        """Free slots of the clinic that the card is attached to: of the doctor who needs neither sex nor referral."""
        now = self.world.clock.now()
        assert card.attachment is not None
        chosen = speciality or self.district(card)
        return self.clinic.bookings.slots(
            since=now + timedelta(hours=6),
            until=now + timedelta(days=days),
            site_id=card.attachment.site.id,
            speciality_id=chosen.id,
        )

    def district(self, card: Card) -> Speciality:
        """The district doctor's speciality at the card's clinic."""
        assert card.attachment is not None
        years = self.world.clock.now().year - card.birth_date.year
        fitting = [
            each
            for each in self.clinic.directory.specialities(card.attachment.site.id)
            if each.attached_only and each.since_age < years <= each.until_age
        ]
        return fitting[0]

    def booked(self, card: Card | None = None) -> Booking:
        card = card or self.card()
        return self.clinic.bookings.book(card.id, self.slots(card)[-1].id, key=next(self.keys))

    # Who and where

    def test_a_person_with_a_card_is_found(self) -> None:
        card = self.card()
        assert card.sex == "female"
        assert card.attachment is not None
        assert card.attachment.state == "attached"
        assert card.attachment.since is not None

    def test_nobody_without_a_card_is(self) -> None:
        with pytest.raises(CardNotFoundError):
            self.card(self.world.stranger)

    def test_a_number_with_another_name_opens_no_card(self) -> None:
        """R-020: right 7."""
        her, other = self.world.woman, self.world.man
        with pytest.raises(CardNotFoundError):
            self.card(Identity(other.surname, other.name, other.patronymic, None, her.snils, her.policy))

    def test_sites_are_found_by_name_region_and_code(self) -> None:
        """R-125."""
        directory = self.clinic.directory
        everything = directory.sites()
        first = everything[0]
        assert directory.sites(code=first.code) == [first] == directory.sites(text=first.name.upper())
        assert directory.sites(text="  ".join(first.name.split())) == [first], "whatever spaces somebody types"
        assert first in directory.sites(region=first.region)
        assert {site.region for site in everything} == {code for code, _name in directory.regions()}
        assert directory.sites(code="000000") == []
        assert directory.site(first.id) == first
        with pytest.raises(NotFoundError):
            directory.site("nowhere")

    def test_doctors_are_found_by_site_speciality_and_name(self) -> None:
        directory = self.clinic.directory
        site = directory.sites()[0]
        for speciality in directory.specialities(site.id):
            doctors = directory.doctors(site_id=site.id, speciality_id=speciality.id)
            assert doctors
            assert all(each.site == site and each.speciality == speciality for each in doctors)
        one = directory.doctors(site_id=site.id)[0]
        assert one in directory.doctors(text=one.name.split()[0].lower())
        assert directory.doctor(one.id) == one
        for missing in (lambda: directory.doctor("nobody"), lambda: directory.speciality("nothing")):
            with pytest.raises(NotFoundError):
                missing()

    # Slots

    def test_four_weeks_lie_ahead(self) -> None:
        free = self.slots(self.card())
        now = self.world.clock.now()
        assert [slot.start for slot in free] == sorted(slot.start for slot in free)
        assert all(now < slot.start < slot.end for slot in free)
        last = self.slots(self.card(), days=60)
        assert len({slot.id for slot in last}) == len(last)

    def test_no_more_than_asked_for(self) -> None:
        now = self.world.clock.now()
        chosen = self.district(self.card())
        few = self.clinic.bookings.slots(since=now, until=now + timedelta(days=28), speciality_id=chosen.id, limit=3)
        assert len(few) == 3

    def test_a_slot_is_found_by_its_id(self) -> None:
        slot = self.slots(self.card())[0]
        assert self.clinic.bookings.slot(slot.id) == slot

    @pytest.mark.parametrize("text", ["", "x", "a" * 13, "0" * 13, "я" * 13, "../../etc/passwd", "a" * 500])
    def test_an_id_that_nobody_gave_out_is_unknown(self, text: str) -> None:
        with pytest.raises(NotFoundError):
            self.clinic.bookings.slot(text)
        with pytest.raises(NotFoundError):
            self.clinic.bookings.book(self.card().id, text, key=next(self.keys))

    # Booking

    def test_a_booked_slot_is_free_no_more(self) -> None:
        card = self.card()
        slot = self.slots(card)[3]
        booking = self.clinic.bookings.book(card.id, slot.id, key=next(self.keys), reason="болит голова")
        assert (booking.slot, booking.state, booking.revision, booking.reason) == (slot, "booked", 0, "болит голова")
        assert booking.changeable_until < slot.start
        assert slot not in self.slots(card)
        assert self.clinic.bookings.bookings(card.id)[0] == booking == self.clinic.bookings.booking(card.id, booking.id)

    def test_the_same_key_books_once(self) -> None:
        """R-038: a lost answer is found again, and nothing is booked twice."""
        card, key = self.card(), next(self.keys)
        slot = self.slots(card)[0]
        assert self.clinic.bookings.booking_by_key(card.id, key) is None
        first = self.clinic.bookings.book(card.id, slot.id, key=key)
        assert self.clinic.bookings.book(card.id, slot.id, key=key) == first
        assert self.clinic.bookings.booking_by_key(card.id, key) == first
        assert len([each for each in self.clinic.bookings.bookings(card.id) if each.state == "booked"]) == 1

    def test_a_key_is_for_one_thing(self) -> None:
        card, key = self.card(), next(self.keys)
        first, second, *_ = self.slots(card)
        self.clinic.bookings.book(card.id, first.id, key=key)
        with pytest.raises(KeyReusedError):
            self.clinic.bookings.book(card.id, second.id, key=key)

    def test_a_key_is_the_cards_own(self) -> None:
        key = next(self.keys)
        booking = self.clinic.bookings.book(self.card().id, self.slots(self.card())[0].id, key=key)
        his = self.card(self.world.man)
        assert self.clinic.bookings.booking_by_key(his.id, key) is None
        other = self.clinic.bookings.book(his.id, self.slots(his)[0].id, key=key)
        assert other.id != booking.id

    def test_somebody_elses_slot_is_taken(self) -> None:
        booking = self.booked()
        speciality = booking.slot.doctor.speciality
        open_to_all = [each for each in self.open_specialities() if each != speciality]
        slot = self.any_slots(open_to_all[0])[0]
        self.clinic.bookings.book(self.card().id, slot.id, key=next(self.keys))
        with pytest.raises(SlotTakenError) as refused:
            self.clinic.bookings.book(self.card(self.world.man).id, slot.id, key=next(self.keys))
        nearest = refused.value.nearest
        assert nearest
        assert all(each.doctor.speciality == slot.doctor.speciality for each in nearest)
        assert [each.start for each in nearest] == sorted(each.start for each in nearest)
        assert slot not in nearest

    def test_one_appointment_of_a_speciality_at_a_time(self) -> None:
        first = self.booked()
        with pytest.raises(SameSpecialityError) as refused:
            self.booked()
        assert refused.value.existing == first
        self.clinic.bookings.cancel(first.card_id, first.id, key=next(self.keys))
        assert self.booked().id != first.id

    def test_ages(self) -> None:
        card = self.card(self.world.child)
        assert card.attachment is not None
        adults = [each for each in self.clinic.directory.specialities() if each.since_age >= 18]
        with pytest.raises(AgeError) as refused:
            self.clinic.bookings.book(card.id, self.any_slots(adults[0])[0].id, key=next(self.keys))
        assert refused.value.age < refused.value.speciality.since_age

    def test_sexes(self) -> None:
        for_women = [each for each in self.clinic.directory.specialities() if each.sex == "female"]
        slot = self.any_slots(for_women[0])[0]
        with pytest.raises(SexError):
            self.clinic.bookings.book(self.card(self.world.man).id, slot.id, key=next(self.keys))
        assert self.clinic.bookings.book(self.card().id, slot.id, key=next(self.keys)).state == "booked"

    def test_attachment(self) -> None:
        his = self.card(self.world.man)
        assert his.attachment is not None
        with pytest.raises(NotAttachedError) as refused:
            self.clinic.bookings.book(self.card().id, self.slots(his)[0].id, key=next(self.keys))
        assert refused.value.site == his.attachment.site

    def test_referrals(self) -> None:
        """With one that is valid the speciality can be booked, without one it cannot."""
        outcomes = {
            self.outcome(speciality)
            for speciality in self.clinic.directory.specialities()
            if speciality.needs_referral and speciality.since_age <= 20 and speciality.until_age > 100
        }
        assert outcomes == {"booked", "refused"}

    def outcome(self, speciality: Speciality) -> str:
        """What comes of booking the speciality without looking for a referral first."""
        try:
            self.clinic.bookings.book(self.card().id, self.any_slots(speciality)[0].id, key=next(self.keys))
        except ReferralError:
            return "refused"
        return "booked"

    # Moving and cancelling

    def test_moving_takes_the_new_slot_and_gives_up_the_old_one(self) -> None:
        booking, key = self.booked(), next(self.keys)
        card = self.card()
        target = self.slots(card)[2]
        moved = self.clinic.bookings.move(card.id, booking.id, target.id, key=key)
        assert (moved.id, moved.number, moved.slot) == (booking.id, booking.number, target)
        assert moved.revision == booking.revision + 1
        assert booking.slot in self.slots(card)[-3:] or booking.slot in self.slots(card)
        assert target not in self.slots(card)
        assert self.clinic.bookings.move(card.id, booking.id, target.id, key=key) == moved

    def test_a_move_that_is_refused_changes_nothing(self) -> None:
        open_to_all = self.open_specialities()[0]
        first, second, *_ = self.any_slots(open_to_all)
        hers = self.clinic.bookings.book(self.card().id, first.id, key=next(self.keys))
        self.clinic.bookings.book(self.card(self.world.man).id, second.id, key=next(self.keys))
        with pytest.raises(SlotTakenError):
            self.clinic.bookings.move(hers.card_id, hers.id, second.id, key=next(self.keys))
        assert self.clinic.bookings.booking(hers.card_id, hers.id) == hers

    def test_cancelling_twice_is_cancelling_once(self) -> None:
        booking = self.booked()
        for _ in range(2):
            cancelled = self.clinic.bookings.cancel(booking.card_id, booking.id, key=next(self.keys))
        assert (cancelled.state, cancelled.revision) == ("cancelled", 1)
        assert booking.slot in self.slots(self.card())
        with pytest.raises(StateError):
            self.clinic.bookings.move(booking.card_id, booking.id, self.slots(self.card())[0].id, key=next(self.keys))

    def test_it_can_be_too_late(self) -> None:
        booking = self.booked()
        target = self.slots(self.card())[-1]
        self.world.clock.advance(booking.changeable_until - self.world.clock.now() + timedelta(minutes=1))
        with pytest.raises(TooLateError) as refused:
            self.clinic.bookings.cancel(booking.card_id, booking.id, key=next(self.keys))
        assert refused.value.until == booking.changeable_until
        with pytest.raises(TooLateError):
            self.clinic.bookings.move(booking.card_id, booking.id, target.id, key=next(self.keys))
        assert self.clinic.bookings.booking(booking.card_id, booking.id).state == "booked"

    def test_an_appointment_that_is_over_is_in_the_record(self) -> None:
        """R-038: attendance."""
        booking = self.booked()
        before = self.clinic.record.counts(booking.card_id).get("visits", 0)
        self.world.clock.advance(booking.slot.end - self.world.clock.now() + timedelta(minutes=1))
        over = self.clinic.bookings.booking(booking.card_id, booking.id)
        assert over.state in ("attended", "missed")
        after = self.clinic.record.counts(booking.card_id).get("visits", 0)
        assert after == before + (over.state == "attended")
        assert self.clinic.record.counts(booking.card_id).get("visits", 0) == after
        with pytest.raises(StateError):
            self.clinic.bookings.cancel(booking.card_id, booking.id, key=next(self.keys))
        assert self.booked().id != booking.id

    def test_another_cards_appointment_is_unknown(self) -> None:
        """S-54."""
        booking, his = self.booked(), self.card(self.world.man)
        slot = self.slots(his)[0]
        for attempt in (
            lambda: self.clinic.bookings.booking(his.id, booking.id),
            lambda: self.clinic.bookings.cancel(his.id, booking.id, key=next(self.keys)),
            lambda: self.clinic.bookings.move(his.id, booking.id, slot.id, key=next(self.keys)),
        ):
            with pytest.raises(NotFoundError):
                attempt()

    # Waiting list and home visits

    def test_whoever_waits_is_offered_what_is_given_up(self) -> None:
        speciality = self.open_specialities()[0]
        slot = self.any_slots(speciality)[-1]
        his = self.card(self.world.man)
        given_up = self.clinic.bookings.book(his.id, slot.id, key=next(self.keys))
        place = self.clinic.bookings.wait(self.card().id, slot.doctor.site.id, speciality.id, key=next(self.keys))
        assert (place.place, place.state, place.offered) == (1, "waiting", None)
        again = self.clinic.bookings.wait(self.card().id, slot.doctor.site.id, speciality.id, key=next(self.keys))
        assert again.id == place.id
        self.clinic.bookings.cancel(his.id, given_up.id, key=next(self.keys))
        (offered,) = self.clinic.bookings.waiting(self.card().id)
        assert (offered.state, offered.offered) == ("offered", slot)
        assert offered.offered_until is not None
        assert self.world.clock.now() < offered.offered_until < slot.start
        with pytest.raises(SlotTakenError):
            self.clinic.bookings.book(his.id, slot.id, key=next(self.keys))
        assert self.clinic.bookings.book(self.card().id, slot.id, key=next(self.keys)).slot == slot
        assert self.clinic.bookings.waiting(self.card().id) == []

    def test_an_offer_that_nobody_takes_ends(self) -> None:
        speciality = self.open_specialities()[0]
        slot = self.any_slots(speciality)[-1]
        his = self.card(self.world.man)
        given_up = self.clinic.bookings.book(his.id, slot.id, key=next(self.keys))
        self.clinic.bookings.wait(self.card().id, slot.doctor.site.id, speciality.id, key=next(self.keys))
        self.clinic.bookings.cancel(his.id, given_up.id, key=next(self.keys))
        (offered,) = self.clinic.bookings.waiting(self.card().id)
        assert offered.offered_until is not None
        self.world.clock.advance(offered.offered_until - self.world.clock.now() + timedelta(minutes=1))
        (still,) = self.clinic.bookings.waiting(self.card().id)
        assert (still.id, still.state, still.offered) == (offered.id, "waiting", None)
        assert self.clinic.bookings.book(his.id, slot.id, key=next(self.keys)).state == "booked"

    def test_the_waiting_list_can_be_left(self) -> None:
        speciality = self.open_specialities()[0]
        site = self.any_slots(speciality)[0].doctor.site
        place = self.clinic.bookings.wait(self.card().id, site.id, speciality.id, key=next(self.keys))
        with pytest.raises(NotFoundError):
            self.clinic.bookings.stop_waiting(self.card(self.world.man).id, place.id)
        for _ in range(2):
            self.clinic.bookings.stop_waiting(self.card().id, place.id)
        assert self.clinic.bookings.waiting(self.card().id) == []

    def test_a_doctor_is_called_home_once_at_a_time(self) -> None:
        card, key = self.card(), next(self.keys)
        call = {"address": "ул. Садовая, 12", "phone": "+70001000001", "complaint": "температура"}
        visit = self.clinic.bookings.call_home(card.id, **call, key=key)
        assert self.clinic.bookings.call_home(card.id, **call, key=key) == visit
        assert (visit.state, visit.complaint) == ("accepted", "температура")
        with pytest.raises(StateError):
            self.clinic.bookings.call_home(card.id, **call, key=next(self.keys))
        with pytest.raises(NotFoundError):
            self.clinic.bookings.cancel_home_visit(self.card(self.world.man).id, visit.id)
        assert self.clinic.bookings.cancel_home_visit(card.id, visit.id).state == "cancelled"
        assert self.clinic.bookings.call_home(card.id, **call, key=next(self.keys)).id != visit.id
        self.world.clock.advance(timedelta(days=14))
        newest = self.clinic.bookings.home_visits(card.id)[0]
        assert newest.state == "visited"
        with pytest.raises(StateError):
            self.clinic.bookings.cancel_home_visit(card.id, newest.id)

    # The record

    def test_pages_of_the_record_fit_together(self) -> None:
        card = self.card()
        record = self.clinic.record
        counts = record.counts(card.id)
        assert counts
        assert all(source.answered and source.as_of for source in record.sources(card.id))
        for kind in KINDS:
            met = []
            after = None
            while True:
                page = record.entries(card.id, kind, after=after, limit=4)  # type: ignore[arg-type]  # All of RecordKind.
                met += page.items
                after = page.next
                if after is None:
                    break
            assert len(met) == len({entry.id for entry in met}) == counts.get(kind, 0)
            assert [entry.at for entry in met] == sorted((entry.at for entry in met), reverse=True)
            for entry in met[:3]:
                assert record.entry(card.id, kind, entry.id) == entry  # type: ignore[arg-type]  # The same.

    def test_another_cards_record_is_unknown(self) -> None:
        """S-54."""
        his = self.card(self.world.man)
        for kind in ("visits", "results"):
            for entry in self.clinic.record.entries(self.card().id, kind, limit=3).items:  # type: ignore[arg-type]  # Both are kinds.
                with pytest.raises(NotFoundError):
                    self.clinic.record.entry(his.id, kind, entry.id)  # type: ignore[arg-type]  # The same.
        with pytest.raises(NotFoundError):
            self.clinic.record.entries("no-such-card", "visits")

    @pytest.mark.parametrize("after", ["", "x", "AAAA", "я", "!" * 30])
    def test_a_page_that_nobody_named_is_unknown(self, after: str) -> None:
        with pytest.raises(NotFoundError):
            self.clinic.record.entries(self.card().id, "visits", after=after)

    def test_a_series_is_in_order_and_its_figures_are_in_the_results(self) -> None:
        card = self.card()
        results = self.clinic.record.entries(card.id, "results", limit=50).items
        code = results[0].measurements[0].code
        series = self.clinic.record.series(card.id, code)
        assert [point.at for point in series] == sorted(point.at for point in series)
        assert series[-1].measurement in results[0].measurements
        assert self.clinic.record.series(card.id, code, limit=1) == series[-1:]
        assert self.clinic.record.series(card.id, "no-such-test") == []

    def test_expenses_add_up(self) -> None:
        """R-043."""
        card = self.card()
        totals = self.clinic.record.expense_totals(card.id)
        assert list(totals) == sorted(totals, reverse=True)
        for year, total in totals.items():
            expenses = self.clinic.record.expenses(card.id, year)
            assert sum(each.amount for each in expenses) == total
            assert all(each.at.year == year and each.amount > 0 for each in expenses)

    def test_transfers_are_told(self) -> None:
        """R-036."""
        page = self.clinic.record.transfers(self.card().id, limit=2)
        assert page.items
        assert [each.at for each in page.items] == sorted((each.at for each in page.items), reverse=True)

    # Papers

    def test_a_certificate_is_prepared_and_ready(self) -> None:
        """R-045."""
        card, key = self.card(), next(self.keys)
        kind = self.clinic.papers.certificate_kinds()[0]
        answers = {name: "для школы" for name, _label in kind.asks}
        asked = self.clinic.papers.ask_certificate(card.id, kind.id, answers=answers, key=key)
        assert self.clinic.papers.ask_certificate(card.id, kind.id, answers=answers, key=key) == asked
        assert asked.state == "requested"
        assert asked.ready_by > self.world.clock.now()
        with pytest.raises(StateError):
            self.clinic.papers.ask_certificate(card.id, kind.id, answers=answers, key=next(self.keys))
        with pytest.raises(StateError):
            self.clinic.papers.certificate_paper(card.id, asked.id)
        self.world.clock.advance(asked.ready_by - self.world.clock.now() + timedelta(minutes=1))
        ready = self.clinic.papers.certificate(card.id, asked.id)
        assert ready.state == "ready"
        assert ready.ready_at is not None
        paper = self.clinic.papers.certificate_paper(card.id, asked.id)
        assert paper.number == asked.number
        assert paper.title == kind.name
        assert paper.facts
        assert self.clinic.papers.certificates(card.id)[0] == ready
        with pytest.raises(NotFoundError):
            self.clinic.papers.certificate(self.card(self.world.man).id, asked.id)

    def test_what_cannot_be_asked_for(self) -> None:
        with pytest.raises(NotFoundError):
            self.clinic.papers.ask_certificate(self.card().id, "no-such-paper", answers={}, key=next(self.keys))
        with pytest.raises(NotFoundError):
            self.clinic.papers.apply(self.world.woman, "attachment", "nowhere", text="", key=next(self.keys))

    def test_whoever_has_no_card_gets_one_by_attachment(self) -> None:
        who, key = self.world.stranger, next(self.keys)
        site = self.card().attachment.site  # type: ignore[union-attr]  # She is attached to one.
        application = self.clinic.papers.apply(who, "attachment", site.id, text="", key=key)
        assert self.clinic.papers.apply(who, "attachment", site.id, text="", key=key) == application
        with pytest.raises(StateError):
            self.clinic.papers.apply(who, "attachment", site.id, text="", key=next(self.keys))
        self.world.clock.advance(timedelta(days=15))
        assert self.card(who).attachment is not None
        assert self.clinic.papers.application(who, application.id).state == "granted"
        with pytest.raises(StateError):
            self.clinic.papers.withdraw(who, application.id)

    def test_an_application_can_be_withdrawn(self) -> None:
        who = self.world.stranger
        site = self.clinic.directory.sites()[0]
        application = self.clinic.papers.apply(who, "record-copy", site.id, text="за год", key=next(self.keys))
        with pytest.raises(NotFoundError):
            self.clinic.papers.withdraw(self.world.man, application.id)
        assert self.clinic.papers.withdraw(who, application.id).state == "withdrawn"
        assert self.clinic.papers.applications(who)[0].state == "withdrawn"

    def test_a_document_is_handed_in_once(self) -> None:
        card, key = self.card(), next(self.keys)
        before = self.clinic.record.counts(card.id).get("documents", 0)
        for _ in range(2):
            self.clinic.papers.hand_in(
                card.id, name="анализ.pdf", media_type="application/pdf", content=b"%PDF", key=key
            )
        assert self.clinic.record.counts(card.id)["documents"] == before + 1

    # The rest

    def test_patients_read_no_reports(self) -> None:
        """R-037."""
        assert self.clinic.reports.staff_site(self.world.woman) is None

    def test_visits_are_counted(self) -> None:
        """R-037."""
        site = self.card().attachment.site  # type: ignore[union-attr]  # She is attached to one.
        today = self.world.clock.now().date()
        counted = self.clinic.reports.visits(site.id, since=today - timedelta(days=14), until=today)
        assert counted == sorted(counted, key=lambda each: each.day)
        assert all(today - timedelta(days=14) <= each.day <= today for each in counted)
        assert sum(each.attended for each in counted) > 0

    def test_it_is_alive(self) -> None:
        assert self.clinic.is_there
        assert self.clinic.is_alive()

    def open_specialities(self) -> list[Speciality]:
        """Those that any grown-up may book."""
        return [
            each
            for each in self.clinic.directory.specialities()
            if each.since_age <= 18 and each.until_age > 100 and each.sex is None
            if not each.attached_only and not each.needs_referral
        ]

    def any_slots(self, speciality: Speciality) -> list[Slot]:
        now = self.world.clock.now()
        return self.clinic.bookings.slots(
            since=now + timedelta(days=1), until=now + timedelta(days=28), speciality_id=speciality.id, limit=40
        )
