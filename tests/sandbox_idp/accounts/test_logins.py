"""Which of the three a login is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_idp.accounts import ranges
from sandbox_idp.accounts.logins import Login, read_login


@pytest.mark.parametrize(
    ("typed", "login"),
    [
        ("+7 (000) 100-00-01", Login("phone", "+70001000001")),
        ("80001000001", Login("phone", "+70001000001")),
        ("(000) 100-00-01", Login("phone", "+70001000001")),
        ("000 100-00-01", Login("phone", "+70001000001")),
        ("000\u2013100\u201300\u201301", Login("phone", "+70001000001")),
        ("00010010110", Login("snils", "00010010110")),
        ("000-100-101 10", Login("snils", "00010010110")),
        ("000 100 101 10", Login("snils", "00010010110")),
        ("Anna@Pochta.example", Login("mail", "anna@pochta.example")),
    ],
)
def test_the_kind_is_recognised(typed: str, login: Login) -> None:
    """R-022: phone, e-mail or SNILS in one field."""
    assert read_login(typed) == login


def test_ten_digits_in_a_row_are_asked_about() -> None:
    """R-022: ambiguous is a format mistake, not a wrong password."""
    with pytest.raises(ranges.WrongLengthError, match="10"):
        read_login("0001000001")


@pytest.mark.parametrize(
    ("login", "masked"),
    [
        (Login("phone", "+70001000001"), "+7 000 •••-••-01"),
        (Login("mail", "anna@pochta.example"), "a•••@pochta.example"),
        (Login("snils", "00010010110"), "000-•••-••• 10"),
    ],
)
def test_a_masked_login_shows_little(login: Login, masked: str) -> None:
    """R-024, U-14."""
    assert login.masked.replace("\u00a0", " ") == masked


@given(st.text(max_size=60))
def test_any_text_is_a_login_or_is_told_why_not(text: str) -> None:
    """S-61, U-10; what is accepted once is accepted again in its stored form."""
    outcome: Login | str
    try:
        outcome = read_login(text)
    except ranges.NumberError as error:
        outcome = error.text
    assert outcome
    if isinstance(outcome, Login):
        assert read_login(outcome.value) == outcome
