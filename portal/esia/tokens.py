"""The answer of the token endpoint, from JSON to something that may be relied on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from portal.esia import checks
from portal.esia.checks import Expected, read_token, run_checks, subject_of
from portal.esia.errors import EsiaFailed, Malformed, WrongState
from portal.esia.keys import TrustedKeys
from portal.esia.refusals import refusal
from portal.esia.shapes import mapping, parse_json
from portal.esia.wire import Answer

CALL = "token"
LONGEST_ACCESS = timedelta(hours=3)
"""The most that ESIA lets an access token live, whatever an answer says."""


@dataclass(frozen=True)
class Tokens:
    """What a code was exchanged for, checked. Printed, it shows nothing that must not be logged (S-13)."""

    issuer: str
    subject: str
    """The oid, as text. Together with the issuer it is the key of the person (S-11)."""
    access: str = field(repr=False)
    access_expires_at: datetime
    scopes: tuple[str, ...]
    """Rights that were granted, without the `?oid=…` that ESIA hangs on them."""
    sid: str | None = field(repr=False)
    """Gosuslugi's own session (`urn:esia:sid`)."""


def read_token_answer(answer: Answer, state: str | None) -> dict[str, Any]:
    """The JSON object of an exchange that succeeded; `state`, where the profile sends one, must be echoed as it was.

    An OAuth error (400 with JSON) is raised as what it means; everything else as `Answer.json` does.
    """
    if answer.status in (400, 401, 403):
        raise _refusal(answer)
    item = mapping(answer.json(), CALL)
    if state is not None and item.get("state", state) != state:
        raise WrongState(call=CALL)
    kind = item.get("token_type")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise Malformed(call=CALL, detail="token_type")
    return item


def check_tokens(item: dict[str, Any], expected: Expected, keys: TrustedKeys) -> Tokens:
    """Both tokens of the answer, after every check of `portal.esia.checks`."""
    raw_id, raw_access = token_in(item, "id_token"), token_in(item, "access_token")
    id_token = read_token(raw_id, "id", keys)
    run_checks(checks.ID_TOKEN_CHECKS, id_token, replace(expected, access_token=raw_access))
    subject = subject_of(id_token)
    access = read_token(raw_access, "access", keys)
    run_checks(checks.ACCESS_TOKEN_CHECKS, access, replace(expected, subject=subject))
    sid = access.claims.get("urn:esia:sid")
    ends = min(float(access.claims["exp"]), (expected.now + LONGEST_ACCESS).timestamp())
    return Tokens(
        issuer=expected.issuer,
        subject=subject,
        access=raw_access,
        access_expires_at=datetime.fromtimestamp(ends, UTC),
        scopes=_scopes(access.claims.get("scope")),
        sid=session_id(sid),
    )


def session_id(value: Any) -> str | None:
    """The provider's own session, if it is told in a form that can be kept."""
    return value if isinstance(value, str) and 0 < len(value) <= 128 and value.isascii() else None


def _refusal(answer: Answer) -> Exception:
    try:
        item = mapping(parse_json(answer.body, CALL), CALL) if answer.is_json else {}
    except Malformed:
        item = {}
    error, description = item.get("error"), item.get("error_description")
    if not isinstance(error, str):
        return EsiaFailed(call=CALL, detail="status", status=answer.status)
    known = description if isinstance(description, str) else ""
    return refusal(call=CALL, error=error, description=known, status=answer.status)


def token_in(item: dict[str, Any], name: str) -> str:
    """A token of the answer as it came; Malformed if it is not there."""
    value = item.get(name)
    if not isinstance(value, str) or not value:
        raise Malformed(call=CALL, detail=name)
    return value


def _scopes(claim: Any) -> tuple[str, ...]:
    """The granted rights; their names only, in the order they were granted."""
    names = claim.split() if isinstance(claim, str) else []
    return tuple(dict.fromkeys(name.partition("?")[0] for name in names))
