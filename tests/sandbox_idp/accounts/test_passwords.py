"""Hashing: parameters, Unicode, the gate."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from sandbox_idp.accounts import passwords
from tests.conftest import TODAYS_HASHING


@pytest.fixture(autouse=True)
def _as_dear_as_always(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in TODAYS_HASHING.items():
        monkeypatch.setattr(passwords, name, value)


def test_the_parameters_stand_in_the_hash() -> None:
    """S-30: Argon2id, 19 MiB, two passes, one lane; a salt of its own each time."""
    first, second = passwords.hash_password("secret"), passwords.hash_password("secret")
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert not passwords.needs_rehash(first)
    assert passwords.needs_rehash(first.replace("t=2", "t=1"))


def test_right_and_wrong() -> None:
    stored = passwords.hash_password("Lampa-Zelenaya-27")
    assert passwords.verify(stored, "Lampa-Zelenaya-27")
    assert not passwords.verify(stored, "Lampa-Zelenaya-28")


def test_nobody_s_hash_costs_as_much_and_fits_nothing() -> None:
    """S-32: same parameters as every other hash; whatever is typed, the answer is no."""
    assert not passwords.needs_rehash(passwords.NOBODY)
    assert not passwords.verify(None, "")
    assert not passwords.verify(None, "Lampa-Zelenaya-27")


def test_the_same_letters_in_another_form_are_the_same_password() -> None:
    """S-28: NFKC; 64 characters and many more, to the last one; spaces count."""
    stored = passwords.hash_password("Ёлка №1" + "я" * 200)
    assert passwords.verify(stored, "Е\u0308лка №1" + "я" * 200)
    assert not passwords.verify(stored, "Ёлка №1" + "я" * 199)
    assert not passwords.verify(stored, "Ёлка №1 " + "я" * 200)


def test_a_lone_surrogate_is_a_wrong_password_and_nothing_worse() -> None:
    """S-61."""
    assert not passwords.verify(None, "\ud800")


def test_no_more_pass_the_gate_than_it_is_wide() -> None:
    """S-30: the third has to wait, and is told when to come again."""
    gate = passwords.Gate(2, wait=timedelta(milliseconds=1))
    with gate.passing(), gate.passing():
        with pytest.raises(passwords.HashingBusyError) as raised, gate.passing():
            pass
        assert raised.value.retry_after == timedelta(milliseconds=1)
    with gate.passing():
        pass


def test_who_waits_gets_through_when_a_place_comes_free() -> None:
    """S-30: and a place is given back when hashing fails."""
    gate = passwords.Gate(1)
    through = threading.Event()

    def wait() -> None:
        with gate.passing():
            through.set()

    def fail() -> None:
        with gate.passing():
            waiting.start()
            assert not through.is_set()
            raise KeyError

    waiting = threading.Thread(target=wait)
    with pytest.raises(KeyError):
        fail()
    waiting.join(10)
    assert through.is_set()
