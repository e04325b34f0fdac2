"""Keys: cached, renewed when none fits, and enough to live through an outage (S-12)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from foundation.clock import ManualClock
from portal.esia import errors
from portal.esia.client import EsiaClient
from portal.esia.keys import read_key_set
from tests.portal.fake_esia import FakeEsia, certificate_pem, json_answer, jwk

JWKS = "/oauth2/jwks"


def redeem(client: EsiaClient, esia: FakeEsia, clock: ManualClock) -> None:
    client.redeem(code=esia.code(), redirect_uri="x", started_at=clock.now())


def test_the_set_is_fetched_once_for_many_sign_ins(
    make_client: Callable[..., EsiaClient], esia: FakeEsia, clock: ManualClock
) -> None:
    """S-12: cached."""
    client = make_client()
    for _ in range(3):
        redeem(client, esia, clock)
    assert esia.calls.count(f"GET {JWKS}") == 1


def test_a_rotation_works_without_a_restart(
    make_client: Callable[..., EsiaClient], esia: FakeEsia, clock: ManualClock
) -> None:
    """S-12: none fits, so the set is fetched once more, and the sign-in succeeds."""
    client = make_client()
    redeem(client, esia, clock)
    esia.signing, esia.key_set = "rotated", ["rotated"]
    redeem(client, esia, clock)
    assert esia.calls.count(f"GET {JWKS}") == 2


def test_each_key_of_the_set_is_tried(
    make_client: Callable[..., EsiaClient], esia: FakeEsia, clock: ManualClock
) -> None:
    """S-07, S-12: ESIA's tokens name no key."""
    esia.key_set = ["attacker", "rotated", "esia"]
    redeem(make_client(), esia, clock)


def test_an_outage_of_the_keys_does_not_stop_sign_ins_once_they_are_known(
    make_client: Callable[..., EsiaClient], esia: FakeEsia, clock: ManualClock
) -> None:
    """S-12: also long after the set should have been renewed."""
    client = make_client()
    redeem(client, esia, clock)
    esia.fail(JWKS, httpx2.ConnectError("refused"))
    for _ in range(3):
        clock.advance(timedelta(minutes=20))
        redeem(client, esia, clock)


def test_an_empty_set_does_not_replace_a_good_one(
    make_client: Callable[..., EsiaClient], esia: FakeEsia, clock: ManualClock
) -> None:
    """S-12: a broken answer is treated as none."""
    client = make_client()
    redeem(client, esia, clock)
    esia.key_set = []
    clock.advance(timedelta(hours=1))
    redeem(client, esia, clock)


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(500),
        json_answer({"keys": []}),
        json_answer([]),
        json_answer({"keys": "x"}),
        httpx2.Response(200, content=b"<html>", headers={"Content-Type": "text/html"}),
    ],
    ids=["500", "empty", "list", "text", "html"],
)
def test_without_any_key_nothing_can_be_trusted(
    answer: httpx2.Response, make_client: Callable[..., EsiaClient], esia: FakeEsia, clock: ManualClock
) -> None:
    """S-12: a cold start during an outage lets nobody in, and the next honest sign-in succeeds."""
    client = make_client()
    esia.answer_with(JWKS, answer)
    with pytest.raises(errors.KeysUnavailable):
        redeem(client, esia, clock)
    esia.answers.clear()
    redeem(client, esia, clock)


def test_a_withdrawn_key_is_forgotten_in_the_end(
    make_client: Callable[..., EsiaClient], esia: FakeEsia, clock: ManualClock
) -> None:
    """S-12: a kept set is not kept for ever."""
    client = make_client()
    redeem(client, esia, clock)
    esia.key_set = ["rotated"]
    clock.advance(timedelta(minutes=11))
    with pytest.raises(errors.BadSignature):
        redeem(client, esia, clock)


def test_forged_tokens_do_not_turn_into_a_flood_of_requests(
    make_client: Callable[..., EsiaClient], esia: FakeEsia, clock: ManualClock
) -> None:
    """S-12: five renewals a minute at most."""
    client = make_client()
    redeem(client, esia, clock)
    esia.signing = "attacker"
    for _ in range(20):
        with pytest.raises(errors.BadSignature):
            redeem(client, esia, clock)
    assert esia.calls.count(f"GET {JWKS}") == 1 + 5
    clock.advance(timedelta(minutes=2))
    with pytest.raises(errors.BadSignature):
        redeem(client, esia, clock)
    assert esia.calls.count(f"GET {JWKS}") == 1 + 6


def test_a_certificate_file_can_be_trusted_instead_and_is_read_anew(
    make_client: Callable[..., EsiaClient], esia: FakeEsia, clock: ManualClock, tmp_path: Path
) -> None:
    """S-12: ESIA publishes its certificate as a file; an operator may replace it without a restart."""
    file = tmp_path / "esia.cer"
    file.write_text(certificate_pem("esia", clock))
    client = make_client(trust=str(file))
    redeem(client, esia, clock)
    assert f"GET {JWKS}" not in esia.calls
    esia.signing = "rotated"
    with pytest.raises(errors.BadSignature):
        redeem(client, esia, clock)
    file.write_text(certificate_pem("rotated", clock))
    redeem(client, esia, clock)


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\n", b"\x30\x82"])
def test_a_certificate_file_that_cannot_be_read_lets_nobody_in(
    content: bytes | None,
    make_client: Callable[..., EsiaClient],
    esia: FakeEsia,
    clock: ManualClock,
    tmp_path: Path,
) -> None:
    """A missing or broken file is no key."""
    file = tmp_path / "esia.cer"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(errors.KeysUnavailable):
        redeem(make_client(trust=str(file)), esia, clock)


@pytest.mark.parametrize(
    "item",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "n": "!!!", "e": "AQAB"},
        {"kty": "RSA", "e": "AQAB"},
        {"kty": "RSA", "n": 5, "e": 5},
        "key",
        None,
    ],
    ids=str,
)
def test_unfit_keys_of_a_set_are_passed_over(item: Any) -> None:
    """S-07: only RSA keys of 2048 bits and more, for signatures; one bad key does not spoil the set."""
    assert len(read_key_set({"keys": [item, jwk("esia")]})) == 1


@pytest.mark.parametrize("change", [{"use": "enc"}, {"alg": "RS512"}])
def test_keys_for_another_use_are_passed_over(change: dict[str, str]) -> None:
    """S-07."""
    assert read_key_set({"keys": [{**jwk("esia"), **change}]}) == ()


def test_private_members_of_a_stranger_s_key_are_not_taken_over() -> None:
    """A set that shows a private key by mistake gives us the public one only."""
    (key,) = read_key_set(json.loads(json.dumps({"keys": [{**jwk("esia"), "d": "AQAB"}]})))
    assert not key.is_private
