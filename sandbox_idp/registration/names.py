"""Surname, name and patronymic as somebody types them (R-005, U-10, U-11)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox_idp.accounts import ranges

LONGEST = 100

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ`´ʹ", "'"))
_LATIN = re.compile("[A-Za-z]")
_ALLOWED = re.compile("[А-Яа-яЁё' -]+")
_WORD = re.compile("[А-Яа-яЁё]+")


@dataclass(frozen=True)
class Kind:
    """One of the three, in the cases that the sentences need."""

    accusative: str
    """«Введите …»"""
    prepositional: str
    """«В … не бывает цифр»"""
    nominative: str
    """«… длиннее, чем помещается»"""


SURNAME = Kind("фамилию", "фамилии", "Фамилия")
NAME = Kind("имя", "имени", "Имя")
PATRONYMIC = Kind("отчество", "отчестве", "Отчество")


def parse(text: str, kind: Kind) -> str:
    """The name in the form in which it is stored: Russian letters, hyphens, apostrophes, single spaces.

    A name typed all in capitals or all in small letters gets its capitals. Raises a `ranges.NumberError`.
    """
    typed = ranges.clean(text).translate(_DASHES).translate(_APOSTROPHES)
    typed = re.sub(" *- *", "-", re.sub(" +", " ", typed))
    if not typed:
        raise ranges.EmptyError(f"Введите {kind.accusative}.")
    if any(character.isdigit() for character in typed):
        raise ranges.WrongCharactersError(f"В {kind.prepositional} не бывает цифр. Уберите их.")
    if _LATIN.search(typed):
        raise ranges.WrongCharactersError(f"Введите {kind.accusative} русскими буквами. Проверьте раскладку.")
    if not _ALLOWED.fullmatch(typed):
        raise ranges.WrongCharactersError(
            f"В {kind.prepositional} бывают только русские буквы, дефис, апостроф и пробел. Уберите другие знаки."
        )
    if not (_WORD.match(typed) and _WORD.match(typed[-1])) or "--" in typed:
        raise ranges.WrongCharactersError(f"Введите {kind.accusative} так, чтобы в начале и в конце были буквы.")
    if len(typed) > LONGEST:
        raise ranges.WrongLengthError(
            f"{kind.nominative} не бывает длиннее {LONGEST} знаков, а введено {len(typed)}.",
            expected=LONGEST,
            typed=len(typed),
        )
    if len(typed) > 1 and (typed.islower() or typed.isupper()):
        return _WORD.sub(lambda word: word.group().capitalize(), typed)
    return typed
