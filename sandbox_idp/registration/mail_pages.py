"""Confirming the mailbox: the link in the letter, and the page that sends another one (C-01, U-4, U-15)."""

from __future__ import annotations

from datetime import datetime

from flask import Response, request

from foundation import log
from foundation.database import Session
from sandbox_idp.accounts.contacts import ContactTakenError
from sandbox_idp.accounts.logins import Login
from sandbox_idp.accounts.models import Person
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.registration import mail, views
from sandbox_idp.registration.forms import MailForm
from sandbox_idp.registration.models import MailLink
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import sessions
from sandbox_idp.sign_in.codes import TooSoonError
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.views import go, whole_seconds

_log = log.get_log("sandbox_idp.registration")


def link(token: str) -> Response:
    """What the letter leads to. Opening it changes nothing: scanners open links too."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        found = mail.find(session, token)
        if found is None or mail.state_of(found, now) != "fresh":
            return _bad(session, found, token, now)
    return views.show("mail_link.html", visit=Visit(), token=token, masked=_masked(found.mail))


def link_pressed(token: str) -> Response:
    """«Подтвердить адрес»."""
    stand = current_stand()
    now = stand.clock.now()
    try:
        with stand.database.writing() as session:
            found = mail.find(session, token, hold=True)
            if found is None or mail.state_of(found, now) != "fresh":
                return _bad(session, found, token, now)
            mail.confirm(session, found, now)
    except ContactTakenError:
        reference = stand.ids.reference()
        _log.info("mail_not_confirmed", ref=reference, reason="taken")
        return views.show("mail_taken.html", 409, visit=Visit(), reference=reference)
    engine.act("mail-confirmed", person_oid=found.person_oid)
    return views.show("mail_confirmed.html", visit=Visit(), masked=_masked(found.mail), portal_url=stand.portal_url)


def mailbox() -> Response:
    """«Подтвердите почту»: where the letter went, another letter, another address."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        person = _signed_in(session, now)
        if person is None:
            return go(Visit().address("sign_in.login"))
        return _mailbox_page(session, person, MailForm(formdata=None), now)


def mailbox_sent() -> Response:
    """Another letter, to the same address or to another one; the same answer whoever's address it is (S-32)."""
    stand = current_stand()
    now = stand.clock.now()
    form = MailForm()
    same = request.form.get("action") == "resend"
    with stand.database.writing() as session:
        person = _signed_in(session, now)
        if person is None:
            return go(Visit().address("sign_in.login"))
        if not same and not form.validate():
            return _mailbox_page(session, person, form, now, 422)
        before = mail.newest(session, person.oid)
        to = before.mail if same and before is not None else form.read_mail
        try:
            _send(session, person, to, now)
        except TooSoonError as error:
            if same:
                form = MailForm(formdata=None)
            form.email.errors = [f"Новое письмо можно получить {views.later(error.at, now)}."]
            return _mailbox_page(session, person, form, now, 429, retry_after=error.at - now)
    return go(Visit().address("registration.mailbox"))


def again(token: str) -> Response:
    """«Получить новую ссылку» on the page of a link that no longer works."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.writing() as session:
        found = mail.find(session, token)
        person = session.get(Person, found.person_oid) if found is not None else _signed_in(session, now)
        newest = mail.newest(session, person.oid) if person is not None else None
        if person is None or newest is None:
            return go(Visit().address("sign_in.login"))
        try:
            _send(session, person, newest.mail, now)
        except TooSoonError as error:
            return _bad(session, found, token, now, at=error.at)
    return go(Visit().address("registration.mail_again_sent"))


def again_sent() -> Response:
    """«Отправили новую ссылку»."""
    return views.show("mail_sent.html", visit=Visit())


def _send(session: Session, person: Person, to: str, now: datetime) -> None:
    mail.send(session, person, to, address=views.network_address(), policy=current_policy(), now=now)


def _bad(session: Session, found: MailLink | None, token: str, now: datetime, at: datetime | None = None) -> Response:
    """Which of the ways a link can be bad this is, and a new one (U-4)."""
    state = mail.state_of(found, now) if found is not None else "tampered"
    engine.act(f"register-email-link-{state}", person_oid=found.person_oid if found is not None else None)
    reference = current_stand().ids.reference()
    _log.info("mail_link_refused", ref=reference, reason=state)
    status = 429 if at is not None else 404 if found is None else 410
    return views.show(
        "mail_link_bad.html",
        status,
        visit=Visit(),
        why=state,
        link=found,
        masked=_masked(found.mail) if found is not None else None,
        confirmed=found is not None and mail.is_confirmed(session, found),
        token=token,
        known=found is not None or _signed_in(session, now) is not None,
        later=views.later(at, now) if at is not None else None,
        retry_after=at - now if at is not None else None,
        reference=reference,
    )


def _signed_in(session: Session, now: datetime) -> Person | None:
    living = sessions.living_session(session, now)
    return session.get_one(Person, living.person_oid) if living is not None else None


def _mailbox_page(
    session: Session, person: Person, form: MailForm, now: datetime, status: int = 200, **values: object
) -> Response:
    sent = mail.newest(session, person.oid)
    at = (
        mail.next_at(session, person.oid, sent.mail, address=views.network_address(), policy=current_policy(), now=now)
        if sent is not None
        else now
    )
    return views.show(
        "mailbox.html",
        status,
        visit=Visit(),
        form=form,
        sent=sent,
        masked=_masked(sent.mail) if sent is not None else None,
        confirmed=sent is not None and mail.is_confirmed(session, sent),
        expired=sent is not None and sent.expires_at <= now,
        again=mail.Countdown(at, whole_seconds(at - now)),
        person_key=person.persona or person.oid,
        portal_url=current_stand().portal_url,
        **values,  # type: ignore[arg-type]
    )


def _masked(address: str) -> str:
    return Login("mail", address).masked
