"""A logout token: the provider says that a session of its own has ended (OpenID Connect Back-Channel Logout 1.0).

It comes from anybody who knows the address, so nothing of it counts before all of 2.6 is checked: signature, issuer,
audience, times, the event, no nonce (it is no id token), a subject or a session, and a `jti` by which it counts once.
"""

from __future__ import annotations

from datetime import timedelta

from portal.esia.base import Logout
from portal.esia.checks import (
    Check,
    Expected,
    Token,
    check_audience,
    check_expiry,
    check_issued,
    check_issuer,
    run_checks,
    text_of,
    time_of,
)
from portal.esia.errors import MissingClaim, NoLogoutEvent, WrongNonce
from portal.esia.keys import TrustedKeys
from portal.esia.openid.checks import openid_subject, read_signed
from portal.esia.tokens import session_id

EVENT = "http://schemas.openid.net/event/backchannel-logout"
OLDEST = timedelta(hours=1)
"""How long ago such a token may have been made, whatever it says of its own end."""


def read_logout(value: str, keys: TrustedKeys, expected: Expected) -> Logout:
    """What the token in `value` ends, once it is to be trusted; a kind of Untrusted otherwise."""
    token = read_signed(value, "logout", keys)
    run_checks(CHECKS, token, expected)
    subject = openid_subject(token) if "sub" in token.claims else None
    sid = session_id(token.claims.get("sid"))
    if subject is None and sid is None:
        raise MissingClaim(call="logout", detail="logout sub and sid")
    return Logout(
        issuer=expected.issuer, subject=subject, sid=sid, jti=text_of(token, "jti"), expires_at=time_of(token, "exp")
    )


def check_event(token: Token, _expected: Expected) -> None:
    """It says that it is about a logout: an id token does not."""
    events = token.claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise NoLogoutEvent(call="logout")


def check_no_nonce(token: Token, _expected: Expected) -> None:
    """A nonce would make an id token of it, for whoever looks less closely (2.4)."""
    if "nonce" in token.claims:
        raise WrongNonce(call="logout", detail="logout")


CHECKS: tuple[Check, ...] = (
    check_issuer,
    check_audience,
    check_expiry,
    check_issued,
    check_event,
    check_no_nonce,
)
