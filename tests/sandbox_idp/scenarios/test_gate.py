"""The gate: what it does to requests, and what it leaves alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from unittest import mock

import pytest
from sqlalchemy import event
from werkzeug.test import Client

from foundation.web.cookies import cookie_rules
from sandbox_idp.context import Stand, use_stand
from sandbox_idp.scenarios import live
from sandbox_idp.scenarios.arming import arm, disarm
from sandbox_idp.scenarios.gate import Gate
from sandbox_idp.scenarios.models import Armed, SignIn
from sandbox_idp.stands.house import House
from tests.sandbox_idp.scenarios.conftest import AUTHORIZE, TOKEN, Browser, Place, UseEntries, gate_effect

EVERYTHING = gate_effect("status", status="503")


def test_a_status_is_answered_by_a_web_server_and_not_by_us(place: Place, use_entries: UseEntries) -> None:
    """R-030: real outages look like this."""
    use_entries(
        probe=gate_effect("status", status="503", retry_after='"PT30S"', match='{ path = "/page" }'),
        empty=gate_effect("status", status="500", body='"empty"', match='{ path = "/empty" }'),
        json=gate_effect("status", status="502", body='"json"', match='{ path = "/json" }'),
    )
    for entry in ("probe", "empty", "json"):
        arm(place.stand, entry, "everyone")
    browser = place.at_sandbox()
    answer = browser.get("/page")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "nginx" in answer.get_data(as_text=True)
    assert "data-screen" not in answer.get_data(as_text=True)
    assert browser.get("/empty").data == b""
    assert browser.get("/json").json == {"status": 502, "error": "Bad Gateway"}
    assert browser.get("/other").status_code == 200
    disarm(place.stand, "probe")
    assert browser.get("/page").status_code == 200


@pytest.mark.parametrize(
    ("channel", "struck"),
    [
        ("front", {"/login", AUTHORIZE}),
        ("back", {"/healthz/live", "/works.json", "/oauth2/jwks", "/rs/prns/1", "//rs//prns/1"}),
        ("both", {"/login", AUTHORIZE, "/healthz/live", "/works.json", "/oauth2/jwks", "/rs/prns/1", "//rs//prns/1"}),
    ],
)
def test_front_and_back_channel_are_told_apart(
    place: Place, use_entries: UseEntries, channel: str, struck: set[str]
) -> None:
    """The preflight and the schedule of works are Gosuslugi's; the stand's own places stay healthy."""
    use_entries(probe=gate_effect("status", status="503", channel=f'"{channel}"'))
    arm(place.stand, "probe", "everyone")
    own = {"/console/", "/control/v1/stands", "/phone", "/mail", "/static/x/css/a.css", "/healthz/ready", "/join/abc"}
    everything = own | {
        "/login",
        AUTHORIZE,
        "/healthz/live",
        "/works.json",
        "/oauth2/jwks",
        "/rs/prns/1",
        "//rs//prns/1",
    }
    browser = place.at_sandbox()
    assert {path for path in everything if browser.get(path).status_code == 503} == struck


def test_assets_are_touched_only_when_their_path_is_named(place: Place, use_entries: UseEntries) -> None:
    use_entries(probe=gate_effect("status", "portal", status="503", match='{ path = "/static/**" }'), all=EVERYTHING)
    arm(place.stand, "probe", "everyone")
    arm(place.stand, "all", "everyone")
    assert place.at_portal().get("/static/1/css/a.css").status_code == 503
    assert place.at_portal().get("/page").status_code == 200
    assert place.at_sandbox().get("/static/1/css/a.css").status_code == 200


def test_paths_are_matched_part_by_part(place: Place, use_entries: UseEntries) -> None:
    use_entries(probe=gate_effect("status", status="500", match='{ method = "GET", path = ["/rs/*/docs", "/a.b"] }'))
    arm(place.stand, "probe", "everyone")
    browser = place.at_sandbox()
    assert browser.get("/rs/1/docs").status_code == 500
    assert browser.get("/rs/1/docs/").status_code == 500
    assert browser.get("/rs/1/2/docs").status_code == 200
    assert browser.post("/rs/1/docs").status_code == 200
    assert browser.get("/a.b").status_code == 500
    assert browser.get("/axb").status_code == 200


def test_a_fault_is_answered_by_the_programs_own_last_resort(place: Place, use_entries: UseEntries) -> None:
    use_entries(probe=gate_effect("fault", "portal", match='{ path = "/parts/*" }'))
    arm(place.stand, "probe", "everyone")
    answer = place.at_portal().get("/parts/policy")
    assert (answer.status_code, answer.get_data(as_text=True)) == (500, "fault: ScenarioFault")


@pytest.mark.parametrize("kind", ["reset", "truncate"])
def test_a_cut_answer_has_its_head_and_a_part_of_its_body(place: Place, use_entries: UseEntries, kind: str) -> None:
    """Under a server without gunicorn's socket the break is an error that closes the connection."""
    use_entries(probe=gate_effect(kind, "portal", match='{ path = "/parts/*" }'))
    arm(place.stand, "probe", "everyone")
    browser = place.at_portal()
    answer = browser.get("/parts/policy", buffered=False)
    assert answer.status_code == 200
    sent = b""
    try:
        for chunk in answer.response:
            sent += chunk
    except ConnectionResetError:
        broken = True
    else:
        broken = False
    assert broken
    assert 0 < len(sent) < int(answer.headers["Content-Length"])
    assert place.lines(kind="exchange")[-1].status is None


def test_effects_on_one_request_are_put_around_each_other_in_their_order(place: Place, use_entries: UseEntries) -> None:
    """Delay, silence, then a cut around whatever answer there is (`docs/scenarios.md`)."""
    use_entries(
        status=gate_effect("status", status="503"),
        reset=gate_effect("reset"),
        delay=gate_effect("delay", seconds="5"),
    )
    held: list[float] = []
    with mock.patch.object(live.waits, "hold", side_effect=lambda *args, **kwargs: held.append(1) or True):
        for entry in ("status", "reset", "delay"):
            arm(place.stand, entry, "everyone")
        answer = place.at_sandbox().get("/page", buffered=False)
    assert answer.status_code == 503
    assert held == [1]
    with pytest.raises(ConnectionResetError):
        list(answer.response)
    assert [line.name for line in place.lines(kind="effect")] == ["delay", "reset", "status"]


def test_the_gates_cookie_is_the_browsers_on_one_host_under_one_prefix(place: Place) -> None:
    """S-49: HttpOnly, Lax, named and placed by the prefix; given once, and not to servers nor for assets."""
    browser = place.at_portal()
    rules = cookie_rules("gate", place.stand.prefix, place.settings.portal_url)
    given = browser.get("/page").headers["Set-Cookie"]
    assert given.startswith(f"{rules.name}=")
    assert f"; Path={rules.path}; HttpOnly; SameSite=Lax" in given
    assert "Set-Cookie" not in browser.get("/page").headers
    assert "Set-Cookie" not in place.at_portal().get("/static/1/a.css").headers
    assert "Set-Cookie" not in place.at_sandbox().get("/rs/prns/1").headers
    assert "Set-Cookie" not in place.at_sandbox().get("/console/").headers
    stranger = place.at_portal()
    stranger.client.set_cookie(rules.name, "<script>", path=rules.path)
    assert "Set-Cookie" in stranger.get("/page").headers


def test_the_portal_is_told_when_the_request_came(place: Place, use_entries: UseEntries) -> None:
    """Its 25 seconds count from there, on the stand's clock, also when the gate holds the request."""
    seen = []

    def program(environ, start_response):
        seen.append((environ["portal.received_at"], place.stand.clock.now()))
        start_response("200 OK", [])
        return [b""]

    gate = Gate(program, program="portal", public_url=place.settings.portal_url)
    use_entries(probe=gate_effect("delay", "portal", seconds="26"))
    place.stand.clock.freeze(True)
    before = place.stand.clock.now()
    arm(place.stand, "probe", "everyone")

    def hold(stand: Stand, *_args: object, **_kwargs: object) -> bool:
        stand.clock.advance(timedelta(seconds=26))
        return True

    with mock.patch.object(live.waits, "hold", side_effect=hold):
        list(Client(gate).get("/page").response)
    assert seen == [(before, before + timedelta(seconds=26))]


def test_scope_person_means_sign_ins_of_that_person_only(place: Place, use_entries: UseEntries) -> None:
    use_entries(probe=gate_effect("status", "portal", status="503", match='{ path = "/home" }'))
    arm(place.stand, "probe", "person", person="anna")
    hers, his = place.at_portal(), place.at_portal()
    number = hers.press_sign_in("hers")
    his.press_sign_in("his")
    assert hers.get("/home").status_code == 200, "nobody knows yet who it is"
    with place.stand.database.writing() as session:
        session.get_one(SignIn, number).person_oid = place.anna()
    assert hers.get("/home").status_code == 503
    assert his.get("/home").status_code == 200
    assert place.at_portal().get("/home").status_code == 200


def test_a_schedule_is_kept_on_the_stands_clock_and_what_is_over_is_taken_away(
    place: Place, use_entries: UseEntries
) -> None:
    use_entries(probe=EVERYTHING)
    stand, browser = place.stand, place.at_sandbox()
    now = stand.clock.now()
    arm(stand, "probe", "everyone", starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2))
    assert browser.get("/page").status_code == 200
    stand.clock.advance(timedelta(minutes=61))
    assert browser.get("/page").status_code == 503
    stand.clock.advance(timedelta(minutes=60))
    assert browser.get("/page").status_code == 200
    assert place.armed("probe") is None
    assert [line.name for line in place.lines(kind="change")] == ["armed", "clock", "clock", "expired"]


def test_a_time_to_live_ends_an_arming(place: Place, use_entries: UseEntries) -> None:
    use_entries(probe=EVERYTHING)
    arm(place.stand, "probe", "everyone", ttl=timedelta(minutes=5))
    assert place.at_sandbox().get("/page").status_code == 503
    place.stand.clock.advance(timedelta(minutes=5))
    assert place.at_sandbox().get("/page").status_code == 200
    assert place.armed("probe") is None


def test_a_count_counts_what_a_person_saw_fail_and_not_http_attempts(place: Place, use_entries: UseEntries) -> None:
    """Repeats of the same request by the same browser within five real seconds are one."""
    use_entries(probe=EVERYTHING)
    arm(place.stand, "probe", "everyone", count=2)
    one, other, third = place.at_sandbox(), place.at_sandbox(), place.at_sandbox()
    for browser in (one, other, third):
        browser.get("/console/")
        browser.get("/static/1/a.css")
    one.client.set_cookie(*_gate_cookie(place, "first-browser-of-the-test"))
    other.client.set_cookie(*_gate_cookie(place, "other-browser-of-the-test"))
    third.client.set_cookie(*_gate_cookie(place, "third-browser-of-the-test"))
    assert [one.get("/page").status_code for _ in range(3)] == [503, 503, 503]
    assert other.get("/page").status_code == 503
    assert third.get("/page").status_code == 200
    assert one.get("/page").status_code == 503, "still the same press"
    assert one.get("/else").status_code == 200, "another one, and the count is used up"
    kept = place.armed("probe")
    assert kept is not None
    assert kept.count_left == 0


def _gate_cookie(place: Place, value: str) -> tuple[str, str]:
    return cookie_rules("gate", place.stand.prefix, place.settings.public_url).name, value


def test_calls_between_servers_of_one_sign_in_are_one_act(place: Place, use_entries: UseEntries) -> None:
    use_entries(probe=gate_effect("status", status="502", channel='"back"'))
    number = place.at_portal().press_sign_in()
    arm(place.stand, "probe", "everyone", count=1)
    server = place.at_sandbox()
    headers = {"X-Stand-Sign-In": str(number)}
    assert server.get("/healthz/live", headers=headers).status_code == 502
    assert server.get("/rs/prns/1", headers=headers).status_code == 502
    assert server.get("/rs/prns/1").status_code == 200, "a call of nobody known is another act"


def test_chance_depends_on_the_sign_in_and_on_how_often_it_asked(place: Place, use_entries: UseEntries) -> None:
    """Seeded: the same stand has the same luck again after the same arming."""
    use_entries(probe=gate_effect("status", status="502", channel='"back"'))
    numbers = [place.at_portal().press_sign_in(f"state-{each}") for each in range(12)]
    server = place.at_sandbox()

    def luck() -> list[int]:
        arm(place.stand, "probe", "everyone", probability=0.5, seed=4)
        return [
            server.get("/rs/prns/1", headers={"X-Stand-Sign-In": str(number)}).status_code
            for _ in range(2)
            for number in numbers
        ]

    first = luck()
    assert set(first) == {200, 502}
    assert first[:12] != first[12:], "asking again has luck of its own"
    assert luck() == first


def test_nothing_crosses_from_one_stand_into_another(
    house: House, new_place: Callable[[Stand], Place], use_entries: UseEntries
) -> None:
    use_entries(probe=EVERYTHING)
    stands = [house.create(name).stand for name in "ab"]
    first, second = (new_place(stand) for stand in stands)
    client = Client(first.sandbox_app)
    browsers = [Browser(client, stand.prefix, first.settings.public_url) for stand in stands]
    for stand in stands:
        with use_stand(stand):
            stand.clock.refresh()
    arm(stands[0], "probe", "everyone")
    assert [browser.get("/page").status_code for browser in browsers] == [503, 200]
    assert [line.status for line in first.lines(kind="exchange")] == [503]
    assert [line.status for line in second.lines(kind="exchange")] == [200]
    assert first.lines(kind="effect")
    assert not second.lines(kind="effect")
    assert [each.at_portal().press_sign_in() for each in (first, second)] == [1, 1]
    for stand in stands:
        house.delete(stand.id)


def test_with_nothing_armed_one_small_query_is_asked(place: Place) -> None:
    """`gate-idle`: one query for the version and the sign-in together; rows that are known are not read again."""
    browser = place.at_sandbox()
    browser.get("/page")
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("select"):
            statements.append(statement)

    engine = place.stand.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        browser.get("/page")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len([text for text in statements if "armed_version" in text]) == 1
    assert all("armed_version" in text or "clock_offset" in text or "from stand " in text for text in statements)


def test_an_arming_that_no_longer_fits_its_file_strikes_nobody(place: Place, use_entries: UseEntries) -> None:
    """After an upgrade a stand may hold one."""
    use_entries(probe=EVERYTHING, gone=EVERYTHING)
    arm(place.stand, "probe", "everyone")
    arm(place.stand, "gone", "everyone")
    parameter = '\n[parameters.code]\ntitle = "Код"\ntype = "integer"\ndefault = 500\nenum = [500]\n'
    with place.stand.database.writing() as session:
        session.get_one(Armed, "probe").parameters = {"code": 1}
        session.delete(session.get_one(Armed, "gone"))
        session.add(session.merge(Armed(**{**session.get_one(Armed, "probe").model_dump(), "entry": "no-such-entry"})))
    use_entries(probe=gate_effect("status", status='{ parameter = "code" }') + parameter)
    assert place.at_sandbox().get("/page").status_code == 200


def test_many_requests_at_once_are_answered_each_by_its_own_sign_in(place: Place) -> None:
    numbers: list[tuple[int, int | None]] = []

    def one(index: int) -> None:
        browser = place.at_portal()
        mine = browser.press_sign_in(f"state-{index}")
        numbers.append((mine, browser.number("/page")))

    threads = [threading.Thread(target=one, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(mine for mine, _ in numbers) == list(range(1, 9))
    assert all(mine == later for mine, later in numbers)


def test_token_requests_reach_the_program_whole(place: Place) -> None:
    """The gate reads the form for its code; the program reads it once more."""
    answer = place.at_sandbox().post(TOKEN, data={"code": "x", "client_id": "A" * 3000})
    assert answer.json is not None
    assert answer.json["form"] == {"code": "x", "client_id": "A" * 3000}
    large = place.at_sandbox().post(TOKEN, data={"code": "x" * 70_000})
    assert large.json is not None
    assert len(large.json["form"]["code"]) == 70_000
