"""Generations: the data of both programs under one name, made whole or not at all, out of what lies ready."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import portal
from foundation.clock import Clock
from foundation.database import Database, newest_revision
from foundation.ids import Ids
from foundation.russian import msk
from sandbox_idp import accounts, clinic, oauth
from sandbox_idp.keys import KeyPool
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands import ownership
from sandbox_idp.stands.clock import DatabaseClock
from sandbox_idp.stands.folders import Folders
from sandbox_idp.stands.stock import Stock
from sandbox_idp.stands.storage import Storage

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
KEYS = 3
"""So many keys does a stand need: its portal's as a client, the one Gosuslugi signs with, and the authority's."""
Pour = Callable[[dict[str, Database]], Mapping[str, bytes]]
"""Puts rows into a new stand's databases, `sandbox` and `portal`; tells the files that belong to them, by name."""
Origin = Callable[[str], None]
"""Makes the data of both programs under the name of a generation."""


class Generations:
    """The storages of both programs, the keys, and the stock of either."""

    def __init__(self, settings: SandboxSettings, *, clock: Clock, ids: Ids, keys: KeyPool | None) -> None:
        """`keys`: where keys come from, if not from the pool in the stands' folder."""
        folder = settings.stands_dir
        assert folder is not None
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._real = clock
        self._ids = ids
        self._ready = settings.stands_ready
        self.folders = Folders(folder)
        self.keys = keys or KeyPool(folder / "keys", ids)
        self.stock = Stock(self._restock)
        idp_url = "" if settings.database_url.startswith("sqlite") else settings.database_url
        portal_url = "" if settings.portal_database_url.startswith("sqlite") else settings.portal_database_url
        self.idp = Storage(
            "idp",
            url=idp_url,
            folder=folder,
            scripts=MIGRATIONS,
            fill=self._seed,
            # Ages in the seeds are counted on the day it is in Moscow.
            edition=lambda: f"{msk(self._real.now()):%Y%m%d}",
        )
        self.portal = Storage(
            "portal", url=portal_url, folder=folder, scripts=portal.MIGRATIONS, fill=lambda _: None, edition=lambda: "0"
        )

    @property
    def schema_version(self) -> str:
        """The newest migrations of both programs; the data of another version is never opened."""
        return f"{newest_revision(MIGRATIONS)}.{newest_revision(portal.MIGRATIONS)}"

    def make(
        self,
        *,
        redirect_uri: str,
        personas: list[str] | None = None,
        origin: Origin | None = None,
        moment: datetime | None = None,
    ) -> str:
        """Make both databases of a new generation, of `origin` or of the seeds, and give the stand what is its own.

        All of it or nothing. `redirect_uri` is the address of the stand's portal that Gosuslugi sends people back to.
        """
        generation = self._ids.stand()
        try:
            (origin or self._create)(generation)
            self._make_own(
                generation, redirect_uri=redirect_uri, personas=personas, copied=origin is not None, moment=moment
            )
        except BaseException:
            self.drop(generation)
            raise
        finally:
            self.stock.used()
        return generation

    def poured(self, pour: Pour) -> Origin:
        """An origin that begins with the rows that `pour` puts in instead of the seeds."""
        return functools.partial(self._pour, pour)

    def drop(self, generation: str) -> None:
        """Throw the data of a generation away; nothing happens if it is gone already."""
        self.idp.drop(generation)
        self.portal.drop(generation)
        self.folders.drop(generation)
        self.stock.used()

    def close(self) -> None:
        """End what works in the background, and give back every connection."""
        self.stock.close()
        self.idp.close()
        self.portal.close()

    def _create(self, generation: str) -> None:
        self.idp.create(generation)
        self.portal.create(generation)

    def _pour(self, pour: Pour, generation: str) -> None:
        self._create(generation)
        databases = {"sandbox": self.idp.open(generation), "portal": self.portal.open(generation)}
        try:
            self.folders.fill(generation, pour(databases))
            self.idp.renumber(databases["sandbox"])
            self.portal.renumber(databases["portal"])
        finally:
            for database in databases.values():
                database.close()

    def _make_own(
        self, generation: str, *, redirect_uri: str, personas: list[str] | None, copied: bool, moment: datetime | None
    ) -> None:
        database, portal_database = self.idp.open(generation), self.portal.open(generation)
        try:
            ownership.give(
                database,
                portal_database,
                copied=copied,
                personas=personas,
                now=moment or (DatabaseClock(database, self._real).now() if copied else self._real.now()),
                set_clock=moment is not None or not copied,
                real=self._real.now(),
                redirect_uri=redirect_uri,
                keys=self.keys,
                ids=self._ids,
            )
        finally:
            database.close()
            portal_database.close()

    def _restock(self) -> bool:
        """One piece of work of each kind; whether there may be more to do."""
        done = [
            self.keys.add(KEYS * self._ready),
            self.idp.restock(self._ready, name=self._ids.stand()),
            self.portal.restock(self._ready, name=self._ids.stand()),
        ]
        return any(done)

    def _seed(self, database: Database) -> None:
        """Fill the template: what is the same in every stand made on this day."""
        with database.writing() as session:
            accounts.seed(session, now=self._real.now())
            oauth.seed(session)
            clinic.seed(session, now=self._real.now())
