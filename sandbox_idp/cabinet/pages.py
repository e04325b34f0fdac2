"""The first page of the cabinet, its notices, and the way out."""

from __future__ import annotations

from flask import Response

from sandbox_idp.accounts import people
from sandbox_idp.cabinet import guard, notices, views
from sandbox_idp.context import current_stand
from sandbox_idp.sign_in import codes, sessions
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.views import go


def home() -> Response:
    """Who is signed in here, and where to go (screen `cabinet`)."""
    stand = current_stand()
    with stand.database.reading() as session:
        here = guard.signed_in(session)
        person = here.person
        phone = people.confirmed_phone(session, person.oid)
        return views.show(
            session,
            here,
            "home.html",
            name=people.full_name(person),
            level=people.level_words(person),
            phone=phone,
            living=here.session,
            portal_url=stand.portal_url,
        )


def notices_page() -> Response:
    """«Уведомления»: the newest first; having been shown, they are read (the badge goes with the next page)."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        here = guard.signed_in(session, now)
        response = views.show(session, here, "notices.html", notices=notices.newest(session, here.person.oid))
    with stand.database.writing() as session:
        notices.mark_read(session, here.person.oid, now)
    return response


def sign_out() -> Response:
    """«Выйти с Госуслуг»."""
    response = go(Visit().address("sign_in.login"))
    sessions.end_session(response)
    return response


def code_trouble(verdict: codes.Refused | codes.Replaced | codes.Expired) -> str:
    """Why a code did not do, in the words that every page of a code uses."""
    if isinstance(verdict, codes.Refused):
        return (
            f"Код не подошёл. Осталось попыток: {verdict.left}"
            if verdict.left
            else "Попытки кончились. Получите новый код."
        )
    if isinstance(verdict, codes.Replaced):
        return "Это код из прошлого СМС. Подходит только код из последнего."
    return "Код истёк. Получите новый."
