"""A signature file and its PIN: opened, counted, and whose it is; what every page that takes one shares (R-063, S-57).

File and PIN live as long as the request, in memory; what is counted is a keyed hash of the file. What follows from a
right one differs: a sign-in, a step within a session, a confirmation of who one is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from flask import request

from foundation import log
from foundation.database import Session
from foundation.russian import span, time_msk
from sandbox_idp.accounts.models import Person
from sandbox_idp.context import current_stand
from sandbox_idp.policy import Policy, current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import signature_words, throttle
from sandbox_idp.sign_in.forms import SignatureForm
from sandbox_idp.sign_in.password import Locked
from sandbox_idp.sign_in.secrecy import keyed_hash
from sandbox_idp.sign_in.throttle import Limit
from sandbox_idp.signature import pkcs12, trust

_log = log.get_log("sandbox_idp.sign_in")


@dataclass(frozen=True)
class WrongPin:
    """The PIN does not open the file; so many tries are left for it."""

    left: int


Opened = x509.Certificate | pkcs12.FileError
Unusable = Locked | WrongPin | pkcs12.FileError
"""Nothing was learnt from the file: the form is shown again."""


def open_file(form: SignatureForm) -> Opened:
    """The certificate in the file, or why there is none. Slow on purpose: call it outside of any transaction."""
    try:
        return pkcs12.open_file(form.content, form.pin.data, current_stand().ids.token().encode())
    except pkcs12.FileError as error:
        return error


def locked_until(session: Session, form: SignatureForm, now: datetime) -> datetime | None:
    """Until when this file is not looked at; None if it is."""
    return throttle.locked_until(session, _limits(form.content, current_policy()), now)


def settle(
    session: Session, form: SignatureForm, opened: Opened, now: datetime
) -> Person | Unusable | trust.CertificateError:
    """Count the outcome and find the owner. A lock that came up meanwhile holds for a right PIN too: guesses side by
    side gain nothing.
    """
    if isinstance(opened, pkcs12.FileError) and not isinstance(opened, pkcs12.WrongPinError):
        return opened
    limits = _limits(form.content, current_policy())
    until = throttle.locked_until(session, limits, now, hold=True)
    if until is not None:
        return Locked(until)
    own = limits[0]
    if isinstance(opened, pkcs12.WrongPinError):
        left = own.lock_after - throttle.count_wrong(session, limits, now)[own.key]
        return WrongPin(left) if left > 0 else Locked(now + own.lock_for)
    throttle.forget(session, own.key)
    try:
        return trust.owner(session, opened, now)
    except trust.CertificateError as error:
        return error


def explain(form: SignatureForm, outcome: Unusable, now: datetime) -> timedelta | None:
    """Put what is wrong to its field, and note it; the time to wait, where the tries for this file are used up."""
    if isinstance(outcome, Locked):
        left = outcome.until - now
        _note("signature-wrong-pin", left=0)
        when = f"Повторить можно через {span(left)}, в {time_msk(outcome.until)}."
        form.pin.errors = [
            f"Попытки для этого файла закончились. {when} Сейчас подойдёт другой файл или другой способ."
        ]
        return left
    if isinstance(outcome, WrongPin):
        _note("signature-wrong-pin", left=outcome.left)
        form.pin.errors = [f"ПИН-код не подошёл. Осталось попыток: {outcome.left}. {signature_words.CHOOSE_AGAIN}"]
        return None
    found = signature_words.FILES[type(outcome)]
    _note(found.act)
    form.file.errors = [found.text]
    return None


def _note(act: str, **details: int) -> None:
    engine.act(act, **details)
    _log.info("signature_refused", reason=act, **details)


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
