"""`/oauth2/authorize`: the checks of an OpenID client's request, in the order that makes them safe.

As on ESIA's paths: until client and address are known a refusal stays on a page of Gosuslugi (S-18).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from foundation.database import Session
from foundation.ids import Ids
from sandbox_idp.oauth import authorize, errors, redirects
from sandbox_idp.oauth.authorize import Answer, Asking, Checks
from sandbox_idp.oauth.models import AuthorizationRequest, InformationSystem
from sandbox_idp.oauth.openid import scopes
from sandbox_idp.oauth.openid.errors import RequestObjectError, RequestUriError, RequestWrongError, SignInNeededError
from sandbox_idp.oauth.requests import PENDING
from sandbox_idp.oauth.values import Parameters

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_SECONDS = re.compile(r"\d{1,9}", re.ASCII)


def known_client(asking: Asking) -> None:
    """The system exists and has a secret for these paths."""
    system = asking.session.get(InformationSystem, asking.parameters.need("client_id"))
    if system is None or system.openid_secret_hash is None:
        raise errors.UnknownClientError
    asking.system = system


def exact_address(asking: Asking) -> None:
    """S-18: one of the registered addresses, character by character, whatever the card says of ESIA's rule."""
    address = asking.parameters.need("redirect_uri")
    if redirects.place_of(address) is None or address not in asking.card.redirect_hosts:
        raise errors.ForeignRedirectError


def no_request_object(asking: Asking) -> None:
    """What is not supported is said so, not passed over (OpenID Connect Core 6)."""
    if asking.parameters.get("request") is not None:
        raise RequestObjectError("Request objects are not supported.")
    if asking.parameters.get("request_uri") is not None:
        raise RequestUriError("Request objects are not supported.")


def code_flow(asking: Asking) -> None:
    """Only the code flow exists, and its answer comes in the query (S-01)."""
    if asking.parameters.need("response_type") != "code":
        raise errors.ResponseTypeUnsupportedError
    if asking.parameters.get("response_mode") not in (None, "query"):
        raise RequestWrongError("The only response_mode is query.")


def permitted_scopes(asking: Asking) -> None:
    """S-22: scopes that exist and stand on the card."""
    asking.parameters.need("scope")
    scopes.expanded(asking.parameters.scopes(), asking.card.scopes)


def challenge(asking: Asking) -> None:
    """S-02: PKCE with S256, unless the card does without; `plain` never."""
    value, method = asking.parameters.get("code_challenge"), asking.parameters.get("code_challenge_method")
    if value is None:
        if asking.card.pkce_required or method is not None:
            raise RequestWrongError("A code_challenge is needed (RFC 7636).")
        return
    if method != "S256":
        raise RequestWrongError("The only code_challenge_method is S256.")
    if _CHALLENGE.fullmatch(value) is None:
        raise RequestWrongError("A code_challenge of S256 has 43 characters of base64url.")


def known_prompt(asking: Asking) -> None:
    """`prompt` and `max_age` can be obeyed; nobody is signed in here without an act of his own (S-26)."""
    prompts = _prompts(asking.parameters)
    if prompts - PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise RequestWrongError("The prompt is unknown or contradicts itself.")
    age = asking.parameters.get("max_age")
    if age is not None and _SECONDS.fullmatch(age) is None:
        raise RequestWrongError("The max_age is not a number of seconds.")
    if "none" in prompts:
        raise SignInNeededError("A person has to act: there is no sign-in without a page.")


CHECKS: Checks = (
    (authorize.one_client_and_address, Answer.PAGE),
    (known_client, Answer.PAGE),
    (exact_address, Answer.PAGE),
    (authorize.nothing_spoilt, Answer.REDIRECT),
    (no_request_object, Answer.REDIRECT),
    (code_flow, Answer.REDIRECT),
    (permitted_scopes, Answer.REDIRECT),
    (challenge, Answer.REDIRECT),
    (known_prompt, Answer.REDIRECT),
)


def examine(session: Session, parameters: Parameters, now: datetime, *, issuer: str) -> Asking:
    """Run every check; authorize.RefusedError at the first that fails."""
    return authorize.examined(Asking(session, parameters, now, issuer=issuer), CHECKS)


def pending_request(asking: Asking, ids: Ids) -> AuthorizationRequest:
    """The row of an examined request, not stored yet. `state` is the client's choice; none is kept as an empty one."""
    parameters = asking.parameters
    prompts = _prompts(parameters)
    age = parameters.get("max_age")
    since = asking.now if "login" in prompts else None
    if since is None and age is not None:
        since = asking.now - timedelta(seconds=int(age))
    return AuthorizationRequest(
        id=ids.token(),
        mnemonic=asking.card.mnemonic,
        redirect_uri=parameters.need("redirect_uri"),
        scopes=scopes.expanded(parameters.scopes(), asking.card.scopes),
        state=parameters.get("state") or "",
        nonce=parameters.get("nonce"),
        code_challenge=parameters.get("code_challenge"),
        force_consent="consent" in prompts,
        issuer=asking.issuer,
        signed_in_since=since,
        created_at=asking.now,
        expires_at=asking.now + PENDING,
    )


def _prompts(parameters: Parameters) -> frozenset[str]:
    return frozenset((parameters.get("prompt") or "").split())
