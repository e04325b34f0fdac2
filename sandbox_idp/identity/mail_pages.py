"""Confirmation by a link in a letter: bound to one browser, ten minutes, once, spent by a POST (R-087, U-15).

A mail scanner that opens the link changes nothing by it. In another browser the page shows a code to carry over.
"""

from __future__ import annotations

import hmac

from flask import Response, request

from foundation.database import Session
from sandbox_idp.accounts.models import GosuslugiSession
from sandbox_idp.cabinet import confirmation, guard
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.cabinet.views import address
from sandbox_idp.context import current_stand
from sandbox_idp.identity import confirmations, pages, views
from sandbox_idp.identity.forms import CarriedCodeForm, MailForm
from sandbox_idp.identity.models import IdentityConfirmation
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import codes, sessions
from sandbox_idp.sign_in.views import go, stopped

TRIES = 3
"""Wrong codes carried over before the link is worth nothing."""


def mail() -> Response:
    """The address, typed once more; then waiting for the link (screen `identity-mail`)."""
    with current_stand().database.reading() as session:
        here = pages.ready(session)
        return _show(session, here, MailForm(formdata=None), CarriedCodeForm(formdata=None))


def mail_sent() -> Response:
    """An address to send a link to, or the code that another browser shows."""
    return _code_sent() if request.form.get("action") == "code" else _link_wanted()


def link(token: str) -> Response:
    """The link of a letter. Opening it changes nothing; what it shows depends on the browser."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        row = confirmations.by_link(session, token)
        own = row is not None and _is_own(session, row)
        state = confirmations.link_state(row, now) if row is not None else None
    if row is None or state != "fresh":
        return _bad(row, state or "tampered")
    if not own:
        engine.act("email-link-elsewhere", person_oid=row.person_oid)
        code = confirmations.carried_code(row)
        reference = stopped("email-link-elsewhere")
        return views.alone("link_bad.html", 403, why="elsewhere", code=code, until=row.expires_at, reference=reference)
    return views.alone("link.html", token=token, until=row.expires_at)


def link_sent(token: str) -> Response:
    """«Подтвердить личность»: the link is spent, by whoever began it and nobody else."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.writing() as session:
        row = confirmations.by_link(session, token, hold_it=True)
        state = confirmations.link_state(row, now) if row is not None else None
        if row is None or state != "fresh":
            return _bad(row, state or "tampered")
        if not _is_own(session, row):
            return go(address("identity.link", token=token))
        _spend(session, guard.signed_in(session), row)
    return go(address("identity.service"))


def _link_wanted() -> Response:
    stand = current_stand()
    now = stand.clock.now()
    form = MailForm()
    with stand.database.writing() as session:
        here = pages.ready(session)
        own = confirmations.contact_of(session, here.person, "mail")
        again = request.form.get("action") == "resend"
        if not again and not form.validate():
            return _show(session, here, form, CarriedCodeForm(formdata=None), status=422)
        if own is None or (not again and form.read_contact != own):
            engine.act("contact-mismatch", person_oid=here.person.oid)
            return views.end(session, here, views.MAIL_MISMATCH)
        try:
            confirmations.begin_mail(session, here, own, current_policy(), now)
        except codes.TooSoonError as error:
            code_form = CarriedCodeForm(formdata=None)
            words, left = pages.too_soon(error)
            code_form.code.errors = [words]
            answer = _show(session, here, MailForm(formdata=None), code_form, status=429)
            answer.headers["Retry-After"] = str(left)
            return answer
    return go(address("identity.mail"))


def _code_sent() -> Response:
    stand = current_stand()
    now = stand.clock.now()
    form = CarriedCodeForm()
    with stand.database.writing() as session:
        here = pages.ready(session)
        confirmation.hold(session, here)
        row = confirmations.at_hand(session, here, "mail")
        if form.validate():
            if row is None or confirmations.link_state(row, now) != "fresh":
                form.code.errors = ["Ссылка больше не действует. Отправьте новую."]
            elif hmac.compare_digest(confirmations.carried_code(row), form.digits):
                _spend(session, here, row)
                return go(address("identity.service"))
            else:
                form.code.errors = [_wrong(session, row)]
        return _show(session, here, MailForm(formdata=None), form, status=422)


def _wrong(session: Session, row: IdentityConfirmation) -> str:
    row.wrong_codes += 1
    session.add(row)
    left = TRIES - row.wrong_codes
    if left > 0:
        return f"Код не подошёл. Осталось попыток: {left}"
    confirmations.finish(session, row, "wrong-code", current_stand().clock.now())
    return "Попытки кончились. Отправьте новую ссылку."


def _spend(session: Session, here: SignedIn, row: IdentityConfirmation) -> None:
    now = current_stand().clock.now()
    confirmations.finish(session, row, "passed", now)
    confirmations.succeed(session, here, "mail", address=request.remote_addr or "", now=now)


def _is_own(session: Session, row: IdentityConfirmation) -> bool:
    living: GosuslugiSession | None = sessions.living_session(session, current_stand().clock.now())
    return living is not None and living.token_hash == row.session_hash


def _bad(row: IdentityConfirmation | None, why: str) -> Response:
    """A link that works no more, or never did: which of it, and how to get a new one."""
    engine.act(f"email-link-{why}", **({"person_oid": row.person_oid} if row is not None else {}))
    status = 404 if why == "tampered" else 410
    sent = row.started_at if row else None
    return views.alone("link_bad.html", status, why=why, sent=sent, reference=stopped(f"email-link-{why}"))


def _show(
    session: Session, here: SignedIn, form: MailForm, code_form: CarriedCodeForm, *, status: int = 200
) -> Response:
    now = current_stand().clock.now()
    row = confirmations.at_hand(session, here, "mail")
    return views.show(
        session,
        here,
        "mail.html",
        status,
        form=form,
        code_form=code_form,
        failing=code_form if code_form.errors else form,
        row=row if row is not None and row.state in ("open", "wrong-code") else None,
        link_state=confirmations.link_state(row, now) if row is not None else None,
        own=confirmations.contact_of(session, here.person, "mail"),
    )
