"""What else stands in a passport besides its number, read from what was typed (R-014); errors as in `ranges`."""

from __future__ import annotations

import re
from datetime import date

from foundation.russian import counted
from sandbox_idp.accounts import ranges

YOUNGEST = 14
"""The first passport, and with it an account of one's own."""
_RENEWALS = (20, 45)
"""Birthdays after which the passport is changed."""
_GRACE = 90
"""Days for changing it."""
_LONGEST = 200
_DATE = re.compile(r"(\d{1,2})[./ -](\d{1,2})[./ -](\d{4})")
_WORDS = re.compile(r"[А-Яа-яЁё0-9№«»\"'.,/() -]+")


def read_date(text: str, what: str) -> date:
    """A day typed as `05.03.1990` (or with other separators, or as eight digits); `what`: «дату рождения»."""
    typed = ranges.clean(text)
    if not typed:
        raise ranges.EmptyError(f"Введите {what}, например 05.03.1990.")
    if len(typed) == 8 and ranges.only_digits(typed):
        typed = f"{typed[:2]}.{typed[2:4]}.{typed[4:]}"
    found = _DATE.fullmatch(typed)
    if found is None:
        raise ranges.WrongCharactersError(f"Введите {what} цифрами: день, месяц, год. Например, 05.03.1990.")
    day, month, year = (int(part) for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        raise ranges.WrongCharactersError(f"Такого дня в календаре нет. Проверьте {what}.") from None


def read_issue_date(text: str, born: date | None, today: date) -> date:
    """The day on which the passport was issued; the one in force at the person's age, where that is known."""
    issued = read_date(text, "дату выдачи паспорта")
    if issued > today:
        raise ranges.NumberError("Этот день ещё не наступил. Проверьте дату выдачи паспорта.")
    if born is None:
        return issued
    if issued < _birthday(born, YOUNGEST):
        raise ranges.NumberError(f"Паспорт выдают с {YOUNGEST} лет. Проверьте дату выдачи и дату рождения.")
    for years in _RENEWALS:
        due = _birthday(born, years)
        if issued < due and (today - due).days > _GRACE:
            raise ranges.NumberError(
                f"После {years} лет паспорт меняют, прежний не действует. Введите дату выдачи нового паспорта."
            )
    return issued


def read_issuer_code(text: str) -> str:
    """Six digits; in the passport they stand as `000-000`."""
    digits = ranges.without_separators(text)
    if not digits:
        raise ranges.EmptyError("Введите код подразделения, 6 цифр.")
    if not ranges.only_digits(digits):
        raise ranges.WrongCharactersError("В коде подразделения только цифры. Уберите буквы и другие знаки.")
    if len(digits) != 6:
        raise ranges.WrongLengthError(
            f"В коде подразделения 6 цифр, а введено {len(digits)}.", expected=6, typed=len(digits)
        )
    return digits


def read_issuer(text: str) -> str:
    """Who issued the passport, as it stands there."""
    return read_words(text, "Введите, кем выдан паспорт.", "В строке «Кем выдан»")


def read_words(text: str, empty: str, inside: str) -> str:
    """A line of Russian text: who issued the passport, a city, a street; `inside`: «В названии улицы»."""
    typed = re.sub(" +", " ", ranges.clean(text))
    if not typed:
        raise ranges.EmptyError(empty)
    if not _WORDS.fullmatch(typed):
        raise ranges.WrongCharactersError(f"{inside} бывают только русские буквы, цифры и знаки препинания.")
    if len(typed) > _LONGEST:
        raise ranges.WrongLengthError(
            f"{inside} помещается {counted(_LONGEST, 'знак', 'знака', 'знаков')}, а введено {len(typed)}.",
            expected=_LONGEST,
            typed=len(typed),
        )
    return typed


def _birthday(born: date, years: int) -> date:
    """Somebody born on 29 February has birthday on the 28th in other years."""
    day = min(born.day, 28) if born.month == 2 else born.day
    return date(born.year + years, born.month, day)
