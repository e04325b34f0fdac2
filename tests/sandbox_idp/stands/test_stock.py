"""What new stands are made of is made ahead, and nothing of a stand that is gone shows in the next one."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlmodel import select

from foundation.database import Database
from foundation.ids import SystemIds
from sandbox_idp.keys import KeyPool
from sandbox_idp.stands import stock
from sandbox_idp.stands.house import House
from sandbox_idp.stands.schemas import Schemas
from sandbox_idp.stands.stock import Stock
from sandbox_idp.world.models import Message


def test_keys_are_made_until_enough_lie_ready(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox_idp.keys.new_private_key", lambda: "a key")
    pool = KeyPool(tmp_path, SystemIds())
    assert [pool.add(2), pool.add(2), pool.add(2)] == [True, True, False]
    assert pool.take() == "a key"
    assert pool.add(2)


def test_the_stock_works_when_something_was_used_and_ends_with_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "SETTLING", 0)
    monkeypatch.setattr(stock, "BREATH", 0)
    calls: list[str] = []
    idle = threading.Semaphore(0)

    def work() -> bool:
        calls.append("asked")
        if len(calls) == 2:
            idle.release()
            raise OSError("the first time is not the last")
        if len(calls) == 3:
            idle.release()
        return len(calls) == 1

    thread = Stock(work)
    thread.open()
    assert idle.acquire(timeout=10)
    thread.used()
    assert idle.acquire(timeout=10)
    thread.close()
    assert len(calls) == 3


def test_a_stand_made_of_one_that_is_gone_begins_as_any_other(house: House) -> None:
    """S-75, on PostgreSQL: schemas are filled anew, and the numbers of rows begin where the template's end."""
    first = house.create("first").stand
    with first.database.writing() as session:
        session.add(Message(kind="sms", recipient="+70001000001", text="old", sent_at=first.clock.now()))
        session.flush()
        number = session.exec(select(Message.id)).one()
    house.delete(first.id)
    second = house.create("second").stand
    with second.database.writing() as session:
        assert session.exec(select(Message)).all() == []
        session.add(Message(kind="sms", recipient="+70001000001", text="new", sent_at=second.clock.now()))
        session.flush()
        assert session.exec(select(Message.id)).one() == number
    house.delete(second.id)


TEMPLATE = "template_larder_1"


@pytest.fixture
def schemas(server_url: str) -> Iterator[Schemas]:
    """Schemas of a program of this test's own, with a template of two tables and a row each."""
    made = Schemas("larder", server_url)
    made.template(TEMPLATE, _fill)
    yield made
    made.close()
    server = Database(server_url)
    with server.engine.begin() as connection:
        for schema in _all(server):
            connection.execute(text(f'drop schema "{schema}" cascade'))
    server.close()


def _fill(database: Database) -> None:
    with database.writing_engine.begin() as connection:
        for statement in (
            "create table alembic_version (version_num text)",
            "insert into alembic_version values ('1')",
            "create table b_parent (id serial primary key)",
            "create table a_child (id serial primary key, parent int references b_parent)",
            "insert into b_parent values (default)",
            "insert into a_child values (default, 1)",
        ):
            connection.execute(text(statement))


def _all(server: Database) -> list[str]:
    with server.engine.connect() as connection:
        query = text("select nspname from pg_namespace where nspname like '%larder%' order by nspname")
        return list(connection.execute(query).scalars())


@pytest.fixture
def server(schemas: Schemas, server_url: str) -> Iterator[Database]:
    """The server, without a schema."""
    server = Database(server_url)
    yield server
    server.close()


def test_a_new_schema_is_one_that_lay_ready(schemas: Schemas, server: Database) -> None:
    assert schemas.restock(1, template=TEMPLATE, name="one")
    assert not schemas.restock(1, template=TEMPLATE, name="two")
    assert _all(server) == ["ready_larder_1_one", TEMPLATE]
    schemas.make("stand_larder_mine", template=TEMPLATE)
    assert _all(server) == ["stand_larder_mine", TEMPLATE]


def test_a_dead_schema_is_filled_anew_and_more_of_them_are_dropped(schemas: Schemas, server: Database) -> None:
    for name in ("a", "b", "c"):
        schemas.make(f"stand_larder_{name}", template=TEMPLATE)
    with server.writing_engine.begin() as connection:
        connection.execute(text("insert into stand_larder_a.a_child values (default, 1)"))
    for name in ("a", "b", "c", "never there"):
        schemas.bury(f"stand_larder_{name}")
    assert _all(server) == ["dead_larder_a", "dead_larder_b", "dead_larder_c", TEMPLATE]
    while schemas.restock(1, template=TEMPLATE, name="made"):
        pass
    assert _all(server) == ["dead_larder_b", "ready_larder_1_made", TEMPLATE]
    with server.writing_engine.begin() as connection:
        added = text("insert into ready_larder_1_made.a_child values (default, 1) returning id")
        assert connection.execute(added).scalar_one() == 2


def test_a_dead_schema_of_other_migrations_or_still_written_to_is_not_used(schemas: Schemas, server: Database) -> None:
    """S-75: what somebody writes who had begun before the stand was gone does not come up in another stand."""
    schemas.make("stand_larder_old", template=TEMPLATE)
    with server.writing_engine.begin() as connection:
        connection.execute(text("update stand_larder_old.alembic_version set version_num = '0'"))
    schemas.bury("stand_larder_old")
    schemas.make("stand_larder_new", template=TEMPLATE)
    assert _all(server) == ["stand_larder_new", TEMPLATE]
    with server.writing_engine.begin() as connection:
        connection.execute(text("insert into stand_larder_new.b_parent values (default)"))
        schemas.bury("stand_larder_new")
        assert schemas._take("dead_larder_", "stand_larder_next")
        assert not schemas._refill("stand_larder_next", template=TEMPLATE)


def test_what_a_killed_process_has_left_is_cleared_away(schemas: Schemas, server: Database) -> None:
    """S-75: neither half a template nor half a schema is ever given to a stand."""
    with server.writing_engine.begin() as connection:
        connection.execute(text("create schema making_larder_half"))
        connection.execute(text("create schema new_template_larder_2"))
        connection.execute(text("create schema ready_larder_0_yesterday"))
    schemas.template("template_larder_2", _fill)
    schemas.restock(0, template="template_larder_2", name="one")
    schemas.restock(0, template="template_larder_2", name="one")
    assert _all(server) == [TEMPLATE, "template_larder_2"]
