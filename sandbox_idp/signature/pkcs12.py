"""Opening a PKCS#12 file that comes from anywhere: in memory, within limits, one type of error for each reason (S-57).

    FileError
    ├── NotPkcs12Error    it is something else
    ├── UnsupportedError  protected in a way that the stand does not know, or made to keep it busy
    ├── NoKeyError        no private key in it, or none that belongs to its certificate
    └── WrongPinError     the PIN does not open it

The order of the checks is fixed: what can be seen without the PIN is told before a try is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from asn1crypto import algos
from asn1crypto import pkcs12 as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

LARGEST = 64 * 1024
"""Bytes of a file: with a whole chain of certificates it has about ten thousand."""
LARGEST_KEY = 3072
"""Bytes of an encrypted key: RSA of 4096 bits takes 2400."""
MOST_ITERATIONS = 600_000
"""Of the file's key derivations together: about a third of a second."""


class FileError(Exception):
    """The file cannot be used."""


class NotPkcs12Error(FileError):
    """It is no PKCS#12."""


class UnsupportedError(FileError):
    """It is protected, or signs, in a way that the stand does not know."""


class NoKeyError(FileError):
    """There is no private key in it that belongs to its certificate."""


class WrongPinError(FileError):
    """The PIN does not open it."""


def open_file(data: bytes, pin: str, challenge: bytes) -> x509.Certificate:
    """The certificate in the file, whose private key has just signed `challenge`. Raises FileError."""
    _inspect(data)
    try:
        key, certificate, _others = pkcs12.load_key_and_certificates(data, pin.encode())
    except UnsupportedAlgorithm:
        raise UnsupportedError from None
    except (ValueError, TypeError):
        # What was seen from outside was in order, so what remains is the PIN.
        raise WrongPinError from None
    if key is None or certificate is None:
        raise NoKeyError
    _prove(key, certificate, challenge)
    return certificate


def _inspect(data: bytes) -> None:
    """Look at the file from outside: what kind it is, what it would cost to open, whether there is a key."""
    try:
        keys, iterations = [], 0
        for part in _parts(asn1.Pfx.load(data, strict=True)):
            if isinstance(part, int):
                iterations += part
            else:
                keys.append(part)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        raise NotPkcs12Error from None
    if iterations > MOST_ITERATIONS or any(len(key) > LARGEST_KEY for key in keys):
        raise UnsupportedError
    if not keys:
        raise NoKeyError


def _parts(file: asn1.Pfx) -> Iterator[int | bytes]:
    """Iterations of each derivation that can be seen, and each key as it lies in the file."""
    if file["version"].native != "v3":
        raise NotPkcs12Error
    if file["auth_safe"]["content_type"].native != "data":
        raise UnsupportedError
    if file["mac_data"].native is not None:
        yield int(file["mac_data"]["iterations"].native)
    for content in file.authenticated_safe:
        if content["content_type"].native == "encrypted_data":
            yield _iterations(content["content"]["encrypted_content_info"]["content_encryption_algorithm"])
        elif content["content_type"].native == "data":
            for bag in asn1.SafeContents.load(content["content"].native, strict=True):
                yield from _key_in(bag)
        else:
            raise UnsupportedError


def _key_in(bag: Any) -> Iterator[int | bytes]:
    if bag["bag_id"].native == "pkcs8_shrouded_key_bag":
        yield _iterations(bag["bag_value"]["encryption_algorithm"])
        yield bag["bag_value"]["encrypted_data"].native
    elif bag["bag_id"].native == "key_bag":
        yield bag["bag_value"].dump()


def _iterations(algorithm: algos.EncryptionAlgorithm) -> int:
    try:
        return int(algorithm.kdf_iterations)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise UnsupportedError from None


def _prove(key: Any, certificate: x509.Certificate, challenge: bytes) -> None:
    """Let the key sign, and check that with the certificate: whoever shows a certificate must have its key."""
    try:
        public = certificate.public_key()
        if isinstance(key, rsa.RSAPrivateKey) and isinstance(public, rsa.RSAPublicKey):
            public.verify(
                key.sign(challenge, padding.PKCS1v15(), hashes.SHA256()),
                challenge,
                padding.PKCS1v15(),
                hashes.SHA256(),
            )
        elif isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(key.sign(challenge, ec.ECDSA(hashes.SHA256())), challenge, ec.ECDSA(hashes.SHA256()))
        else:
            raise UnsupportedError
    except InvalidSignature:
        raise NoKeyError from None
    except (ValueError, UnsupportedAlgorithm):
        raise UnsupportedError from None
