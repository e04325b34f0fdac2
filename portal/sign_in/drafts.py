"""What somebody had typed when the session ended, kept for the same person until they are back (U-30; WCAG 2.2.5).

A draft belongs to a patient and to the page that the form stands on. It is stored encrypted, for a day, and opens only
for the patient who typed it: whoever signs in as somebody else never learns that there is one. Passwords, codes and
files are not kept. It goes when its form was sent, when the person throws it away, or when its day is over.

Forms of the portal derive from `KeptForm`, which is filled from the draft of its page. A page whose form does not still
tells what was typed (templates/portal/draft.html), so that nothing is lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Flask, g, request
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import bindparam, delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from foundation.database import Session
from foundation.log import get_log
from portal.doors import doors
from portal.sign_in.models import FormDraft, PatientSession
from portal.sign_in.next_page import asked_page, safe_next
from portal.sign_in.sessions import keeper
from portal.web.typed import Typed, typed_in

log = get_log("portal.sign_in")

KEPT_FOR = timedelta(hours=24)
MOST_DRAFTS = 10
"""Of one patient; the oldest goes."""
_OF_PAGE = select(FormDraft).where(
    col(FormDraft.patient_id) == bindparam("patient_id"), col(FormDraft.page) == bindparam("page")
)
"""Asked with every page of a patient, so put together once."""
MOST_FIELDS = 100
LONGEST = 16 * 1024
"""Characters of all fields together."""

_OWN = ("/session", "/logout")
"""Forms of the session itself: nobody types into them, and sending them sends no draft."""


@dataclass(frozen=True)
class Draft:
    """A draft as its owner sees it."""

    page: str
    fields: Typed
    saved_at: datetime

    @property
    def words(self) -> list[str]:
        """What was typed, for the eye; empty fields and ticks say nothing."""
        return [value for _, value in self.fields if value.strip() and value not in ("y", "on")]


def keep(by: PatientSession, page: str, fields: Iterable[tuple[str, str]]) -> bool:
    """Keep what was typed on `page` in place of an earlier draft of it; tells whether there was anything to keep."""
    typed = typed_in(fields)[:MOST_FIELDS]
    if not Draft(page, typed, doors().clock.now()).words or sum(len(value) for _, value in typed) > LONGEST:
        return False
    now = doors().clock.now()
    text = json.dumps(typed, ensure_ascii=False)
    sealed = keeper().sealer.encrypt(text, belongs_to=_owner(by, page), ids=doors().ids)
    try:
        _store(by.patient_id, _key(by, page), sealed, now)
    except IntegrityError:
        # Two tabs kept the same page at the same moment: the second then finds the row of the first.
        _store(by.patient_id, _key(by, page), sealed, now)
    log.info("draft_kept", patient=keeper().sealer.pseudonym(by.patient_id))
    return True


def _store(patient_id: str, page: str, sealed: str, now: datetime) -> None:
    with doors().database.writing() as session:
        session.execute(delete(FormDraft).where(col(FormDraft.expires_at) <= now))
        row = session.get(FormDraft, (patient_id, page))
        if row is None:
            row = FormDraft(patient_id=patient_id, page=page, sealed=sealed, saved_at=now, expires_at=now + KEPT_FOR)
        row.sealed, row.saved_at, row.expires_at = sealed, now, now + KEPT_FOR
        session.add(row)
        session.flush()
        own = select(FormDraft).where(col(FormDraft.patient_id) == patient_id)
        for surplus in session.exec(own.order_by(col(FormDraft.saved_at).desc()).offset(MOST_DRAFTS)).all():
            session.delete(surplus)


def find(by: PatientSession, page: str) -> Draft | None:
    """The draft of whoever has this session for a page; None if there is none whose day is not over."""
    with doors().database.reading() as session:
        row = session.exec(_OF_PAGE, params={"patient_id": by.patient_id, "page": _key(by, page)}).first()
    if row is None or doors().clock.now() >= row.expires_at:
        return None
    text = keeper().sealer.decrypt(row.sealed, belongs_to=_owner(by, page))
    if text is None:
        return None
    return Draft(page, [(str(name), str(value)) for name, value in json.loads(text)], row.saved_at)


def forget(by: PatientSession, page: str) -> None:
    """Throw the draft away; nothing happens if there is none."""
    with doors().database.writing() as session:
        _delete(session, by.patient_id, _key(by, page))


def _delete(session: Session, patient_id: str, page: str) -> None:
    session.execute(delete(FormDraft).where(col(FormDraft.patient_id) == patient_id, col(FormDraft.page) == page))


def _key(by: PatientSession, page: str) -> str:
    """What is typed for a child comes back where the patient acts for that child again, and nowhere else."""
    return page if by.acting_for is None else f"{page}#{by.acting_for}"


def _owner(by: PatientSession, page: str) -> str:
    return f"draft {by.patient_id} {_key(by, page)}"


# The request at hand


def draft_here() -> Draft | None:
    """The draft of whoever is signed in for the page at hand; looked up once a request."""
    if "draft" not in g:
        g.draft = _draft_here()
    return cast("Draft | None", g.draft)


def _draft_here() -> Draft | None:
    if request.method != "GET" or not current_user.is_authenticated:
        return None
    return find(current_user.session, safe_next(request.full_path.rstrip("?"), default=""))


class KeptForm(FlaskForm):
    """A form of the portal: when its page is opened again after a session that had ended, it holds what was typed."""

    class Meta(FlaskForm.Meta):
        """flask-wtf fills a form that was sent; this one also what was kept."""

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """Fields for a form that nobody gave any: those of the request, else those of the draft."""
            found = super().wrap_formdata(form, formdata)
            if found is not None or not request:
                return found
            draft = draft_here()
            if draft is None or not {name for name, _ in draft.fields} & set(form._fields):
                return None
            g.draft_in_form = True
            return MultiDict(draft.fields)


def install_drafts(app: Flask) -> None:
    """Show drafts on the pages of `app`, and throw away those whose form was sent."""
    app.jinja_env.globals["draft_here"] = draft_here
    app.jinja_env.globals["draft_in_form"] = lambda: bool(g.get("draft_in_form"))

    @app.after_request
    def forget_what_was_sent(response: Response) -> Response:
        sent = request.method == "POST" and response.status_code == 303 and not request.path.startswith(_OWN)
        if sent and current_user.is_authenticated:
            # A form of several pages is sent from the last of them to where it began.
            for page in {asked_page(), request.path}:
                forget(current_user.session, page)
        return response
