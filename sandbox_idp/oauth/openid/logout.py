"""`/oauth2/logout` (OpenID Connect RP-Initiated Logout 1.0): who may end a session, and where the browser goes then.

Without a question only for a client that shows an id token of this very session; everybody else asks the person (S-25).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey
from joserfc.jws import JWSRegistry, deserialize_compact

from foundation.database import Session
from sandbox_idp.accounts.models import GosuslugiSession
from sandbox_idp.context import Stand
from sandbox_idp.oauth import redirects, signing_keys, values
from sandbox_idp.oauth.models import InformationSystem

_REGISTRY = JWSRegistry(algorithms=["RS256"])


@dataclass(frozen=True)
class Wish:
    """What a request for the end of a session is worth."""

    system: InformationSystem | None
    """The client, as far as it is known."""
    vouched: bool
    """The hint is an id token of the session at hand."""
    back: str | None
    """Where the browser goes afterwards; None: nowhere, because no place was named or it is none of the client's."""
    refused: bool
    """A place was named and is none of the client's."""


def read(session: Session, stand: Stand, parameters: values.Parameters, living: GosuslugiSession | None) -> Wish:
    """The wish in `parameters`. A hint that cannot be verified counts as none: the person is asked."""
    claims = _claims(session, stand, parameters.get("id_token_hint") or "")
    named = claims.get("aud") if claims else parameters.get("client_id")
    if claims and parameters.get("client_id") not in (None, named):
        claims, named = {}, None
    system = session.get(InformationSystem, named) if isinstance(named, str) and "\0" not in named else None
    address = parameters.get("post_logout_redirect_uri") or ""
    known = system is not None and redirects.leads_to_registered_host(address, system)
    state = parameters.get("state")
    back = redirects.with_query(address, {"state": state}) if state else address
    return Wish(
        system=system,
        vouched=bool(claims) and living is not None and claims.get("sid") == living.sid,
        back=back if known else None,
        refused=bool(address) and not known,
    )


def _claims(session: Session, stand: Stand, hint: str) -> dict[str, Any]:
    """The claims of an id token of ours; how old it is does not matter here (RP-Initiated Logout, section 4)."""
    if not hint:
        return {}
    published = signing_keys.key_set(session, stand.clock.now())["keys"]
    keys = KeySet([RSAKey.import_key(key) for key in published])
    try:
        token = deserialize_compact(hint, keys, algorithms=["RS256"], registry=_REGISTRY)
        claims = values.json_object(token.payload)
    except (JoseError, ValueError):
        return {}
    is_id_token = token.headers().get("typ") == "JWT" and claims.get("iss") == stand.idp_url
    return claims if is_id_token else {}
