"""The answer of an OpenID provider's token endpoint, from JSON to something that may be relied on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from portal.esia.checks import Expected, run_checks
from portal.esia.errors import Malformed
from portal.esia.keys import TrustedKeys
from portal.esia.openid.checks import ID_TOKEN_CHECKS, openid_subject, read_id_token
from portal.esia.shapes import text_or_none
from portal.esia.tokens import CALL, LONGEST_ACCESS, Tokens, session_id, token_in

UNTOLD = timedelta(minutes=10)
"""How long an access token is used whose answer does not say how long it lives."""

RIGHTS: dict[str, tuple[str, ...]] = {
    "profile": ("fullname", "birthdate"),
    "phone": ("contacts",),
    "address": ("addresses",),
}
"""Standard scopes as the rights that the rest of the portal knows; others are called alike, or are unknown to it."""


def check_tokens(item: dict[str, Any], expected: Expected, keys: TrustedKeys, asked: tuple[str, ...]) -> Tokens:
    """What the answer is worth, after every check of `portal.esia.openid.checks`; `asked`: the scopes of the request.

    The access token is the provider's own business: it is neither read nor checked, but for `at_hash`.
    """
    raw_id, access = token_in(item, "id_token"), token_in(item, "access_token")
    id_token = read_id_token(raw_id, keys)
    run_checks(ID_TOKEN_CHECKS, id_token, replace(expected, access_token=access))
    granted = text_or_none(item, "scope", CALL)
    return Tokens(
        issuer=expected.issuer,
        subject=openid_subject(id_token),
        access=access,
        access_expires_at=expected.now + _life(item),
        scopes=rights_of(asked if granted is None else tuple(granted.split())),
        sid=session_id(id_token.claims.get("sid")),
    )


def rights_of(scopes: tuple[str, ...]) -> tuple[str, ...]:
    """The scopes as rights, each once."""
    return tuple(dict.fromkeys(right for scope in scopes for right in RIGHTS.get(scope, (scope,))))


def _life(item: dict[str, Any]) -> timedelta:
    """`expires_in`, within reason."""
    value = item.get("expires_in")
    if value is None:
        return UNTOLD
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**9:
        raise Malformed(call=CALL, detail="expires_in")
    return min(timedelta(seconds=value), LONGEST_ACCESS)
