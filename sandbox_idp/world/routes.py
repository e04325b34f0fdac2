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
from sandbox_idp.signature import issuing
from sandbox_idp.world import phones
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
        pin=issuing.PIN if phones.has_token(shown.chosen) else None,
        specimens=phones.SPECIMENS,
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


@blueprint.get("/phone/token")
def token() -> Response:
    """The phone of somebody who has an electronic signature; any phone if nobody has."""
    with current_stand().database.reading() as session:
        owner = phones.with_token(people.list_people(session))
    if owner is None:
        return redirect(url_for("world.phone", _anchor="h"), code=303)
    return redirect(url_for("world.phone", person=owner.id, _anchor="tk"), code=303)


@blueprint.post("/phone/token")
def token_file() -> Response:
    """One file of the token, made at this moment: the signature itself, or the specimen of a failure (R-063)."""
    stand = current_stand()
    kind = issuing.KINDS.get(request.form.get("file", ""))
    with stand.database.writing() as session:
        card = phones.choose(session, people.list_people(session), request.args.get("person"))
        if kind is None or card is None or not phones.has_token(card):
            abort(404)
        person = session.get_one(Person, card.oid)
        file = issuing.make_file(session, person, kind, now=stand.clock.now(), ids=stand.ids, idp_url=stand.idp_url)
    disposition = f'attachment; filename="{file.name}"'
    return Response(file.data, mimetype=file.mimetype, headers={"Content-Disposition": disposition})


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
