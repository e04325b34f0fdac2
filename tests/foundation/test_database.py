"""Databases: transactions, schemas side by side in one pool, migrations up and down, copies of SQLite files."""

from __future__ import annotations

from pathlib import Path

import alembic.command
import alembic.config
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, text
from sqlalchemy.exc import OperationalError

import portal.patients.models
import portal.sign_in.models  # noqa: F401 - each import puts its tables into the metadata
from foundation.database import Database, migrate, newest_revision
from portal.tables import PortalTable
from sandbox_idp.stands.models import RegisterTable
from sandbox_idp.tables import SandboxTable

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = (
    ("portal/migrations", PortalTable.metadata),
    ("sandbox_idp/migrations", SandboxTable.metadata),
    ("sandbox_idp/stands/migrations", RegisterTable.metadata),
)


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> str:
    """The address of an empty place for a database of one's own; on PostgreSQL schemas are made in it by hand."""
    return database_url or f"sqlite:///{tmp_path / 'test.sqlite'}"


def opened(place: str, schema: str) -> Database:
    """A database at the place: the file, or a new schema on the server."""
    if place.startswith("sqlite"):
        return Database(place)
    server = Database(place)
    with server.engine.begin() as connection:
        connection.exec_driver_sql(f'create schema "{schema}"')
    server.close()
    return Database(place, schema=schema)


def drop(place: str, *schemas: str) -> None:
    if place.startswith("sqlite"):
        return
    server = Database(place)
    with server.engine.begin() as connection:
        for schema in schemas:
            connection.exec_driver_sql(f'drop schema "{schema}" cascade')
    server.close()


@pytest.mark.parametrize(
    ("folder", "metadata"), FOLDERS, ids=lambda value: str(value) if isinstance(value, str) else ""
)
def test_migrations_lead_to_the_models_and_back(place: str, folder: str, metadata: MetaData) -> None:
    """S-75: up, no difference to the models, down to nothing, and up again."""
    scripts = ROOT / folder
    database = opened(place, "updown")
    migrate(database, scripts)
    with database.engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    assert not difference
    config = alembic.config.Config()
    config.set_main_option("script_location", str(scripts))
    with database.writing_engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.downgrade(config, "base")
    migrate(database, scripts)
    with database.engine.connect() as connection:
        revision = connection.execute(text("select version_num from alembic_version")).scalar_one()
    assert revision == newest_revision(scripts)
    database.close()
    drop(place, "updown")


def test_a_portal_of_the_time_when_0004_made_the_column_of_0009_goes_up_too(place: str) -> None:
    """S-75."""
    scripts = ROOT / "portal/migrations"
    database = opened(place, "between")
    config = alembic.config.Config()
    config.set_main_option("script_location", str(scripts))
    with database.writing_engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "0008")
        connection.execute(text("alter table notification add column child_id varchar"))
    migrate(database, scripts)
    with database.engine.connect() as connection:
        assert not compare_metadata(MigrationContext.configure(connection), PortalTable.metadata)
    database.close()
    drop(place, "between")


def test_what_fails_leaves_nothing_behind(place: str) -> None:
    """A block of `writing` is one transaction."""
    database = opened(place, "whole")
    with database.writing_engine.begin() as connection:
        connection.execute(text("create table thing (name text)"))

    def half() -> None:
        with database.writing() as session:
            session.connection().execute(text("insert into thing values ('half')"))
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        half()
    with database.writing() as session:
        session.connection().execute(text("insert into thing values ('whole')"))
    with database.reading() as session:
        assert session.connection().execute(text("select name from thing")).scalars().all() == ["whole"]
    database.close()
    drop(place, "whole")


def test_a_rollback_does_not_lead_into_another_schema(place: str, tmp_path: Path) -> None:
    """Databases of one server share connections; each of them still sees its own data, also after a failure."""
    on_server = not place.startswith("sqlite")
    first = opened(place, "one")
    second = opened(place if on_server else f"sqlite:///{tmp_path / 'second.sqlite'}", "two")
    for database, name in ((first, "one"), (second, "two")):
        with database.writing_engine.begin() as connection:
            connection.execute(text("create table thing (name text)"))
            connection.execute(text("insert into thing values (:name)"), {"name": name})

    def read(database: Database) -> str:
        with database.reading() as session:
            return str(session.connection().execute(text("select name from thing")).scalar_one())

    def fail() -> None:
        with first.writing() as session:
            session.connection().execute(text("insert into thing values ('lost')"))
            raise ZeroDivisionError

    for _ in range(3):
        assert (read(first), read(second)) == ("one", "two")
        with pytest.raises(ZeroDivisionError):
            fail()
    assert (first.engine.pool is second.engine.pool) == on_server
    first.close()
    assert read(second) == "two"
    second.close()
    drop(place, "one", "two")


def test_a_closed_database_can_be_closed_again(place: str) -> None:
    """Closing is what clean-up does, from more than one place."""
    database = Database(place)
    assert database.is_alive()
    database.close()
    database.close()


def test_a_database_that_is_not_there_is_not_alive() -> None:
    """`is_alive` answers, whatever the driver raises."""
    database = Database("sqlite:////nowhere/at/all.sqlite")
    assert not database.is_alive()
    database.close()


@pytest.mark.parametrize("noticed", [False, True], ids=["lost", "lost and noticed"])
@pytest.mark.parametrize("schema", ["public", "other"])
def test_a_lost_connection_fails_alike_in_every_schema(server_url: str, schema: str, noticed: bool) -> None:
    """Whoever catches a database's errors knows SQLAlchemy's; the next one asks on a new connection."""
    url = f"{server_url}&application_name={schema}-{noticed}"
    here, there, server = Database(url, schema="other"), Database(url, schema=schema), Database(server_url)
    with here.engine.connect() as connection:
        number = connection.execute(text("select pg_backend_pid()")).scalar_one()
        driver = connection.connection.driver_connection
    with server.engine.connect() as connection:
        connection.execute(text("select pg_terminate_backend(:number, 5000)"), {"number": number})
    if noticed:
        driver.close()
    with pytest.raises(OperationalError), there.engine.connect() as connection:
        connection.execute(text("select 1"))
    assert there.is_alive()
    for database in (here, there, server):
        database.close()
