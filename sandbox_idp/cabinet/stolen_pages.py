"""«Мой аккаунт взломали», and «это не я» by the link of a notice (R-142)."""

from __future__ import annotations

from flask import Response, current_app, make_response, render_template, request

from sandbox_idp.accounts import people
from sandbox_idp.cabinet import access, compromise, guard, views
from sandbox_idp.context import current_stand
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in.views import go, stopped

OWN = "cabinet.stolen"


def stolen() -> Response:
    """The steps of the person's case; without being signed in, what to do and how to begin (screen `stolen`)."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        try:
            here = guard.signed_in(session, now)
        except guard.NotSignedInError:
            return _page("stolen_outside.html")
        case = compromise.open_case(session, here.person.oid)
        return views.show(
            session,
            here,
            "stolen.html",
            case=case,
            steps=compromise.steps(session, here, case, now) if case is not None else None,
            phone=people.confirmed_phone(session, here.person.oid),
            mail=people.confirmed_mail(session, here.person.oid),
            factors=people.usable_factors(session, here.person),
            others=len(access.living(session, here.person.oid, now)) - 1,
            consents=len(access.consents_in_force(session, here.person.oid, now)),
            endpoints=current_app.view_functions,
            closed=bool(request.args.get("closed")),
        )


def stolen_sent() -> Response:
    """One step of the case: begin it, say that something was looked at, end the other sessions, close it."""
    stand = current_stand()
    now = stand.clock.now()
    wanted = request.form.get("action")
    closed = None
    with stand.database.writing() as session:
        here = guard.signed_in(session, now)
        if wanted == "begin":
            compromise.begin(session, here.person, now)
        case = compromise.open_case(session, here.person.oid, hold=True)
        if case is not None:
            if wanted == "contacts":
                case.contacts_checked_at = now
            elif wanted == "factors":
                case.factors_checked_at = now
            elif wanted == "sessions":
                access.end_sessions(session, here.person.oid, now, keep=here.session.sid)
            elif wanted == "close" and compromise.steps(session, here, case, now).all_done:
                case.closed_at = now
                closed = 1
            session.add(case)
    if wanted == "begin":
        engine.act("account-reported-stolen", person_oid=here.person.oid)
    return go(views.address(OWN, closed=closed))


def not_me() -> Response:
    """What the link of a notice will do; nothing happens yet, and nothing of the person is shown (screen `not-me`)."""
    stand = current_stand()
    with stand.database.reading() as session:
        good = compromise.is_good(compromise.find_link(session, _token()), stand.clock.now())
    return _page("not_me.html", token=_token()) if good else _link_over()


def not_me_sent() -> Response:
    """Close the account to whoever is in it (screen `account-stolen`)."""
    stand = current_stand()
    now = stand.clock.now()
    try:
        with stand.database.writing() as session:
            case = compromise.disown(session, _token(), now)
            oid, number = case.person_oid, case.number
    except compromise.LinkOverError:
        return _link_over()
    engine.act("sign-in-disowned", person_oid=oid)
    return _page("account_stolen.html", number=number)


def _link_over() -> Response:
    return _page("not_me_over.html", 410, reference=stopped("not-me link over"))


def _token() -> str:
    return request.values.get("link", "")[:200]


def _page(template: str, status: int = 200, **values: object) -> Response:
    """A page for whoever comes from outside, without the frame of the cabinet."""
    return make_response(render_template(f"sandbox_idp/cabinet/{template}", **values), status)
