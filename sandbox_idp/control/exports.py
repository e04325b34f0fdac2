"""A stand as one file over the control API: written, and made into a new stand."""

from __future__ import annotations

from sandbox_idp.context import Stand
from sandbox_idp.control.at_hand import new_stand_answer
from sandbox_idp.control.bodies import ZIP, FileKind, Label, Life, Limits, NoQuery
from sandbox_idp.control.calls import Calls, ZipAnswer
from sandbox_idp.control.guard import house
from sandbox_idp.control.problems import ProblemError
from sandbox_idp.control.snapshots import refusing
from sandbox_idp.control.stands import NewStandAnswer
from sandbox_idp.stands import archive

calls = Calls("snapshots")
ARCHIVE = FileKind((ZIP,), archive.LARGEST_FILE, "not-zip")


class ImportQuery(NoQuery):
    """What the new stand is called and how long it lives; without it as the file says, and as ever."""

    name: Label | None = None
    ttl: Life | None = None


@calls.get("/export", refuses=((404, "unknown-stand"),))
def export_stand(stand: Stand) -> ZipAnswer:
    """The stand as it is at this moment, as one file."""
    with refusing():
        return ZipAnswer(house().export(stand.id), name=f"stand-{stand.id}.zip")


@calls.post(
    "/imports",
    opens="pair",
    status=201,
    reads_file=ARCHIVE,
    refuses=((409, "other-version"), (422, "wrong-file")),
)
def import_stand(query: ImportQuery, file: bytes) -> NewStandAnswer:
    """A new stand of a file (an export or a bundle); its token is told this once. Each call makes another one."""
    try:
        found = archive.read(file, schema_version=house().schema_version)
        told = found.manifest
        if not Limits.fit(told.limits) or not told.name.isprintable():
            raise archive.ArchiveError("Название или пределы времени в описании стенда (manifest.json) не подходят.")
        made = house().create(
            query.name or told.name, ttl=query.ttl, limits=told.limits, pour=found.pour, moment=found.moment
        )
    except archive.OtherVersionError as error:
        raise ProblemError(409, "other-version", error.reason) from None
    except archive.ArchiveError as error:
        raise ProblemError(422, "wrong-file", error.reason) from None
    return new_stand_answer(made.stand, made.token)
