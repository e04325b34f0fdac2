"""Randomness and identifiers. Every random value of both programs is made here, from the system's CSPRNG."""

from __future__ import annotations

import base64
import secrets
import uuid
from typing import Protocol

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Ids(Protocol):
    """Makes random values; a test may hand in a predictable one."""

    def token(self, size: int = 32) -> str:
        """An opaque URL-safe value of `size` random bytes (default 256 bits; S-03 and S-43 ask for at least 128)."""
        ...

    def digits(self, count: int) -> str:
        """`count` random decimal digits, leading zeros included (S-36)."""
        ...

    def number(self, low: int, high: int) -> int:
        """A random integer, `low` and `high` included."""
        ...

    def uuid(self) -> str:
        """A random UUID in its usual 36 characters."""
        ...

    def stand(self) -> str:
        """The id of a stand: 16 characters of base32 in lower case, 80 random bits (`docs/control-api.md`)."""
        ...

    def reference(self) -> str:
        """A reference for support: seven characters of Crockford base32 as `4K7-Q2M`."""
        ...


class SystemIds:
    """The real source."""

    def token(self, size: int = 32) -> str:
        return secrets.token_urlsafe(size)

    def digits(self, count: int) -> str:
        return "".join(secrets.choice("0123456789") for _ in range(count))

    def number(self, low: int, high: int) -> int:
        return low + secrets.randbelow(high - low + 1)

    def uuid(self) -> str:
        return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))

    def stand(self) -> str:
        return base64.b32encode(secrets.token_bytes(10)).decode("ascii").lower()

    def reference(self) -> str:
        letters = [secrets.choice(CROCKFORD) for _ in range(6)]
        return "".join(letters[:3]) + "-" + "".join(letters[3:])
