"""The pages of a sign-in that did not end well: which one, with which status and words.

What must not be trusted ends on one neutral page whatever the reason was (the reference leads support to the log);
what a person or an operator can do something about has a page of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, request

from foundation import russian
from portal.doors import doors
from portal.esia.errors import (
    CodeRefused,
    ConsentDenied,
    EsiaError,
    EsiaFailed,
    EsiaSilent,
    EsiaWorks,
    Misconfigured,
)
from portal.esia.works import Works
from portal.sign_in.next_page import HOME
from portal.sign_in.sessions import sign_in_address
from portal.web.errors import RESTART, Action, Failure, Window, failure_page

NOT_SIGNED_IN = "Вы не вошли, ваши данные не изменились."
WAIT = "Подождите 10 минут и попробуйте ещё раз."
WORKS_RETRY = 300
"""Seconds to wait where nobody knows when works end."""


def page_for(error: EsiaError, next_page: str = HOME) -> Response:
    """The page for what the way to Gosuslugi raised."""
    return failure_page(failure_for(error, next_page))


def failure_for(error: EsiaError, next_page: str = HOME) -> Failure:
    """Its screen and words; `next_page` is kept for the next try."""
    if isinstance(error, EsiaWorks):
        return works(error.works, next_page, retry_after=error.retry_after)
    if isinstance(error, CodeRefused):
        return stale(error.reason, next_page)
    known: tuple[tuple[type[EsiaError], Callable[[Any, str], Failure]], ...] = (
        (EsiaSilent, _silent),
        (EsiaFailed, _failed),
        (ConsentDenied, _consent_denied),
        (Misconfigured, _misconfigured),
    )
    words = next((words for kind, words in known if isinstance(error, kind)), None)
    return untrusted(error.reason, next_page) if words is None else words(error, next_page)


def untrusted(reason: str, next_page: str = HOME) -> Failure:
    """The neutral page: the sign-in cannot be finished safely, and that is all that is told."""
    return Failure(
        screen="sign-in-failed",
        status=400,
        side="person",
        what="Войти не получилось: портал не может убедиться, что этот вход начали вы и что он прошёл как нужно.",
        safe=NOT_SIGNED_IN,
        then=f"Нажмите «{RESTART}»: вход начнётся заново. Пароль второй раз, скорее всего, не понадобится.",
        otherwise="Разрешите браузеру файлы cookie для этого сайта и начните вход с главной страницы портала.",
        actions=_restart(next_page),
        reason=reason,
    )


def stale(reason: str, next_page: str = HOME) -> Failure:
    """The link of this sign-in is used or too old: nobody's fault, one press begins anew."""
    return Failure(
        screen="sign-in-stale",
        status=400,
        side="person",
        heading="Вход устарел",
        lead="Эта ссылка входа уже использована или устарела. Данные не потеряны.",
        what="Так бывает, если обновить страницу, нажать «Назад», открыть закладку или вернуться через 10 минут.",
        safe=NOT_SIGNED_IN,
        then="Нажмите «Начать вход заново». Пароль второй раз, скорее всего, не понадобится.",
        actions=[Action("Начать вход заново", sign_in_address(next_page))],
        reason=reason,
    )


def other_card(reason: str) -> Failure:
    """The person's SNILS is not the stored one: nothing of either card is shown (S-09)."""
    return Failure(
        screen="card-duplicate",
        status=409,
        side="portal",
        heading="Нужна проверка вашей карты",
        lead="СНИЛС из Госуслуг не совпал с тем, что записан в вашей карте на портале.",
        what="Чтобы не показать чужие данные, портал не открывает карту, пока её не проверят.",
        safe=NOT_SIGNED_IN,
        then="Напишите в поддержку и назовите код ниже: специалист сверит данные и объединит карты.",
        otherwise="Записаться можно и по телефону регистратуры.",
        actions=[
            Action("Обратиться в поддержку", f"{request.root_path}/help/login-problems"),
            Action("На главную", f"{request.root_path}/"),
        ],
        reason=reason,
    )


def works(window: Works | None, next_page: str = HOME, *, retry_after: int | None = None) -> Failure:
    """Works at Gosuslugi: from when to when, or honestly without an end (U-2, R-030)."""
    now = doors().clock.now()
    planned = window is not None and window.end is not None and window.end > now
    end = window.end if planned and window is not None else None
    start = window.start if window is not None else None
    return Failure(
        screen="works",
        status=503,
        side="gosuslugi",
        heading=f"Вход откроется в {russian.msk(end):%H:%M}" if end else "Войти пока нельзя",
        lead=_works_lead(start, end),
        what=_works_title(window),
        safe="Вы не вошли. Портал работает, ваши записи и документы на месте.",
        then="Вернитесь, когда работы закончатся, и нажмите «Проверить снова».",
        otherwise="Записаться можно и по телефону регистратуры.",
        actions=[Action("Проверить снова", sign_in_address(next_page)), Action("На главную", f"{request.root_path}/")],
        retry_after=max(1, int((end - now).total_seconds())) if end else (retry_after or WORKS_RETRY),
        window=Window(starts=start if end else None, ends=end),
        reason="works",
    )


def _works_lead(start: datetime | None, end: datetime | None) -> str:
    without = "Портал работает, но без Госуслуг войти в него нельзя."
    if end is None:
        return f"На Госуслугах идут работы. {without}"
    begun = f" Они начались в {russian.until(start)}." if start is not None else ""
    return f"Работы на Госуслугах закончатся в {russian.until(end)}.{begun} {without}"


def _works_title(window: Works | None) -> str:
    if window is None or window.end is None:
        return "Работы на Госуслугах"
    return window.title or "Плановые работы на Госуслугах"


def _failed(error: EsiaFailed, next_page: str) -> Failure:
    then = f"Нажмите «{RESTART}»: вход начнётся заново. Пароль второй раз, скорее всего, не понадобится."
    if error.retry_after:
        then = f"Госуслуги просят подождать {russian.span(error.retry_after)}. Затем нажмите «{RESTART}»."
    return Failure(
        screen="gosuslugi-failed",
        status=502,
        side="gosuslugi",
        what="Госуслуги ответили ошибкой.",
        safe=NOT_SIGNED_IN,
        then=then,
        otherwise=WAIT,
        actions=_restart(next_page),
        retry_after=error.retry_after,
        reason=error.reason,
    )


def _silent(error: EsiaSilent, next_page: str) -> Failure:
    return Failure(
        screen="gosuslugi-silent",
        status=504,
        side="gosuslugi",
        what="Госуслуги не отвечают.",
        safe=NOT_SIGNED_IN,
        then=f"Подождите минуту и нажмите «{RESTART}»: вход начнётся заново.",
        otherwise=WAIT,
        actions=_restart(next_page),
        retry_after=error.retry_after,
        reason=error.reason,
    )


def _misconfigured(error: Misconfigured, next_page: str) -> Failure:
    return Failure(
        screen="misconfigured",
        status=502,
        side="portal",
        what="Вход настроен неверно, мы уже знаем.",
        safe=NOT_SIGNED_IN,
        then="Делать ничего не нужно: исправляем мы. Попробуйте позже.",
        otherwise="Записаться можно и по телефону регистратуры.",
        actions=_restart(next_page),
        reason=error.reason,
    )


def _consent_denied(error: ConsentDenied, next_page: str) -> Failure:
    return Failure(
        screen="consent-denied",
        status=403,
        side="person",
        heading="Вы не предоставили доступ к данным",
        lead="Без него мы не можем открыть личный кабинет.",
        what=(
            "Обязательных прав два. «Проведение входа в систему»: по нему мы узнаём, кто вошёл. "
            "«Просмотр вашего СНИЛС»: по нему мы находим вашу медицинскую карту и не показываем чужую. "
            "Остальные права можно не давать, кабинет откроется и без них."
        ),
        safe=NOT_SIGNED_IN,
        then="Нажмите «Вернуться и предоставить» и на странице Госуслуг выберите «Предоставить».",
        otherwise="Если нужна срочная помощь, звоните 103 или 112.",
        actions=[
            Action("Вернуться и предоставить", sign_in_address(next_page)),
            Action("На главную", f"{request.root_path}/"),
        ],
        reason=error.reason,
    )


def _restart(next_page: str) -> list[Action]:
    """«Перезапустить» begins a new sign-in: what the return carried is worth nothing twice (R-033)."""
    return [Action(RESTART, sign_in_address(next_page))]
