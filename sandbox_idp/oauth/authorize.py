"""`/aas/oauth2/ac`: the checks of an authorization request, in the order that makes them safe.

First whose request this is and whether its address is the system's; until both are known a refusal stays on a page of
Gosuslugi (S-18). Everything after that goes back to the system with ESIA's code and the `state` that was sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from foundation.database import Session
from foundation.ids import Ids
from sandbox_idp.oauth import client_secret, errors, redirects, systems, values
from sandbox_idp.oauth import scopes as catalogue
from sandbox_idp.oauth.models import AuthorizationRequest, InformationSystem
from sandbox_idp.oauth.requests import PENDING
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import ClientRequestDraft, Point

ACCESS_TYPES = ("online", "offline")
_ONCE = ("client_id", "redirect_uri")


class Answer(Enum):
    """Where a refusal is told."""

    PAGE = "on a page of Gosuslugi"
    REDIRECT = "with the browser, back to the system"


@dataclass
class Asking:
    """A request that is being checked, and what is known of it so far."""

    session: Session
    parameters: values.Parameters
    now: datetime
    system: InformationSystem | None = None
    issuer: str | None = None
    """On the OpenID paths: the stand's name as a provider; it is part of every answer (RFC 9207)."""

    _signed: ClientRequestDraft | None = field(default=None, init=False, repr=False)

    @property
    def signed(self) -> ClientRequestDraft:
        """What the system signed its request with, and when it came; only ESIA's own paths ask for it."""
        if self._signed is None:
            self._signed = signed_request(self.parameters, self.now)
        return self._signed

    @property
    def card(self) -> InformationSystem:
        """The system; only after `known_system`."""
        assert self.system is not None
        return self.system


class RefusedError(Exception):
    """The request is refused: why, and where to say so."""

    def __init__(self, error: errors.EsiaError, answer: Answer, asking: Asking) -> None:
        super().__init__(error.description)
        self.error = error
        self.answer = answer
        self.redirect_uri = asking.parameters.get("redirect_uri") or ""
        self.state = None if "state" in asking.parameters.spoilt else asking.parameters.get("state")
        self.mnemonic = asking.parameters.get("client_id") or ""
        self.issuer = asking.issuer

    @property
    def params(self) -> dict[str, str]:
        """The query that goes back (`docs/esia-protocol.md`, "Redirect back")."""
        description = self.error.description if self.issuer is None else self.error.plain
        params = {"error": self.error.oauth, "error_description": description}
        if self.state is not None:
            params["state"] = self.state
        return params if self.issuer is None else {**params, "iss": self.issuer}


def one_client_and_address(asking: Asking) -> None:
    """Neither of the two may come twice with different values, or with a NUL in it."""
    for name in _ONCE:
        if name in asking.parameters.spoilt:
            raise errors.ParameterWrongError(name)


def known_system(asking: Asking) -> None:
    """The mnemonic is one of a registered system."""
    asking.system = asking.session.get(InformationSystem, asking.parameters.need("client_id"))
    if asking.system is None:
        raise errors.UnknownClientError


def own_address(asking: Asking) -> None:
    """The address to go back to is the system's (S-18)."""
    if not redirects.is_registered(asking.parameters.need("redirect_uri"), asking.card):
        raise errors.ForeignRedirectError


def nothing_spoilt(asking: Asking) -> None:
    """No parameter came twice with different values, or with a NUL in it."""
    for name in sorted(asking.parameters.spoilt):
        raise errors.ParameterWrongError(name)


def nothing_missing(asking: Asking) -> None:
    """Every mandatory parameter is there."""
    for name in ("response_type", "scope", "state", "timestamp", "client_secret"):
        asking.parameters.need(name)


def code_flow(asking: Asking) -> None:
    """Only the code flow exists (S-01)."""
    if asking.parameters.need("response_type") != "code":
        raise errors.ResponseTypeUnsupportedError


def known_access_type(asking: Asking) -> None:
    """`access_type`, if it is there, is one of two."""
    if asking.parameters.get("access_type") not in (None, *ACCESS_TYPES):
        raise errors.ParameterWrongError("access_type")


def fresh(asking: Asking) -> None:
    """The timestamp is readable and near the stand's clock."""
    values.check_timestamp(asking.parameters.need("timestamp"), asking.signed.received_at)


def signed_by_the_system(asking: Asking) -> None:
    """`client_secret` is the system's signature over this request."""
    check_secret(asking.session, asking.parameters, asking.card, asking.signed)


def check_scopes(parameters: values.Parameters, card: InformationSystem) -> None:
    """Every scope exists and is on the system's card (S-22); ScopeUnknownError or ScopeNotGrantedError otherwise."""
    asked = parameters.scopes()
    unknown = catalogue.unknown(asked)
    if unknown or not asked:
        raise errors.ScopeUnknownError(unknown)
    foreign = [scope for scope in asked if scope not in card.scopes]
    if foreign:
        raise errors.ScopeNotGrantedError(foreign)


def permitted_scopes(asking: Asking) -> None:
    """What is asked for exists and is permitted."""
    check_scopes(asking.parameters, asking.card)


def challenge(asking: Asking) -> None:
    """PKCE: demanded where the card says so; only S256 once it is used (S-02, S-20)."""
    if asking.parameters.get("code_challenge") is None:
        if asking.card.require_pkce:
            raise errors.ParameterMissingError("code_challenge")
    elif asking.parameters.get("code_challenge_method") != "S256":
        raise errors.ParameterWrongError("code_challenge_method")


Checks = tuple[tuple[Callable[[Asking], None], Answer], ...]

CHECKS: Checks = (
    (one_client_and_address, Answer.PAGE),
    (known_system, Answer.PAGE),
    (own_address, Answer.PAGE),
    (nothing_spoilt, Answer.REDIRECT),
    (nothing_missing, Answer.REDIRECT),
    (code_flow, Answer.REDIRECT),
    (known_access_type, Answer.REDIRECT),
    (fresh, Answer.REDIRECT),
    (signed_by_the_system, Answer.REDIRECT),
    (permitted_scopes, Answer.REDIRECT),
    (challenge, Answer.REDIRECT),
)
"""The order is the argument for safety: nothing is redirected before the address is known to be the system's, and
what a card permits is told only to who signs for it."""


def examine(session: Session, parameters: values.Parameters, now: datetime) -> Asking:
    """Run every check; RefusedError at the first that fails."""
    return examined(Asking(session, parameters, now), CHECKS)


def examined(asking: Asking, checks: Checks) -> Asking:
    """Run `checks` in their order; RefusedError at the first that fails."""
    for check, answer in checks:
        try:
            check(asking)
        except errors.EsiaError as error:
            raise RefusedError(error, answer, asking) from error
    return asking


def pending_request(asking: Asking, ids: Ids) -> AuthorizationRequest:
    """The row of an examined request, not stored yet."""
    parameters = asking.parameters
    return AuthorizationRequest(
        id=ids.token(),
        mnemonic=asking.card.mnemonic,
        redirect_uri=parameters.need("redirect_uri"),
        scopes=parameters.scopes(),
        state=parameters.need("state"),
        nonce=parameters.get("nonce"),
        code_challenge=parameters.get("code_challenge"),
        access_type=parameters.get("access_type") or "online",
        force_consent=parameters.get("prompt") == "consent",
        created_at=asking.now,
        expires_at=asking.now + PENDING,
    )


def signed_request(parameters: values.Parameters, now: datetime) -> ClientRequestDraft:
    """What the request is signed with and when it came: where a scenario spoils a system's own request."""
    draft = ClientRequestDraft(parameters.get("client_secret") or "", received_at=now, certificate_at=now)
    return engine.transform(Point.CLIENT_REQUEST, draft)


def check_secret(
    session: Session, parameters: values.Parameters, system: InformationSystem, signed: ClientRequestDraft
) -> None:
    """Check `client_secret` over scope, timestamp, client_id and state of these very parameters (S-21)."""
    parameters.need("client_secret")
    client_secret.verify(
        signed.secret,
        client_secret.Signed(
            scope=parameters.need("scope"),
            timestamp=parameters.need("timestamp"),
            client_id=parameters.need("client_id"),
            state=parameters.need("state"),
            redirect_uri=parameters.get("redirect_uri") or "",
            code=parameters.get("code") or "",
        ),
        certificates=systems.certificates_of(session, system.mnemonic),
        now=signed.certificate_at,
    )
