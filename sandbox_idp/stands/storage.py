"""Where the databases of stands lie: files copied from a template, or schemas cloned from one.

A stand's data has a *generation*: a random name under which both databases are made. A reset makes a new generation
and then changes the register's row, so every process sees either the old stand whole or the new one whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from foundation.database import Database, migrate, newest_revision

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
        self.recycles = False
        """Whether schemas that are thrown away are emptied and used again; that is ten times as fast."""
        self._spare: list[tuple[str, str]] = []

    @property
    def on_files(self) -> bool:
        """Whether stands are SQLite files."""
        return not self._url

    def create(self, generation: str) -> None:
        """Make the database of a new generation from the template, which is made first if it is missing."""
        template = self._template()
        if self.on_files:
            target = self._file(generation)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(template, target)
        else:
            schema = self._schema(generation)
            spare = next((each for each in self._spare if each[0] == template), None)
            if spare is not None:
                self._spare.remove(spare)
                _run(self._url, f'alter schema "{spare[1]}" rename to "{schema}"')
            else:
                _clone_schema(self._url, str(template), schema)

    def open(self, generation: str) -> Database:
        """The database of a generation."""
        if self.on_files:
            return Database(f"sqlite:///{self._file(generation)}")
        return Database(self._url, schema=self._schema(generation))

    def drop(self, generation: str) -> None:
        """Throw a generation's data away; nothing happens if it is gone already."""
        if self.on_files:
            file = self._file(generation)
            for suffix in ("", "-wal", "-shm"):
                file.with_name(file.name + suffix).unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                file.parent.rmdir()
        elif self.recycles and self._exists(generation):
            template = str(self._template())
            _run(self._url, _REFILL.replace("{source}", template).replace("{target}", self._schema(generation)))
            self._spare.append((template, self._schema(generation)))
        else:
            _run(self._url, f'drop schema if exists "{self._schema(generation)}" cascade')

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
        if database.schema is not None:
            _run(self._url, _RENUMBER.replace("{target}", database.schema))

    def _copy_held(self, connection: Connection, source: str, target: str) -> None:
        if self.on_files:
            self._copy_file(source, target)
            return
        clone = _CLONE.replace("{source}", self._schema(source)).replace("{target}", self._schema(target))
        try:
            connection.execution_options(no_parameters=True).exec_driver_sql(clone)
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
        if self.on_files:
            return self._file(generation).exists()
        server = Database(self._url)
        try:
            with server.engine.connect() as connection:
                query = text("select 1 from pg_namespace where nspname = :name")
                return connection.execute(query, {"name": self._schema(generation)}).first() is not None
        finally:
            server.close()

    def _file(self, generation: str) -> Path:
        return self._folder / "data" / generation / f"{self._program}.sqlite"

    def _schema(self, generation: str) -> str:
        return f"stand_{self._program}_{generation.lower()}"

    def _template(self) -> Path | str:
        name = f"{self._program}_{newest_revision(self._scripts)}_{self._edition()}"
        if self.on_files:
            return self._file_template(name)
        return self._schema_template(f"template_{name}")

    def _file_template(self, name: str) -> Path:
        folder = self._folder / "templates"
        ready = folder / f"{name}.sqlite"
        if ready.exists():
            return ready
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(folder / f"{self._program}.lock"):
            if not ready.exists():
                making = folder / f"{name}.making"
                making.unlink(missing_ok=True)
                database = Database(f"sqlite:///{making}")
                migrate(database, self._scripts)
                self._fill(database)
                with database.engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
                database.close()
                making.rename(ready)
                for other in folder.glob(f"{self._program}_*.sqlite"):
                    if other != ready:
                        other.unlink(missing_ok=True)
        return ready

    def _schema_template(self, schema: str) -> str:
        guard = Database(self._url)
        with guard.engine.begin() as connection:
            connection.execute(text("select pg_advisory_xact_lock(hashtext(:name))"), {"name": schema})
            exists = connection.execute(
                text("select 1 from pg_namespace where nspname = :name"), {"name": schema}
            ).first()
            if exists is None:
                _run(self._url, f'create schema "{schema}"')
                database = Database(self._url, schema=schema)
                try:
                    migrate(database, self._scripts)
                    self._fill(database)
                except BaseException:
                    database.close()
                    _run(self._url, f'drop schema "{schema}" cascade')
                    raise
                database.close()
        guard.close()
        return schema


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _run(url: str, statement: str) -> None:
    database = Database(url)
    try:
        with database.engine.begin() as connection:
            # Without parameters the driver leaves the per cent signs of `format` alone.
            connection.execution_options(no_parameters=True).exec_driver_sql(statement)
    finally:
        database.close()


_CLONE = """
do $clone$
declare
  item record;
  path text := current_setting('search_path');
begin
  perform set_config('search_path', 'public', true);
  execute format('create schema %1$I', '{target}');
  for item in select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
              where n.nspname = '{source}' and c.relkind = 'r' loop
    execute format('create table %1$I.%3$I (like %2$I.%3$I including all)', '{target}', '{source}', item.relname);
    execute format('insert into %1$I.%3$I overriding system value select * from %2$I.%3$I',
                   '{target}', '{source}', item.relname);
  end loop;
  for item in select a.attname, t.relname from pg_attribute a
              join pg_class t on t.oid = a.attrelid join pg_namespace n on n.oid = t.relnamespace
              where n.nspname = '{source}' and t.relkind = 'r' and a.attnum > 0 and not a.attisdropped
                and pg_get_serial_sequence(format('%I.%I', '{source}', t.relname), a.attname) is not null loop
    execute format('create sequence %1$I.%2$I', '{target}', item.relname || '_' || item.attname || '_own');
    execute format('alter table %1$I.%2$I alter column %3$I set default nextval(%4$L)', '{target}', item.relname,
                   item.attname, format('%I.%I', '{target}', item.relname || '_' || item.attname || '_own'));
    execute format('alter sequence %1$I.%2$I owned by %1$I.%3$I.%4$I', '{target}',
                   item.relname || '_' || item.attname || '_own', item.relname, item.attname);
    execute format('select setval(%1$L, coalesce((select max(%4$I) from %2$I.%3$I), 0) + 1, false)',
                   format('%I.%I', '{target}', item.relname || '_' || item.attname || '_own'),
                   '{target}', item.relname, item.attname);
  end loop;
  for item in select t.relname, k.conname, pg_get_constraintdef(k.oid) as definition
              from pg_constraint k join pg_class t on t.oid = k.conrelid join pg_namespace n on n.oid = t.relnamespace
              where n.nspname = '{source}' and k.contype = 'f' loop
    execute format('alter table %1$I.%2$I add constraint %3$I %4$s', '{target}', item.relname, item.conname,
                   replace(item.definition, format('REFERENCES %I.', '{source}'),
                           format('REFERENCES %I.', '{target}')));
  end loop;
  perform set_config('search_path', path, true);
end
$clone$
"""
"""One round trip instead of a migration: tables with their rows, sequences of their own, then the foreign keys.

With the source in the search path PostgreSQL would leave its name out of a foreign key's definition.
"""


_NUMBERS = """
  for item in select a.attname, t.relname,
                     pg_get_serial_sequence(format('%I.%I', '{target}', t.relname), a.attname) as own
              from pg_attribute a
              join pg_class t on t.oid = a.attrelid join pg_namespace n on n.oid = t.relnamespace
              where n.nspname = '{target}' and t.relkind = 'r' and a.attnum > 0 and not a.attisdropped loop
    if item.own is not null then
      execute format('select setval(%1$L, coalesce((select max(%4$I) from %2$I.%3$I), 0) + 1, false)',
                     item.own, '{target}', item.relname, item.attname);
    end if;
  end loop;
"""
"""Every sequence of a schema set above the numbers that are there."""

_RENUMBER = """
do $renumber$
declare
  item record;
begin
{numbers}
end
$renumber$
""".replace("{numbers}", _NUMBERS)

_REFILL = """
do $refill$
declare
  item record;
begin
  set local session_replication_role = replica;
  for item in select t.relname from pg_class t join pg_namespace n on n.oid = t.relnamespace
              where n.nspname = '{target}' and t.relkind = 'r' loop
    execute format('delete from %1$I.%2$I', '{target}', item.relname);
    execute format('insert into %1$I.%3$I overriding system value select * from %2$I.%3$I',
                   '{target}', '{source}', item.relname);
  end loop;
{numbers}
end
$refill$
""".replace("{numbers}", _NUMBERS)
"""The template's rows instead of those that are there."""


def _clone_schema(url: str, source: str, target: str) -> None:
    _run(url, _CLONE.replace("{source}", source).replace("{target}", target))
