"""«Вход с помощью электронной подписи» (R-028, R-063): one form with file and PIN, and every reason to refuse it.

The file and the PIN live as long as the request, in memory; what is counted is a keyed hash of the file (S-57).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

from cryptography import x509
from flask import Response, request

from foundation import log
from foundation.database import Session
from foundation.russian import span, time_msk
from sandbox_idp.accounts.models import Person
from sandbox_idp.context import current_stand
from sandbox_idp.policy import Policy, current_policy
from sandbox_idp.scenarios import engine, sign_ins
from sandbox_idp.sign_in import completion, info_pages, pending, signature_words, throttle, views
from sandbox_idp.sign_in.completion import SignedIn
from sandbox_idp.sign_in.forms import TOO_LARGE, SignatureForm
from sandbox_idp.sign_in.password import Locked
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.secrecy import keyed_hash
from sandbox_idp.sign_in.throttle import Limit
from sandbox_idp.signature import pkcs12, trust

_log = log.get_log("sandbox_idp.sign_in")
_MOST_DRAINED = 32 * 1024 * 1024


@dataclass(frozen=True)
class WrongPin:
    """The PIN does not open the file; so many tries are left for it."""

    left: int


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
    return views.show("signature_plugin.html", visit=visit)


def signature_sent() -> Response:
    """A file and its PIN."""
    stand = current_stand()
    now = stand.clock.now()
    policy = current_policy()
    form = SignatureForm()
    valid = form.validate()
    with stand.database.reading() as session:
        visit = pending.visit_at_hand(session, now)
        locked = throttle.locked_until(session, _limits(form.content, policy), now) if valid else None
    if not valid:
        return _page(visit, form, 422)
    if locked is not None:
        return _locked(visit, form, Locked(locked), now)
    opened = _open(form)
    with stand.database.writing() as session:
        outcome = _settle(session, visit, form, opened, policy=policy, now=now)
    if isinstance(outcome, SignedIn):
        sign_ins.bind_person(outcome.session.record.person_oid)
        return completion.leave(outcome)
    if isinstance(outcome, Locked):
        return _locked(visit, form, outcome, now)
    return _refused(visit, form, outcome)


def too_large() -> Response:
    """More was sent than any page takes. What is on its way is read and dropped: a browser whose upload is cut short
    shows no answer.
    """
    _drain(request.environ["wsgi.input"], request.content_length or 0)
    form = SignatureForm(formdata=None)
    form.file.errors = [TOO_LARGE]
    return _page(info_pages.visit_or_none(), form, 413)


def _open(form: SignatureForm) -> x509.Certificate | pkcs12.FileError:
    try:
        return pkcs12.open_file(form.content, form.pin.data, current_stand().ids.token().encode())
    except pkcs12.FileError as error:
        return error


def _settle(
    session: Session,
    visit: Visit,
    form: SignatureForm,
    opened: x509.Certificate | pkcs12.FileError,
    *,
    policy: Policy,
    now: datetime,
) -> SignedIn | Locked | WrongPin | Closed | pkcs12.FileError | trust.CertificateError:
    """Count the outcome, and open a session for the right one. A lock that came up meanwhile holds for a right PIN
    too: guesses side by side gain nothing.
    """
    if isinstance(opened, pkcs12.FileError) and not isinstance(opened, pkcs12.WrongPinError):
        return opened
    limits = _limits(form.content, policy)
    until = throttle.locked_until(session, limits, now, hold=True)
    if until is not None:
        return Locked(until)
    own = limits[0]
    if isinstance(opened, pkcs12.WrongPinError):
        left = own.lock_after - throttle.count_wrong(session, limits, now)[own.key]
        return WrongPin(left) if left > 0 else Locked(now + own.lock_for)
    throttle.forget(session, own.key)
    try:
        person: Person = trust.owner(session, opened, now)
    except trust.CertificateError as error:
        return error
    return completion.complete_by_signature(session, visit, person, now) if person.state == "active" else Closed()


def _refused(
    visit: Visit, form: SignatureForm, outcome: WrongPin | Closed | pkcs12.FileError | trust.CertificateError
) -> Response:
    if isinstance(outcome, Closed):
        return views.trouble("closed_account.html", 403, visit=visit, reason="account closed", by_signature=True)
    if isinstance(outcome, trust.CertificateError):
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
    if isinstance(outcome, WrongPin):
        engine.act("signature-wrong-pin", left=outcome.left)
        _log.info("signature_refused", reason="signature-wrong-pin", left=outcome.left)
        form.pin.errors = [f"ПИН-код не подошёл. Осталось попыток: {outcome.left}. {signature_words.CHOOSE_AGAIN}"]
        return _page(visit, form, 422)
    found = signature_words.FILES[type(outcome)]
    engine.act(found.act)
    _log.info("signature_refused", reason=found.act)
    form.file.errors = [found.text]
    return _page(visit, form, 422)


def _locked(visit: Visit, form: SignatureForm, locked: Locked, now: datetime) -> Response:
    """The tries for this file are used up; every other file, and every other way, is open."""
    left = locked.until - now
    engine.act("signature-wrong-pin", left=0)
    _log.info("signature_refused", reason="locked")
    when = f"Повторить можно через {span(left)}, в {time_msk(locked.until)}."
    form.pin.errors = [f"Попытки для этого файла закончились. {when} Сейчас подойдёт другой файл или другой способ."]
    return _page(visit, form, 429, retry_after=left)


def _page(visit: Visit, form: SignatureForm, status: int = 200, *, retry_after: timedelta | None = None) -> Response:
    return views.show("signature.html", status, visit=visit, form=form, retry_after=retry_after)


def _limits(content: bytes, policy: Policy) -> tuple[Limit, Limit]:
    """Tries are counted for the file, which locks nobody else out, and a hundred times as many for the address."""
    rules = policy.signature
    return (
        Limit(keyed_hash("signature", hashlib.sha256(content).hexdigest()), rules.tries, rules.lock_for),
        Limit(
            keyed_hash("signature-address", request.remote_addr or ""),
            rules.tries * policy.tries.address_factor,
            rules.lock_for,
            forgets=True,
        ),
    )


def _drain(stream: IO[bytes], length: int) -> None:
    left = min(length, _MOST_DRAINED)
    while left > 0:
        read = len(stream.read(min(left, 64 * 1024)))
        if not read:
            return
        left -= read
