"""A stand's own scenarios over the control API: files in the catalogue's format, added, read, replaced, taken away."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sandbox_idp.context import Stand
from sandbox_idp.control.bodies import TEXT, TOML, FileKind
from sandbox_idp.control.calls import Answer, Calls, EntryKey, TomlAnswer
from sandbox_idp.control.problems import ProblemError
from sandbox_idp.control.scenarios import DisarmedAnswer, wrong_places
from sandbox_idp.scenarios import authoring, own
from sandbox_idp.scenarios.arming import UnknownEntry
from sandbox_idp.scenarios.files import LARGEST, FileError, decode

calls = Calls("scenarios")
SCENARIO = FileKind((TOML, TEXT), LARGEST, "not-toml")
REFUSES = ((409, "catalogue-scenario"), (422, "wrong-scenario"))


class OwnFileAnswer(Answer):
    """A file of the stand's own."""

    id: str
    """That of its first entry."""
    scenarios: list[str]
    """Every entry in it: the first one and its variants."""
    disarmed: list[str]
    """What was armed and no longer is, because the new text does not have it or offers it differently."""


@calls.post("/scenarios", status=201, reads_file=SCENARIO, refuses=((409, "too-many-scenarios"), *REFUSES[1:]))
def add_scenario(stand: Stand, file: bytes) -> OwnFileAnswer:
    """Add a file of scenarios to the stand, in the catalogue's format; an id that is taken is refused."""
    with refusing():
        return _answer(authoring.add(stand, decode(file)))


@calls.get("/scenarios/{entry}/file", refuses=((404, "unknown-scenario"),))
def read_scenario_file(stand: Stand, entry: EntryKey) -> TomlAnswer:
    """The file in which an entry stands, of the catalogue or of the stand's own."""
    found = own.entries_of(stand).text_of(entry)
    if found is None:
        raise ProblemError(404, "unknown-scenario", UnknownEntry(entry).reason)
    name, text = found
    return TomlAnswer(text.encode(), name=f"{name}.toml")


@calls.put(
    "/scenarios/{entry}/file",
    reads_file=SCENARIO,
    refuses=((409, "other-id"), (409, "too-many-scenarios"), *REFUSES),
)
def put_scenario_file(stand: Stand, entry: EntryKey, file: bytes) -> OwnFileAnswer:
    """Add a file of that id to the stand, or put its text in place of the one there; repeating it changes nothing."""
    with refusing():
        change, _ = authoring.put(stand, entry, decode(file))
        return _answer(change)


@calls.delete("/scenarios/{entry}/file", refuses=((404, "unknown-scenario"), *REFUSES[:1]))
def remove_scenario_file(stand: Stand, entry: EntryKey) -> DisarmedAnswer:
    """Take a file of the stand's own away, with every entry in it; they are disarmed first."""
    with refusing():
        return DisarmedAnswer(disarmed=list(authoring.remove(stand, entry)))


@contextlib.contextmanager
def refusing() -> Iterator[None]:
    """What authoring refuses, as problems."""
    try:
        yield
    except FileError as error:
        first = error.problems[0]
        detail = f"Строка {first.line}, знак {first.column}: {first.message}."
        raise ProblemError(422, "wrong-scenario", detail, wrong_places(error.problems)) from None
    except UnknownEntry as error:
        raise ProblemError(404, "unknown-scenario", error.reason) from None
    except authoring.CatalogueEntry as error:
        raise ProblemError(409, "catalogue-scenario", error.reason) from None
    except authoring.OtherId as error:
        raise ProblemError(409, "other-id", error.reason) from None
    except authoring.TooManyFiles as error:
        raise ProblemError(409, "too-many-scenarios", error.reason) from None


def _answer(change: authoring.Change) -> OwnFileAnswer:
    return OwnFileAnswer(
        id=change.file.id,
        scenarios=[entry.id for entry in change.file.entries],
        disarmed=list(change.disarmed),
    )
