"""What was uploaded to a stand's portal belongs to that stand: copied, exported, reset and thrown away with it."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest
from sqlmodel import select

from portal.documents.models import Upload
from portal.patients.models import Patient
from portal.support.models import Ticket, TicketFile
from sandbox_idp.context import Stand, use_stand
from sandbox_idp.stands import archive
from sandbox_idp.stands.archive import ArchiveError
from sandbox_idp.stands.house import House
from sandbox_idp.stands.portal_doors import StandFiles

CONTENT = b"<a/>"


def upload(stand: Stand, name: str = "uploaded-one", content: bytes = CONTENT) -> None:
    """A document in the stand's portal: its row and its file."""
    now = stand.clock.now()
    with use_stand(stand), StandFiles().write(name) as handle:
        handle.write(content)
    with stand.portal_database.writing() as session:
        if session.get(Patient, "p") is None:
            session.add(
                Patient(id="p", number="PAT-IEN-T00", issuer="i", subject="1", surname="А", name="Б", level="confirmed",
                        person_as_of=now, created_at=now)
            )  # fmt: skip
            session.flush()
        session.add(
            Upload(id=f"id-of-{name}", patient_id="p", subject="p", key=name, stored_as=name, title="Выписка",
                   file_name="a.xml", kind="xml", size=len(content), digest=hashlib.sha256(content).hexdigest(),
                   uploaded_at=now)
        )  # fmt: skip


def uploads(stand: Stand) -> dict[str, bytes]:
    """Every document of the stand's portal, by its name behind the door."""
    with stand.portal_database.reading() as session:
        names = list(session.exec(select(Upload.stored_as)))
    found = {}
    with use_stand(stand):
        for name in names:
            with StandFiles().read(name) as handle:
                found[name] = handle.read()
    return found


def test_no_other_stand_has_it(stand: Stand, house: House) -> None:
    """Isolation: the door of one stand does not know the files of another."""
    upload(stand)
    other = house.create().stand
    with use_stand(other), pytest.raises(FileNotFoundError):
        StandFiles().read("uploaded-one")
    with use_stand(other):
        StandFiles().delete("uploaded-one")
    assert uploads(stand) == {"uploaded-one": CONTENT}
    house.delete(other.id)


def test_a_snapshot_has_it_whatever_becomes_of_the_stand(stand: Stand, house: House) -> None:
    """A snapshot, a stand made of it and a restored stand have the files of that moment, and no later ones."""
    upload(stand)
    snapshot = house.take_snapshot(stand.id)
    upload(stand, "uploaded-two")
    with use_stand(stand):
        StandFiles().delete("uploaded-one")
    copy = house.create(snapshot=snapshot.id).stand
    assert uploads(copy) == {"uploaded-one": CONTENT}
    with use_stand(copy):
        StandFiles().delete("uploaded-one")
    restored = house.restore(stand.id, snapshot.id)
    assert uploads(restored) == {"uploaded-one": CONTENT}
    house.delete(copy.id)


def test_reset_and_deletion_throw_it_away(stand: Stand, house: House) -> None:
    """Nothing that was uploaded outlives its stand or its snapshot."""
    made = house.create().stand
    upload(made)
    snapshot = house.take_snapshot(made.id)
    kept = made.files.parent / snapshot.generation
    assert kept.is_dir()
    reset = house.reset(made.id)
    assert not made.files.exists()
    assert uploads(reset) == {}
    upload(reset)
    house.delete(made.id)
    assert not reset.files.exists()
    assert not kept.exists()


def test_it_goes_through_a_file(stand: Stand, house: House) -> None:
    """An export has row and file; what is made of it has both."""
    upload(stand)
    read = archive.read(house.export(stand.id), schema_version=house.schema_version)
    made = house.create(pour=read.pour).stand
    assert uploads(made) == {"uploaded-one": CONTENT}
    house.delete(made.id)


def test_the_file_of_a_ticket_goes_along_with_it(stand: Stand, house: House) -> None:
    """As a document does: question, row and file are in the export, and in what is made of it."""
    upload(stand)
    now = stand.clock.now()
    with use_stand(stand), StandFiles().write("file-of-ticket") as handle:
        handle.write(CONTENT)
    with stand.portal_database.writing() as session:
        session.add(
            Ticket(id="t", number="2026-000001", form_key="key", patient_id="p", kind="Другое", full_name="А Б",
                   phone="+70001000001", happened="сегодня", error_text="", description="Проба", state="open",
                   made_at=now, answer_by=now)
        )  # fmt: skip
        session.flush()
        session.add(
            TicketFile(ticket_id="t", stored_as="file-of-ticket", file_name="a.xml", kind="xml", size=len(CONTENT),
                       digest=hashlib.sha256(CONTENT).hexdigest(), uploaded_at=now)
        )  # fmt: skip
    read = archive.read(house.export(stand.id), schema_version=house.schema_version)
    made = house.create(pour=read.pour).stand
    with made.portal_database.reading() as session:
        assert session.get_one(TicketFile, "t").file_name == "a.xml"
    with use_stand(made), StandFiles().read("file-of-ticket") as handle:
        assert handle.read() == CONTENT
    house.delete(made.id)


def test_as_many_go_along_as_there_is_room_for(stand: Stand, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest ones; what stays behind leaves no row, so that nothing is half there."""
    monkeypatch.setattr(archive, "LARGEST_UPLOADS", 10)
    upload(stand, "uploaded-big", b"<a>" + bytes(20))
    upload(stand, "uploaded-small")
    read = archive.read(house.export(stand.id), schema_version=house.schema_version)
    made = house.create(pour=read.pour).stand
    assert uploads(made) == {"uploaded-small": CONTENT}
    house.delete(made.id)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"files/uploaded-one": b"<b/>"},
        {"files/uploaded-one": CONTENT, "files/uploaded-two": CONTENT},
        {"files/uploaded-one": CONTENT, "files/../uploaded-one": CONTENT},
    ],
)
def test_a_file_whose_uploads_do_not_fit_is_refused(stand: Stand, house: House, members: dict[str, bytes]) -> None:
    """S-56: missing, changed, too many, or under a name that leads elsewhere."""
    upload(stand)
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(house.export(stand.id))) as old, zipfile.ZipFile(data, "w") as new:
        for info in old.infolist():
            if not info.filename.startswith("files/"):
                new.writestr(info, old.read(info))
        for name, content in members.items():
            new.writestr(name, content)
    with pytest.raises(ArchiveError):
        archive.read(data.getvalue(), schema_version=house.schema_version)
