"""The articles of the help: one list for the page that shows them and for the search in them."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Article:
    """One of them. A room that has something to explain adds its line to ARTICLES."""

    path: str
    title: str
    about: str
    icon: str
    words: str
    """Words that people look for it by, beside those of title and `about`."""
    boosted: bool = True
    """Whether htmx may bring it; a page that tests the browser is asked for by the browser itself."""


ARTICLES = (
    Article(
        "/help/login-problems",
        "Почему я не могу войти в личный кабинет",
        "Четыре возможные причины и что сделать в каждом случае.",
        "alert",
        "вход ошибка пароль логин код смс учётная запись технические работы не работает не открывается очередь",
    ),
    Article(
        "/help/how-to-sign-in",
        "Как войти в личный кабинет",
        "Вход по шагам, уровень учётной записи, разрешения, полис и дети.",
        "key",
        "госуслуги уровень упрощённая стандартная подтверждённая согласие права предоставить омс снилс ребёнок",
    ),
    Article(
        "/help/browser-check",
        "Проверка браузера",
        "Версия, файлы cookie, защита соединения, часы и скорость.",
        "check",
        "старый браузер обновить медленно соединение защита скорость часы",
        boosted=False,
    ),
    Article(
        "/status",
        "Состояние сервисов",
        "Что работает прямо сейчас и какие работы объявлены.",
        "clock",
        "сбой недоступно технические работы расписание запись документы смс",
    ),
    Article(
        "/accessibility",
        "Версия для слабовидящих",
        "Крупные буквы, увеличенные промежутки, контрастные цвета.",
        "eye",
        "шрифт крупно контраст зрение картинки",
    ),
    Article("/terms", "Условия использования", "Что портал делает и чего не делает.", "info", "правила"),
    Article("/privacy", "Какие данные хранит портал", "Что, откуда, зачем и как долго.", "info", "персональные cookie"),
)

_WORD = re.compile(r"[а-яёa-z0-9]+")
SHORTEST = 3
"""Letters of a word that is looked for."""
STEM = 5
"""So many letters of a word count: Russian words change behind them."""


def find(query: str) -> list[Article]:
    """The articles that have most of the words, best first; all of them for a query without words."""
    wanted = _stems(query)
    if not wanted:
        return list(ARTICLES)
    hits = [(len(wanted & _stems(f"{one.title} {one.about} {one.words}")), one) for one in ARTICLES]
    best = max(count for count, _ in hits)
    return [one for count, one in hits if count and count == best]


def _stems(text: str) -> set[str]:
    words = _WORD.findall(text.lower().replace("ё", "е"))
    return {word[:STEM] for word in words if len(word) >= SHORTEST}
