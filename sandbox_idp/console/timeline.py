"""The journal in human words: who spoke to whom, what was said, what went wrong on purpose."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from foundation.russian import msk
from sandbox_idp.scenarios.models import JournalLine

WHO = {
    "12": ("Браузер", "Портал"),
    "13": ("Браузер", "Госуслуги"),
    "23": ("Портал", "Госуслуги"),
}
"""Columns of the diagram: 1 browser, 2 portal, 3 Gosuslugi."""


@dataclass(frozen=True)
class Arrow:
    """One line of the timeline."""

    span: str
    """Which two columns it joins: `12`, `13` or `23`."""
    back: bool
    """Whether it leads back."""
    text: str
    clock: str
    """`03:26`: minutes and seconds, the hour is in the header."""
    moment: str
    """`14:03:26`."""
    failed: bool = False
    note: bool = False
    """Whether nothing went over the wire: what a person did, what a scenario did, what the trainer did."""

    @property
    def who(self) -> str:
        """`Браузер → Портал`, for those who do not see the columns."""
        one, other = WHO[self.span]
        return f"{other} → {one}" if self.back else f"{one} → {other}"


PEOPLES_OWN = (401, 403, 422)
"""Statuses by which a program tells a person something; not a failure on the wire."""

_PORTAL = (
    (r"GET /login", "нажата «Войти»"),
    (r"GET /login/callback", "возвращение с ответом Госуслуг"),
    (r"GET /loading.*", "загрузка данных"),
    (r"GET /parts/.*", "часть страницы"),
    (r"GET /home", "главная страница"),
    (r"GET /", "начальная страница"),
    (r"POST /logout", "выход"),
    (r"GET /signed-out", "страница после выхода"),
    (r"GET /help.*", "справка"),
    (r"\w+ /session", "проверка сеанса"),
)
_GOSUSLUGI = (
    (r"GET (?:/aas/oauth2/(?:v\d/)?ac|/oauth2/authorize)", "портал просит войти"),
    (r"GET /login", "страница входа"),
    (r"POST /login", "отправлены логин и пароль"),
    (r"GET /login/factor", "выбор второго фактора"),
    (r"GET /login/(?:sms|totp)", "страница кода"),
    (r"POST /login/sms", "отправлен код из СМС"),
    (r"POST /login/totp", "отправлен код из приложения"),
    (r"\w+ /login/other-user", "«Другой пользователь»"),
    (r"GET /consent", "страница согласия"),
    (r"POST /consent", "ответ на запрос прав"),
    (r"GET /cabinet.*", "кабинет Госуслуг"),
    (r"\w+ (?:/idp/ext/Logout|/oauth2/logout)", "выход из Госуслуг"),
    (r"GET /works", "расписание работ"),
    (r"GET /", "начальная страница"),
)
_BACK = (
    (r"POST (?:/aas/oauth2/(?:v\d/)?te|/oauth2/token)", "обмен кода на маркер"),
    (r"GET /healthz/live", "проверка связи"),
    (r"GET /works\.json", "расписание работ"),
    (r"GET /oauth2/jwks", "ключи подписи"),
    (r"GET /\.well-known/.*", "настройки Госуслуг"),
    (r"GET (?:/rs/prns/[^/]+|/oauth2/userinfo)", "данные человека"),
    (r"GET /rs/prns/[^/]+/ctts.*", "контакты"),
    (r"GET /rs/prns/[^/]+/addrs.*", "адреса"),
    (r"GET /rs/prns/[^/]+/docs.*", "документы"),
    (r"GET /rs/prns/[^/]+/kids/[^/]+/docs.*", "документы ребёнка"),
    (r"GET /rs/prns/[^/]+/kids.*", "дети"),
    (r"GET /rs/prns/[^/]+/orgs.*", "организации"),
)
_ACTS = {
    "password-wrong": "неверный пароль",
    "sms-wrong": "неверный код из СМС",
    "totp-wrong": "неверный код из приложения",
    "login-format": "логин набран с ошибкой",
    "other-user": "выбран другой пользователь",
    "consent-granted": "нажата «Предоставить»",
    "consent-partial": "предоставлены не все права",
    "consent-refused": "нажата «Отказать»",
    "signed-in": "вход на Госуслуги выполнен",
}
_CHANGES = {
    "armed": "пульт: включён сценарий",
    "disarmed": "пульт: снят сценарий",
    "clock": "часы стенда передвинуты",
    "expired": "время сценария вышло",
    "scenario-added": "добавлен свой сценарий",
    "scenario-changed": "изменён свой сценарий",
    "scenario-removed": "удалён свой сценарий",
    "person-made": "управление: создан человек",
    "person-changed": "управление: изменён человек",
    "person-closed": "управление: закрыта учётная запись",
    "system-made": "управление: зарегистрирована система",
    "system-changed": "управление: изменена карточка системы",
    "system-removed": "управление: удалена система",
    "decision-grant": "оператор: заявка одобрена",
    "decision-refuse": "оператор: в заявке отказано",
}


def arrows(lines: Sequence[JournalLine], title_of: Callable[[str], str | None]) -> list[Arrow]:
    """The lines as arrows, in their order; `title_of` names an entry of the catalogue."""
    return [arrow for line in lines for arrow in _arrows(line, title_of)]


def _arrows(line: JournalLine, title_of: Callable[[str], str | None]) -> list[Arrow]:
    local = msk(line.at)
    clock, moment = f"{local:%M:%S}", f"{local:%H:%M:%S}"
    span = _span(line)
    if line.kind == "exchange":
        return _exchange(line, span, clock, moment)
    title = title_of(line.entry) if line.entry else None
    if line.kind == "effect":
        return [Arrow(span, True, f"сбой: {title}" if title else "сбой", clock, moment, failed=True, note=True)]
    if line.kind == "act":
        return [Arrow(span, False, _ACTS.get(line.name, line.name), clock, moment, note=True)]
    words = _CHANGES.get(line.name, f"пульт: {line.name}")
    return [Arrow(span, True, f"{words} «{title}»" if title else words, clock, moment, note=True)]


def _exchange(line: JournalLine, span: str, clock: str, moment: str) -> list[Arrow]:
    """A request, with its answer as a second arrow where that says more than that all is well."""
    text, status = exchange_words(line), line.status
    if status is None:
        return [Arrow(span, False, text, clock, moment), Arrow(span, True, "ответа нет", clock, moment, failed=True)]
    back = _away(line) if 300 <= status < 400 else str(status) if status >= 400 else ""
    if not back:
        return [Arrow(span, False, f"{text}, {status}", clock, moment)]
    failed = status >= 400 and status not in PEOPLES_OWN
    return [Arrow(span, False, text, clock, moment), Arrow(span, True, back, clock, moment, failed=failed)]


def exchange_words(line: JournalLine) -> str:
    """What a request meant, else its method and path."""
    table = _BACK if line.channel == "back" else _PORTAL if line.program == "portal" else _GOSUSLUGI
    return next((words for pattern, words in table if re.fullmatch(pattern, line.name)), line.name)


def _span(line: JournalLine) -> str:
    if line.channel == "back":
        return "23"
    return "12" if line.program == "portal" else "13"


def _away(line: JournalLine) -> str:
    """Where a redirect leads, if that is the other program."""
    to = str(line.details.get("to") or "")
    if line.program == "portal" and re.match(r"/(?:aas/|oauth2/|idp/)", to):
        return f"{line.status} на Госуслуги"
    if line.program == "sandbox_idp" and re.match(r"/(?:login/callback|signed-out)$", to):
        return f"{line.status} на портал"
    return ""
