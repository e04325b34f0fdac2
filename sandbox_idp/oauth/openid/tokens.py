"""Tokens for OpenID clients: `kid` in the header, the stand's own address as issuer, `sub` as text."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox_idp.oauth import tokens
from sandbox_idp.oauth.signing_keys import encode
from sandbox_idp.scenarios.points import TokenDraft

TWO_FACTORS = "https://refeds.org/profile/mfa"
ONE_FACTOR = "https://refeds.org/profile/sfa"
"""Names for `acr` that exist outside of this project."""

_FIRST = {"PWD": "pwd", "DS": "hwk"}
_SECOND = {"otp": "sms", "totp": "otp", "push": "swk"}
"""Gosuslugi's words for a factor as `amr` values (RFC 8176)."""


@dataclass(frozen=True)
class Grant:
    """What tokens are made for."""

    issuer: str
    client_id: str
    scope: str
    issued_at: datetime
    jti: str
    nonce: str | None


def access_draft(bearer: tokens.Bearer, grant: Grant, kid: str) -> TokenDraft:
    """The access token, an hour (RFC 9068); to a client it is any text."""
    claims = {
        "iss": grant.issuer,
        "sub": str(bearer.person.oid),
        "aud": grant.issuer,
        **_times(grant.issued_at),
        "jti": grant.jti,
        "client_id": grant.client_id,
        "scope": grant.scope,
    }
    return TokenDraft({"alg": "RS256", "typ": "at+jwt", "kid": kid}, claims)


def id_draft(bearer: tokens.Bearer, grant: Grant, kid: str, *, access: str) -> TokenDraft:
    """The id token, an hour; `access` is the token that it vouches for (`at_hash`)."""
    signed_in = bearer.session
    claims: dict[str, Any] = {
        "iss": grant.issuer,
        "sub": str(bearer.person.oid),
        "aud": grant.client_id,
        **_times(grant.issued_at),
        "auth_time": int(signed_in.authenticated_at.timestamp()),
        **({"nonce": grant.nonce} if grant.nonce is not None else {}),
        "at_hash": half_hash(access),
        "acr": TWO_FACTORS if signed_in.second_factor else ONE_FACTOR,
        "amr": methods(signed_in.method, signed_in.second_factor),
        "sid": signed_in.sid,
    }
    return TokenDraft({"alg": "RS256", "typ": "JWT", "kid": kid}, claims)


def methods(first: str, second: str | None) -> list[str]:
    """How the person signed in, as `amr`."""
    return [_FIRST[first], *([_SECOND[second], "mfa"] if second else [])]


def half_hash(token: str) -> str:
    """The left half of the SHA-256 of a token (OpenID Connect Core 3.1.3.6)."""
    return encode(hashlib.sha256(token.encode()).digest()[:16])


def _times(issued_at: datetime) -> dict[str, int]:
    seconds = int(issued_at.timestamp())
    return {"exp": seconds + int(tokens.ACCESS_LIFE.total_seconds()), "iat": seconds}
