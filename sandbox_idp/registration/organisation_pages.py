"""«Регистрация организации»: by a confirmed person, who signs for it (R-011).

Everything is on one page, signature included: an organisation is there whole or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, request
from flask_wtf.file import FileField
from wtforms import Field, PasswordField, StringField
from wtforms.validators import ValidationError

from foundation import log
from foundation.database import Session
from sandbox_idp.accounts import organisations, ranges
from sandbox_idp.accounts.models import GosuslugiSession, Organisation, Person
from sandbox_idp.accounts.organisations import NewOrganisation, TakenError
from sandbox_idp.cabinet import notices
from sandbox_idp.cabinet.document_forms import read
from sandbox_idp.cabinet.notices import Link
from sandbox_idp.context import current_stand
from sandbox_idp.registration import info_pages, views, wizard
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import sessions, signature_check, signature_words
from sandbox_idp.sign_in.forms import SignatureForm
from sandbox_idp.sign_in.password import Locked
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.signature_words import OTHER_PERSON, Words
from sandbox_idp.sign_in.views import go
from sandbox_idp.signature import trust

CONFIRMED = ("confirmed", "confirmed-signature")
_LONGEST = 200
_TAKEN = {
    "inn": "Организация с таким ИНН уже зарегистрирована. Проверьте ИНН; если он верный, обратитесь к её руководителю.",
    "ogrn": "Организация с таким ОГРН уже зарегистрирована. Проверьте ОГРН; если он верный, обратитесь к её "
    "руководителю.",
}
_log = log.get_log("sandbox_idp.registration")


class OrganisationForm(SignatureForm):
    """The organisation, the person's place in it, and the person's signature."""

    ROLES = (("chief", "Руководитель"), ("trusted", "Представитель по доверенности"))

    name = StringField("Название организации")
    inn = StringField("ИНН организации")
    ogrn = StringField("ОГРН")
    role = StringField("Кем вы приходитесь организации")
    file = FileField("Файл вашей подписи")
    pin = PasswordField("ПИН-код")

    read_name = read_inn = read_ogrn = ""

    def validate_name(self, field: Field) -> None:
        """Something that can be read, and not too much of it."""
        self.read_name = " ".join(ranges.clean(field.data or "").split())
        if not self.read_name:
            raise ValidationError("Введите название организации, например ООО «Садовая аптека».")
        if not any(character.isalpha() for character in self.read_name):
            raise ValidationError("В названии организации должны быть буквы.")
        if len(self.read_name) > _LONGEST:
            raise ValidationError(f"Название длиннее, чем помещается: сократите его до {_LONGEST} знаков.")

    def validate_inn(self, field: Field) -> None:
        """Ten digits of the training range."""
        self.read_inn = read(ranges.company_inn, field.data or "")

    def validate_ogrn(self, field: Field) -> None:
        """Thirteen digits of the training range."""
        self.read_ogrn = read(ranges.ogrn, field.data or "")

    def validate_role(self, field: Field) -> None:
        """One must be chosen."""
        if field.data not in dict(self.ROLES):
            raise ValidationError("Выберите, кем вы приходитесь организации.")

    @property
    def new(self) -> NewOrganisation:
        """What was typed, once the form is valid."""
        return NewOrganisation(self.read_name, self.read_inn, self.read_ogrn, chief=self.role.data == "chief")


@dataclass(frozen=True)
class Here:
    """Who is at the page, and on which errand."""

    visit: Visit
    person: Person | None

    @property
    def confirmed(self) -> bool:
        """Whether they may register an organisation."""
        return self.person is not None and self.person.level in CONFIRMED

    @property
    def oid(self) -> int | None:
        """Of the person, if there is one."""
        return self.person.oid if self.person is not None else None


def organisation() -> Response:
    """What it takes, or the form (screen `register-organisation`)."""
    visit = info_pages.errand()
    with current_stand().database.reading() as session:
        return _page(session, Here(visit, _person(session)), OrganisationForm(formdata=None))


def organisation_sent() -> Response:
    """«Зарегистрировать организацию»: refused without a confirmed person."""
    stand = current_stand()
    now = stand.clock.now()
    form = OrganisationForm()
    visit = info_pages.errand()
    with stand.database.reading() as session:
        here = Here(visit, _person(session))
        if not here.confirmed:
            return _person_first(session, here)
        if not form.validate():
            return _page(session, here, form, 422)
        until = signature_check.locked_until(session, form, now)
        if until is not None:
            return _unusable(session, here, form, Locked(until), now)
    opened = signature_check.open_file(form)
    with stand.database.writing() as session:
        here = Here(visit, _person(session))
        return _settle(session, here, form, opened, now) if here.confirmed else _person_first(session, here)


def _settle(
    session: Session, here: Here, form: OrganisationForm, opened: signature_check.Opened, now: datetime
) -> Response:
    person = here.person
    assert person is not None
    found = signature_check.settle(session, form, opened, now)
    if isinstance(found, trust.CertificateError):
        return _not_yours(session, here, form, signature_words.about(found))
    if not isinstance(found, Person):
        return _unusable(session, here, form, found, now)
    if found.oid != person.oid:
        return _not_yours(session, here, form, OTHER_PERSON)
    wizard.hold_stand(session)
    try:
        made = organisations.register(session, person, form.new)
    except TakenError as error:
        return _taken(session, here, form, error)
    _tell(session, person, made)
    engine.act("organisation-registered", person_oid=person.oid)
    return go(here.visit.address("registration.organisation"))


def _taken(session: Session, here: Here, form: OrganisationForm, error: TakenError) -> Response:
    """Somebody was first; if that was this person, it was a second click (U-17)."""
    if error.own:
        return go(here.visit.address("registration.organisation"))
    engine.act("organisation-taken", person_oid=here.oid)
    (form.inn if error.what == "inn" else form.ogrn).errors = [_TAKEN[error.what]]
    return _page(session, here, form, 409)


def _not_yours(session: Session, here: Here, form: OrganisationForm, words: Words) -> Response:
    engine.act(words.act, person_oid=here.oid)
    form.file.errors = [f"{words.heading}. {words.lead} {words.what}"]
    return _page(session, here, form, 422)


def _unusable(
    session: Session, here: Here, form: OrganisationForm, outcome: signature_check.Unusable, now: datetime
) -> Response:
    wait = signature_check.explain(form, outcome, now)
    return _page(session, here, form, 429 if isinstance(outcome, Locked) else 422, retry_after=wait)


def _person_first(session: Session, here: Here) -> Response:
    engine.act("organization-first", person_oid=here.oid)
    reference = current_stand().ids.reference()
    _log.info("registration_stopped", ref=reference, reason="organization first")
    return _page(session, here, OrganisationForm(formdata=None), 403, reference=reference)


def _tell(session: Session, person: Person, made: Organisation) -> None:
    notices.notify(
        session,
        person,
        "Организация зарегистрирована",
        f"{made.full_name}, ИНН {made.inn}. Если это были не вы, смените пароль и отзовите подпись в удостоверяющем "
        "центре.",
        ways=["sms", "mail"],
        link=Link("/cabinet/profile", "Профиль"),
    )


def _person(session: Session) -> Person | None:
    """Who is signed in."""
    living: GosuslugiSession | None = sessions.living_session(session, current_stand().clock.now())
    return session.get_one(Person, living.person_oid) if living is not None else None


def _page(
    session: Session,
    here: Here,
    form: OrganisationForm,
    status: int = 200,
    *,
    reference: str | None = None,
    retry_after: timedelta | None = None,
) -> Response:
    person = here.person
    own = organisations.of(session, person.oid) if person is not None else []
    return views.show(
        "organisation.html",
        status,
        visit=here.visit,
        retry_after=retry_after,
        person=person,
        confirmed=here.confirmed,
        organisations=own,
        form=form,
        adding=not own or bool(form.errors) or request.args.get("more") == "yes",
        reference=reference,
        person_key=(person.persona or person.oid) if person is not None else None,
    )
