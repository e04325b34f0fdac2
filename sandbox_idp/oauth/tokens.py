"""Codes and tokens as ESIA makes them: JWT with its own header members in its own order and without `kid`.

The signer is our own because the order of the header's members is part of the wire (`docs/esia-protocol.md`, "JWT
contents") and because a scenario may ask for what no library would sign.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox_idp.accounts.models import GosuslugiSession, Person
from sandbox_idp.keys import new_private_key
from sandbox_idp.oauth import scopes as catalogue
from sandbox_idp.oauth.models import SigningKey
from sandbox_idp.oauth.signing_keys import encode, loaded
from sandbox_idp.scenarios.points import TokenDraft

ISSUER = "http://esia.gosuslugi.ru/"
"""`iss` of every code and token: the production value, which several clients have hard-coded. It is a name, not an
address, and stands in every stand alike."""

CODE_LIFE = timedelta(seconds=240)
OPENID_CODE_LIFE = timedelta(seconds=60)
ACCESS_LIFE = timedelta(minutes=60)
ID_LIFE = timedelta(seconds=10800)
REFRESH_LIFE = timedelta(minutes=1440)


@dataclass(frozen=True)
class Bearer:
    """Whom a token is about, and how this person signed in."""

    person: Person
    session: GosuslugiSession

    @property
    def confirmed(self) -> bool:
        """Whether the account is a confirmed one."""
        return self.person.level.startswith("confirmed")

    def subject(self, *, electronic_id: bool = False) -> dict[str, Any]:
        """`urn:esia:sbj`; `is_tru` is absent unless the account is confirmed."""
        oid = self.person.oid
        claims: dict[str, Any] = {"urn:esia:sbj:lvl": "PR" if self.confirmed else "P", "urn:esia:sbj:typ": "P"}
        if self.confirmed:
            claims["urn:esia:sbj:is_tru"] = True
        claims["urn:esia:sbj:oid"] = oid
        claims["urn:esia:sbj:nam"] = f"OID.{oid}"
        if electronic_id:
            claims["urn:esia:sbj:eid"] = oid
        return claims

    def second_factor(self) -> dict[str, Any]:
        """`acr`, absent after a sign-in with one factor (S-10)."""
        return {"acr": {"2fa": self.session.second_factor}} if self.session.second_factor else {}


@dataclass(frozen=True)
class Grant:
    """What a code or token is made for."""

    client_id: str
    scopes: Sequence[str]
    state: str
    issued_at: datetime
    jti: str
    """Makes two of the same second differ: RS256 gives the same bytes for the same claims; rows are found by hash."""
    nonce: str | None = None
    integer_sub: bool = True
    code_life: timedelta = CODE_LIFE
    remote_ip: str = ""
    user_agent: str = ""


def code_draft(bearer: Bearer, grant: Grant) -> TokenDraft:
    """The authorization code, 240 s (60 s for an OpenID client, to whom it is any text)."""
    times = _times(grant.issued_at, grant.code_life)
    claims = {
        "nbf": times["nbf"],
        "scope": suffixed(grant.scopes, bearer.person.oid),
        "auth_time": _seconds(bearer.session.authenticated_at),
        "iss": ISSUER,
        "urn:esia:sid": bearer.session.sid,
        "urn:esia:client:state": grant.state,
        "auth_mthd": bearer.session.method,
        "urn:esia:sbj": bearer.subject(electronic_id=True),
        "exp": times["exp"],
        "iat": times["iat"],
        "params": {"remote_ip": grant.remote_ip, "user_agent": grant.user_agent},
        "client_id": grant.client_id,
        **bearer.second_factor(),
        "jti": grant.jti,
    }
    return TokenDraft({"ver": 1, "typ": "JWT", "sbt": "authorization_code", "alg": "RS256"}, claims)


def access_draft(bearer: Bearer, grant: Grant) -> TokenDraft:
    """The access token, an hour."""
    times = _times(grant.issued_at, ACCESS_LIFE)
    claims = {
        "nbf": times["nbf"],
        "scope": suffixed(grant.scopes, bearer.person.oid),
        "iss": ISSUER,
        "urn:esia:sid": bearer.session.sid,
        "urn:esia:sbj_id": bearer.person.oid,
        "exp": times["exp"],
        "iat": times["iat"],
        "client_id": grant.client_id,
        **bearer.second_factor(),
        "jti": grant.jti,
    }
    return TokenDraft({"ver": 1, "typ": "JWT", "sbt": "access", "alg": "RS256"}, claims)


def id_draft(bearer: Bearer, grant: Grant) -> TokenDraft:
    """The id token, three hours. `sub` is an integer unless the card says otherwise; `nonce` only if one was sent."""
    times = _times(grant.issued_at, ID_LIFE)
    oid = bearer.person.oid
    claims = {
        "aud": grant.client_id,
        "sub": oid if grant.integer_sub else str(oid),
        "nbf": times["nbf"],
        "amr": bearer.session.method,
        "urn:esia:amd": bearer.session.method,
        "auth_time": _seconds(bearer.session.authenticated_at),
        "iss": ISSUER,
        "urn:esia:sid": bearer.session.sid,
        "urn:esia:sbj": bearer.subject(),
        "exp": times["exp"],
        "iat": times["iat"],
        **bearer.second_factor(),
        **({"nonce": grant.nonce} if grant.nonce else {}),
    }
    return TokenDraft({"ver": 0, "typ": "JWT", "sbt": "id", "alg": "RS256"}, claims)


def suffixed(granted: Sequence[str], oid: int) -> str:
    """The `scope` claim: every scope but `openid` carries whose data it opens (quirk 8)."""
    return " ".join(scope if scope == catalogue.OPENID else f"{scope}?oid={oid}" for scope in granted)


def digest(token: str) -> str:
    """What is stored of a code or token."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign(draft: TokenDraft, key: SigningKey) -> str:
    """The compact form of `draft`.

    The header's `alg` is honoured when a scenario changed it to `none` (no signature) or `HS256` (keyed with the
    public key, the classic confusion of S-07); anything else is signed with RSA and SHA-256.
    """
    if draft.signing == "garbage":
        return encode(json.dumps(draft.header).encode())
    signed = f"{_part(draft.header)}.{_part(draft.claims)}"
    signature = _signature(draft, key, signed.encode())
    if draft.signing == "broken" and signature:
        signature = bytes([signature[0] ^ 1]) + signature[1:]
    return f"{signed}.{encode(signature)}"


def _signature(draft: TokenDraft, key: SigningKey, data: bytes) -> bytes:
    algorithm = draft.header.get("alg")
    if algorithm == "none":
        return b""
    private = _foreign_key() if draft.signing == "foreign" else loaded(key.private_pem)
    if algorithm == "HS256":
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return hmac.digest(public, data, "sha256")
    return private.sign(data, padding.PKCS1v15(), hashes.SHA256())


@lru_cache(maxsize=1)
def _foreign_key() -> rsa.RSAPrivateKey:
    """A key that nobody published; one for the process, made when a scenario first needs it."""
    return loaded(new_private_key())


def _part(members: dict[str, Any]) -> str:
    return encode(json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode())


def _times(issued_at: datetime, life: timedelta) -> dict[str, int]:
    seconds = _seconds(issued_at)
    return {"nbf": seconds, "iat": seconds, "exp": seconds + int(life.total_seconds())}


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
