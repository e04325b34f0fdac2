"""Which ways to confirm a sign-in are open: a gateway that is down, SMS on a phone, and a page that insists on more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest

from sandbox_idp import policy
from sandbox_idp.context import Stand
from sandbox_idp.policy import Policy, load
from sandbox_idp.scenarios import arming, engine
from sandbox_idp.scenarios.points import InsistDraft, MessageDraft, Point
from sandbox_idp.sign_in import acceptance, login_pages, offers
from tests.pages import Page, PageClient
from tests.sandbox_idp.sign_in import journey
from tests.sandbox_idp.sign_in.journey import ANNA, KIRILL, NINA, ask, at, give_code, give_password, last_code

ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"


@pytest.fixture
def request_id(stand: Stand) -> str:
    stand.clock.freeze(True)  # type: ignore[attr-defined]
    return ask(stand)


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Takes the SMS gateway down, and up again."""
    whole = engine.transform

    def refuse(point: Point, value: MessageDraft) -> MessageDraft:
        if point is Point.MESSAGE and value.kind == "sms":
            value.refused = True
        return value

    return lambda down: monkeypatch.setattr(engine, "transform", refuse if down else whole)


def under(monkeypatch: pytest.MonkeyPatch, **rules: object) -> Policy:
    """The rules of the stand changed, wherever they are asked for."""
    changed = load().model_copy(update=rules)
    for module in (policy, offers, acceptance, login_pages):
        monkeypatch.setattr(module, "current_policy", lambda: changed)
    return changed


def choose(sandbox: PageClient, request_id: str, factor: str, status: int = 303) -> Page:
    return sandbox.post(at("/login/factor", request_id), {"factor": factor}, status)


def password_from(sandbox: PageClient, request_id: str, login: str, **headers: str) -> Page:
    """Login and password from a browser with these headers; the page that comes next."""
    sandbox.get(at("/login", request_id), headers=headers)
    typed = {"login": login, "password": "Lampa-Zelenaya-27"}
    sent = sandbox.post(at("/login", request_id), typed, headers=headers)
    return sandbox.get(sent.location, headers=headers)


# sms-gateway-down


def test_with_other_factors_they_are_offered(
    sandbox: PageClient, stand: Stand, request_id: str, gateway: Callable[[bool], None]
) -> None:
    """sms-gateway-down, S-42: told at once, on whose side it is, and the others stand beside it."""
    sandbox.follow(give_password(sandbox, request_id, NINA))
    gateway(True)
    page = choose(sandbox, request_id, "sms", 503)
    assert page.screen == "login-factor"
    assert "СМС не ушло. Служба, которая рассылает сообщения, сейчас не отвечает. Это на нашей стороне" in page.words
    assert "Код из приложения" in page.words
    assert page.soup.find(attrs={"data-ref": True}) is not None
    assert journey.arrived(stand, NINA) == []
    assert "/login/totp" in choose(sandbox, request_id, "totp").location
    assert "/consent" in give_code(sandbox, request_id, journey.totp_of(stand, "nina"), path="/login/totp").location


def test_without_others_it_can_be_tried_again(
    sandbox: PageClient, stand: Stand, request_id: str, gateway: Callable[[bool], None]
) -> None:
    """sms-gateway-down: the password need not be given twice; the attempt goes on when the gateway is up again."""
    gateway(True)
    page = sandbox.follow(give_password(sandbox, request_id))
    assert (page.screen, page.root["data-state"]) == ("login-sms", "error")
    assert "СМС с кодом не ушло" in page.words
    assert page.soup.find(attrs={"data-ref": True}) is not None
    assert page.soup.find(id="code") is None
    page = sandbox.post(at("/login/sms", request_id), {"action": "resend"}, 503)
    assert "Попробуйте через несколько минут" in page.words
    gateway(False)
    page = sandbox.follow(sandbox.post(at("/login/sms", request_id), {"action": "resend"}))
    assert "Введите код из СМС" in page.words
    assert page.soup.find(attrs={"data-ref": True}) is None
    assert "/consent" in give_code(sandbox, request_id, last_code(stand)).location


def test_the_code_before_goes_on_working(
    sandbox: PageClient, stand: Stand, request_id: str, gateway: Callable[[bool], None]
) -> None:
    """sms-gateway-down: what could not be sent takes nothing's place."""
    sandbox.follow(give_password(sandbox, request_id))
    code = last_code(stand)
    stand.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    gateway(True)
    page = sandbox.post(at("/login/sms", request_id), {"action": "resend"}, 503)
    assert "Код из прошлого СМС ещё подойдёт" in page.words
    assert page.soup.find(attrs={"data-ref": True}) is not None
    assert "/consent" in give_code(sandbox, request_id, code).location


def test_switching_sms_on_waits_for_the_gateway(
    sandbox: PageClient, stand: Stand, request_id: str, gateway: Callable[[bool], None]
) -> None:
    """second-factor-off with sms-gateway-down: no dead end."""
    gateway(True)
    page = sandbox.follow(give_password(sandbox, request_id, KIRILL))
    assert page.screen == "second-factor-off"
    assert "СМС не ушло." in page.words
    assert page.soup.find(attrs={"data-ref": True}) is not None
    gateway(False)
    sandbox.follow(sandbox.post(at("/login/enrol-sms", request_id), {"action": "resend"}))
    code = last_code(stand, KIRILL)
    assert "/consent" in give_code(sandbox, request_id, code, path="/login/enrol-sms").location


# sms-off-on-mobile


def test_on_a_phone_sms_may_be_off(
    sandbox: PageClient, stand: Stand, request_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """sms-off-on-mobile, `sms_on_mobile`: why, and what else; the address of the choice does not help either (S-60)."""
    under(monkeypatch, sms_on_mobile=False)
    phone = {"User-Agent": ANDROID}
    page = password_from(sandbox, request_id, NINA, **phone)
    assert page.screen == "login-factor"
    assert "На телефоне код по СМС не присылаем." in page.words
    buttons = [button.get("value") for button in page.soup.find_all("button", attrs={"name": "factor"})]
    assert buttons == ["push", "totp"]
    sent = sandbox.post(at("/login/factor", request_id), {"factor": "sms"}, headers=phone)
    assert "/login/factor" in sent.location
    assert journey.arrived(stand, NINA) == []


@pytest.mark.parametrize(
    ("headers", "on_phone"),
    [
        ({"User-Agent": WINDOWS}, False),
        ({"User-Agent": WINDOWS, "Sec-CH-UA-Mobile": "?0"}, False),
        ({"User-Agent": WINDOWS, "Sec-CH-UA-Mobile": "?1"}, True),
        ({"User-Agent": ANDROID}, True),
        ({"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)"}, True),
        ({"User-Agent": ""}, False),
    ],
)
def test_a_phone_is_known_by_its_own_word(
    sandbox: PageClient,
    request_id: str,
    monkeypatch: pytest.MonkeyPatch,
    *,
    headers: dict[str, str],
    on_phone: bool,
) -> None:
    """sms-off-on-mobile: the client hint or the User-Agent; whoever has SMS alone is sent to a computer."""
    under(monkeypatch, sms_on_mobile=False)
    page = password_from(sandbox, request_id, ANNA, **headers)
    assert page.screen == ("login-factor" if on_phone else "login-sms")
    assert ("Войдите с компьютера" in page.words) is on_phone


def test_as_the_policy_stands_a_phone_gets_its_sms(sandbox: PageClient, request_id: str) -> None:
    """`docs/policy.md`: the rule is off until it is switched on, by the policy or by a scenario for one person."""
    assert load().sms_on_mobile
    assert password_from(sandbox, request_id, ANNA, **{"User-Agent": ANDROID}).screen == "login-sms"


def test_a_scenario_switches_it_for_one_sign_in(sandbox: PageClient, stand: Stand) -> None:
    """sms-off-on-mobile: armed, it concerns whoever comes next, on a phone alone."""
    arming.arm(stand, "sms-off-on-mobile", "everyone")
    computer = ask(stand, "request-1")
    assert password_from(sandbox, computer, ANNA, **{"User-Agent": WINDOWS}).screen == "login-sms"
    phone = ask(stand, "request-2")
    assert password_from(sandbox, phone, ANNA, **{"User-Agent": ANDROID}).screen == "login-factor"


# factor-enrol-forced


def after_the_code(sandbox: PageClient, stand: Stand, request_id: str) -> Page:
    """anna's SMS code was right."""
    sandbox.follow(give_password(sandbox, request_id))
    return sandbox.follow(give_code(sandbox, request_id, last_code(stand)))


def test_it_can_be_put_off_where_the_page_says_so(
    sandbox: PageClient, stand: Stand, request_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """factor-enrol-forced, R-062, R-135, C-07: what it is, that it can be skipped, and nobody is signed in before."""
    under(monkeypatch, another_factor="may-skip")
    page = after_the_code(sandbox, stand, request_id)
    assert page.screen == "factor-enrol-forced"
    assert "Этот шаг можно пропустить" in page.words
    assert journey.sessions_of(stand) == []
    assert "/consent" in sandbox.post(at("/login/one-more", request_id), {"action": "skip"}).location
    assert [each.second_factor for each in journey.sessions_of(stand)] == ["otp"]


def test_it_cannot_be_put_off_where_it_is_demanded(
    sandbox: PageClient, stand: Stand, request_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """factor-enrol-required, S-60: no button, and no way by hand; connecting goes on with the same sign-in."""
    under(monkeypatch, another_factor="must")
    page = after_the_code(sandbox, stand, request_id)
    assert "Пропустить" not in [button.get_text() for button in page.soup.find_all("button")]
    for action in ("skip", "finish"):
        refused = sandbox.post(at("/login/one-more", request_id), {"action": action}, 422)
        assert "Пропустить этот шаг нельзя" in refused.words
    assert "/login" in sandbox.get(at("/login/sms", request_id), 303).location
    assert journey.sessions_of(stand) == []
    page = sandbox.follow(sandbox.post(at("/login/one-more", request_id), {"action": "connect"}))
    assert page.screen == "login-enrol-totp"
    secret = page.soup.find(attrs={"data-secret": True})
    assert secret is not None
    code = pyotp.TOTP(secret.get_text().replace(" ", "")).at(stand.clock.now())
    assert (
        "Осталось попыток: 2"
        in give_code(sandbox, request_id, journey.other_than(code), 422, path="/login/enrol-totp").words
    )
    page = give_code(sandbox, request_id, code, 200, path="/login/enrol-totp")
    assert page.screen == "login-backup-codes"
    assert len(page.soup.find_all("li", class_="u-mono")) == 10
    assert "подключено" in sandbox.get(at("/login/one-more", request_id)).words
    assert "/consent" in sandbox.post(at("/login/one-more", request_id), {"action": "finish"}).location
    assert [each.second_factor for each in journey.sessions_of(stand)] == ["otp"]


def test_whoever_has_the_app_is_not_asked(
    sandbox: PageClient, stand: Stand, request_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """factor-enrol-forced: igor and nina have it."""
    under(monkeypatch, another_factor="must")
    sandbox.follow(give_password(sandbox, request_id, NINA))
    choose(sandbox, request_id, "totp")
    assert "/consent" in give_code(sandbox, request_id, journey.totp_of(stand, "nina"), path="/login/totp").location


def test_when_the_demand_is_gone_the_sign_in_goes_on(
    sandbox: PageClient, stand: Stand, request_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scenario that was switched off meanwhile holds nobody up."""

    def insist(point: Point, value: object) -> object:
        if isinstance(value, InsistDraft):
            value.insists = "must"
        return value

    whole = engine.transform
    monkeypatch.setattr(engine, "transform", insist)
    assert after_the_code(sandbox, stand, request_id).screen == "factor-enrol-forced"
    monkeypatch.setattr(engine, "transform", whole)
    assert "/consent" in sandbox.post(at("/login/one-more", request_id), {"action": "finish"}).location


def test_with_the_second_factor_optional_the_password_is_enough(
    sandbox: PageClient, stand: Stand, request_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C-07: `twofa = "optional"` lets kirill in without one, and the session says so; who has one still uses it."""
    under(monkeypatch, twofa="optional")
    assert "/consent" in give_password(sandbox, request_id, KIRILL).location
    assert [each.second_factor for each in journey.sessions_of(stand)] == [None]
    other = ask(stand, "request-2")
    sandbox.get(at("/login", other))
    sandbox.post(at("/login/other-user", other))
    assert sandbox.follow(give_password(sandbox, other)).screen == "login-sms"


def test_a_letter_is_no_second_factor(sandbox: PageClient, stand: Stand, request_id: str) -> None:
    """S-41: whoever can read the mailbox has no second factor by that; there is no such way, and no address for it."""
    page = sandbox.follow(give_password(sandbox, request_id, NINA))
    assert {str(button["value"]) for button in page.soup.find_all("button", attrs={"name": "factor"})} == {
        "sms",
        "push",
        "totp",
    }
    for wanted in ("mail", "link", "email"):
        assert "/login/factor" in choose(sandbox, request_id, wanted).location
    assert journey.arrived(stand, "nina@pochta.example") == []
