"""Where stands' data lies: copies are complete and independent of what they were copied from."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlmodel import select

from sandbox_idp.accounts.models import Person
from sandbox_idp.stands.house import House
from sandbox_idp.world.models import Message


def test_a_copy_holds_everything_and_goes_its_own_way(house: House) -> None:
    """S-75: a copy taken while the stand is in use can be put in its place."""
    stand = house.create("original").stand
    original = stand.database
    with original.writing() as session:
        session.add(Message(kind="sms", recipient="+70001000001", text="kept", sent_at=stand.clock.now()))
    generation = next(record.generation for record in house.records() if record.id == stand.id)
    house._data.idp.copy(generation, "copyofit")
    copy = house._data.idp.open("copyofit")
    with copy.writing() as session:
        session.add(Message(kind="sms", recipient="+70001000001", text="new", sent_at=stand.clock.now()))
    with copy.reading() as session:
        assert [message.text for message in session.exec(select(Message).order_by(Message.id))] == ["kept", "new"]
        copied = [person.oid for person in session.exec(select(Person).order_by(Person.oid))]
    with original.reading() as session:
        assert copied == [person.oid for person in session.exec(select(Person).order_by(Person.oid))]
        assert [message.text for message in session.exec(select(Message))] == ["kept"]
    copy.close()
    house._data.idp.drop("copyofit")


@pytest.mark.parametrize("restored", [False, True])
def test_a_clones_constraints_are_its_own(house: House, *, restored: bool) -> None:
    """On PostgreSQL foreign keys and sequences of a clone must not point into what it was cloned from."""
    stand = house.create("clone").stand
    if restored:
        stand = house.restore(stand.id, house.take_snapshot(stand.id).id)
    if stand.database.is_sqlite:
        with stand.database.reading() as session:
            assert session.connection().execute(text("pragma foreign_key_check")).all() == []
        return
    query = text(
        "select count(*) from pg_constraint k "
        "join pg_class t on t.oid = k.conrelid join pg_class r on r.oid = k.confrelid "
        "join pg_namespace n on n.oid = t.relnamespace join pg_namespace m on m.oid = r.relnamespace "
        "where n.nspname = :schema and (k.contype = 'f') and m.nspname <> :schema"
    )
    defaults = text(
        "select column_default from information_schema.columns "
        "where table_schema = :schema and column_default like 'nextval%'"
    )
    with stand.database.reading() as session:
        values = {"schema": stand.database.schema}
        assert session.connection().execute(query, values).scalar_one() == 0
        for default in session.connection().execute(defaults, values).scalars():
            assert "stand_idp_" not in default.replace(str(stand.database.schema), "")
            assert "template" not in default
