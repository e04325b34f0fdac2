"""The one rule for passwords, the same wherever one is set (S-27, S-28, R-130, R-131, R-140, C-02)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sandbox_idp.policy import PasswordRules


@dataclass(frozen=True)
class OwnData:
    """What others know of a person, and what must therefore not be in the password."""

    names: tuple[str, ...] = ()
    """Surname, name, patronymic, those of the children, and what stands before the @ of an address."""
    phones: tuple[str, ...] = ()
    """Digits only, with those of the country."""
    snils: tuple[str, ...] = ()
    """Digits only, the children's too."""
    dates: tuple[date, ...] = ()
    """Birthdays, the children's too."""


@dataclass(frozen=True)
class Unmet:
    """A demand that a password does not fulfil."""

    id: str
    words: str
    """What to do, for the person who typed it."""


def unmet(
    rules: PasswordRules, typed: str, own: OwnData, earlier: Sequence[str] = (), *, second_factor: bool = False
) -> list[Unmet]:
    """Every demand that `typed` does not fulfil, in the order in which the page prints them."""
    del earlier  # Nobody who sets a password here has had one before.
    text = unicodedata.normalize("NFKC", typed)
    found = []
    least = rules.min_length_with_2fa if second_factor else rules.min_length
    if len(text) < least:
        found.append(Unmet("length", f"Добавьте символы: нужно не меньше {least}, сейчас {len(text)}."))
    if len(text) > rules.max_length:
        found.append(Unmet("length", f"Сократите пароль: помещается {rules.max_length} символов, сейчас {len(text)}."))
    kinds = {
        "upper": (any(each.isupper() for each in text), "Добавьте заглавную букву."),
        "lower": (any(each.islower() for each in text), "Добавьте строчную букву."),
        "digit": (any(each.isdigit() for each in text), "Добавьте цифру."),
        "special": (any(not each.isalnum() for each in text), "Добавьте особый знак, например дефис."),
    }
    missing = [Unmet(name, words) for name, (there, words) in kinds.items() if not there]
    if len(kinds) - len(missing) < rules.classes:
        found += missing
    if rules.blocklist and any(len(name) > 3 and name.lower() in text.lower() for name in own.names):
        found.append(Unmet("own", "Уберите своё имя, фамилию или адрес почты."))
    return found
