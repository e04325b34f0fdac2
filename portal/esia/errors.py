"""What can go wrong on the way to Gosuslugi. One type per reason; each carries data, never a sentence for a person.

* EsiaError
  x EsiaSilent              refused, reset, TLS, time limit, or the breaker is open: nothing usable came back
  x EsiaFailed              answered, but with an error status or not in the agreed form
    + AccessRefused         401 or 403 for person data
  x EsiaWorks               Gosuslugi says that works are on
  x RefusedByEsia           an OAuth error with a code of ESIA (`docs/esia-protocol.md`, RFC 6749 4.1.2.1, 5.2)
    + ConsentDenied         the person pressed «Отказать»
    + AccountUnconfirmed    this system is open to confirmed accounts only
    + CodeRefused           the authorization code is used or too old
    + Misconfigured         our own request is wrong: an operator's error
  x Untrusted               arrived, and must not be trusted; the person is told nothing more (S-04...S-09)
    + Malformed             JSON, but not the agreed shape
    + MissingPersonName     person data without surname or name
    + UnknownRefusal        an error of which nothing is known
    + KeysUnavailable       no trusted key could be had
    + MetadataUnavailable   the provider's own description could not be had (profile `openid`)
    + MissingIssuer         the return does not say whose it is, although this provider always does (RFC 9207)
    + UnknownKey            the token names a key that the provider does not publish
    + BadToken              not a signed token at all
    + UnwantedAlgorithm     `alg` is not on the list
    + UnwantedHeader        `jku`, `x5u`, `jwk`, `x5c`, `crit`: a key or rule brought along by the token
    + BadSignature          no trusted key fits
    + WrongTokenKind        an access token where the id token is due, or the other way round
    + MissingClaim
    + WrongIssuer
    + WrongAudience
    + Expired
    + NotYetValid
    + IssuedBeforeStart     older than this sign-in: an answer from another one
    + WrongNonce
    + WrongAccessTokenHash
    + WrongState            the token answer echoes another state than was sent
    + SubjectMismatch       id token and access token speak of two people
    + SecondFactorMissing   all is well, but for a second factor: the person is told, for they can add one (S-10)
"""

# The types are named after what happened; the base says that they are errors.
# ruff: noqa: N818

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from portal.esia.works import Works

Side = Literal["person", "gosuslugi", "portal"]
Silence = Literal["refused", "unresolved", "reset", "tls", "time-limit", "resting", "closed"]


class EsiaError(Exception):
    """Base. `reason` is for the log and the timeline, in words without any person's data."""

    side: ClassVar[Side] = "gosuslugi"
    name: ClassVar[str] = "esia_error"

    def __init__(
        self, *, call: str, detail: str = "", status: int | None = None, retry_after: int | None = None
    ) -> None:
        """`call`: which exchange (token, keys, person, …); `status`: what was answered; `retry_after`: in seconds."""
        super().__init__(f"{call}: {detail or self.name}")
        self.call = call
        self.detail = detail
        self.status = status
        self.retry_after = retry_after

    @property
    def reason(self) -> str:
        """The reason for the log: the type's name, and what is particular about this case."""
        return f"{self.name}:{self.detail}" if self.detail else self.name


class EsiaSilent(EsiaError):
    """Nothing usable came back."""

    name = "silent"

    def __init__(
        self,
        *,
        call: str,
        cause: Silence,
        detail: str = "",
        retry_after: int | None = None,
        without_connection: bool = False,
    ) -> None:
        """`cause`: what ended it; `resting` is the open breaker (S-67). `without_connection`: there never was one, so
        the request certainly did not arrive.
        """
        super().__init__(call=call, detail=f"{cause} {detail}".strip(), retry_after=retry_after)
        self.cause = cause
        self.without_connection = without_connection


class EsiaFailed(EsiaError):
    """Answered, but with an error status or not in the agreed form (`detail` says which)."""

    name = "failed"


class AccessRefused(EsiaFailed):
    """Person data were asked for with a token that is not good for them (401, 403)."""

    name = "access_refused"


class EsiaWorks(EsiaError):
    """Works are on; `works` tells what is known of them, None where nothing is."""

    name = "works"

    def __init__(self, *, call: str, works: Works | None, retry_after: int | None = None) -> None:
        super().__init__(call=call, retry_after=retry_after)
        self.works = works

    def until(self) -> datetime | None:
        """The promised end, if there is one."""
        return self.works.end if self.works is not None else None


class RefusedByEsia(EsiaError):
    """An OAuth error. `code` is ESIA's, such as `ESIA-007014`, or empty; `error` the OAuth name."""

    name = "refused"

    def __init__(self, *, call: str, error: str, code: str, status: int | None = None) -> None:
        super().__init__(call=call, detail=" ".join(part for part in (code, error) if part), status=status)
        self.error = error
        self.code = code


class ConsentDenied(RefusedByEsia):
    """The person did not grant the rights."""

    side = "person"
    name = "consent_refused"


class AccountUnconfirmed(RefusedByEsia):
    """The account is not confirmed, and this system is open to confirmed ones only (ESIA-007055)."""

    side = "person"
    name = "account_unconfirmed"


class CodeRefused(RefusedByEsia):
    """The code is used, too old, or was never issued to us (ESIA-007011)."""

    side = "person"
    name = "code_refused"


class Misconfigured(RefusedByEsia):
    """Our own request is refused: certificate, signature, time, scope or card of the system. An operator's error."""

    side = "portal"
    name = "our_request_refused"


class Untrusted(EsiaError):
    """Arrived and must not be trusted. No session, no further call."""

    name = "untrusted"


class Malformed(Untrusted):
    """JSON, but not the agreed shape."""

    name = "malformed"


class MissingPersonName(Untrusted):
    """Person data without surname or name, which the portal cannot do without."""

    name = "person_without_name"


class UnknownRefusal(Untrusted):
    """The redirect carries an error of which nothing is known."""

    name = "unknown_refusal"


class KeysUnavailable(Untrusted):
    """No trusted key could be had, so nothing can be verified."""

    name = "no_keys"


class MetadataUnavailable(Untrusted):
    """The provider's own description could not be had, so nobody can be sent there (profile `openid`)."""

    name = "no_metadata"


class MissingIssuer(Untrusted):
    """The return does not say whose it is, although this provider always does (S-05, RFC 9207)."""

    name = "missing_issuer"


class UnknownKey(Untrusted):
    """The token names a key that the provider does not publish (S-07, S-12)."""

    name = "unknown_key"


class BadToken(Untrusted):
    """Not a signed token at all."""

    name = "not_a_token"


class UnwantedAlgorithm(Untrusted):
    """`alg` is not on the list of allowed ones (S-07)."""

    name = "unwanted_algorithm"


class UnwantedHeader(Untrusted):
    """The token brings a key or a rule of its own (S-07)."""

    name = "unwanted_header"


class BadSignature(Untrusted):
    """No trusted key fits the signature."""

    name = "bad_signature"


class WrongTokenKind(Untrusted):
    """`sbt` says that this is another kind of token than is due here."""

    name = "wrong_kind"


class MissingClaim(Untrusted):
    """A claim that must be there is not, or has the wrong type; `detail` is its name."""

    name = "missing_claim"


class WrongIssuer(Untrusted):
    """Not issued by the configured issuer, character by character (S-05)."""

    name = "wrong_issuer"


class WrongAudience(Untrusted):
    """Issued for another system (S-06)."""

    name = "wrong_audience"


class Expired(Untrusted):
    """Its time is over."""

    name = "expired"


class NotYetValid(Untrusted):
    """Its time has not come, or it claims to be issued in the future."""

    name = "not_yet_valid"


class IssuedBeforeStart(Untrusted):
    """Issued before this sign-in began (S-04 in the ESIA profiles)."""

    name = "issued_before_start"


class WrongNonce(Untrusted):
    """The nonce is not the one that was sent (S-04)."""

    name = "wrong_nonce"


class WrongAccessTokenHash(Untrusted):
    """`at_hash` belongs to another access token (OpenID Connect Core 3.1.3.6)."""

    name = "wrong_access_token_hash"


class NoLogoutEvent(Untrusted):
    """A logout token that does not say that it is one."""

    name = "no_logout_event"


class NoBackChannel(Untrusted):
    """A logout token, although this provider sends none."""

    name = "no_back_channel"


class WrongState(Untrusted):
    """The token answer echoes another state than was sent."""

    name = "wrong_state"


class SubjectMismatch(Untrusted):
    """Id token and access token speak of two people (S-09)."""

    name = "subject_mismatch"


class SecondFactorMissing(Untrusted):
    """Signed in with a password alone where a second factor is due (S-10). Checked last, when the token is believed.

    Or Gosuslugi itself says that the person has none (ESIA-007046).
    """

    side = "person"
    name = "second_factor_missing"
