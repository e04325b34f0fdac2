"""The client of ESIA: everything the portal ever asks Gosuslugi, over HTTP sockets, in the profile `esia-v1`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx2

from foundation.clock import Clock, steady_seconds
from foundation.ids import Ids
from foundation.log import get_log
from portal.esia.breaker import Breaker
from portal.esia.checks import Expected, peek_claims
from portal.esia.cms import client_secret, timestamp
from portal.esia.config import EsiaConfig
from portal.esia.errors import AccessRefused, EsiaError, EsiaFailed, Misconfigured, WrongAudience
from portal.esia.keys import TrustedKeys, certificate_fetch
from portal.esia.person import (
    Address,
    ChildData,
    Contact,
    Document,
    PersonData,
    parse_addresses,
    parse_children,
    parse_contacts,
    parse_documents,
    parse_person,
)
from portal.esia.refusals import refusal
from portal.esia.tokens import Tokens, check_tokens, read_token_answer
from portal.esia.transport import TimedTransport
from portal.esia.wire import PREFLIGHT, WORKS, Wire
from portal.esia.works import Works, current_works, parse_works

log = get_log("portal.esia")

TOO_MANY = 429


@dataclass(frozen=True)
class EsiaHealth:
    """For the readiness page."""

    answers: bool
    """False while the breaker is open."""
    misconfigured: str | None
    """Why ESIA last refused a request of ours, None if a later one was accepted."""


@dataclass(frozen=True)
class _Checked:
    """The outcome of a check before a sign-in, kept for a moment."""

    at: datetime
    works: Works | None
    error: EsiaError | None


class EsiaClient:
    """One client of one ESIA. Remembers keys, breaker and connections; safe to use from many threads."""

    def __init__(
        self,
        config: EsiaConfig,
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
        self._keys = TrustedKeys(clock, self._key_source())
        self._checked: _Checked | None = None
        self._schedule: tuple[datetime, list[Works]] | None = None
        self._misconfigured: str | None = None

    def close(self) -> None:
        """Give back every connection; the object is not used afterwards."""
        self._wire.close()

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
        now = self._clock.now()
        kept = self._schedule
        if kept is None or not self._is_fresh(kept[0], now):
            kept = (now, self._ask_schedule())
            self._schedule = kept
        return kept[1]

    def _ask_schedule(self) -> list[Works]:
        if not self.config.works_url:
            return []
        try:
            answer = self._wire.get(WORKS, self.config.works_url, limits=self.config.preflight_limits)
            return parse_works(answer.json())
        except EsiaError as error:
            log.warning("schedule_unknown", reason=error.reason)
            return []

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

    # The sign-in itself

    def authorization_url(
        self,
        *,
        state: str,
        redirect_uri: str,
        nonce: str | None = None,
        code_challenge: str | None = None,
        ask_consent: bool = False,
    ) -> str:
        """Where the browser is sent. This profile has neither nonce nor challenge, so neither goes out (S-02, S-04).

        `ask_consent`: have the person asked for the rights even if some were given before (R-017).
        """
        del nonce, code_challenge
        moment = timestamp(self._clock.now())
        parameters = {
            "client_id": self.config.client_id,
            "client_secret": self._secret(moment, state),
            "redirect_uri": redirect_uri,
            "scope": self.config.scope,
            "response_type": "code",
            "state": state,
            "timestamp": moment,
            "access_type": "online",
        }
        if ask_consent:
            parameters["prompt"] = "consent"
        return f"{self.config.front_url}/aas/oauth2/ac?{urlencode(parameters)}"

    def refused(self, *, error: str, description: str) -> EsiaError:
        """The error that a redirect back with `error` means; both texts are a stranger's (S-16)."""
        found = refusal(call="authorize", error=error, description=description)
        if isinstance(found, Misconfigured):
            self._note(found)
        return found

    def redeem(
        self,
        *,
        code: str,
        redirect_uri: str,
        started_at: datetime,
        nonce: str | None = None,
        code_verifier: str | None = None,
    ) -> Tokens:
        """Exchange the code for tokens and check them (S-04…S-10). The code goes out once, whatever comes back.

        Raises CodeRefused, Misconfigured, EsiaWorks, EsiaFailed, EsiaSilent or a kind of Untrusted.
        """
        del code_verifier
        if peek_claims(code).get("client_id", self.config.client_id) != self.config.client_id:
            # ESIA's codes are tokens that say whose they are. One of another system has been slipped in: it is not
            # shown to the token endpoint together with our signature.
            raise WrongAudience(call="authorize", detail="code")
        moment, state = timestamp(self._clock.now()), request_id(self._ids)
        answer = self._wire.post(
            "token",
            f"{self.config.back_url}/aas/oauth2/te",
            {
                "client_id": self.config.client_id,
                "client_secret": self._secret(moment, state),
                "code": code,
                "grant_type": "authorization_code",
                "redirect_uri": redirect_uri,
                "scope": self.config.scope,
                "state": state,
                "timestamp": moment,
                "token_type": "Bearer",
            },
        )
        try:
            item = read_token_answer(answer, state)
        except Misconfigured as error:
            self._note(error)
            raise
        self._misconfigured = None
        expected = Expected(
            issuer=self.config.issuer,
            client_id=self.config.client_id,
            now=self._clock.now(),
            started_at=started_at,
            nonce=nonce,
            second_factor=self.config.second_factor,
        )
        return check_tokens(item, expected, self._keys)

    def logout_url(self, *, redirect_uri: str) -> str:
        """Where the browser is sent to end the session at Gosuslugi; the parameter is `redirect_url` there."""
        parameters = {"client_id": self.config.client_id, "redirect_url": redirect_uri}
        return f"{self.config.front_url}/idp/ext/Logout?{urlencode(parameters)}"

    def _secret(self, moment: str, state: str) -> str:
        return client_secret(
            key=self.config.key,
            certificate=self.config.certificate,
            scope=self.config.scope,
            timestamp=moment,
            client_id=self.config.client_id,
            state=state,
        )

    def _note(self, error: Misconfigured) -> None:
        """Remember for the readiness page that ESIA refuses our requests; forgotten when it accepts one."""
        self._misconfigured = error.reason
        log.error("our_request_refused", call=error.call, reason=error.reason)

    # Data, with the access token

    def person(self, access: str, subject: str) -> PersonData:
        """The person; the only data that a session cannot do without."""
        return parse_person(self._data("person", access, subject, ""))

    def contacts(self, access: str, subject: str) -> list[Contact]:
        """Phones and e-mail addresses."""
        return parse_contacts(self._data("contacts", access, subject, "/ctts?embed=(elements)"))

    def addresses(self, access: str, subject: str) -> list[Address]:
        """Addresses."""
        return parse_addresses(self._data("addresses", access, subject, "/addrs?embed=(elements)"))

    def documents(self, access: str, subject: str) -> list[Document]:
        """Documents whose rights were granted; the OMS policy is among them (`person.policy_of`)."""
        return parse_documents(self._data("documents", access, subject, "/docs?embed=(elements)"))

    def children(self, access: str, subject: str) -> list[ChildData]:
        """Children."""
        return parse_children(self._data("children", access, subject, "/kids?embed=(elements)"))

    def child_documents(self, access: str, subject: str, child_id: str) -> list[Document]:
        """Documents of one child."""
        call = "child_documents"
        path = f"/kids/{quote(child_id, safe='')}/docs?embed=(elements)"
        return parse_documents(self._data(call, access, subject, path), call)

    def _data(self, call: str, access: str, subject: str, path: str) -> Any:
        url = f"{self.config.back_url}/rs/prns/{quote(subject, safe='')}{path}"
        answer = self._wire.get(call, url, access=access)
        if answer.status in (401, 403):
            raise AccessRefused(call=call, detail="status", status=answer.status)
        return answer.json()

    def _key_source(self) -> Callable[[], Any]:
        if urlsplit(self.config.trust).scheme in ("http", "https"):
            return lambda: self._wire.get("keys", self.config.trust).json()
        return certificate_fetch(Path(self.config.trust))


def request_id(ids: Ids) -> str:
    """A `state`: 128 random bits (S-03) in the form of a UUID, which ESIA asks for."""
    number = f"{ids.number(0, 2**128 - 1):032x}"
    return f"{number[:8]}-{number[8:12]}-{number[12:16]}-{number[16:20]}-{number[20:]}"
