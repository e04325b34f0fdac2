"""Ways to spoil a request, drawn with a seeded die: bytes, parameters, JSON, method, path, encoding, headers."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import parse_qsl, quote_from_bytes

from tests.mutation.requests import FORM, Request

Mutation = Callable[[Random, Request], Request]
Pairs = list[tuple[str, str]]

WORDS = (
    "",
    " ",
    "0",
    "-1",
    "null",
    "true",
    "[]",
    "{}",
    "NaN",
    "99999999999999999999999999",
    "1e309",
    "\0",
    "a\0b",
    "\r\nSet-Cookie: session=1",
    "\x85\u2028\u2029",
    "\u202eотлучка",
    "\ufeff",
    "\u0301" * 40,
    "١٢٣٤",
    "\U0001f469\u200d\u2695\ufe0f",
    "ﬀİı",
    "\ud800",
    "' or 1=1 --",
    '"><script>alert(1)</script>',
    "{{7*7}}%s%n",
    "../../../../etc/passwd",
    "http://evil.example/\\@127.0.0.1",
    "//evil.example",
    "javascript:alert(1)",
    "openid " * 50,
    "x" * 5_000,
    "я" * 40_000,
)
ESCAPES = (
    "%",
    "%zz",
    "%00",
    "%ff",
    "%c0%80",
    "%ed%a0%80",
    "%f8%88%80%80%80",
    "%u0041",
    "%25",
    "+",
    "&",
    "=",
    ";",
    "#",
    "?",
)
STRANGE_NAMES = ("error", "iss", "next", "prompt", "request", "_method", "__proto__", "я")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "XYZZY")
CONTENT_TYPES = (
    "",
    "application/json",
    "application/json; charset=utf-16",
    "text/plain",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=" + "b" * 300,
    f"{FORM}; charset=utf-16",
    f"{FORM}; charset=nonsense",
    f'{FORM}; charset="',
    "application/zip",
    ";;;=",
    "я/я".encode().decode("latin-1"),
)
PLACES = ("/", "//", "/.", "/..", "/../", "/%2e%2e/", "%00", "%0d%0a", "%ff", "%2f", ";x=1", "/x", "?", "%", "\xe9")
HEADERS = (
    (
        "Host",
        ("", "evil.example", "127.0.0.1:99999", "[::1", "a" * 300, "\xe9", "127.0.0.1:9000, evil", "user@host", "::"),
    ),
    ("Cookie", ("", "=", ";;;", "a", 'x="', "session=" + "y" * 9_000, "a=1;" * 2_000, "\xff=\xff", "$Version=1; a=b")),
    (
        "Accept",
        ("", "*", "q", "text/html;q=nan", "application/json;q=-1", ",".join(["a/b"] * 900), "\xff", "*/*;q=1e999"),
    ),
    ("Accept-Language", ("", "*", "x" * 4_000, "ru;q=inf", "\xff", "-")),
    ("Accept-Encoding", ("", "gzip;q=x", "\xff")),
    ("User-Agent", ("", "\xff\xfe", "u" * 9_000, "\u0430".encode().decode("latin-1"), "<script>", "\t")),
    (
        "Authorization",
        ("", "Bearer", "Basic", "Basic =", "Basic Og==", "Basic /////w==", "Bearer \xff", "Digest a=", "B" * 9_000),
    ),
    ("Referer", ("", "http://[", "\xff", "http://evil.example/" + "r" * 5_000, "javascript:1")),
    ("Origin", ("null", "http://evil.example", "\xff", "http://[")),
    ("Sec-Fetch-Site", ("cross-site", "same-origin", "\xff")),
    ("X-Forwarded-For", ("203.0.113.9", "\xff", "," * 90)),
    ("X-Forwarded-Host", ("evil.example", "\xff")),
    ("X-Forwarded-Proto", ("https", "javascript")),
    ("Forwarded", ("for=_x", ";;")),
    ("Range", ("bytes=0-", "bytes=9-1", "x", "bytes=" + "1-2," * 400)),
    ("If-Range", ('"', "\xff")),
    ("If-None-Match", ("*", '"', 'W/"', "\xff")),
    ("If-Modified-Since", ("Thu, 99 Nov 9999 99:99:99 GMT", "0", "\xff")),
    ("HX-Request", ("true", "\xff")),
    ("HX-Current-URL", ("http://[", "\xff", "javascript:1")),
    ("HX-Target", ("\xff", "<b>")),
    ("Content-Encoding", ("gzip", "x")),
    ("Content-MD5", ("\xff",)),
    ("X-HTTP-Method-Override", ("DELETE", "\xff")),
    ("X-Stand-Sign-In", ("1", "-1", "99999999999999999999", "\xff")),
    ("Max-Forwards", ("-1",)),
    ("Upgrade", ("websocket", "h2c")),
)
LEAVES: tuple[Any, ...] = (
    *(word for word in WORDS if len(word) < 6_000),
    None,
    True,
    0,
    -1,
    2**31,
    2**63,
    10**40,
    0.5,
    1e308,
    float("nan"),
    float("-inf"),
    [],
    {},
    [[]],
    {"": ""},
    {"person": "\ud800"},
    {"person": 2**70},
    "PT0S",
    "P99999999999D",
    "PT-1S",
    "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:60+99:99",
    "2026-02-30T00:00:00Z",
)


def _spoil(rng: Random, value: str) -> str:
    """Another value in place of this one."""
    place = rng.randrange(len(value) + 1)
    ways: tuple[Callable[[], str], ...] = (
        lambda: rng.choice(WORDS),
        lambda: value[:place],
        lambda: value[:place] + rng.choice(WORDS) + value[place:],
        lambda: _another_letter(rng, value, place),
        lambda: value + rng.choice((value, "=", "A", " ", "\n")),
        value.swapcase,
        lambda: value[::-1],
        lambda: _deep(rng, value),
    )
    return ways[rng.randrange(8)]()


def _another_letter(rng: Random, value: str, place: int) -> str:
    if not value:
        return _deep(rng, value)
    place = place % len(value)
    letter = chr(rng.choice((ord(value[place]) ^ 1, rng.randrange(0x20, 0x500))))
    return value[:place] + letter + value[place + 1 :]


def _deep(rng: Random, value: str) -> str:
    """A signature or token that is whole on the outside, with one bit of its inside changed."""
    head, dot, tail = value.rpartition(".")
    if dot and rng.random() < 0.4:
        part, _, _ = head.partition(".")
        none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
        return rng.choice((f"{head}.", f"{none}{head.removeprefix(part)}.", f"{head}.{tail[::-1]}", f"{tail}.{head}"))
    with contextlib.suppress(ValueError):
        inside = bytearray(base64.urlsafe_b64decode(tail + "=" * (-len(tail) % 4)))
        inside[rng.randrange(len(inside))] ^= 1 << rng.randrange(8)
        return head + dot + base64.urlsafe_b64encode(bytes(inside)).decode()
    return value + "x"


def _parameter(rng: Random, pairs: Pairs) -> Pairs:
    """One parameter more, less, twice, renamed or with another value."""
    place = rng.randrange(len(pairs))
    name, value = pairs[place]
    before, after = pairs[:place], pairs[place + 1 :]
    renamed = (name.upper(), f"{name}[]", f" {name}", f"{name}\0", name[1:], f"{name}.x")
    ways: tuple[Callable[[], Pairs], ...] = (
        lambda: before + after,
        lambda: [*pairs, (name, rng.choice((value, _spoil(rng, value))))],
        lambda: [*before, (name, ""), *after],
        lambda: [*before, (name, rng.choice(pairs)[1]), *after],
        lambda: [*before, (rng.choice(renamed), value), *after],
        lambda: [*pairs, (rng.choice(STRANGE_NAMES), rng.choice(WORDS))],
        lambda: [*pairs, *((f"p{number}", "1") for number in range(rng.choice((10, 990, 1_100))))],
        *[lambda: [*before, (name, _spoil(rng, value)), *after]] * 3,
    )
    return ways[rng.randrange(10)]()


def _encoded(pairs: Pairs) -> str:
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


def _quoted(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"))


def parameters(rng: Random, request: Request) -> Request:
    """One parameter of the query or of the form."""
    in_body = request.header("Content-Type") == FORM and bool(request.body)
    if in_body:
        pairs = parse_qsl(request.body.decode("latin-1"), keep_blank_values=True, errors="surrogateescape")
        return request if not pairs else replace(request, body=_encoded(_parameter(rng, _sane(pairs))).encode())
    pairs = parse_qsl(request.query, keep_blank_values=True, errors="surrogateescape")
    return request if not pairs else replace(request, query=_encoded(_parameter(rng, _sane(pairs))))


def _sane(pairs: Pairs) -> Pairs:
    return [
        (name.encode("utf-8", "replace").decode(), value.encode("utf-8", "replace").decode()) for name, value in pairs
    ]


def raw_bytes(rng: Random, request: Request) -> Request:
    """Some bytes of the query or of the body, as a broken line would change them."""
    if request.body and rng.random() < 0.8:
        return replace(request, body=_broken(rng, request.body))
    if not request.query:
        return request
    text = _broken(rng, request.query.encode("latin-1")).decode("latin-1")
    return replace(request, query="".join(letter for letter in text if letter not in "\r\n\0 "))


def _broken(rng: Random, data: bytes) -> bytes:
    place, length = rng.randrange(len(data)), rng.choice((1, 1, 1, 2, 8, 64))
    way = rng.randrange(5)
    if way == 0:
        return data[:place] + bytes([data[place] ^ (1 << rng.randrange(8))]) + data[place + 1 :]
    if way == 1:
        return data[:place] + rng.randbytes(length) + data[place:]
    if way == 2:
        return data[:place] + data[place + length :]
    if way == 3:
        return data[:place]
    return data[:place] + rng.choice(ESCAPES).encode() + data[place:]


def json_value(rng: Random, request: Request) -> Request:
    """One member of a JSON body, or the body as a whole."""
    try:
        whole = json.loads(request.body)
    except (ValueError, RecursionError):
        return request
    depth = (50, 5_000, 100_000)
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: _deep_json(rng, rng.choice(depth)),
        lambda: json.dumps(whole).encode(rng.choice(("utf-16", "utf-32", "utf-8-sig", "utf-7"))),
        lambda: request.body + rng.choice((b"{}", b",", b"\0", b"//", request.body)),
        (json.dumps(whole)[:-1] + ', "name": 1, "name": 2}').encode,
        lambda: json.dumps(rng.choice(LEAVES)).encode(),
        *[lambda: json.dumps(_changed(rng, whole)).encode()] * 7,
    )
    return replace(request, body=ways[rng.randrange(12)]())


def _deep_json(rng: Random, depth: int) -> bytes:
    return rng.choice((b"[" * depth, b'{"a":' * depth, b"[" * depth + b"]" * depth))


def _changed(rng: Random, value: Any) -> Any:
    """The value with something in it changed."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        return _changed_object(rng, value)
    if isinstance(value, list) and value and rng.random() < 0.7:
        place = rng.randrange(len(value))
        if rng.random() < 0.2:
            return value * 200
        return [*value[:place], _changed(rng, value[place]), *value[place + 1 :]]
    if isinstance(value, str) and rng.random() < 0.5:
        return _spoil(rng, value)
    return rng.choice(LEAVES)


def _changed_object(rng: Random, value: dict[str, Any]) -> dict[str, Any]:
    name = rng.choice(sorted(value))
    if rng.random() < 0.15:
        return {each: kept for each, kept in value.items() if each != name}
    if rng.random() < 0.1:
        return {**value, rng.choice(("extra", "\ud800", "\0", "")): rng.choice(LEAVES)}
    return {**value, name: _changed(rng, value[name])}


def method(rng: Random, request: Request) -> Request:
    """Another method, with the parameters where they are or in the other place."""
    changed = replace(request, method=rng.choice(METHODS))
    if rng.random() < 0.5:
        return changed
    if request.query and not request.body:
        moved = replace(changed, query="", body=request.query.encode("latin-1"))
        return moved.with_header("Content-Type", FORM)
    if request.header("Content-Type") == FORM:
        return replace(changed, query=request.body.decode("latin-1"), body=b"")
    return changed


def path(rng: Random, request: Request) -> Request:
    """Another spelling of the path, or another path."""
    place = rng.randrange(1, len(request.path) + 1)
    way = rng.randrange(6)
    if way == 0:
        return replace(request, path=request.path + rng.choice(PLACES))
    if way == 1:
        return replace(request, path=request.path[:place] + rng.choice(PLACES) + request.path[place:])
    if way == 2:
        return replace(request, path=request.path.swapcase())
    if way == 3:
        return replace(request, path=request.path[:place] or "/")
    if way == 4:
        return replace(request, path=request.path + "/" + "p" * 3_000)
    return replace(request, path=request.path[:place] + _quoted(rng.choice(WORDS)[:500]) + request.path[place:])


def header(rng: Random, request: Request) -> Request:
    """One header with a strange value, in place of the one that is there or beside it, or none."""
    name, values = rng.choice(HEADERS)
    if rng.random() < 0.1:
        return request.with_header(name, None)
    value = rng.choice(values)
    if rng.random() < 0.2 and request.header(name):
        return replace(request, headers=(*request.headers, (name, value)))
    return request.with_header(name, value)


def encoding(rng: Random, request: Request) -> Request:
    """The body as something else than it says, or with another say."""
    way = rng.randrange(5)
    if way == 0:
        return request.with_header("Content-Type", rng.choice(CONTENT_TYPES))
    if way == 1 and request.body:
        return replace(request, body=gzip.compress(request.body, mtime=0)).with_header("Content-Encoding", "gzip")
    if way == 2:
        return replace(request, chunked=True)
    if way == 3:
        return replace(request, body=request.body + b"&x=" + b"y" * rng.choice((70_000, 3_000_000)))
    pairs = parse_qsl(request.body.decode("latin-1"), keep_blank_values=True, errors="replace")
    parts = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value.encode())
        for name, value in pairs
    )
    end = rng.choice((b"--x--\r\n", b"", b"--x"))
    return replace(request, body=parts + end).with_header("Content-Type", "multipart/form-data; boundary=x")


def secret(rng: Random, request: Request) -> Request:
    """The cookie or the token in the header, changed within."""
    name = rng.choice(("Cookie", "Authorization"))
    value = request.header(name)
    if not value:
        return request
    spoilt = _spoil(rng, value).encode("utf-8", "replace").decode("latin-1")
    return request.with_header(name, "".join(letter for letter in spoilt if letter not in "\r\n\0"))


WEIGHTED: tuple[tuple[Mutation, int], ...] = (
    (parameters, 10),
    (raw_bytes, 4),
    (json_value, 6),
    (method, 2),
    (path, 2),
    (header, 5),
    (encoding, 2),
    (secret, 3),
)


def mutated(rng: Random, request: Request) -> Request:
    """The request with one to three of these done to it; never the same as it was."""
    ways, weights = zip(*WEIGHTED, strict=True)
    changed = request
    for way in rng.choices(ways, weights, k=rng.choice((1, 1, 2, 3))):
        changed = way(rng, changed)
    return mutated(rng, request) if changed == request else changed
