"""«Безопасность»: where everything that protects the account is found; sessions and devices; «История входов»."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, request, url_for

from sandbox_idp.cabinet import access, compromise, guard, history, views
from sandbox_idp.context import current_stand
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in.views import go

NEWEST = 3
"""So many lines of the history stand on the first page of the section."""


@dataclass(frozen=True)
class Door:
    """A card of the section that leads on."""

    endpoint: str
    icon: str
    title: str
    words: str

    @property
    def address(self) -> str:
        """Where it leads."""
        return url_for(self.endpoint)


_DOORS = (
    Door("cabinet.password", "key", "Пароль", "Смените, если его мог узнать кто-то ещё."),
    Door("cabinet.two_step", "phone", "Двухэтапная проверка", "Чем вы подтверждаете вход после пароля."),
    Door("cabinet.sessions", "cab", "Сеансы и устройства", "Где вы сейчас вошли. Чужой сеанс можно завершить."),
    Door("cabinet.history", "clock", "История входов", "Когда, откуда и как входили в учётную запись."),
    Door("cabinet.consents", "shield", "Согласия", "Каким системам вы доверили свои данные."),
)


def security() -> Response:
    """The first page of the section (screen `cabinet-security`)."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        here = guard.signed_in(session, now)
        return views.show(
            session,
            here,
            "security.html",
            doors=[door for door in _DOORS if door.endpoint in current_app.view_functions],
            lines=history.newest(session, here.person.oid, NEWEST),
            restricted_until=guard.restricted_until(here.person, now),
            case=compromise.open_case(session, here.person.oid),
        )


def sessions() -> Response:
    """Every browser that is signed in now, this one marked (S-48; screen `cabinet-sessions`)."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        here = guard.signed_in(session, now)
        return views.show(
            session,
            here,
            "sessions.html",
            sessions=access.living(session, here.person.oid, now),
            own_sid=here.session.sid,
            ended=request.args.get("ended", type=int),
        )


def sessions_sent() -> Response:
    """End one other session, or all others. What ended meanwhile is no mistake."""
    stand = current_stand()
    now = stand.clock.now()
    one = request.form.get("sid", "")
    everything = request.form.get("action") == "others"
    with stand.database.writing() as session:
        here = guard.signed_in(session, now)
        mine = here.session.sid
        ended = (
            access.end_sessions(session, here.person.oid, now, only=None if everything else one, keep=mine)
            if everything or one
            else 0
        )
    if ended:
        engine.act("session-ended", person_oid=here.person.oid, count=ended)
    return go(views.address("cabinet.sessions", ended=ended))


def history_page() -> Response:
    """«История входов»: the newest fifty lines (R-079; screen `cabinet-history`)."""
    with current_stand().database.reading() as session:
        here = guard.signed_in(session)
        lines = history.newest(session, here.person.oid)
        return views.show(session, here, "history.html", lines=lines, own_sid=here.session.sid)
