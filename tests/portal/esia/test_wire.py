"""One exchange with Gosuslugi: limits, repeats, sizes, and what each failure is called (S-15, architecture rule 3)."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from foundation.clock import ManualClock
from portal.esia.breaker import Breaker
from portal.esia.errors import EsiaFailed, EsiaSilent, Malformed
from portal.esia.wire import LARGEST_ANSWER, Limits, Wire
from tests.portal.conftest import NOON

URL = "http://back.esia.test/rs/prns/1"


class Counter:
    """A steady counter that only moves when told."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Service:
    """Answers in turn with what it was given, and keeps the requests."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def wire(service: Any, **changes: Any) -> Wire:
    values: dict[str, Any] = {
        "limits": Limits(connect=2.0, read=5.0, total=15.0),
        "breaker": Breaker(ManualClock(NOON)),
        "transport": httpx2.MockTransport(service),
        "seconds_left": lambda: 25.0,
    }
    return Wire(**{**values, **changes})


def ok(body: bytes = b"{}", **headers: str) -> httpx2.Response:
    return httpx2.Response(200, content=body, headers={"Content-Type": "application/json", **headers})


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


# Repeats


@pytest.mark.parametrize("first", [502, 503, 504])
def test_a_get_is_repeated_once_after_a_gateway_error(first: int) -> None:
    """Rule 3: 502, 503 and 504 may pass by themselves."""
    service = Service(httpx2.Response(first), ok())
    assert wire(service).get("person", URL).status == 200
    assert len(service.requests) == 2


@pytest.mark.parametrize(
    "first",
    [
        httpx2.ConnectError("refused"),
        httpx2.ConnectTimeout("connect"),
        caused(httpx2.ConnectError("tls"), ssl.SSLError("handshake")),
    ],
    ids=["refused", "connect-timeout", "tls"],
)
def test_a_get_without_a_connection_is_repeated_once(first: Exception) -> None:
    """Rule 3: no connection, no request, so it may be asked again."""
    service = Service(first, ok())
    assert wire(service).get("person", URL).status == 200
    assert len(service.requests) == 2


def test_a_get_is_repeated_only_once() -> None:
    """Rule 3: at most once."""
    service = Service(httpx2.Response(503), httpx2.Response(503), ok())
    assert wire(service).get("person", URL).status == 503
    assert len(service.requests) == 2


@pytest.mark.parametrize("status", [500, 501, 429, 404, 400])
def test_other_statuses_are_never_repeated(status: int) -> None:
    """Rule 3: never 500."""
    service = Service(httpx2.Response(status), ok())
    assert wire(service).get("person", URL).status == status
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "failure",
    [httpx2.ReadTimeout("x"), httpx2.ReadError("x"), httpx2.RemoteProtocolError("x")],
    ids=["time", "reset", "closed"],
)
def test_a_get_that_was_sent_is_not_repeated(failure: Exception) -> None:
    """Rule 3: it may have arrived."""
    service = Service(failure, ok())
    with pytest.raises(EsiaSilent):
        wire(service).get("person", URL)
    assert len(service.requests) == 1


@pytest.mark.parametrize("first", [httpx2.Response(503), httpx2.ConnectError("refused")], ids=["503", "refused"])
def test_a_post_is_never_repeated(first: Any) -> None:
    """Rule 3: a code is good for one exchange."""
    service = Service(first, ok())
    if isinstance(first, Exception):
        with pytest.raises(EsiaSilent):
            wire(service).post("token", URL, {})
    else:
        assert wire(service).post("token", URL, {}).status == 503
    assert len(service.requests) == 1


def test_an_answer_that_says_when_to_come_back_is_not_repeated_at_once() -> None:
    """Retry-After is obeyed, and told in seconds."""
    service = Service(httpx2.Response(503, headers={"Retry-After": "30"}), ok())
    answer = wire(service).get("person", URL)
    assert answer.retry_after == 30
    assert len(service.requests) == 1


@pytest.mark.parametrize("value", ["", "soon", "-5", "٣", "Wed, 21 Oct 2026 07:28:00 GMT", "9" * 30])
def test_a_retry_after_that_is_no_number_is_ignored(value: str) -> None:
    """It is a stranger's header."""
    service = Service(httpx2.Response(429, headers=[(b"Retry-After", value.encode())]))
    assert wire(service).get("person", URL).retry_after is None


def test_no_repeat_begins_when_the_time_is_over() -> None:
    """Rule 3: inside the total limit."""
    counter = Counter()

    def slow(_request: httpx2.Request) -> httpx2.Response:
        counter.seconds += 20
        return httpx2.Response(503)

    assert wire(slow, steady=counter).get("person", URL).status == 503


# Limits


def test_every_call_has_limits_for_connecting_reading_and_the_whole() -> None:
    """S-15: and the request at hand may have less time left than the setting allows."""
    service = Service(ok(), ok())
    wire(service).get("person", URL)
    limits = service.requests[0].extensions["timeout"]
    assert (limits["connect"], limits["read"], limits["write"]) == (2.0, 5.0, 5.0)
    assert 14 < limits["pool"] <= 15
    wire(service, seconds_left=lambda: 1.5).get("person", URL)
    assert max(service.requests[1].extensions["timeout"].values()) <= 1.5


def test_a_body_that_drips_ends_with_the_total_limit() -> None:
    """S-15: each byte comes in time, the whole does not."""
    counter = Counter()

    class Drip(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                counter.seconds += 1
                yield b" "

    service = Service(httpx2.Response(200, stream=Drip(), headers={"Content-Type": "application/json"}))
    with pytest.raises(EsiaSilent) as caught:
        wire(service, steady=counter).get("person", URL)
    assert caught.value.cause == "time-limit"
    assert counter.seconds == 115.0


def test_a_request_without_time_left_makes_no_call_and_does_not_blame_gosuslugi() -> None:
    """The portal's own 25 s are over: the breaker learns nothing of it."""
    breaker = Breaker(ManualClock(NOON))
    service = Service()
    for _ in range(10):
        with pytest.raises(EsiaSilent):
            wire(service, breaker=breaker, seconds_left=lambda: 0.0).get("person", URL)
    assert service.requests == []
    assert not breaker.is_open()


def test_an_answer_that_is_too_large_is_dropped() -> None:
    """S-15: also when it does not say its size."""

    class Endless(httpx2.SyncByteStream):
        sent = 0

        def __iter__(self) -> Iterator[bytes]:
            while True:
                Endless.sent += 65536
                yield b" " * 65536

    with pytest.raises(EsiaFailed, match="too large"):
        wire(Service(httpx2.Response(200, stream=Endless()))).get("person", URL)
    assert Endless.sent <= LARGEST_ANSWER + 65536


def test_a_compressed_answer_is_refused() -> None:
    """S-15: it was not asked for, and a small one may become a very large one."""
    service = Service(httpx2.Response(200, stream=httpx2.ByteStream(b"x"), headers={"Content-Encoding": "gzip"}))
    with pytest.raises(EsiaFailed, match="encoded"):
        wire(service).get("person", URL)
    assert service.requests[0].headers["Accept-Encoding"] == "identity"


def test_redirects_are_not_followed() -> None:
    """S-15: a redirect is an answer that nobody agreed to."""
    service = Service(httpx2.Response(302, headers={"Location": "http://evil.test/"}), ok())
    answer = wire(service).get("person", URL, access="secret")
    assert len(service.requests) == 1
    with pytest.raises(EsiaFailed):
        answer.json()


def test_cookies_of_one_answer_are_not_sent_with_the_next_call() -> None:
    """One patient's calls must not carry what was given to another's."""
    service = Service(ok(**{"Set-Cookie": "who=anna; Path=/"}), ok())
    client = wire(service)
    client.get("person", URL)
    client.get("person", URL)
    assert "Cookie" not in service.requests[1].headers


def test_extra_headers_are_asked_for_before_every_call_and_do_not_replace_ours() -> None:
    """Whoever runs many portals may mark its calls."""
    service = Service(ok(), ok())
    marks = iter(["1", "2"])
    client = wire(service, extra_headers=lambda: {"X-Mark": next(marks), "Authorization": "Bearer theirs"})
    client.get("person", URL, access="ours")
    client.get("person", URL)
    assert [request.headers["X-Mark"] for request in service.requests] == ["1", "2"]
    assert service.requests[0].headers["Authorization"] == "Bearer ours"


# What a failure is called


@pytest.mark.parametrize(
    ("failure", "cause"),
    [
        (httpx2.ConnectError("x"), "refused"),
        (caused(httpx2.ConnectError("x"), socket.gaierror("x")), "unresolved"),
        (caused(httpx2.ConnectError("x"), ssl.SSLCertVerificationError("x")), "tls"),
        (caused(httpx2.ReadError("x"), ConnectionResetError()), "reset"),
        (httpx2.ReadTimeout("x"), "time-limit"),
        (httpx2.ConnectTimeout("x"), "time-limit"),
        (httpx2.RemoteProtocolError("Server disconnected"), "closed"),
    ],
)
def test_silence_is_told_with_its_cause(failure: Exception, cause: str) -> None:
    """Refused, reset, TLS and time limit are one screen and different lines in the log."""
    with pytest.raises(EsiaSilent) as caught:
        wire(Service(failure)).post("token", URL, {})
    assert caught.value.cause == cause
    assert caught.value.reason.startswith("silent:")


def test_an_answer_that_is_cut_off_has_failed() -> None:
    """The head arrived: Gosuslugi answered, but not whole."""

    class Cut(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b'{"fi'
            raise httpx2.RemoteProtocolError("peer closed connection without sending complete message body")

    with pytest.raises(EsiaFailed, match="cut off"):
        wire(Service(httpx2.Response(200, stream=Cut()))).get("person", URL)


def test_a_reset_in_the_body_is_silence() -> None:
    """The connection broke."""

    class Reset(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"{"
            raise httpx2.ReadError("reset")

    with pytest.raises(EsiaSilent) as caught:
        wire(Service(httpx2.Response(200, stream=Reset()))).get("person", URL)
    assert caught.value.cause == "reset"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx2.Response(200, content=b"<html>", headers={"Content-Type": "text/html"}), EsiaFailed),
        (httpx2.Response(500, content=b"{}", headers={"Content-Type": "application/json"}), EsiaFailed),
        (httpx2.Response(200, content=b"<html>", headers={"Content-Type": "application/json"}), Malformed),
    ],
)
def test_html_where_json_is_due_has_failed(answer: httpx2.Response, kind: type[Exception]) -> None:
    """A web server's page is no answer; broken JSON under the right name is a malformed one."""
    with pytest.raises(kind) as caught:
        wire(Service(answer)).get("person", URL).json()
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    "kind", ["application/json;charset=UTF-8", 'application/json; schema="x"', "application/jwk-set+json"]
)
def test_json_is_recognised_by_its_names(kind: str) -> None:
    """ESIA hangs parameters on the type."""
    service = Service(httpx2.Response(200, content=b"[1]", headers={"Content-Type": kind}))
    assert wire(service).get("person", URL).json() == [1]
