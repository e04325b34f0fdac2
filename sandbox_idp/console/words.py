"""Words of the console for what the catalogue and the engine call by names."""

from __future__ import annotations

from typing import Any

STATES = {
    "idle": "выключен",
    "armed": "включён",
    "watching": "ждём действия",
    "happening": "происходит",
    "recovered": "прошёл",
}
"""In the order of the legend."""

SIDES = {
    "person": "На стороне человека",
    "gosuslugi": "На стороне Госуслуг",
    "portal": "На стороне портала",
    "clinic": "На стороне поликлиники",
}

STAGES = {
    "register": "регистрация",
    "password": "пароль",
    "factor": "второй фактор",
    "region": "шаг региона",
    "consent": "согласие",
    "authorize": "начало входа",
    "callback": "возвращение на портал",
    "token": "обмен кода на маркер",
    "person-data": "данные человека",
    "keys": "ключи",
    "page": "страница",
    "part": "часть страницы",
    "form": "форма",
    "upload": "загрузка файла",
    "booking": "запись к врачу",
    "session": "сеанс",
    "logout": "выход",
    "support": "поддержка",
}

PLACES = {"portal": "на портале", "sandbox": "на Госуслугах", "browser": "в браузере"}

SESSIONS = {
    "none": "Сеанса на портале нет.",
    "unchanged": "Сеанс на портале тот же.",
    "ended": "Сеанс на портале завершён.",
    "opened": "Сеанс на портале открыт.",
}

RECOVERS_BY = {
    "heal": "Сбой снимает преподаватель",
    "clock": "Проходит время",
    "person": "Исправляет сам человек",
    "operator": "Исправляет оператор",
    "nothing": "Исправлять нечего",
}

TRIGGERS = {
    "effect": "Сбой включают здесь",
    "state": "Включение меняет данные человека",
    "person": "Делает сам человек, пульт следит",
    "browser": "Делает браузер, пульт следит",
    "never": "Такого быть не должно",
}

SCOPES = {"everyone": "Все", "next-sign-in": "Следующий вход", "person": "Один человек"}


def source_words(source: str) -> str:
    """`A:105` as a person reads it."""
    if source.startswith("A:"):
        return f"справка о входе, строка {source[2:]}"
    if source.startswith("B:"):
        return f"руководство по ЕГИСЗ, строка {source[2:]}"
    return {"S": "стандарт", "R": "опыт настоящих пользователей"}.get(source, source)


def value_words(value: Any) -> str:
    """A parameter's value as an option shows it."""
    if isinstance(value, bool):
        return "да" if value else "нет"
    return f"{value:g}" if isinstance(value, float) else str(value)
