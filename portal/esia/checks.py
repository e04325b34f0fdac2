"""What an id token and an access token must pass before anybody is let in (S-04…S-10 in the ESIA profiles).

Each check is a small function that raises its own error; the two tuples at the end are the order in which they are
made. The signature comes first: nothing is read out of a token that nobody trusted has signed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry, deserialize_compact

from portal.esia.errors import (
    BadSignature,
    BadToken,
    Expired,
    IssuedBeforeStart,
    Malformed,
    MissingClaim,
    NotYetValid,
    SecondFactorMissing,
    SubjectMismatch,
    UnwantedAlgorithm,
    UnwantedHeader,
    WrongAccessTokenHash,
    WrongAudience,
    WrongIssuer,
    WrongNonce,
    WrongTokenKind,
)
from portal.esia.keys import TrustedKeys
from portal.esia.shapes import mapping, parse_json

ALGORITHMS = ("RS256",)
UNWANTED_HEADERS = ("jku", "x5u", "jwk", "x5c", "crit")
SKEW = timedelta(seconds=60)
LONGEST_TOKEN = 16 * 1024

_REGISTRY = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)

Kind = Literal["id", "access", "logout"]


@dataclass(frozen=True)
class Token:
    """A token whose signature is good."""

    kind: Kind
    header: dict[str, Any]
    claims: dict[str, Any]


@dataclass(frozen=True)
class Expected:
    """What this sign-in expects."""

    issuer: str
    client_id: str
    now: datetime
    started_at: datetime
    nonce: str | None
    second_factor: Literal["required", "if-present"]
    access_token: str = ""
    """For the id token: the access token that came with it (`at_hash`)."""
    subject: str | None = None
    """For the access token: who the id token speaks of."""


Check = Callable[[Token, Expected], None]


def read_token(value: str, kind: Kind, keys: TrustedKeys) -> Token:
    """The token in `value`, its signature verified with one of the trusted keys.

    ESIA's tokens name no key, so each is tried; when none fits, the set is fetched once more (S-12).
    """
    header = checked_header(value, kind)
    payload = verified(value, keys.current())
    if payload is None:
        payload = verified(value, keys.renewed())
    if payload is None:
        raise BadSignature(call="token", detail=kind)
    return Token(kind=kind, header=header, claims=mapping(parse_json(payload, "token"), "token"))


def checked_header(value: str, kind: Kind) -> dict[str, Any]:
    """The header of a token, once nothing in it asks for an algorithm, key or rule that we did not agree to (S-07)."""
    header = _header(value, kind)
    if header.get("alg") not in ALGORITHMS:
        raise UnwantedAlgorithm(call="token", detail=kind)
    if any(name in header for name in UNWANTED_HEADERS):
        raise UnwantedHeader(call="token", detail=kind)
    return header


def peek_claims(value: str) -> dict[str, Any]:
    """The claims of a token that is only looked at and not trusted; empty where there are none to see."""
    parts = value.split(".")
    if len(parts) != 3 or len(value) > LONGEST_TOKEN:
        return {}
    try:
        return mapping(parse_json(_decode(parts[1], "id"), "token"), "token")
    except (BadToken, Malformed):
        return {}


def _header(value: str, kind: Kind) -> dict[str, Any]:
    parts = value.split(".")
    if len(parts) != 3 or len(value) > LONGEST_TOKEN or not value.isascii():
        raise BadToken(call="token", detail=kind)
    try:
        return mapping(parse_json(_decode(parts[0], kind), "token"), "token")
    except Malformed:
        raise BadToken(call="token", detail=kind) from None


def _decode(part: str, kind: Kind) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadToken(call="token", detail=kind) from None


def verified(value: str, keys: Iterable[RSAKey]) -> bytes | None:
    """The payload, if one of the keys fits."""
    for key in keys:
        try:
            return deserialize_compact(value, key, algorithms=list(ALGORITHMS), registry=_REGISTRY).payload
        except (JoseError, ValueError):
            continue
    return None


def text_of(token: Token, name: str) -> str:
    """A claim that is text; MissingClaim if it is none, or empty."""
    value = token.claims.get(name)
    if not isinstance(value, str) or not value:
        raise MissingClaim(call="token", detail=f"{token.kind} {name}")
    return value


def time_of(token: Token, name: str) -> float:
    """A claim that is a moment, in seconds since 1970; MissingClaim if it is none."""
    value = token.claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e12 or not math.isfinite(value):
        raise MissingClaim(call="token", detail=f"{token.kind} {name}")
    return float(value)


def subject_of(token: Token) -> str:
    """Whom the token speaks of: `sub` of the id token, `urn:esia:sbj_id` of the access token, as text.

    ESIA sends an integer, OpenID text; both are taken, and only what is safe in a path.
    """
    name = "sub" if token.kind == "id" else "urn:esia:sbj_id"
    value = token.claims.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**19:
        return str(value)
    if isinstance(value, str) and 0 < len(value) <= 64 and value.isascii() and value.replace("-", "").isalnum():
        return value
    raise MissingClaim(call="token", detail=f"{token.kind} {name}")


def check_kind(token: Token, _expected: Expected) -> None:
    """`sbt` in the header, where there is one, names this kind: an access token is no id token."""
    if token.header.get("sbt", token.kind) != token.kind:
        raise WrongTokenKind(call="token", detail=token.kind)


def check_issuer(token: Token, expected: Expected) -> None:
    """S-05: the configured issuer, character by character."""
    if text_of(token, "iss") != expected.issuer:
        raise WrongIssuer(call="token", detail=token.kind)


def check_audience(token: Token, expected: Expected) -> None:
    """S-06: issued for us; several audiences need `azp`, and an `azp` that is there is ours."""
    value = token.claims.get("aud")
    audiences = [value] if isinstance(value, str) else value
    if not isinstance(audiences, list) or not audiences:
        raise MissingClaim(call="token", detail=f"{token.kind} aud")
    party = token.claims.get("azp")
    if (
        expected.client_id not in audiences
        or (len(audiences) > 1 and party is None)
        or party not in (None, expected.client_id)
    ):
        raise WrongAudience(call="token", detail=token.kind)


def check_client(token: Token, expected: Expected) -> None:
    """The access token names the system in `client_id` instead of `aud`."""
    if text_of(token, "client_id") != expected.client_id:
        raise WrongAudience(call="token", detail=token.kind)


def check_expiry(token: Token, expected: Expected) -> None:
    """S-08: not over yet."""
    if time_of(token, "exp") <= (expected.now - SKEW).timestamp():
        raise Expired(call="token", detail=token.kind)


def check_not_before(token: Token, expected: Expected) -> None:
    """S-08: `nbf`, where there is one, has come."""
    if "nbf" in token.claims and time_of(token, "nbf") > (expected.now + SKEW).timestamp():
        raise NotYetValid(call="token", detail=f"{token.kind} nbf")


def check_issued(token: Token, expected: Expected) -> None:
    """S-08, S-04: issued neither in the future nor before this sign-in began."""
    issued = time_of(token, "iat")
    if issued > (expected.now + SKEW).timestamp():
        raise NotYetValid(call="token", detail=f"{token.kind} iat")
    # Tokens count whole seconds, the start does not.
    if issued < math.floor((expected.started_at - SKEW).timestamp()):
        raise IssuedBeforeStart(call="token", detail=token.kind)


def check_subject(token: Token, expected: Expected) -> None:
    """S-09: there is a subject, and the access token's is the id token's."""
    subject = subject_of(token)
    if expected.subject is not None and subject != expected.subject:
        raise SubjectMismatch(call="token", detail=token.kind)


def check_nonce(token: Token, expected: Expected) -> None:
    """S-04: a nonce that was sent comes back; one that comes back was sent."""
    if token.claims.get("nonce") != expected.nonce:
        raise WrongNonce(call="token", detail=token.kind)


def check_access_token_hash(token: Token, expected: Expected) -> None:
    """`at_hash`, where there is one, belongs to the access token at hand (OpenID Connect Core 3.1.3.6)."""
    value = token.claims.get("at_hash")
    if value is None:
        return
    digest = hashlib.sha256(expected.access_token.encode()).digest()
    due = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not isinstance(value, str) or not hmac.compare_digest(value.encode("utf-8", "replace"), due):
        raise WrongAccessTokenHash(call="token", detail=token.kind)


def check_second_factor(token: Token, expected: Expected) -> None:
    """S-10: `acr` names a second factor, or the person signed in with an electronic signature.

    With `if-present` a token without `acr` passes, because the real ESIA has not always sent one.
    """
    methods = token.claims.get("amr")
    if "DS" in (methods if isinstance(methods, list) else [methods]):
        return
    context = token.claims.get("acr")
    if context is None and expected.second_factor == "if-present":
        return
    factor = context.get("2fa") if isinstance(context, dict) else None
    if not isinstance(factor, str) or not factor:
        raise SecondFactorMissing(call="token", detail=token.kind)


ID_TOKEN_CHECKS: tuple[Check, ...] = (
    check_kind,
    check_issuer,
    check_audience,
    check_expiry,
    check_not_before,
    check_issued,
    check_subject,
    check_nonce,
    check_access_token_hash,
    check_second_factor,
)
ACCESS_TOKEN_CHECKS: tuple[Check, ...] = (
    check_kind,
    check_issuer,
    check_client,
    check_expiry,
    check_not_before,
    check_issued,
    check_subject,
)


def run_checks(checks: tuple[Check, ...], token: Token, expected: Expected) -> None:
    """Make the checks in their order; the first that fails raises."""
    for check in checks:
        check(token, expected)
