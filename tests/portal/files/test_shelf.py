"""Files and rows come and go together, even if the process is killed between the two (S-56, S-65, S-69)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import select

from foundation.clock import ManualClock
from portal.doors import Doors
from portal.files import shelf
from portal.files.models import LooseFile
from portal.settings import PortalSettings


class BrokenError(Exception):
    """A transaction that does not come to its end."""


@pytest.fixture
def room(portal_app: Flask) -> Doors:
    """The doors of a portal."""
    found: Doors = portal_app.extensions["portal"]
    return found


def names(settings: PortalSettings) -> list[str]:
    """What lies behind the door."""
    folder = settings.demo_dir / "files"
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


def loose(room: Doors) -> list[str]:
    with room.database.reading() as session:
        return sorted(session.exec(select(LooseFile.name)))


def put(room: Doors, content: bytes = b"kept") -> str:
    """One file that a row names from now on."""
    with shelf.placed(room, content) as name, room.database.writing() as session:
        shelf.keep(session, name)
    return name


def test_what_is_kept_stays(room: Doors, portal_settings: PortalSettings) -> None:
    name = put(room)
    assert names(portal_settings) == [name]
    assert loose(room) == []


def test_what_is_not_kept_goes(room: Doors, portal_settings: PortalSettings) -> None:
    """Whether the block comes to its end or not, and also if its transaction does not."""
    with shelf.placed(room, b"nobody wants it"):
        pass
    with pytest.raises(BrokenError):
        _fail_after_keeping(room)
    assert (names(portal_settings), loose(room)) == ([], [])


def _fail_after_keeping(room: Doors) -> None:
    with shelf.placed(room, b"x") as name, room.database.writing() as session:
        shelf.keep(session, name)
        raise BrokenError


def killed_on_the_way(room: Doors, monkeypatch: pytest.MonkeyPatch) -> str:
    """A process that is killed between file and row: nothing of it tidies up."""
    with monkeypatch.context() as patch:
        patch.setattr(shelf, "throw_away", lambda doors, names: None)
        with shelf.placed(room, b"orphan") as name:
            pass
    return name


def test_the_file_of_a_killed_process_goes_with_a_later_one(
    room: Doors, portal_settings: PortalSettings, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-69: not at once, for another process may be on its way to the row; an hour later with the next upload."""
    orphan = killed_on_the_way(room, monkeypatch)
    first = put(room)
    assert names(portal_settings) == sorted([orphan, first])
    clock.advance(shelf.GIVEN_UP_AFTER)
    second = put(room)
    assert names(portal_settings) == sorted([first, second])
    assert loose(room) == []


def test_half_a_file_goes_as_well(
    room: Doors, portal_settings: PortalSettings, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the middle of writing: what there is has no name yet."""
    orphan = killed_on_the_way(room, monkeypatch)
    folder = portal_settings.demo_dir / "files"
    (folder / orphan).rename(folder / f"{orphan}.part")
    clock.advance(shelf.GIVEN_UP_AFTER)
    kept = put(room)
    assert names(portal_settings) == [kept]


def test_a_killed_process_that_deleted_is_helped_out_at_once(room: Doors, portal_settings: PortalSettings) -> None:
    """S-65: the row is gone, so the file has to go."""
    name = put(room)
    with room.database.writing() as session:
        shelf.let_go(session, [name], room.clock.now())
    kept = put(room)
    assert names(portal_settings) == [kept]


def test_what_was_thrown_away_cannot_be_kept(room: Doors, clock: ManualClock) -> None:
    """A row never lacks its file: who comes back after that hour has nothing to keep."""
    with shelf.placed(room, b"slow") as name:
        clock.advance(shelf.GIVEN_UP_AFTER + timedelta(seconds=1))
        shelf.tidy_up(room)
        with pytest.raises(shelf.TidiedUpError), room.database.writing() as session:
            shelf.keep(session, name)
