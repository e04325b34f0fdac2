"""The one rule for passwords, the same wherever one is set (S-27…S-29, R-130…R-133, R-140, C-02).

`PasswordRules.demands()` is what every page prints; `unmet` says which of the demands a password does not fulfil, and
in which words. Characters are counted as code points after NFKC, nothing is trimmed and nothing cut off.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select

from foundation.database import Session
from foundation.russian import counted
from sandbox_idp.accounts import known_passwords, passwords, people
from sandbox_idp.accounts.models import Child, Contact, EarlierPassword, Person
from sandbox_idp.accounts.spelling import ROWS, folded, ways
from sandbox_idp.policy import PasswordRules

RUN = 5
"""So many neighbouring keys, or letters and figures in their order, are a row."""
UNIT = 4
"""A password that repeats up to so many characters again and again is one of repeats."""
NAME = 4
"""A name of so many letters is looked for at both ends of a word, a shorter one only as a word of its own."""
PHONE, SNILS = 7, 9
"""The last digits of a phone, and the first of a SNILS, that give it away."""
_ORDERS = (
    *(row.rstrip("[];',.") for row in ROWS["latin"]),
    *ROWS["cyrillic"],
    "1234567890",
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
)
_LETTERS = re.compile(r"[^\W\d_]+")
_SIGNS_FOR_LETTERS = str.maketrans("01345@$", "oieasas")


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
    """As in `policy.Demand`."""
    words: str
    """What to do, for the person who typed it."""


def unmet(
    rules: PasswordRules, typed: str, own: OwnData, earlier: Sequence[str] = (), *, second_factor: bool = False
) -> list[Unmet]:
    """Every demand that `typed` does not fulfil, in the order in which the page prints them.

    `earlier`: hashes of the passwords that the person has had, the present one first. Each costs an Argon2id
    verification, so they are asked only when all the rest is met; passwords.HashingBusyError if the gate is full.
    `second_factor`: the person has one, for presets that then ask for less.
    """
    text = unicodedata.normalize("NFKC", typed)
    found = [*_length(rules, text, second_factor=second_factor), *_kinds(rules, text)]
    if rules.blocklist:
        if has_row(text):
            found.append(Unmet("row", "Уберите ряды клавиш, повторы и счёт по порядку, такие как «qwerty» и «12345»."))
        if known_passwords.is_known(text):
            found.append(Unmet("known", "Этот пароль есть в списке известных: его подберут первым. Придумайте другой."))
        if has_own(text, own):
            found.append(Unmet("own", "Уберите имена, дату рождения, телефон, почту и СНИЛС: их знают другие люди."))
    if not found and any(passwords.verify(each, typed) for each in earlier[: rules.history]):
        found.append(Unmet("earlier", "Такой пароль у вас уже был. Придумайте новый."))
    return found


def own_data(session: Session, person: Person) -> OwnData:
    """What is known of an account and its children."""
    contacts = list(session.exec(select(Contact).where(Contact.person_oid == person.oid)))
    children = list(session.exec(select(Child).where(Child.parent_oid == person.oid)))
    family: list[Person | Child] = [person, *children]
    names = [part for each in family for part in (each.surname, each.name, each.patronymic) if part]
    mails = [contact.value.partition("@")[0] for contact in contacts if contact.type == "EML"]
    phones = [contact.value.removeprefix("+") for contact in contacts if contact.type != "EML"]
    snils = [each.snils for each in family if each.snils]
    return OwnData(
        names=(*names, *mails),
        phones=tuple(phones),
        snils=tuple(snils),
        dates=tuple(each.birth_date for each in family),
    )


def unmet_by(session: Session, rules: PasswordRules, person: Person, typed: str, *, live: bool = False) -> list[Unmet]:
    """What a password that this person wants would not fulfil. `live`: while it is being typed, without the hashes."""
    hashes = () if live else earlier_hashes(session, person, rules)
    factors = people.factors_of(person)
    return unmet(rules, typed, own_data(session, person), hashes, second_factor=bool(factors))


def earlier_hashes(session: Session, person: Person, rules: PasswordRules) -> list[str]:
    """Hashes of the person's last passwords, the present one first, as many as the rule looks back."""
    if not rules.history:
        return []
    statement = (
        select(EarlierPassword.password_hash)
        .where(EarlierPassword.person_oid == person.oid)
        .order_by(col(EarlierPassword.id).desc())
        .limit(rules.history - 1)
    )
    return [person.password_hash, *session.exec(statement)]


def has_row(text: str) -> bool:
    """Whether there are five neighbouring keys, or five letters or figures in their order, in either direction; five
    times the same; or nothing but repeats of a few characters.
    """
    plain = folded(text)
    for start in range(len(plain) - RUN + 1):
        piece = plain[start : start + RUN]
        if len(set(piece)) == 1 or any(piece in order or piece[::-1] in order for order in _ORDERS):
            return True
    return any(
        len(plain) >= 2 * size and len(plain) > UNIT and plain == (plain[:size] * len(plain))[: len(plain)]
        for size in range(1, UNIT + 1)
    )


def has_own(text: str, own: OwnData) -> bool:
    """Whether a name, number or date of `own` is in the password, in one of the ways in which people write it."""
    plain = folded(text)
    for spelling in {plain, plain.translate(_SIGNS_FOR_LETTERS)}:
        words = _LETTERS.findall(spelling)
        if any(_in_word(name, word) for name in _names(own) for word in words):
            return True
    groups = [re.sub(r"\D", "", group) for group in re.split(r"[^\W\d_]+", plain)]
    wanted = [
        *(phone[-PHONE:] for phone in own.phones),
        *(number[:SNILS] for number in own.snils),
        *(form for day in own.dates for form in _forms(day)),
    ]
    return any(number in group for number in wanted for group in groups)


def _length(rules: PasswordRules, text: str, *, second_factor: bool) -> Iterator[Unmet]:
    least, now = rules.shortest(second_factor=second_factor), len(text)
    if now < least:
        missing = counted(least - now, "символ", "символа", "символов")
        yield Unmet("length", f"Добавьте ещё {missing}: нужно не меньше {least}, сейчас {now}.")
    elif now > rules.max_length:
        extra = counted(now - rules.max_length, "символ", "символа", "символов")
        yield Unmet("length", f"Уберите {extra}: можно не больше {rules.max_length}, сейчас {now}.")


def _kinds(rules: PasswordRules, text: str) -> Iterator[Unmet]:
    has = {
        "upper": any(character.isupper() for character in text),
        "lower": any(character.islower() for character in text),
        "digit": any(character.isdecimal() for character in text),
        "special": any(not character.isalnum() for character in text),
    }
    if rules.classes == len(has):
        words = {
            "upper": "Добавьте заглавную букву.",
            "lower": "Добавьте строчную букву.",
            "digit": "Добавьте цифру.",
            "special": "Добавьте особый знак, например «!» или «-».",
        }
        yield from (Unmet(kind, words[kind]) for kind, met in has.items() if not met)
    elif sum(has.values()) < rules.classes:
        kinds = "заглавные буквы, строчные буквы, цифры и особые знаки"
        yield Unmet(
            "classes", f"Возьмите хотя бы {rules.classes} вида знаков из четырёх: {kinds}. Сейчас {sum(has.values())}."
        )


def _names(own: OwnData) -> Iterator[str]:
    """The names that a word of the password is compared with, in all spellings; parts of a double name each."""
    for name in own.names:
        for part in _LETTERS.findall(name.casefold()):
            yield from ways(part) | ways(folded(part))


def _in_word(name: str, word: str) -> bool:
    """Whether the word begins or ends with the name: `annalesnaya`, `myanna`; `zelenaya` is no word about an Elena."""
    if len(name) < NAME:
        return word == name
    return word.startswith(name) or word.endswith(name)


def _forms(day: date) -> set[str]:
    """A date in the figures that people write it in: with or without zeros and century, in each order."""
    days, months = {f"{day:%d}", str(day.day)}, {f"{day:%m}", str(day.month)}
    years = {f"{day:%Y}", f"{day:%y}"}
    forms = {form for d in days for m in months for y in years for form in (d + m + y, m + d + y, y + m + d, y + d + m)}
    return {form for form in forms if len(form) >= 6}
