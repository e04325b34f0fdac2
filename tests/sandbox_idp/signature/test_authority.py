"""The stand's certificate authority against an independent program, and against authorities that only look like it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import get_args

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from sqlmodel import select

from sandbox_idp.accounts.models import Person
from sandbox_idp.context import Stand, use_stand
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.signature import authority, issuing, trust
from sandbox_idp.signature import pkcs12 as files
from sandbox_idp.signature.authority import NAME, Authority
from sandbox_idp.signature.issuing import KINDS, PIN, SignatureKind
from sandbox_idp.signature.models import SignatureAuthority
from sandbox_idp.stands import archive
from sandbox_idp.stands.house import House
from tests.pages import PageClient
from tests.sandbox_idp.sign_in.journey import person_of, sessions_of
from tools import independent

SUBJECT = "/C=RU/CN=Садовая Светлана Юрьевна/1.2.643.100.3=00010313128"
EXTENSIONS = """\
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
"""


def file_of(stand: Stand, kind: str = issuing.VALID) -> bytes:
    """A file of svetlana's token."""
    with stand.database.writing() as session:
        person = session.get_one(Person, person_of(stand, "svetlana").oid)
        made = issuing.make_file(
            session, person, KINDS[kind], now=stand.clock.now(), ids=stand.ids, idp_url=stand.idp_url
        )
    return made.data


def send(sandbox: PageClient, data: bytes, status: int, pin: str = PIN) -> str:
    """Sign in with a file; the words of the answer."""
    sandbox.get("/login/signature")
    values = {"file": (BytesIO(data), "my.p12"), "pin": pin}
    return sandbox.post("/login/signature", values, status, content_type="multipart/form-data").words


def own(stand: Stand) -> Authority:
    """The authority of a stand, able to issue."""
    with stand.database.reading() as session:
        return authority.current(session)


@pytest.fixture
def openssl(tmp_path: Path) -> Callable[..., str]:
    """Run OpenSSL in the test's own folder; what it printed."""
    program = independent.need_command("openssl")

    def run(*arguments: str) -> str:
        # Arguments of this test alone.
        done = subprocess.run([program, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return run


def put_authority(folder: Path, issuer: Authority) -> None:
    """Lay the authority's key and certificate where OpenSSL can use them."""
    key = issuer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "ca.key").write_bytes(key)
    (folder / "ca.pem").write_bytes(issuer.certificate.public_bytes(Encoding.PEM))


def made_by_openssl(openssl: Callable[..., str], folder: Path, issuer: Authority, *more: str) -> bytes:
    """A PKCS#12 whose key, request, certificate and file are all OpenSSL's work, under `issuer`."""
    put_authority(folder, issuer)
    (folder / "extensions").write_text(EXTENSIONS)
    openssl(
        "req",
        "-new",
        "-utf8",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "own.key",
        "-subj",
        SUBJECT,
        "-out",
        "own.csr",
    )
    openssl(
        *("x509", "-req", "-in", "own.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30"),
        *("-extfile", "extensions", "-out", "own.pem"),
    )
    openssl(
        *("pkcs12", "-export", "-inkey", "own.key", "-in", "own.pem", "-certfile", "ca.pem", "-out", "own.p12"),
        *("-passout", f"pass:{PIN}", *more),
    )
    return (folder / "own.p12").read_bytes()


def test_a_file_made_by_openssl_under_the_authority_signs_in(
    sandbox: PageClient, stand: Stand, openssl: Callable[..., str], tmp_path: Path
) -> None:
    """R-063: the check is of the format and the chain, not of what this program makes itself."""
    send(sandbox, made_by_openssl(openssl, tmp_path, own(stand)), 303)
    assert sessions_of(stand)[0].person_oid == person_of(stand, "svetlana").oid


def test_one_under_another_authority_of_the_same_names_does_not(
    sandbox: PageClient, stand: Stand, openssl: Callable[..., str], tmp_path: Path
) -> None:
    """signature-untrusted: names can be copied, a key cannot."""
    key = rsa.generate_private_key(65537, 2048)
    forged = Authority(key, authority.self_signed(key, now=stand.clock.now(), ids=stand.ids))
    assert forged.certificate.subject == own(stand).certificate.subject
    words = send(sandbox, made_by_openssl(openssl, tmp_path, forged), 403)
    assert "Неизвестный удостоверяющий центр" in words
    assert not sessions_of(stand)


def test_what_the_stand_issues_opens_in_openssl(
    sandbox: PageClient, stand: Stand, openssl: Callable[..., str], tmp_path: Path
) -> None:
    """R-063: a real PKCS#12 with a certificate that OpenSSL verifies, and one that it finds revoked."""
    for address, name in (("authority.cer", "ca.cer"), ("revoked.crl", "list.crl")):
        if name == "list.crl":
            revoked = file_of(stand, "revoked")
        path = f"{sandbox.prefix}/signature/{address}"
        answer = sandbox.client.get(path, base_url=sandbox.base_url, buffered=True)
        (tmp_path / name).write_bytes(answer.get_data())
    openssl("x509", "-inform", "DER", "-in", "ca.cer", "-out", "ca.pem")
    openssl("crl", "-inform", "DER", "-in", "list.crl", "-out", "list.pem")
    for name, data in (("valid", file_of(stand)), ("revoked", revoked)):
        (tmp_path / "file.p12").write_bytes(data)
        pin = ("-passin", f"pass:{PIN}")
        key = openssl("pkcs12", "-in", "file.p12", *pin, "-nocerts", "-nodes")
        assert "BEGIN PRIVATE KEY" in key
        (tmp_path / f"{name}.pem").write_text(openssl("pkcs12", "-in", "file.p12", *pin, "-clcerts", "-nokeys"))
    text = openssl("x509", "-in", "valid.pem", "-noout", "-subject", "-nameopt", "utf8", "-serial")
    assert "CN=Садовая Светлана Юрьевна" in text.replace(" = ", "=")
    assert "00010313128" in text
    check = ("verify", "-CAfile", "ca.pem", "-CRLfile", "list.pem", "-crl_check")
    assert "valid.pem: OK" in openssl(*check, "valid.pem")
    with pytest.raises(AssertionError, match="revoked"):
        openssl(*check, "revoked.pem")


def issued(
    issuer: Authority,
    stand: Stand,
    *,
    key: CertificateIssuerPrivateKeyTypes,
    name: x509.Name = NAME,
    claims: x509.SubjectKeyIdentifier | None = None,
    usage: x509.KeyUsage | None = None,
    extra: x509.ExtensionType | None = None,
    is_authority: bool = False,
) -> x509.Certificate:
    """A certificate for svetlana that is as it should be but for what is said."""
    now = stand.clock.now()
    builder = (
        x509.CertificateBuilder()
        .subject_name(
            x509.Name(
                [
                    x509.NameAttribute(NameOID.COMMON_NAME, "Садовая Светлана Юрьевна"),
                    x509.NameAttribute(issuing.SNILS, "00010313128"),
                ]
            )
        )
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(stand.ids.number(1, 2**100))
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(claims or issuer.key_identifier), False
        )
    )
    if usage is not None:
        builder = builder.add_extension(usage, critical=True)
    if extra is not None:
        builder = builder.add_extension(extra, critical=True)
    return builder.sign(issuer.key, hashes.SHA256())


SIGNS = authority.key_usage(sign_certificates=False)


def judged(stand: Stand, certificate: x509.Certificate) -> str:
    """What the stand makes of a certificate: the person, or the type of the error."""
    with stand.database.reading() as session:
        try:
            return trust.owner(session, certificate, stand.clock.now()).persona or ""
        except trust.CertificateError as error:
            return type(error).__name__


def test_name_signature_and_key_identifier_must_all_be_the_authoritys(stand: Stand) -> None:
    """signature-untrusted: each of the three is forged in turn, the others being right."""
    mine, key = own(stand), ec.generate_private_key(ec.SECP256R1())
    assert judged(stand, issued(mine, stand, key=key, usage=SIGNS)) == "svetlana"
    stranger_key = rsa.generate_private_key(65537, 2048)
    stranger = Authority(stranger_key, authority.self_signed(stranger_key, now=stand.clock.now(), ids=stand.ids))
    claims = mine.key_identifier
    assert judged(stand, issued(stranger, stand, key=key, usage=SIGNS, claims=claims)) == "UntrustedError"
    assert judged(stand, issued(mine, stand, key=key, usage=SIGNS, claims=stranger.key_identifier)) == "UntrustedError"
    other = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Другой центр")])
    assert judged(stand, issued(mine, stand, key=key, usage=SIGNS, name=other)) == "UntrustedError"


def test_a_certificate_for_something_else_does_not_sign_in(stand: Stand) -> None:
    """signature-untrusted: key usage, an authority's certificate, and a critical extension that nobody understands."""
    mine, key = own(stand), ec.generate_private_key(ec.SECP256R1())
    strange = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.643.100.999"), b"\x05\x00")
    for change in (
        {"usage": None},
        {"usage": authority.key_usage(sign_certificates=True)},
        {"usage": SIGNS, "is_authority": True},
        {"usage": SIGNS, "extra": strange},
    ):
        assert judged(stand, issued(mine, stand, key=key, **change)) == "UsageError", change  # type: ignore[arg-type]


def test_the_key_in_the_file_must_be_the_certificates(stand: Stand) -> None:
    """S-57, signature-no-key: a certificate is public, so showing one proves nothing."""
    own_key, other_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    certificate = issued(own(stand), stand, key=own_key, usage=SIGNS)
    assert files._prove(own_key, certificate, b"challenge") is None
    for key in (other_key, rsa.generate_private_key(65537, 2048)):
        with pytest.raises(files.FileError):
            files._prove(key, certificate, b"challenge")


def test_what_would_keep_the_stand_busy_is_not_opened(stand: Stand) -> None:
    """S-61: how often a key is to be derived, and how large it is, is looked at before it is done."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = issued(own(stand), stand, key=key, usage=SIGNS)
    slow = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(files.MOST_ITERATIONS).build(PIN.encode())
    data = pkcs12.serialize_key_and_certificates(None, key, certificate, None, slow)
    with pytest.raises(files.UnsupportedError):
        files.open_file(data, "wrong", b"challenge")
    plain = pkcs12.serialize_key_and_certificates(None, key, certificate, None, BestAvailableEncryption(b"1"))
    with pytest.raises(files.NotPkcs12Error):
        files.open_file(plain + b"\0", "1", b"challenge")
    assert files.open_file(plain, "1", b"challenge") == certificate


def test_a_certificate_in_which_nothing_makes_sense(sandbox: PageClient, stand: Stand) -> None:
    """S-53, S-61: no end, a name that is a script, one that cannot be read: refused like any other, on a page."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = "<script>alert(1)</script>" * 2
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(NAME)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(stand.clock.now())
        .not_valid_after(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    )
    certificate = builder.sign(key, hashes.SHA256())
    data = pkcs12.serialize_key_and_certificates(None, key, certificate, None, BestAvailableEncryption(b"1"))
    words = send(sandbox, data, 403, "1")
    assert "Неизвестный удостоверяющий центр" in words
    assert name in words
    assert "30 декабря 9999" in words
    spoilt = certificate.public_bytes(Encoding.DER).replace(b"<script>", b"\xff" * 8)
    assert trust.shown(x509.load_der_x509_certificate(spoilt)).owner == ""


def test_every_stand_has_an_authority_of_its_own(
    house: House, stand: Stand, sandbox_program: object, sandbox_settings: SandboxSettings
) -> None:
    """Isolation: not a reset, not a copy of a snapshot and not an imported file carries the authority along; what one
    stand has issued opens nothing in another, though the people and the names are the same.
    """
    data = file_of(stand)
    snapshot = house.take_snapshot(stand.id)
    copied = house.create("copy", snapshot=snapshot.id).stand
    file = archive.read(house.export(stand.id), schema_version=house.schema_version)
    imported = house.create("import", pour=file.pour).stand
    try:
        keys = set()
        for each in (stand, copied, imported):
            with each.database.reading() as session:
                keys.add(session.exec(select(SignatureAuthority.private_pem)).one())
        assert len(keys) == 3
        for each in (copied, imported):
            with use_stand(each):
                browser = PageClient(sandbox_program, sandbox_settings.public_url, each.prefix)
                assert "Неизвестный удостоверяющий центр" in send(browser, data, 403)
                assert not sessions_of(each)
                send(browser, file_of(each), 303)
    finally:
        for each in (copied, imported):
            house.delete(each.id)
    browser = PageClient(sandbox_program, sandbox_settings.public_url, stand.prefix)
    send(browser, data, 303)


def test_a_name_longer_than_a_certificate_holds(stand: Stand) -> None:
    """RFC 5280, A.1: a common name ends after 64 bytes; what is compared are surname and given names."""
    with stand.database.writing() as session:
        person = session.get_one(Person, person_of(stand, "svetlana").oid)
        person.surname = "Садовая-Полевая-" * 6
        session.add(person)
    _, certificate, _ = pkcs12.load_key_and_certificates(file_of(stand), PIN.encode())
    assert certificate is not None
    assert judged(stand, certificate) == "svetlana"


def test_every_kind_of_file_has_its_name() -> None:
    """What the control API offers is what there is."""
    assert get_args(SignatureKind) == tuple(KINDS)
