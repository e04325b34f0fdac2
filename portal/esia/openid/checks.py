"""What an id token of an OpenID provider must pass (OpenID Connect Core 3.1.3.7), where it differs from ESIA's.

The key is chosen by the `kid` that the header names; one that is not known has the set fetched once more (S-12).
"""

from __future__ import annotations

from portal.esia.checks import (
    SKEW,
    Check,
    Expected,
    Kind,
    Token,
    check_access_token_hash,
    check_audience,
    check_expiry,
    check_issued,
    check_issuer,
    check_nonce,
    check_not_before,
    checked_header,
    time_of,
    verified,
)
from portal.esia.errors import BadSignature, MissingClaim, NotYetValid, SecondFactorMissing, UnknownKey
from portal.esia.keys import TrustedKeys
from portal.esia.shapes import mapping, parse_json

SECOND_FACTORS = frozenset({"mfa", "otp", "sms", "swk", "hwk", "sc", "tel", "fpt", "face"})
"""`amr` values (RFC 8176) that say more than that a password was known."""
STRONG = frozenset({"https://refeds.org/profile/mfa"})
"""`acr` values that say the same."""


def read_id_token(value: str, keys: TrustedKeys) -> Token:
    """The id token in `value`, verified."""
    return read_signed(value, "id", keys)


def read_signed(value: str, kind: Kind, keys: TrustedKeys) -> Token:
    """The token in `value`, verified with the key that it names; without a name each trusted key is tried."""
    header = checked_header(value, kind)
    name = header.get("kid")
    known = keys.current()
    fitting = [key for key in known if name in (None, key.kid)]
    if not fitting:
        fitting = [key for key in keys.renewed() if key.kid == name]
    if not fitting:
        raise UnknownKey(call="token", detail=kind)
    payload = verified(value, fitting)
    if payload is None:
        raise BadSignature(call="token", detail=kind)
    return Token(kind=kind, header=header, claims=mapping(parse_json(payload, "token"), "token"))


def openid_subject(token: Token) -> str:
    """`sub`: up to 255 ASCII characters, case-sensitive (OpenID Connect Core 2). It is a key and never a path."""
    value = token.claims.get("sub")
    if isinstance(value, str) and 0 < len(value) <= 255 and value.isascii() and value.isprintable():
        return value
    raise MissingClaim(call="token", detail=f"{token.kind} sub")


def check_openid_subject(token: Token, _expected: Expected) -> None:
    """S-09: there is a subject."""
    openid_subject(token)


def check_sign_in_time(token: Token, expected: Expected) -> None:
    """S-10: `auth_time`, where there is one, is not ahead of us."""
    if "auth_time" in token.claims and time_of(token, "auth_time") > (expected.now + SKEW).timestamp():
        raise NotYetValid(call="token", detail="id auth_time")


def check_methods(token: Token, expected: Expected) -> None:
    """S-10: `amr` or `acr` tells of a second factor. With `if-present` a token that says nothing passes."""
    methods, context = token.claims.get("amr"), token.claims.get("acr")
    told = {method for method in methods if isinstance(method, str)} if isinstance(methods, list) else set()
    if told & SECOND_FACTORS or (isinstance(context, str) and context in STRONG):
        return
    if methods is None and expected.second_factor == "if-present":
        return
    raise SecondFactorMissing(call="token", detail="id")


ID_TOKEN_CHECKS: tuple[Check, ...] = (
    check_issuer,
    check_audience,
    check_expiry,
    check_not_before,
    check_issued,
    check_openid_subject,
    check_nonce,
    check_access_token_hash,
    check_sign_in_time,
    check_methods,
)
