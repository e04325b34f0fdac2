"""A small ESIA for tests: answers over httpx2.MockTransport with really signed tokens, and notes every call.

It is written from the description of the wire and shares no code with the portal's client, so that the two can
disagree. A test changes what it answers: `claims`, `headers` and `answers` are its levers.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from foundation.clock import ManualClock

ISSUER = "http://esia.gosuslugi.ru/"
CLIENT_ID = "PORTAL_DEMO"
FRONT = "http://front.esia.test"
BACK = "http://back.esia.test"
OID = 1000000101

Handler = Callable[[httpx2.Request], httpx2.Response]


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """A key of that name; made once a run."""
    assert name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_pem(name: str) -> str:
    """The key of that name as PEM."""
    return (
        rsa_key(name)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def certificate_pem(name: str, clock: ManualClock) -> str:
    """A certificate of the key for itself."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(rsa_key(name).public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(rsa_key(name), hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def b64(value: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def signed(header: dict[str, Any], claims: Any, key: str) -> str:
    """A compact token over `claims`, signed with the RSA key of that name."""
    text = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    signature = rsa_key(key).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{b64(signature)}"


def jwk(name: str) -> dict[str, str]:
    """The public key of that name as ESIA's set shows it: without a `kid`."""
    numbers = rsa_key(name).public_key().public_numbers()
    return {"kty": "RSA", "n": b64(numbers.n.to_bytes(256, "big")), "e": b64(numbers.e.to_bytes(3, "big"))}


def json_answer(value: Any, status: int = 200) -> httpx2.Response:
    """An answer as ESIA gives it."""
    return httpx2.Response(
        status, content=json.dumps(value).encode(), headers={"Content-Type": "application/json;charset=UTF-8"}
    )


def refuse(error: str, description: str) -> httpx2.Response:
    """An OAuth error of the token endpoint."""
    return json_answer({"error": error, "error_description": description, "state": "any"}, 400)


ANNA: dict[str, Any] = {
    "stateFacts": ["EntityRoot"],
    "firstName": "Анна",
    "lastName": "Лебедева",
    "middleName": "Сергеевна",
    "birthDate": "26.05.1985",
    "trusted": True,
    "snils": "000-100-101 10",
    "inn": "500100732259",
    "status": "REGISTERED",
}


@dataclass
class FakeEsia:
    """The service. `calls` lists what it was asked, such as `POST /aas/oauth2/te`."""

    clock: ManualClock
    calls: list[str] = field(default_factory=list)
    requests: list[httpx2.Request] = field(default_factory=list)
    answers: dict[str, Handler] = field(default_factory=dict)
    """Path → what to answer instead."""
    signing: str = "esia"
    key_set: list[str] = field(default_factory=lambda: ["esia"])
    subject: Any = OID
    person: Any = field(default_factory=lambda: dict(ANNA))
    id_header: dict[str, Any] = field(default_factory=dict)
    id_claims: dict[str, Any] = field(default_factory=dict)
    access_header: dict[str, Any] = field(default_factory=dict)
    access_claims: dict[str, Any] = field(default_factory=dict)
    token_members: dict[str, Any] = field(default_factory=dict)
    """Members put over the token answer; None takes one out, in the claims as well."""
    scopes: str = "openid fullname?oid=1000000101 snils?oid=1000000101 contacts?oid=1000000101"
    works: list[dict[str, Any]] = field(default_factory=list)

    def transport(self) -> httpx2.MockTransport:
        """The way to it."""
        return httpx2.MockTransport(self.handle)

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        self.calls.append(f"{request.method} {path}")
        self.requests.append(request)
        if path in self.answers:
            return self.answers[path](request)
        if path == "/aas/oauth2/te":
            form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
            return json_answer(self.token_answer(form["state"]))
        known: dict[str, Any] = {
            "/healthz/live": {},
            "/works.json": {"windows": self.works, "now": self.clock.now().isoformat()},
            "/oauth2/jwks": {"keys": [jwk(name) for name in self.key_set]},
            f"/rs/prns/{self.subject}": self.person,
        }
        if path in known:
            return json_answer(known[path])
        if path.startswith(f"/rs/prns/{self.subject}/"):
            return json_answer({"stateFacts": ["hasSize"], "size": 0, "elements": []})
        return httpx2.Response(404)

    def token_answer(self, state: str) -> dict[str, Any]:
        """The answer of the token endpoint."""
        access = self.access_token()
        answer: dict[str, Any] = {
            "access_token": access,
            "refresh_token": "bb809750-71bc-2406-88d1-2388a4be5187",
            "id_token": self.id_token(),
            "state": state,
            "token_type": "Bearer",
            "expires_in": 3600,
        }
        return _over(answer, self.token_members)

    def id_token(self) -> str:
        now = int(self.clock.now().timestamp())
        claims = {
            "aud": CLIENT_ID,
            "sub": self.subject,
            "nbf": now,
            "amr": "PWD",
            "urn:esia:amd": "PWD",
            "auth_time": now,
            "iss": ISSUER,
            "urn:esia:sid": "fd0b5333-1111-2222-3333-444455556666",
            "exp": now + 10800,
            "iat": now,
            "acr": {"2fa": "otp"},
        }
        header = {"ver": 0, "typ": "JWT", "sbt": "id", "alg": "RS256"}
        return signed(_over(header, self.id_header), _over(claims, self.id_claims), self.signing)

    def access_token(self) -> str:
        now = int(self.clock.now().timestamp())
        claims = {
            "nbf": now,
            "scope": self.scopes,
            "iss": ISSUER,
            "urn:esia:sid": "fd0b5333-1111-2222-3333-444455556666",
            "urn:esia:sbj_id": self.subject,
            "exp": now + 3600,
            "iat": now,
            "client_id": CLIENT_ID,
        }
        header = {"ver": 1, "typ": "JWT", "sbt": "access", "alg": "RS256"}
        return signed(_over(header, self.access_header), _over(claims, self.access_claims), self.signing)

    def code(self, client_id: str = CLIENT_ID) -> str:
        """An authorization code as ESIA makes them: a token that says whose it is."""
        now = int(self.clock.now().timestamp())
        claims = {"client_id": client_id, "exp": now + 240, "iat": now, "iss": ISSUER}
        return signed({"ver": 1, "typ": "JWT", "sbt": "authorization_code", "alg": "RS256"}, claims, self.signing)

    def answer_with(self, path: str, response: Handler | httpx2.Response) -> None:
        """Answer `path` otherwise from now on."""
        self.answers[path] = response if callable(response) else lambda _request: response

    def fail(self, path: str, error: Exception) -> None:
        """Have calls of `path` end in a transport error."""

        def handler(_request: httpx2.Request) -> httpx2.Response:
            raise error

        self.answers[path] = handler


def _over(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = {**base, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def state_of(location: str) -> str:
    """`state` in the address that a browser was sent to."""
    return parse_qs(urlsplit(location).query)["state"][0]
