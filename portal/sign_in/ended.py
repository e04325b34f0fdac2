"""Where nobody is signed in: the session has ended, the way to the sign-in, and the end of going round in circles.

U-25: a part sends the whole page away, an ended session is explained, and a stranger goes to the sign-in.
"""

from __future__ import annotations

from datetime import timedelta

from flask import g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from foundation.web.cookies import Cookie
from portal.doors import doors
from portal.sign_in import drafts
from portal.sign_in.models import PatientSession
from portal.sign_in.next_page import asked_page
from portal.sign_in.sessions import keeper, sign_in_address
from portal.web.errors import Action, Failure, failure_page
from portal.web.requests import wants_fragment
from portal.web.typed import typed_in

MOST_TURNS = 3
"""Automatic ways to the sign-in within `TURNS_WITHIN` after which the portal stops and explains."""
TURNS_WITHIN = timedelta(minutes=1)


def answer() -> BaseResponse:
    """What a request for a page of a patient gets when nobody is signed in."""
    page = asked_page()
    ended: PatientSession | None = g.get("ended_session")
    kept = ended is not None and _kept(ended.patient_id, page)
    # What a form sent and nobody may keep is shown once more; all else of htmx opens its own page whole.
    lost = request.method == "POST" and not kept and not wants_fragment()
    if request.headers.get("HX-Request") == "true" and not lost:
        response = make_response("", 401)
        response.headers["HX-Redirect"] = request.root_path + page
        return response
    if not keeper().has_session_cookie() and not keeper().has_left():
        return _to_the_sign_in(page)
    why = "logout" if ended is None and not keeper().has_session_cookie() else "unknown"
    text = render_template(
        "portal/sign_in/session_ended.html",
        why=(ended.ended_reason if ended is not None else None) or why,
        sign_in=sign_in_address(page),
        kept=kept,
        typed=[value for _, value in typed_in(request.form.items(multi=True)) if value.strip()],
    )
    return make_response(text, 401)


def _kept(patient_id: str, page: str) -> bool:
    """Whether there is a draft of what the person of the ended session typed; what was sent just now becomes one."""
    if request.method == "POST" and drafts.keep(patient_id, page, request.form.items(multi=True)):
        return True
    return drafts.find(patient_id, page) is not None


def _to_the_sign_in(page: str) -> BaseResponse:
    """Straight to the sign-in, unless the browser was sent there three times within a minute (row redirect-loop).

    The times are kept by the browser: one that keeps no cookies is stopped by the sign-in itself.
    """
    now, cookie = doors().clock.now(), Cookie("turns", doors().settings.public_url)
    since = (now - TURNS_WITHIN).timestamp()
    kept = keeper().sealer.unsign(cookie.read()) or ""
    turns = [moment for moment in kept.split("-") if moment.isdecimal() and int(moment) > since]
    if len(turns) >= MOST_TURNS:
        response = failure_page(_in_circles())
        cookie.delete(response)
        return response
    response = make_response(redirect(sign_in_address(page), code=303))
    turns = [*turns, str(int(now.timestamp()))]
    cookie.write(response, keeper().sealer.sign("-".join(turns)), keep_for=TURNS_WITHIN)
    return response


def _in_circles() -> Failure:
    return Failure(
        screen="sign-in-loop",
        status=508,
        side="portal",
        heading="Вход ходит по кругу",
        lead="Мы остановили его, чтобы страница не открывалась без конца.",
        what="Портал трижды за минуту отправлял вас на Госуслуги, но потом браузер не помнил, что вы вошли.",
        safe="Ваши данные не изменились, лишних записей нет.",
        then="Закройте другие вкладки портала и нажмите «Начать заново».",
        otherwise="Отключите на минуту программы, которые чистят файлы cookie, или откройте портал в другом браузере.",
        actions=[Action("Начать заново", f"{request.root_path}/")],
        reason="sign-in-loop",
    )
