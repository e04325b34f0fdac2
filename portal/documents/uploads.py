"""Taking, keeping, passing on and deleting what a patient uploads (R-045, R-065, S-54, S-56).

A file is looked at whole before anything of it is kept. Its content lies behind the Files door under a random name, the
row comes last and is what makes it exist: a row never lacks its file.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from portal.clinic.base import Clinic
from portal.documents.models import Upload
from portal.doors import Doors
from portal.files import shelf, taking
from portal.files.errors import TooManyError
from portal.files.purposes import DOCUMENT, MEDIA_TYPES, MEGABYTE
from portal.files.taking import Inspected
from portal.patients.acting import Subject
from portal.patients.models import Patient

MOST_FILES = 50
MOST_BYTES = 100 * MEGABYTE
"""What one patient may keep, children's documents included (told in `purposes.DOCUMENT`)."""


def files_of(session: Session, patient_id: str) -> list[str]:
    """Names of the files of a patient, for whoever throws away everything of that patient (S-65)."""
    return list(session.exec(select(Upload.stored_as).where(Upload.patient_id == patient_id)))


class NoSuchUploadError(LookupError):
    """There is none, or it is somebody else's: the two are not told apart (S-54)."""


class Uploads:
    """The uploads of one person's papers."""

    def __init__(self, who: Subject, doors: Doors) -> None:
        self._who = who
        self._doors = doors
        self._database = doors.database

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
        content = taking.read(self._doors.files, row.stored_as)
        if content is None:
            raise NoSuchUploadError
        return content

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
    ) -> Upload:
        """Keep a file that was looked at; what the same form has brought before is told again. TooManyError."""
        with shelf.placed(self._doors, found.content) as stored_as:
            with self._database.writing() as session:
                # The patient's row is the lock: two uploads at once must not pass the quota together.
                session.exec(select(Patient).where(Patient.id == self._who.patient.id).with_for_update()).one()
                earlier = session.exec(select(Upload).where(Upload.key == key, *self._mine())).one_or_none()
                if earlier is not None:
                    return earlier
                self._check_quota(session, found)
                row = Upload(
                    id=self._doors.ids.token(16),
                    patient_id=self._who.patient.id,
                    subject=self._who.key,
                    key=key,
                    stored_as=stored_as,
                    title=title or found.name,
                    file_name=found.name,
                    kind=found.kind,
                    size=found.size,
                    digest=found.digest,
                    uploaded_at=self._doors.clock.now(),
                    wanted_by_clinic=wanted_by_clinic,
                )
                session.add(row)
                shelf.keep(session, stored_as)
            return row

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
            living = session.get(Upload, row.id, with_for_update=True)
            if living is not None:
                session.delete(living)
                shelf.let_go(session, [row.stored_as], self._doors.clock.now())
        shelf.throw_away(self._doors, [row.stored_as])

    def _check_quota(self, session: Session, found: Inspected) -> None:
        query = select(func.count(), func.coalesce(func.sum(Upload.size), 0)).where(
            Upload.patient_id == self._who.patient.id
        )
        count, size = session.exec(query).one()
        if count >= MOST_FILES or size + found.size > MOST_BYTES:
            raise TooManyError(DOCUMENT, found.name)

    def _mine(self) -> tuple[Any, ...]:
        return Upload.patient_id == self._who.patient.id, Upload.subject == self._who.key
