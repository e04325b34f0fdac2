"""Training ranges: which numbers the stand accepts, and why it refuses any other (`docs/personas.md`, S-72).

Every function takes what a person typed, cleans it of spaces, dashes, brackets and invisible characters (U-11), and
returns it in the form in which it is stored, or raises a `NumberError` whose text says what to do (U-10):

    NumberError
    ├── EmptyError             nothing was typed
    ├── WrongCharactersError   letters where digits are due, a mail address without @
    ├── WrongLengthError       too short or too long; carries both numbers
    ├── WrongCheckDigitsError  a typing mistake that the number itself gives away
    └── NotTrainingError       fit for real life, and therefore not for this stand
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from stdnum import luhn
from stdnum.ru import inn as russian_inn

from foundation.russian import counted

STAND = "Это учебный стенд."
SNILS_CHECKED_ABOVE = 1001998
"""Up to 001-001-998 a SNILS has no check digits worth the name."""
MAIL_LENGTH = 254
"""RFC 5321, section 4.5.3.1.3, without the angle brackets."""

_DIGITS = frozenset("0123456789")
_SEPARATORS = frozenset(" -‐‒–—―−().,_/№#")
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_BIRTH_CERTIFICATE = re.compile(r"([IVX]{1,4})-?([А-ЯЁ]{2})")


class NumberError(ValueError):
    """What was typed cannot be used; `text` tells the person what to do."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class EmptyError(NumberError):
    """Nothing was typed."""


class WrongCharactersError(NumberError):
    """There are characters in it that do not belong there."""


class WrongLengthError(NumberError):
    """Too few or too many digits."""

    def __init__(self, text: str, *, expected: int, typed: int) -> None:
        super().__init__(text)
        self.expected = expected
        self.typed = typed


class WrongCheckDigitsError(NumberError):
    """The check digits do not fit the others."""


class NotTrainingError(NumberError):
    """Outside the training range."""


@dataclass(frozen=True)
class _Kind:
    """The words for one kind of number."""

    what: str
    """«Введите …»"""
    inside: str
    """«В … только цифры»"""
    length: int
    range: str


_SNILS = _Kind("номер СНИЛС", "номере СНИЛС", 11, "Подходят только учебные номера СНИЛС: они начинаются с 000.")
_PHONE = _Kind("номер телефона", "номере телефона", 11, "Подходят только учебные номера: +7 (000) 000-00-00.")
_POLICY = _Kind("номер полиса ОМС", "номере полиса ОМС", 16, "Подходят только учебные полисы: они начинаются с 0000.")
_INN = _Kind("ИНН", "ИНН", 12, "Подходят только учебные ИНН: они начинаются с 00.")
_PASSPORT = _Kind(
    "серию и номер паспорта", "серии и номере паспорта", 10, "Подходят только учебные паспорта: серия 0000 или 0001."
)
_COMPANY_INN = _Kind("ИНН организации", "ИНН организации", 10, "Подходят только учебные ИНН: они начинаются с 00.")
_OGRN = _Kind("ОГРН", "ОГРН", 13, "Подходят только учебные ОГРН: они начинаются со 100.")
MAIL_RANGE = "Подходят только учебные адреса: они оканчиваются на .example."


def clean(text: str) -> str:
    """What was typed, in NFKC, without invisible characters and without spaces around it."""
    kept = []
    for character in unicodedata.normalize("NFKC", text):
        category = unicodedata.category(character)
        if category.startswith("Z") or character in "\t\r\n":
            kept.append(" ")
        elif not category.startswith("C") and not "\ufe00" <= character <= "\ufe0f":
            kept.append(character)
    return "".join(kept).strip()


def without_separators(text: str) -> str:
    """The cleaned text without spaces, dashes, brackets and the like."""
    return "".join(character for character in clean(text) if character not in _SEPARATORS)


def code_digits(text: str) -> str:
    """A one-time code as typed, cleaned; the caller looks at its length and whether it is digits."""
    return without_separators(text)


def only_digits(text: str) -> bool:
    """Whether the text consists of the ten digits and of nothing else."""
    return all(character in _DIGITS for character in text)


def snils(text: str) -> str:
    """A SNILS as eleven digits."""
    digits = _digits(text, _SNILS)
    if int(digits[:9]) > SNILS_CHECKED_ABOVE and snils_check_digits(digits[:9]) != digits[9:]:
        raise WrongCheckDigitsError("Проверьте номер СНИЛС: последние две цифры не сходятся с остальными.")
    if not digits.startswith("000"):
        raise NotTrainingError(f"{STAND} {_SNILS.range}")
    return digits


def snils_check_digits(nine: str) -> str:
    """The two check digits that belong to the first nine."""
    rest = sum(int(digit) * weight for digit, weight in zip(nine, range(9, 0, -1), strict=True)) % 101
    return f"{rest % 100:02d}"


def phone(text: str) -> str:
    """A mobile phone as `+70001000001`; `8…`, `7…` and `+7…` are the same."""
    compact = without_separators(text)
    plus = compact.startswith("+")
    compact = compact.removeprefix("+")
    if plus and compact and only_digits(compact) and not compact.startswith("7"):
        raise NotTrainingError(f"{STAND} {_PHONE.range}")
    if len(compact) == 10 and only_digits(compact) and not plus:
        compact = "7" + compact
    digits = _digits(compact, _PHONE)
    if digits[0] not in "78":
        raise WrongCharactersError("Начните номер телефона с +7 или 8.")
    if digits[1:4] != "000":
        raise NotTrainingError(f"{STAND} {_PHONE.range}")
    return "+7" + digits[1:]


def mail(text: str) -> str:
    """An e-mail address in lower case."""
    address = clean(text).lower()
    if not address:
        raise EmptyError("Введите адрес электронной почты.")
    if len(address) > MAIL_LENGTH:
        raise WrongLengthError(
            f"В адресе электронной почты не бывает больше {MAIL_LENGTH} знаков.",
            expected=MAIL_LENGTH,
            typed=len(address),
        )
    if re.search("[а-яё]", address):
        raise WrongCharactersError("Адрес электронной почты пишут латинскими буквами. Проверьте раскладку.")
    if " " in address:
        raise WrongCharactersError("Уберите пробелы из адреса электронной почты.")
    if not _MAIL.fullmatch(address) or ".." in address:
        raise WrongCharactersError("Введите адрес электронной почты полностью, например anna@pochta.example.")
    if not address.endswith(".example"):
        raise NotTrainingError(f"{STAND} {MAIL_RANGE}")
    return address


def passport(text: str) -> tuple[str, str]:
    """Series and number of a passport, typed together: four and six digits."""
    digits = _digits(text, _PASSPORT)
    if digits[:4] not in ("0000", "0001"):
        raise NotTrainingError(f"{STAND} {_PASSPORT.range}")
    return digits[:4], digits[4:]


def policy(text: str) -> str:
    """An OMS policy as sixteen digits."""
    digits = _digits(text, _POLICY)
    if not luhn.is_valid(digits):
        raise WrongCheckDigitsError("Проверьте номер полиса ОМС: последняя цифра не сходится с остальными.")
    if not digits.startswith("0000"):
        raise NotTrainingError(f"{STAND} {_POLICY.range}")
    return digits


def inn(text: str) -> str:
    """The INN of a person as twelve digits."""
    digits = _digits(text, _INN)
    if not russian_inn.is_valid(digits):
        raise WrongCheckDigitsError("Проверьте ИНН: последние две цифры не сходятся с остальными.")
    if not digits.startswith("00"):
        raise NotTrainingError(f"{STAND} {_INN.range}")
    return digits


def company_inn(text: str) -> str:
    """The INN of an organisation as ten digits."""
    digits = _digits(text, _COMPANY_INN)
    if not russian_inn.is_valid(digits):
        raise WrongCheckDigitsError("Проверьте ИНН организации: последняя цифра не сходится с остальными.")
    if not digits.startswith("00"):
        raise NotTrainingError(f"{STAND} {_COMPANY_INN.range}")
    return digits


def ogrn(text: str) -> str:
    """The OGRN of an organisation as thirteen digits."""
    digits = _digits(text, _OGRN)
    if int(digits[:12]) % 11 % 10 != int(digits[12]):
        raise WrongCheckDigitsError("Проверьте ОГРН: последняя цифра не сходится с остальными.")
    if not digits.startswith("100"):
        raise NotTrainingError(f"{STAND} {_OGRN.range}")
    return digits


def birth_certificate(series: str, number: str) -> tuple[str, str]:
    """Series (`I-ЛА`) and number (`000123`) of a birth certificate."""
    compact = clean(series).upper().replace(" ", "")
    found = _BIRTH_CERTIFICATE.fullmatch(compact)
    if found is None:
        raise WrongCharactersError("Введите серию свидетельства о рождении, например I-ЛА.")
    digits = without_separators(number)
    if not only_digits(digits) or len(digits) != 6:
        raise WrongLengthError("Введите номер свидетельства о рождении, 6 цифр.", expected=6, typed=len(digits))
    if found.group(1) != "I" or not digits.startswith("000"):
        raise NotTrainingError(f"{STAND} Подходят только учебные свидетельства: серия I-АА…I-ЯЯ, номер с 000.")
    return f"I-{found.group(2)}", digits


def snils_in_registry(digits: str) -> bool:
    """Whether the stand's registry finds this SNILS: digits 4 to 9 divide by three."""
    return int(digits[3:9]) % 3 == 0


def number_in_registry(digits: str) -> bool:
    """Whether the stand's registry finds a passport or birth certificate of this number: it divides by three."""
    return int(digits) % 3 == 0


def policy_in_registry(digits: str) -> bool:
    """Whether the stand's registry of insured lists this policy: it begins with 00001, 00002 or 00003."""
    return digits[:5] in ("00001", "00002", "00003")


def _digits(text: str, kind: _Kind) -> str:
    compact = without_separators(text)
    if not compact:
        raise EmptyError(f"Введите {kind.what}, {counted(kind.length, 'цифру', 'цифры', 'цифр')}.")
    if not only_digits(compact):
        raise WrongCharactersError(f"В {kind.inside} только цифры. Уберите буквы и другие знаки.")
    if len(compact) < kind.length:
        raise WrongLengthError(
            f"Введите {kind.what} полностью: {counted(kind.length, 'цифра', 'цифры', 'цифр')}. Сейчас {len(compact)}.",
            expected=kind.length,
            typed=len(compact),
        )
    if len(compact) > kind.length:
        raise WrongLengthError(
            f"В {kind.inside} {counted(kind.length, 'цифра', 'цифры', 'цифр')}, а введено {len(compact)}. "
            "Уберите лишние.",
            expected=kind.length,
            typed=len(compact),
        )
    return compact
