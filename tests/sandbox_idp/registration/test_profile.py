"""What the fourth step makes of documents, days and addresses."""

from __future__ import annotations

from datetime import date

import pytest

from sandbox_idp.accounts import ranges
from sandbox_idp.accounts.papers import read_date, read_issue_date, read_words
from sandbox_idp.context import Stand
from sandbox_idp.registration.models import Registration
from sandbox_idp.registration.profile import Profile, read_birth_date
from tests.pages import PageClient
from tests.sandbox_idp.registration.wizard import all_of, give_code, give_four, give_password, give_profile

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize("typed", ["05.03.1990", "5.3.1990", "05/03/1990", "05-03-1990", "05031990", " 05 03 1990 "])
def test_a_day_is_read_however_it_is_written(typed: str) -> None:
    """U-11: separators do not matter."""
    assert read_date(typed, "дату рождения") == date(1990, 3, 5)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Введите дату рождения, например 05.03.1990."),
        ("5 марта 1990", "Введите дату рождения цифрами: день, месяц, год. Например, 05.03.1990."),
        ("31.02.1990", "Такого дня в календаре нет. Проверьте дату рождения."),
        ("05.03.2090", "Этот день ещё не наступил. Проверьте год рождения."),
        ("05.03.1890", "Получается 136 лет. Проверьте год рождения."),
        ("30.11.2012", "Получается 13 лет. Проверьте год рождения: самому можно зарегистрироваться с 14 лет"),
    ],
)
def test_a_day_of_birth_that_cannot_be(typed: str, words: str) -> None:
    """R-069, U-10: each in its own words."""
    with pytest.raises(ranges.NumberError) as raised:
        read_birth_date(typed, TODAY)
    assert raised.value.text.replace("\xa0", " ").startswith(words)


def test_fourteen_today_is_old_enough() -> None:
    """The account of one's own begins on the birthday."""
    assert read_birth_date("29.11.2012", TODAY) == date(2012, 11, 29)


@pytest.mark.parametrize(
    ("born", "issued", "words"),
    [
        (date(1990, 3, 5), "01.02.2004", "Паспорт выдают с 14 лет."),
        (date(1990, 3, 5), "01.05.2005", "После 20 лет паспорт меняют"),
        (date(1975, 3, 5), "01.05.2005", "После 45 лет паспорт меняют"),
        (date(1990, 3, 5), "30.11.2026", "Этот день ещё не наступил."),
    ],
)
def test_a_passport_that_is_not_in_force(born: date, issued: str, words: str) -> None:
    """R-069: issued too early, or out of date by age 20 or 45."""
    with pytest.raises(ranges.NumberError) as raised:
        read_issue_date(issued, born, TODAY)
    assert raised.value.text.replace("\xa0", " ").startswith(words)


@pytest.mark.parametrize(
    ("born", "issued"),
    [
        (date(1990, 3, 5), "05.03.2010"),
        (date(2006, 10, 1), "02.11.2020"),  # 20 two months ago: ninety days to change it
        (date(2004, 2, 29), "01.03.2024"),
    ],
)
def test_a_passport_that_is_in_force(born: date, issued: str) -> None:
    """R-069: also within the ninety days for changing it."""
    assert read_issue_date(issued, born, TODAY)


@pytest.mark.parametrize("typed", ["Springfield", "Учебный <b>город</b>", "x" * 3])
def test_an_address_is_written_in_russian(typed: str) -> None:
    """S-53: what could be markup is no address."""
    with pytest.raises(ranges.WrongCharactersError):
        read_words(typed, "Введите город.", "В названии города")


WRONG = (
    ("patronymic", "Ilyinichna", "Введите отчество русскими буквами. Проверьте раскладку."),
    ("sex", "", "Выберите пол, как в паспорте."),
    ("birth_date", "", "Введите дату рождения, например 05.03.1990."),
    ("passport", "4510 123456", "Подходят только учебные паспорта: серия 0000 или 0001."),
    ("passport", "0000 12", "Введите серию и номер паспорта полностью"),
    ("issued_on", "", "Введите дату выдачи паспорта"),
    ("issuer_code", "77", "В коде подразделения 6 цифр, а введено 2."),
    ("issued_by", "", "Введите, кем выдан паспорт."),
    ("snils", "112-233-445 95", "Подходят только учебные номера СНИЛС: они начинаются с 000."),
    ("policy", "0000300000000001", "последняя цифра не сходится"),
    ("region", "99", "Выберите регион из списка."),
    ("city", "", "Введите город или посёлок."),
    ("street", "", "Введите улицу."),
    ("house", "", "Введите номер дома."),
)


def test_each_mistake_stands_on_its_field_and_nothing_is_lost(sandbox: PageClient, stand: Stand) -> None:
    """R-014, U-8…U-10, S-72: the training ranges only, in the field's own words; all the rest is kept."""
    give_four(sandbox)
    give_code(sandbox, stand)
    give_password(sandbox)
    for field, typed, words in WRONG:
        page = give_profile(sandbox, status=422, **{"flat": "7", field: typed})
        (link,) = page.soup.select("#summary a")
        assert link["href"] == f"#{field}"
        assert words in link.get_text().replace("\xa0", " ")
        assert page.form("/register/profile")["flat"] == "7"
    (registration,) = all_of(stand, Registration)
    assert registration.profile is None


def test_optional_things_may_be_missing(sandbox: PageClient, stand: Stand) -> None:
    """account-no-inn's sisters: no patronymic, no policy, no flat."""
    give_four(sandbox)
    give_code(sandbox, stand)
    give_password(sandbox)
    give_profile(sandbox, patronymic="")
    (registration,) = all_of(stand, Registration)
    assert registration.profile is not None
    read = Profile.from_json(registration.profile)
    assert (read.patronymic, read.policy, read.flat) == (None, None, None)
