"""The steps after the code: password, profile, a look at everything, and the account (R-067, R-069, R-070)."""

from __future__ import annotations

from datetime import date, datetime

from flask import Response

from foundation import log
from foundation.database import Session
from foundation.russian import msk
from sandbox_idp.accounts import contacts, password_rules, passwords, people
from sandbox_idp.accounts.logins import Login
from sandbox_idp.accounts.models import Person
from sandbox_idp.accounts.password_rules import OwnData
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.registration import account, mail, views, wizard
from sandbox_idp.registration.account import AlreadyRegisteredError
from sandbox_idp.registration.forms import ProfileForm
from sandbox_idp.registration.models import Registration
from sandbox_idp.registration.profile import Profile
from sandbox_idp.registration.wizard import Place
from sandbox_idp.scenarios import engine, sign_ins
from sandbox_idp.sign_in import completion, new_password, sessions
from sandbox_idp.sign_in import password as password_step
from sandbox_idp.sign_in.codes import TooSoonError
from sandbox_idp.sign_in.completion import SignedIn
from sandbox_idp.sign_in.new_password import NewPasswordForm
from sandbox_idp.sign_in.views import go

_log = log.get_log("sandbox_idp.registration")


def password() -> Response:
    """«Придумайте пароль»: the rule stands there before anything is typed (S-27)."""
    return _password_page(_place(wizard.PASSWORD), NewPasswordForm(formdata=None))


def password_sent() -> Response:
    """The password, or what of it has been typed so far; it is hashed at once, and only the hash is kept."""
    stand = current_stand()
    now = stand.clock.now()
    form = NewPasswordForm()
    place = _place(wizard.PASSWORD)
    rules = current_policy().password
    live = new_password.is_live()
    typed = new_password.live_typed() if live else form.typed
    unmet = password_rules.unmet(rules, typed, _own(place.registration), second_factor=True)
    if live:
        return new_password.live_list(rules, unmet)
    form.validate()
    if unmet:
        engine.act("register-weak-password", unmet=[each.id for each in unmet])
        form.refuse(unmet)
        return _password_page(place, form, 422)
    made = passwords.hash_password(typed)
    with stand.database.writing() as session:
        place = wizard.at_hand(session, now, wizard.PASSWORD, hold=True)
        place.registration.password_hash = made
        place.registration.stage = wizard.REVIEW if place.registration.profile else wizard.PROFILE
        session.add(place.registration)
    return go(place.page())


def profile() -> Response:
    """«Заполните профиль»; open again from the next step, to correct something."""
    place = _place(wizard.PROFILE, wizard.REVIEW)
    form = ProfileForm(_today(), formdata=None)
    if place.registration.profile is not None:
        form.fill(Profile.from_json(place.registration.profile))
    return _profile_page(place, form)


def profile_sent() -> Response:
    """«Сохранить и проверить»."""
    stand = current_stand()
    now = stand.clock.now()
    form = ProfileForm(_today())
    if not form.validate():
        engine.act("register-bad-profile", fields=sorted(form.errors))
        return _profile_page(_place(wizard.PROFILE, wizard.REVIEW), form, 422)
    with stand.database.writing() as session:
        place = wizard.at_hand(session, now, wizard.PROFILE, wizard.REVIEW, hold=True)
        if place.registration.identified_at is None:
            place.registration.profile = form.profile().as_json()
        place.registration.stage = wizard.REVIEW
        session.add(place.registration)
    return go(place.page())


def review() -> Response:
    """«Проверьте данные»: everything once more before it becomes an account."""
    place = _place(wizard.REVIEW)
    assert place.registration.profile is not None
    given = Profile.from_json(place.registration.profile)
    return views.show(
        "review.html",
        visit=place.visit,
        registration=place.registration,
        given=given,
        home=given.home,
        resumed=views.resumed(),
    )


def review_sent() -> Response:
    """«Завершить регистрацию»: the account, its consent, its session and the letter, all of it or nothing (R-070)."""
    stand = current_stand()
    now = stand.clock.now()
    try:
        with stand.database.writing() as session:
            place = wizard.at_hand(session, now, wizard.REVIEW, hold=True)
            person = account.make(session, place.registration, now=now)
            done = _let_in(session, place, person, now)
            _write_letter(session, place.registration, person, now)
            _forget_details(session, place.registration, person)
    except AlreadyRegisteredError:
        return _already_registered()
    sign_ins.bind_person(person.oid)
    engine.act("registered", person_oid=person.oid)
    response = completion.leave(done, to=place.visit.address("registration.done"))
    wizard.cookie().delete(response)
    return response


def done() -> Response:
    """«Регистрация завершена»: what the account can do now, and the way on."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        visit = wizard.errand(session, None, now)
        living = sessions.living_session(session, now)
        if living is None:
            return go(visit.address("sign_in.login"))
        person = session.get_one(Person, living.person_oid)
        link = mail.newest(session, person.oid)
        waiting = link if link is not None and not mail.is_confirmed(session, link) else None
    return views.show(
        "done.html",
        visit=visit,
        name=people.short_name(person),
        level=people.level_words(person),
        simplified=person.level == "simplified",
        factors=people.factors_of(person),
        waiting=waiting,
        link_lives=current_policy().mail.valid_for,
        factor_address=views.address_of("cabinet.security"),
        portal_url=stand.portal_url,
    )


def _place(*stages: str) -> Place:
    stand = current_stand()
    with stand.database.reading() as session:
        return wizard.at_hand(session, stand.clock.now(), *stages)


def _own(registration: Registration) -> OwnData:
    """What is known of the person by now; the documents come only after the password."""
    return OwnData(
        names=(registration.surname, registration.name, registration.mail.partition("@")[0]),
        phones=(registration.phone.removeprefix("+"),),
    )


def _password_page(place: Place, form: NewPasswordForm, status: int = 200) -> Response:
    stand = current_stand()
    with stand.database.reading() as session:
        deleted = contacts.was_deleted(session, "phone", place.registration.phone)
    if deleted:
        engine.act("account-deleted-again")
    return views.show(
        "password.html",
        status,
        visit=place.visit,
        form=form,
        lines=form.lines(current_policy().password),
        login=place.registration.phone,
        deleted=deleted,
        resumed=views.resumed(),
    )


def _profile_page(place: Place, form: ProfileForm, status: int = 200) -> Response:
    return views.show(
        "profile.html",
        status,
        visit=place.visit,
        form=form,
        registration=place.registration,
        resumed=views.resumed(),
    )


def _let_in(session: Session, place: Place, person: Person, now: datetime) -> SignedIn:
    """The person has proved phone and password a moment ago: signed in, with the SMS as second factor."""
    claim = password_step.claim_login(session, Login("phone", place.registration.phone))
    return completion.let_in(session, place.visit, claim, person_oid=person.oid, second_factor="otp", now=now)


def _write_letter(session: Session, registration: Registration, person: Person, now: datetime) -> None:
    """The link for the mailbox; a mailbox that is written to too often now can be written to later."""
    owner = contacts.owner(session, "mail", registration.mail)
    if owner is not None:
        engine.act("register-email-taken", person_oid=owner.oid)
    try:
        mail.send(session, person, registration.mail, address=views.network_address(), policy=current_policy(), now=now)
    except TooSoonError:
        _log.info("registration_letter_kept")


def _forget_details(session: Session, registration: Registration, person: Person) -> None:
    """What the account has now need not lie in a second place."""
    registration.stage, registration.person_oid = wizard.DONE, person.oid
    registration.surname = registration.name = registration.phone = registration.mail = ""
    registration.password_hash = registration.profile = None
    session.add(registration)


def _already_registered() -> Response:
    """Somebody else was a moment quicker with the same phone: sign in, or recover."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.writing() as session:
        visit = wizard.errand(session, wizard.under_way(session, now), now)
        wizard.give_up(session)
    reference = stand.ids.reference()
    _log.info("registration_stopped", ref=reference, reason="already registered")
    response = views.show("taken.html", 409, visit=visit, reference=reference)
    wizard.cookie().delete(response)
    return response


def _today() -> date:
    return msk(current_stand().clock.now()).date()
