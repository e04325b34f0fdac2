"""The schemas of one program on a PostgreSQL server: templates, stands, and two stocks that their names tell apart.

A *ready* schema is a copy of today's template that no stand has yet; a *dead* one is what a stand has left behind.
Either becomes a stand's by being renamed, which takes a moment, whereas a copy takes a good part of a second. What is
in stock is known by name alone, so that every process sees the same and nothing has to be put right after a crash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from sqlalchemy import Connection, column, select, table, text
from sqlalchemy.exc import OperationalError

from foundation.database import Database


@dataclass(frozen=True)
class _Order:
    """The tables of a template, each after those that it refers to."""

    tables: list[str]
    """Empty where they refer to each other in a ring."""
    filled: list[str]
    """Those of them in which rows are."""


class Schemas:
    """What `Storage` needs of a server. Safe to use from several processes at once."""

    def __init__(self, program: str, url: str) -> None:
        """`program`: `portal` or `idp`, part of every name."""
        self._program = program
        self._url = url
        self._server = Database(url)
        self._templates: set[str] = set()
        """Those that this process knows to be there."""
        self._orders: dict[str, _Order] = {}

    def close(self) -> None:
        """Give back the connections."""
        self._server.close()

    def exists(self, schema: str) -> bool:
        """Whether there is a schema of that name."""
        with self._server.engine.connect() as connection:
            return _exists(connection, schema)

    def template(self, schema: str, prepare: Callable[[Database], None]) -> str:
        """The template of that name, which `prepare` makes of an empty database if it is missing."""
        if schema in self._templates:
            return schema
        with self._server.engine.begin() as guard:
            _lock(guard, schema)
            if not _exists(guard, schema):
                # Under another name until it is whole: a process may be killed in between.
                making = f"new_{schema}"
                self._run(f'drop schema if exists "{making}" cascade; create schema "{making}"')
                database = Database(self._url, schema=making)
                try:
                    prepare(database)
                finally:
                    database.close()
                self._run(f'alter schema "{making}" rename to "{schema}"')
        self._templates.add(schema)
        return schema

    def make(self, schema: str, *, template: str) -> None:
        """Make `schema` as the template is: a ready one, else a dead one filled anew, else a copy."""
        if not self._take(self._ready(template), schema) and not self._revive(schema, template=template):
            self._clone(template, schema)

    def bury(self, schema: str) -> None:
        """Let `schema` be a stand's no longer; nothing happens if it is not there.

        From then on nobody finds it under its old name. `restock` fills it anew or drops it.
        """
        with self._server.engine.begin() as connection:
            # One after the other where schemas are renamed: PostgreSQL fails whoever renames the same one too late.
            _lock(connection, self._dead)
            if _exists(connection, schema):
                _rename(connection, schema, self._dead + schema.rpartition("_")[2])

    def restock(self, size: int, *, template: str, name: str) -> bool:
        """Do one piece of work on the stock, one process at a time; tells whether there may be more to do.

        `size`: so many schemas are to lie ready, and at most so many dead ones are kept to be filled anew. `name`: what
        a schema is called that is made now.
        """
        with self._server.engine.begin() as guard:
            # Ends with this transaction, so that a process that is killed leaves nothing locked.
            _lock(guard, f"stock_{self._program}")
            return self._restock(size, template=template, name=name)

    def _restock(self, size: int, *, template: str, name: str) -> bool:
        for abandoned in self._named(self._making):
            self._drop(abandoned)
        ready = self._named(self._ready(template))
        outdated = [each for each in self._named(f"ready_{self._program}_") if each not in ready]
        for each in outdated:
            self.bury(each)
        if len(ready) < size:
            making = f"{self._making}{name}"
            if not self._revive(making, template=template):
                self._clone(template, making)
            self._run(f'alter schema "{making}" rename to "{self._ready(template)}{name}"')
            return True
        surplus = self._named(self._dead)[size:]
        if surplus:
            self._drop(surplus[0])
        return bool(surplus)

    def _revive(self, schema: str, *, template: str) -> bool:
        """Make `schema` of a dead one, with the template's rows; False if there is none that can be used."""
        if not self._take(self._dead, schema):
            return False
        if self._refill(schema, template=template):
            return True
        self._drop(schema)
        return False

    def _refill(self, schema: str, *, template: str) -> bool:
        order = self._orders.get(template) or self._order(template)
        self._orders[template] = order
        statements = f"{_REFILL};{_RENUMBER}"
        for name, tables in (("tables", order.tables), ("filled", order.filled)):
            statements = statements.replace(f"{{{name}}}", ", ".join(f"'{table}'" for table in tables))
        statements = statements.replace("{source}", template).replace("{target}", schema)
        try:
            with self._server.engine.begin() as connection:
                if not order.tables or self._version(connection, schema) != self._version(connection, template):
                    return False
                connection.execution_options(no_parameters=True).exec_driver_sql(statements)
        except OperationalError:
            # Somebody who had begun before it was dead is still writing into it.
            return False
        return True

    def _version(self, connection: Connection, schema: str) -> object:
        """Which migrations a schema was made with."""
        return connection.execute(
            select(column("version_num")).select_from(table("alembic_version", schema=schema))
        ).scalar()

    def _order(self, template: str) -> _Order:
        with self._server.engine.connect() as connection:
            found = connection.execute(_TABLES, {"schema": template})
            sizes: dict[str, int] = {row.relname: row.size for row in found}
            before: dict[str, set[str]] = {table: set() for table in sizes}
            for table, other in connection.execute(_REFERENCES, {"schema": template}):
                before[table].add(other)
        try:
            tables = list(TopologicalSorter(before).static_order())
        except CycleError:
            tables = []
        return _Order(tables, [table for table in tables if sizes[table]])

    def _take(self, prefix: str, schema: str) -> bool:
        """Rename one of the schemas with that prefix to `schema`; False if there is none."""
        with self._server.engine.begin() as connection:
            # One after the other where schemas are renamed: PostgreSQL fails whoever renames the same one too late.
            _lock(connection, self._dead)
            found = next(iter(_named(connection, prefix)), None)
            if found is not None:
                _rename(connection, found, schema)
        return found is not None

    def _named(self, prefix: str) -> list[str]:
        with self._server.engine.connect() as connection:
            return _named(connection, prefix)

    def _clone(self, source: str, target: str) -> None:
        self._run(clone(source, target))

    def _drop(self, schema: str) -> None:
        self._run(f'drop schema if exists "{schema}" cascade')

    def _run(self, statement: str) -> None:
        with self._server.engine.begin() as connection:
            # Without parameters the driver leaves the per cent signs of `format` alone.
            connection.execution_options(no_parameters=True).exec_driver_sql(statement)

    def renumber(self, schema: str) -> None:
        """Set every sequence of a schema above the numbers that are there."""
        self._run(_RENUMBER.replace("{target}", schema))

    def _ready(self, template: str) -> str:
        return f"ready_{template.removeprefix('template_')}_"

    @property
    def _dead(self) -> str:
        return f"dead_{self._program}_"

    @property
    def _making(self) -> str:
        return f"making_{self._program}_"


def clone(source: str, target: str) -> str:
    """The statement that makes the schema `target` a copy of `source`."""
    return _CLONE.replace("{source}", source).replace("{target}", target)


def _lock(connection: Connection, name: str) -> None:
    """Wait until nobody else has the lock of that name, and keep it until the transaction ends."""
    connection.execute(text("select pg_advisory_xact_lock(hashtext(:name))"), {"name": name})


def _exists(connection: Connection, schema: str) -> bool:
    query = text("select 1 from pg_namespace where nspname = :name")
    return connection.execute(query, {"name": schema}).first() is not None


def _named(connection: Connection, prefix: str) -> list[str]:
    query = text("select nspname from pg_namespace where starts_with(nspname, :prefix) order by nspname")
    return list(connection.execute(query, {"prefix": prefix}).scalars())


def _rename(connection: Connection, schema: str, name: str) -> None:
    connection.execute(text(f'alter schema "{schema}" rename to "{name}"'))


_TABLES = text(
    "select c.relname, pg_relation_size(c.oid) as size from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "where n.nspname = :schema and c.relkind = 'r'"
)
_REFERENCES = text(
    "select t.relname, r.relname from pg_constraint k join pg_class t on t.oid = k.conrelid "
    "join pg_class r on r.oid = k.confrelid join pg_namespace n on n.oid = t.relnamespace "
    "where n.nspname = :schema and k.contype = 'f' and t.oid <> r.oid"
)

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


_RENUMBER = """
do $renumber$
declare
  item record;
begin
  for item in select a.attname, t.relname,
                     pg_get_serial_sequence(format('%I.%I', '{target}', t.relname), a.attname) as own
              from pg_attribute a
              join pg_class t on t.oid = a.attrelid join pg_namespace n on n.oid = t.relnamespace
              where n.nspname = '{target}' and t.relkind = 'r' and a.attnum > 0 and not a.attisdropped
                and (a.atthasdef or a.attidentity <> '') loop
    if item.own is not null then
      execute format('select setval(%1$L, coalesce((select max(%4$I) from %2$I.%3$I), 0) + 1, false)',
                     item.own, '{target}', item.relname, item.attname);
    end if;
  end loop;
end
$renumber$
"""
"""Every sequence of a schema set above the numbers that are there."""

_REFILL = """
do $refill$
declare
  tables text[] := array[{tables}];
  filled text[] := array[{filled}]::text[];
  used text[];
begin
  execute (select 'lock table ' || string_agg(format('%I.%I', '{target}', item), ', ')
                  || ' in access exclusive mode nowait' from unnest(tables) item);
  select coalesce(array_agg(item order by place desc), '{}') into used
    from unnest(tables) with ordinality as listed(item, place)
    where pg_relation_size(format('%I.%I', '{target}', item)::regclass) > 0;
  for place in 1..cardinality(used) loop
    execute format('delete from %I.%I', '{target}', used[place]);
  end loop;
  for place in 1..cardinality(filled) loop
    execute format('insert into %1$I.%3$I overriding system value select * from %2$I.%3$I',
                   '{target}', '{source}', filled[place]);
  end loop;
end
$refill$
"""
"""The template's rows instead of those that are there, in one round trip; a table without a page never had any.

Whoever began to write while this was still a stand's is either done by now, or the lock is not given.
"""
