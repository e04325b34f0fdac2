"""`POST …/sign-ins`: a sign-in without the pages, under every check of the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlmodel import col, select

from sandbox_idp.accounts.models import Consent, GosuslugiSession, LoginThrottle, Person
from sandbox_idp.assembly import create_app
from sandbox_idp.context import Stand
from sandbox_idp.oauth import PORTAL_SCOPES
from sandbox_idp.oauth.models import AuthorizationRequest
from sandbox_idp.scenarios import journal
from sandbox_idp.scenarios.models import SignIn, StandState
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.sign_in.secrecy import keyed_hash
from sandbox_idp.stands.house import House
from tests.esia_client import Identity, V1Client
from tests.sandbox_idp.control.conftest import ControlClient

SignInCall = Callable[..., dict[str, list[str]]]


@pytest.fixture
def portal(stand: Stand) -> V1Client:
    """Our own portal as the stand registered it."""
    with stand.database.reading() as session:
        state = session.get_one(StandState, 1)
    return V1Client(
        mnemonic="PORTAL_DEMO",
        identity=Identity.from_pem(state.portal_client_key, state.portal_client_certificate),
        redirect_uri=f"{stand.portal_url}/login/callback",
        scope=PORTAL_SCOPES,
    )


@pytest.fixture
def asked(stand: Stand, portal: V1Client) -> Callable[..., dict[str, Any]]:
    """The body of a call: anna signs in at the portal, with changes to the authorization request."""

    def body(person: str = "anna", *, request: dict[str, str | None] | None = None, **more: Any) -> dict[str, Any]:
        query = urlencode(portal.authorization(stand.clock.now(), **(request or {})))
        return {"authorize_url": f"{stand.idp_url}/aas/oauth2/ac?{query}", "person": person, **more}

    return body


@pytest.fixture
def sign_in(control: ControlClient, asked: Callable[..., dict[str, Any]], portal: V1Client) -> SignInCall:
    """The query with which the browser would come back to the portal."""

    def call(*arguments: Any, **more: Any) -> dict[str, list[str]]:
        location = control.call("POST", "/sign-ins", asked(*arguments, **more))["location"]
        assert location.partition("?")[0] == portal.redirect_uri
        return parse_qs(urlsplit(location).query)

    return call


def redeemed(control: ControlClient, stand: Stand, portal: V1Client, code: str) -> dict[str, Any]:
    """What the token endpoint gives for the code."""
    response = control.client.post(
        f"{stand.prefix}/aas/oauth2/te",
        data=portal.exchange(code, stand.clock.now()),
        base_url=control.base_url,
        buffered=True,
    )
    assert response.status_code == 200, response.get_data(as_text=True)
    answer: dict[str, Any] = response.get_json()
    return answer


def count(stand: Stand, model: Any) -> int:
    with stand.database.reading() as session:
        return len(session.exec(select(model)).all())


def test_the_code_is_as_good_as_one_from_the_pages(
    sign_in: SignInCall, control: ControlClient, stand: Stand, portal: V1Client
) -> None:
    """S-20: bound to this system and request; the token endpoint takes it as any other."""
    back = sign_in()
    assert set(back) == {"code", "state"}
    assert {"access_token", "id_token"} <= set(redeemed(control, stand, portal, back["code"][0]))
    assert count(stand, Consent) == 1


def test_the_journal_tells_it_as_one_sign_in(sign_in: SignInCall, stand: Stand) -> None:
    sign_in()
    with stand.database.reading() as session:
        (row,) = session.exec(select(SignIn)).all()
    assert (row.system, row.sid is not None) == ("PORTAL_DEMO", True)
    acts = journal.lines(stand.database, kind="act")
    assert [(line.name, line.sign_in) for line in acts] == [("signed-in", row.number), ("consent-granted", row.number)]


def test_an_earlier_consent_is_not_asked_for_again(sign_in: SignInCall, stand: Stand) -> None:
    sign_in()
    sign_in(consent="refuse")
    assert [line.name for line in journal.lines(stand.database, kind="act")][2:] == ["signed-in"]
    assert count(stand, Consent) == 1


def test_refusing_comes_back_as_esia_says_it(sign_in: SignInCall, stand: Stand) -> None:
    """S-24: nothing is stored but the audit."""
    back = sign_in(consent="refuse")
    assert back["error"] == ["access_denied"]
    assert "state" in back
    assert count(stand, Consent) == 0


def test_optional_rights_can_be_withheld(sign_in: SignInCall, stand: Stand) -> None:
    sign_in(withhold=["contacts"])
    with stand.database.reading() as session:
        (consent,) = session.exec(select(Consent)).all()
    assert "contacts" in consent.asked_scopes
    assert "contacts" not in consent.granted_scopes


@pytest.mark.parametrize("key", ["fullname", "unheard-of"])
def test_a_required_or_unknown_right_cannot(
    key: str, control: ControlClient, asked: Callable[..., dict[str, Any]], stand: Stand
) -> None:
    assert control.wrong("POST", "/sign-ins", asked(withhold=["contacts", key])) == {"/withhold/1"}
    assert count(stand, AuthorizationRequest) == 0


def test_a_refused_request_goes_back_with_the_code_of_the_refusal(sign_in: SignInCall, stand: Stand) -> None:
    back = sign_in(request={"scope": "openid fullname unheard-of"})
    assert back["error"] == ["invalid_scope"]
    assert count(stand, GosuslugiSession) == 0


def test_a_request_with_a_foreign_address_is_told_to_nobody_else(
    control: ControlClient, asked: Callable[..., dict[str, Any]]
) -> None:
    """S-18."""
    problem = control.refused("POST", "/sign-ins", asked(request={"redirect_uri": "https://evil.example/"}))
    assert problem["errors"][0]["pointer"] == "/authorize_url"
    assert "ESIA-" in problem["errors"][0]["detail"]


@pytest.mark.parametrize(
    "url", ["", "http://[", "https://evil.example/aas/oauth2/ac?client_id=PORTAL_DEMO", "/aas/oauth2/ac"]
)
def test_only_an_address_of_this_stand_is_taken(url: str, control: ControlClient) -> None:
    assert control.wrong("POST", "/sign-ins", {"authorize_url": url, "person": "anna"}) == {"/authorize_url"}


def test_an_unknown_person(control: ControlClient, asked: Callable[..., dict[str, Any]]) -> None:
    assert control.refused("POST", "/sign-ins", asked("nobody"), status=404)["code"] == "unknown-person"
    assert control.wrong("POST", "/sign-ins", asked("no\0body")) == {"/person"}


@pytest.mark.parametrize("what", ["login", "factor"])
def test_a_locked_person_gets_the_error_and_no_location(
    *,
    what: str,
    control: ControlClient,
    asked: Callable[..., dict[str, Any]],
    stand: Stand,
    sandbox_settings: SandboxSettings,
    house: House,
) -> None:
    """S-34: by wrong passwords for any of the logins, or by wrong codes."""
    with create_app(sandbox_settings, house).app_context(), stand.database.writing() as session:
        person = session.exec(select(Person).where(col(Person.persona) == "anna")).one()
        key = (
            keyed_hash("factor", str(person.oid)) if what == "factor" else keyed_hash("login", f"snils|{person.snils}")
        )
        session.add(LoginThrottle(login_hash=key, failures=5, locked_until=stand.clock.now().replace(year=2100)))
    assert control.refused("POST", "/sign-ins", asked(), status=409)["code"] == "locked"
    assert count(stand, GosuslugiSession) == 0


def test_a_closed_account(control: ControlClient, asked: Callable[..., dict[str, Any]], stand: Stand) -> None:
    with stand.database.writing() as session:
        person = session.exec(select(Person).where(col(Person.persona) == "anna")).one()
        person.state = "blocked"
        session.add(person)
    assert control.refused("POST", "/sign-ins", asked(), status=409)["code"] == "closed-account"


def test_a_person_without_the_second_factor(control: ControlClient, asked: Callable[..., dict[str, Any]]) -> None:
    assert control.refused("POST", "/sign-ins", asked("kirill"), status=409)["code"] == "second-factor-off"


def test_a_person_with_an_authenticator(
    sign_in: SignInCall, control: ControlClient, stand: Stand, portal: V1Client
) -> None:
    redeemed(control, stand, portal, sign_in("igor")["code"][0])
    with stand.database.reading() as session:
        (living,) = session.exec(select(GosuslugiSession)).all()
    assert living.second_factor == "totp"


def test_an_openid_clients_request_is_taken_too(control: ControlClient, stand: Stand) -> None:
    """S-18, S-20: under the checks of its own path; the answer carries the issuer (RFC 9207)."""
    asked = {
        "client_id": "PORTAL_DEMO",
        "redirect_uri": f"{stand.portal_url}/login/callback",
        "response_type": "code",
        "scope": "openid profile",
        "state": "the-state",
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    }
    url = f"{stand.idp_url}/oauth2/authorize"
    location = control.call("POST", "/sign-ins", {"authorize_url": f"{url}?{urlencode(asked)}", "person": "anna"})[
        "location"
    ]
    back = parse_qs(urlsplit(location).query)
    assert (back["iss"], back["state"]) == ([stand.idp_url], ["the-state"])
    assert back["code"]
    weak = {**asked, "code_challenge_method": "plain"}
    location = control.call("POST", "/sign-ins", {"authorize_url": f"{url}?{urlencode(weak)}", "person": "anna"})[
        "location"
    ]
    assert parse_qs(urlsplit(location).query)["error"] == ["invalid_request"]
