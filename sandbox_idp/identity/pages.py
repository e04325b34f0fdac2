"""The service, the choice of a method, and the confirmation by a code (screens `identity-service`, `identity-sms`)."""

from __future__ import annotations

from flask import Response, request

from foundation.database import Session
from foundation.russian import span, time_msk
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import OneTimeCode
from sandbox_idp.cabinet import confirmation, document_pages, guard
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.cabinet.pages import code_trouble
from sandbox_idp.cabinet.views import address
from sandbox_idp.context import current_stand
from sandbox_idp.identity import confirmations, views
from sandbox_idp.identity.confirmations import METHODS, SMS_PURPOSE
from sandbox_idp.identity.forms import PhoneForm
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import codes
from sandbox_idp.sign_in.forms import CodeForm
from sandbox_idp.sign_in.views import go, whole_seconds


class NotReadyError(Exception):
    """There is nothing to confirm here: it is done already, or something has to be there first (R-077)."""


def service() -> Response:
    """«Электронный медицинский полис»: what is missing, how to confirm, or what it opens (R-075…R-079)."""
    document_pages.look_around()
    with current_stand().database.reading() as session:
        here = guard.signed_in(session)
        person = here.person
        return views.show(
            session,
            here,
            "service.html",
            done=confirmations.is_done(person),
            level=people.level_words(person),
            missing=confirmations.missing(session, person),
            methods=METHODS,
            mail=people.confirmed_mail(session, person.oid),
            has_app=person.app_installed_at is not None,
            portal_url=current_stand().portal_url,
        )


def sms() -> Response:
    """The phone, typed once more; then the code that was sent to it."""
    with current_stand().database.reading() as session:
        here = ready(session)
        return _show(session, here, PhoneForm(formdata=None), CodeForm(formdata=None))


def sms_sent() -> Response:
    """A phone to send a code to, or the code."""
    return _code_sent() if request.form.get("action") == "code" else _code_wanted()


def ready(session: Session) -> SignedIn:
    """Who is signed in and may confirm. Raises NotReadyError, or what the cabinet's guard raises."""
    here = guard.signed_in(session)
    if confirmations.is_done(here.person) or confirmations.missing(session, here.person):
        raise NotReadyError
    return here


def too_soon(error: codes.TooSoonError) -> tuple[str, int]:
    """Words and seconds for whoever wants another message too early (U-5)."""
    left = whole_seconds(error.at - current_stand().clock.now())
    return f"Новое сообщение можно получить через {span(left)}, в {time_msk(error.at)}.", left


def _code_wanted() -> Response:
    stand = current_stand()
    now = stand.clock.now()
    form = PhoneForm()
    with stand.database.writing() as session:
        here = ready(session)
        phone = confirmations.contact_of(session, here.person, "sms")
        again = request.form.get("action") == "resend"
        if not again and not form.validate():
            return _show(session, here, form, CodeForm(formdata=None), status=422)
        if phone is None or (not again and form.read_contact != phone):
            engine.act("contact-mismatch", person_oid=here.person.oid)
            return views.end(session, here, views.PHONE_MISMATCH)
        confirmation.hold(session, here)
        slot = confirmations.slot(here, SMS_PURPOSE, phone)
        try:
            codes.send(session, slot, address=request.remote_addr or "", policy=current_policy(), now=now)
        except codes.TooSoonError as error:
            code_form = CodeForm(formdata=None)
            code_form.code.errors, left = [too_soon(error)[0]], too_soon(error)[1]
            answer = _show(session, here, PhoneForm(formdata=None), code_form, status=429)
            answer.headers["Retry-After"] = str(left)
            return answer
    return go(address("identity.sms"))


def _code_sent() -> Response:
    stand = current_stand()
    now = stand.clock.now()
    form = CodeForm()
    with stand.database.writing() as session:
        here = ready(session)
        if form.validate():
            confirmation.hold(session, here)
            outcome = codes.check(session, here.session.token_hash, SMS_PURPOSE, form.digits, now=now)
            if isinstance(outcome, codes.Accepted):
                confirmations.succeed(session, here, "sms", address=request.remote_addr or "", now=now)
                return go(address("identity.service"))
            form.code.errors = [code_trouble(outcome)]
        return _show(session, here, PhoneForm(formdata=None), form, status=422)


def _show(session: Session, here: SignedIn, form: PhoneForm, code_form: CodeForm, *, status: int = 200) -> Response:
    sent = codes.newest(session, here.session.token_hash, SMS_PURPOSE)
    return views.show(
        session,
        here,
        "sms.html",
        status,
        form=form,
        code_form=code_form,
        failing=code_form if code_form.errors else form,
        sent=sent if is_waiting(sent) else None,
        expired=sent is not None and sent.expires_at <= current_stand().clock.now(),
    )


def is_waiting(sent: OneTimeCode | None) -> bool:
    """Whether a code was sent that was not used yet."""
    return sent is not None and sent.used_at is None
