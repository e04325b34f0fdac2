"""The stand's own keys for codes and tokens, and what the world may see of them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlmodel import col, select

from foundation.database import Session
from foundation.ids import Ids
from sandbox_idp.keys import load_private_key, new_private_key, self_signed_certificate
from sandbox_idp.oauth.models import SigningKey

PUBLISHED_AFTER_RETIREMENT = timedelta(hours=3)
"""A retired key stays published while an id token signed with it may still live."""


def add_key(session: Session, private_pem: str, *, now: datetime, ids: Ids) -> SigningKey:
    """Make `private_pem` the key that signs from now on; the one before it is retired."""
    for old in session.exec(select(SigningKey).where(col(SigningKey.retired_at).is_(None))):
        old.retired_at = now
        session.add(old)
    key = SigningKey(
        kid=_thumbprint(loaded(private_pem).public_key()),
        private_pem=private_pem,
        certificate_pem=self_signed_certificate(private_pem, "Training ESIA", now=now, ids=ids),
        created_at=now,
    )
    session.add(key)
    return key


def rotate(session: Session, *, now: datetime, ids: Ids) -> SigningKey:
    """Begin to sign with a new key; the old one stays published while what it has signed may still live (S-12)."""
    return add_key(session, new_private_key(), now=now, ids=ids)


def current_key(session: Session) -> SigningKey:
    """The key that signs; a stand always has one. Of two that were made at the same moment it is always the same."""
    living = select(SigningKey).where(col(SigningKey.retired_at).is_(None))
    return session.exec(living.order_by(col(SigningKey.created_at).desc(), col(SigningKey.kid)).limit(1)).one()


@lru_cache(maxsize=256)
def loaded(private_pem: str) -> rsa.RSAPrivateKey:
    """The key object of a PEM, which is costly to read; kept by its content, so no stand can get another's."""
    return load_private_key(private_pem)


def key_set(session: Session, now: datetime) -> dict[str, Any]:
    """The public keys as a JWK set."""
    keys = session.exec(select(SigningKey).order_by(col(SigningKey.created_at).desc(), col(SigningKey.kid)))
    return {
        "keys": [
            as_jwk(key) for key in keys if key.retired_at is None or now < key.retired_at + PUBLISHED_AFTER_RETIREMENT
        ]
    }


def as_jwk(key: SigningKey) -> dict[str, Any]:
    """The public half of a key as a JWK (RFC 7517)."""
    members = _public_members(loaded(key.private_pem).public_key())
    return {"kty": members["kty"], "kid": key.kid, "alg": key.algorithm, "use": "sig", **members}


def certificates_archive(key: SigningKey) -> bytes:
    """What ESIA offers as `esia.zip`: the certificate as DER and PEM, the public key as PEM and as JWK."""
    certificate = x509.load_pem_x509_certificate(key.certificate_pem.encode("ascii"))
    public = certificate.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    files = {
        "RSA_STAND.cer": certificate.public_bytes(serialization.Encoding.DER),
        "RSA_STAND.pem": key.certificate_pem.encode("ascii"),
        "RSA_STAND_PUBLIC.pem": public,
        "RSA_STAND_JWK.jwk": json.dumps(as_jwk(key), indent=2).encode(),
    }
    made = key.created_at
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(
                zipfile.ZipInfo(name, (made.year, made.month, made.day, made.hour, made.minute, made.second)), body
            )
    return stream.getvalue()


def encode(data: bytes) -> str:
    """Base64url without padding, as JOSE wants it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _public_members(key: rsa.RSAPublicKey) -> dict[str, str]:
    numbers = key.public_numbers()
    return {"kty": "RSA", "n": _integer(numbers.n), "e": _integer(numbers.e)}


def _thumbprint(key: rsa.RSAPublicKey) -> str:
    """RFC 7638: the hash of the required members in alphabetical order."""
    text = json.dumps(_public_members(key), sort_keys=True, separators=(",", ":"))
    return encode(hashlib.sha256(text.encode()).digest())


def _integer(value: int) -> str:
    return encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))
