"""Both programs in one process, two stands, and the valid requests of four kinds that are then spoilt.

The portal calls the sandbox as it always does, only that no socket lies between: stand layer, gate and programs are
those that gunicorn serves. One stand is for authorization, token and return, with a clock that stands still; the other
is for the control API, whose calls may turn anything in it upside down.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import httpx2
from asn1crypto import cms
from sqlalchemy import text

from portal.sign_in.models import PendingSignIn
from portal.sign_in.pending import digest as state_digest
from sandbox_idp.context import Stand
from sandbox_idp.oauth import PORTAL_SCOPES, systems
from sandbox_idp.oauth.models import AuthorizationCode
from sandbox_idp.oauth.tokens import digest
from sandbox_idp.scenarios.models import StandState
from sandbox_idp.stands.house import House
from tests.esia_client import Identity, V1Client
from tests.mutation.requests import FORM, Answer, Headers, Request, send, values_of
from tests.sandbox_idp.oauth.openid.conftest import CALLBACK, SECRET, VERIFIER, basic, challenge

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

OPENID_CLIENT = "MUTATED_36"
PERSON = "anna"
SESSIONS = "select count(*) from patient_session"
GOSUSLUGI = "select count(*) from gosuslugi_session"
SIGNED = ("client_id", "scope", "timestamp", "state", "redirect_uri", "response_type")
GRANTED_FOR = (
    "client_id",
    "scope",
    "timestamp",
    "state",
    "redirect_uri",
    "code",
    "grant_type",
    "code_verifier",
    "refresh_token",
)
CODES = "select count(*) from authorization_code"
TOKENS = "select count(*) from issued_token"


ARMING = {
    "scope": {"person": "anna"},
    "count": 2,
    "ttl": "PT5M",
    "probability": 0.5,
    "seed": 7,
    "parameters": {"status": 502},
}
CARD = {
    "mnemonic": "CLINIC_77",
    "name": "Клиника",
    "purpose": "Запись",
    "redirect_hosts": ["https://clinic.example"],
    "client_secret": SECRET,
    "scopes": ["openid", "fullname"],
    "required_scopes": ["openid"],
}
SOMEBODY = {
    "surname": "Ручьёва",
    "gender": "F",
    "birth_date": "1990-05-26",
    "level": "confirmed",
    "phone": "+70002000000",
    "mails": ["a@pochta.example"],
    "snils": "00010010110",
    "passport": "0000200103",
    "factors": ["sms"],
    "children": [{"birth_date": "2018-09-10", "policy": None}],
}
Call = tuple[str, str, Any, dict[str, str] | None]
OFTEN: tuple[Call, ...] = (
    ("GET", "/scenarios", None, None),
    ("GET", "/scenarios/token-500", None, None),
    ("PUT", "/scenarios/token-500", ARMING, None),
    ("PUT", "/scenarios/sms-lost", {"scope": "next-sign-in", "starts_at": "2026-11-24T10:00:00+03:00"}, None),
    ("DELETE", "/scenarios/token-500", None, None),
    ("DELETE", "/scenarios", None, None),
    ("GET", "/people", None, None),
    ("GET", "/people/boris/totp", None, None),
    ("POST", "/people", SOMEBODY, None),
    ("PATCH", "/people/igor", {"level": "standard", "mails": ["b@pochta.example"]}, None),
    ("DELETE", "/people/nina", None, None),
    ("GET", "/systems", None, None),
    ("POST", "/systems", CARD, None),
    ("PATCH", "/systems/CLINIC_77", {"strict_redirect": True, "redirect_hosts": ["https://b.example/back"]}, None),
    ("DELETE", "/systems/CLINIC_77", None, None),
    ("POST", "/decisions", {"request": "unlock:anna", "decision": "refuse", "reasons": ["Нет."]}, None),
    ("POST", "/sign-ins", {"person": "anna", "consent": "grant", "withhold": []}, None),
    ("GET", "/inbox", None, {"to": "+70001000001", "kind": "sms,mail", "after": "0", "wait": "1"}),
    ("GET", "/journal", None, {"since": "0", "sign_in": "1", "wait": "1"}),
    ("POST", "/clock", {"advance": "PT6M"}, None),
    ("POST", "/clock", {"set": "2026-12-24T10:00:00+03:00"}, None),
    ("POST", "/clock", {"freeze": True}, None),
    ("GET", "/snapshots", None, None),
    ("GET", "/stands/default", None, None),
    ("DELETE", "/stands/default", None, None),
    ("POST", "/imports", None, {"name": "imported", "ttl": "PT1H"}),
)
SELDOM: tuple[Call, ...] = (
    ("POST", "/reset", {}, None),
    ("POST", "/snapshots", {"name": "before"}, None),
    ("GET", "/export", None, None),
    ("GET", "/stands", None, None),
    ("POST", "/stands", {"name": "another", "ttl": "PT1H", "limits": {"ESIA_READ_TIMEOUT": "PT1S"}}, None),
    ("GET", "/openapi.json", None, None),
    ("POST", "/people", {**SOMEBODY, "password": "Lampa-Zelenaya-27"}, None),
)


class NoSocket(httpx2.BaseTransport):
    """The portal's way to the sandbox: a call of its WSGI program, in a context of its own as in another process."""

    def __init__(self, program: WSGIApplication) -> None:
        self._transport = httpx2.WSGITransport(program, remote_addr="127.0.0.1")

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return Context().run(self._whole, request)

    def _whole(self, request: httpx2.Request) -> httpx2.Response:
        came = self._transport.handle_request(request)
        body = came.read()
        came.close()
        return httpx2.Response(came.status_code, headers=came.headers, content=body)


@dataclass(frozen=True)
class Counts:
    """What may not grow by a request that is worth nothing."""

    portal_sessions: int
    gosuslugi_sessions: int
    codes: int
    tokens: int


@dataclass
class World:
    """The programs, the stands and what is at hand for valid requests."""

    portal: WSGIApplication
    sandbox: WSGIApplication
    house: House
    stand: Stand
    controlled: Stand
    client: V1Client
    control_token: str
    portal_url: str
    sandbox_url: str
    _codes: dict[str, str] = field(default_factory=dict)
    _return: Request | None = None

    def prepare(self) -> None:
        """Stop the clock of the first stand and make an ordinary OpenID client known there."""
        self.control("POST", "/clock", {"freeze": True})
        with self.stand.database.writing() as session:
            card = systems.Card(
                mnemonic=OPENID_CLIENT,
                name="Клиент",
                short_name="Клиент",
                redirect_hosts=[CALLBACK],
                scopes=["openid", "fullname"],
                client_secret=SECRET,
            )
            systems.register(session, card)

    def send(self, request: Request) -> Answer:
        """Hand a request to its program."""
        return send(self.portal if request.program == "portal" else self.sandbox, request)

    def counts(self, stand: Stand) -> Counts:
        """What there is in a stand now."""
        with stand.portal_database.reading() as session:
            sessions = session.execute(text(SESSIONS)).scalar_one()
        with stand.database.reading() as session:
            others = [session.execute(text(query)).scalar_one() for query in (GOSUSLUGI, CODES, TOKENS)]
        return Counts(sessions, *others)

    # Valid requests

    def authorization(self) -> Request:
        """ESIA's `/ac`, signed."""
        return self._get("/aas/oauth2/ac", self.client.authorization(self.stand.clock.now()))

    def openid_authorization(self) -> Request:
        """The OpenID client's."""
        return self._get("/oauth2/authorize", _openid_parameters())

    def token(self) -> Request:
        """ESIA's `/te` with a code that was not used yet."""
        code = self._code("esia", lambda: self.client.authorization(self.stand.clock.now()), "/aas/oauth2/ac")
        return self._post("/aas/oauth2/te", self.client.exchange(code, self.stand.clock.now()))

    def openid_token(self, *, in_header: bool) -> Request:
        """The OpenID client's, with its secret in the header or in the form."""
        code = self._code("openid", _openid_parameters, "/oauth2/authorize")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        if in_header:
            return self._post("/oauth2/token", form, tuple(basic(OPENID_CLIENT, SECRET).items()))
        return self._post("/oauth2/token", {**form, "client_id": OPENID_CLIENT, "client_secret": SECRET})

    def callback(self) -> Request:
        """The browser's return to the portal, with a state and a code that were not used yet."""
        if self._return is not None and not self._is_over(self._return):
            return self._return
        began = self.send(Request("portal", "GET", f"{self.stand.prefix}/login", headers=self._headers("portal")))
        assert began.status == 303, began
        address = began.header("Location")
        state = dict(parse_qsl(urlsplit(address).query))["state"]
        code = self._code("callback", lambda: dict(parse_qsl(urlsplit(address).query)), "/aas/oauth2/ac")
        headers = (*self._headers("portal"), ("Cookie", "; ".join(began.cookies())))
        query = urlencode({"code": code, "state": state})
        self._return = Request("portal", "GET", f"{self.stand.prefix}/login/callback", query, headers)
        return self._return

    def _is_over(self, request: Request) -> bool:
        brought = dict(parse_qsl(request.query))
        with self.stand.portal_database.reading() as session:
            begun = session.get_one(PendingSignIn, state_digest(brought["state"])).used_at is None
        return not begun or self._is_used(brought["code"])

    def call(self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None) -> Request:
        """A call of the control API on the second stand; on the whole pair for what exists only there."""
        prefix = "" if path.startswith(("/stands", "/imports")) else self.controlled.prefix
        return self._call(prefix, method, path, body, query)

    def any_call(self, rng: Random) -> Request:
        """One of the calls of the control API; those that take long come seldom."""
        method, path, body, query = rng.choice(SELDOM if rng.random() < 0.03 else OFTEN)
        if path == "/sign-ins":
            asked = self.client_of_controlled().authorization(self.controlled_now().clock.refresh())
            body = {**body, "authorize_url": f"{self.controlled.idp_url}/aas/oauth2/ac?{urlencode(asked)}"}
        return self.call(method, path, body, query)

    def controlled_now(self) -> Stand:
        """The second stand as it is now: calls put other databases in its place, and may throw it away."""
        found = self.house.find(self.controlled.id)
        if found is None:
            found = self.house.create("controlled").stand
        self.controlled = found
        return found

    def client_of_controlled(self) -> V1Client:
        """The portal as the second stand registered it."""
        return portals_own(self.controlled_now())

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call on the first stand that must succeed."""
        answer = self.send(self._call(self.stand.prefix, method, path, body))
        assert answer.status < 300, (method, path, answer, answer.body)
        return json.loads(answer.body)

    def _call(
        self, prefix: str, method: str, path: str, body: Any = None, query: dict[str, str] | None = None
    ) -> Request:
        headers: Headers = (
            ("Host", urlsplit(self.sandbox_url).netloc),
            ("Authorization", f"Bearer {self.control_token}"),
        )
        data = b""
        if body is not None:
            headers, data = (*headers, ("Content-Type", "application/json")), json.dumps(body).encode()
        return Request("sandbox", method, f"{prefix}/control/v1{path}", urlencode(query or {}), headers, data)

    def _code(self, kind: str, parameters: Callable[[], dict[str, str]], path: str) -> str:
        """A code of this kind; a new one when the last one is used."""
        known = self._codes.get(kind)
        if known is None or self._is_used(known):
            address = f"{self.stand.idp_url}{path}?{urlencode(parameters())}"
            location = self.control("POST", "/sign-ins", {"authorize_url": address, "person": PERSON})["location"]
            self._codes[kind] = dict(parse_qsl(urlsplit(location).query))["code"]
        return self._codes[kind]

    def _is_used(self, code: str) -> bool:
        with self.stand.database.reading() as session:
            return session.get_one(AuthorizationCode, digest(code)).used_at is not None

    def _get(self, path: str, query: dict[str, str]) -> Request:
        return Request("sandbox", "GET", self.stand.prefix + path, urlencode(query), self._headers("sandbox"))

    def _post(self, path: str, form: dict[str, str], more: Headers = ()) -> Request:
        headers = (*self._headers("sandbox"), ("Content-Type", FORM), *more)
        return Request("sandbox", "POST", self.stand.prefix + path, "", headers, urlencode(form).encode())

    def _headers(self, program: str) -> Headers:
        address = self.portal_url if program == "portal" else self.sandbox_url
        return (
            ("Host", urlsplit(address).netloc),
            ("User-Agent", "Mozilla/5.0 (mutations)"),
            ("Accept", "text/html,application/json;q=0.9"),
            ("Accept-Language", "ru"),
        )


def _openid_parameters() -> dict[str, str]:
    return {
        "client_id": OPENID_CLIENT,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid profile",
        "state": "the-state",
        "nonce": "the-nonce",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    }


def portals_own(stand: Stand) -> V1Client:
    """Our own portal as a stand registered it."""
    with stand.database.reading() as session:
        state = session.get_one(StandState, 1)
    identity = Identity.from_pem(state.portal_client_key, state.portal_client_certificate)
    return V1Client("PORTAL_DEMO", identity, f"{stand.portal_url}/login/callback", scope=PORTAL_SCOPES)


# What counts, read without the programs


def meaning_of_token(request: Request) -> Any:
    """Everything that a token call is given tokens for, wherever in the request it stands."""
    pairs = [*parse_qsl(request.query, encoding="latin-1"), *_form(request)]
    values = {name: set(found) for name, found in values_of(pairs, GRANTED_FOR).items()}
    secrets = {_signing(value) for value in values_of(pairs, ["client_secret"])["client_secret"]}
    is_openid = request.path.endswith("/oauth2/token")
    return values, secrets, _credentials(request.header("Authorization")) if is_openid else None


def _form(request: Request) -> list[tuple[str, str]]:
    body = request.body.decode("latin-1")
    if "boundary=x" not in request.header("Content-Type"):
        return parse_qsl(body, encoding="latin-1")
    # As `mutations.encoding` writes it.
    parts = (part.partition("\r\n\r\n") for part in re.split(r"\r?\n?--x(?:--)?(?:\r\n|$)", body))
    named = ((re.search(r'name="([^"]*)"', head), value) for head, _, value in parts)
    return [(name.group(1), value) for name, value in named if name is not None]


def _signing(secret: str) -> Any:
    """What of a secret signs: the signers of a CMS message, for the wrapping around them is signed nowhere (RFC 5652).

    Neither is what base64 leaves open: alphabet, padding, line ends.
    """
    plain = secret.translate(str.maketrans(" +/", "--_", "\r\n")).rstrip("=")
    try:
        message = cms.ContentInfo.load(base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4)))
        return message["content"]["signer_infos"].dump()
    except (ValueError, TypeError, KeyError):
        return plain


def _credentials(header: str) -> Any:
    scheme, _, value = header.strip().partition(" ")
    try:
        return scheme.lower(), base64.b64decode(value.strip(), validate=True)
    except ValueError:
        return scheme.lower(), value


def meaning_of_return(request: Request) -> Any:
    """State and code as often as they came, and the cookie that says whose browser it is."""
    values = values_of(parse_qsl(request.query, encoding="latin-1"), ("state", "code", "error"))
    sent = ";".join(value for name, value in request.headers if name.lower() == "cookie")
    cookies = sorted(pair.strip() for pair in sent.split(";") if pair.strip().startswith("browser"))
    # Signatures are base64 read by itsdangerous, which passes over other characters.
    return values, [re.sub(r"[^\w.=-]", "", cookie, flags=re.ASCII) for cookie in cookies]


def meaning_of_call(request: Request) -> Any:
    """What a sign-in without pages is given for: the token, the call, and the authorization request."""
    try:
        body = json.loads(request.body)
        asked = body.get("authorize_url") if isinstance(body, dict) else None
    except (ValueError, RecursionError):
        asked = None
    return token_of(request), request.method, unquote(request.path).rstrip("/"), _asked(asked)


def _asked(address: Any) -> Any:
    """What an authorization request asks for, without what may stand in its address beside."""
    if not isinstance(address, str):
        return address
    place, _, query = address.partition("?")
    pairs = parse_qsl(query.partition("#")[0])
    values = {name: set(found) for name, found in values_of(pairs, SIGNED).items()}
    return place, values, {_signing(value) for value in values_of(pairs, ["client_secret"])["client_secret"]}


def token_of(request: Request) -> str:
    """The bearer token."""
    scheme, _, token = request.header("Authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
