"""What is done with the portal's secret: cookies are signed, access tokens in the database encrypted (S-13, S-43)."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from itsdangerous import BadSignature, Signer

from foundation.ids import Ids


class Sealer:
    """Signs and encrypts under keys derived from one secret. It reads no clock: ages are kept in the database."""

    def __init__(self, secret: str) -> None:
        self._signer = Signer(secret, salt="portal.cookies", key_derivation="hmac", digest_method=hashlib.sha256)
        self._cipher = AESGCM(_derived(secret, "portal access token"))
        self._names = _derived(secret, "portal pseudonyms")

    def sign(self, value: str) -> str:
        """`value` with its signature, for a cookie."""
        return self._signer.sign(value).decode("ascii")

    def unsign(self, signed: str | None) -> str | None:
        """The value of a cookie that carries our signature, else None."""
        if signed is None or not signed.isascii():
            return None
        try:
            return self._signer.unsign(signed).decode("ascii")
        except (BadSignature, UnicodeDecodeError):
            return None

    def encrypt(self, text: str, *, belongs_to: str, ids: Ids) -> str:
        """`text` as it may be stored; it opens only together with `belongs_to`."""
        nonce = ids.number(0, 2**96 - 1).to_bytes(12, "big")
        sealed = self._cipher.encrypt(nonce, text.encode(), belongs_to.encode())
        return base64.b64encode(nonce + sealed).decode("ascii")

    def decrypt(self, stored: str, *, belongs_to: str) -> str | None:
        """The text; None if it was stored under another secret or for something else."""
        try:
            raw = base64.b64decode(stored, validate=True)
            return self._cipher.decrypt(raw[:12], raw[12:], belongs_to.encode()).decode()
        except (InvalidTag, ValueError):
            return None

    def pseudonym(self, value: str) -> str:
        """A name for `value` in the log: the same for the same person, and nothing can be read from it (S-62)."""
        return hmac.new(self._names, value.encode(), hashlib.sha256).hexdigest()[:12]


def _derived(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()
