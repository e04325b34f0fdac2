"""Routes of the room `world`: the stand's phones and mailboxes."""

from __future__ import annotations

from dataclasses import fields

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation.database import Session
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import Person
from sandbox_idp.accounts.people import PersonCard
from sandbox_idp.context import current_stand
from sandbox_idp.scenarios import engine
from sandbox_idp.world import lessons, phones
from sandbox_idp.world.phones import Phone

blueprint = Blueprint("world", __name__)


@blueprint.get("/phone")
def phone() -> str:
    """One person's phone and mailboxes, and the list of all phones (screen `phone`)."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        cards = people.list_people(session)
        shown = _asked_for(session, cards)
        fresh = phones.fresh_by_person(session, cards, now)
    return render_template(
        "sandbox_idp/world/phone.html",
        people=cards,
        fresh=fresh,
        uses={card.oid: phones.uses(card) for card in cards},
        **_parts(shown),
    )


@blueprint.get("/phone/messages")
def phone_messages() -> str | Response:
    """The phone's screen alone, for the page that asks every two seconds; as a page it is the whole phone (U-29)."""
    return _part("screen.html")


@blueprint.get("/phone/mail")
def phone_mail() -> str | Response:
    """The mailboxes alone."""
    return _part("mail.html")


@blueprint.get("/mail")
def mail() -> Response:
    """The mailboxes stand beside the phone."""
    return redirect(url_for("world.phone", person=request.args.get("person"), _anchor="mb"), code=303)


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
    return redirect(url_for("world.reported"), code=303)


@blueprint.get("/message/reported")
def reported() -> str:
    """It was reported (screen `phishing-reported`)."""
    return render_template("sandbox_idp/world/reported.html")


def _part(template: str) -> str | Response:
    if not request.headers.get("HX-Request"):
        return redirect(url_for("world.phone", person=request.args.get("person")), code=303)
    with current_stand().database.reading() as session:
        shown = _asked_for(session, people.list_people(session))
    return render_template(f"sandbox_idp/world/{template}", **_parts(shown))


def _asked_for(session: Session, cards: list[PersonCard]) -> Phone:
    card = phones.choose(session, cards, request.args.get("person"))
    if card is None:
        abort(404)
    return phones.look_at(session, card, current_stand().clock.now())


def _parts(shown: Phone) -> dict[str, object]:
    """The fields of the phone as the templates name them."""
    return {field.name: getattr(shown, field.name) for field in fields(shown)}
