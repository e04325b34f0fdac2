"""The keys that tokens of Gosuslugi may be signed with (S-12).

They come from a JWKS address or from a certificate file and are kept: an outage of the address does not stop sign-ins
once the keys are known. When none fits, the set is fetched again, so that a rotation needs no restart, but not more
often than five times in a minute: forged tokens must not turn into a flood of requests.
"""

from __future__ import annotations

import base64
import binascii
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from foundation.clock import Clock
from foundation.log import get_log
from portal.esia.errors import EsiaError, KeysUnavailable
from portal.esia.shapes import mapping

log = get_log("portal.esia")

SMALLEST_KEY = 2048
KEPT_FOR = timedelta(minutes=10)
"""After this a set is fetched again when it is next needed, so that a withdrawn key does not stay trusted for ever."""
FETCHES, PER = 5, timedelta(minutes=1)

Fetch = Callable[[], Any]
"""Gets the parsed JSON of the key set; raises EsiaError."""


class TrustedKeys:
    """The key set of one client of ESIA."""

    def __init__(self, clock: Clock, fetch: Fetch) -> None:
        self._clock = clock
        self._fetch = fetch
        self._lock = threading.Lock()
        self._keys: tuple[RSAKey, ...] = ()
        self._stale_at: datetime | None = None
        self._fetched: deque[datetime] = deque(maxlen=FETCHES)

    def current(self) -> tuple[RSAKey, ...]:
        """The keys known; fetched first if there are none or they are old. KeysUnavailable if none can be had."""
        with self._lock:
            keys, stale_at = self._keys, self._stale_at
        if stale_at is None or self._clock.now() >= stale_at:
            keys = self._refreshed()
        if not keys:
            raise KeysUnavailable(call="keys")
        return keys

    def renewed(self) -> tuple[RSAKey, ...]:
        """The keys after fetching them once more; the old ones where that is not allowed yet or fails."""
        now = self._clock.now()
        with self._lock:
            if len(self._fetched) == FETCHES and now - self._fetched[0] < PER:
                log.warning("keys_not_fetched", reason="asked too often")
                return self._keys
            self._fetched.append(now)
        return self._refreshed()

    def _refreshed(self) -> tuple[RSAKey, ...]:
        """Fetch the set and keep what is usable. The lock is not held meanwhile: nobody waits for another's fetch."""
        try:
            keys = read_key_set(self._fetch())
        except EsiaError as error:
            log.warning("keys_not_fetched", reason=error.reason)
            keys = ()
        with self._lock:
            if keys:
                self._keys = keys
            if self._keys:
                # A set that could not be renewed is kept, and asked for again in a minute, not at every sign-in.
                self._stale_at = self._clock.now() + (KEPT_FOR if keys else PER)
            return self._keys


def read_key_set(answer: Any) -> tuple[RSAKey, ...]:
    """The usable keys of a JWKS: RSA for signatures, large enough. Others are passed over, not complained about."""
    found = mapping(answer, "keys").get("keys")
    keys = [_read_key(item) for item in found] if isinstance(found, list) else []
    return tuple(key for key in keys if key is not None)


def _read_key(item: Any) -> RSAKey | None:
    if not isinstance(item, dict) or item.get("kty") != "RSA":
        return None
    if item.get("use", "sig") != "sig" or item.get("alg", "RS256") != "RS256":
        return None
    modulus, exponent = item.get("n"), item.get("e")
    name = {"kid": item["kid"]} if isinstance(item.get("kid"), str) else {}
    if not isinstance(modulus, str) or not isinstance(exponent, str) or not _is_large_enough(modulus):
        return None
    try:
        # Only these members are taken over: what else a stranger's document says of the key is not believed.
        return RSAKey.import_key({"kty": "RSA", "n": modulus, "e": exponent, **name})
    except (JoseError, ValueError):
        return None


def _is_large_enough(modulus: str) -> bool:
    try:
        number = base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4))
    except (binascii.Error, ValueError):
        return False
    return int.from_bytes(number, "big").bit_length() >= SMALLEST_KEY


def certificate_fetch(path: Path) -> Fetch:
    """Takes the key out of a certificate file (PEM or DER), read anew each time: an operator may replace it."""

    def fetch() -> Any:
        try:
            raw = path.read_bytes()
            pem = raw.lstrip().startswith(b"-----")
            certificate = x509.load_pem_x509_certificate(raw) if pem else x509.load_der_x509_certificate(raw)
        except (OSError, ValueError):
            raise KeysUnavailable(call="keys", detail="the certificate file cannot be read") from None
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise KeysUnavailable(call="keys", detail="the certificate holds no RSA key")
        public = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return {"keys": [RSAKey.import_key(public).as_dict(private=False)]}

    return fetch
