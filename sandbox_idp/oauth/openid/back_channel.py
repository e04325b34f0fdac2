"""Telling OpenID clients that a session at Gosuslugi has ended (OpenID Connect Back-Channel Logout 1.0).

Whoever ends a session says so (`sessions.has_ended`); when the request is over, and with it every transaction, each
client that got tokens in that session on the OpenID paths is sent a logout token, if its card names an address for it.
A client that does not answer is not asked again: its own session ends by its own limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import httpx2
from sqlmodel import col, select

from foundation import log
from foundation.database import Session
from sandbox_idp.context import Stand, current_sign_in, set_current_sign_in
from sandbox_idp.oauth import signing_keys
from sandbox_idp.oauth.models import AuthorizationCode, AuthorizationRequest, InformationSystem, IssuedToken
from sandbox_idp.oauth.tokens import sign
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import LogoutDraft, Point

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LIFE = timedelta(minutes=2)
PATIENCE = 2.0
"""Seconds that a client may take."""

_log = log.get_log("sandbox_idp.oauth")


@dataclass(frozen=True)
class Receiver:
    """A client that has to be told of the end of one session."""

    mnemonic: str
    address: str
    person_oid: int
    sid: str
    sign_in: int | None


def receivers(session: Session, sids: Sequence[str]) -> list[Receiver]:
    """Who got tokens in these sessions on the OpenID paths and wants to be told; each client once a session."""
    found = session.exec(
        select(IssuedToken, InformationSystem)
        .join(InformationSystem, col(InformationSystem.mnemonic) == col(IssuedToken.mnemonic))
        .join(AuthorizationCode, col(AuthorizationCode.code_hash) == col(IssuedToken.code_hash))
        .join(AuthorizationRequest, col(AuthorizationRequest.id) == col(AuthorizationCode.request_id))
        .where(
            col(IssuedToken.sid).in_(sids),
            col(InformationSystem.backchannel_logout_uri).is_not(None),
            col(AuthorizationRequest.issuer).is_not(None),
        )
        .order_by(col(IssuedToken.issued_at).desc())
    )
    newest: dict[tuple[str, str], Receiver] = {}
    for token, system in found:
        address = system.backchannel_logout_uri or ""
        receiver = Receiver(system.mnemonic, address, token.person_oid, token.sid, token.sign_in)
        newest.setdefault((system.mnemonic, token.sid), receiver)
    return list(newest.values())


def tell(stand: Stand, sids: Sequence[str]) -> None:
    """Send every client of these sessions its logout token."""
    with stand.database.reading() as session:
        told = receivers(session, sids)
        key = signing_keys.current_key(session) if told else None
    own = current_sign_in()
    for receiver in told:
        assert key is not None
        set_current_sign_in(receiver.sign_in)
        draft = engine.transform(Point.LOGOUT_TOKEN, logout_draft(stand, receiver, key.kid))
        if draft.used_before:
            # Somebody has overheard a token: its name was used up for a session that nobody has.
            _send(receiver, sign(_for_nobody(stand, draft), key))
        _send(receiver, sign(draft, key))
    set_current_sign_in(own)


def logout_draft(stand: Stand, receiver: Receiver, kid: str) -> LogoutDraft:
    """The token, two minutes (2.4)."""
    now = int(stand.clock.now().timestamp())
    claims = {
        "iss": stand.idp_url,
        "sub": str(receiver.person_oid),
        "aud": receiver.mnemonic,
        "iat": now,
        "exp": now + int(LIFE.total_seconds()),
        "jti": stand.ids.uuid(),
        "events": {EVENT: {}},
        "sid": receiver.sid,
    }
    header = {"alg": "RS256", "typ": "logout+jwt", "kid": kid}
    return LogoutDraft(header, claims, person_oid=receiver.person_oid)


def _for_nobody(stand: Stand, draft: LogoutDraft) -> LogoutDraft:
    return LogoutDraft(dict(draft.header), {**draft.claims, "sid": stand.ids.uuid()}, person_oid=draft.person_oid)


def _send(receiver: Receiver, token: str) -> None:
    try:
        answer = httpx2.post(
            receiver.address, data={"logout_token": token}, timeout=PATIENCE, trust_env=False, follow_redirects=False
        )
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        _log.warning("logout_not_told", system=receiver.mnemonic, reason=type(error).__name__)
        return
    _log.info("logout_told", system=receiver.mnemonic, status=answer.status_code)
