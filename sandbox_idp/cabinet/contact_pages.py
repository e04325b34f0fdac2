"""Another phone or e-mail address: after a fresh confirmation, and only once the new one is proved by a code (S-48)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, abort, request
from flask_wtf import FlaskForm
from wtforms import Field, StringField

from foundation.database import Session
from foundation.russian import span, time_msk
from sandbox_idp.accounts import contacts, levels, people, ranges
from sandbox_idp.accounts.contacts import ContactKind, ContactTakenError
from sandbox_idp.accounts.logins import Login
from sandbox_idp.cabinet import guard, history, notices, unusual, views
from sandbox_idp.cabinet.document_forms import read
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.cabinet.pages import code_trouble
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.sign_in import codes, throttle
from sandbox_idp.sign_in.codes import Slot
from sandbox_idp.sign_in.forms import CodeForm
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.views import go, locked_out, whole_seconds


@dataclass(frozen=True)
class Words:
    """What the page says of one kind of contact."""

    title: str
    new: str
    taken: str
    changed: str


WORDS: dict[ContactKind, Words] = {
    "phone": Words(
        "Мобильный телефон",
        "Новый номер телефона",
        "Этот номер подтверждён в другой учётной записи. Войдите в неё или укажите другой номер.",
        history.PHONE_CHANGED,
    ),
    "mail": Words(
        "Электронная почта",
        "Новый адрес почты",
        "Этот адрес подтверждён в другой учётной записи. Войдите в неё или укажите другой адрес.",
        "Почта изменена",
    ),
}


class PhoneForm(FlaskForm):
    """The new phone."""

    contact = StringField(WORDS["phone"].new)
    value = ""

    def validate_contact(self, field: Field) -> None:
        """Of the training range."""
        self.value = read(ranges.phone, field.data or "")


class MailForm(FlaskForm):
    """The new address."""

    contact = StringField(WORDS["mail"].new)
    value = ""

    def validate_contact(self, field: Field) -> None:
        """Under .example."""
        self.value = read(ranges.mail, field.data or "")


class MailCodeForm(CodeForm):
    """The code of a letter."""

    empty = "Введите код из письма, 6 цифр."


def contact(kind: str) -> Response:
    """What it is now, the new one, and the code that was sent there (screen `cabinet-contact`)."""
    wanted = _kind(kind)
    with current_stand().database.reading() as session:
        here = guard.confirmed(session)
        return _show(session, here, wanted, _form(wanted, formdata=None), _code_form(wanted, formdata=None))


def contact_sent(kind: str) -> Response:
    """The new one, or the code."""
    wanted = _kind(kind)
    return _code_sent(wanted) if request.form.get("action") == "code" else _new_sent(wanted)


def _new_sent(kind: ContactKind) -> Response:
    now = current_stand().clock.now()
    form = _form(kind)
    with current_stand().database.writing() as session:
        here = _confirmed(session, kind)
        if form.validate() and form.value == _own(session, here, kind):
            form.contact.errors = ["Сейчас указан как раз он. Введите другой."]
        if form.errors:
            return _show(session, here, kind, form, _code_form(kind, formdata=None), status=422)
        levels.hold(session, here.person)
        # Sent whether or not the contact is somebody else's: only whoever reads the code learns that (S-32).
        slot = Slot(
            here.session.sid,
            _purpose(kind),
            form.value,
            "Код, чтобы привязать телефон" if kind == "phone" else "Код, чтобы привязать адрес",
            kind="sms" if kind == "phone" else "mail",
            subject="Подтвердите адрес" if kind == "mail" else None,
            person_oid=here.person.oid,
            proved=False,
        )
        try:
            codes.send(session, slot, address=request.remote_addr or "", policy=current_policy(), now=now)
        except codes.TooSoonError as error:
            left = whole_seconds(error.at - now)
            form.contact.errors = [f"Новый код можно получить через {span(left)}, в {time_msk(error.at)}."]
            answer = _show(session, here, kind, form, _code_form(kind, formdata=None), status=429)
            answer.headers["Retry-After"] = str(left)
            return answer
    return go(views.address("cabinet.contact", kind=kind))


def _code_sent(kind: ContactKind) -> Response:
    """A wrong code counts as one at sign-in does, but a right one wipes nothing out: anybody can prove a contact."""
    now = current_stand().clock.now()
    form = _code_form(kind)
    try:
        with current_stand().database.writing() as session:
            here = _confirmed(session, kind)
            limit = throttle.factor_limit(here.person.oid, current_policy())
            until = throttle.locked_until(session, [limit], now, hold=True)
            if until is not None:
                return locked_out(Visit(next_page=f"/cabinet/profile/{kind}"), until, now, codes=True)
            levels.hold(session, here.person)
            sent = codes.newest(session, here.session.sid, _purpose(kind))
            if form.validate():
                outcome = codes.check(session, here.session.sid, _purpose(kind), form.digits, now=now)
                if isinstance(outcome, codes.Accepted):
                    assert sent is not None
                    _change(session, here, kind, sent.sent_to)
                    return go(views.address("cabinet.profile"))
                if isinstance(outcome, codes.Refused):
                    throttle.count_wrong(session, [limit], now)
                form.code.errors = [code_trouble(outcome)]
            return _show(session, here, kind, _form(kind, formdata=None), form, status=422)
    except ContactTakenError:
        taken = _form(kind, formdata=None)
        taken.contact.errors = [WORDS[kind].taken]
        with current_stand().database.reading() as session:
            here = guard.confirmed(session)
            return _show(session, here, kind, taken, _code_form(kind, formdata=None), status=409)


def _change(session: Session, here: SignedIn, kind: ContactKind, value: str) -> None:
    """The old contact is told first: whoever still has it learns of a change that was not theirs."""
    text = "Если это были не вы, смените пароль и завершите чужие сеансы."
    notices.notify(session, here.person, WORDS[kind].changed, text, ways=["sms", "mail"])
    contacts.replace(session, here.person.oid, kind, value)
    now = current_stand().clock.now()
    here.person.updated_at = now
    session.add(here.person)
    history.note(session, here.person, WORDS[kind].changed, method="Код на новый номер" if kind == "phone" else "Код")
    session.flush()
    unusual.changed(session, here.person, now)


def _show(
    session: Session,
    here: SignedIn,
    kind: ContactKind,
    form: PhoneForm | MailForm,
    code_form: CodeForm,
    *,
    status: int = 200,
) -> Response:
    sent = codes.newest(session, here.session.sid, _purpose(kind))
    waiting = sent is not None and sent.used_at is None and sent.attempts_left > 0
    own = _own(session, here, kind)
    return views.show(
        session,
        here,
        "contact.html",
        status,
        kind=kind,
        words=WORDS[kind],
        form=form,
        code_form=code_form,
        failing=code_form if code_form.errors else form,
        own=Login(kind, own).masked if own else None,
        sent=sent if waiting else None,
        sent_masked=Login(kind, sent.sent_to).masked if sent else "",
        expired=sent is not None and sent.expires_at <= current_stand().clock.now(),
        person_key=here.person.persona or here.person.oid,
    )


def _confirmed(session: Session, kind: ContactKind) -> SignedIn:
    """The guard, which leads back to this page rather than to the section."""
    try:
        return guard.confirmed(session)
    except guard.NotConfirmedError:
        raise guard.NotConfirmedError(f"/cabinet/profile/{kind}") from None


def _own(session: Session, here: SignedIn, kind: ContactKind) -> str | None:
    oid = here.person.oid
    return people.confirmed_phone(session, oid) if kind == "phone" else people.confirmed_mail(session, oid)


def _form(kind: ContactKind, **options: object) -> PhoneForm | MailForm:
    return PhoneForm(**options) if kind == "phone" else MailForm(**options)


def _code_form(kind: ContactKind, **options: object) -> CodeForm:
    return CodeForm(**options) if kind == "phone" else MailCodeForm(**options)


def _purpose(kind: ContactKind) -> str:
    return f"new-{kind}"


def _kind(kind: str) -> ContactKind:
    found = next((each for each in contacts.TYPES if each == kind), None)
    if found is None:
        abort(404)
    return found
