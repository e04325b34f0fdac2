"""«Двухэтапная проверка» in the cabinet: connecting and switching off, and programs of others that make the codes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import timedelta

import pyotp
import pytest
from sqlmodel import select

from sandbox_idp.accounts import people
from sandbox_idp.cabinet.guard import CONFIRMED_FOR
from sandbox_idp.context import Stand
from sandbox_idp.factors.models import BackupCode, TotpSetup
from sandbox_idp.policy import load
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import MessageDraft, Point
from tests.pages import Page, PageClient
from tests.sandbox_idp.sign_in import journey
from tests.sandbox_idp.sign_in.journey import ANNA, IGOR, ask, at, give_code, give_password

pytestmark = pytest.mark.usefixtures("still")

TWO_STEP = "/cabinet/security/two-step"
_PYOTP = "import pyotp, sys; print(pyotp.parse_uri(sys.argv[1]).at(int(sys.argv[2])))"


@pytest.fixture
def anna(sandbox: PageClient, stand: Stand) -> PageClient:
    """anna's browser, signed in to the cabinet."""
    journey.sign_in(sandbox, stand)
    return sandbox


def button(sandbox: PageClient, action: str, status: int = 303) -> Page:
    """A press on the overview."""
    sandbox.get(TWO_STEP)
    return sandbox.post(TWO_STEP, {"action": action}, status)


def connecting(sandbox: PageClient) -> Page:
    """The page with the QR code."""
    return sandbox.follow(button(sandbox, "totp-on"))


def secret_on(page: Page) -> str:
    tag = page.soup.find(attrs={"data-secret": True})
    assert tag is not None
    return tag.get_text().replace(" ", "")


def address_on(page: Page) -> str:
    """What the QR code holds: the same address stands there as a link."""
    return next(str(link["href"]) for link in page.soup.find_all("a") if str(link["href"]).startswith("otpauth:"))


def switched_on(stand: Stand, persona: str = "anna") -> tuple[str, ...]:
    return people.factors_of(journey.person_of(stand, persona))


def by_pyotp(address: str, seconds: int) -> str:
    """What somebody's phone would show, computed in a process of its own from the QR code's address alone."""
    return subprocess.run(
        [sys.executable, "-c", _PYOTP, address, str(seconds)], check=True, capture_output=True, text=True
    ).stdout.strip()


def by_oathtool(address: str, seconds: int) -> str:
    """The same by oathtool, where it is installed."""
    secret = pyotp.parse_uri(address).secret
    return subprocess.run(
        [str(shutil.which("oathtool")), "--totp", "--base32", f"--now=@{seconds}", secret],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


AUTHENTICATORS = [by_pyotp, *([by_oathtool] if shutil.which("oathtool") else [])]


@pytest.mark.parametrize("authenticator", AUTHENTICATORS)
def test_codes_of_an_independent_authenticator_are_accepted(anna: PageClient, stand: Stand, authenticator) -> None:
    """R-098, R-137, S-38: connected with a code of another program, and signed in with the next one."""
    page = connecting(anna)
    assert page.screen == "two-step-totp"
    address = address_on(page)
    assert "issuer=" in address
    seconds = int(stand.clock.now().timestamp())
    codes = give_code(anna, None, authenticator(address, seconds), 200, path=f"{TWO_STEP}/totp")
    assert codes.screen == "backup-codes"
    assert switched_on(stand) == ("sms", "totp")
    stand.clock.advance(timedelta(seconds=30))  # type: ignore[attr-defined]
    request_id = ask(stand)
    anna.get(at("/login", request_id))
    anna.post(at("/login/other-user", request_id))
    anna.follow(give_password(anna, request_id))
    anna.follow(anna.post(at("/login/factor", request_id), {"factor": "totp"}))
    code = authenticator(address, int(stand.clock.now().timestamp()))
    assert "/consent" in give_code(anna, request_id, code, path="/login/totp").location


def test_the_qr_code_is_drawn_in_the_page(anna: PageClient, stand: Stand) -> None:
    """R-137, S-52: an `<svg>` of our own answer, and the secret as text for whoever cannot read it."""
    page = connecting(anna)
    assert page.soup.find("svg", class_="qr__code") is not None
    assert pyotp.parse_uri(address_on(page)).secret == secret_on(page)
    assert len(secret_on(page)) == 32
    assert not page.soup.find_all("img", src=lambda source: source is not None and "data:" in source)
    assert "Подключается" in anna.get("/phone/authenticator?person=anna").words.replace("подключается", "Подключается")


def test_the_secret_counts_for_nothing_until_its_code_has_come(anna: PageClient, stand: Stand) -> None:
    """R-137, S-38: a wrong code, one of a wrong clock, and after three another QR code."""
    page = connecting(anna)
    secret, now = secret_on(page), stand.clock.now()
    assert switched_on(stand) == ("sms",)
    path = f"{TWO_STEP}/totp"
    assert "Введите код из приложения, 6 цифр." in give_code(anna, None, "", 422, path=path).words
    early = pyotp.TOTP(secret).at(now + timedelta(minutes=5))
    assert "поставьте на телефоне точное время" in give_code(anna, None, early, 422, path=path).words
    wrong = f"{(int(pyotp.TOTP(secret).at(now)) + 500_001) % 1_000_000:06d}"
    assert "Осталось попыток: 1" in give_code(anna, None, wrong, 422, path=path).words
    page = give_code(anna, None, wrong, 422, path=path)
    assert "Мы показали новый QR-код" in page.words
    assert secret_on(page) != secret
    assert switched_on(stand) == ("sms",)
    code = pyotp.TOTP(secret_on(page)).at(now)
    assert give_code(anna, None, code, 200, path=path).screen == "backup-codes"


def test_backup_codes_are_shown_once(anna: PageClient, stand: Stand) -> None:
    """S-37, S-42: ten, on the answer to the code and never again; new ones take their place."""
    code = pyotp.TOTP(secret_on(connecting(anna))).at(stand.clock.now())
    shown = give_code(anna, None, code, 200, path=f"{TWO_STEP}/totp")
    listed = shown.soup.find(attrs={"data-codes": True})
    assert listed is not None
    codes = [item.get_text() for item in listed.find_all("li")]
    assert len(codes) == load().totp.backup_codes
    page = anna.get(TWO_STEP)
    assert "Осталось 10 из 10" in page.words
    assert not [each for each in codes if each in page.text]
    # The same form once more (a reload) connects nothing anew.
    anna.get(TWO_STEP)
    assert give_code(anna, None, code, path=f"{TWO_STEP}/totp").location.endswith(TWO_STEP)
    again = button(anna, "backup-new", 200)
    assert again.screen == "backup-codes"
    assert not [each for each in codes if each in again.text]
    with stand.database.reading() as session:
        assert (
            len(
                session.exec(
                    select(BackupCode).where(BackupCode.person_oid == journey.person_of(stand, "anna").oid)
                ).all()
            )
            == 10
        )


def test_the_last_factor_stays(anna: PageClient, stand: Stand) -> None:
    """R-136, C-07: the second factor is mandatory, so the last one cannot be switched off; with another one it can."""
    page = button(anna, "sms-off", 422)
    assert "Последний способ выключить нельзя" in page.words
    assert page.root["data-state"] == "error"
    button(anna, "push-on")
    assert switched_on(stand) == ("sms", "push")
    button(anna, "sms-off")
    assert switched_on(stand) == ("push",)
    letters = [letter.text for letter in journey.arrived(stand, "anna@pochta.example")]
    assert any("Вход больше не подтверждает код по СМС" in text for text in letters)


def test_sms_is_switched_on_by_a_code(anna: PageClient, stand: Stand) -> None:
    """R-137: the phone shows that it is there; a wrong code does nothing."""
    button(anna, "push-on")
    button(anna, "sms-off")
    stand.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    page = anna.follow(button(anna, "sms-on"))
    assert page.screen == "two-step-sms"
    (code,) = [each.code for each in journey.arrived(stand)[-1:]]
    assert code is not None
    path = f"{TWO_STEP}/sms"
    assert "Код не подошёл" in give_code(anna, None, journey.other_than(code), 422, path=path).words
    assert switched_on(stand) == ("push",)
    give_code(anna, None, code, path=path)
    assert switched_on(stand) == ("sms", "push")
    assert anna.get(path, 303).location.endswith(TWO_STEP)


def test_switching_the_app_off_takes_its_codes_away(sandbox: PageClient, stand: Stand) -> None:
    """S-42: backup codes stand in for the app, so they go with it."""
    request_id = None
    sandbox.follow(give_password(sandbox, request_id, IGOR))
    give_code(sandbox, request_id, journey.totp_of(stand, "igor"), path="/login/totp")
    assert "Осталось 10 из 10" in sandbox.get(TWO_STEP).words
    button(sandbox, "push-on")
    button(sandbox, "totp-off")
    assert switched_on(stand, "igor") == ("push",)
    with stand.database.reading() as session:
        assert not session.exec(select(BackupCode)).all()
    assert "Резервные коды" not in sandbox.get(TWO_STEP).words


def test_a_change_asks_for_a_fresh_confirmation(anna: PageClient, stand: Stand) -> None:
    """S-48, C-08: five minutes after the sign-in the password (or a code) is asked for first, and leads back."""
    stand.clock.advance(CONFIRMED_FOR)  # type: ignore[attr-defined]
    assert button(anna, "push-on").location.endswith("/cabinet/confirm?next=/cabinet/security/two-step")
    assert anna.get(f"{TWO_STEP}/totp", 303).location.endswith("/cabinet/confirm?next=/cabinet/security/two-step")
    assert switched_on(stand) == ("sms",)
    assert anna.get(TWO_STEP).screen == "two-step"


def test_nobody_sees_it_without_a_session(sandbox: PageClient) -> None:
    """S-60."""
    for path in (TWO_STEP, f"{TWO_STEP}/totp", f"{TWO_STEP}/sms"):
        assert "/login?next=" in sandbox.get(path, 303).location


def test_a_gateway_that_is_down_is_told(anna: PageClient, stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """sms-gateway-down: told at once, nothing changed; the notice stands in the cabinet all the same."""
    button(anna, "push-on")

    def refuse(point: Point, value: MessageDraft) -> MessageDraft:
        if point is Point.MESSAGE:
            value.refused = True
        return value

    monkeypatch.setattr(engine, "transform", refuse)
    button(anna, "sms-off")
    assert switched_on(stand) == ("push",)
    assert "Двухэтапная проверка изменена" in anna.get("/cabinet/notifications").words
    assert "СМС не ушло" in button(anna, "sms-on", 503).words
    with stand.database.reading() as session:
        assert not session.exec(select(TotpSetup)).all()
    assert journey.arrived(stand, ANNA)
