"""Booking: whom to go to, when, a look at everything, and the booking itself (R-038, R-102, R-125, S-59, U-17)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from foundation import russian
from portal.appointments.refusals import NOT_MADE, OtherPersonError
from portal.appointments.room import Booker, address, asked, blueprint, page, who_books
from portal.appointments.rules import check
from portal.appointments.search import LONGEST, find, offer
from portal.appointments.times import nearest, week
from portal.clinic.errors import NoAnswerError, SameSpecialityError
from portal.clinic.telling import change_of
from portal.clinic.values import Booking, Doctor, Site, Slot, Speciality
from portal.patients.clinic_pages import SILENT
from portal.sign_in.sessions import login_required
from portal.web.errors import new_reference
from portal.web.form_keys import new_form_key, read_form_key
from portal.web.requests import wants_fragment

UNCONFIRMED = "Изменение не подтверждено."
UNKNOWN = "Неизвестно, создана ли запись."
LONGEST_REASON = 300
"""Characters of what a patient may write to the doctor beforehand."""


@blueprint.get("/appointments/new")
@login_required
def new() -> Response:
    """Whom to go to (screen `appointment-new`); once speciality or doctor is chosen, when (`appointment-times`)."""
    who = who_books()
    if asked("doctor") or asked("speciality"):
        return _times(who)
    today = _today(who)
    text, region = " ".join(request.args.get("q", "").split())[:LONGEST], asked("region")
    chosen = who.directory.site(asked("clinic")) if asked("clinic") else None
    own = who.card.attachment.site if who.card.attachment and who.card.attachment.state == "attached" else None
    searched = "q" in request.args or bool(region)
    found = find(who.directory, text, region) if searched else None
    site = chosen or (None if searched else own)
    words: dict[str, Any] = {
        "site": site,
        "own": own,
        "attachment": who.card.attachment,
        "offer": offer(who.directory, site, who.card, today) if site is not None else None,
        "text": text,
        "region": region,
        "found": found,
    }
    if wants_fragment():
        return page("search.html", who, **words, regions=who.directory.regions())
    return page("new.html", who, **words, regions=who.directory.regions())


def _today(who: Booker) -> date:
    """The day on which ages are counted: that of the place where the person lives."""
    return russian.in_zone(who.here.now, who.home_zone or "Europe/Moscow").date()


def _times(who: Booker) -> Response:
    doctor = who.directory.doctor(asked("doctor")) if asked("doctor") else None
    speciality = doctor.speciality if doctor is not None else who.directory.speciality(asked("speciality"))
    site = doctor.site if doctor is not None else who.directory.site(asked("clinic")) if asked("clinic") else None
    check(speciality, who.card, _today(who), site)
    if site is None and speciality.attached_only and who.card.attachment is not None:
        site = who.card.attachment.site
    if site is None:
        return _nearest(who, speciality)
    return times_page(who, site, speciality, doctor)


def _nearest(who: Booker, speciality: Speciality) -> Response:
    """The soonest times of a speciality, wherever they are."""

    def fetch(since: datetime, until: datetime, limit: int) -> list[Slot]:
        return who.bookings.slots(since=since, until=until, speciality_id=speciality.id, limit=limit)

    # Where nothing else is asked for, one's own region comes first: nobody goes to the other end of the country.
    own = who.card.attachment.site.region if who.card.attachment is not None else ""
    region = asked("region") if "region" in request.args else own
    found = nearest(who.here.now, fetch, region=region)
    if not found and "region" not in request.args:
        region, found = "", nearest(who.here.now, fetch)
    return page(
        "nearest.html",
        who,
        speciality=speciality,
        found=found,
        region=region,
        regions=who.directory.regions(),
        home_zone=who.home_zone,
    )


def times_page(
    who: Booker, site: Site, speciality: Speciality, doctor: Doctor | None, *, moving: Booking | None = None
) -> Response:
    """The free times of a doctor, or of a speciality in one clinic, by week and day; `moving` gets a new time."""

    def fetch(since: datetime, until: datetime, limit: int) -> list[Slot]:
        return who.bookings.slots(
            since=since,
            until=until,
            site_id=site.id,
            speciality_id=speciality.id,
            doctor_id=doctor.id if doctor is not None else "",
            limit=limit,
        )

    found = week(who.here.now, site.zone, _wanted_day(), fetch)
    held = [one for one in who.bookings.waiting(who.card.id) if (one.site, one.speciality) == (site, speciality)]
    return page(
        "times.html",
        who,
        site=site,
        speciality=speciality,
        doctor=doctor,
        week=found,
        moving=moving,
        waiting=held[0] if held else None,
        wait_key=new_form_key("wait", who.card.id, site.id, speciality.id) if found is None and not held else "",
        home_zone=who.home_zone,
        now=who.here.now,
    )


def _wanted_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None


@blueprint.get("/appointments/new/review")
@login_required
def review() -> Response:
    """«Проверьте данные» (screen `appointment-review`)."""
    who = who_books()
    slot = who.bookings.slot(asked("slot"))
    check(slot.doctor.speciality, who.card, _today(who), slot.doctor.site)
    return review_page(who, slot, key=new_form_key("book", who.card.id, slot.id))


def review_page(
    who: Booker,
    slot: Slot,
    *,
    key: str,
    moving: Booking | None = None,
    reason: str = "",
    error: str = "",
    status: int = 200,
) -> Response:
    """Everything at a glance, before anything is done."""
    person = who.subject.child or who.subject.patient
    return page(
        "review.html",
        who,
        status,
        slot=slot,
        key=key,
        moving=moving,
        birth_date=person.birth_date,
        policy=who.subject.policy,
        home_zone=who.home_zone,
        reason=reason,
        error=error,
    )


@blueprint.post("/appointments/new")
@login_required
def book() -> BaseResponse:
    """Book. The same form sent again, however often and by whatever way, is the same booking (U-17)."""
    who = who_books()
    slot_id, sent = asked("slot"), request.form.get("key", "")
    key = read_form_key(sent, "book", who.card.id, slot_id)
    if key is None:
        raise OtherPersonError
    reason = " ".join(request.form.get("reason", "").split())
    if len(reason) > LONGEST_REASON:
        short = f"Сократите текст до {LONGEST_REASON} знаков: сейчас {len(reason)}"
        return review_page(who, who.bookings.slot(slot_id), key=sent, reason=reason, error=short, status=422)
    try:
        booking = who.bookings.book(who.card.id, slot_id, key=key, reason=reason)
    except SameSpecialityError as error:
        # The way back and through the form once more is a repeat too, under another key.
        if error.existing.slot.id != slot_id:
            raise
        booking = error.existing
    except NoAnswerError as error:
        values = {"slot": slot_id, "key": sent, "reason": reason}
        try:
            found = who.bookings.booking_by_key(who.card.id, key)
        except NoAnswerError:
            return unanswered(who, error, values, "/appointments/new", outcome=UNKNOWN)
        if found is None:
            return unanswered(who, error, values, "/appointments/new", outcome=NOT_MADE)
        booking = found
    who.tell(change_of(booking))
    return redirect(address(f"/appointments/{booking.id}", done="booked"), code=303)


def unanswered(
    who: Booker, error: NoAnswerError, values: dict[str, str], action: str, *, outcome: str = UNCONFIRMED
) -> Response:
    """The clinic is silent in the middle of a change: the same form again, which does the thing once.

    `outcome` says what is known of the change; nothing more may be claimed.
    """
    return page(
        "unanswered.html",
        who,
        SILENT,
        site=error.site,
        values=values,
        action=request.root_path + action,
        making=action == "/appointments/new",
        outcome=outcome,
        reference=new_reference("clinic-no-answer"),
    )
