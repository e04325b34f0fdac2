"""Training ranges and normalisation: what is accepted, in which writing, and why anything else is not."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.ru import inn as russian_inn

from sandbox_idp.accounts import ranges

NOISE = st.text(
    alphabet=" -\u2010\u2011\u2012\u2013\u2014\u2212().\u00a0\u200b\u200d\u2060\ufeff\u00ad\u202f\t", max_size=3
)


def noisy(digits: str) -> st.SearchStrategy[str]:
    """The same digits as people, phones and office programs write them."""
    return st.lists(NOISE, min_size=len(digits) + 1, max_size=len(digits) + 1).map(
        lambda noise: noise[0] + "".join(digit + after for digit, after in zip(digits, noise[1:], strict=True))
    )


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text(alphabet=string.digits, min_size=count, max_size=count)


@given(st.data(), st.sampled_from(["8", "7", "+7", ""]), digits(7))
def test_a_phone_in_any_writing_is_one_phone(data: st.DataObject, start: str, tail: str) -> None:
    """R-015, U-11: 8…, 7…, +7…, or ten digits; spaces, dashes, brackets and invisible characters do not matter."""
    typed = start + data.draw(noisy("000" + tail))
    assert ranges.phone(typed) == f"+7000{tail}"
    assert ranges.phone(ranges.phone(typed)) == f"+7000{tail}"


@given(st.data(), digits(8))
def test_a_snils_in_any_writing_is_one_snils(data: st.DataObject, tail: str) -> None:
    """R-022, U-11: check digits are not looked at below 001-001-998."""
    assert ranges.snils(data.draw(noisy("000" + tail))) == "000" + tail


@given(digits(9))
def test_check_digits_of_a_snils_are_looked_at_above_the_limit(nine: str) -> None:
    """login-format: check digits wrong above 001-001-998; right ones are refused for the range alone."""
    if int(nine) <= ranges.SNILS_CHECKED_ABOVE:
        return
    right = ranges.snils_check_digits(nine)
    with pytest.raises(ranges.NotTrainingError, match="Это учебный стенд"):
        ranges.snils(nine + right)
    with pytest.raises(ranges.WrongCheckDigitsError):
        ranges.snils(nine + f"{(int(right) + 1) % 100:02d}")


@pytest.mark.parametrize(
    ("nine", "check"), [("112233445", "95"), ("087654303", "00"), ("000100101", "10"), ("999999999", "01")]
)
def test_check_digits_of_known_numbers(nine: str, check: str) -> None:
    """The example of the regulation, a sum of 101 and anna's number."""
    weighted = sum(int(digit) * weight for digit, weight in zip(nine, range(9, 0, -1), strict=True))
    expected = weighted % 101 % 100
    assert ranges.snils_check_digits(nine) == f"{expected:02d}" == check


@given(digits(11))
def test_a_policy_begins_with_0000_and_fits_its_check_digit(middle: str) -> None:
    """Personas table: 16 digits, 0000, Luhn."""
    number = "0000" + middle
    right = number + luhn.calc_check_digit(number)
    assert ranges.policy(f"{right[:4]} {right[4:8]} {right[8:12]} {right[12:]}") == right
    with pytest.raises(ranges.WrongCheckDigitsError):
        ranges.policy(number + str((int(right[-1]) + 1) % 10))
    foreign = "7700" + middle
    with pytest.raises(ranges.NotTrainingError):
        ranges.policy(foreign + luhn.calc_check_digit(foreign))


@given(digits(8))
def test_an_inn_begins_with_00_and_fits_both_check_digits(middle: str) -> None:
    """Personas table: 12 digits, 00, both check digits."""
    first = "00" + middle
    right = first + russian_inn.calc_personal_check_digits(first)
    assert ranges.inn(right) == right
    with pytest.raises(ranges.WrongCheckDigitsError):
        ranges.inn(right[:-1] + str((int(right[-1]) + 1) % 10))


@pytest.mark.parametrize(
    ("typed", "accepted"),
    [("0000 200103", ("0000", "200103")), ("0001-123123", ("0001", "123123")), ("4510 200103", None)],
)
def test_a_passport_has_a_series_of_its_own(typed: str, accepted: tuple[str, str] | None) -> None:
    """Personas table: series 0000 or 0001."""
    if accepted is None:
        with pytest.raises(ranges.NotTrainingError, match="серия 0000 или 0001"):
            ranges.passport(typed)
    else:
        assert ranges.passport(typed) == accepted


@pytest.mark.parametrize(
    ("series", "number", "problem"),
    [
        ("I-ЛА", "000123", None),
        ("i ла", "000 123", None),
        ("II-ЛА", "000123", ranges.NotTrainingError),
        ("I-ЛА", "100123", ranges.NotTrainingError),
        ("ЛА", "000123", ranges.WrongCharactersError),
        ("I-ЛА", "00012", ranges.WrongLengthError),
    ],
)
def test_a_birth_certificate(series: str, number: str, problem: type[ranges.NumberError] | None) -> None:
    """Personas table: I-АА…I-ЯЯ, number 000ddd."""
    if problem is None:
        assert ranges.birth_certificate(series, number) == ("I-ЛА", "000123")
    else:
        with pytest.raises(problem):
            ranges.birth_certificate(series, number)


@pytest.mark.parametrize(
    ("typed", "problem", "words"),
    [
        ("", ranges.EmptyError, "Введите адрес"),
        ("anna@", ranges.WrongCharactersError, "полностью"),
        ("anna@pochta..example", ranges.WrongCharactersError, "полностью"),
        ("an na@pochta.example", ranges.WrongCharactersError, "пробелы"),
        ("анна@pochta.example", ranges.WrongCharactersError, "латинскими"),
        ("anna@example.com", ranges.NotTrainingError, ".example"),
        ("a" * 250 + "@pochta.example", ranges.WrongLengthError, "254"),
    ],
)
def test_a_mail_address_is_told_what_is_wrong(typed: str, problem: type[ranges.NumberError], words: str) -> None:
    """U-10, S-72."""
    with pytest.raises(problem) as raised:
        ranges.mail(typed)
    assert words in raised.value.text


def test_a_mail_address_is_cleaned() -> None:
    """U-11: case and invisible characters do not matter."""
    assert ranges.mail(" Anna\u200b@Pochta.EXAMPLE\u00a0") == "anna@pochta.example"


@pytest.mark.parametrize(
    ("read", "typed", "problem", "words"),
    [
        (ranges.phone, "", ranges.EmptyError, "Введите номер телефона"),
        (ranges.phone, "+7 000 100", ranges.WrongLengthError, "Сейчас 7"),
        (ranges.phone, "+7 000 100 00 011", ranges.WrongLengthError, "введено 12"),
        (ranges.phone, "+7 000 l00 00 01", ranges.WrongCharactersError, "только цифры"),
        (ranges.phone, "+7 900 100 00 01", ranges.NotTrainingError, "+7 (000)"),
        (ranges.phone, "+375 29 100 00 01", ranges.NotTrainingError, "+7 (000)"),
        (ranges.phone, "9 000 100 00 01", ranges.WrongCharactersError, "с +7 или 8"),
        (ranges.snils, "000-100-101 1", ranges.WrongLengthError, "Сейчас 10"),
        (ranges.snils, "٠٠٠١٠٠١٠١١٠", ranges.WrongCharactersError, "только цифры"),
        (ranges.policy, "0000 1000 0000 037", ranges.WrongLengthError, "Сейчас 15"),
        (ranges.inn, "00100001110", ranges.WrongLengthError, "Сейчас 11"),
        (ranges.passport, "0000", ranges.WrongLengthError, "Сейчас 4"),
    ],
)
def test_each_mistake_has_its_own_words(read, typed: str, problem: type[ranges.NumberError], words: str) -> None:
    """U-10: empty, short, long, letters, range."""
    with pytest.raises(problem) as raised:
        read(typed)
    assert type(raised.value) is problem
    assert words in raised.value.text.replace("\u00a0", " ")
    if isinstance(raised.value, ranges.WrongLengthError):
        assert raised.value.typed != raised.value.expected


@given(st.text(max_size=40))
def test_no_text_whatever_breaks_a_reader(text: str) -> None:
    """S-61: every input is accepted or refused with words."""
    for read in (ranges.phone, ranges.snils, ranges.mail, ranges.policy, ranges.inn, ranges.passport):
        try:
            outcome = str(read(text))
        except ranges.NumberError as error:
            outcome = error.text
        assert outcome
