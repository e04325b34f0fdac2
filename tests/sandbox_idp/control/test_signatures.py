"""Electronic signatures over the control API."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.serialization import pkcs12

from sandbox_idp.context import Stand
from sandbox_idp.signature.issuing import SNILS
from tests.sandbox_idp.control.conftest import ControlClient


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
