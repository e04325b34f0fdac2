"""Confirmation by bank card: a card from the list, the bank's own page, and every way it can end (R-076)."""

from __future__ import annotations

from typing import cast

from flask import Response, abort, request

from foundation.database import Session
from sandbox_idp.cabinet import confirmation, guard
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.cabinet.pages import code_trouble
from sandbox_idp.cabinet.views import address
from sandbox_idp.context import current_stand
from sandbox_idp.identity import confirmations, pages, views
from sandbox_idp.identity.confirmations import BANK_PURPOSE, CARDS, Card
from sandbox_idp.identity.forms import BankCodeForm, CardForm
from sandbox_idp.identity.models import IdentityConfirmation
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import codes
from sandbox_idp.sign_in.views import go

_ACTS = {
    "declined": "card-declined",
    "unsupported": "card-3ds-unsupported",
    "not-linked": "card-not-linked",
    "timeout": "card-3ds-timeout",
    "cancelled": "card-3ds-cancelled",
}


def card() -> Response:
    """The demo cards (screen `identity-card`)."""
    with current_stand().database.reading() as session:
        return _cards(session, pages.ready(session), CardForm(formdata=None))


def card_sent() -> Response:
    """One was chosen: to the bank, unless the bank says no at once."""
    stand = current_stand()
    now = stand.clock.now()
    form = CardForm()
    with stand.database.writing() as session:
        here = pages.ready(session)
        if not form.validate():
            return _cards(session, here, form, status=422)
        row = confirmations.begin_card(session, here, cast("Card", form.card.data), now)
        if row.state == "open":
            _send_code(session, here)
            return go(address("identity.bank", key=row.id))
        engine.act(_ACTS[row.state], person_oid=here.person.oid)
    return go(address("identity.card_end", key=row.id))


def bank(key: str) -> Response:
    """The bank's page with the code by SMS (screen `bank-3ds`)."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.writing() as session:
        here, row = _at_bank(session, key)
        if row.state == "open" and row.expires_at <= now:
            _over(session, here, row, "timeout")
        if row.state != "open":
            return go(address("identity.card_end", key=key))
        return _bank_page(session, here, row, BankCodeForm(formdata=None))


def bank_sent(key: str) -> Response:
    """The code, another code, or «Отменить»."""
    stand = current_stand()
    now = stand.clock.now()
    wanted = request.form.get("action")
    with stand.database.writing() as session:
        here, row = _at_bank(session, key)
        if row.state != "open":
            return go(address("identity.card_end", key=key))
        if wanted == "resend":
            return _again(session, here, row)
        # What is typed at a bank that never answers does not matter.
        over = "timeout" if row.card == "timeout" or row.expires_at <= now else None
        if wanted == "cancel" or over:
            _over(session, here, row, over or "cancelled")
            return go(address("identity.card_end", key=key))
        return _code_sent(session, here, row)


def _code_sent(session: Session, here: SignedIn, row: IdentityConfirmation) -> Response:
    now = current_stand().clock.now()
    form = BankCodeForm()
    if form.validate():
        outcome = codes.check(session, here.session.token_hash, BANK_PURPOSE, form.digits, now=now)
        if isinstance(outcome, codes.Accepted):
            confirmations.finish(session, row, "passed", now)
            confirmations.succeed(session, here, "card", address=request.remote_addr or "", now=now)
            return go(address("identity.service"))
        engine.act("card-3ds-wrong", person_oid=here.person.oid)
        if isinstance(outcome, codes.Refused) and not outcome.left:
            confirmations.finish(session, row, "wrong-code", now)
            return go(address("identity.card_end", key=row.id))
        form.code.errors = [code_trouble(outcome)]
    return _bank_page(session, here, row, form, status=422)


def card_end(key: str) -> Response:
    """How a try with a card ended."""
    with current_stand().database.reading() as session:
        here, row = _at_bank(session, key, hold=False)
        ending = views.CARD_ENDINGS.get(row.state)
        return go(address("identity.service")) if ending is None else views.end(session, here, ending)


def _at_bank(session: Session, key: str, *, hold: bool = True) -> tuple[SignedIn, IdentityConfirmation]:
    """The try of that key, if it belongs to this session; nobody else's is there (S-54)."""
    here = guard.signed_in(session)
    if hold:
        confirmation.hold(session, here)
    row = session.get(IdentityConfirmation, key)
    if row is None or row.method != "card" or row.session_hash != here.session.token_hash:
        abort(404)
    return here, row


def _over(session: Session, here: SignedIn, row: IdentityConfirmation, state: str) -> None:
    """The try ends without a code."""
    confirmations.finish(session, row, state, current_stand().clock.now())
    engine.act(_ACTS[state], person_oid=here.person.oid)


def _send_code(session: Session, here: SignedIn) -> None:
    """A code of the bank; whoever has one that still works is not sent another before its time."""
    now = current_stand().clock.now()
    phone = confirmations.contact_of(session, here.person, "card")
    assert phone is not None
    slot = confirmations.slot(here, BANK_PURPOSE, phone)
    try:
        codes.send(session, slot, address=request.remote_addr or "", policy=current_policy(), now=now)
    except codes.TooSoonError:
        return


def _again(session: Session, here: SignedIn, row: IdentityConfirmation) -> Response:
    now = current_stand().clock.now()
    phone = confirmations.contact_of(session, here.person, "card")
    assert phone is not None
    slot = confirmations.slot(here, BANK_PURPOSE, phone)
    try:
        codes.send(session, slot, address=request.remote_addr or "", policy=current_policy(), now=now)
    except codes.TooSoonError as error:
        form = BankCodeForm(formdata=None)
        words, left = pages.too_soon(error)
        form.code.errors = [words]
        answer = _bank_page(session, here, row, form, status=429)
        answer.headers["Retry-After"] = str(left)
        return answer
    return go(address("identity.bank", key=row.id))


def _cards(session: Session, here: SignedIn, form: CardForm, *, status: int = 200) -> Response:
    return views.show(session, here, "card.html", status, form=form, cards=CARDS)


def _bank_page(
    session: Session, here: SignedIn, row: IdentityConfirmation, form: BankCodeForm, *, status: int = 200
) -> Response:
    sent = codes.newest(session, here.session.token_hash, BANK_PURPOSE)
    assert sent is not None
    return views.alone(
        "bank.html",
        status,
        form=form,
        key=row.id,
        card=" ".join(CARDS[cast("Card", row.card)].split()[:3]),
        sent=sent,
        expired=sent.expires_at <= current_stand().clock.now(),
        until=row.expires_at,
        person_key=here.person.persona or here.person.oid,
    )
