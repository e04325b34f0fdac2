"""Stands: made, reset, thrown away, and nothing of one seen in another."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select, update

from foundation.clock import ManualClock
from foundation.ids import SystemIds
from sandbox_idp.accounts.models import Child
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.clock import ClockError
from sandbox_idp.stands.errors import StandError
from sandbox_idp.stands.house import DEFAULT, SWEPT, House
from sandbox_idp.stands.models import StandRecord
from sandbox_idp.stands.snapshots import UnknownSnapshotError
from sandbox_idp.world.models import Message
from tests.conftest import FewKeys


def put_message(stand, text: str) -> None:
    with stand.database.writing() as session:
        session.add(Message(kind="sms", recipient="+70001000001", text=text, sent_at=stand.clock.now()))


def texts(stand) -> list[str]:
    with stand.database.reading() as session:
        return [message.text for message in session.exec(select(Message))]


def test_what_is_put_into_one_stand_is_not_in_another(house: House) -> None:
    first, second = house.create("a").stand, house.create("b").stand
    put_message(first, "for the first")
    assert texts(first) == ["for the first"]
    assert texts(second) == []


def test_a_reset_gives_a_fresh_stand_under_the_same_id(house: House) -> None:
    made = house.create("a")
    put_message(made.stand, "old")
    made.stand.clock.advance(timedelta(hours=5))
    house.reset(made.stand.id)
    fresh = house.find(made.stand.id)
    assert fresh is not None
    assert texts(fresh) == []
    assert fresh.clock.now() < made.expires_at
    assert house.token_opens(made.stand.id, made.token)


def test_a_deleted_stand_is_not_found_and_the_default_one_cannot_be_deleted(house: House) -> None:
    made = house.create("a")
    house.delete(made.stand.id)
    assert house.find(made.stand.id) is None
    with pytest.raises(StandError):
        house.delete(DEFAULT)


def test_a_token_opens_only_its_own_stand(house: House) -> None:
    first, second = house.create("a"), house.create("b")
    assert house.token_opens(first.stand.id, first.token)
    assert not house.token_opens(second.stand.id, first.token)


def test_the_clock_goes_forward_only_and_can_stand_still(house: House) -> None:
    stand = house.create("a").stand
    before = stand.clock.now()
    after = stand.clock.advance(timedelta(minutes=6))
    assert timedelta(minutes=6) <= after - before < timedelta(minutes=7)
    with pytest.raises(ClockError):
        stand.clock.set(before)
    with pytest.raises(ClockError):
        stand.clock.advance(timedelta(0))
    frozen = stand.clock.freeze(True)
    assert stand.clock.refresh() == frozen
    assert stand.clock.advance(timedelta(seconds=30)) == frozen + timedelta(seconds=30)
    stand.clock.freeze(False)
    assert not stand.clock.is_frozen()
    assert stand.clock.now() >= frozen + timedelta(seconds=30)


def end(house: House, *stand_ids: str) -> None:
    """Let the time of stands be over."""
    with house._register.writing() as session:
        past = house._real.now() - timedelta(seconds=1)
        session.exec(update(StandRecord).where(col(StandRecord.id).in_(stand_ids)).values(expires_at=past))


def test_a_stand_whose_time_is_over_is_thrown_away_when_it_is_looked_for(house: House) -> None:
    """With its snapshots, and for every process: what it held is gone."""
    made = house.create("a", ttl=timedelta(hours=1)).stand
    snapshot = house.take_snapshot(made.id)
    generations = [record.generation for record in house.records() if record.id == made.id]
    assert len(generations) == 1
    end(house, made.id)
    assert house.find(made.id) is None
    assert house.record(made.id) is None
    with pytest.raises(UnknownSnapshotError):
        house.snapshots.find(snapshot.id)
    if house._data.idp.on_files:
        assert not house._data.idp._file(generations[0]).exists()
        assert not house._data.portal._file(snapshot.generation).exists()


def test_stands_whose_time_is_over_go_in_passing_a_few_at_a_time(house: House) -> None:
    """No call pays for a thousand of them, and nobody has to ask for these very ones."""
    over = [house.create("over").stand.id for _ in range(SWEPT + 1)]
    end(house, *over)
    left = {record.id for record in house.records()} & set(over)
    assert len(left) == 1
    house.delete(house.create("next").stand.id)
    assert not {record.id for record in house.records()} & set(over)


def test_the_default_stand_has_no_end(house: House) -> None:
    record = house.record(DEFAULT)
    assert record is not None
    assert record.expires_at is None
    house.sweep()
    assert house.find(DEFAULT) is not None


def test_a_template_is_of_the_day_it_is_in_moscow(own_url: str, tmp_path: Path) -> None:
    """docs/personas.md: Егор turns 15 in 20 days, also in a stand made between midnight in Moscow and in Greenwich."""
    clock = ManualClock(datetime(2026, 3, 1, 20, 30, tzinfo=UTC))
    settings = SandboxSettings(demo_dir=tmp_path, database_url=own_url, portal_database_url=own_url)
    house = House(settings, clock=clock, ids=SystemIds(), keys=FewKeys(3))
    try:
        house.prepare(keys=0)
        for today in (date(2026, 3, 1), date(2026, 3, 2)):
            with house.create("a").stand.database.reading() as session:
                born = session.exec(select(Child.birth_date).where(Child.name == "Егор")).one()
            assert born.replace(year=born.year + 15) - today == timedelta(days=20)
            clock.advance(timedelta(hours=1))
    finally:
        house.close()
