"""A stand as one file: a zip with a manifest and one file of JSON lines for each table, the same on either database.

    manifest.json           {format, schema_version, name, limits, created_at}
    sandbox/person.jsonl    one row a line, every column by its name
    portal/patient.jsonl    …
    files/<name>            what was uploaded, as `portal/upload.jsonl`, `ticket_file.jsonl` name it (`stored_as`)

Of uploads the newest go along as far as there is room (LARGEST_UPLOADS); an upload that stays behind leaves no row.

A bundle is such a file with `journey.json` in it: the stand as it was when one sign-in began, and what was done in it
then (`bundles`).

Keys, sessions and whoever is on their way in are not in it (`contents`). A file comes from anywhere: it is read with
limits, no path in it is used, each row must fit its table and each number of a person the training ranges (S-71).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import SQLModel

from foundation.database import Database
from portal.doors import FolderFiles
from sandbox_idp.scenarios import files, own
from sandbox_idp.scenarios.journey import Journey
from sandbox_idp.stands import contents, training
from sandbox_idp.stands.models import StandRecord

FORMAT = 1
LARGEST_FILE = 16 * 1024 * 1024
LARGEST_CONTENTS = 64 * 1024 * 1024
LONGEST_CLOCK_SHIFT = 100 * 366 * 24 * 3600 * 1_000_000
"""Microseconds; a clock farther away could leave the calendar."""
LARGEST_UPLOADS = 8 * 1024 * 1024
"""Bytes of uploads in one file: it must stay one that can be sent back (LARGEST_FILE)."""
FILES = "files/"
UPLOADS = ("upload", "ticket_file")
"""Tables of the portal whose rows name a file, in the order in which there is room for them."""
MANIFEST = "manifest.json"
JOURNEY = "journey.json"
Row = dict[str, Any]


class ArchiveError(Exception):
    """A file cannot be made into a stand; `reason` is for the person who sent it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OtherVersionError(ArchiveError):
    """It was written by programs with another format or other migrations."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(f"Файл записан другой версией программ: {found}, а нужна {expected}. Выгрузите стенд заново.")


class Manifest(BaseModel):
    """What the file says about itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    schema_version: str = Field(max_length=80)
    name: str = Field(min_length=1, max_length=80)
    limits: dict[str, float]
    created_at: datetime


class Bundled(Protocol):
    """What makes a bundle of the file of a stand (`bundles.Bundle`)."""

    journey: Journey

    def adjust(self, program: str, table: str, rows: list[Row]) -> list[Row]:
        """What of the rows of a program's table goes into the file, and how; tables come parents first."""
        ...


class Archive:
    """A file that has been read and found to be a stand of this version."""

    def __init__(
        self,
        manifest: Manifest,
        tables: dict[str, dict[str, list[Row]]],
        uploads: dict[str, bytes],
        journey: Journey | None = None,
    ) -> None:
        self.manifest = manifest
        self._uploads = uploads
        self.journey = journey
        """What the file is a bundle of; None if it is a whole stand."""
        self._tables = tables

    @property
    def moment(self) -> datetime | None:
        """When a stand made of it has to begin; None: as the file's clock says."""
        return self.journey.began_at if self.journey is not None else None

    def pour(self, databases: dict[str, Database]) -> Mapping[str, bytes]:
        """Put its rows in place of those that are there; the uploads that belong to them, by the name of each.

        Raises ArchiveError for what the databases refuse.
        """
        for program, database in databases.items():
            tables = self._tables[program]
            try:
                with database.writing() as session:
                    for table in reversed(contents.METADATA[program].sorted_tables):
                        session.execute(delete(table))
                    for name, rows in tables.items():
                        if rows:
                            session.execute(insert(contents.METADATA[program].tables[name]), rows)
            except (SQLAlchemyError, ValueError, OverflowError) as error:
                raise ArchiveError("Строки файла не подходят друг к другу: стенд из них не собрать.") from error
        return self._uploads


def write(record: StandRecord, held: dict[str, Connection], uploads: Path, bundle: Bundled | None = None) -> bytes:
    """The file of a stand whose databases are held at one moment; with `bundle` of what one sign-in needs.

    `uploads`: the folder of its uploads.
    """
    manifest = Manifest(
        format=FORMAT,
        schema_version=record.schema_version,
        name=record.name,
        limits=record.limits,
        created_at=record.created_at,
    )
    file = io.BytesIO()
    room = LARGEST_UPLOADS
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, manifest.model_dump_json())
        for program, connection in held.items():
            for name in contents.models(program):
                rows = _rows_of(connection, program, name)
                rows = bundle.adjust(program, name, rows) if bundle is not None else rows
                if program == "portal" and name in UPLOADS:
                    rows = _write_uploads(archive, rows, uploads, room)
                    room -= sum(row["size"] for row in rows)
                lines = "".join(f"{json.dumps(row, ensure_ascii=False, default=_plain)}\n" for row in rows)
                archive.writestr(f"{program}/{name}.jsonl", lines)
        if bundle is not None:
            archive.writestr(JOURNEY, bundle.journey.model_dump_json())
    return file.getvalue()


def _write_uploads(archive: zipfile.ZipFile, rows: list[Row], folder: Path, room: int) -> list[Row]:
    """Put the newest uploads into the file, as many as there is room for (bytes); their rows."""
    kept = []
    for row in sorted(rows, key=lambda row: row["uploaded_at"], reverse=True):
        if row["size"] > room:
            continue
        try:
            content = (folder / row["stored_as"]).read_bytes()
        except FileNotFoundError:
            # Deleted since the rows were held.
            continue
        room -= len(content)
        archive.writestr(FILES + row["stored_as"], content)
        kept.append(row)
    return kept


def read(data: bytes, *, schema_version: str) -> Archive:
    """The stand in a file. Raises ArchiveError, or OtherVersionError."""
    if len(data) > LARGEST_FILE:
        raise ArchiveError(f"Файл больше {LARGEST_FILE // 1024 // 1024} МиБ.")
    members = _members(data)
    try:
        given = json.loads(members.pop(MANIFEST, b""))
        found = f"{given['format']}, {given['schema_version']}"
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ArchiveError("В файле нет описания стенда (manifest.json). Подходит только выгрузка стенда.") from None
    if (given["format"], given["schema_version"]) != (FORMAT, schema_version):
        raise OtherVersionError(found[:80], f"{FORMAT}, {schema_version}")
    try:
        manifest = Manifest.model_validate(given)
    except ValidationError:
        raise ArchiveError("Описание стенда в файле (manifest.json) испорчено.") from None
    tables = {
        program: {name: _rows(members, program, name, model) for name, model in contents.models(program).items()}
        for program in contents.METADATA
    }
    journey = _journey(members.pop(JOURNEY, None))
    uploads = {
        name: content for table in UPLOADS for name, content in _uploads(members, table, tables["portal"][table])
    }
    if members:
        raise ArchiveError(f"В файле лишнее: {min(members)[:80]}.")
    _check_state(tables["sandbox"]["stand_state"])
    _check_own_scenarios(tables["sandbox"]["own_scenario"])
    try:
        training.check(tables)
    except training.NotTrainingError as error:
        raise ArchiveError(f"{error.place}: {error.reason}") from None
    return Archive(manifest, tables, uploads, journey)


def _uploads(members: dict[str, bytes], table: str, rows: list[Row]) -> Iterator[tuple[str, bytes]]:
    """Each upload, the name it gets first; it must be what its row says, and its name one of ours."""
    for number, row in enumerate(rows, start=1):
        content = members.pop(FILES + row["stored_as"], None)
        fits = content is not None and hashlib.sha256(content).hexdigest() == row["digest"]
        if content is None or not fits or len(content) != row["size"] or not FolderFiles.is_name(row["stored_as"]):
            raise ArchiveError(f"portal/{table}.jsonl, строка {number}: нет такого файла, или он другой.")
        yield row["stored_as"], content


def _journey(text: bytes | None) -> Journey | None:
    try:
        return None if text is None else Journey.model_validate_json(text)
    except ValidationError:
        raise ArchiveError("Описание входа в файле (journey.json) испорчено.") from None


def _rows_of(connection: Connection, program: str, name: str) -> list[Row]:
    table = contents.METADATA[program].tables[name]
    blank = contents.BLANK.get(name, {}) if program == "sandbox" else {}
    found = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
    return [{**row, **blank} for row in found]


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    assert isinstance(value, date)
    return value.isoformat()


def _members(data: bytes) -> dict[str, bytes]:
    """The files in the archive by name, each once, read no farther than the limit."""
    found: dict[str, bytes] = {}
    left = LARGEST_CONTENTS
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                if info.filename in found:
                    raise ArchiveError(f"В файле дважды есть {info.filename[:80]}.")
                with archive.open(info) as member:
                    text = member.read(left + 1)
                left -= len(text)
                if left < 0:
                    raise ArchiveError(f"В файле больше {LARGEST_CONTENTS // 1024 // 1024} МиБ данных.")
                found[info.filename] = text
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError, OSError):
        raise ArchiveError("Это не архив zip, или он испорчен. Подходит только выгрузка стенда.") from None
    return found


def _rows(members: dict[str, bytes], program: str, name: str, model: type[SQLModel]) -> list[dict[str, Any]]:
    place = f"{program}/{name}.jsonl"
    if place not in members:
        raise ArchiveError(f"В файле не хватает {place}.")
    columns = set(contents.METADATA[program].tables[name].columns.keys())
    rows = []
    for number, line in enumerate(members.pop(place).splitlines(), start=1):
        try:
            given = json.loads(line, parse_constant=_no_constant)
            if not isinstance(given, dict) or set(given) != columns:
                raise ValueError("other columns")
            rows.append(model.model_validate(given).model_dump())
        except (ValueError, RecursionError, OverflowError):
            raise ArchiveError(f"{place}, строка {number}: она не подходит к своей таблице.") from None
    return rows


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _check_own_scenarios(rows: list[dict[str, Any]]) -> None:
    """As many and as large as could have been added. What does not fit these programs is told by the stand itself."""
    if len(rows) > own.MOST:
        raise ArchiveError(f"sandbox/own_scenario.jsonl: больше {own.MOST} своих сценариев.")
    for number, row in enumerate(rows, start=1):
        if not own.is_id(row["id"]) or len(row["text"].encode()) > files.LARGEST:
            raise ArchiveError(f"sandbox/own_scenario.jsonl, строка {number}: такого сценария быть не может.")


def _check_state(rows: list[dict[str, Any]]) -> None:
    if [row["id"] for row in rows] != [1] or abs(rows[0]["clock_offset"]) > LONGEST_CLOCK_SHIFT:
        raise ArchiveError("sandbox/stand_state.jsonl: нужна одна строка с часами стенда.")
