"""«Заявления»: attachment to a clinic and a copy of the record, with number, states and withdrawal (R-083, R-128).

What Gosuslugi told is filled in and says so; who the person is can be corrected at Gosuslugi only, phone and address
here too (R-040).
"""

from __future__ import annotations

from typing import get_args

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import Field, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from foundation import russian
from foundation.log import get_log
from portal.clinic.errors import CardDuplicateError, CardNotFoundError, NoAnswerError, NotFoundError, StateError
from portal.clinic.values import Application, ApplicationKind, Site
from portal.documents.unsure import OTHER_PERSON, UNSURE, not_answered, of_other_person
from portal.doors import doors
from portal.patients.acting import Subject, subject
from portal.patients.at_hand import patient_at_hand
from portal.patients.clinic_pages import demand_clinic
from portal.sign_in.drafts import KeptForm
from portal.sign_in.sessions import login_required
from portal.web.form_keys import new_form_key, read_form_key

log = get_log("portal.documents")

blueprint = Blueprint("applications", __name__)
blueprint.before_request(demand_clinic)

LONGEST_ADDRESS = 250
LONGEST_NOTE = 1000
KINDS: dict[ApplicationKind, tuple[str, str]] = {
    "attachment": (
        "Прикрепиться к поликлинике",
        "Выберите поликлинику, в которой вас будут наблюдать. Сменить её можно раз в год.",
    ),
    "record-copy": (
        "Получить копию медицинской карты",
        "Поликлиника подготовит копию карты и отдаст её вам в регистратуре.",
    ),
}
"""Title and what it is about."""
STATES: dict[str, tuple[str, str]] = {
    "sent": ("", "Отправлено"),
    "considered": ("", "Рассматривают"),
    "granted": ("tag--ok", "Одобрено"),
    "refused": ("tag--warn", "Отказано"),
    "withdrawn": ("", "Отозвано"),
}
OPEN = ("sent", "considered")
TOLD = ("sent", "already", "withdrawn", "decided")
"""What the page of an application tells on top, once, by its address."""
STEPS = ("sent", "considered", "granted")


class ApplicationForm(KeptForm):
    """To which clinic, how to reach the person, and what else is to be said. `sites` are those to choose from."""

    key = HiddenField()
    site = SelectField("Поликлиника", validate_choice=False)
    phone = StringField("Телефон для связи")
    address = StringField("Адрес проживания")
    note = TextAreaField("Что добавить к заявлению, если нужно")

    def validate_site(self, field: Field) -> None:
        """One of those there are."""
        if field.data not in {value for value, _ in field.choices or () if value}:
            raise ValidationError("Выберите поликлинику из списка.")

    def validate_phone(self, field: Field) -> None:
        """A phone in any spelling (U-11)."""
        digits = "".join(letter for letter in field.data or "" if letter.isdigit())
        if not digits:
            raise ValidationError("Напишите телефон, по которому поликлиника сможет вам ответить.")
        if len(digits) != 11 or digits[0] not in "78":
            raise ValidationError(f"Проверьте телефон: нужно 11 цифр, сейчас {len(digits)}.")
        field.data = russian.phone("+7" + digits[1:])

    def validate_address(self, field: Field) -> None:
        """A line."""
        typed = " ".join((field.data or "").split())
        if not typed:
            raise ValidationError("Напишите адрес, по которому вы живёте: город, улицу, дом и квартиру.")
        if len(typed) > LONGEST_ADDRESS:
            raise ValidationError(f"Сократите адрес до {LONGEST_ADDRESS} знаков: сейчас {len(typed)}.")
        field.data = typed

    def validate_note(self, field: Field) -> None:
        """Anything, not too long."""
        typed = (field.data or "").strip()
        if len(typed) > LONGEST_NOTE:
            raise ValidationError(f"Сократите текст до {LONGEST_NOTE} знаков: сейчас {len(typed)}.")
        field.data = typed

    def text(self) -> str:
        """What the clinic reads."""
        lines = [f"Телефон: {self.phone.data}", f"Адрес: {self.address.data}"]
        return "\n".join([*lines, *([f"Дополнение: {self.note.data}"] if self.note.data else [])])


@blueprint.get("/applications")
@login_required
def applications() -> str:
    """What was handed in, and what can be (screen `applications`)."""
    return render_template(
        "portal/documents/applications.html",
        rows=doors().clinic.papers.applications(subject().identity),
        kinds=KINDS,
        states=STATES,
    )


@blueprint.get("/applications/new")
@login_required
def new() -> str:
    """The form of one kind, filled in with what is known (screen `application-form`)."""
    kind, who = _kind(request.args.get("kind", "")), subject()
    form = _form(who, kind)
    if not request.args.get("draft") and form.phone.data is None:
        form.phone.data, form.address.data = told()
        form.site.data = request.args.get("site", "") or _own_site(who, kind)
    form.key.data = new_form_key("apply", who.key, kind)
    return _form_page(kind, form, who)


@blueprint.post("/applications/new")
@login_required
def hand_in() -> BaseResponse:
    """Hand it in, once however often the form comes; while one of the kind is open, that one is shown."""
    kind, who, papers = _kind(request.form.get("kind", "")), subject(), doors().clinic.papers
    form = _form(who, kind)
    key = read_form_key(form.key.data, "apply", who.key, kind)
    if key is None:
        form.key.data = new_form_key("apply", who.key, kind)
        return make_response(_form_page(kind, form, who, unsure=of_other_person(who.name)), OTHER_PERSON)
    if not form.validate():
        return make_response(_form_page(kind, form, who), 422)
    try:
        made = papers.apply(who.identity, kind, form.site.data, text=form.text(), key=key)
    except StateError:
        still = [one for one in papers.applications(who.identity) if one.kind == kind and one.state in OPEN]
        where = url_for("applications.application", application_id=still[0].id) + "?already=yes" if still else ""
        return redirect(where or url_for("applications.applications"), code=303)
    except NoAnswerError as error:
        log.warning("application-unsure")
        return make_response(_form_page(kind, form, who, unsure=not_answered(error)), UNSURE)
    return redirect(url_for("applications.application", application_id=made.id) + "?sent=yes", code=303)


@blueprint.get("/applications/<application_id>")
@login_required
def application(application_id: str) -> str:
    """Number, state, by when it is decided, why it was refused (screen `application`)."""
    row = doors().clinic.papers.application(subject().identity, application_id)
    return _application_page(row)


@blueprint.get("/applications/<application_id>/withdraw")
@login_required
def ask_withdraw(application_id: str) -> BaseResponse | str:
    """What is given up, before it is (U-34; screen `application-withdraw`)."""
    row = doors().clinic.papers.application(subject().identity, application_id)
    if row.state not in OPEN:
        return redirect(url_for("applications.application", application_id=row.id), code=303)
    return render_template("portal/documents/application_withdraw.html", row=row, kinds=KINDS)


@blueprint.post("/applications/<application_id>/withdraw")
@login_required
def withdraw(application_id: str) -> BaseResponse:
    """Take it back; what was decided meanwhile is shown as it is."""
    try:
        doors().clinic.papers.withdraw(subject().identity, application_id)
        told_by = "withdrawn"
    except StateError:
        told_by = "decided"
    return redirect(url_for("applications.application", application_id=application_id) + f"?{told_by}=yes", code=303)


def told() -> tuple[str, str]:
    """Mobile phone and address as Gosuslugi tells them; empty where it does not or was not allowed to."""
    data = patient_at_hand().read()[1]["contacts"].data
    phones = [one["value"] for one in data.get("contacts", []) if one["kind"] == "MBT"]
    places = {one["kind"]: one["text"] for one in data.get("addresses", [])}
    digits = "".join(letter for letter in phones[0] if letter.isdigit()) if phones else ""
    return russian.phone(f"+{digits}") if digits else "", places.get("PLV") or places.get("PRG") or ""


def _form(who: Subject, kind: ApplicationKind) -> ApplicationForm:
    form = ApplicationForm()
    child = _child(who)
    sites = [one for one in doors().clinic.directory.sites() if kind == "record-copy" or one.for_children is child]
    form.site.choices = [("", "Выберите"), *((one.id, _site_words(one)) for one in sites)]
    return form


def _child(who: Subject) -> bool:
    """Whether clinics for children are meant."""
    today = russian.msk(doors().clock.now()).date()
    born = who.identity.birth_date
    return who.child is not None if born is None else russian.age(born, today) < 18


def _site_words(site: Site) -> str:
    return f"{site.name}, {site.address}"


def _own_site(who: Subject, kind: ApplicationKind) -> str:
    """For a copy of the record the clinic of the card; who wants to be attached wants another one."""
    if kind == "attachment":
        return ""
    try:
        attachment = who.card.attachment
    except (CardNotFoundError, CardDuplicateError, NotFoundError):
        return ""
    return attachment.site.id if attachment is not None else ""


def _form_page(kind: ApplicationKind, form: ApplicationForm, who: Subject, unsure: str = "") -> str:
    phone, address = told()
    return render_template(
        "portal/documents/application_form.html",
        kind=kind,
        words=KINDS[kind],
        form=form,
        whose=who,
        phone_told=bool(phone) and form.phone.data == phone,
        address_told=bool(address) and form.address.data == address,
        unsure=unsure,
        failed=bool(form.errors or unsure),
    )


def _application_page(row: Application) -> str:
    done = STEPS.index(row.state) if row.state in STEPS else -1
    return render_template(
        "portal/documents/application.html",
        row=row,
        kinds=KINDS,
        states=STATES,
        may_withdraw=row.state in OPEN,
        steps=[(STATES[step][1], number <= done, number == done) for number, step in enumerate(STEPS)],
        told=next((word for word in TOLD if request.args.get(word) == "yes"), ""),
    )


def _kind(name: str) -> ApplicationKind:
    if name not in get_args(ApplicationKind):
        abort(404)
    return next(kind for kind in KINDS if kind == name)
