"""Routes of the room `world`: the stand's phones and mailboxes."""

from __future__ import annotations

from dataclasses import fields

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation.database import Session
from sandbox_idp.accounts.people import PersonCard
from sandbox_idp.context import current_stand
from sandbox_idp.world import phones
from sandbox_idp.world.phones import Phone

blueprint = Blueprint("world", __name__)


@blueprint.get("/phone")
def phone() -> str:
    """One person's phone and mailboxes, and the list of all phones (screen `phone`)."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        cards = phones.everybody(session)
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


def _part(template: str) -> str | Response:
    if not request.headers.get("HX-Request"):
        return redirect(url_for("world.phone", person=request.args.get("person")), code=303)
    with current_stand().database.reading() as session:
        shown = _asked_for(session, phones.everybody(session))
    return render_template(f"sandbox_idp/world/{template}", **_parts(shown))


def _asked_for(session: Session, cards: list[PersonCard]) -> Phone:
    card = phones.choose(session, cards, request.args.get("person"))
    if card is None:
        abort(404)
    return phones.look_at(session, card, current_stand().clock.now())


def _parts(shown: Phone) -> dict[str, object]:
    """The fields of the phone as the templates name them."""
    return {field.name: getattr(shown, field.name) for field in fields(shown)}
