"""A small OpenID provider for tests: really signed tokens over httpx2.MockTransport, and a note of every call.

Written from OpenID Connect Core and Discovery, sharing no code with the portal's client. `metadata`, `id_claims`,
`id_header`, `token_members` and `answers` are a test's levers.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from foundation.clock import ManualClock
from tests.portal.fake_esia import b64, json_answer, jwk, signed

ISSUER = "https://id.test/realm"
CLIENT_ID, SECRET = "portal", "a+secret/with:signs"
SUBJECT = "auth0|7"
AUTHORIZE, TOKEN, USERINFO, KEYS = "/authorize", "/token", "/userinfo", "/keys"
METADATA = "/realm/.well-known/openid-configuration"
Handler = Callable[[httpx2.Request], httpx2.Response]

PETRA: dict[str, Any] = {
    "sub": SUBJECT,
    "family_name": "Ясенева",
    "given_name": "Пётра",
    "middle_name": "Ильинична",
    "birthdate": "1990-02-28",
    "email": "petra@pochta.example",
    "email_verified": True,
    "phone_number": "+7 000 100-00-77",
    "address": {"formatted": "г Тверь, ул Липовая, 3", "postal_code": "170000"},
}


@dataclass
class FakeOpenId:
    """The provider."""

    clock: ManualClock
    calls: list[str] = field(default_factory=list)
    answers: dict[str, Handler | Exception] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    signing: str = "esia"
    key_set: list[str] = field(default_factory=lambda: ["esia"])
    person: Any = field(default_factory=lambda: dict(PETRA))
    id_header: dict[str, Any] = field(default_factory=dict)
    id_claims: dict[str, Any] = field(default_factory=dict)
    token_members: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    """The last authorization request."""
    exchanged: httpx2.Request | None = None

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        self.calls.append(f"{request.method} {path}")
        wanted = self.answers.get(path)
        if isinstance(wanted, Exception):
            raise wanted
        if wanted is not None:
            return wanted(request)
        if path == TOKEN:
            self.exchanged = request
            return self.exchange(request)
        known: dict[str, Any] = {
            METADATA: self.document(),
            KEYS: {"keys": [{**jwk(name), "kid": name, "alg": "RS256", "use": "sig"} for name in self.key_set]},
            USERINFO: self.person,
        }
        return json_answer(known[path]) if path in known else httpx2.Response(404)

    def document(self) -> dict[str, Any]:
        return _over(
            {
                "issuer": ISSUER,
                "authorization_endpoint": "https://id.test/authorize?tenant=1",
                "token_endpoint": "https://id.test/token",
                "userinfo_endpoint": "https://id.test/userinfo",
                "jwks_uri": "https://id.test/keys",
                "end_session_endpoint": "https://id.test/leave",
                "response_types_supported": ["code"],
                "authorization_response_iss_parameter_supported": True,
            },
            self.metadata,
        )

    def exchange(self, request: httpx2.Request) -> httpx2.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if challenge != self.asked.get("code_challenge"):
            return json_answer({"error": "invalid_grant", "error_description": "PKCE verification failed"}, 400)
        access = "an-opaque-access-token"
        answer = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": 3600,
            "id_token": self.id_token(access),
            "scope": "openid profile email phone address",
        }
        return json_answer(_over(answer, self.token_members))

    def id_token(self, access: str) -> str:
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "sub": SUBJECT,
            "aud": CLIENT_ID,
            "exp": now + 3600,
            "iat": now,
            "auth_time": now,
            "nonce": self.asked.get("nonce"),
            "at_hash": b64(hashlib.sha256(access.encode()).digest()[:16]),
            "amr": ["pwd", "otp"],
            "sid": "the-sid",
        }
        header = {"alg": "RS256", "typ": "JWT", "kid": self.signing}
        return signed(_over(header, self.id_header), _over(claims, self.id_claims), self.signing)

    def shown(self, location: str) -> dict[str, str]:
        """The browser arrived here: remember what it was sent with."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        return self.asked

    def basic(self) -> str:
        """Who called the token endpoint, out of the header."""
        assert self.exchanged is not None
        return base64.b64decode(self.exchanged.headers["Authorization"].removeprefix("Basic ")).decode()


def _over(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**base, **changes}.items() if value is not None}
