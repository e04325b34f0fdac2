"""Snapshots: one moment of a stand, put back or made into a stand of its own."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlmodel import Session, col, func, select, update

from portal.patients.models import Patient
from portal.sign_in.models import PatientSession
from sandbox_idp.accounts.models import GosuslugiSession, Person
from sandbox_idp.context import Stand
from sandbox_idp.oauth.models import InformationSystem, SigningKey, SystemCertificate
from sandbox_idp.scenarios.models import SignIn, StandState
from sandbox_idp.stands.house import House
from sandbox_idp.stands.models import SnapshotRecord, StandRecord
from sandbox_idp.stands.snapshots import (
    MOST,
    MovedStandError,
    OutdatedSnapshotError,
    TooManySnapshotsError,
    UnknownSnapshotError,
)
from sandbox_idp.world.models import Message


def put_message(stand: Stand, text: str) -> None:
    with stand.database.writing() as session:
        session.add(Message(kind="sms", recipient="+70001000001", text=text, sent_at=stand.clock.now()))


def texts(stand: Stand) -> list[str]:
    with stand.database.reading() as session:
        return list(session.exec(select(Message.text).order_by(col(Message.id))))


def sign_in_somebody(stand: Stand) -> None:
    """A patient with a session at the portal and at Gosuslugi."""
    now = stand.clock.now()
    with stand.database.writing() as session:
        oid = session.exec(select(Person.oid).where(Person.persona == "anna")).one()
        session.add(
            GosuslugiSession(
                token_hash="t", sid="sid", person_oid=oid, authenticated_at=now, expires_at=now + timedelta(hours=3)
            )
        )
        session.add(SignIn(system="PORTAL_DEMO", state="s", sid="sid", person_oid=oid, started_at=now, opened_at=now))
    with stand.portal_database.writing() as session:
        session.add(
            Patient(
                id="p",
                issuer="i",
                subject=str(oid),
                surname="А",
                name="Б",
                level="confirmed",
                person_as_of=now,
                created_at=now,
            )
        )
        session.flush()
        session.add(
            PatientSession(
                id_hash="h",
                patient_id="p",
                created_at=now,
                seen_at=now,
                expires_at=now + timedelta(hours=1),
                address="",
                user_agent="",
                scopes=[],
            )
        )


def rows(session: Session, model: type) -> int:
    return session.exec(select(func.count()).select_from(model)).one()


def test_a_restore_brings_back_both_programs_and_the_clock(house: House, stand: Stand) -> None:
    """Sessions too: whoever was signed in then is signed in again, with the keys of that moment."""
    put_message(stand, "before")
    sign_in_somebody(stand)
    stand.clock.advance(timedelta(hours=5))
    with stand.database.reading() as session:
        keys = set(session.exec(select(SigningKey.kid)))
    snapshot = house.take_snapshot(stand.id, "before the lesson")
    put_message(stand, "after")
    stand.clock.advance(timedelta(days=9))
    with stand.portal_database.writing() as session:
        session.exec(update(PatientSession).values(ended_reason="logout"))
    restored = house.restore(stand.id, snapshot.id)
    assert texts(restored) == ["before"]
    ahead = restored.clock.refresh() - house._real.now()
    assert timedelta(hours=4, minutes=59) < ahead < timedelta(hours=5, minutes=1)
    with restored.database.reading() as session:
        assert set(session.exec(select(SigningKey.kid))) == keys
        assert rows(session, GosuslugiSession) == 1
    with restored.portal_database.reading() as session:
        assert session.exec(select(PatientSession.ended_reason)).one() is None
    assert house.find(stand.id) is restored


def test_a_clock_that_stood_still_stands_where_it_stood(house: House, stand: Stand) -> None:
    frozen = stand.clock.freeze(True)
    snapshot = house.take_snapshot(stand.id)
    stand.clock.advance(timedelta(days=1))
    assert house.restore(stand.id, snapshot.id).clock.refresh() == frozen


def test_a_snapshot_can_be_restored_again_and_again(house: House, stand: Stand) -> None:
    """Numbers go on where they were: on PostgreSQL sequences are copied too."""
    put_message(stand, "first")
    snapshot = house.take_snapshot(stand.id)
    for _ in range(2):
        restored = house.restore(stand.id, snapshot.id)
        put_message(restored, "second")
        assert texts(restored) == ["first", "second"]


def test_a_new_stand_from_a_snapshot_lets_nobody_of_the_old_one_in(house: House, stand: Stand) -> None:
    """Keys, sessions and whoever is on their way in stay behind; people and what happened go on."""
    put_message(stand, "kept")
    sign_in_somebody(stand)
    stand.clock.advance(timedelta(hours=-0.5) + timedelta(hours=2))
    made = house.create("copy", snapshot=house.take_snapshot(stand.id).id).stand
    assert texts(made) == ["kept"]
    assert made.clock.refresh() - house._real.now() > timedelta(hours=1)
    with stand.database.reading() as old, made.database.reading() as new:
        assert not set(old.exec(select(SigningKey.kid))) & set(new.exec(select(SigningKey.kid)))
        assert rows(new, GosuslugiSession) == 0
        assert new.exec(select(SignIn.state, SignIn.sid)).one() == (None, None)
        state, system = new.get_one(StandState, 1), new.get_one(InformationSystem, "PORTAL_DEMO")
        assert state.seed == old.get_one(StandState, 1).seed
        assert state.portal_client_key != old.get_one(StandState, 1).portal_client_key
        assert system.redirect_hosts == [f"{made.portal_url}/login/callback"]
        certificates = list(new.exec(select(SystemCertificate.pem)))
        assert certificates == [state.portal_client_certificate]
        totp = select(Person.totp_secret).where(Person.persona == "igor")
        assert new.exec(totp).one() == old.exec(totp).one()
    with made.portal_database.reading() as session:
        assert rows(session, Patient) == 1
        assert rows(session, PatientSession) == 0
    house.delete(made.id)


def test_snapshots_outlive_a_reset_and_go_with_their_stand(house: House) -> None:
    made = house.create("a").stand
    put_message(made, "kept")
    snapshot = house.take_snapshot(made.id, "one")
    assert texts(house.reset(made.id)) == []
    assert [each.name for each in house.snapshots.of(made.id)] == ["one"]
    assert texts(house.restore(made.id, snapshot.id)) == ["kept"]
    house.delete(made.id)
    with pytest.raises(UnknownSnapshotError):
        house.snapshots.find(snapshot.id)


def test_a_snapshot_of_one_stand_restores_no_other(house: House, stand: Stand) -> None:
    other = house.create("other").stand
    snapshot = house.take_snapshot(other.id)
    with pytest.raises(UnknownSnapshotError):
        house.restore(stand.id, snapshot.id)
    house.delete(other.id)


def test_a_snapshot_of_another_version_is_refused_and_the_stand_stays(house: House, stand: Stand) -> None:
    put_message(stand, "here")
    snapshot = house.take_snapshot(stand.id)
    with house._register.writing() as session:
        session.exec(update(SnapshotRecord).where(SnapshotRecord.id == snapshot.id).values(schema_version="0000.0000"))
    with pytest.raises(OutdatedSnapshotError):
        house.restore(stand.id, snapshot.id)
    before = len(house.records())
    with pytest.raises(OutdatedSnapshotError):
        house.create("x", snapshot=snapshot.id)
    assert len(house.records()) == before
    assert texts(stand) == ["here"]


def test_a_stand_has_so_many_snapshots_and_no_more(house: House, stand: Stand) -> None:
    first = house.take_snapshot(stand.id)
    values = first.model_dump()
    with house._register.writing() as session:
        session.add_all(
            SnapshotRecord(**{**values, "id": f"copy{number}of{stand.id}", "generation": f"copy{number}"})
            for number in range(MOST - 1)
        )
    with pytest.raises(TooManySnapshotsError):
        house.take_snapshot(stand.id)
    house.snapshots.drop(first)
    house.take_snapshot(stand.id)


def test_a_stand_that_is_reset_meanwhile_gives_no_half_snapshot(house: House, stand: Stand) -> None:
    old = house.record(stand.id)
    assert old is not None
    house.reset(stand.id)
    with pytest.raises(MovedStandError):
        house.snapshots.take(old)
    assert house.snapshots.of(stand.id) == []


def test_a_snapshot_taken_while_the_stand_is_written_to_is_whole(house: House, stand: Stand) -> None:
    """S-75: messages are written in pairs, and no copy has half a pair."""
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            now = stand.clock.now()
            with stand.database.writing() as session:
                for text in ("left", "right"):
                    session.add(Message(kind="sms", recipient="+70001000001", text=text, sent_at=now))
                    session.flush()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        snapshots = [house.take_snapshot(stand.id) for _ in range(3)]
    finally:
        done.set()
        writer.join()
    for snapshot in snapshots:
        found = texts(house.restore(stand.id, snapshot.id))
        assert found.count("left") == found.count("right")


def test_stands_of_another_version_are_thrown_away_when_the_programs_start(house: House) -> None:
    made = house.create("old").stand
    with house._register.writing() as session:
        session.exec(update(StandRecord).where(StandRecord.id == made.id).values(schema_version="0000.0000"))
    house.prepare(keys=0)
    assert house.find(made.id) is None
