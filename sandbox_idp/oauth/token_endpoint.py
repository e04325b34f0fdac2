"""`/aas/oauth2/te`: a code or a refresh token becomes tokens.

The checks run in a fixed order: whose request it is, its form, its time, its signature, and only then what it brings.
A code is spent by one conditional UPDATE in the same transaction that stores its tokens, so of two requests at once
exactly one gets them; a code that comes again takes back what it had given (S-19).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import col, select, update

from foundation.database import Session
from sandbox_idp.accounts.models import GosuslugiSession, Person
from sandbox_idp.context import Stand, set_current_sign_in
from sandbox_idp.oauth import authorize, errors, redirects, tokens, values
from sandbox_idp.oauth.models import AuthorizationCode, AuthorizationRequest, InformationSystem, IssuedToken, SigningKey
from sandbox_idp.oauth.signing_keys import current_key, rotate
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import ClientRequestDraft, CodeDraft, Point, TokenDraft

MANDATORY = ("client_id", "grant_type", "client_secret", "scope", "state", "timestamp", "redirect_uri")
ALREADY_SPENT = "spent already: its tokens are taken back"


@dataclass
class Call:
    """One call, and what is known of it so far."""

    session: Session
    parameters: values.Parameters
    now: datetime
    system: InformationSystem | None = None
    openid: bool = False
    """Whether it came on the OpenID paths: a code is good only on those it was asked for on."""

    _signed: ClientRequestDraft | None = field(default=None, init=False, repr=False)

    @property
    def signed(self) -> ClientRequestDraft:
        """What the system signed its request with, and when it came; only ESIA's own paths ask for it."""
        if self._signed is None:
            self._signed = authorize.signed_request(self.parameters, self.now)
        return self._signed

    @property
    def card(self) -> InformationSystem:
        """The system; only after `known_system`."""
        assert self.system is not None
        return self.system


@dataclass(frozen=True)
class Brought:
    """What a call may be given tokens for: a code or a refresh token that holds."""

    code_hash: str
    mnemonic: str
    bearer: tokens.Bearer
    scopes: list[str]
    sign_in: int | None
    key: SigningKey
    integer_sub: bool
    nonce: str | None = None
    refresh_hash: str | None = None
    """The refresh token that is spent; None: the code is."""


class SpentError(errors.GrantInvalidError):
    """A code or refresh token that was used before came again."""

    def __init__(self, code_hash: str) -> None:
        super().__init__(ALREADY_SPENT)
        self.code_hash = code_hash


def known_system(call: Call) -> None:
    """The mnemonic is one of a registered system."""
    call.system = call.session.get(InformationSystem, call.parameters.need("client_id"))
    if call.system is None:
        raise errors.UnknownClientError


def nothing_spoilt(call: Call) -> None:
    """No parameter came twice with different values, or with a NUL in it."""
    for name in sorted(call.parameters.spoilt):
        raise errors.ParameterWrongError(name)


def nothing_missing(call: Call) -> None:
    """Every mandatory parameter is there."""
    for name in MANDATORY:
        call.parameters.need(name)


def known_grant(call: Call) -> None:
    """`grant_type` is one of the two, and what it needs is there."""
    needed = {"authorization_code": "code", "refresh_token": "refresh_token"}.get(call.parameters.need("grant_type"))
    if needed is None:
        raise errors.GrantTypeUnsupportedError
    call.parameters.need(needed)


def bearer_token(call: Call) -> None:
    """`token_type`, if it is there, is Bearer."""
    if (call.parameters.get("token_type") or "bearer").lower() != "bearer":
        raise errors.ParameterWrongError("token_type")


def fresh(call: Call) -> None:
    """The timestamp is readable and near the stand's clock."""
    values.check_timestamp(call.parameters.need("timestamp"), call.signed.received_at)


def signed_by_the_system(call: Call) -> None:
    """`client_secret` is the system's signature over this call; the scope that was *sent* counts (quirk 3, S-21)."""
    authorize.check_secret(call.session, call.parameters, call.card, call.signed)


def permitted_scopes(call: Call) -> None:
    """The scope that was sent is checked as at the authorization; it need not be the code's (quirk 3)."""
    authorize.check_scopes(call.parameters, call.card)


CHECKS: tuple[Callable[[Call], None], ...] = (
    nothing_spoilt,
    known_system,
    nothing_missing,
    known_grant,
    bearer_token,
    fresh,
    signed_by_the_system,
    permitted_scopes,
)


def answer(stand: Stand, parameters: values.Parameters) -> dict[str, Any]:
    """The body of a successful answer; an EsiaError otherwise.

    Tokens are made between the two transactions: scenarios act on them there and may write to the same database.
    """
    now = stand.clock.now()
    try:
        with stand.database.reading() as session:
            call = Call(session, parameters, now)
            for check in CHECKS:
                check(call)
            brought = by_code(call) if parameters.need("grant_type") == "authorization_code" else _by_refresh(call)
        if brought.sign_in is not None:
            set_current_sign_in(brought.sign_in)
        grant = tokens.Grant(
            client_id=brought.mnemonic,
            scopes=brought.scopes,
            state=parameters.need("state"),
            issued_at=now,
            jti=stand.ids.uuid(),
            nonce=brought.nonce,
            integer_sub=brought.integer_sub,
        )
        access = engine.transform(Point.ACCESS_TOKEN, tokens.access_draft(brought.bearer, grant))
        identity = engine.transform(Point.ID_TOKEN, tokens.id_draft(brought.bearer, grant))
        key = key_for(stand, brought.key, access, identity)
        body = {
            "access_token": tokens.sign(access, key),
            "refresh_token": stand.ids.uuid(),
            "id_token": tokens.sign(identity, key),
            "state": grant.state,
            "token_type": "Bearer",
            "expires_in": int(tokens.ACCESS_LIFE.total_seconds()),
        }
        with stand.database.writing() as session:
            spend(session, brought, now)
            store(session, brought, body, now)
    except SpentError as spent:
        with stand.database.writing() as session:
            take_back(session, spent.code_hash, now)
        raise
    return body


def key_for(stand: Stand, key: SigningKey, *drafts: TokenDraft) -> SigningKey:
    """The key that signs `drafts`: a new one if a scenario has the stand's keys changed with one of them."""
    if all(draft.signing != "rotated" for draft in drafts):
        return key
    with stand.database.writing() as session:
        return rotate(session, now=stand.clock.now(), ids=stand.ids)


def by_code(call: Call) -> Brought:
    """What the code brings (S-19, S-20); GrantInvalidError, ChallengeMissingError or ChallengeFailedError otherwise."""
    row = call.session.get(AuthorizationCode, tokens.digest(call.parameters.need("code")))
    if row is None:
        raise errors.GrantInvalidError("unknown code")
    known = engine.transform(Point.CODE_USE, CodeDraft(row.used_at is not None, row.expires_at, row.mnemonic))
    if known.mnemonic != call.card.mnemonic:
        raise errors.GrantInvalidError("the code was given to another system")
    asked = call.session.get(AuthorizationRequest, row.request_id)
    if (asked is not None and asked.issuer is not None) is not call.openid:
        raise errors.GrantInvalidError("the code was asked for on other paths")
    if known.used:
        raise SpentError(row.code_hash)
    if known.expires_at <= call.now:
        raise errors.GrantInvalidError("the code is too old")
    if row.redirect_uri != call.parameters.need("redirect_uri"):
        raise errors.GrantInvalidError("another redirect_uri than the code was asked for with")
    _check_verifier(call.parameters.get("code_verifier"), row.code_challenge)
    bearer = _bearer(call.session, row.person_oid, row.sid)
    if bearer.session.ended_at is not None:
        raise errors.GrantInvalidError("the session that the code was given out in has ended")
    return Brought(
        code_hash=row.code_hash,
        mnemonic=row.mnemonic,
        bearer=bearer,
        scopes=row.scopes,
        sign_in=row.sign_in,
        key=current_key(call.session),
        integer_sub=call.card.integer_sub,
        nonce=row.nonce,
    )


def _by_refresh(call: Call) -> Brought:
    """What the refresh token brings; GrantInvalidError otherwise."""
    row = call.session.get(IssuedToken, tokens.digest(call.parameters.need("refresh_token")))
    if row is None or row.kind != "refresh":
        raise errors.GrantInvalidError("unknown refresh token")
    if row.mnemonic != call.card.mnemonic:
        raise errors.GrantInvalidError("the refresh token was given to another system")
    if row.revoked_at is not None:
        raise SpentError(row.code_hash)
    if row.expires_at <= call.now:
        raise errors.GrantInvalidError("the refresh token is too old")
    if not redirects.is_registered(call.parameters.need("redirect_uri"), call.card):
        raise errors.GrantInvalidError("a redirect_uri that is none of the system's")
    return Brought(
        code_hash=row.code_hash,
        mnemonic=row.mnemonic,
        bearer=_bearer(call.session, row.person_oid, row.sid),
        scopes=row.scopes,
        sign_in=row.sign_in,
        key=current_key(call.session),
        integer_sub=call.card.integer_sub,
        refresh_hash=row.token_hash,
    )


def _bearer(session: Session, oid: int, sid: str) -> tokens.Bearer:
    """The person and how he signed in; a person who was blocked meanwhile gets nothing (S-47)."""
    person = session.get_one(Person, oid)
    if person.state != "active":
        raise errors.GrantInvalidError("the account is not active")
    signed_in = session.exec(select(GosuslugiSession).where(GosuslugiSession.sid == sid)).one()
    return tokens.Bearer(person, signed_in)


def _check_verifier(verifier: str | None, challenge: str | None) -> None:
    """RFC 7636 4.6 with S256."""
    if challenge is None:
        if verifier is not None:
            raise errors.ChallengeMissingError
        return
    if verifier is None:
        raise errors.ParameterMissingError("code_verifier")
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode("ascii")
    if not hmac.compare_digest(made.encode(), challenge.encode()):
        raise errors.ChallengeFailedError


def spend(session: Session, brought: Brought, now: datetime) -> None:
    """Use the code or refresh token up; SpentError if another call was faster."""
    if brought.refresh_hash is None:
        statement = (
            update(AuthorizationCode)
            .where(col(AuthorizationCode.code_hash) == brought.code_hash, col(AuthorizationCode.used_at).is_(None))
            .values(used_at=now)
        )
    else:
        statement = (
            update(IssuedToken)
            .where(col(IssuedToken.token_hash) == brought.refresh_hash, col(IssuedToken.revoked_at).is_(None))
            .values(revoked_at=now)
        )
    if session.exec(statement).rowcount != 1:
        raise SpentError(brought.code_hash)


def store(session: Session, brought: Brought, body: dict[str, Any], now: datetime) -> None:
    """Remember the hashes of the tokens that the answer holds."""
    for kind, life in (("access", tokens.ACCESS_LIFE), ("refresh", tokens.REFRESH_LIFE)):
        if f"{kind}_token" not in body:
            continue
        session.add(
            IssuedToken(
                token_hash=tokens.digest(body[f"{kind}_token"]),
                kind=kind,
                code_hash=brought.code_hash,
                mnemonic=brought.mnemonic,
                person_oid=brought.bearer.person.oid,
                sid=brought.bearer.session.sid,
                scopes=brought.scopes,
                sign_in=brought.sign_in,
                issued_at=now,
                expires_at=now + life,
            )
        )


def take_back(session: Session, code_hash: str, now: datetime) -> None:
    """Everything that was ever given for this code ends (S-19)."""
    session.exec(
        update(IssuedToken)
        .where(col(IssuedToken.code_hash) == code_hash, col(IssuedToken.revoked_at).is_(None))
        .values(revoked_at=now)
    )
