"""What a client of every profile does alike: calls over one wire, checks before a sign-in, health, refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

import httpx2

from foundation.clock import Clock, steady_seconds
from foundation.ids import Ids
from foundation.log import get_log
from portal.esia.breaker import Breaker
from portal.esia.config import ClientConfig
from portal.esia.errors import EsiaError, EsiaFailed, Misconfigured, NoBackChannel, WrongIssuer
from portal.esia.keys import TrustedKeys
from portal.esia.refusals import refusal
from portal.esia.transport import TimedTransport
from portal.esia.wire import PREFLIGHT, WORKS, Wire
from portal.esia.works import Announced, Works, current_works, parse_announced

log = get_log("portal.esia")
NOTHING = Announced(windows=[], sms=None)

TOO_MANY = 429

Config = TypeVar("Config", bound=ClientConfig)

EVERYTHING = frozenset({"contacts", "policy", "children", "child-documents"})
"""Every item of a patient that a provider may offer beside the person."""


@dataclass(frozen=True)
class EsiaHealth:
    """For the readiness page."""

    answers: bool
    """False while the breaker is open."""
    misconfigured: str | None
    """Why ESIA last refused a request of ours, None if a later one was accepted."""


@dataclass(frozen=True)
class Logout:
    """What a provider ends by a call between servers: one session of its own, or all of a person."""

    issuer: str
    subject: str | None
    sid: str | None
    jti: str
    """Its own name, by which it counts once."""
    expires_at: float
    """Seconds since 1970."""


@dataclass(frozen=True)
class _Checked:
    """The outcome of a check before a sign-in, kept for a moment."""

    at: datetime
    works: Works | None
    error: EsiaError | None


class ProfileClient(Generic[Config]):
    """One client of one provider. Remembers keys, breaker and connections; safe to use from many threads."""

    offers: ClassVar[frozenset[str]] = EVERYTHING
    """What the provider can be asked for at all, whatever rights a person grants."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock,
        ids: Ids,
        seconds_left: Callable[[], float],
        transport: httpx2.BaseTransport | None = None,
        extra_headers: Callable[[], dict[str, str]] | None = None,
        steady: Callable[[], float] = steady_seconds,
    ) -> None:
        """`seconds_left` tells what is left of the request at hand; `extra_headers` is asked before every call."""
        self.config = config
        self._clock = clock
        self._ids = ids
        self._breaker = Breaker(clock)
        self._wire = Wire(
            limits=config.limits,
            breaker=self._breaker,
            transport=transport or TimedTransport(),
            seconds_left=seconds_left,
            extra_headers=extra_headers,
            steady=steady,
        )
        self._keys = TrustedKeys(clock, self._fetch_keys)
        self._checked: _Checked | None = None
        self._announced: tuple[datetime, Announced] | None = None
        self._misconfigured: str | None = None
        self._prepare()

    def _prepare(self) -> None:
        """What a profile remembers beyond this."""

    def close(self) -> None:
        """Give back every connection; the object is not used afterwards."""
        self._wire.close()

    @property
    def cabinet_url(self) -> str:
        """Where people fill in their documents; empty where nobody knows."""
        return self.config.cabinet_url

    def health(self) -> EsiaHealth:
        """What the readiness page says about Gosuslugi; asks nothing."""
        return EsiaHealth(answers=not self._breaker.is_open(), misconfigured=self._misconfigured)

    # Before a sign-in

    def check_alive(self) -> Works | None:
        """Whether a browser can be sent to Gosuslugi: None if so, else the works that are on (R-030).

        Any answer below 500 counts as alive, except for 429: who is asked to wait is not sent on to be told so by a
        bare page. Raises EsiaSilent, or EsiaFailed for 5xx outside of works and for 429. The outcome is kept for
        `ESIA_PREFLIGHT_CACHE`.
        """
        now = self._clock.now()
        checked = self._checked
        if checked is None or not self._is_fresh(checked.at, now):
            checked = self._check(now)
            self._checked = checked
        if checked.error is not None:
            raise checked.error.with_traceback(None)
        return checked.works

    def schedule(self) -> list[Works]:
        """The windows of works that Gosuslugi announces; none where it has no schedule or does not tell it.

        Kept for `ESIA_PREFLIGHT_CACHE`, because pages ask for it too (U-33).
        """
        return self._ask_announced().windows

    def codes_go_out(self) -> bool | None:
        """Whether codes by SMS go out, as Gosuslugi tells it beside its schedule; None where it does not tell."""
        return self._ask_announced().sms

    def known_works(self) -> list[Works]:
        """The windows as they were last told, without asking: for the notice on every page (U-33)."""
        kept = self._announced
        return [] if kept is None else kept[1].windows

    def _ask_announced(self) -> Announced:
        now = self._clock.now()
        kept = self._announced
        if kept is None or not self._is_fresh(kept[0], now):
            kept = (now, self._read_announced())
            self._announced = kept
        return kept[1]

    def _read_announced(self) -> Announced:
        if not self.config.works_url:
            return NOTHING
        try:
            answer = self._wire.get(WORKS, self.config.works_url, limits=self.config.preflight_limits)
            return parse_announced(answer.json())
        except EsiaError as error:
            log.warning("schedule_unknown", reason=error.reason)
            return NOTHING

    def _is_fresh(self, at: datetime, now: datetime) -> bool:
        return at <= now < at + self.config.preflight_cache

    def _check(self, now: datetime) -> _Checked:
        try:
            answer = self._wire.get(PREFLIGHT, self.config.preflight_url, limits=self.config.preflight_limits)
        except EsiaError as error:
            return _Checked(at=now, works=None, error=error)
        works = current_works(self.schedule(), now)
        failed: EsiaError | None = None
        if works is None and (answer.status >= 500 or answer.status == TOO_MANY):
            failed = EsiaFailed(call=PREFLIGHT, detail="status", status=answer.status, retry_after=answer.retry_after)
        return _Checked(at=now, works=works, error=failed)

    def _fetch_keys(self) -> Any:
        """The provider's key set, parsed."""
        raise NotImplementedError

    # The return from the provider

    def check_response_issuer(self, issuer: str | None) -> None:
        """S-05: an `iss` that comes back with the browser is the configured one (RFC 9207); WrongIssuer otherwise."""
        if issuer is not None and issuer != self.config.issuer:
            raise WrongIssuer(call="authorize")

    def refused(self, *, error: str, description: str) -> EsiaError:
        """The error that a redirect back with `error` means; both texts are a stranger's (S-16)."""
        found = refusal(call="authorize", error=error, description=description)
        if isinstance(found, Misconfigured):
            self._note(found)
        return found

    def read_logout(self, token: str) -> Logout:
        """What a logout token ends; a kind of Untrusted if it must not be believed. ESIA sends none: NoBackChannel."""
        del token
        raise NoBackChannel(call="logout")

    def _note(self, error: Misconfigured) -> None:
        """Remember for the readiness page that ESIA refuses our requests; forgotten when it accepts one."""
        self._misconfigured = error.reason
        log.error("our_request_refused", call=error.call, reason=error.reason)
