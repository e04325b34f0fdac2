"""«Профиль»: who the person is, which level the account has, and how to reach them."""

from __future__ import annotations

from flask import Response

from foundation.russian import date_long
from sandbox_idp.accounts import organisations, people
from sandbox_idp.accounts.logins import Login
from sandbox_idp.cabinet import document_pages, documents, guard, views
from sandbox_idp.context import current_stand


def profile() -> Response:
    """The person's data, level and contacts (screen `cabinet-profile`)."""
    document_pages.look_around()
    with current_stand().database.reading() as session:
        here = guard.signed_in(session)
        person = here.person
        phone, mail = people.confirmed_phone(session, person.oid), people.confirmed_mail(session, person.oid)
        return views.show(
            session,
            here,
            "profile.html",
            name=people.full_name(person),
            born=date_long(person.birth_date),
            level=people.level_words(person),
            missing=documents.missing_for_standard(person, documents.papers(session, person)),
            phone=Login("phone", phone).masked if phone else None,
            mail=Login("mail", mail).masked if mail else None,
            organisations=organisations.of(session, person.oid),
        )
