"""Values that pass through the sandbox's places, and acts of people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from sandbox_idp.context import current_stand, set_current_sign_in
from sandbox_idp.scenarios import engine, journal, sign_ins
from sandbox_idp.scenarios.arming import arm, disarm
from sandbox_idp.scenarios.exchange import Exchange, use_exchange
from sandbox_idp.scenarios.models import Armed, SignIn
from sandbox_idp.scenarios.paths import Way
from sandbox_idp.scenarios.points import (
    MessageDraft,
    Point,
    RedirectDraft,
    ResponseDraft,
    TokenDraft,
    WorksDraft,
)
from sandbox_idp.scenarios.transactions import writing_or_joining
from tests.sandbox_idp.scenarios.conftest import Place, UseEntries


def effect(kind: str, where: str, **fields: str) -> str:
    lines = [f'kind = "{kind}"', f'where = "{where}"', *(f"{name} = {value}" for name, value in fields.items())]
    return "[[effects]]\n" + "\n".join(lines)


def exchange(method: str = "POST", path: str = "/login/sms") -> Exchange:
    return Exchange("sandbox_idp", Way.FRONT, method, path, path, browser="the browser")


@pytest.fixture(autouse=True)
def _sign_in(place: Place) -> Iterator[None]:
    """Sign-in 1 is at hand."""
    with place.stand.database.writing() as session:
        session.add(SignIn(system="PORTAL_DEMO", state="one", started_at=place.stand.clock.now()))
    set_current_sign_in(1)
    yield
    set_current_sign_in(None)


def token(point: Point = Point.ID_TOKEN) -> TokenDraft:
    draft = TokenDraft({"alg": "RS256", "typ": "JWT"}, {"iss": "http://esia.gosuslugi.ru/", "exp": 1000, "sub": 1})
    return engine.transform(point, draft)


def message(kind: str = "sms", code: str | None = "123456") -> bool:
    """Whether a message gets lost."""
    with use_exchange(exchange()) as here:
        draft = MessageDraft(kind=kind, recipient="+70001000001", text="Код", code=code)
        lost = engine.transform(Point.MESSAGE, draft).lost
        database = current_stand().database
        with writing_or_joining(database) as connection:
            journal.write(database, connection, here.lines)
        return lost


def test_without_an_armed_effect_the_same_value_comes_back_unchanged(place: Place, use_entries: UseEntries) -> None:
    use_entries(probe=effect("jwt", "protocol", token='"both"', signature='"broken"'))
    draft = ResponseDraft(200, {"keys": []})
    assert engine.transform(Point.JWKS, draft) is draft
    assert token() == TokenDraft(
        {"alg": "RS256", "typ": "JWT"}, {"iss": "http://esia.gosuslugi.ru/", "exp": 1000, "sub": 1}
    )
    assert not place.lines(kind="effect")


@pytest.mark.parametrize(
    ("tokens", "struck"), [("id", [True, False]), ("access", [False, True]), ("both", [True, True])]
)
def test_the_signature_of_the_token_that_is_named_is_spoiled(
    place: Place, use_entries: UseEntries, tokens: str, struck: list[bool]
) -> None:
    """S-07."""
    use_entries(probe=effect("jwt", "protocol", token=f'"{tokens}"', signature='"foreign"'))
    arm(place.stand, "probe", "everyone")
    found = [token(point).signing for point in (Point.ID_TOKEN, Point.ACCESS_TOKEN)]
    assert found == ["foreign" if each else "own" for each in struck]


def test_header_and_claims_are_set_shifted_and_left_out(place: Place, use_entries: UseEntries) -> None:
    use_entries(
        probe=effect(
            "jwt",
            "protocol",
            token='"id"',
            header='{ set = { alg = "none" } }',
            claims='{ set = { iss = "http://evil/", exp = { shift = -600 }, nonce = { random = true } },'
            ' remove = ["sub"] }',
        )
    )
    arm(place.stand, "probe", "everyone")
    first, second = token(), token()
    assert first.header == {"alg": "none", "typ": "JWT"}
    assert {name: value for name, value in first.claims.items() if name != "nonce"} == {
        "iss": "http://evil/",
        "exp": 400,
    }
    assert first.claims["nonce"] != second.claims["nonce"]
    assert place.lines(kind="effect")[0].details["changed"] == ["alg", "iss", "exp", "nonce", "sub"]


def test_the_way_back_carries_what_the_effect_says(place: Place, use_entries: UseEntries) -> None:
    """S-03."""
    use_entries(probe=effect("redirect", "protocol", set="{ state = { random = true } }", remove='["code"]'))
    arm(place.stand, "probe")
    with place.stand.database.writing() as session:
        session.get_one(Armed, "probe").sign_in = 1
    back = engine.transform(Point.AUTHORIZE_REDIRECT, RedirectDraft({"code": "c", "state": "s", "x": "1"}))
    assert set(back.params) == {"state", "x"}
    assert back.params["state"] != "s"
    assert len(back.params["state"]) >= 16
    (line,) = place.lines(kind="effect")
    assert (line.entry, line.name, line.sign_in) == ("probe", "redirect", 1)
    assert "s" not in line.details.values()


def test_the_first_messages_of_a_sign_in_are_lost_and_the_next_arrives(place: Place, use_entries: UseEntries) -> None:
    """U-14: a new code helps."""
    use_entries(probe=effect("message-lost", "world", messages='["sms"]', with_code="true", first="2"))
    arm(place.stand, "probe", "everyone")
    assert not message("mail")
    assert not message("sms", code=None), "a notice without a code arrives"
    assert [message(), message(), message()] == [True, True, False]
    set_current_sign_in(2)
    assert message(), "every sign-in loses its own first ones"
    disarm(place.stand, "probe")
    arm(place.stand, "probe", "everyone")
    assert message(), "armed anew, counted anew"


def test_a_message_is_counted_only_if_it_is_one_of_those(place: Place, use_entries: UseEntries) -> None:
    use_entries(probe=effect("message-lost", "world", messages='["sms"]'))
    arm(place.stand, "probe", "everyone", count=1)
    assert not message("mail")
    assert message()
    set_current_sign_in(None)
    assert not message()


def test_a_message_is_lost_in_the_middle_of_a_rooms_transaction(place: Place, use_entries: UseEntries) -> None:
    """The room holds the only writer of SQLite; what the engine writes joins it and is undone with it."""
    use_entries(probe=effect("message-lost", "world"))
    arm(place.stand, "probe", "everyone", count=1)

    def left() -> int | None:
        row = place.armed("probe")
        assert row is not None
        return row.count_left

    def send(fails: bool) -> bool:
        with place.stand.database.writing() as session:
            session.add(SignIn(system="X", state=str(fails), started_at=place.stand.clock.now()))
            session.flush()
            lost = engine.transform(Point.MESSAGE, MessageDraft("sms", "+70001000001", "Код")).lost
            if fails:
                raise RuntimeError("the room gives up")
            return lost

    with pytest.raises(RuntimeError):
        send(fails=True)
    assert left() == 1
    assert not place.lines(kind="effect")
    assert send(fails=False)
    assert left() == 0
    assert len(place.lines(kind="effect")) == 1


def test_works_run_from_the_arming_for_their_length(place: Place, use_entries: UseEntries) -> None:
    """R-030, on the stand's clock."""
    use_entries(probe=effect("works", "world", minutes="60", title='"Плановые работы"'))
    row = arm(place.stand, "probe", "everyone", ttl=timedelta(hours=5)).row
    (window,) = engine.transform(Point.WORKS, WorksDraft()).windows
    assert (window.start, window.end) == (row.armed_at, row.armed_at + timedelta(hours=1))
    place.stand.clock.advance(timedelta(minutes=61))
    assert engine.transform(Point.WORKS, WorksDraft()).windows == []


def test_works_are_announced_before_they_begin(place: Place, use_entries: UseEntries) -> None:
    """`starts_at` and `ends_at` of the arming are the window; an announcement is no effect yet."""
    use_entries(probe=effect("works", "world", minutes="60"))
    now = place.stand.clock.now()
    starts_at, ends_at = now + timedelta(hours=2), now + timedelta(hours=5)
    arm(place.stand, "probe", "everyone", starts_at=starts_at, ends_at=ends_at)
    (window,) = engine.transform(Point.WORKS, WorksDraft()).windows
    assert (window.start, window.end) == (starts_at, ends_at)
    assert not place.lines(kind="effect")
    place.stand.clock.advance(timedelta(hours=3))
    assert engine.transform(Point.WORKS, WorksDraft()).windows == [window]
    assert place.lines(kind="effect")
    place.stand.clock.advance(timedelta(hours=3))
    assert engine.transform(Point.WORKS, WorksDraft()).windows == []


def test_one_request_tells_once_of_works_and_the_console_never(place: Place, use_entries: UseEntries) -> None:
    use_entries(probe=effect("works", "world"))
    arm(place.stand, "probe", "everyone")
    with use_exchange(exchange()) as here:
        for _ in range(3):
            assert engine.transform(Point.WORKS, WorksDraft()).windows[0].end is None
        assert len(here.lines) == 1
    aside = Exchange("sandbox_idp", Way.ASIDE, "GET", "/console/", "/console/")
    with use_exchange(aside):
        assert engine.transform(Point.WORKS, WorksDraft()).windows
        assert not aside.lines
    assert not place.lines(kind="effect")


def test_a_scope_of_one_person_follows_what_the_room_has_just_learnt(place: Place, use_entries: UseEntries) -> None:
    """The right password and the message of one request."""
    use_entries(probe=effect("message-lost", "world"))
    arm(place.stand, "probe", "person", person="anna")
    assert not message()
    with use_exchange(exchange()):
        sign_ins.bind_person(place.anna())
        draft = MessageDraft("sms", "+70001000001", "Код")
        assert engine.transform(Point.MESSAGE, draft).lost


# Acts


def test_an_act_is_written_down_without_secrets(place: Place) -> None:
    """S-62."""
    engine.act(
        "password-wrong",
        password="Lampa-Zelenaya-27",
        note="000-100-101 10, +7 (000) 100-00-01, anna@pochta.example, 418205, eyJhbGciOi.J9",
        person_oid=place.anna(),
        left=2,
        refusal={"code": "ESIA-007053", "client_secret": "MIIC", "advice": "Подписана другая строка"},
    )
    (line,) = place.lines(kind="act")
    assert (line.name, line.sign_in, line.program) == ("password-wrong", 1, "sandbox_idp")
    text = str(line.details)
    for secret in ("Lampa", "000-100", "100-00-01", "anna@", "418205", "eyJ", "MIIC"):
        assert secret not in text
    assert line.details["left"] == 2
    assert line.details["person_oid"] == place.anna()
    assert line.details["refusal"]["code"] == "ESIA-007053"
    assert line.details["refusal"]["advice"] == "Подписана другая строка"


WATCH = effect("message-lost", "world", messages='["push"]') + '\n[watch]\nact = "password-wrong"'


def test_an_act_names_the_entry_that_watches_for_it(place: Place, use_entries: UseEntries) -> None:
    use_entries(habit=WATCH)
    engine.act("password-wrong")
    arm(place.stand, "habit", "everyone")
    engine.act("sms-wrong")
    engine.act("password-wrong")
    assert [line.entry for line in place.lines(kind="act")] == [None, None, "habit"]


def test_acts_of_others_are_not_counted_for_one_person(place: Place, use_entries: UseEntries) -> None:
    use_entries(habit=WATCH)
    arm(place.stand, "habit", "person", person="anna")
    engine.act("password-wrong", person_oid=place.anna() + 1)
    engine.act("password-wrong", person_oid=place.anna())
    assert [line.entry for line in place.lines(kind="act")] == [None, "habit"]


def test_members_of_an_answer_are_set_and_left_out(place: Place, use_entries: UseEntries) -> None:
    """S-12: a key set without keys, for one."""
    use_entries(probe=effect("json", "protocol", answer='"jwks"', set="{ keys = [] }", remove='["extra"]'))
    arm(place.stand, "probe", "everyone")
    body = {"keys": [{"kid": "one"}], "extra": 1, "other": 2}
    assert engine.transform(Point.JWKS, ResponseDraft(200, dict(body))).body == {"keys": [], "other": 2}
    assert engine.transform(Point.PERSON, ResponseDraft(200, dict(body))).body == body
    (line,) = place.lines(kind="effect")
    assert line.details["changed"] == ["keys", "extra"]
