"""S-70: the console opens by the one-time key or the password, and by nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from foundation.clock import ManualClock
from sandbox_idp.console.doorkeeper import (
    FREE_TRIES,
    LONGEST_LOCK,
    Doorkeeper,
    LockedError,
    SpentKeyError,
    WrongKeyError,
    WrongPasswordError,
)
from sandbox_idp.context import Stand
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.wsgi import build
from tests.pages import PageClient
from tests.sandbox_idp.console.conftest import PASSWORD, enter


@pytest.fixture
def fresh_settings(sandbox_settings: SandboxSettings, tmp_path: Path) -> SandboxSettings:
    """A start of the pair whose key nobody has used yet."""
    return sandbox_settings.model_copy(update={"stands_dir": tmp_path / "fresh", "console_key": "fresh-key"})


@pytest.fixture
def fresh(fresh_settings: SandboxSettings, house: House, stand: Stand) -> PageClient:
    return PageClient(build(fresh_settings, house), fresh_settings.public_url)


def test_a_stranger_is_led_to_the_door(stranger: PageClient) -> None:
    for path in ("/console/", "/console/scenarios/token-fails", "/console/stands", "/console/reset"):
        page = stranger.get(path, status=303)
        assert page.location.endswith("/console/enter")
    part = stranger.get("/console/parts/pulse", status=401, headers={"HX-Request": "true"})
    assert part.response.headers["HX-Redirect"].endswith("/console/enter")


@pytest.mark.parametrize("path", ["/scenarios/token-fails/arm", "/disarm-all", "/clock", "/reset", "/stands"])
def test_a_stranger_can_do_nothing(stranger: PageClient, stand: Stand, path: str) -> None:
    stranger.get("/console/enter")
    page = stranger.post(f"/console{path}", {"move": "PT60M", "name": "x"}, status=401)
    assert page.screen == "console-enter"


def test_looking_at_the_link_costs_nothing_and_the_button_opens_once(
    fresh: PageClient, fresh_settings: SandboxSettings, house: House
) -> None:
    """S-70: a browser that loads links ahead must not use the key up; the second use is refused with an explanation."""
    for _ in range(2):
        page = fresh.get("/console/enter?key=fresh-key")
        assert page.screen == "console-enter"
        assert "всех стендов" in page.words
    other = PageClient(build(fresh_settings, house), fresh_settings.public_url)
    other.get("/console/enter?key=fresh-key")
    opened = fresh.post("/console/enter", page.form("/console/enter"))
    assert fresh.follow(opened).screen == "console"
    assert "уже использована" in other.post("/console/enter", {"key": "fresh-key"}, status=410).words
    assert "уже использована" in other.get("/console/enter?key=fresh-key", status=410).words
    other.get("/console/", status=303)


def test_a_wrong_key_opens_nothing_and_spends_nothing(fresh: PageClient) -> None:
    assert "не подходит" in fresh.get("/console/enter?key=guess", status=403).words
    fresh.get("/console/enter?key=fresh-key")
    assert "не подходит" in fresh.post("/console/enter", {"key": "guess"}, status=403).words
    fresh.get("/console/", status=303)
    fresh.get("/console/enter?key=fresh-key")


def test_the_token_of_the_api_is_not_the_key(fresh: PageClient) -> None:
    fresh.get("/console/enter?key=control-token-of-unit-tests", status=403)


def test_without_a_password_there_is_no_password_form(fresh: PageClient) -> None:
    page = fresh.get("/console/enter")
    assert page.soup.find("input", attrs={"type": "password"}) is None
    fresh.get("/console/enter?key=fresh-key")
    fresh.post("/console/enter", {"password": ""}, status=422)
    fresh.get("/console/enter?key=fresh-key")
    fresh.post("/console/enter", {"password": "guess"}, status=422)
    fresh.get("/console/", status=303)


def test_the_password_opens_and_a_wrong_one_does_not(stranger: PageClient) -> None:
    """U-8, U-9: the error stands beside the field and in the summary; the password does not come back."""
    page = stranger.get("/console/enter")
    page = stranger.post("/console/enter", {"password": "guess"}, status=422)
    assert page.soup.find(id="summary") is not None
    assert "guess" not in page.text
    title = page.soup.find("title")
    assert title is not None
    assert "Ошибка: " in title.get_text()
    stranger.get("/console/", status=303)
    opened = stranger.post("/console/enter", {"password": PASSWORD})
    assert stranger.follow(opened).screen == "console"


def test_entered_under_a_prefix_only_that_stand_opens(
    console: PageClient, house: House, console_app: Any, console_settings: SandboxSettings
) -> None:
    """Isolation: the cookie belongs to the prefix, and is worth nothing elsewhere."""
    other = house.create("другой").stand
    cookies = {cookie.decoded_key: cookie for cookie in console.client._cookies.values()}  # type: ignore[union-attr]
    ours = next(cookie for name, cookie in cookies.items() if name.startswith("console"))
    assert ours.path == console.prefix
    assert ours.http_only
    console.get(f"{console.base_url}{other.prefix}/console/", status=303)
    console.get(f"{console.base_url}/console/", status=303)
    thief = PageClient(console_app, console_settings.public_url, other.prefix)
    thief.client.set_cookie(ours.decoded_key, ours.decoded_value, path=other.prefix, domain="127.0.0.1")
    thief.get("/console/", status=303)
    house.delete(other.id)


def test_entered_without_a_prefix_every_stand_opens(head_console: PageClient, stand: Stand) -> None:
    """The trainer's page says so before it happens."""
    assert head_console.get("/console/").screen == "console"
    assert head_console.get(f"{head_console.base_url}{stand.prefix}/console/").screen == "console"


def test_leaving_closes_it(console: PageClient) -> None:
    console.get("/console/stands")
    console.post("/console/leave")
    console.get("/console/", status=303)


def test_another_key_or_password_closes_what_was_open(
    console_settings: SandboxSettings, house: House, stand: Stand
) -> None:
    """S-70: after a new start with another key the old cookie is worth nothing."""
    browser = enter(PageClient(build(console_settings, house), console_settings.public_url, stand.prefix))
    changed = console_settings.model_copy(update={"console_key": "another"})
    later = PageClient(build(changed, house), changed.public_url, stand.prefix)
    later.client._cookies = browser.client._cookies
    later.get("/console/", status=303)


def test_a_forged_cookie_opens_nothing(stranger: PageClient, stand: Stand) -> None:
    for value in ('{"stand":"default"}', "e30.x", ""):
        stranger.client.set_cookie("__Host-console", value, path="/", domain="127.0.0.1")
        stranger.get("/console/", status=303)


class TestDoorkeeper:
    """The counting of wrong passwords, on a clock that the test moves."""

    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock(datetime(2026, 11, 22, tzinfo=UTC))

    @pytest.fixture
    def keeper(self, tmp_path: Path, clock: ManualClock) -> Doorkeeper:
        return Doorkeeper(tmp_path, key="key", password="right", clock=clock)

    def _wrong(self, keeper: Doorkeeper, times: int, address: str = "a") -> None:
        for _ in range(times):
            with pytest.raises(WrongPasswordError):
                keeper.check_password("wrong", address)

    def test_after_five_wrong_ones_even_the_right_one_waits(self, keeper: Doorkeeper, clock: ManualClock) -> None:
        self._wrong(keeper, FREE_TRIES - 1)
        with pytest.raises(LockedError) as locked:
            keeper.check_password("wrong", "a")
        with pytest.raises(LockedError):
            keeper.check_password("right", "a")
        keeper.check_password("right", "b")
        clock.advance(timedelta(seconds=locked.value.seconds + 1))
        keeper.check_password("right", "a")

    def test_tries_during_the_lock_do_not_prolong_it(self, keeper: Doorkeeper, clock: ManualClock) -> None:
        """U-13."""
        self._wrong(keeper, FREE_TRIES - 1)
        waits = []
        for _ in range(3):
            with pytest.raises(LockedError) as locked:
                keeper.check_password("wrong", "a")
            waits.append(locked.value.seconds)
            clock.advance(timedelta(seconds=5))
        assert waits == [30, 25, 20]

    def test_the_lock_grows_but_not_for_ever(self, keeper: Doorkeeper, clock: ManualClock) -> None:
        """S-34."""
        self._wrong(keeper, FREE_TRIES - 1)
        longest = 0
        for _ in range(12):
            with pytest.raises(LockedError) as locked:
                keeper.check_password("wrong", "a")
            longest = locked.value.seconds
            clock.advance(timedelta(seconds=longest + 1))
        assert longest == LONGEST_LOCK.total_seconds()

    def test_success_forgets_the_wrong_ones(self, keeper: Doorkeeper) -> None:
        for _ in range(3):
            self._wrong(keeper, FREE_TRIES - 1)
            keeper.check_password("right", "a")

    def test_the_counters_hold_for_every_process_and_name_no_address(self, tmp_path: Path, clock: ManualClock) -> None:
        for _ in range(FREE_TRIES - 1):
            self._wrong(Doorkeeper(tmp_path, key="", password="right", clock=clock), 1, "192.0.2.7")
        with pytest.raises(LockedError):
            Doorkeeper(tmp_path, key="", password="right", clock=clock).check_password("wrong", "192.0.2.7")
        assert all("192.0.2.7" not in file.read_text() for file in tmp_path.iterdir())

    def test_a_damaged_file_locks_nobody_out(self, tmp_path: Path, keeper: Doorkeeper) -> None:
        (tmp_path / "wrong-passwords.json").write_text("{", encoding="utf-8")
        keeper.check_password("right", "a")

    def test_a_key_is_spent_once(self, tmp_path: Path, keeper: Doorkeeper, clock: ManualClock) -> None:
        with pytest.raises(WrongKeyError):
            keeper.spend("guess")
        keeper.spend("key")
        with pytest.raises(SpentKeyError):
            Doorkeeper(tmp_path, key="key", password="", clock=clock).spend("key")
        Doorkeeper(tmp_path, key="next", password="", clock=clock).spend("next")

    def test_what_is_not_set_opens_nothing(self, tmp_path: Path, clock: ManualClock) -> None:
        closed = Doorkeeper(tmp_path, key="", password="", clock=clock)
        with pytest.raises(WrongKeyError):
            closed.spend("")
        with pytest.raises(WrongPasswordError):
            closed.check_password("", "a")
