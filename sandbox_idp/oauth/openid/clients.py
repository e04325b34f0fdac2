"""Who calls the token endpoint: `client_secret_basic` or `client_secret_post`, compared in constant time (S-21)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from foundation.database import Session
from sandbox_idp.oauth.models import InformationSystem
from sandbox_idp.oauth.openid.errors import ClientRefusedError, RequestWrongError
from sandbox_idp.oauth.values import Parameters

METHODS = ("client_secret_basic", "client_secret_post")
_NOBODY = hashlib.sha256(b"no client has this secret").hexdigest()


@dataclass(frozen=True)
class Shown:
    """What a caller shows of itself."""

    client_id: str
    secret: str = field(repr=False)


def shown(authorization: str | None, parameters: Parameters) -> Shown:
    """From the header or from the form, never from both (RFC 6749, section 2.3).

    Raises ClientRefusedError where nothing usable is shown, RequestWrongError for two ways at once.
    """
    named, secret = parameters.get("client_id"), parameters.get("client_secret")
    if authorization is None:
        if named is None or secret is None:
            raise ClientRefusedError
        return Shown(named, secret)
    if secret is not None:
        raise RequestWrongError("The client authenticates in two ways at once.")
    found = _basic(authorization)
    if named not in (None, found.client_id):
        raise RequestWrongError("The header and the form name two clients.")
    return found


def authenticated(session: Session, caller: Shown) -> InformationSystem:
    """The client; ClientRefusedError unless the secret is its own. An unknown one takes the same steps."""
    system = session.get(InformationSystem, caller.client_id) if "\0" not in caller.client_id else None
    known = system.openid_secret_hash if system is not None else None
    shown_hash = hashlib.sha256(caller.secret.encode("utf-8", "replace")).hexdigest()
    right = hmac.compare_digest(shown_hash, known or _NOBODY)
    if system is None or known is None or not right:
        raise ClientRefusedError
    return system


def _basic(authorization: str) -> Shown:
    scheme, _, value = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        raise ClientRefusedError
    try:
        text = base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise ClientRefusedError from None
    name, colon, secret = text.partition(":")
    if not colon:
        raise ClientRefusedError
    # Both halves are form-encoded before they are joined (RFC 6749, section 2.3.1).
    return Shown(unquote_plus(name), unquote_plus(secret))
