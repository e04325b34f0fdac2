"""The small pages around the sign-in: help with the password, and where else it opens doors."""

from __future__ import annotations

from flask import Response

from sandbox_idp.accounts import people
from sandbox_idp.context import current_stand
from sandbox_idp.sign_in import pending, views
from sandbox_idp.sign_in.pending import Visit


def register() -> Response:
    """Registration is not there yet: the people who are."""
    with current_stand().database.reading() as session:
        cards = people.list_people(session)
    return views.show("register.html", visit=visit_or_none(), people=cards)


def where_else() -> Response:
    """«Куда ещё можно войти с паролем от Госуслуг?» (R-027)."""
    return views.show("where_else.html", visit=visit_or_none(), portal_url=current_stand().portal_url)


def signature() -> Response:
    """«Вход с помощью электронной подписи» (R-028): not in this stand yet."""
    return views.show("signature.html", visit=visit_or_none())


def visit_or_none() -> Visit:
    """The errand, to lead back to it; these pages open without one just as well."""
    stand = current_stand()
    with stand.database.reading() as session:
        try:
            return pending.visit_at_hand(session, stand.clock.now())
        except pending.RequestGoneError:
            return Visit()
