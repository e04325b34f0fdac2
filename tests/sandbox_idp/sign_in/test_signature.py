"""Signing in with an electronic signature: the honest way, every refusal, and what is left of a file afterwards."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import werkzeug.formparser
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from sqlalchemy import text
from sqlmodel import select
from werkzeug.test import TestResponse

from foundation.russian import date_long
from sandbox_idp.accounts.models import Person
from sandbox_idp.context import Stand
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.signature import authority, issuing
from sandbox_idp.signature.issuing import KINDS, PIN
from sandbox_idp.signature.models import SignatureCertificate
from tests.pages import Page, PageClient
from tests.sandbox_idp.sign_in.journey import ask, at, attached, person_of, sessions_of

WRONG_PIN = "11112222"


def file_of(stand: Stand, kind: str = issuing.VALID, persona: str = "svetlana") -> bytes:
    """A file of the stand's token."""
    stand.clock.refresh()
    with stand.database.writing() as session:
        person = session.get_one(Person, person_of(stand, persona).oid)
        made = issuing.make_file(
            session, person, KINDS[kind], now=stand.clock.now(), ids=stand.ids, idp_url=stand.idp_url
        )
    return made.data


def send(
    sandbox: PageClient,
    data: bytes,
    *,
    pin: str = PIN,
    request_id: str | None = None,
    status: int = 303,
    name: str = "my.p12",
) -> Page:
    """Open the page, choose the file, type the PIN and press «Войти»."""
    sandbox.get(at("/login/signature", request_id))
    values = {"file": (BytesIO(data), name), "pin": pin}
    page = sandbox.post(at("/login/signature", request_id), values, status, content_type="multipart/form-data")
    # The client's own copy of what it has sent: a temporary file, if that was much.
    page.response.request.environ["wsgi.input"].close()
    return page


def test_a_signature_signs_in_alone(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """R-028, R-063, S-10: no second factor is asked, the session says DS, and the pending request is kept."""
    page = send(sandbox, file_of(stand), request_id=ask(stand))
    assert page.location.endswith("/consent?request=request-1")
    (session,) = sessions_of(stand)
    assert (session.method, session.second_factor) == ("DS", None)
    assert session.person_oid == person_of(stand, "svetlana").oid
    assert attached(stand, "request-1") == session.sid
    assert acts == ["signed-in"]


def test_without_a_request_it_leads_to_the_cabinet(sandbox: PageClient, stand: Stand) -> None:
    """R-028: Gosuslugi can be opened for its own sake; the browser remembers whose signature it was (R-024)."""
    page = send(sandbox, file_of(stand))
    assert page.location.endswith("/cabinet")
    assert sandbox.follow(page).status == 200
    assert sessions_of(stand)[0].method == "DS"


def test_another_persons_session_in_this_browser_ends(sandbox: PageClient, stand: Stand) -> None:
    """S-44: each sign-in begins a new session and ends the browser's old one."""
    send(sandbox, file_of(stand))
    send(sandbox, file_of(stand, persona="anna"))
    first, second = sorted(sessions_of(stand), key=lambda each: each.authenticated_at)
    assert first.ended_at is not None
    assert second.person_oid == person_of(stand, "anna").oid


@pytest.mark.parametrize(
    ("kind", "act", "heading"),
    [
        ("expired", "signature-expired", "Срок действия сертификата истёк"),
        ("not-yet-valid", "signature-not-yet-valid", "Сертификат ещё не действует"),
        ("revoked", "signature-revoked", "Сертификат отозван"),
        ("untrusted", "signature-untrusted", "Неизвестный удостоверяющий центр"),
        ("no-account", "signature-stranger", "Нет учётной записи владельца подписи"),
        ("other-name", "signature-stranger", "Сертификат выдан на другое имя"),
    ],
)
def test_a_certificate_that_opens_nothing(
    sandbox: PageClient, stand: Stand, acts: list[str], *, kind: str, act: str, heading: str
) -> None:
    """signature-*: each its own words, with whose certificate it is; the next file is chosen for the same errand."""
    page = send(sandbox, file_of(stand, kind), request_id=ask(stand), status=403)
    assert page.screen == "signature-refused"
    assert page.soup.h1.get_text() == heading  # type: ignore[union-attr]
    assert "Учебный удостоверяющий центр" in page.words
    assert acts == [act]
    assert not sessions_of(stand)
    again = page.soup.find("a", string="Выбрать другой файл")
    assert again["href"] == f"{stand.prefix}/login/signature?request=request-1"  # type: ignore[index]
    assert page.soup.find("a", href=f"{stand.prefix}/login?request=request-1") is not None
    assert send(sandbox, file_of(stand), request_id="request-1").location.endswith("/consent?request=request-1")


def test_the_stands_clock_decides(sandbox: PageClient, stand: Stand) -> None:
    """signature-expired, signature-not-yet-valid, S-74: the same two files, a week and a year later."""
    stand.clock.freeze(True)
    early, valid = file_of(stand, "not-yet-valid"), file_of(stand)
    send(sandbox, early, status=403)
    stand.clock.advance(timedelta(days=8))
    send(sandbox, early)
    stand.clock.advance(timedelta(days=360))
    page = send(sandbox, valid, status=403)
    with stand.database.reading() as session:
        issued = select(SignatureCertificate).where(SignatureCertificate.kind == "valid")
        until = date_long(session.exec(issued).one().not_after)
    assert f"Он действовал до {until}." in page.words.replace("\xa0", " ")


def test_what_is_revoked_later_opens_nothing(sandbox: PageClient, stand: Stand) -> None:
    """signature-revoked: what counts is the register at the moment of the sign-in."""
    data = file_of(stand)
    send(sandbox, data)
    with stand.database.writing() as session:
        row = session.exec(select(SignatureCertificate)).one()
        row.revoked_at = stand.clock.now()
        session.add(row)
    assert "Сертификат отозван" in send(sandbox, data, status=403).words


@pytest.mark.parametrize(
    ("kind", "act", "words"),
    [
        ("not-p12", "signature-not-p12", "Это не файл подписи (PKCS#12)."),
        ("no-key", "signature-no-key", "В этом файле нет закрытого ключа"),
    ],
)
def test_a_file_that_cannot_be_used(
    sandbox: PageClient, stand: Stand, acts: list[str], *, kind: str, act: str, words: str
) -> None:
    """signature-not-p12, signature-no-key: said at the field, and no try is counted for it."""
    for _ in range(7):
        page = send(sandbox, file_of(stand, kind), status=422)
        assert page.screen == "login-signature"
        assert words in page.soup.find(id="file-error").get_text()  # type: ignore[union-attr]
        assert "Войти по паролю" in page.words
    assert set(acts) == {act}


@pytest.mark.parametrize(
    "data", [b"MZ\x90", b"\x30\x82\xff\xff", b"\x30\x03\x02\x01\x03", b"%PDF-1.7 " * 900, b"\x30" * 999]
)
def test_any_other_bytes(sandbox: PageClient, stand: Stand, data: bytes) -> None:
    """signature-not-p12: whatever it is, the answer is the same page."""
    assert "Это не файл подписи" in send(sandbox, data, status=422).words


def test_wrong_pins_are_counted(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """signature-wrong-pin, S-36: five tries for a file, then it is closed for a while, and only it."""
    stand.clock.freeze(True)
    data = file_of(stand)
    for left in (4, 3, 2, 1):
        page = send(sandbox, data, pin=WRONG_PIN, status=422)
        assert f"ПИН-код не подошёл. Осталось попыток: {left}." in page.soup.find(id="pin-error").get_text()  # type: ignore[union-attr]
    page = send(sandbox, data, pin=WRONG_PIN, status=429)
    assert page.response.headers["Retry-After"] == "900"
    assert "Попытки для этого файла закончились." in page.words
    assert "в " in page.words
    assert "мск" in page.words
    send(sandbox, data, status=429)
    assert not sessions_of(stand)
    send(sandbox, file_of(stand))
    stand.clock.advance(timedelta(minutes=15))
    send(sandbox, data)
    assert acts.count("signature-wrong-pin") == 6


def test_the_right_pin_ends_the_count(sandbox: PageClient, stand: Stand) -> None:
    """U-13: mistakes of another day are not held against anybody."""
    data = file_of(stand)
    for _ in range(2):
        for _ in range(4):
            send(sandbox, data, pin=WRONG_PIN, status=422)
        send(sandbox, data)


def test_a_file_whose_pin_nobody_knows(sandbox: PageClient, stand: Stand) -> None:
    """signature-wrong-pin: the specimen for it."""
    assert "ПИН-код не подошёл" in send(sandbox, file_of(stand, "unknown-pin"), status=422).words


def test_what_is_missing_is_told_at_its_field(sandbox: PageClient, stand: Stand) -> None:
    """U-7, U-10: both at once."""
    sandbox.get("/login/signature")
    page = sandbox.post("/login/signature", {"pin": ""}, 422, content_type="multipart/form-data")
    assert "Выберите файл подписи." in page.soup.find(id="summary").get_text()  # type: ignore[union-attr]
    assert "Введите ПИН-код." in page.soup.find(id="pin-error").get_text()  # type: ignore[union-attr]
    page = send(sandbox, file_of(stand), pin="", status=422)
    assert page.soup.find(id="file-error") is None
    assert page.soup.find(id="file").get("value") is None  # type: ignore[union-attr]


@pytest.mark.parametrize(("size", "status"), [(64 * 1024 + 1, 422), (1024 * 1024 + 1, 413)])
def test_too_much_is_the_wrong_file(sandbox: PageClient, stand: Stand, size: int, status: int) -> None:
    """S-56, U-10: a photo instead of the file is no dead end, however large it is."""
    page = send(sandbox, b"\xff\xd8" + b"\0" * size, status=status, request_id=ask(stand))
    assert page.screen == "login-signature"
    assert "не больше 64 КБ" in page.soup.find(id="file-error").get_text()  # type: ignore[union-attr]
    assert page.form("/login/signature")["csrf_token"]
    assert send(sandbox, file_of(stand), request_id="request-1").location.endswith("request=request-1")


def test_too_much_on_another_page_is_told_as_ever(sandbox: PageClient) -> None:
    """S-56: the words about the file are only where a file is asked for."""
    sandbox.get("/login")
    page = sandbox.post("/login", {"login": "a" * 1_100_000}, 413)
    assert page.screen == "too-large"


def test_an_account_that_is_closed(sandbox: PageClient, stand: Stand) -> None:
    """R-028: a blocked account stays blocked whatever it is opened with; a deleted one is unknown."""
    data = file_of(stand)
    for state, words in (("blocked", "Подпись верная, но войти сейчас нельзя"), ("deleted", "Нет учётной записи")):
        with stand.database.writing() as session:
            person = session.get_one(Person, person_of(stand, "svetlana").oid)
            person.state = state
            session.add(person)
        assert words in send(sandbox, data, status=403).words
    assert not sessions_of(stand)


def test_without_the_plug_in(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """signature-no-plugin, R-093: how to install it, and the other ways with the errand kept."""
    page = sandbox.get(at("/login/signature/plugin", ask(stand)))
    assert page.screen == "signature-no-plugin"
    assert "Как установить плагин" in page.words
    for way in ("/login/signature", "/login"):
        assert page.soup.find("a", href=f"{stand.prefix}{way}?request=request-1") is not None, way
    assert acts == ["signature-no-plugin"]


@pytest.mark.parametrize("path", ["/login/signature", "/login/signature/plugin"])
def test_a_request_that_is_gone(sandbox: PageClient, path: str) -> None:
    """S-60: what cannot be finished is not begun."""
    assert sandbox.get(at(path, "long-gone"), 400).screen == "login-stale"


def test_nothing_is_kept_of_file_and_pin(
    sandbox: PageClient,
    stand: Stand,
    *,
    sandbox_settings: SandboxSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """S-57: after the right and the wrong PIN neither is on the disk, in the database or in the log, nor was ever
    spooled to a file: werkzeug would do so with half a megabyte.
    """

    def spool(*_: object, **__: object) -> object:
        raise AssertionError("an upload was put on the disk")

    monkeypatch.setattr(werkzeug.formparser, "SpooledTemporaryFile", spool)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    pin = "Личный-ПИН-9182736455"
    with stand.database.writing() as session:
        issuer = authority.current(session)
        person = person_of(stand, "svetlana")
        key = ec.generate_private_key(ec.SECP256R1())
        now = stand.clock.now()
        certificate = authority.issue(
            issuer,
            x509.Name([x509.NameAttribute(issuing.SNILS, person.snils or "")]),
            key.public_key(),
            not_before=now,
            not_after=now + timedelta(days=1),
            list_address="http://localhost/",
            ids=stand.ids,
        )
    data = pkcs12.serialize_key_and_certificates(b"own", key, certificate, None, BestAvailableEncryption(pin.encode()))
    name = "private-name-of-a-file.p12"
    for typed, status in ((pin + "!", 422), (pin, 403)):
        send(sandbox, data, pin=typed, name=name, status=status)
    send(sandbox, data + b"\0" * 900_000, pin=pin, name=name, status=422)
    printed = "".join(capfd.readouterr())
    assert "signature_refused" in printed
    secrets = [pin.encode(), name.encode(), data[40:72], data[-48:-16], data[40:72].hex().encode()]
    kept = [printed.encode(), *_rows(stand), *(path.read_bytes() for path in _files(sandbox_settings, tmp_path))]
    assert len(kept) > 3
    for secret in secrets:
        assert not [whole for whole in kept if secret in whole], secret


def _rows(stand: Stand) -> list[bytes]:
    """Every row of the stand, as it is printed."""
    with stand.database.reading() as session:
        names = list(Person.metadata.tables)
        return [repr(session.execute(text(f'select * from "{name}"')).all()).encode() for name in names]


def _files(settings: SandboxSettings, tmp_path: Path) -> list[Path]:
    """Everything that the programs have on the disk."""
    folders = [Path(settings.demo_dir), tmp_path]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def download(sandbox: PageClient, kind: str) -> TestResponse:
    """Press the button of that file on the phone page."""
    values = {**sandbox.get("/phone?person=svetlana").form("/phone/token"), "file": kind}
    return sandbox.client.post(
        f"{sandbox.prefix}/phone/token?person=svetlana", data=values, base_url=sandbox.base_url, buffered=True
    )


def test_the_phone_hands_the_files_out(sandbox: PageClient, stand: Stand) -> None:
    """R-063: svetlana's token with its PIN and a specimen for each failure; who has no SNILS has none."""
    page = sandbox.get("/phone?person=svetlana")
    token = page.soup.find(attrs={"data-part": "token"})
    assert token is not None
    assert PIN in token.get_text()
    assert [button["value"] for button in token.find_all("button")] == list(KINDS)
    answer = download(sandbox, "valid")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="svetlana.p12"'
    assert answer.headers["Cache-Control"] == "no-store"
    send(sandbox, answer.get_data())
    assert "svetlana-expired.p12" in download(sandbox, "expired").headers["Content-Disposition"]
    assert sandbox.get("/phone?person=maria").soup.find(attrs={"data-part": "token"}) is None
    sandbox.get("/phone?person=svetlana")
    sandbox.post("/phone/token?person=maria", {"file": "valid"}, 404)
    sandbox.get("/phone?person=svetlana")
    sandbox.post("/phone/token?person=svetlana", {"file": "nonsense"}, 404)
    assert sandbox.get("/phone/token", 303).location.endswith("/phone?person=svetlana#tk")
