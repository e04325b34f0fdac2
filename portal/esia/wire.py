"""One HTTP exchange with Gosuslugi: limits, the one repeat that is allowed, the breaker, and a line in the log.

Every call has limits for connecting, for each read and for the whole, and a largest size of the answer; redirects are
not followed, cookies are not kept, TLS is verified (S-15). A GET that got no connection or 502, 503, 504 is repeated
at most once inside the total limit; 500 and POST never are: a code is good for one exchange only.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx2

from foundation.clock import steady_seconds
from foundation.log import get_log
from portal.esia.breaker import Breaker
from portal.esia.errors import EsiaFailed, EsiaSilent, Silence
from portal.esia.shapes import parse_json
from portal.esia.transport import deadline

log = get_log("portal.esia")

LARGEST_ANSWER = 256 * 1024
"""Bytes; the largest honest answer (a person with documents) has a few thousand."""
REPEATED = (502, 503, 504)
PREFLIGHT = "preflight"
"""Name of the check before a sign-in; the breaker counts it differently."""
WORKS = "works"
"""Name of the call for the schedule of works. It is a courtesy: the breaker does not learn from it."""


@dataclass(frozen=True)
class Limits:
    """Limits of one call in seconds."""

    connect: float
    read: float
    total: float


@dataclass(frozen=True)
class _Call:
    """One call as it is asked for."""

    name: str
    method: str
    url: str
    headers: dict[str, str]
    data: dict[str, str] | None
    limits: Limits


@dataclass(frozen=True)
class Answer:
    """What came back, whole."""

    call: str
    status: int
    headers: httpx2.Headers
    body: bytes

    @property
    def retry_after(self) -> int | None:
        """`Retry-After` in seconds, if it is given so and is sensible."""
        value = self.headers.get("Retry-After", "")
        return min(int(value), 86400) if value.isascii() and value.isdigit() and len(value) < 8 else None

    @property
    def is_json(self) -> bool:
        """Whether the answer says that it is JSON, or says nothing."""
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return kind in ("", "application/json") or (kind.startswith("application/") and kind.endswith("+json"))

    def json(self) -> Any:
        """The JSON of an answer that succeeded.

        Raises EsiaFailed for another status or another content type, Malformed for what is not JSON.
        """
        if not 200 <= self.status < 300:
            raise EsiaFailed(call=self.call, detail="status", status=self.status, retry_after=self.retry_after)
        if not self.is_json:
            raise EsiaFailed(call=self.call, detail="not a JSON answer", status=self.status)
        return parse_json(self.body, self.call)


class Wire:
    """Makes the calls of one client of ESIA. Safe to use from many threads."""

    def __init__(
        self,
        *,
        limits: Limits,
        breaker: Breaker,
        transport: httpx2.BaseTransport,
        seconds_left: Callable[[], float],
        extra_headers: Callable[[], dict[str, str]] | None = None,
        steady: Callable[[], float] = steady_seconds,
    ) -> None:
        """`seconds_left`: what is left of the request at hand; `extra_headers`: added to every call."""
        self._limits = limits
        self._breaker = breaker
        self._seconds_left = seconds_left
        self._extra_headers = extra_headers or dict
        self._steady = steady
        self._client = httpx2.Client(
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "patient-portal"},
        )

    def close(self) -> None:
        """Give back every connection."""
        self._client.close()

    def get(self, call: str, url: str, *, access: str | None = None, limits: Limits | None = None) -> Answer:
        """Ask for `url`, with the access token where one is due.

        Raises EsiaSilent when nothing usable comes back, EsiaFailed when the answer is cut off or too large.
        """
        headers = {"Authorization": f"Bearer {access}"} if access else {}
        return self._guarded(_Call(call, "GET", url, headers, None, limits or self._limits))

    def post(self, call: str, url: str, data: dict[str, str], *, authorization: str | None = None) -> Answer:
        """Send a form, once, with the header `Authorization` where one is due. Raises as `get`."""
        headers = {"Authorization": authorization} if authorization else {}
        return self._guarded(_Call(call, "POST", url, headers, data, self._limits))

    def _guarded(self, call: _Call) -> Answer:
        """The call with the breaker around it."""
        if self._seconds_left() <= 0:
            # Our own request has no time left; that says nothing about Gosuslugi, so the breaker does not learn of it.
            raise EsiaSilent(call=call.name, cause="time-limit", detail="of the request at hand")
        if call.name == WORKS:
            if self._breaker.is_open():
                raise EsiaSilent(call=call.name, cause="resting")
            return self._with_repeat(call)
        rest = self._breaker.rest_left()
        if rest:
            raise EsiaSilent(call=call.name, cause="resting", retry_after=rest)
        preflight = call.name == PREFLIGHT
        try:
            answer = self._with_repeat(call)
        except EsiaSilent:
            self._breaker.failed()
            raise
        except EsiaFailed:
            self._breaker.passed(preflight=preflight)
            raise
        if answer.status >= 500:
            self._breaker.failed()
        else:
            self._breaker.passed(preflight=preflight)
        return answer

    def _with_repeat(self, call: _Call) -> Answer:
        """The call, made a second time where that is allowed and the time suffices."""
        end = self._steady() + min(call.limits.total, self._seconds_left())
        try:
            answer = self._once(call, end)
            again = answer.status in REPEATED and answer.retry_after is None
        except EsiaSilent as error:
            if call.method != "GET" or not error.without_connection or self._steady() >= end:
                raise
            return self._once(call, end)
        return self._once(call, end) if again and call.method == "GET" and self._steady() < end else answer

    def _once(self, call: _Call, end: float) -> Answer:
        """One exchange and its line in the log."""
        begun = self._steady()
        try:
            answer = self._exchange(call, end)
        except (EsiaSilent, EsiaFailed) as error:
            log.warning("esia_call", call=call.name, reason=error.reason, ms=self._milliseconds(begun))
            raise
        log.info("esia_call", call=call.name, status=answer.status, ms=self._milliseconds(begun))
        return answer

    def _exchange(self, call: _Call, end: float) -> Answer:
        left = end - self._steady()
        if left <= 0:
            raise EsiaSilent(call=call.name, cause="time-limit")
        read = min(call.limits.read, left)
        timeout = httpx2.Timeout(connect=min(call.limits.connect, left), read=read, write=read, pool=left)
        headers = {**self._extra_headers(), **call.headers}
        head: httpx2.Response | None = None
        try:
            with (
                deadline(end),
                self._client.stream(call.method, call.url, headers=headers, data=call.data, timeout=timeout) as head,
            ):
                body = self._body(call.name, head, end)
        except httpx2.TimeoutException as error:
            never = isinstance(error, httpx2.ConnectTimeout)
            raise EsiaSilent(call=call.name, cause="time-limit", without_connection=never) from None
        except httpx2.RemoteProtocolError:
            if head is None:
                raise EsiaSilent(call=call.name, cause="closed") from None
            raise EsiaFailed(call=call.name, detail="cut off", status=head.status_code) from None
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            never = isinstance(error, httpx2.ConnectError)
            raise EsiaSilent(call=call.name, cause=_cause(error), without_connection=never) from None
        return Answer(call=call.name, status=head.status_code, headers=head.headers, body=body)

    def _body(self, call: str, head: httpx2.Response, end: float) -> bytes:
        """The body, as long as it keeps within the size and the time."""
        if head.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise EsiaFailed(call=call, detail="encoded though not asked for", status=head.status_code)
        body = bytearray()
        for chunk in head.iter_bytes():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise EsiaFailed(call=call, detail="too large", status=head.status_code)
            if self._steady() >= end:
                raise EsiaSilent(call=call, cause="time-limit", detail="in the body")
        return bytes(body)

    def _milliseconds(self, begun: float) -> int:
        return round((self._steady() - begun) * 1000)


def _cause(error: BaseException) -> Silence:
    """What lies at the bottom of a transport error."""
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, ssl.SSLError):
            return "tls"
        if isinstance(below, socket.gaierror):
            return "unresolved"
        below = below.__cause__ or below.__context__
    return "refused" if isinstance(error, httpx2.ConnectError) else "reset"
