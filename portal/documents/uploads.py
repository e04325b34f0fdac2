"""Taking, keeping, passing on and deleting what a patient uploads (R-045, R-065, S-54, S-56).

A file is looked at whole before anything of it is kept. Its content lies behind the Files door under a random name, the
row comes last and is what makes it exist: a row never lacks its file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from foundation.web.requests import CappedFile
from portal.clinic.base import Clinic
from portal.documents import errors, inspection, names
from portal.documents.apart import check_apart
from portal.documents.inspection import Kind
from portal.documents.models import Upload
from portal.doors import Database, Files, Scanner, ScannerDownError
from portal.patients.acting import Subject
from portal.patients.models import Patient

MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
"""Bytes of one file (C-03); exactly so many are taken."""
MOST_FILES = 50
MOST_BYTES = 100 * MEGABYTE
"""What one patient may keep, children's documents included."""

MEDIA_TYPES: dict[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xml": "application/xml",
}


def files_of(session: Session, patient_id: str) -> list[str]:
    """Names of the files of a patient, for whoever throws away everything of that patient (S-65)."""
    return list(session.exec(select(Upload.stored_as).where(Upload.patient_id == patient_id)))


class NoSuchUploadError(LookupError):
    """There is none, or it is somebody else's: the two are not told apart (S-54)."""


@dataclass(frozen=True)
class Inspected:
    """A file that may be kept."""

    name: str
    """As it came, cleaned."""
    kind: Kind
    content: bytes


def inspect(file_name: str | None, stream: CappedFile | None, scanner: Scanner) -> Inspected:
    """The file of a form, looked at whole. Raises the UploadError that it has, and nothing else."""
    name = names.cleaned(file_name)
    if stream is None or not file_name:
        raise errors.NotChosenError
    if stream.too_large:
        raise errors.TooLargeError(name)
    content = stream.getvalue()
    ending = names.ending_of(name)
    if ending not in inspection.KINDS:
        raise errors.WrongTypeError(name)
    if not content:
        raise errors.EmptyError(name)
    try:
        found = scanner.scan(content)
    except ScannerDownError as error:
        raise errors.UnscannedError(name) from error
    if found is not None:
        raise errors.InfectedError(name)
    try:
        check_apart(ending, content)
    except inspection.ProblemError as problem:
        raise errors.OF_INSPECTION[type(problem)](name) from problem
    return Inspected(name, ending, content)


class Uploads:
    """The uploads of one person's papers."""

    def __init__(self, who: Subject, *, database: Database, files: Files) -> None:
        self._who = who
        self._database = database
        self._files = files

    def all(self) -> list[Upload]:
        """Newest first."""
        with self._database.reading() as session:
            query = select(Upload).where(*self._mine())
            return list(session.exec(query.order_by(col(Upload.uploaded_at).desc(), col(Upload.id))))

    def find(self, upload_id: str) -> Upload:
        """One of them. NoSuchUploadError."""
        with self._database.reading() as session:
            row = session.exec(select(Upload).where(Upload.id == upload_id, *self._mine())).one_or_none()
        if row is None:
            raise NoSuchUploadError
        return row

    def content(self, row: Upload) -> bytes:
        """The file itself. NoSuchUploadError if it was deleted in this very moment."""
        try:
            with self._files.read(row.stored_as) as handle:
                return handle.read()
        except FileNotFoundError as error:
            raise NoSuchUploadError from error

    def by_key(self, key: str) -> Upload | None:
        """What the form with this key has already brought."""
        with self._database.reading() as session:
            return session.exec(select(Upload).where(Upload.key == key, *self._mine())).one_or_none()

    def keep(
        self,
        found: Inspected,
        *,
        title: str,
        wanted_by_clinic: bool,
        key: str,
        upload_id: str,
        stored_as: str,
        now: datetime,
    ) -> Upload:
        """Keep a file that was looked at; what the same form has brought before is told again. TooManyError."""
        with self._files.write(stored_as) as handle:
            handle.write(found.content)
        kept = False
        try:
            with self._database.writing() as session:
                # The patient's row is the lock: two uploads at once must not pass the quota together.
                session.exec(select(Patient).where(Patient.id == self._who.patient.id).with_for_update()).one()
                earlier = session.exec(select(Upload).where(Upload.key == key, *self._mine())).one_or_none()
                if earlier is not None:
                    return earlier
                self._check_quota(session, found)
                row = Upload(
                    id=upload_id,
                    patient_id=self._who.patient.id,
                    subject=self._who.key,
                    key=key,
                    stored_as=stored_as,
                    title=title or found.name,
                    file_name=found.name,
                    kind=found.kind,
                    size=len(found.content),
                    digest=hashlib.sha256(found.content).hexdigest(),
                    uploaded_at=now,
                    wanted_by_clinic=wanted_by_clinic,
                )
                session.add(row)
            kept = True
            return row
        finally:
            if not kept:
                self._files.delete(stored_as)

    def hand_in(self, row: Upload, clinic: Clinic, *, now: datetime) -> None:
        """Pass it on to the clinic, once however often it is asked. What the clinic raises."""
        if row.handed_in_at is None:
            clinic.papers.hand_in(
                self._who.card.id,
                name=row.file_name,
                media_type=MEDIA_TYPES[row.kind],
                content=self.content(row),
                key=row.id,
            )
            with self._database.writing() as session:
                session.execute(
                    update(Upload)
                    .where(col(Upload.id) == row.id, col(Upload.handed_in_at).is_(None))
                    .values(handed_in_at=now, wanted_by_clinic=True)
                )

    def delete(self, row: Upload) -> None:
        """Throw it away: first the row, so that none is ever without its file."""
        with self._database.writing() as session:
            living = session.get(Upload, row.id)
            if living is not None:
                session.delete(living)
        self._files.delete(row.stored_as)

    def _check_quota(self, session: Session, found: Inspected) -> None:
        query = select(func.count(), func.coalesce(func.sum(Upload.size), 0)).where(
            Upload.patient_id == self._who.patient.id
        )
        count, size = session.exec(query).one()
        if count >= MOST_FILES or size + len(found.content) > MOST_BYTES:
            raise errors.TooManyError(found.name)

    def _mine(self) -> tuple[Any, ...]:
        return Upload.patient_id == self._who.patient.id, Upload.subject == self._who.key
