"""`client_secret` of the first generation of ESIA: a detached CMS signature over the request's own parameters."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509 import Certificate


def timestamp(now: datetime) -> str:
    """ESIA's way to write a time: `2026.11.22 11:03:00 +0000`."""
    return f"{now.astimezone(UTC):%Y.%m.%d %H:%M:%S} +0000"


def client_secret(
    *,
    key: rsa.RSAPrivateKey,
    certificate: Certificate,
    scope: str,
    timestamp: str,
    client_id: str,
    state: str,
) -> str:
    """PKCS#7 SignedData without content, DER, in URL-safe base64, over `scope + timestamp + client_id + state`."""
    text = f"{scope}{timestamp}{client_id}{state}".encode()
    signed = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(text)
        .add_signer(certificate, key, hashes.SHA256())
        .sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])
    )
    return base64.urlsafe_b64encode(signed).decode("ascii")
