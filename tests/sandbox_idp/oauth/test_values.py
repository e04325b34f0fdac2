"""Timestamps, base64url and parameters as they arrive (quirks 2, 12, 14, 18)."""

from __future__ import annotations

import base64
import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_idp.oauth.errors import ParameterMissingError, TimestampWrongError
from sandbox_idp.oauth.values import Parameters, check_timestamp, decode_base64, normalise_base64, parse_timestamp

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime.fromisoformat("1970-01-02"), datetime.fromisoformat("2099-12-30"), timezones=ZONES))
def test_every_printed_moment_is_read_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    assert parse_timestamp(moment.strftime("%Y.%m.%d %H:%M:%S %z")) == moment


@given(st.text())
def test_any_text_is_either_a_moment_or_refused(text: str) -> None:
    with contextlib.suppress(TimestampWrongError):
        assert parse_timestamp(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-22 12:00:00 +0000",
        "2026.11.22 12:00:00",
        "2026.11.22 12:00:00 0000",
        "2026.11.22T12:00:00 +0000",
        "2026.11.22 12:00:00 +00:00",
        "2026.11.22 12:00:00 +0000 ",
        "2026.02.30 12:00:00 +0000",
        "2026.11.22 24:15:00 +0000",
        "2026.11.22 12:00:60 +0000",
        "2026.11.22 12:00:00 +2500",
        "0001.01.01 00:00:00 +2300",
        "９026.11.22 12:00:00 +0000",
    ],
)
def test_what_is_not_a_timestamp_is_refused(text: str) -> None:
    with pytest.raises(TimestampWrongError):
        parse_timestamp(text)


def test_a_plus_that_was_not_encoded_is_named() -> None:
    """The `+` of the zone arrives as a blank when a client forgets to encode it: the journal says so."""
    with pytest.raises(TimestampWrongError) as caught:
        parse_timestamp("2026.11.22 12:00:00  0300")
    assert "percent-encoded" in caught.value.reason


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_five_minutes_on_either_side_pass(seconds: int) -> None:
    check_timestamp((NOW + timedelta(seconds=seconds)).strftime("%Y.%m.%d %H:%M:%S %z"), NOW)


@pytest.mark.parametrize("seconds", [-301, 301, -86400, 86400 * 365])
def test_more_than_five_minutes_do_not(seconds: int) -> None:
    with pytest.raises(TimestampWrongError):
        check_timestamp((NOW + timedelta(seconds=seconds)).strftime("%Y.%m.%d %H:%M:%S %z"), NOW)


@given(
    st.binary(max_size=200),
    st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]),
    st.booleans(),
    st.booleans(),
)
def test_bytes_survive_every_form_of_base64(data: bytes, encode, padded: bool, plus_lost: bool) -> None:
    """Quirk 2: either alphabet, with or without padding, `+` turned into a blank on the way."""
    text = encode(data).decode()
    text = text if padded else text.rstrip("=")
    text = text.replace("+", " ") if plus_lost else text
    assert decode_base64(text) == data


@given(st.text(alphabet="ABCabc019-_+/ =\r\n", max_size=60))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise_base64(text)
    assert normalise_base64(once) == once
    assert len(once) % 4 == 0
    assert not set(once) & set("+/ ")


@given(st.text(max_size=60))
def test_any_text_is_bytes_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(decode_base64(text), bytes)


def test_an_empty_parameter_counts_as_absent() -> None:
    """Quirk 14."""
    parameters = Parameters.of([("scope_org", ""), ("state", ""), ("scope", "openid")])
    assert parameters.get("scope_org") is None
    with pytest.raises(ParameterMissingError) as caught:
        parameters.need("state")
    assert caught.value.description == "ESIA-007014: The request doesn`t contain the mandatory parameter [state]."


def test_query_and_body_are_merged_and_a_contradiction_is_noted() -> None:
    """Quirk 12; RFC 6749 3.1: a parameter must not come twice."""
    parameters = Parameters.of([("state", "a"), ("scope", "openid"), ("state", "a"), ("scope", "openid snils")])
    assert parameters.get("state") == "a"
    assert parameters.spoilt == {"scope"}


def test_a_scope_that_is_asked_for_twice_counts_once() -> None:
    assert Parameters.of([("scope", " openid  snils openid ")]).scopes() == ["openid", "snils"]
