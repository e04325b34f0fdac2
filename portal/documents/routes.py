"""«Документы»: what the patient uploaded, and uploading (R-045, R-065).

A form that is sent back keeps what was typed; the file has to be chosen again, because no page may fill that in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from urllib.parse import quote

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from foundation.log import get_log
from foundation.web.requests import takes_file
from portal.clinic.errors import CardDuplicateError, CardNotFoundError, ClinicError, NoAnswerError
from portal.documents.forms import UploadForm
from portal.documents.models import Upload
from portal.documents.uploads import MOST_BYTES, MOST_FILES, NoSuchUploadError, Uploads, files_of
from portal.doors import doors
from portal.files import errors
from portal.files.purposes import DOCUMENT
from portal.files.taking import LIMITS, answer_unread, as_attachment, file_of_form, name_of_form, refused, size_words
from portal.patients.acting import subject
from portal.profile import own_data
from portal.sign_in.sessions import keeper, login_required
from portal.web.form_keys import new_form_key, read_form_key

log = get_log("portal.documents")

blueprint = Blueprint("documents", __name__)
own_data.FILES.append(files_of)


@dataclass(frozen=True)
class View:
    """An upload as it is shown."""

    row: Upload
    size: str

    @property
    def waits_for_clinic(self) -> bool:
        """Whether it was to be passed on and has not been."""
        return self.row.wanted_by_clinic and self.row.handed_in_at is None


def uploads_at_hand() -> Uploads:
    """Those of whom the page is about."""
    return Uploads(subject(), doors())


@blueprint.get("/documents")
@login_required
def documents() -> str:
    """Everything the patient uploaded, and the ways to the other papers (screen `documents`)."""
    rows = uploads_at_hand().all()
    shown = [View(row, size_words(row.size)) for row in rows]
    told = request.args.get("about", "")
    about = next((view for view in shown if view.row.id == told), None)
    return render_template(
        "portal/documents/index.html",
        uploads=shown,
        about=about,
        deleted=request.args.get("deleted") == "yes",
        used=size_words(sum(row.size for row in rows)) if rows else "",
        room=size_words(MOST_BYTES),
        most=MOST_FILES,
        clinic=doors().clinic.is_there,
        whose=subject(),
    )


@blueprint.get("/uploads")
@login_required
def upload_form() -> str:
    """The form, empty (screen `upload`)."""
    return _form(UploadForm(), _new_key())


@blueprint.post("/uploads")
@takes_file(LIMITS)
@login_required
def upload() -> ResponseReturnValue:
    """Look at the file, keep it, and pass it on if that was asked for; or the form with what is wrong, and nothing."""
    form, sent = UploadForm(), request.form.get("key", "")
    key = read_form_key(sent, "upload", subject().key)
    if key is None:
        return _refused(form, _new_key(), errors.OtherPersonError(DOCUMENT, name_of_form()))
    uploads = uploads_at_hand()
    earlier = uploads.by_key(key)
    if earlier is not None:
        return _to_documents(earlier)
    problem: errors.UploadError | None = None
    found = None
    try:
        found = file_of_form(DOCUMENT, doors().scanner)
    except errors.UploadError as error:
        problem = error
    typed_right = form.validate()
    if problem is None and typed_right and found is not None:
        try:
            row = uploads.keep(
                found,
                title=form.title.data,
                wanted_by_clinic=bool(form.to_clinic.data) and doors().clinic.is_there,
                key=key,
            )
        except errors.TooManyError as error:
            problem = error
        else:
            log.info("upload", patient=_pseudonym(), kind=row.kind, size=row.size)
            _hand_in(uploads, row)
            return _to_documents(row)
    return _refused(form, sent, problem)


@blueprint.get("/documents/<upload_id>")
@login_required
def download(upload_id: str) -> Response:
    """The file as it was uploaded, always as an attachment (S-56)."""
    uploads = uploads_at_hand()
    row = _find(uploads, upload_id)
    try:
        content = uploads.content(row)
    except NoSuchUploadError:
        abort(404)
    response = as_attachment(content, kind=row.kind, file_name=row.file_name)
    log.info("download", patient=_pseudonym(), kind=row.kind)
    return response


@blueprint.post("/documents/<upload_id>/hand-in")
@login_required
def hand_in(upload_id: str) -> BaseResponse:
    """Pass an upload on to the clinic, or once more after it did not answer."""
    uploads = uploads_at_hand()
    row = _find(uploads, upload_id)
    if not doors().clinic.is_there:
        abort(404)
    uploads.hand_in(row, doors().clinic, now=doors().clock.now())
    return _to_documents(row)


@blueprint.get("/documents/<upload_id>/delete")
@login_required
def ask_delete(upload_id: str) -> str:
    """What will be lost, before it is (U-34; screen `upload-delete`)."""
    row = _find(uploads_at_hand(), upload_id)
    return render_template("portal/documents/delete.html", view=View(row, size_words(row.size)))


@blueprint.post("/documents/<upload_id>/delete")
@login_required
def delete(upload_id: str) -> BaseResponse:
    """Throw an upload away."""
    uploads = uploads_at_hand()
    uploads.delete(_find(uploads, upload_id))
    log.info("upload-deleted", patient=_pseudonym())
    return redirect(f"{request.root_path}/documents?deleted=yes", code=303)


def _find(uploads: Uploads, upload_id: str) -> Upload:
    try:
        return uploads.find(upload_id)
    except NoSuchUploadError:
        abort(404)


def _hand_in(uploads: Uploads, row: Upload) -> None:
    """Pass a fresh upload on; if that does not work it is kept all the same, and the page offers it again."""
    if not row.wanted_by_clinic:
        return
    try:
        uploads.hand_in(row, doors().clinic, now=doors().clock.now())
    except ClinicError as error:
        log.warning("hand-in", reason=type(error).__name__)


def _to_documents(row: Upload) -> BaseResponse:
    return redirect(f"{request.root_path}/documents?about={quote(row.id)}", code=303)


def _refused(form: UploadForm, key: str, problem: errors.UploadError | None) -> Response:
    if problem is not None:
        log.info("upload-refused", patient=_pseudonym(), reason=problem.outcome)
        form.file.errors = [problem.text]
    return refused(_form(form, key, problem), problem)


def _new_key() -> str:
    return new_form_key("upload", subject().key)


def _unread(problem: errors.UploadError) -> ResponseReturnValue:
    if not current_user.is_authenticated:
        # Asked for here because the form is read before the view is: its token is in it.
        return cast(ResponseReturnValue, current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
    return _refused(UploadForm(formdata=None), _new_key(), problem)


answer_unread(blueprint, DOCUMENT, _unread)


def _form(form: UploadForm, key: str, problem: errors.UploadError | None = None) -> str:
    return render_template(
        "portal/documents/upload.html",
        form=form,
        problem=problem.outcome if problem is not None else "",
        purpose=DOCUMENT,
        again=name_of_form() if form.errors and problem is None else "",
        key=key,
        failed=bool(form.errors),
        clinic=_clinic_of_patient(),
        largest=LIMITS.body,
        whose=subject(),
    )


def _clinic_of_patient() -> str | None:
    """Name of the clinic that would get the document; empty if only it is not known which; None if there is none."""
    if not doors().clinic.is_there:
        return None
    try:
        attachment = subject().card.attachment
    except (CardNotFoundError, CardDuplicateError):
        return None
    except NoAnswerError:
        return ""
    return attachment.site.name if attachment is not None else None


def _pseudonym() -> str:
    return keeper().sealer.pseudonym(current_user.patient_id)
