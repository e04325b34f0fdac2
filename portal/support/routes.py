"""`/support`: own tickets and the ways to reach people, the form (also for who is not signed in), one ticket."""

from __future__ import annotations

import json
from datetime import timedelta

from flask import Blueprint, Response, abort, redirect, render_template, request
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from foundation import russian
from foundation.log import get_log
from foundation.web import browsers
from foundation.web.requests import takes_file
from portal.doors import doors
from portal.files import errors
from portal.files.purposes import TICKET
from portal.files.taking import (
    LIMITS,
    Inspected,
    answer_unread,
    as_attachment,
    file_of_form,
    name_of_form,
    read,
    refused,
    size_words,
)
from portal.notifications.notify import addresses
from portal.patients.at_hand import patient_at_hand
from portal.patients.view import full_name
from portal.profile import own_data
from portal.sign_in.drafts import draft_here
from portal.sign_in.sessions import login_required
from portal.support import tickets
from portal.support.forms import CHECKS, QuestionForm
from portal.support.models import Ticket, TicketFile, TicketMessage
from portal.support.tickets import Question
from portal.web.form_keys import new_form_key, read_form_key

log = get_log("portal.support")

blueprint = Blueprint("support", __name__)
own_data.FILES.append(tickets.files_of)
STATES = {
    "open": "ждёт ответа",
    "escalated": "у старшего специалиста",
    "answered": "есть ответ",
    "closed": "закрыто",
}
LONGEST_REFERENCE = 9


@blueprint.get("/support")
def support() -> str:
    """Who is signed in sees the tickets (screen `support`); everybody sees how to reach people."""
    rows = []
    now = doors().clock.now()
    if current_user.is_authenticated:
        with doors().database.reading() as session:
            rows = tickets.of_patient(session, current_user.patient_id)
    return render_template(
        _frame("index"),
        rows=[(row, "просрочено" if tickets.overdue(row, now) else STATES[row.state]) for row in rows],
        late=any(tickets.overdue(row, now) for row in rows),
        sent=tickets.read_number(request.args.get("sent", "")),
        escalated=tickets.read_number(request.args.get("escalated", "")),
        answered_within=_hours(tickets.ANSWERED_WITHIN),
        settings=doors().settings,
    )


@blueprint.get("/support/new")
def form() -> str:
    """The form, filled in with what is known; `ref`: the code of the error page that led here."""
    return _form_page(_new_form())


@blueprint.post("/support/new")
@takes_file(LIMITS)
def ask() -> BaseResponse:
    """Take the question and what is attached, or show what is wrong with everything kept and nothing stored (U-9)."""
    form = _new_form()
    attached, problem = _attached()
    if not form.validate() or problem is not None:
        return _refused(form, problem)
    question = Question(
        form_key=_key(form),
        patient_id=current_user.patient_id if current_user.is_authenticated else None,
        kind=form.kind.data,
        full_name=form.full_name.data or "",
        phone=form.read_phone,
        mail=form.mail.data or None,
        inn=form.inn.data or None,
        happened=form.happened.data or "",
        error_text=form.error_text.data or "",
        error_code=form.error_code.data or None,
        description=(form.description.data or "").strip(),
        previous=form.read_previous,
        checked=form.checks(),
        diagnostics=json.dumps(diagnostics(form.error_code.data or ""), ensure_ascii=False)
        if form.diagnostics.data
        else None,
    )
    try:
        ticket = tickets.ask(doors(), question, attached)
    except errors.TooManyError as error:
        return _refused(form, error)
    return redirect(f"{request.root_path}/support?sent={ticket.number}", code=303)


def _attached() -> tuple[Inspected | None, errors.UploadError | None]:
    """The file that came with the form, looked at, or what is wrong with it; neither if none was chosen."""
    name = name_of_form()
    if not name:
        return None, None
    if not current_user.is_authenticated:
        return None, errors.SignedOutError(TICKET, name)
    try:
        return file_of_form(TICKET, doors().scanner), None
    except errors.UploadError as error:
        return None, error


def _refused(form: QuestionForm, problem: errors.UploadError | None) -> Response:
    if problem is not None:
        log.info("upload-refused", reason=problem.outcome)
        form.problem = form.problem or problem.outcome
        form.file.errors = [problem.text]
    return refused(_form_page(form), problem)


def _unread(problem: errors.UploadError) -> Response:
    return _refused(_new_form(empty=True), problem if current_user.is_authenticated else errors.SignedOutError(TICKET))


answer_unread(blueprint, TICKET, _unread)


@blueprint.get("/support/<number>")
@login_required
def ticket(number: str) -> str:
    """One ticket: what was asked, until when the answer comes, what can be done if it does not."""
    here = patient_at_hand()
    with doors().database.reading() as session:
        row = tickets.own(session, here.session.patient_id, number)
        if row is None:
            abort(404)
        said = tickets.messages(session, row)
        file = tickets.file_of(session, row)
    return _ticket_page(row, said, file)


@blueprint.get("/support/<number>/file")
@login_required
def attachment(number: str) -> Response:
    """What came with the ticket, as it came, always as an attachment (S-54, S-56)."""
    with doors().database.reading() as session:
        row = tickets.own(session, patient_at_hand().session.patient_id, number)
        file = tickets.file_of(session, row) if row is not None else None
    content = read(doors().files, file.stored_as) if file is not None else None
    if file is None or content is None:
        abort(404)
    return as_attachment(content, kind=file.kind, file_name=file.file_name)


@blueprint.post("/support/<number>/escalate")
@login_required
def escalate(number: str) -> BaseResponse:
    """«Передать старшему специалисту», once the promised time is over."""
    try:
        row = tickets.escalate(doors(), patient_at_hand().session.patient_id, number)
    except tickets.EscalatedAlreadyError:
        return redirect(f"{request.root_path}/support/{number}?already=yes", code=303)
    except tickets.NotYetError:
        return redirect(f"{request.root_path}/support/{number}?early=yes", code=303)
    if row is None:
        abort(404)
    return redirect(f"{request.root_path}/support?escalated={number}", code=303)


@blueprint.post("/support/<number>/remote")
@login_required
def remote(number: str) -> BaseResponse:
    """«Запросить дистанционный сеанс»: a wish, noted."""
    if tickets.ask_remote(doors(), patient_at_hand().session.patient_id, number) is None:
        abort(404)
    return redirect(f"{request.root_path}/support/{number}", code=303)


def diagnostics(reference: str) -> dict[str, str]:
    """What helps to find a failure in the log, and nothing of the person (R-110): code, time, browser, page."""
    return {
        "code": reference[:LONGEST_REFERENCE],
        "time": doors().clock.now().isoformat(timespec="seconds"),
        "browser": browsers.device(),
        "user_agent": request.user_agent.string[:300],
        "page": request.args.get("from", "")[:200],
        "signed_in": "yes" if current_user.is_authenticated else "no",
    }


def _hours(length: timedelta) -> str:
    """`24 часов`, as in «в течение 24 часов»."""
    return russian.counted(round(length.total_seconds() / 3600), "часа", "часов", "часов")


def _frame(name: str) -> str:
    """The page inside the cabinet for who is signed in, else the public one."""
    return f"portal/support/{name}.html" if current_user.is_authenticated else f"portal/support/{name}_public.html"


def _new_form(*, empty: bool = False) -> QuestionForm:
    """The form as it was sent, or one to begin with; `empty`: what was sent could not be read."""
    form = QuestionForm(formdata=None) if empty else QuestionForm()
    # What was typed before a session ended is not written over.
    is_new = empty or (request.method == "GET" and draft_here() is None)
    if current_user.is_authenticated:
        here = patient_at_hand()
        with doors().database.reading() as session:
            mail, phone = addresses(session, here.session.patient_id)
        form.phones = [phone] if phone else []
        form.knows = _is_own
        if is_new:
            form.full_name.data = full_name(here.patient)
            form.phone.data = russian.phone(phone) if phone else ""
            form.mail.data = mail or ""
            form.inn.data = here.patient.inn or ""
    if is_new:
        form.form_key.data = new_form_key("support")
        form.happened.data = russian.moment(doors().clock.now())
        form.error_code.data = request.args.get("ref", "")[:LONGEST_REFERENCE]
        form.diagnostics.data = True
    return form


def _is_own(number: str) -> bool:
    with doors().database.reading() as session:
        return tickets.own(session, current_user.patient_id, number) is not None


def _key(form: QuestionForm) -> str:
    """The form's own key; one that is none of ours is a ticket of its own each time.

    It is bound to nobody: a question that was begun before signing in, or sent after a session has ended, is still one.
    """
    return read_form_key(form.form_key.data, "support") or doors().ids.token(16)


def _form_page(form: QuestionForm) -> str:
    return render_template(
        _frame("form"),
        form=form,
        checks=CHECKS,
        shown=diagnostics(form.error_code.data or ""),
        answered_within=_hours(tickets.ANSWERED_WITHIN),
        purpose=TICKET,
        largest=LIMITS.body,
        again=name_of_form() if form.errors and not form.file.errors else "",
        failed=bool(form.errors),
        mail=doors().settings.support_mail,
        from_gosuslugi=current_user.is_authenticated,
    )


def _ticket_page(row: Ticket, said: list[TicketMessage], file: TicketFile | None) -> str:
    now = doors().clock.now()
    return render_template(
        "portal/support/ticket.html",
        ticket=row,
        said=said,
        file=file,
        file_size=size_words(file.size) if file is not None else "",
        told=STATES[row.state],
        late=tickets.overdue(row, now),
        already=request.args.get("already") == "yes",
        early=request.args.get("early") == "yes",
        settings=doors().settings,
    )
