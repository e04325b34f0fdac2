"""«Справки»: choosing a kind, answering its questions, what has become of the request, and the paper (R-045)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import Field, HiddenField, StringField
from wtforms.validators import ValidationError

from foundation import russian
from foundation.log import get_log
from portal.clinic.errors import NoAnswerError, StateError
from portal.clinic.values import Certificate, CertificateKind, Paper
from portal.documents.unsure import OTHER_PERSON, UNSURE, not_answered, of_other_person
from portal.doors import doors
from portal.paper.pdf import Sheet
from portal.patients.acting import Subject, subject
from portal.patients.clinic_pages import demand_clinic
from portal.sign_in.drafts import KeptForm
from portal.sign_in.sessions import login_required
from portal.web.context import given
from portal.web.form_keys import new_form_key, read_form_key

log = get_log("portal.documents")

blueprint = Blueprint("certificates", __name__)
blueprint.before_request(demand_clinic)

LONGEST_ANSWER = 200
NOT_READY = 409
STATES: dict[str, tuple[str, str]] = {
    "requested": ("", "Заказана"),
    "preparing": ("", "Готовится"),
    "ready": ("tag--ok", "Готова"),
    "refused": ("tag--warn", "Отказано"),
}
"""Style of the mark and its words."""
STEPS = ("requested", "preparing", "ready")


def _answered(_form: KeptForm, field: Field) -> None:
    """Every question is to be answered, in a line."""
    typed = " ".join((field.data or "").split())
    if not typed:
        raise ValidationError(f"Заполните поле «{field.label.text}».")
    if len(typed) > LONGEST_ANSWER:
        raise ValidationError(f"Сократите ответ до {LONGEST_ANSWER} знаков: сейчас {len(typed)}.")
    field.data = typed


def form_of(kind: CertificateKind) -> type[KeptForm]:
    """The form with the questions of a kind; what it asks for is the clinic's own."""
    fields: dict[str, Any] = {f"answer_{name}": StringField(label, [_answered]) for name, label in kind.asks}
    return type("AnswersForm", (KeptForm,), {"key": HiddenField(), **fields})


@blueprint.get("/documents/requests")
@login_required
def certificates() -> str:
    """What was asked for, and what can be (screen `certificates`)."""
    papers = doors().clinic.papers
    return render_template(
        "portal/documents/certificates.html",
        rows=papers.certificates(subject().card.id),
        kinds=papers.certificate_kinds(),
        states=STATES,
        asked=request.args.get("asked", ""),
    )


@blueprint.get("/documents/requests/new")
@login_required
def new() -> str:
    """The form of one kind (screen `certificate-form`)."""
    kind = _kind(request.args.get("kind", ""))
    form = form_of(kind)()
    form["key"].data = _new_key(kind)
    return _form_page(kind, form)


@blueprint.post("/documents/requests/new")
@login_required
def ask() -> BaseResponse:
    """Ask for it, once however often the form comes; who has asked already is shown that request."""
    kind, who, papers = _kind(request.form.get("kind", "")), subject(), doors().clinic.papers
    card = who.card
    form = form_of(kind)()
    key = read_form_key(form["key"].data, "certificate", card.id, kind.id)
    if key is None:
        form["key"].data = _new_key(kind)
        return make_response(_form_page(kind, form, of_other_person(who.name)), OTHER_PERSON)
    if not form.validate():
        return make_response(_form_page(kind, form), 422)
    answers = {name: form[f"answer_{name}"].data for name, _ in kind.asks}
    try:
        made = papers.ask_certificate(card.id, kind.id, answers=answers, key=key)
    except StateError:
        waiting = [one for one in papers.certificates(card.id) if one.kind.id == kind.id and one.state in STEPS[:2]]
        where = url_for("certificates.certificate", certificate_id=waiting[0].id) + "?already=yes" if waiting else ""
        return redirect(where or url_for("certificates.certificates"), code=303)
    except NoAnswerError as error:
        # Whether it was asked for is not known. The same form with the same key asks at most once.
        log.warning("certificate-unsure")
        return make_response(_form_page(kind, form, unsure=not_answered(error)), UNSURE)
    return redirect(url_for("certificates.certificates", asked=made.id), code=303)


@blueprint.get("/documents/requests/<certificate_id>")
@login_required
def certificate(certificate_id: str) -> str:
    """What has become of one (screens `document-not-ready` until it is decided, then `certificate`)."""
    row = doors().clinic.papers.certificate(subject().card.id, certificate_id)
    return _certificate_page(row)


@blueprint.get("/documents/requests/<certificate_id>.pdf")
@login_required
def paper(certificate_id: str) -> Response:
    """The certificate as a document. As long as there is none, the page that says so."""
    who, papers = subject(), doors().clinic.papers
    try:
        content = papers.certificate_paper(who.card.id, certificate_id)
    except StateError:
        row = papers.certificate(who.card.id, certificate_id)
        return make_response(_certificate_page(row), NOT_READY)
    response = make_response(on_paper(content, who))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="spravka-{content.on:%Y-%m-%d}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


def on_paper(paper: Paper, who: Subject) -> bytes:
    """What the clinic says, in the form of a document."""
    now = doors().clock.now()
    sheet = Sheet(paper.title, made_at=now, note=given().notice)
    sheet.text(f"№ {paper.number} от {russian.date_long(paper.on)}")
    sheet.facts([("Выдана", who.name), *paper.facts])
    for paragraph in paper.paragraphs:
        sheet.text(paragraph)
    sheet.heading("Кто выдал")
    sheet.facts(
        [
            ("Организация", paper.issuer.name),
            ("Адрес", paper.issuer.address),
            ("Телефон", paper.issuer.phone),
            ("Подписал(а)", paper.signed_by),
        ]
    )
    sheet.text(f"Получено в личном кабинете пациента, {russian.moment(now)}.", small=True)
    return sheet.bytes()


def _certificate_page(row: Certificate) -> str:
    done = STEPS.index(row.state) if row.state in STEPS else len(STEPS)
    return render_template(
        "portal/documents/certificate.html",
        row=row,
        states=STATES,
        steps=[(STATES[step][1], number <= done, number == done) for number, step in enumerate(STEPS)],
        already=request.args.get("already") == "yes",
    )


def _form_page(kind: CertificateKind, form: KeptForm, unsure: str = "") -> str:
    return render_template(
        "portal/documents/certificate_form.html",
        kind=kind,
        form=form,
        whose=subject(),
        unsure=unsure,
        failed=bool(form.errors or unsure),
    )


def _new_key(kind: CertificateKind) -> str:
    return new_form_key("certificate", subject().card.id, kind.id)


def _kind(kind_id: str) -> CertificateKind:
    kinds = doors().clinic.papers.certificate_kinds()
    found = next((kind for kind in kinds if kind.id == kind_id), None)
    if found is None:
        abort(404)
    return found
