"""Where the databases of stands lie: files copied from a template, or schemas cloned from one.

A stand's data has a *generation*: a random name under which both databases are made. A reset makes a new generation
and then changes the register's row, so every process sees either the old stand whole or the new one whole.
"""

from __future__ import annotations

import contextlib
import functools
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from foundation.database import Database, migrate, newest_revision
from foundation.locks import locked
from sandbox_idp.stands.schemas import Schemas, clone

PAGE = 1024
"""Bytes of a page in a stand's files. Most tables and indexes of a stand are empty or nearly so, and each takes a page:
with SQLite's usual 4096 half of every copy would be air."""
Fill = Callable[[Database], None]


class GoneError(LookupError):
    """There is no data of that generation (any more)."""


@dataclass(frozen=True)
class Held:
    """A generation at one moment."""

    connection: Connection
    """Reads what the database holds at that moment."""
    copy: Callable[[str], None]
    """Makes the generation of the name given a copy of it."""


class Storage:
    """The databases of one program (`program` is `portal` or `idp`), one a stand."""

    def __init__(
        self, program: str, *, url: str, folder: Path, scripts: Path, fill: Fill, edition: Callable[[], str]
    ) -> None:
        """`url`: PostgreSQL, or empty for files in `folder`. `scripts`: the program's migrations. `fill` puts the seeds
        into a template; `edition` names what they depend on (the date), so that a template grows old.
        """
        self._program = program
        self._url = url
        self._folder = folder
        self._scripts = scripts
        self._fill = fill
        self._edition = edition
        self._schemas = Schemas(program, url) if url else None

    @property
    def on_files(self) -> bool:
        """Whether stands are SQLite files."""
        return self._schemas is None

    def close(self) -> None:
        """Give back every connection."""
        if self._schemas is not None:
            self._schemas.close()

    def create(self, generation: str) -> None:
        """Make the database of a new generation from the template, which is made first if it is missing."""
        if self._schemas is not None:
            self._schemas.make(self._schema(generation), template=self._schema_template())
            return
        template = self._file_template()
        target = self._file(generation)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(template, target)

    def restock(self, size: int, *, name: str) -> bool:
        """Do one piece of work so that `size` generations lie ready; tells whether there may be more to do.

        `name`: a generation that nobody has. Copying a file takes no time, so nothing lies ready on files.
        """
        return self._schemas is not None and self._schemas.restock(size, template=self._schema_template(), name=name)

    def open(self, generation: str) -> Database:
        """The database of a generation."""
        if self.on_files:
            return Database(f"sqlite:///{self._file(generation)}")
        return Database(self._url, schema=self._schema(generation))

    def drop(self, generation: str) -> None:
        """Throw a generation's data away; nothing happens if it is gone already."""
        if self._schemas is not None:
            self._schemas.bury(self._schema(generation))
            return
        file = self._file(generation)
        for suffix in ("", "-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            file.parent.rmdir()

    def copy(self, source: str, target: str) -> None:
        """Make generation `target` a copy of `source` as it is at one moment; GoneError if there is no such data."""
        if self.on_files:
            self._copy_file(source, target)
            return
        with self.held(source) as held:
            held.copy(target)

    @contextlib.contextmanager
    def held(self, generation: str) -> Iterator[Held]:
        """One moment of a generation, to read it whole or to copy it; GoneError if there is no such data.

        On files whoever wants to write waits until the block is left; on PostgreSQL nobody waits, what is written
        meanwhile is not seen.
        """
        if not self._exists(generation):
            raise GoneError(generation)
        database = self.open(generation)
        try:
            with database.writing_engine.connect() as connection:
                if not self.on_files:
                    connection.execution_options(isolation_level="REPEATABLE READ")
                with connection.begin():
                    # The first statement is what fixes the moment.
                    connection.execute(text("select 1"))
                    yield Held(connection, functools.partial(self._copy_held, connection, generation))
        finally:
            database.close()

    def renumber(self, database: Database) -> None:
        """Let rows that are added get numbers above those that were put in with numbers of their own."""
        if self._schemas is not None and database.schema is not None:
            self._schemas.renumber(database.schema)

    def _copy_held(self, connection: Connection, source: str, target: str) -> None:
        if self.on_files:
            self._copy_file(source, target)
            return
        statement = clone(self._schema(source), self._schema(target))
        try:
            connection.execution_options(no_parameters=True).exec_driver_sql(statement)
        finally:
            connection.execution_options(no_parameters=False)

    def _copy_file(self, source: str, target: str) -> None:
        if not self._file(source).exists():
            raise GoneError(source)
        self._file(target).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (
            contextlib.closing(sqlite3.connect(self._file(source))) as old,
            contextlib.closing(sqlite3.connect(self._file(target))) as new,
        ):
            old.backup(new)

    def _exists(self, generation: str) -> bool:
        if self._schemas is not None:
            return self._schemas.exists(self._schema(generation))
        return self._file(generation).exists()

    def _file(self, generation: str) -> Path:
        return self._folder / "data" / generation / f"{self._program}.sqlite"

    def _schema(self, generation: str) -> str:
        return f"stand_{self._program}_{generation.lower()}"

    def _edition_name(self) -> str:
        return f"{self._program}_{newest_revision(self._scripts)}_{self._edition()}"

    def _file_template(self) -> Path:
        name = self._edition_name()
        folder = self._folder / "templates"
        ready = folder / f"{name}.sqlite"
        if ready.exists():
            return ready
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(folder / f"{self._program}.lock"):
            if not ready.exists():
                making = folder / f"{name}.making"
                making.unlink(missing_ok=True)
                database = Database(f"sqlite:///{making}")
                self._prepare(database)
                with database.engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
                    connection.exec_driver_sql(f"PRAGMA page_size={PAGE}")
                    connection.exec_driver_sql("VACUUM")
                database.close()
                making.rename(ready)
                for other in folder.glob(f"{self._program}_*.sqlite"):
                    if other != ready:
                        other.unlink(missing_ok=True)
        return ready

    def _schema_template(self) -> str:
        assert self._schemas is not None
        return self._schemas.template(f"template_{self._edition_name()}", self._prepare)

    def _prepare(self, database: Database) -> None:
        """Make an empty database a template."""
        migrate(database, self._scripts)
        self._fill(database)
