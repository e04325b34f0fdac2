"""How the pages of the cabinet are answered: all of them know who is signed in and how many notices wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, make_response, render_template, request, url_for

from foundation.database import Session
from sandbox_idp.cabinet import notices
from sandbox_idp.cabinet.guard import SignedIn


@dataclass(frozen=True)
class Section:
    """One section of the cabinet in its navigation."""

    endpoint: str
    words: str
    icon: str

    @property
    def is_current(self) -> bool:
        """Whether the page at hand belongs to it."""
        own = url_for(self.endpoint)
        here = f"{request.root_path}{request.path}"
        return here == own or (self.endpoint != "cabinet.home" and here.startswith(f"{own}/"))


SECTIONS = (
    Section("cabinet.home", "Главная", "home"),
    Section("cabinet.profile", "Профиль", "user"),
    Section("cabinet.documents", "Мои документы", "doc"),
    Section("cabinet.security", "Безопасность", "lock"),
    Section("cabinet.consents", "Согласия", "shield"),
    Section("cabinet.notices", "Уведомления", "bell"),
)


def show(session: Session, here: SignedIn, template: str, status: int = 200, **values: Any) -> Response:
    """A page of the cabinet; its template extends `sandbox_idp/cabinet/layout.html`."""
    return make_response(
        render_template(
            f"sandbox_idp/cabinet/{template}",
            person=here.person,
            sections=[each for each in SECTIONS if each.endpoint in current_app.view_functions],
            unread=notices.unread(session, here.person.oid),
            **values,
        ),
        status,
    )


def address(endpoint: str, **values: Any) -> str:
    """The address of a page of the cabinet; values that are None are left out."""
    return url_for(endpoint, **{name: value for name, value in values.items() if value is not None})
