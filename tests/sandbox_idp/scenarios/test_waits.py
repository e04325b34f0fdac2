"""Held requests: what ends a wait, and what it costs meanwhile. No test here waits for real seconds to pass."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from sandbox_idp.context import Stand
from sandbox_idp.scenarios.arming import arm, disarm, disarm_all
from sandbox_idp.scenarios.wait import waits
from sandbox_idp.stands.house import House
from tests.sandbox_idp.scenarios.conftest import Place, UseEntries, gate_effect

PATIENCE = 30
"""Seconds after which a test gives up."""

SILENCE = gate_effect("silence", match='{ path = "/page" }')


class Held:
    """A request that is being answered in a thread of its own."""

    def __init__(self, ask: Callable[[], TestResponse]) -> None:
        self._ask = ask
        self._answered = threading.Event()
        self.answer: TestResponse | None = None
        self.error: BaseException | None = None
        threading.Thread(target=self._run).start()

    def _run(self) -> None:
        try:
            self.answer = self._ask()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        self._answered.set()

    def is_held(self) -> bool:
        return not self._answered.is_set()

    def end(self) -> TestResponse:
        assert self._answered.wait(PATIENCE), "still held"
        if self.error is not None:
            raise self.error
        assert self.answer is not None
        return self.answer


def until(condition: Callable[[], bool]) -> None:
    """Returns as soon as `condition` is true."""
    for _ in range(PATIENCE * 100):
        if condition():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came to that")


@pytest.fixture
def hold(place: Place) -> Iterator[Callable[[str], Held]]:
    """Sends a request that is held, and returns when it is; whatever is still held is let go at the end."""
    held: list[Held] = []

    def send(path: str = "/page") -> Held:
        before = waits.waiting()
        browser = place.at_sandbox()
        one = Held(lambda: browser.get(path))
        held.append(one)
        until(lambda: waits.waiting() > before or not one.is_held())
        return one

    yield send
    disarm_all(place.stand)
    for one in held:
        one.end()


def test_a_call_to_the_clock_ends_a_delay(place: Place, use_entries: UseEntries, hold: Callable[[str], Held]) -> None:
    use_entries(probe=gate_effect("delay", seconds="300", match='{ path = "/page" }'))
    arm(place.stand, "probe", "everyone")
    held = hold("/page")
    assert held.is_held()
    place.stand.clock.advance(timedelta(seconds=299))
    assert held.is_held()
    place.stand.clock.advance(timedelta(seconds=2))
    assert held.end().status_code == 200
    assert waits.waiting() == 0


def test_one_wait_after_another_takes_the_time_of_both(
    place: Place, use_entries: UseEntries, hold: Callable[[str], Held]
) -> None:
    use_entries(
        delay=gate_effect("delay", seconds="60", match='{ path = "/page" }'),
        silence=gate_effect("silence", seconds="60", match='{ path = "/page" }'),
    )
    place.stand.clock.freeze(True)
    arm(place.stand, "delay", "everyone")
    arm(place.stand, "silence", "everyone")
    held = hold("/page")
    place.stand.clock.advance(timedelta(seconds=61))
    until(lambda: [waiter.entry for waiter in waits._waiters] == ["silence"])
    assert held.is_held()
    place.stand.clock.advance(timedelta(seconds=61))
    assert held.end().status_code == 200


def test_a_frozen_clock_holds_until_it_is_moved(
    place: Place, use_entries: UseEntries, hold: Callable[[str], Held]
) -> None:
    use_entries(probe=gate_effect("delay", seconds="0.001", match='{ path = "/page" }'))
    arm(place.stand, "probe", "everyone")
    place.stand.clock.freeze(True)
    held = hold("/page")
    assert held.is_held()
    place.stand.clock.advance(timedelta(seconds=1))
    assert held.end().status_code == 200


@pytest.mark.parametrize("how", ["disarmed", "everything disarmed", "armed anew", "time to live", "schedule"])
def test_switching_off_ends_silence(
    place: Place, use_entries: UseEntries, hold: Callable[[str], Held], how: str
) -> None:
    """«Починить» lets the browser that still waits have its page."""
    use_entries(probe=SILENCE, other=gate_effect("status", status="500", match='{ path = "/else" }'))
    stand = place.stand
    stand.clock.freeze(True)
    ends_at = stand.clock.now() + timedelta(minutes=3) if how == "schedule" else None
    arm(stand, "probe", "everyone", ttl=timedelta(minutes=4), ends_at=ends_at)
    held = hold("/page")
    arm(stand, "other", "everyone")
    assert place.at_sandbox().get("/else").status_code == 500
    assert held.is_held()
    if how == "disarmed":
        disarm(stand, "probe")
    elif how == "everything disarmed":
        disarm_all(stand)
    elif how == "armed anew":
        stand.clock.advance(timedelta(seconds=1))
        arm(stand, "probe", "everyone")
    else:
        stand.clock.advance(timedelta(minutes=4 if how == "time to live" else 3))
    assert held.end().status_code == 200


def test_silence_does_not_last_for_ever(place: Place, use_entries: UseEntries, hold: Callable[[str], Held]) -> None:
    use_entries(probe=SILENCE)
    arm(place.stand, "probe", "everyone", ttl=timedelta(hours=5))
    held = hold("/page")
    place.stand.clock.advance(timedelta(minutes=11))
    assert held.end().status_code == 200


def test_others_are_answered_while_some_wait(
    place: Place, use_entries: UseEntries, hold: Callable[[str], Held]
) -> None:
    """A wait holds a thread and nothing else: many more wait than there are connections."""
    use_entries(probe=SILENCE)
    arm(place.stand, "probe", "everyone")
    held = [hold("/page") for _ in range(70)]
    assert waits.waiting() >= 70
    assert place.at_sandbox().get("/else").status_code == 200
    assert len([thread for thread in threading.enumerate() if thread.name == "scenario-waits"]) == 1
    assert len(place.lines(kind="effect")) == 70, "the journal tells of it while it lasts"
    assert not place.lines(kind="exchange", limit=100)[1:], "and of the exchange when it is over"
    disarm(place.stand, "probe")
    assert {one.end().status_code for one in held} == {200}


def test_nobody_watches_when_nobody_waits(place: Place, use_entries: UseEntries, hold: Callable[[str], Held]) -> None:
    use_entries(probe=SILENCE)
    arm(place.stand, "probe", "everyone")
    held = hold("/page")
    watchers = [thread for thread in threading.enumerate() if thread.name == "scenario-waits"]
    disarm(place.stand, "probe")
    held.end()
    for thread in watchers:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_the_clock_of_another_stand_ends_nothing(
    place: Place, house: House, use_entries: UseEntries, hold: Callable[[str], Held]
) -> None:
    use_entries(probe=SILENCE)
    other = house.create("other").stand
    arm(place.stand, "probe", "everyone")
    arm(other, "probe", "everyone")
    held = hold("/page")
    other.clock.advance(timedelta(hours=1))
    disarm(other, "probe")
    waits.nudge()
    assert held.is_held()
    house.delete(other.id)


def test_when_the_stand_is_thrown_away_the_connection_is_dropped(
    house: House, new_place: Callable[[Stand], Place], use_entries: UseEntries
) -> None:
    use_entries(probe=SILENCE)
    doomed = house.create("doomed").stand
    arm(doomed, "probe", "everyone")
    browser = new_place(doomed).at_sandbox()
    held = Held(lambda: browser.get("/page"))
    until(lambda: waits.waiting() > 0)
    house.delete(doomed.id)
    with pytest.raises(ConnectionResetError):
        held.end()
