"""A signature within a session: the pages that take one, for a step or for who one is (`docs/policy.md`).

Everything that refuses a signature at the sign-in refuses it here, and one thing more: it must be the signature of the
very person who is signed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response

from foundation.database import Session
from sandbox_idp.accounts.models import Person
from sandbox_idp.cabinet import confirm_pages, confirmation, guard, views
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.context import current_stand
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import sessions, signature_check, signature_words
from sandbox_idp.sign_in.forms import SignatureForm
from sandbox_idp.sign_in.password import Locked
from sandbox_idp.sign_in.signature_words import OTHER_PERSON, Words
from sandbox_idp.sign_in.views import stopped, whole_seconds
from sandbox_idp.signature import trust


@dataclass(frozen=True)
class SignaturePage:
    """What one of these pages is for."""

    screen: str
    heading: str
    action: Callable[[], str]
    others: Callable[[], str]
    """Where the other ways are."""
    who: Callable[[Session], SignedIn]
    """Who may be here; raises what sends everybody else away."""
    accept: Callable[[Session, SignedIn], Response]
    """What follows from the right signature, within the same transaction."""


def step() -> Response:
    """The form of the step-up (screen `cabinet-confirm-signature`)."""
    return ask(_STEP)


def step_sent() -> Response:
    """A file and its PIN."""
    return take(_STEP)


def ask(page: SignaturePage) -> Response:
    """The form."""
    with current_stand().database.reading() as session:
        return _form(session, page.who(session), page, SignatureForm(formdata=None))


def take(page: SignaturePage) -> Response:
    """A file and its PIN: what follows from the right ones, or why these are not."""
    stand = current_stand()
    now = stand.clock.now()
    form = SignatureForm()
    valid = form.validate()
    with stand.database.reading() as session:
        here = page.who(session)
        if not valid:
            return _form(session, here, page, form, 422)
        until = signature_check.locked_until(session, form, now)
    opened = signature_check.open_file(form) if until is None else None
    with stand.database.writing() as session:
        here = page.who(session)
        if opened is None:
            assert until is not None
            return _unusable(session, here, page, form, Locked(until))
        outcome = signature_check.settle(session, form, opened, now)
        if isinstance(outcome, trust.CertificateError):
            return _refused(session, here, page, outcome, signature_words.about(outcome))
        if not isinstance(outcome, Person):
            return _unusable(session, here, page, form, outcome)
        if outcome.oid == here.person.oid:
            return page.accept(session, here)
        assert not isinstance(opened, Exception)
        return _refused(session, here, page, trust.CertificateError(opened), OTHER_PERSON)


def _step_done(session: Session, here: SignedIn) -> Response:
    confirmation.mark(session, here.session.token_hash, current_stand().clock.now())
    return confirm_pages.back(sessions.renew(session, here.session))


def _unusable(
    session: Session, here: SignedIn, page: SignaturePage, form: SignatureForm, outcome: signature_check.Unusable
) -> Response:
    wait = signature_check.explain(form, outcome, current_stand().clock.now())
    answer = _form(session, here, page, form, 429 if isinstance(outcome, Locked) else 422)
    if wait is not None:
        answer.headers["Retry-After"] = str(whole_seconds(wait))
    return answer


def _refused(
    session: Session, here: SignedIn, page: SignaturePage, error: trust.CertificateError, words: Words
) -> Response:
    engine.act(words.act, person_oid=here.person.oid)
    return views.show(
        session,
        here,
        "signature_refused.html",
        403,
        screen=f"{page.screen}-refused",
        words=words,
        certificate=trust.shown(error.certificate),
        action=page.action(),
        others=page.others(),
        reference=stopped(words.act),
    )


def _form(session: Session, here: SignedIn, page: SignaturePage, form: SignatureForm, status: int = 200) -> Response:
    return views.show(
        session,
        here,
        "signature.html",
        status,
        screen=page.screen,
        heading=page.heading,
        form=form,
        action=page.action(),
        others=page.others(),
        person_key=here.person.persona or here.person.oid,
    )


_STEP = SignaturePage(
    screen="cabinet-confirm-signature",
    heading="Подтвердите электронной подписью",
    action=lambda: confirm_pages.address("cabinet.confirm_signature"),
    others=lambda: confirm_pages.address("cabinet.confirm"),
    who=guard.signed_in,
    accept=_step_done,
)
