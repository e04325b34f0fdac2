"""Kinds of effect on whole requests and on the wire: delays, drips, wrong types, clocks that differ, closed doors."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from foundation.ids import SystemIds
from sandbox_idp.context import set_current_sign_in
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.arming import arm, disarm
from sandbox_idp.scenarios.chance import fraction
from sandbox_idp.scenarios.effects.base import Answer, Call, Moment, Passage, chunks
from sandbox_idp.scenarios.effects.clock import ClockSkew
from sandbox_idp.scenarios.effects.cookie_lost import CookieLost
from sandbox_idp.scenarios.effects.delay import LONGEST, Delay
from sandbox_idp.scenarios.effects.drip import Drip
from sandbox_idp.scenarios.effects.empty import Empty
from sandbox_idp.scenarios.effects.fault import Fault
from sandbox_idp.scenarios.effects.line import Line
from sandbox_idp.scenarios.effects.proxy_says import ProxySays
from sandbox_idp.scenarios.effects.works import Works
from sandbox_idp.scenarios.effects.wrong_type import WrongType
from sandbox_idp.scenarios.live import claim
from sandbox_idp.scenarios.models import SignIn
from sandbox_idp.scenarios.points import Point, WorksDraft
from sandbox_idp.scenarios.spares import closed_port, deaf_tls_port
from sandbox_idp.stands.clock import DatabaseClock
from tests.sandbox_idp.scenarios.conftest import Place, UseEntries
from tests.sandbox_idp.scenarios.test_engine import effect

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
GATE: dict[str, Any] = {"where": "gate", "program": "sandbox_idp"}


class Held:
    """Collects what an effect waits for."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def moment(held: Held, luck: float = 0.5) -> Moment:
    return Moment(
        now=NOON,
        armed_at=NOON,
        starts_at=None,
        ends_at=None,
        ids=SystemIds(),
        earlier=lambda: 0,
        hold=held,
        luck=lambda: luck,
        person_known=lambda: False,
    )


def call(held: Held, body: bytes = b"{}", method: str = "GET") -> Call:
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    return Call({"REQUEST_METHOD": method}, moment(held), lambda: Answer("200 OK", headers, chunks(body)))


def test_a_delay_is_fixed_unless_it_says_otherwise() -> None:
    held = Held()
    assert Delay(kind="delay", seconds=4, **GATE).around(call(held)).whole_body() == b"{}"
    assert held.seconds == [4]


@given(st.floats(0, 1, exclude_max=True))
def test_an_even_delay_stays_between_its_ends_and_a_log_normal_one_below_the_longest(luck: float) -> None:
    even = Delay(kind="delay", seconds=5, to=20, **GATE)
    assert 5 <= even.drawn(moment(Held(), luck)) <= 20
    normal = Delay(kind="delay", seconds=1, sigma=3, **GATE)
    assert 0 < normal.drawn(moment(Held(), luck)) <= LONGEST


def test_the_median_of_a_log_normal_delay_is_what_the_file_says() -> None:
    effect_ = Delay(kind="delay", seconds=2, sigma=1, **GATE)
    drawn = [effect_.drawn(moment(Held(), fraction(7, str(number)))) for number in range(2000)]
    assert median(drawn) == pytest.approx(2, rel=0.1)
    assert min(drawn) < 0.2
    assert max(drawn) > 20


def test_a_delay_has_one_distribution() -> None:
    with pytest.raises(ValidationError, match="вместе не бывают"):
        Delay(kind="delay", seconds=1, to=2, sigma=1, **GATE)
    with pytest.raises(ValidationError, match="to меньше seconds"):
        Delay(kind="delay", seconds=2, to=1, **GATE)


def test_a_drip_waits_before_every_byte() -> None:
    """S-15: head and type are honest, and every byte comes in its turn."""
    held = Held()
    answer = Drip(kind="drip", bytes_per_second=4, **GATE).around(call(held, b"{}\n"))
    assert answer.header("Content-Length") == "3"
    assert not held.seconds
    assert list(answer.body) == [b"{", b"}", b"\n"]
    assert held.seconds == [0.25] * 3


@pytest.mark.parametrize(("method", "sent"), [("GET", True), ("HEAD", False)])
def test_a_page_comes_where_json_is_due(method: str, sent: bool) -> None:
    answer = WrongType(kind="wrong-type", **GATE).around(call(Held(), method=method))
    assert (answer.code, answer.header("Content-Type")) == (200, "text/html")
    body = answer.whole_body()
    assert (int(answer.header("Content-Length")) == len(body)) is sent


def test_nothing_of_a_body_arrives() -> None:
    """U-23: the status is the program's own, so that only the body can tell that something is missing."""
    answer = Empty(kind="empty", **GATE).around(call(Held(), b'{"a": 1}'))
    assert (answer.code, answer.header("Content-Length"), answer.whole_body()) == (200, "0", b"")


def test_a_thin_line_takes_as_long_as_the_bytes_need() -> None:
    """100 ms there and back, and 2,500 bytes at 200 kbit/s."""
    held = Held()
    answer = Line(kind="line", kilobits=200, milliseconds=100, **GATE).around(call(held, b"x" * 2500))
    assert answer.whole_body() == b"x" * 2500
    assert held.seconds == [pytest.approx(0.2)]


@pytest.mark.parametrize("status", [200, 399, 499, 600])
def test_a_fault_has_a_status_that_programs_answer(status: int) -> None:
    with pytest.raises(ValidationError):
        Fault(kind="fault", status=status, **GATE)


def test_the_clock_of_the_program_is_off_only_while_it_answers(place: Place) -> None:
    """S-08: the stand's own time does not move."""
    cast(DatabaseClock, place.stand.clock).freeze(True)
    before = place.stand.clock.refresh()
    seen: list[timedelta] = []

    def proceed() -> Answer:
        seen.append(place.stand.clock.now() - before)
        return Answer("200 OK", [], [])

    skew = ClockSkew(kind="clock", where="time", program="sandbox_idp", seconds=-600)
    skew.around(replace(call(Held()), proceed=proceed))
    assert seen == [timedelta(minutes=-10)]
    assert place.stand.clock.now() == before


@pytest.fixture
def sign_ins(place: Place) -> Iterator[None]:
    """Sign-ins 1 and 2 exist; nobody is at hand."""
    with place.stand.database.writing() as session:
        for state in ("one", "two"):
            session.add(SignIn(system="PORTAL_DEMO", state=state, started_at=place.stand.clock.now()))
    yield
    set_current_sign_in(None)


@pytest.mark.usefixtures("sign_ins")
@pytest.mark.parametrize(("kind", "scheme"), [("refused", "http"), ("tls", "https")])
@pytest.mark.parametrize(
    ("channel", "diverted"), [("back", ["back"]), ("front", ["front"]), ("both", ["front", "back"])]
)
def test_the_esia_door_is_led_astray_for_one_sign_in_only(
    place: Place, use_entries: UseEntries, *, kind: str, scheme: str, channel: str, diverted: list[str]
) -> None:
    """R-030: browser and back channel as the file says, and the sign-in beside it finds Gosuslugi."""
    use_entries(probe=effect(kind, "wire", channel=f'"{channel}"'))
    arm(place.stand, "probe", "next-sign-in")
    with place.stand.database.writing() as session:
        claim(session.connection(), 2, place.stand.clock.now())
    set_current_sign_in(1)
    assert (engine.diversion("front"), engine.diversion("back")) == (None, None)
    set_current_sign_in(2)
    found = {"front": engine.diversion("front"), "back": engine.diversion("back")}
    assert [way for way, spare in found.items() if spare is not None] == diverted
    assert {spare.scheme for spare in found.values() if spare is not None} == {scheme}
    assert [line.name for line in place.lines(kind="effect")] == [kind] * len(diverted)
    disarm(place.stand, "probe")
    assert engine.diversion("back") is None


def test_the_closed_port_refuses_and_the_other_fails_the_handshake() -> None:
    """The causes are real: nobody listens, and TLS is spoken wrongly."""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", closed_port.port), timeout=5)
    context = ssl.create_default_context()
    with (
        socket.create_connection(("127.0.0.1", deaf_tls_port.port), timeout=5) as plain,
        pytest.raises(ssl.SSLError, match=r"(?i)handshake"),
    ):
        context.wrap_socket(plain, server_hostname="127.0.0.1")


def windows(works: Works, now: datetime = NOON, *, known: bool = False) -> list[tuple[datetime, datetime | None, str]]:
    """What the effect, armed at noon, puts on the schedule at `now`."""
    draft = WorksDraft()
    passage = Passage(draft, replace(moment(Held()), now=now, person_known=lambda: known))
    if works.concerns(passage):
        works.change(passage)
    return [(each.start, each.end, each.title) for each in draft.windows]


def test_works_begin_later_are_prolonged_and_wait_for_the_password() -> None:
    """R-117, R-118."""
    hour = timedelta(hours=1)
    table: dict[str, Any] = {"kind": "works", "where": "world", "title": "Работы", "minutes": 60}
    assert windows(Works(**table, starts_in=60)) == [(NOON + hour, NOON + 2 * hour, "Работы")]
    prolonged = Works(**table, overrun=60, prolonged="Продлены")
    assert windows(prolonged) == [(NOON, NOON + hour, "Работы")]
    assert windows(prolonged, NOON + hour) == [(NOON, NOON + 2 * hour, "Продлены")]
    late = Works(**table, after="password")
    assert (windows(late), len(windows(late, known=True))) == ([], 1)
    assert Works(**table).points() == (Point.WORKS,)


def test_one_cookie_is_lost_whatever_it_is_called_there_and_no_other() -> None:
    """S-49: with a stand's prefix and without one."""
    kept = [("Set-Cookie", "form-0a1b2c3d=1; Path=/s/x"), ("Set-Cookie", "sessions=1"), ("X-Session", "session=1")]
    lost = [("Set-Cookie", f"{name}=1; Path=/") for name in ("session", "__Host-session", "session-0a1b2c3d")]
    answered = Answer("200 OK", [*kept, *lost], [])
    effect_ = CookieLost(kind="cookie-lost", cookie="session", **GATE)
    assert effect_.around(replace(call(Held()), proceed=lambda: answered)).headers == kept


def test_what_a_proxy_says_is_a_header_of_the_request() -> None:
    """R-056: the browser itself could not be believed about it."""
    asked = call(Held())
    ProxySays(kind="proxy-says", header="X-TLS-Version", value="TLSv1.1", **GATE).around(asked)
    assert asked.environ["HTTP_X_TLS_VERSION"] == "TLSv1.1"
    with pytest.raises(ValidationError):
        ProxySays(kind="proxy-says", header="Host", value="evil.test", **GATE)
