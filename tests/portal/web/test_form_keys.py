"""Idempotency keys of forms."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.web.form_keys import new_form_key, read_form_key


def test_a_key_is_worth_something_only_for_its_purpose(portal_app: Flask) -> None:
    """U-17: the same form is the same key; another purpose, another person or a changed letter is none."""
    with portal_app.test_request_context("/"):
        key = new_form_key("book", "anna", "slot-1")
        value = read_form_key(key, "book", "anna", "slot-1")
        assert value == read_form_key(key, "book", "anna", "slot-1")
        assert value
        assert len(value) >= 24
        for purpose in (
            ("book", "viktor", "slot-1"),
            ("book", "anna", "slot-2"),
            ("cancel", "anna", "slot-1"),
            ("book",),
        ):
            assert read_form_key(key, *purpose) is None
        assert read_form_key(key, "book", "annas", "lot-1") is None


@pytest.mark.parametrize("sent", [None, "", ".", "a", "a.b", "ключ.подпись", "\x00.\x00"])
def test_what_is_no_key_is_none(portal_app: Flask, sent: str | None) -> None:
    """S-61: nothing that can be sent breaks it."""
    with portal_app.test_request_context("/"):
        assert read_form_key(sent, "book") is None


def test_no_two_forms_have_the_same_key(portal_app: Flask) -> None:
    with portal_app.test_request_context("/"):
        assert new_form_key("book") != new_form_key("book")
