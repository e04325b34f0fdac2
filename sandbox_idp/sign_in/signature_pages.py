"""«Вход с помощью электронной подписи» (R-028, R-063): one form with file and PIN, and every reason to refuse it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

from flask import Response, request

from foundation.database import Session
from sandbox_idp.accounts.models import Person
from sandbox_idp.context import current_stand
from sandbox_idp.scenarios import engine, sign_ins
from sandbox_idp.sign_in import completion, info_pages, pending, signature_check, signature_words, views
from sandbox_idp.sign_in.completion import SignedIn
from sandbox_idp.sign_in.forms import TOO_LARGE, SignatureForm
from sandbox_idp.sign_in.password import Locked
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.signature import trust

_MOST_DRAINED = 32 * 1024 * 1024


@dataclass(frozen=True)
class Closed:
    """The signature is right, and the account of its owner is not open."""


def signature() -> Response:
    """The form."""
    stand = current_stand()
    with stand.database.reading() as session:
        visit = pending.visit_at_hand(session, stand.clock.now())
    return _page(visit, SignatureForm(formdata=None))


def plugin() -> Response:
    """«Подпись на токене»: no browser of this stand has the plug-in of CryptoPro (R-093)."""
    stand = current_stand()
    with stand.database.reading() as session:
        visit = pending.visit_at_hand(session, stand.clock.now())
    engine.act("signature-no-plugin")
    return views.trouble("signature_plugin.html", 200, visit=visit, reason="signature-no-plugin")


def signature_sent() -> Response:
    """A file and its PIN."""
    stand = current_stand()
    now = stand.clock.now()
    form = SignatureForm()
    valid = form.validate()
    with stand.database.reading() as session:
        visit = pending.visit_at_hand(session, now)
        locked = signature_check.locked_until(session, form, now) if valid else None
    if not valid:
        return _page(visit, form, 422)
    if locked is not None:
        return _unusable(visit, form, Locked(locked), now)
    opened = signature_check.open_file(form)
    with stand.database.writing() as session:
        outcome = _settle(session, visit, form, opened, now)
    if isinstance(outcome, SignedIn):
        sign_ins.bind_person(outcome.session.record.person_oid)
        return completion.leave(outcome)
    if isinstance(outcome, Closed | trust.CertificateError):
        return _refused(visit, outcome)
    return _unusable(visit, form, outcome, now)


def too_large() -> Response:
    """More was sent than any page takes. What is on its way is read and dropped: a browser whose upload is cut short
    shows no answer.
    """
    _drain(request.environ["wsgi.input"], request.content_length or 0)
    form = SignatureForm(formdata=None)
    form.file.errors = [TOO_LARGE]
    return _page(info_pages.visit_or_none(), form, 413)


def _settle(
    session: Session, visit: Visit, form: SignatureForm, opened: signature_check.Opened, now: datetime
) -> SignedIn | Closed | signature_check.Unusable | trust.CertificateError:
    found = signature_check.settle(session, form, opened, now)
    if not isinstance(found, Person):
        return found
    return completion.complete_by_signature(session, visit, found, now) if found.state == "active" else Closed()


def _refused(visit: Visit, outcome: Closed | trust.CertificateError) -> Response:
    if isinstance(outcome, Closed):
        return views.trouble("closed_account.html", 403, visit=visit, reason="account closed", by_signature=True)
    words = signature_words.about(outcome)
    engine.act(words.act)
    return views.trouble(
        "signature_refused.html",
        403,
        visit=visit,
        reason=words.act,
        words=words,
        certificate=trust.shown(outcome.certificate),
        stranger=isinstance(outcome, trust.StrangerError),
    )


def _unusable(visit: Visit, form: SignatureForm, outcome: signature_check.Unusable, now: datetime) -> Response:
    wait = signature_check.explain(form, outcome, now)
    return _page(visit, form, 429 if isinstance(outcome, Locked) else 422, retry_after=wait)


def _page(visit: Visit, form: SignatureForm, status: int = 200, *, retry_after: timedelta | None = None) -> Response:
    return views.show("signature.html", status, visit=visit, form=form, retry_after=retry_after)


def _drain(stream: IO[bytes], length: int) -> None:
    left = min(length, _MOST_DRAINED)
    while left > 0:
        read = len(stream.read(min(left, 64 * 1024)))
        if not read:
            return
        left -= read
