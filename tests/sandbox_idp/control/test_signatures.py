"""Electronic signatures over the control API."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.serialization import pkcs12

from sandbox_idp.context import Stand
from sandbox_idp.signature.issuing import SNILS
from tests.pages import PageClient
from tests.sandbox_idp.control.conftest import ControlClient
from tests.sandbox_idp.sign_in.journey import arrived, person_of
from tests.sandbox_idp.sign_in.test_signature import send


def test_a_signature_is_issued_to_whoever_has_a_snils(control: ControlClient, stand: Stand) -> None:
    """R-063: a persona or somebody made up; the file opens with the PIN that is told."""
    made = control.call("POST", "/people", {"level": "confirmed-signature"}, status=201)
    for person, snils in (("svetlana", "00010313128"), (made["id"], made["snils"])):
        told = control.call("POST", f"/people/{person}/signatures", status=201)
        assert told["name"] == f"{person}.p12"
        key, certificate, _ = pkcs12.load_key_and_certificates(base64.b64decode(told["file"]), told["pin"].encode())
        assert key is not None
        assert certificate is not None
        assert [part.value for part in certificate.subject.get_attributes_for_oid(SNILS)] == [snils]
        assert certificate.not_valid_before_utc < stand.clock.now() < certificate.not_valid_after_utc


def test_why_there_is_none(control: ControlClient) -> None:
    """The owner is found by the SNILS; other kinds than those there are do not exist."""
    assert control.call("POST", "/people/maria/signatures", status=409)["code"] == "no-snils"
    assert control.call("POST", "/people/nobody/signatures", status=404)["code"] == "unknown-person"
    control.call("POST", "/people/svetlana/signatures", {"kind": "golden"}, status=422)


def test_what_the_operator_revokes_opens_nothing_and_another_one_does(
    control: ControlClient, sandbox: PageClient, stand: Stand
) -> None:
    """signature-revoked, R-063: refused with its own words and the moment; the person is told; a new file signs in."""
    waiting = {"request": "revoke:svetlana", "decision": "grant"}
    assert control.refused("POST", "/decisions", waiting, status=404)["code"] == "unknown-request"
    answer = control.call("POST", "/people/svetlana/signatures", {}, status=201)
    file = base64.b64decode(answer["file"])
    send(sandbox, file)
    decided = control.call("POST", "/decisions", waiting)
    assert decided["person_oid"] == person_of(stand, "svetlana").oid
    page = send(sandbox, file, status=403)
    assert "Сертификат отозван" in page.words
    assert "Удостоверяющий центр отозвал его" in page.words
    assert "Сертификат подписи отозван" in arrived(stand, "+70001000011")[-1].text
    assert control.refused("POST", "/decisions", waiting, status=404)["code"] == "unknown-request"
    again = control.call("POST", "/people/svetlana/signatures", {}, status=201)
    send(sandbox, base64.b64decode(again["file"]))
    send(sandbox, file, status=403)


def test_a_refusal_to_revoke_changes_nothing(control: ControlClient, sandbox: PageClient) -> None:
    """Somebody else asked for it."""
    answer = control.call("POST", "/people/svetlana/signatures", {}, status=201)
    refusal = {"request": "revoke:svetlana", "decision": "refuse", "reasons": ["Просил не владелец."]}
    control.call("POST", "/decisions", refusal)
    send(sandbox, base64.b64decode(answer["file"]))
