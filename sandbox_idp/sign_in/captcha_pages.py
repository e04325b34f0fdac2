"""The captcha on the first page: what is shown, what was answered, its picture and its recording."""

from __future__ import annotations

from datetime import datetime

from flask import Response, abort, request

from foundation.russian import span
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import captcha, views
from sandbox_idp.sign_in.captcha import Shown, Verdict

WAIT = "wait"
"""Value of the button «Не могу пройти проверку»."""
_KEY = "captcha_key"
_WORDS = {
    "missing": "Введите цифры с картинки или с записи. Мы просим об этом после трёх неверных паролей.",
    "wrong": "Цифры не подошли. Это новая картинка: введите цифры с неё и ещё раз пароль.",
    "expired": "Картинка устарела. Это новая: введите цифры с неё и ещё раз пароль.",
}


def asked(now: datetime, *, person_oid: int | None, wait: bool = False) -> Shown:
    """A new captcha for the page that is about to be shown, or the wait in its place."""
    with current_stand().database.writing() as session:
        shown = captcha.make(session, rules=current_policy().captcha, now=now, wait=wait)
    engine.act("captcha-waited" if wait else "captcha-asked", person_oid=person_oid)
    return shown


def still(now: datetime) -> Shown | None:
    """The captcha that the form at hand carries, for a page that comes back because of something else."""
    with current_stand().database.reading() as session:
        return captcha.again(session, request.form.get(_KEY, ""), now)


def answered(now: datetime) -> Verdict:
    """What was answered; the captcha is used up by it."""
    with current_stand().database.writing() as session:
        typed = request.form.get("captcha", "")
        return captcha.spend(session, request.form.get(_KEY, ""), typed, rules=current_policy().captcha, now=now)


def refused(verdict: Verdict, now: datetime, *, person_oid: int | None) -> Shown | None:
    """What the page shows after an answer that did not do: a new captcha, or the wait that is not over."""
    if verdict.result == "early":
        return still(now)
    if verdict.result in ("wrong", "expired"):
        engine.act(f"captcha-{verdict.result}", person_oid=person_oid)
    return asked(now, person_oid=person_oid)


def words(verdict: Verdict) -> str:
    """Why the answer did not do, and what to do."""
    if verdict.result == "early":
        return f"Подождите ещё {span(views.whole_seconds(verdict.left))} и нажмите «Войти»."
    return _WORDS[verdict.result]


def picture() -> Response:
    """The figures as an SVG; 404 for a key that is no captcha's (any more)."""
    response = Response(captcha.picture(_key_at_hand(), current_policy().captcha), mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response


def recording() -> Response:
    """The figures as a WAV."""
    return Response(captcha.recording(_key_at_hand(), current_policy().captcha), mimetype="audio/wav")


def _key_at_hand() -> str:
    stand = current_stand()
    key = request.args.get("key", "")
    with stand.database.reading() as session:
        if captcha.again(session, key, stand.clock.now()) is None:
            abort(404)
    return key
