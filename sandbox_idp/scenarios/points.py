"""The places where a scenario can act inside the sandbox, and what passes through each of them.

A room that reaches such a place hands the value to `engine.transform(point, value)` and goes on with what comes back.
Without an armed effect that is the same object. Effects change the values; they never know the rooms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal


class Point(StrEnum):
    """Names of the places, as a catalogue entry's effect names them."""

    CLIENT_REQUEST = "client-request"
    AUTHORIZE_REDIRECT = "authorize-redirect"
    CODE = "code"
    CODE_USE = "code-use"
    ID_TOKEN = "id-token"  # noqa: S105 - a place, not a secret
    LOGOUT_TOKEN = "logout-token"  # noqa: S105 - a place, not a secret
    ACCESS_TOKEN = "access-token"  # noqa: S105 - a place, not a secret
    TOKEN_RESPONSE = "token-response"  # noqa: S105 - a place, not a secret
    PERSON = "person"
    JWKS = "jwks"
    DISCOVERY = "discovery"
    MESSAGE = "message"
    WORKS = "works"
    FACTORS = "factors"
    FACTOR_ACCEPTED = "factor-accepted"
    CAPTCHA = "captcha"
    REGISTRY = "registry"
    CLINIC = "clinic"


@dataclass
class ClientRequestDraft:
    """What a system signed its request with, and when it came, before either is checked."""

    secret: str
    """`client_secret` as it came."""
    received_at: datetime
    """What its `timestamp` is compared with."""
    certificate_at: datetime
    """When its certificate has to be valid."""


@dataclass
class CodeDraft:
    """What is known of an authorization code when it comes back to be redeemed."""

    used: bool
    expires_at: datetime
    mnemonic: str
    """The system that it was given to."""


@dataclass
class RedirectDraft:
    """The query that goes back to the system with the browser (`code` and `state`, or `error`…)."""

    params: dict[str, str]


@dataclass
class TokenDraft:
    """A token before it is signed."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signing: Literal["own", "broken", "foreign", "garbage", "rotated"] = "own"
    """`broken`: the signature's bytes are changed; `foreign`: signed with a key that nobody published; `garbage`: no
    token at all comes out; `rotated`: the stand begins to use a new key with this very token, and goes on publishing
    the old one.
    """


@dataclass
class LogoutDraft(TokenDraft):
    """A logout token before it is signed."""

    person_oid: int = 0
    """Whose session has ended."""
    used_before: bool = False
    """Its `jti` was used already: a token of the same name is sent first, for a session that nobody has."""


@dataclass
class ResponseDraft:
    """A JSON answer before it is sent."""

    status: int
    body: dict[str, Any]
    text: str | None = None
    """Sent in place of the JSON, though the answer still says that it is JSON."""


@dataclass
class MessageDraft:
    """An SMS, push or letter before it goes out."""

    kind: Literal["sms", "push", "mail"]
    recipient: str
    text: str
    code: str | None = None
    subject: str | None = None
    person_oid: int | None = None
    refused: bool = False
    """The gateway does not take it: whoever sends it is told at once."""
    lost: bool = False
    delay: timedelta = timedelta(0)
    echoes: tuple[timedelta, ...] = ()
    """When it arrives once more, counted from when it arrives first."""


@dataclass
class FactorsDraft:
    """Which second factors are offered, before they are."""

    on_mobile: bool
    """Whether the browser is one of a phone."""
    sms_on_mobile: bool


@dataclass
class InsistDraft:
    """What happens once the second factor was right, to somebody who has no other one."""

    insists: Literal["never", "may-skip", "must"]


@dataclass
class RegistryDraft:
    """A registry that is about to answer."""

    registry: Literal["passport", "snils", "insured"]
    person_oid: int
    waited: timedelta
    """How long ago it was asked."""
    needs: timedelta = timedelta(0)
    """How long it needs altogether."""
    down: bool = False
    """It cannot be reached."""
    refuses: bool = False
    """It says no, whatever it was asked."""


@dataclass(frozen=True)
class WorksWindow:
    """Announced works, on the stand's clock. `end` is None when nobody knows it."""

    start: datetime
    end: datetime | None
    kind: Literal["planned", "repair", "modernisation"] = "planned"
    title: str = "Плановые работы"


@dataclass
class WorksDraft:
    """The schedule of works."""

    windows: list[WorksWindow] = field(default_factory=list)


@dataclass
class CaptchaDraft:
    """Whether the service that draws and reads out captchas answers."""

    available: bool = True


@dataclass
class ClinicDraft:
    """A call of the portal to the medical system, before it is answered (`sandbox_idp.clinic`)."""

    operation: str
    """The function of the interface that was called: `book`, `entries`, …"""
    site: str | None = None
    """Code of the clinic whose system is asked; None for what concerns no single one."""
    source: str | None = None
    """The source of the record that is asked: `clinic`, `laboratory`, `vaccinations`; None for other calls."""
    patience: float = 0.0
    """Seconds that the portal waits for the answer."""
    silent: bool = False
    """No answer comes."""
    lost: bool = False
    """What was asked is done, and the answer to it does not arrive."""
    taken: bool = False
    """The slot was taken a moment ago."""
    full: bool = False
    """Nothing is free."""
    card: Literal["as-is", "not-found", "duplicate"] = "as-is"
    attachment: Literal["as-is", "none", "pending"] = "as-is"
