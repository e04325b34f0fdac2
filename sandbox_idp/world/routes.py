"""Routes of the room `world`: the stand's phones and mailboxes."""

from __future__ import annotations

import contextlib
from dataclasses import fields, replace
from datetime import timedelta
from typing import cast

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for

from foundation.database import Session
from foundation.web.qr import qr
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import Person
from sandbox_idp.accounts.people import PersonCard
from sandbox_idp.context import current_stand
from sandbox_idp.factors import answering, pushes
from sandbox_idp.factors.models import PushRequest
from sandbox_idp.scenarios import engine
from sandbox_idp.signature import issuing
from sandbox_idp.world import lessons, phones
from sandbox_idp.world.phones import Phone

blueprint = Blueprint("world", __name__)

_PAGES = ("world.phone", "world.phone_screen", "world.phone_push")
FAST = timedelta(minutes=5)
"""How far the clock of a phone can be put wrong on its authenticator page (totp-skew)."""


@blueprint.get("/phone")
def phone() -> str:
    """One person's phone and mailboxes, and the list of all phones (screen `phone`)."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        cards = phones.everybody(session)
        shown = _asked_for(session, cards)
        fresh = phones.fresh_by_person(session, cards, now)
        told = _told(session, shown)
    address = f"{stand.idp_url}/phone/screen?person={shown.chosen.id}"
    return render_template(
        "sandbox_idp/world/phone.html",
        people=cards,
        fresh=fresh,
        uses={card.oid: phones.uses(card) for card in cards},
        page="world.phone",
        told=told,
        screen_address=address,
        screen_qr=qr(address),
        pin=issuing.PIN if phones.can_get_token(shown.chosen) else None,
        has_token=phones.has_token(shown.chosen),
        specimens=phones.SPECIMENS,
        **_parts(shown),
    )


@blueprint.get("/phone/screen")
def phone_screen() -> str:
    """The same phone and nothing else, for a real one that has read the QR code (screen `phone-screen`)."""
    return _whole("phone_screen.html", "world.phone_screen")


@blueprint.get("/phone/messages")
def phone_messages() -> str | Response:
    """The phone's screen alone, for the page that asks every two seconds; as a page it is the whole phone (U-29)."""
    return _part("screen.html", "world.phone")


@blueprint.get("/phone/mail")
def phone_mail() -> str | Response:
    """The mailboxes alone."""
    return _part("mail.html", "world.phone")


@blueprint.get("/phone/push")
def phone_push() -> str | Response:
    """The mobile app: what it asks about, three numbers and «Это не я» (screen `phone-push`).

    As a part it answers 204 while nothing has changed, so that a button does not go away under somebody's finger.
    """
    if request.headers.get("HX-Request"):
        return _part("push.html", "world.phone_push", unless=request.args.get("shown"))
    return _whole("phone_push.html", "world.phone_push")


@blueprint.post("/phone/push")
def phone_push_answered() -> Response:
    """What was pressed in the app; then back to the page on which it was pressed."""
    stand = current_stand()
    now = stand.clock.now()
    pressed = request.form.get("number", "")
    with stand.database.reading() as session:
        card = phones.choose(session, people.list_people(session), request.args.get("person"))
    if card is None or not (pressed == "reject" or (pressed.isascii() and pressed.isdigit() and len(pressed) == 2)):
        abort(400)
    asked = request.form.get("request", "")
    number = None if pressed == "reject" else int(pressed)
    # Too late, or a second press: the page says what has become of it.
    with contextlib.suppress(pushes.NotWaitingError, ValueError):
        answering.press(stand, card.oid, asked, number, now)
    back = request.form.get("back", "")
    page = back if back in _PAGES else "world.phone_push"
    return cast("Response", redirect(url_for(page, person=card.id, answered=asked, _anchor="h"), code=303))


@blueprint.get("/phone/authenticator")
def phone_authenticator() -> str | Response:
    """The authenticator app and the sheet with backup codes (screen `phone-authenticator`).

    `clock` says how the phone's own clock goes: `fast` or `slow` by five minutes, else right.
    """
    if request.headers.get("HX-Request"):
        return _part("authenticator.html", "world.phone_authenticator")
    return _whole("phone_authenticator.html", "world.phone_authenticator")


@blueprint.get("/mail")
def mail() -> Response:
    """The mailboxes stand beside the phone."""
    return cast("Response", redirect(url_for("world.phone", person=request.args.get("person"), _anchor="mb"), code=303))


@blueprint.get("/message/<int:message_id>")
def message(message_id: int) -> str:
    """How to tell that a message is not from Gosuslugi (screen `phishing-letter`)."""
    stand = current_stand()
    with stand.database.reading() as session:
        found = lessons.find(session, message_id)
        if found is None:
            abort(404)
        owner = session.get(Person, found.person_oid)
    engine.act("phishing-read", person_oid=found.person_oid)
    return render_template(
        "sandbox_idp/world/lesson.html",
        message=found,
        signs=lessons.signs(found, stand.idp_url),
        person_key=(owner.persona or owner.oid) if owner is not None else None,
    )


@blueprint.post("/message/<int:message_id>")
def report(message_id: int) -> Response:
    """«Сообщить об обмане»."""
    stand = current_stand()
    with stand.database.writing() as session:
        found = lessons.find(session, message_id)
        if found is None:
            abort(404)
        first = lessons.report(session, found, stand.clock.now())
        oid = found.person_oid
    if first:
        engine.act("phishing-reported", person_oid=oid)
    return cast("Response", redirect(url_for("world.reported"), code=303))


@blueprint.get("/message/reported")
def reported() -> str:
    """It was reported (screen `phishing-reported`)."""
    return render_template("sandbox_idp/world/reported.html")


@blueprint.get("/phone/token")
def token() -> Response:
    """The phone of somebody who has an electronic signature; any phone if nobody has."""
    with current_stand().database.reading() as session:
        owner = phones.with_token(people.list_people(session))
    if owner is None:
        return cast("Response", redirect(url_for("world.phone", _anchor="h"), code=303))
    return cast("Response", redirect(url_for("world.phone", person=owner.id, _anchor="tk"), code=303))


@blueprint.post("/phone/token")
def token_file() -> Response:
    """One file of the token, made at this moment: the signature itself, or the specimen of a failure (R-063)."""
    stand = current_stand()
    kind = issuing.KINDS.get(request.form.get("file", ""))
    with stand.database.writing() as session:
        card = phones.choose(session, people.list_people(session), request.args.get("person"))
        if kind is None or card is None or not phones.can_get_token(card):
            abort(404)
        person = session.get_one(Person, card.oid)
        file = issuing.make_file(session, person, kind, now=stand.clock.now(), ids=stand.ids, idp_url=stand.idp_url)
    disposition = f'attachment; filename="{file.name}"'
    return Response(file.data, mimetype=file.mimetype, headers={"Content-Disposition": disposition})


def _whole(template: str, page: str) -> str:
    with current_stand().database.reading() as session:
        shown = _asked_for(session, phones.everybody(session))
        told = _told(session, shown)
    return render_template(
        f"sandbox_idp/world/{template}", page=page, told=told, clock_goes=_clock_goes(), **_parts(shown)
    )


def _part(template: str, page: str, *, unless: str | None = None) -> str | Response:
    if not request.headers.get("HX-Request"):
        return cast("Response", redirect(url_for("world.phone", person=request.args.get("person")), code=303))
    with current_stand().database.reading() as session:
        shown = _asked_for(session, phones.everybody(session))
        told = _told(session, shown)
    if unless is not None and unless == phones.shown_id(shown):
        return make_response("", 204)
    return render_template(
        f"sandbox_idp/world/{template}", page=page, told=told, clock_goes=_clock_goes(), **_parts(shown)
    )


def _render(template: str, page: str, told: str | None, shown: Phone) -> str:
    address = f"sandbox_idp/world/{template}"
    return render_template(address, page=page, told=told, clock_goes=_clock_goes(), **_parts(shown))


def _asked_for(session: Session, cards: list[PersonCard]) -> Phone:
    card = phones.choose(session, cards, request.args.get("person"))
    if card is None:
        abort(404)
    now = current_stand().clock.now()
    shown = phones.look_at(session, card, now)
    if request.path.endswith("/authenticator") and (wrong := _wrong_by()):
        person = session.get(Person, card.oid)
        code = people.totp_now(person, now + wrong) if person is not None else None
        shown = replace(shown, totp=code, clock=phones.clock_of(card, now + wrong))
    return shown


def _told(session: Session, shown: Phone) -> str | None:
    """What has become of the request that was answered a moment ago; None if none was."""
    answered = request.args.get("answered")
    found = session.get(PushRequest, answered) if answered else None
    return found.state if found is not None and found.person_oid == shown.chosen.oid else None


def _clock_goes() -> str:
    return request.args.get("clock", "") if request.args.get("clock") in ("fast", "slow") else "right"


def _wrong_by() -> timedelta:
    return {"fast": FAST, "slow": -FAST, "right": timedelta(0)}[_clock_goes()]


def _parts(shown: Phone) -> dict[str, object]:
    """The fields of the phone as the templates name them."""
    return {field.name: getattr(shown, field.name) for field in fields(shown)}
