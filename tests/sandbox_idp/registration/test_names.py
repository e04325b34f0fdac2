"""Surname, name and patronymic as they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_idp.accounts import ranges
from sandbox_idp.registration import names
from sandbox_idp.registration.names import NAME, SURNAME, parse


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Ясенева", "Ясенева"),
        ("  ясенева ", "Ясенева"),
        ("ЯСЕНЕВА", "Ясенева"),
        ("Салтыков — Щедрин", "Салтыков-Щедрин"),
        ("салтыков-щедрин", "Салтыков-Щедрин"),
        ("О’Коннор", "О'Коннор"),
        ("аль-Хамид", "аль-Хамид"),
        ("Мамедова\u00a0 кызы", "Мамедова кызы"),
        ("Э", "Э"),
        ("Ёлкина\u200b", "Ёлкина"),
    ],
)
def test_a_name_is_cleaned(typed: str, stored: str) -> None:
    """R-005, U-11: spaces, dashes and capitals are put right, what was meant is kept."""
    assert parse(typed, SURNAME) == stored


@pytest.mark.parametrize(
    ("typed", "kind", "words"),
    [
        ("", ranges.EmptyError, "Введите фамилию."),
        (" \u200b ", ranges.EmptyError, "Введите фамилию."),
        ("Иванов2", ranges.WrongCharactersError, "В фамилии не бывает цифр. Уберите их."),
        ("Ivanov", ranges.WrongCharactersError, "Введите фамилию русскими буквами. Проверьте раскладку."),
        ("Иванoв", ranges.WrongCharactersError, "Введите фамилию русскими буквами. Проверьте раскладку."),
        ("<b>Ива", ranges.WrongCharactersError, "Введите фамилию русскими буквами. Проверьте раскладку."),
        ("Ива;нов", ranges.WrongCharactersError, None),
        ("-Иванов", ranges.WrongCharactersError, None),
        ("Иванов-", ranges.WrongCharactersError, None),
        ("'", ranges.WrongCharactersError, None),
        ("И" * 200, ranges.WrongLengthError, "Фамилия не бывает длиннее 100 знаков, а введено 200."),
    ],
)
def test_each_mistake_has_its_own_words(typed: str, kind: type[ranges.NumberError], words: str | None) -> None:
    """U-10: empty, Latin letters, digits, other signs, too long."""
    with pytest.raises(kind) as raised:
        parse(typed, SURNAME)
    if words is not None:
        assert raised.value.text == words


@given(st.text())
def test_whatever_is_typed_is_understood_once_and_for_all(typed: str) -> None:
    """Either a sentence for the person, or a name that stays the same when it is read again and is safe to show."""
    try:
        stored = parse(typed, NAME)
    except ranges.NumberError:
        return
    assert parse(stored, NAME) == stored
    assert 0 < len(stored) <= names.LONGEST
    assert not set(stored) - set("АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя'- ")


RUSSIAN = st.text("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", min_size=1, max_size=20)


@given(st.lists(RUSSIAN, min_size=1, max_size=4), st.sampled_from([" ", "-", "  ", " - ", "—"]))
def test_every_name_of_russian_words_is_taken(words: list[str], separator: str) -> None:
    """However the parts are joined, the letters stay what they were."""
    stored = parse(separator.join(words), NAME)
    assert "".join(stored.replace("-", " ").split()).lower() == "".join(words)
