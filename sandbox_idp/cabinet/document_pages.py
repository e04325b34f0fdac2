"""The pages of «Мои документы»: all of them with their state, and one form for each."""

from __future__ import annotations

from flask import Response, abort, request
from sqlalchemy.exc import IntegrityError

from foundation.database import Session
from foundation.russian import msk
from sandbox_idp.accounts import levels
from sandbox_idp.accounts.models import Person
from sandbox_idp.cabinet import documents, guard, views
from sandbox_idp.cabinet.document_forms import FORMS, DocumentForm
from sandbox_idp.cabinet.documents import KINDS, REGISTRIES, Kind
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.context import current_stand
from sandbox_idp.registries import checks
from sandbox_idp.sign_in.views import go


class InnTakenError(Exception):
    """Another account has this INN."""


def overview() -> Response:
    """Every document with what the registries say of it (screen `cabinet-documents`)."""
    look_around()
    with current_stand().database.reading() as session:
        here = guard.signed_in(session)
        shown = documents.papers(session, here.person)
        return views.show(
            session,
            here,
            "documents.html",
            papers=shown,
            missing=documents.missing_for_standard(here.person, shown),
            waiting=any(each.state == "checking" for each in shown),
        )


def overview_sent() -> Response:
    """«Проверить сейчас»: whatever a registry had put off."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.writing() as session:
        here = guard.signed_in(session, now)
        levels.hold(session, here.person)
        checks.look_now(session, here.person.oid, now)
        levels.look(session, here.person, now)
    return go(views.address("cabinet.documents"))


def form(kind: str) -> Response:
    """One document to be filled in (screen `cabinet-document`)."""
    wanted = _kind(kind)
    with current_stand().database.reading() as session:
        here = guard.signed_in(session)
        empty = _form(wanted, here.person, formdata=None)
        _fill(session, here.person, wanted, empty)
        return _show(session, here, wanted, empty)


def form_sent(kind: str) -> Response:
    """What was typed: kept, and the registry is asked; or every mistake beside its field."""
    wanted = _kind(kind)
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        here = guard.signed_in(session, now)
        typed = _form(wanted, here.person)
        if not typed.validate():
            return _show(session, here, wanted, typed, status=422)
    try:
        with stand.database.writing() as session:
            here = guard.signed_in(session, now)
            _keep(session, here.person, wanted, typed)
    except InnTakenError:
        # Whose it is belongs to that person: nobody is told more than that it cannot be kept (S-32).
        typed["inn"].errors = ["Сохранить этот ИНН не получилось. Сверьте 12 цифр со свидетельством."]
        with stand.database.reading() as session:
            return _show(session, guard.signed_in(session, now), wanted, typed, status=422)
    return go(views.address("cabinet.documents"))


def look_around() -> None:
    """Take what the registries have answered by now; nothing is written where nothing is due."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        oid = guard.signed_in(session, now).person.oid
        due = documents.is_due(session, oid, now)
    if due:
        with stand.database.writing() as session:
            documents.look(session, oid, now)


def _keep(session: Session, person: Person, kind: Kind, form: DocumentForm) -> None:
    now = current_stand().clock.now()
    registry = REGISTRIES.get(kind)
    if registry is not None:
        levels.give(session, person, registry, form.paper, now)
        return
    levels.hold(session, person)
    person.inn, person.updated_at = form.paper["number"], now
    session.add(person)
    try:
        session.flush()
    except IntegrityError:
        raise InnTakenError from None


def _form(kind: Kind, person: Person, **options: object) -> DocumentForm:
    today = msk(current_stand().clock.now()).date()
    return FORMS[kind](person.birth_date, today, **options)


def _fill(session: Session, person: Person, kind: Kind, form: DocumentForm) -> None:
    """Show what was given and is not confirmed, so that one digit can be corrected; confirmed numbers stay masked."""
    if kind == "inn":
        form["inn"].data = person.inn or ""
        return
    given = levels.unverified(session, person.oid, REGISTRIES[kind])
    if given is None:
        return
    form[kind].data = documents.in_full(kind, levels.digits_of(given))
    if kind == "passport":
        form["issued_on"].data = f"{given.issued_on:%d.%m.%Y}" if given.issued_on else ""
        form["issuer_code"].data, form["issued_by"].data = given.issuer_code or "", given.issued_by or ""


def _show(session: Session, here: SignedIn, kind: Kind, form: DocumentForm, *, status: int = 200) -> Response:
    shown = next(each for each in documents.papers(session, here.person) if each.kind == kind)
    if not shown.may_change:
        return go(views.address("cabinet.documents"))
    address = views.address("cabinet.document", kind=kind)
    if shown.state == "refused" and not form.errors and request.method == "GET":
        form[kind].errors = [shown.trouble]
    return views.show(session, here, "document.html", status, paper=shown, form=form, kind=kind, action=address)


def _kind(kind: str) -> Kind:
    found = next((each for each in KINDS if each == kind), None)
    if found is None:
        abort(404)
    return found
