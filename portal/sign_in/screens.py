"""The pages of a sign-in that did not end well: which one, with which status and words.

What must not be trusted ends on one neutral page whatever the reason was (the reference leads support to the log);
what a person or an operator can do something about has a page of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, request

from foundation import russian
from portal.doors import doors
from portal.esia.errors import (
    AccountUnconfirmed,
    CodeRefused,
    ConsentDenied,
    EsiaError,
    EsiaFailed,
    EsiaSilent,
    EsiaWorks,
    Misconfigured,
    SecondFactorMissing,
)
from portal.esia.works import Works
from portal.sign_in.next_page import HOME
from portal.sign_in.sessions import sign_in_address
from portal.web.errors import RESTART, Action, Failure, Window, failure_page

NOT_SIGNED_IN = "Вы не вошли, ваши данные не изменились."
STILL_SIGNED_IN = "Вы по-прежнему в кабинете, ваши данные не изменились."
WAIT = "Подождите 10 минут и попробуйте ещё раз."
AGAIN = f"Нажмите «{RESTART}»: вход начнётся заново. Пароль второй раз, скорее всего, не понадобится."
WORKS_RETRY = 300
"""Seconds to wait where nobody knows when works end."""


@dataclass(frozen=True)
class Attempt:
    """The sign-in that did not end well: where it was to lead, whether the browser is signed in from before, and
    whether the person wanted to be asked for the rights again.

    Whoever presses «Обновить данные» goes through a sign-in as well. If that fails, they still are in their cabinet.
    """

    next_page: str = HOME
    signed_in: bool = False
    ask_consent: bool = False

    @property
    def safe(self) -> str:
        """What did not change."""
        return STILL_SIGNED_IN if self.signed_in else NOT_SIGNED_IN

    @property
    def again(self) -> str:
        """Where a new try begins: what the return carried is worth nothing twice (R-033)."""
        return sign_in_address(self.next_page, ask_consent=self.ask_consent)

    @property
    def restart(self) -> list[Action]:
        """«Перезапустить» begins a new sign-in; whoever has a cabinet open can also go back to it."""
        return [Action(RESTART, self.again), *([self.home] if self.signed_in else [])]

    @property
    def home(self) -> Action:
        """Out of here."""
        if self.signed_in:
            return Action("Вернуться в кабинет", f"{request.root_path}{HOME}")
        return Action("На главную", f"{request.root_path}/")


def page_for(error: EsiaError, attempt: Attempt) -> Response:
    """The page for what the way to Gosuslugi raised."""
    return failure_page(failure_for(error, attempt))


def failure_for(error: EsiaError, attempt: Attempt) -> Failure:
    """Its screen and words; the page that was asked for is kept for the next try."""
    if isinstance(error, EsiaWorks):
        return works(error.works, attempt, retry_after=error.retry_after)
    if isinstance(error, CodeRefused):
        return stale(error.reason, attempt)
    known: tuple[tuple[type[EsiaError], Callable[[Any, Attempt], Failure]], ...] = (
        (EsiaSilent, _silent),
        (EsiaFailed, _failed),
        (ConsentDenied, _consent_denied),
        (AccountUnconfirmed, _account_unconfirmed),
        (Misconfigured, _misconfigured),
        (SecondFactorMissing, _second_factor_missing),
    )
    words = next((words for kind, words in known if isinstance(error, kind)), None)
    return untrusted(error.reason, attempt) if words is None else words(error, attempt)


def untrusted(reason: str, attempt: Attempt) -> Failure:
    """The neutral page: the sign-in cannot be finished safely, and that is all that is told."""
    return Failure(
        screen="sign-in-failed",
        status=400,
        side="person",
        what="Войти не получилось: портал не может убедиться, что этот вход начали вы и что он прошёл как нужно.",
        safe=attempt.safe,
        then=AGAIN,
        otherwise="Разрешите браузеру файлы cookie для этого сайта и начните вход с главной страницы портала.",
        actions=attempt.restart,
        reason=reason,
    )


def stale(reason: str, attempt: Attempt) -> Failure:
    """The link of this sign-in is used or too old: nobody's fault, one press begins anew."""
    return Failure(
        screen="sign-in-stale",
        status=400,
        side="person",
        heading="Вход устарел",
        lead="Эта ссылка входа уже использована или устарела. Данные не потеряны.",
        what="Так бывает, если обновить страницу, нажать «Назад», открыть закладку или вернуться через 10 минут.",
        safe=attempt.safe,
        then="Нажмите «Начать вход заново». Пароль второй раз, скорее всего, не понадобится.",
        actions=[Action("Начать вход заново", attempt.again), *([attempt.home] if attempt.signed_in else [])],
        reason=reason,
    )


def other_card(reason: str, attempt: Attempt) -> Failure:
    """The person's SNILS is not the stored one: nothing of either card is shown (S-09)."""
    return Failure(
        screen="card-duplicate",
        status=409,
        side="portal",
        heading="Нужна проверка вашей карты",
        lead="СНИЛС из Госуслуг не совпал с тем, что записан в вашей карте на портале.",
        what="Чтобы не показать чужие данные, портал не открывает карту, пока её не проверят.",
        safe=attempt.safe,
        then="Напишите в поддержку и назовите код ниже: специалист сверит данные и объединит карты.",
        otherwise="Записаться можно и по телефону регистратуры.",
        actions=[
            Action("Обратиться в поддержку", f"{request.root_path}/support/new"),
            attempt.home,
        ],
        reason=reason,
    )


def works(window: Works | None, attempt: Attempt, *, retry_after: int | None = None) -> Failure:
    """Works at Gosuslugi: from when to when, or honestly without an end (U-2, R-030)."""
    now = doors().clock.now()
    planned = window is not None and window.end is not None and window.end > now
    end = window.end if planned and window is not None else None
    start = window.start if window is not None else None
    return Failure(
        screen="works",
        status=503,
        side="gosuslugi",
        heading=f"Вход откроется в {russian.msk(end):%H:%M}" if end else _works_heading(attempt),
        lead=_works_lead(start, end, attempt),
        what=_works_title(window),
        safe=f"{'Вы по-прежнему в кабинете' if attempt.signed_in else 'Вы не вошли'}. "
        "Портал работает, ваши записи и документы на месте.",
        then="Вернитесь, когда работы закончатся, и нажмите «Проверить снова».",
        otherwise="Записаться можно и по телефону регистратуры.",
        actions=[Action("Проверить снова", attempt.again), attempt.home],
        retry_after=max(1, int((end - now).total_seconds())) if end else (retry_after or WORKS_RETRY),
        window=Window(starts=start if end else None, ends=end),
        reason="works",
    )


def _works_heading(attempt: Attempt) -> str:
    return "Обновить данные пока нельзя" if attempt.signed_in else "Войти пока нельзя"


def _works_lead(start: datetime | None, end: datetime | None, attempt: Attempt) -> str:
    lost = "обновить данные нельзя" if attempt.signed_in else "войти в него нельзя"
    without = f"Портал работает, но без Госуслуг {lost}."
    if end is None:
        return f"На Госуслугах идут работы. {without}"
    begun = f" Они начались в {russian.until(start)}." if start is not None else ""
    return f"Работы на Госуслугах закончатся в {russian.until(end)}.{begun} {without}"


def _works_title(window: Works | None) -> str:
    if window is None or window.end is None:
        return "Работы на Госуслугах"
    return window.title or "Плановые работы на Госуслугах"


def _failed(error: EsiaFailed, attempt: Attempt) -> Failure:
    then = AGAIN
    if error.retry_after:
        then = f"Госуслуги просят подождать {russian.span(error.retry_after)}. Затем нажмите «{RESTART}»."
    return Failure(
        screen="gosuslugi-failed",
        status=502,
        side="gosuslugi",
        what="Госуслуги ответили ошибкой.",
        safe=attempt.safe,
        then=then,
        otherwise=WAIT,
        actions=attempt.restart,
        retry_after=error.retry_after,
        reason=error.reason,
    )


def _silent(error: EsiaSilent, attempt: Attempt) -> Failure:
    return Failure(
        screen="gosuslugi-silent",
        status=504,
        side="gosuslugi",
        what="Госуслуги не отвечают.",
        safe=attempt.safe,
        then=f"Подождите минуту и нажмите «{RESTART}»: вход начнётся заново.",
        otherwise=WAIT,
        actions=attempt.restart,
        retry_after=error.retry_after,
        reason=error.reason,
    )


def _misconfigured(error: Misconfigured, attempt: Attempt) -> Failure:
    return Failure(
        screen="misconfigured",
        status=502,
        side="portal",
        what="Вход настроен неверно, мы уже знаем.",
        safe=attempt.safe,
        then="Делать ничего не нужно: исправляем мы. Попробуйте позже.",
        otherwise="Записаться можно и по телефону регистратуры.",
        actions=attempt.restart,
        reason=error.reason,
    )


def _consent_denied(error: ConsentDenied, attempt: Attempt) -> Failure:
    return Failure(
        screen="consent-denied",
        status=403,
        side="person",
        heading="Вы не предоставили доступ к данным",
        lead="Поэтому данные не обновились." if attempt.signed_in else "Без него мы не можем открыть личный кабинет.",
        what=(
            "Обязательных прав два. «Проведение входа в систему»: по нему мы узнаём, кто вошёл. "
            "«Просмотр вашего СНИЛС»: по нему мы находим вашу медицинскую карту и не показываем чужую. "
            "Остальные права можно не давать, кабинет откроется и без них."
        ),
        safe=attempt.safe,
        then="Нажмите «Вернуться и предоставить» и на странице Госуслуг выберите «Предоставить».",
        otherwise="Если нужна срочная помощь, звоните 103 или 112.",
        actions=[
            Action("Вернуться и предоставить", attempt.again),
            attempt.home,
        ],
        reason=error.reason,
    )


def _after_a_step_at_gosuslugi(attempt: Attempt) -> list[Action]:
    """First to the cabinet of Gosuslugi, then a new sign-in."""
    cabinet = doors().esia.cabinet_url
    there = [Action("Открыть Госуслуги", cabinet)] if cabinet else []
    return [*there, Action("Войти заново", attempt.again), attempt.home]


def _account_unconfirmed(error: AccountUnconfirmed, attempt: Attempt) -> Failure:
    """R-013: a new sign-in alone would end here again, so the page says what is missing and where to get it."""
    return Failure(
        screen="account-unconfirmed",
        status=403,
        side="person",
        heading="Нужна подтверждённая учётная запись",
        lead="Ваша учётная запись Госуслуг не подтверждена, поэтому Госуслуги не пустили вас на портал.",
        what="Подтверждённую учётную запись получает тот, кто подтвердил свою личность.",
        safe=attempt.safe,
        then=(
            "Подтвердите учётную запись через приложение банка или в центре обслуживания, затем нажмите здесь "
            "«Войти заново»."
        ),
        otherwise="Записаться можно и по телефону регистратуры.",
        actions=_after_a_step_at_gosuslugi(attempt),
        reason=error.reason,
    )


def _second_factor_missing(error: SecondFactorMissing, attempt: Attempt) -> Failure:
    """S-10: a new sign-in alone would end here again, so the page says which step is missing and where to add it."""
    return Failure(
        screen="second-factor-missing",
        status=403,
        side="person",
        heading="Одного пароля мало",
        lead="Вы вошли на Госуслуги без второго подтверждения, а без него портал не открывает медицинские данные.",
        what=(
            "Второе подтверждение — код из СМС или из приложения, который спрашивают после пароля. "
            "Так в кабинет не войдёт тот, кто узнал только пароль."
        ),
        safe=attempt.safe,
        then=(
            "Включите второе подтверждение в настройках безопасности личного кабинета Госуслуг, выйдите там из учётной "
            "записи и нажмите здесь «Войти заново»."
        ),
        otherwise="Если подтверждение у вас уже включено, напишите в поддержку и назовите код ниже.",
        actions=_after_a_step_at_gosuslugi(attempt),
        reason=error.reason,
    )
