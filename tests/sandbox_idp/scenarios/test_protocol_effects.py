"""Kinds of effect that act on what the protocol carries: what each changes, and that the ordinary checks find it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from sandbox_idp.context import set_current_sign_in
from sandbox_idp.oauth.signing_keys import current_key
from sandbox_idp.oauth.tokens import sign
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.arming import arm, disarm
from sandbox_idp.scenarios.models import SignIn
from sandbox_idp.scenarios.points import ClientRequestDraft, CodeDraft, Point, ResponseDraft, TokenDraft
from tests.sandbox_idp.scenarios.conftest import Place, UseEntries
from tests.sandbox_idp.scenarios.test_engine import effect


@pytest.fixture(autouse=True)
def _sign_in(place: Place) -> Iterator[None]:
    """Sign-in 1 is at hand."""
    with place.stand.database.writing() as session:
        session.add(SignIn(system="PORTAL_DEMO", state="one", started_at=place.stand.clock.now()))
    set_current_sign_in(1)
    yield
    set_current_sign_in(None)


def going(place: Place, use_entries: UseEntries, table: str) -> None:
    use_entries(probe=table)
    arm(place.stand, "probe", "everyone")


@pytest.mark.parametrize(
    ("answer", "point"), [("token", Point.TOKEN_RESPONSE), ("person", Point.PERSON), ("keys", Point.JWKS)]
)
def test_a_json_answer_loses_and_gets_members_or_is_replaced(
    place: Place, use_entries: UseEntries, answer: str, point: Point
) -> None:
    """S-17: what arrives is not what was agreed; only the answer that is named is touched."""
    going(place, use_entries, effect("response", "protocol", answer=f'"{answer}"', set="{ a = 2 }", remove='["b"]'))
    assert engine.transform(point, ResponseDraft(200, {"a": 1, "b": 1, "c": 1})).body == {"a": 2, "c": 1}
    others = {Point.TOKEN_RESPONSE, Point.PERSON, Point.JWKS} - {point}
    assert [engine.transform(each, ResponseDraft(200, {"a": 1})).body for each in others] == [{"a": 1}] * 2

    going(place, use_entries, effect("response", "protocol", answer=f'"{answer}"', text='"{"'))
    draft = engine.transform(point, ResponseDraft(200, {"a": 1}))
    assert (draft.text, draft.body) == ("{", {"a": 1})


@pytest.mark.parametrize("becomes", ["expired", "used", "foreign"])
def test_a_code_is_worth_nothing_when_it_comes_back(place: Place, use_entries: UseEntries, becomes: str) -> None:
    """S-19, S-20: expired, used or another system's, and whole again once the scenario is off."""
    now = place.stand.clock.now()

    def redeemed() -> CodeDraft:
        return engine.transform(Point.CODE_USE, CodeDraft(False, now + timedelta(minutes=4), "PORTAL_DEMO"))

    going(place, use_entries, effect("code", "protocol", becomes=f'"{becomes}"'))
    draft = redeemed()
    found = {"expired": draft.expires_at <= now, "used": draft.used, "foreign": draft.mnemonic != "PORTAL_DEMO"}
    assert [name for name, wrong in found.items() if wrong] == [becomes]
    disarm(place.stand, "probe")
    assert redeemed() == CodeDraft(False, now + timedelta(minutes=4), "PORTAL_DEMO")


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        ("certificate-expired", ["certificate_at"]),
        ("signature-wrong", ["secret"]),
        ("timestamp-stale", ["received_at"]),
    ],
)
def test_a_request_of_a_system_is_spoilt_in_one_thing(
    place: Place, use_entries: UseEntries, fault: str, changed: list[str]
) -> None:
    """S-21."""
    now = place.stand.clock.now()
    honest = ClientRequestDraft("MIIGabcdefgh_-==", received_at=now, certificate_at=now)
    going(place, use_entries, effect("client-request", "protocol", fault=f'"{fault}"'))
    spoilt = engine.transform(Point.CLIENT_REQUEST, ClientRequestDraft("MIIGabcdefgh_-==", now, now))
    assert [name for name, value in vars(spoilt).items() if value != vars(honest)[name]] == changed
    assert len(spoilt.secret) == len(honest.secret)


def test_a_request_without_a_signature_is_left_to_the_ordinary_refusal(place: Place, use_entries: UseEntries) -> None:
    going(place, use_entries, effect("client-request", "protocol", fault='"signature-wrong"'))
    now = place.stand.clock.now()
    assert engine.transform(Point.CLIENT_REQUEST, ClientRequestDraft("", now, now)).secret == ""
    assert not place.lines(kind="effect")


def test_the_code_of_esia_can_name_another_system(place: Place, use_entries: UseEntries) -> None:
    """S-06, S-20: ESIA's code is a token, and is spoilt as one."""
    table = effect("jwt", "protocol", token='"code"', claims='{ set = { client_id = "OTHER" } }')
    going(place, use_entries, table)
    draft = TokenDraft({"alg": "RS256"}, {"client_id": "PORTAL_DEMO"})
    assert engine.transform(Point.CODE, draft).claims == {"client_id": "OTHER"}
    assert engine.transform(Point.ID_TOKEN, TokenDraft({"alg": "RS256"}, {})).claims == {}


def test_garbage_is_no_token(place: Place, use_entries: UseEntries) -> None:
    """S-07: what comes out in place of a token has not even the form of one."""
    going(place, use_entries, effect("jwt", "protocol", token='"id"', signature='"garbage"'))
    draft = engine.transform(Point.ID_TOKEN, TokenDraft({"alg": "RS256"}, {"sub": 1}))
    with place.stand.database.reading() as session:
        assert "." not in sign(draft, current_key(session))
