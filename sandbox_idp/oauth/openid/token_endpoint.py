"""`/oauth2/token`: a code becomes tokens for an OpenID client (S-19…S-21).

The same rules as on ESIA's path behind another wire: a code is spent by one conditional UPDATE together with what it
gives, and one that comes again takes back what it had given.
"""

from __future__ import annotations

from typing import Any

from sandbox_idp.context import Stand, set_current_sign_in
from sandbox_idp.oauth import errors
from sandbox_idp.oauth import tokens as esia_tokens
from sandbox_idp.oauth.models import SigningKey
from sandbox_idp.oauth.openid import clients, scopes, tokens
from sandbox_idp.oauth.token_endpoint import Call, SpentError, by_code, key_for, nothing_spoilt, spend, store, take_back
from sandbox_idp.oauth.values import Parameters
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import Point, TokenDraft


def answer(stand: Stand, parameters: Parameters, authorization: str | None) -> dict[str, Any]:
    """The body of a successful answer; an EsiaError (of either kind) otherwise.

    `parameters` are the form's alone: a secret or a code in the address would end in logs.
    """
    now = stand.clock.now()
    try:
        with stand.database.reading() as session:
            call = Call(session, parameters, now, openid=True)
            nothing_spoilt(call)
            call.system = clients.authenticated(session, clients.shown(authorization, parameters))
            if parameters.need("grant_type") != "authorization_code":
                raise errors.GrantTypeUnsupportedError
            brought = by_code(call)
        if brought.sign_in is not None:
            set_current_sign_in(brought.sign_in)
        grant = tokens.Grant(
            issuer=stand.idp_url,
            client_id=brought.mnemonic,
            scope=scopes.told(brought.scopes),
            issued_at=now,
            jti=stand.ids.uuid(),
            nonce=brought.nonce,
        )
        draft = engine.transform(Point.ACCESS_TOKEN, tokens.access_draft(brought.bearer, grant, brought.key.kid))
        access, key = _signed(stand, draft, brought.key)
        draft = engine.transform(Point.ID_TOKEN, tokens.id_draft(brought.bearer, grant, key.kid, access=access))
        body = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(esia_tokens.ACCESS_LIFE.total_seconds()),
            "id_token": _signed(stand, draft, key)[0],
            "scope": grant.scope,
        }
        with stand.database.writing() as session:
            spend(session, brought, now)
            store(session, brought, body, now)
    except SpentError as spent:
        with stand.database.writing() as session:
            take_back(session, spent.code_hash, now)
        raise
    return body


def _signed(stand: Stand, draft: TokenDraft, key: SigningKey) -> tuple[str, SigningKey]:
    """The token, and the key that signs from now on. A header that names the key names the one that really signs."""
    used = key_for(stand, key, draft)
    if draft.header.get("kid") == key.kid:
        draft.header["kid"] = used.kid
    return esia_tokens.sign(draft, used), used
