"""«Двухэтапная проверка»: which second factors are on, connecting and switching off (R-137, S-42).

Everything that changes something asks for a fresh confirmation (S-48), and is told to the person by every way there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, request

from foundation.database import Session
from foundation.russian import span, time_msk
from foundation.web.qr import qr
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import GosuslugiSession, Person
from sandbox_idp.cabinet import guard, notices, views
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.cabinet.notices import Link
from sandbox_idp.cabinet.pages import code_trouble
from sandbox_idp.context import current_stand
from sandbox_idp.factors import backup_codes, totp_setup
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import codes, throttle
from sandbox_idp.sign_in.codes import Slot
from sandbox_idp.sign_in.forms import CodeForm, TotpForm
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.views import go, locked_out, stopped, whole_seconds
from sandbox_idp.world import messages

PATH = "/cabinet/security/two-step"
PURPOSE = "two-step"
_TOLD = {
    "sms": "код по СМС",
    "totp": "приложение с кодами",
    "push": "приложение «Госуслуги»",
}


@dataclass(frozen=True)
class Refused:
    """What was asked for cannot be done, and why."""

    words: str


def two_step() -> Response:
    """What is on, and what can be connected (screen `two-step`)."""
    with current_stand().database.reading() as session:
        return _overview(session, guard.signed_in(session))


def two_step_sent() -> Response:
    """One of the buttons: `totp-on`, `sms-off`, `backup-new`, …"""
    stand = current_stand()
    now = stand.clock.now()
    wanted = request.form.get("action", "")
    factor, _, change = wanted.partition("-")
    with stand.database.writing() as session:
        here = _confirmed(session, now)
        person = session.get_one(Person, here.person.oid, with_for_update=True, populate_existing=True)
        if wanted == "totp-on":
            totp_setup.begin(session, here.session.token_hash, person, now)
            return go(views.address("cabinet.two_step_totp"))
        if wanted == "sms-on":
            refused = _send_code(session, here, now)
            if refused is not None:
                return _overview(session, here, status=503, refused=refused)
            return go(views.address("cabinet.two_step_sms"))
        if wanted == "backup-new" and person.totp_secret:
            made = backup_codes.make(
                session, person.oid, count=current_policy().totp.backup_codes, now=now, ids=stand.ids
            )
            _tell(session, person, "Получены новые резервные коды", "Прежние больше не действуют.")
            return views.show(session, here, "backup_codes.html", codes=made, connected=False)
        if wanted == "push-on" and person.app_installed_at is None:
            person.app_installed_at = now
            _changed(session, person, "push", on=True, now=now)
        elif change == "off" and factor in people.factors_of(person):
            refused = _switch_off(session, person, factor, now)
            if refused is not None:
                return _overview(session, here, status=422, refused=refused)
    return go(views.address("cabinet.two_step"))


def totp() -> Response:
    """The QR code, the secret as text, and a field for one code of the app (screen `two-step-totp`)."""
    with current_stand().database.reading() as session:
        here = _confirmed(session)
        if totp_setup.at_hand(session, here.session.token_hash, here.person.oid) is None:
            return go(views.address("cabinet.two_step"))
        return _totp_page(session, here, TotpForm(formdata=None))


def totp_sent() -> Response:
    """The code of the app that has read the QR code; then the backup codes, this once."""
    stand = current_stand()
    now = stand.clock.now()
    form = TotpForm()
    with stand.database.writing() as session:
        here = _confirmed(session, now)
        key = here.session.token_hash
        if totp_setup.at_hand(session, key, here.person.oid) is None:
            # A second press of the button: the first one has connected the app.
            return go(views.address("cabinet.two_step"))
        if not form.validate():
            return _totp_page(session, here, form, 422)
        outcome = totp_setup.confirm(session, key, here.person, form.digits, rules=current_policy().totp, now=now)
        if isinstance(outcome, totp_setup.Refused):
            form.code.errors = [totp_setup.refusal(outcome)]
            return _totp_page(session, here, form, 422)
        person = session.get_one(Person, here.person.oid)
        _changed(session, person, "totp", on=True, now=now)
        answer = views.show(session, here, "backup_codes.html", codes=outcome.codes, connected=True)
    engine.act("totp-connected", person_oid=here.person.oid)
    return answer


def sms() -> Response:
    """The code that switches SMS on (screen `two-step-sms`)."""
    with current_stand().database.reading() as session:
        here = _confirmed(session)
        return _sms_page(session, here, CodeForm(formdata=None))


def sms_sent() -> Response:
    """The code."""
    stand = current_stand()
    now = stand.clock.now()
    form = CodeForm()
    with stand.database.writing() as session:
        here = _confirmed(session, now)
        if not form.validate():
            return _sms_page(session, here, form, 422)
        session.get_one(GosuslugiSession, here.session.token_hash, with_for_update=True, populate_existing=True)
        limit = throttle.factor_limit(here.person.oid, current_policy())
        until = throttle.locked_until(session, [limit], now, hold=True)
        if until is not None:
            return locked_out(Visit(next_page=PATH), until, now, codes=True)
        verdict = codes.check(session, here.session.token_hash, PURPOSE, form.digits, now=now)
        if not isinstance(verdict, codes.Accepted):
            if isinstance(verdict, codes.Refused):
                throttle.count_wrong(session, [limit], now)
            form.code.errors = [code_trouble(verdict)]
            return _sms_page(session, here, form, 422)
        throttle.forget(session, limit.key)
        person = session.get_one(Person, here.person.oid, with_for_update=True, populate_existing=True)
        person.sms_enabled = True
        _changed(session, person, "sms", on=True, now=now)
    return go(views.address("cabinet.two_step"))


def _switch_off(session: Session, person: Person, factor: str, now: datetime) -> Refused | None:
    if people.usable_factors(session, person) == (factor,) and current_policy().twofa == "mandatory":
        return Refused(
            "Последний способ выключить нельзя: второе подтверждение обязательно. Сначала подключите другой."
        )
    if factor == "sms":
        person.sms_enabled = False
    elif factor == "push":
        person.app_installed_at = None
    else:
        person.totp_secret = person.totp_last_step = None
        backup_codes.forget(session, person.oid)
    _changed(session, person, factor, on=False, now=now)
    return None


def _changed(session: Session, person: Person, factor: str, *, on: bool, now: datetime) -> None:
    person.updated_at = now
    session.add(person)
    session.flush()
    done = "Вход теперь подтверждает" if on else "Вход больше не подтверждает"
    _tell(session, person, "Двухэтапная проверка изменена", f"{done} {_TOLD[factor]}.")


def _tell(session: Session, person: Person, title: str, text: str) -> None:
    notices.notify(
        session,
        person,
        title,
        f"{text} Если это были не вы, смените пароль.",
        ways=("sms", "mail"),
        link=Link(PATH, "Двухэтапная проверка"),
    )


def _send_code(session: Session, here: SignedIn, now: datetime) -> Refused | None:
    phone = people.confirmed_phone(session, here.person.oid)
    if phone is None:
        return Refused("К учётной записи не привязан подтверждённый телефон: отправить код некуда.")
    slot = Slot(here.session.token_hash, PURPOSE, phone, "Код, чтобы включить СМС", person_oid=here.person.oid)
    try:
        codes.send(session, slot, address=request.remote_addr or "", policy=current_policy(), now=now)
    except codes.TooSoonError as error:
        sent = codes.newest(session, slot.key, PURPOSE)
        if sent is not None and sent.used_at is None and sent.expires_at > now:
            return None
        return Refused(f"Новый код можно получить через {span(whole_seconds(error.at - now))}, в {time_msk(error.at)}.")
    except messages.GatewayDownError:
        return Refused("СМС не ушло: служба, которая рассылает сообщения, сейчас не отвечает. Попробуйте позже.")
    return None


def _overview(session: Session, here: SignedIn, *, status: int = 200, refused: Refused | None = None) -> Response:
    person = session.get_one(Person, here.person.oid)
    return views.show(
        session,
        here,
        "two_step.html",
        status,
        on=people.factors_of(person),
        phone=people.confirmed_phone(session, person.oid),
        backup_left=backup_codes.left(session, person.oid),
        backup_codes=current_policy().totp.backup_codes,
        mandatory=current_policy().twofa == "mandatory",
        refused=refused.words if refused is not None else None,
        reference=stopped("two-step refused") if refused is not None else None,
    )


def _totp_page(session: Session, here: SignedIn, form: TotpForm, status: int = 200) -> Response:
    setup = totp_setup.at_hand(session, here.session.token_hash, here.person.oid)
    assert setup is not None
    address = totp_setup.address(setup, people.short_name(here.person))
    return views.show(
        session,
        here,
        "two_step_totp.html",
        status,
        form=form,
        secret=totp_setup.in_groups(setup.secret),
        qr=qr(address),
        address=address,
        again=here.person.totp_secret is not None,
        person_key=here.person.persona or here.person.oid,
    )


def _sms_page(session: Session, here: SignedIn, form: CodeForm, status: int = 200) -> Response:
    sent = codes.newest(session, here.session.token_hash, PURPOSE)
    if sent is None or sent.used_at is not None:
        return go(views.address("cabinet.two_step"))
    return views.show(
        session,
        here,
        "two_step_sms.html",
        status,
        form=form,
        sent=sent,
        person_key=here.person.persona or here.person.oid,
    )


def _confirmed(session: Session, now: datetime | None = None) -> SignedIn:
    """Who is signed in and has confirmed it just now; else back to the overview, where the buttons are."""
    try:
        return guard.confirmed(session, now)
    except guard.NotConfirmedError:
        raise guard.NotConfirmedError(PATH) from None
