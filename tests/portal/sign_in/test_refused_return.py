"""`/login/callback` with bad news: each kind has its page, and nothing more is asked (S-04…S-12, S-16)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from foundation.database import Database
from tests.pages import PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_esia import FakeEsia, json_answer, refuse
from tests.portal.sign_in.helpers import (
    KEYS,
    NOT_SIGNED_IN,
    TOKEN,
    after_the_start,
    is_neutral,
    is_signed_in,
    patients,
    sessions,
)

XSS = [
    "<script>pwned(1)</script>",
    '"><img src=x onerror=pwned(1)>',
    "'-pwned(1)-'",
    "javascript:pwned(1)",
    "{{7*7}}pwned",
    "${7*7}pwned",
    "</title><svg/onload=pwned(1)>",
    "\r\nSet-Cookie: pwned=1",
    "\u202epwned",
    "ESIA-007004<script>pwned(1)</script>",
    "pwned" * 1000,
]


# Errors in the redirect (S-16)


@pytest.mark.parametrize(
    ("error", "description", "screen", "status"),
    [
        ("access_denied", "ESIA-007004: The resource owner denied the request.", "consent-denied", 403),
        ("temporarily_unavailable", "ESIA-007008: busy", "works", 503),
        ("server_error", "ESIA-007007: unexpected", "gosuslugi-failed", 502),
        ("invalid_request", "ESIA-007014: no parameter", "misconfigured", 502),
        ("invalid_scope", "ESIA-007006: scope", "misconfigured", 502),
        ("unauthorized_client", "ESIA-007005: not authorized", "misconfigured", 502),
        ("access_denied", "ESIA-007053: OAuthErrorEnum.clientSecretWrong", "misconfigured", 502),
        ("access_denied", "ESIA-007055: not confirmed", "account-unconfirmed", 403),
        ("access_denied", "ESIA-007046: no otp", "second-factor-missing", 403),
        ("something_new", "", "sign-in-failed", 400),
    ],
)
def test_each_error_of_the_redirect_has_its_page_and_asks_nothing(
    *, error: str, description: str, screen: str, status: int, portal: PageClient, esia: FakeEsia, sign_in: SignIn
) -> None:
    """S-16: no call is made for an error."""
    state = sign_in.begin(portal)
    page = sign_in.come_back(portal, state, status, error=error, error_description=description)
    assert page.screen == screen
    assert after_the_start(esia) == []
    assert not is_signed_in(portal)
    assert "ESIA-" not in page.text


def test_a_refused_consent_says_what_is_needed_and_why(portal: PageClient, sign_in: SignIn) -> None:
    """R-016, U-3: its own page, not an error; the way back and the way out, and whom to call."""
    state = sign_in.begin(portal, "/login?next=/profile")
    page = sign_in.come_back(portal, state, 403, error="access_denied", error_description="ESIA-007004: x")
    for words in (
        "Вы не предоставили доступ к данным",
        "Без него мы не можем открыть личный кабинет.",
        "«Проведение входа в систему»",
        "«Просмотр вашего СНИЛС»",
        "Если нужна срочная помощь, звоните 103 или 112.",
    ):
        assert words in page.words
    assert page.soup.find("a", string="Вернуться и предоставить")["href"] == "/login?next=/profile"
    assert page.soup.find("a", string="На главную")["href"] == "/"


def test_a_misconfigured_sign_in_is_red_on_the_readiness_page(portal: PageClient, sign_in: SignIn) -> None:
    """An operator's error: the patient reads that we know, and the operator is told what."""
    state = sign_in.begin(portal)
    page = sign_in.come_back(portal, state, 502, error="invalid_request", error_description="ESIA-007015: time")
    assert "Вход настроен неверно, мы уже знаем" in page.words
    ready = portal.client.get("/healthz/ready", base_url=portal.base_url)
    assert ready.status_code == 503
    assert "ESIA-007015" in ready.get_json()["sign_in"]
    sign_in(portal)
    assert portal.client.get("/healthz/ready", base_url=portal.base_url).status_code == 200


@pytest.mark.parametrize("code", ["ESIA-007046", "ESIA-007055"])
def test_what_the_person_lacks_leaves_the_portal_ready(code: str, portal: PageClient, sign_in: SignIn) -> None:
    """R-013, R-136: the page says what to do at Gosuslugi, and no operator is called."""
    state = sign_in.begin(portal)
    page = sign_in.come_back(portal, state, 403, error="access_denied", error_description=f"{code}: x")
    assert page.soup.find("a", string="Войти заново") is not None
    assert "Вход настроен неверно" not in page.words
    assert portal.client.get("/healthz/ready", base_url=portal.base_url).status_code == 200


@pytest.mark.parametrize("text", XSS)
@pytest.mark.parametrize("place", ["error", "error_description", "code", "state", "iss"])
def test_what_a_stranger_writes_into_the_return_is_never_shown_or_logged(
    text: str, place: str, portal: PageClient, sign_in: SignIn, capsys: pytest.CaptureFixture[str]
) -> None:
    """S-16, S-63: pages stay well-formed, nothing of the text is in them, and a log line stays one line."""
    parameters = {"state": sign_in.begin(portal), "error": "access_denied", "error_description": "ESIA-007004"}
    parameters[place] = text
    capsys.readouterr()
    response = portal.client.get("/login/callback", base_url=portal.base_url, query_string=parameters)
    assert 400 <= response.status_code < 600
    page = response.get_data(as_text=True)
    assert "pwned" not in page
    assert "pwned" not in str(response.headers)
    logged = "".join(capsys.readouterr())
    assert "pwned" not in logged


def test_an_issuer_in_the_return_must_be_the_configured_one(
    portal: PageClient, esia: FakeEsia, sign_in: SignIn
) -> None:
    """S-05 (RFC 9207): one that is there must match, and nothing is sent to the token endpoint otherwise."""
    state = sign_in.begin(portal)
    is_neutral(sign_in.come_back(portal, state, 400, code=esia.code(), iss="http://evil.test/"))
    assert after_the_start(esia) == []
    state = sign_in.begin(portal)
    assert sign_in.come_back(portal, state, code=esia.code(), iss="http://esia.gosuslugi.ru/").location == "/loading"


def test_a_return_without_code_and_error_is_refused(portal: PageClient, esia: FakeEsia, sign_in: SignIn) -> None:
    """Neither good nor bad news."""
    state = sign_in.begin(portal)
    is_neutral(sign_in.come_back(portal, state, 400, other="x"))
    assert after_the_start(esia) == []


@pytest.mark.parametrize("spoilt", ["a\0b", "\r\n", "код", "\ufffd"])
def test_a_code_that_nobody_gave_out_is_not_sent_on(
    spoilt: str, portal: PageClient, esia: FakeEsia, sign_in: SignIn
) -> None:
    """S-16: Gosuslugi would call such a request wrong, and the portal itself misconfigured."""
    state = sign_in.begin(portal)
    is_neutral(sign_in.come_back(portal, state, 400, code=esia.code() + spoilt))
    assert after_the_start(esia) == []


# The token call


@pytest.mark.parametrize("status", [500, 502, 503, 504, 404, 302])
def test_a_failed_exchange_is_said_and_nothing_more_is_asked(
    status: int, portal: PageClient, esia: FakeEsia, sign_in: SignIn, portal_database: Database
) -> None:
    """R-033: the exact words, a way to begin anew, and no half-open session; the code is sent once."""
    esia.answer_with(TOKEN, httpx2.Response(status, content=b"<html>down", headers={"Content-Type": "text/html"}))
    page = sign_in.come_back(portal, sign_in.begin(portal), 502)
    assert page.screen == "gosuslugi-failed"
    for words in (
        "Произошла ошибка..",
        "Попробуйте перезапустить страницу",
        "Госуслуги ответили ошибкой. Вы не вошли, ваши данные не изменились.",
        "Код для поддержки",
    ):
        assert words in page.words
    assert page.soup.find("a", string="Перезапустить")["href"] == "/login"
    assert after_the_start(esia) == [f"POST {TOKEN}"]
    assert patients(portal_database) == sessions(portal_database) == []
    assert not is_signed_in(portal)


def test_the_next_honest_sign_in_succeeds_in_the_same_browser(
    portal: PageClient, esia: FakeEsia, sign_in: SignIn
) -> None:
    """Every row of the catalogue has a recovery; «next» is kept over the failure."""
    esia.answer_with(TOKEN, httpx2.Response(503, headers={"Retry-After": "30"}))
    page = sign_in.come_back(portal, sign_in.begin(portal, "/login?next=/profile"), 502)
    assert "30 с" in page.words
    again = page.soup.find("a", string="Перезапустить")["href"]
    assert again == "/login?next=/profile"
    esia.answers.clear()
    assert sign_in(portal, again).location == "/loading?next=/profile"


@pytest.mark.parametrize(
    "failure",
    [httpx2.ReadTimeout("x"), httpx2.ReadError("x"), httpx2.ConnectError("x"), httpx2.RemoteProtocolError("")],
)
def test_silence_at_the_token_endpoint_is_said(
    failure: Exception, portal: PageClient, esia: FakeEsia, sign_in: SignIn
) -> None:
    """R-030: refused, reset, time limit: one screen, and the code is not sent again."""
    esia.fail(TOKEN, failure)
    page = sign_in.come_back(portal, sign_in.begin(portal), 504)
    assert page.screen == "gosuslugi-silent"
    assert f"Госуслуги не отвечают. {NOT_SIGNED_IN}" in page.words
    assert after_the_start(esia) == [f"POST {TOKEN}"]


@pytest.mark.parametrize(
    ("description", "error", "screen", "status"),
    [
        ("ESIA-007011: invalid, expired, revoked", "invalid_grant", "sign-in-stale", 400),
        ("ESIA-007002: certificate", "invalid_client", "misconfigured", 502),
        ("ESIA-007053: OAuthErrorEnum.clientSecretWrong", "access_denied", "misconfigured", 502),
        ("ESIA-007015: time", "invalid_request", "misconfigured", 502),
    ],
)
def test_a_refused_code_is_stale_and_a_refused_request_is_ours(
    *, description: str, error: str, screen: str, status: int, portal: PageClient, esia: FakeEsia, sign_in: SignIn
) -> None:
    """A used or expired code is nobody's fault; a refused signature is the operator's."""
    esia.answer_with(TOKEN, refuse(error, description))
    assert sign_in.come_back(portal, sign_in.begin(portal), status).screen == screen
    assert after_the_start(esia) == [f"POST {TOKEN}"]


BROKEN: list[tuple[str, Callable[[FakeEsia], Any]]] = [
    ("S-07 signature", lambda esia: setattr(esia, "signing", "attacker")),
    ("S-07 none", lambda esia: esia.id_header.update(alg="none")),
    ("S-07 jwk", lambda esia: esia.id_header.update(jwk={})),
    ("S-05 issuer", lambda esia: esia.id_claims.update(iss="http://evil.test/")),
    ("S-06 audience", lambda esia: esia.id_claims.update(aud="OTHER")),
    ("S-06 client", lambda esia: esia.access_claims.update(client_id="OTHER")),
    ("S-08 expired", lambda esia: esia.id_claims.update(exp=1)),
    ("S-08 early", lambda esia: esia.id_claims.update(nbf=99999999999)),
    ("S-04 old", lambda esia: esia.id_claims.update(iat=1)),
    ("S-04 nonce", lambda esia: esia.id_claims.update(nonce="x")),
    ("S-09 no subject", lambda esia: esia.id_claims.update(sub=None)),
    ("S-09 two people", lambda esia: esia.access_claims.update({"urn:esia:sbj_id": 5})),
    ("no id token", lambda esia: esia.token_members.update(id_token=None)),
    ("another type", lambda esia: esia.token_members.update(token_type="mac")),
    ("not json", lambda esia: esia.answer_with(TOKEN, json_answer("x"))),
    ("S-12 no keys", lambda esia: setattr(esia, "key_set", [])),
    ("S-12 keys down", lambda esia: esia.fail(KEYS, httpx2.ConnectError("x"))),
]


@pytest.mark.parametrize("breaks", [row[1] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_what_must_not_be_trusted_ends_neutrally_without_another_call(
    breaks: Callable[[FakeEsia], Any],
    portal: PageClient,
    esia: FakeEsia,
    sign_in: SignIn,
    portal_database: Database,
) -> None:
    """S-04…S-12: no session, no patient, and no call for person data."""
    breaks(esia)
    is_neutral(sign_in.come_back(portal, sign_in.begin(portal), 400))
    assert not any("/rs/" in call for call in esia.calls)
    assert patients(portal_database) == sessions(portal_database) == []
    assert not is_signed_in(portal)


@pytest.mark.parametrize("acr", [None, {}, {"2fa": ""}])
def test_a_missing_second_factor_says_which_step_is_missing(
    *, acr: Any, portal: PageClient, esia: FakeEsia, sign_in: SignIn, portal_database: Database
) -> None:
    """S-10, R-136, U-3: no session and no call; a new sign-in alone would end here again, so it says what to do."""
    esia.id_claims.update(acr=acr)
    page = sign_in.come_back(portal, sign_in.begin(portal, "/login?next=/profile"), 403)
    assert page.screen == "second-factor-missing"
    assert "Вы вошли на Госуслуги без второго подтверждения" in page.words
    assert "Включите второе подтверждение в настройках безопасности" in page.words
    assert f"узнал только пароль. {NOT_SIGNED_IN}" in page.words
    assert page.soup.find("a", href="/login?next=/profile", string="Войти заново") is not None
    assert page.soup.find("a", string="Перезапустить") is None
    assert not any("/rs/" in call for call in esia.calls)
    assert patients(portal_database) == sessions(portal_database) == []


def test_who_forged_the_token_learns_nothing_of_the_second_factor(
    portal: PageClient, esia: FakeEsia, sign_in: SignIn
) -> None:
    """S-61: the page is for a token that is believed; one that fails another check as well ends on the neutral page."""
    esia.id_claims.update(acr=None, iss="http://evil.test/")
    is_neutral(sign_in.come_back(portal, sign_in.begin(portal), 400))


def test_the_neutral_page_is_the_same_whatever_the_reason(portal: PageClient, esia: FakeEsia, sign_in: SignIn) -> None:
    """S-61: only reference and time differ, so nobody learns from it which check failed."""
    seen = set()
    for change in ({"iss": "x"}, {"aud": "x"}, {"exp": 1}):
        esia.id_claims = change
        page = sign_in.come_back(portal, sign_in.begin(portal), 400)
        reference = str(page.soup.find(attrs={"data-ref": True})["data-ref"])
        seen.add(page.text.replace(reference, "REF"))
    seen.add(
        (page := sign_in.come_back(portal, "unknown", 400)).text.replace(
            str(page.soup.find(attrs={"data-ref": True})["data-ref"]), "REF"
        )
    )
    assert len(seen) == 1


def test_the_reason_is_in_the_log_under_the_reference(
    portal: PageClient, esia: FakeEsia, sign_in: SignIn, capsys: pytest.CaptureFixture[str]
) -> None:
    """S-62: support finds what the page does not tell."""
    esia.id_claims = {"iss": "http://evil.test/"}
    page = sign_in.come_back(portal, sign_in.begin(portal), 400)
    reference = str(page.soup.find(attrs={"data-ref": True})["data-ref"])
    lines = [line for line in "".join(capsys.readouterr()).splitlines() if reference in line]
    assert any("wrong_issuer" in line for line in lines)
    assert not any("evil.test" in line for line in lines)
