"""A stand as one file: written, read into a new stand, and never trusted."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, func, select

from sandbox_idp.accounts.models import Person
from sandbox_idp.context import Stand
from sandbox_idp.scenarios.models import StandState
from sandbox_idp.stands import archive, contents
from sandbox_idp.stands.house import House
from sandbox_idp.world.models import Message
from tests.sandbox_idp.control.conftest import ControlClient

Edit = Callable[[dict[str, bytes]], None]
ZIP = {"Content-Type": "application/zip"}


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(members: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return data.getvalue()


def rows(members: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in members[name].splitlines()]


def change(members: dict[str, bytes], name: str, **values: Any) -> None:
    """Change the first row of a table that has every one of these columns filled."""
    found = rows(members, name)
    row = next(row for row in found if all(row.get(column) is not None for column in values))
    row.update(values)
    members[name] = "\n".join(json.dumps(row) for row in found).encode()


@pytest.fixture
def exported(control: ControlClient, stand: Stand, house: House) -> bytes:
    """The file of a stand with something in it."""
    control.call("POST", "/clock", {"advance": "P2D"})
    control.call("PUT", "/scenarios/token-fails", {"scope": {"person": "anna"}, "seed": 7, "probability": 0.5})
    with stand.database.writing() as session:
        session.add(Message(kind="sms", recipient="+70001000001", text="письмо", sent_at=stand.clock.now()))
    control.call("GET", "/export")
    assert control.mimetype == "application/zip"
    return house.export(stand.id)


def test_a_stand_goes_through_a_file(exported: bytes, outside: ControlClient, stand: Stand, house: House) -> None:
    """People, messages, what is armed, seed, journal and clock; keys are new."""
    made = outside.call("POST", "/imports?name=Копия&ttl=PT2H", data=exported, headers=ZIP, status=201)
    copy = house.find(made["id"])
    assert copy is not None
    assert made["name"] == "Копия"
    armed = outside.call("GET", "/scenarios/token-fails", token=made["token"], prefix=f"/s/{copy.id}")["armed"]
    assert (armed["seed"], armed["probability"]) == (7, 0.5)
    assert datetime.fromisoformat(made["now"]) - house._real.now() > timedelta(days=1, hours=23)
    with stand.database.reading() as old, copy.database.reading() as new:
        for column in (Person.oid, Person.password_hash, Person.totp_secret, Person.birth_date, Message.text):
            assert sorted(map(str, old.exec(select(column)))) == sorted(map(str, new.exec(select(column))))
        states = old.get_one(StandState, 1), new.get_one(StandState, 1)
        assert states[0].seed == states[1].seed
        assert states[0].portal_client_key != states[1].portal_client_key
    house.delete(copy.id)


def test_numbers_go_on_above_those_of_the_file(exported: bytes, outside: ControlClient, house: House) -> None:
    """On PostgreSQL sequences know nothing of rows that came with their numbers."""
    made = outside.call("POST", "/imports", data=exported, headers=ZIP, status=201)
    copy = house.find(made["id"])
    assert copy is not None
    with copy.database.writing() as session:
        session.add(Message(kind="sms", recipient="+70001000001", text="новое", sent_at=copy.clock.now()))
    with copy.database.reading() as session:
        assert session.exec(select(Message.text).order_by(col(Message.id))).all() == ["письмо", "новое"]
    house.delete(copy.id)


def test_no_key_and_no_session_is_in_the_file(exported: bytes) -> None:
    members = unpacked(exported)
    assert b"PRIVATE KEY" not in b"".join(members.values())
    for program, left_out in contents.VISITORS.items():
        assert not {f"{program}/{name}.jsonl" for name in left_out} & set(members)
        assert left_out < set(contents.METADATA[program].tables)


def _without(name: str) -> Edit:
    return lambda members: members.pop(name) and None


def _with(name: str, text: bytes) -> Edit:
    return lambda members: members.update({name: text})


def _changed(name: str, **values: Any) -> Edit:
    return lambda members: change(members, name, **values)


def _column(members: dict[str, bytes]) -> None:
    found = rows(members, "sandbox/message.jsonl")
    members["sandbox/message.jsonl"] = json.dumps({**found[0], "evil": 1}).encode()


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (_without("manifest.json"), "manifest.json"),
        (_with("manifest.json", b"[]"), "manifest.json"),
        (_without("sandbox/person.jsonl"), "не хватает sandbox/person.jsonl"),
        (_with("../../evil.py", b"x"), "лишнее"),
        (_with("sandbox/signing_key.jsonl", b"{}"), "лишнее"),
        (_with("sandbox/message.jsonl", b"{}"), "строка 1"),
        (_with("sandbox/message.jsonl", b"[" * 100_000), "строка 1"),
        (_with("sandbox/stand_state.jsonl", b""), "часами"),
        (_column, "строка 1"),
        (_changed("sandbox/stand_state.jsonl", clock_offset=10**18), "часами"),
        (_changed("sandbox/person.jsonl", birth_date="вчера"), "строка 1"),
        (_changed("sandbox/person.jsonl", oid=10**30), "не подходят друг к другу"),
        (_changed("sandbox/person.jsonl", level="любой"), "не подходят друг к другу"),
        (_changed("sandbox/contact.jsonl", person_oid=1), "не подходят друг к другу"),
        (_changed("sandbox/message.jsonl", sent_at="2026-01-01T00:00:00"), "не подходят друг к другу"),
        (_changed("sandbox/person.jsonl", snils="11223344595"), "учебн"),
        (_changed("sandbox/contact.jsonl", value="+79161234567"), "учебн"),
        (_changed("sandbox/information_system.jsonl", redirect_hosts=["javascript:alert(1)"]), "не адрес"),
        (_changed("sandbox/system_certificate.jsonl", pem="x"), "не сертификат"),
    ],
)
def test_a_file_that_does_not_fit_makes_nothing(
    exported: bytes, outside: ControlClient, house: House, edit: Edit, words: str
) -> None:
    """S-71: nor does one with numbers of real life."""
    members = unpacked(exported)
    edit(members)
    before = {record.id for record in house.records()}
    answer = outside.refused("POST", "/imports", data=packed(members), headers=ZIP)
    assert answer["code"] == "wrong-file"
    assert words in answer["detail"]
    assert {record.id for record in house.records()} == before


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip"])
def test_what_is_no_archive_is_refused(outside: ControlClient, data: bytes) -> None:
    assert outside.refused("POST", "/imports", data=data, headers=ZIP)["code"] == "wrong-file"


def test_another_version_is_refused_by_name(exported: bytes, outside: ControlClient) -> None:
    members = unpacked(exported)
    for changed in ({"format": 2}, {"schema_version": "0000.0000"}):
        manifest = {**json.loads(members["manifest.json"]), **changed}
        data = packed({**members, "manifest.json": json.dumps(manifest).encode()})
        answer = outside.refused("POST", "/imports", data=data, headers=ZIP, status=409)
        assert answer["code"] == "other-version"
        assert str(next(iter(changed.values()))) in answer["detail"]


def test_too_large_is_refused_packed_and_unpacked(
    exported: bytes, outside: ControlClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "LARGEST_CONTENTS", 10_000)
    assert "МиБ данных" in outside.refused("POST", "/imports", data=exported, headers=ZIP)["detail"]
    too_much = bytes(archive.LARGEST_FILE + 1)
    answer = outside.refused("POST", "/imports", data=too_much, headers=ZIP, status=413)
    assert answer["code"] == "too-large"


def test_a_body_that_is_not_said_to_be_a_zip_is_refused(outside: ControlClient) -> None:
    assert outside.refused("POST", "/imports", {}, status=415)["code"] == "not-zip"
    assert outside.wrong("POST", "/imports?color=1", data=b"", headers=ZIP) == {"/color"}


def test_the_same_people_are_in_any_new_stand(exported: bytes, stand: Stand) -> None:
    with stand.database.reading() as session:
        count = session.exec(select(func.count()).select_from(Person)).one()
    assert len(rows(unpacked(exported), "sandbox/person.jsonl")) == count
