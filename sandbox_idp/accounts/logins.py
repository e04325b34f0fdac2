"""What is typed into «Телефон / Email / СНИЛС»: which of the three it is, and in which form it is looked up (R-022)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from foundation import russian
from sandbox_idp.accounts import ranges

EXAMPLES = "телефон в виде +7 (000) 000-00-00, электронную почту или номер СНИЛС, 11 цифр"

_SNILS_SHAPE = re.compile(r"\d{3}[ -]\d{3}[ -]\d{3}.*")
_PHONE_SHAPE = re.compile(r"\(\d{3}\).*|\d{3}[ -]\d{3}[ -]\d{2}[ -]\d{2}")
_DASHES = str.maketrans(dict.fromkeys("‐‒–—―−", "-"))


@dataclass(frozen=True)
class Login:
    """A login in the form in which it is stored."""

    kind: Literal["phone", "mail", "snils"]
    value: str

    @property
    def masked(self) -> str:
        """Enough to recognise oneself, not enough for others (R-024)."""
        if self.kind == "phone":
            return russian.phone_masked(self.value)
        if self.kind == "snils":
            return russian.snils_masked(self.value)
        name, _, host = self.value.partition("@")
        return f"{name[0]}•••@{host}"


def read_login(text: str) -> Login:
    """Tell what was typed; a `ranges.NumberError` says what is wrong with it.

    Eleven digits are a phone when they begin with 7 or 8, else a SNILS. Ten digits in a row could be either with one
    digit missing, so the person is asked instead of being told that the password is wrong (R-022).
    """
    typed = ranges.clean(text).translate(_DASHES)
    if not typed:
        raise ranges.EmptyError(f"Введите {EXAMPLES}.")
    if "@" in typed:
        return Login("mail", ranges.mail(typed))
    compact = ranges.without_separators(typed)
    if not any(character.isdigit() for character in compact):
        raise ranges.WrongCharactersError(f"Введите {EXAMPLES}. В адресе почты нужен знак @.")
    if typed.startswith("+") or _PHONE_SHAPE.fullmatch(typed):
        return Login("phone", ranges.phone(typed))
    if _SNILS_SHAPE.fullmatch(typed):
        return Login("snils", ranges.snils(typed))
    if not ranges.only_digits(compact):
        raise ranges.WrongCharactersError(
            f"Введите {EXAMPLES}. В телефоне и СНИЛС только цифры, в адресе почты нужен знак @."
        )
    if len(compact) != 11:
        raise ranges.WrongLengthError(
            f"Введите {EXAMPLES}. Сейчас {russian.counted(len(compact), 'цифра', 'цифры', 'цифр')}.",
            expected=11,
            typed=len(compact),
        )
    if compact[0] in "78":
        return Login("phone", ranges.phone(compact))
    return Login("snils", ranges.snils(compact))
