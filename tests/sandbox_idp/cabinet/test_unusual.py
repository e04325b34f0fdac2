"""What counts as unusual activity, and what does not (account-restricted)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.cabinet import unusual
from sandbox_idp.context import Stand
from tests.pages import PageClient
from tests.sandbox_idp.control.conftest import ControlClient, control, sandbox_app
from tests.sandbox_idp.sign_in import journey

__all__ = ["control", "sandbox_app"]

RESTRICTED = "/cabinet/security/restricted"
PHONE = "/cabinet/profile/phone"
NEW_PHONE = "+70001000081"
FAR, FARTHER = "93.184.215.14", "151.101.1.69"
NEW_PASSWORD = "Vesenniy-Dozhd-48"


class FarClient(PageClient):
    """A browser at another network address."""

    def __init__(self, like: PageClient, address: str) -> None:
        super().__init__(like.client.application, like.base_url, like.prefix)
        self.from_there: dict[str, Any] = {"environ_overrides": {"REMOTE_ADDR": address}}

    def get(self, path: str, status: int = 200, **kwargs: Any) -> Any:
        return super().get(path, status, **self.from_there, **kwargs)

    def post(self, path: str, data: Any = None, status: int = 303, **kwargs: Any) -> Any:
        return super().post(path, data, status, **self.from_there, **kwargs)


@pytest.fixture(autouse=True)
def _still(stand: Stand) -> None:
    stand.clock.freeze(True)  # type: ignore[attr-defined]


def is_restricted(stand: Stand, persona: str = "anna") -> bool:
    person = journey.person_of(stand, persona)
    return person.restricted_until is not None and person.restricted_until > stand.clock.now()


def later(stand: Stand, by: timedelta) -> None:
    stand.clock.advance(by)  # type: ignore[attr-defined]


def sign_in(browser: PageClient, stand: Stand) -> None:
    journey.sign_in(browser, stand)
    later(stand, timedelta(minutes=2))


def test_a_new_browser_in_a_new_network_restricts(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """account-restricted, U-5: for 72 hours; the sign-in succeeds, the person is told why and until when."""
    sign_in(sandbox, stand)
    far = FarClient(sandbox, FAR)
    sign_in(far, stand)
    assert is_restricted(stand)
    assert "unusual-activity" in acts
    assert far.get(PHONE, 303).location.endswith(RESTRICTED)
    page = far.get(RESTRICTED)
    assert "вход с нового устройства из новой сети" in page.words
    assert "Ещё 71 ч 58 мин" in page.words.replace("\xa0", " ")
    texts = [message.text for message in journey.arrived(stand)]
    assert any("Часть действий ограничена на 72" in text and "из новой сети" in text for text in texts)
    assert "Часть действий ограничена" in far.get("/cabinet/security/history").words


def test_a_first_sign_in_never_restricts(sandbox: PageClient, stand: Stand) -> None:
    """There is nothing it could differ from."""
    sign_in(FarClient(sandbox, FAR), stand)
    assert not is_restricted(stand)


@pytest.mark.parametrize("address", ["127.0.0.1", "192.168.1.20", "10.7.7.7", "fe80::1", "198.51.100.7", ""])
def test_a_class_in_one_network_is_not_restricted(sandbox: PageClient, stand: Stand, address: str) -> None:
    """Addresses of the machine or of one's own network are no region, however many browsers sit there."""
    sign_in(FarClient(sandbox, FAR), stand)
    sign_in(FarClient(sandbox, address), stand)
    assert not is_restricted(stand)


def test_one_of_the_two_alone_does_not_restrict(sandbox: PageClient, stand: Stand) -> None:
    """A phone that roams is the same browser; a new browser at home is in the same network."""
    sign_in(sandbox, stand)
    far = FarClient(sandbox, FAR)
    far.client = sandbox.client
    sandbox.get("/cabinet")
    sandbox.post("/cabinet/sign-out")
    sign_in(far, stand)
    assert not is_restricted(stand)
    sign_in(FarClient(sandbox, "93.184.7.7"), stand)
    assert not is_restricted(stand)
    sign_in(FarClient(sandbox, FARTHER), stand)
    assert is_restricted(stand)


def test_what_is_restricted_is_not_prolonged(sandbox: PageClient, stand: Stand) -> None:
    """S-34: whoever knows password and code cannot keep the owner restricted for ever by coming again."""
    sign_in(sandbox, stand)
    sign_in(FarClient(sandbox, FAR), stand)
    first = journey.person_of(stand, "anna").restricted_until
    later(stand, timedelta(hours=1))
    sign_in(FarClient(sandbox, FARTHER), stand)
    assert journey.person_of(stand, "anna").restricted_until == first
    later(stand, timedelta(hours=71))
    assert not is_restricted(stand)


def change_phone(browser: PageClient, stand: Stand) -> None:
    browser.get(PHONE)
    browser.post(PHONE, {"contact": NEW_PHONE})
    browser.get(PHONE)
    browser.post(PHONE, {"action": "code", "code": journey.last_code(stand, NEW_PHONE)})


def change_password(browser: PageClient) -> None:
    browser.get("/cabinet/security/password")
    browser.post("/cabinet/security/password", {"password": PASSWORD, "new_password": NEW_PASSWORD})


def test_phone_and_password_within_an_hour_restrict(sandbox: PageClient, stand: Stand) -> None:
    """account-restricted, S-48: what a thief does first; the new phone lifts nothing, the operator or time does."""
    journey.sign_in(sandbox, stand)
    change_phone(sandbox, stand)
    assert not is_restricted(stand)
    later(stand, timedelta(minutes=59))
    change_password(sandbox)
    assert is_restricted(stand)
    page = sandbox.get(RESTRICTED)
    assert "телефон и пароль сменились один за другим" in page.words
    assert "Телефон сменился недавно" in page.words
    assert "Прислать код" not in page.words
    before = len(journey.arrived(stand, NEW_PHONE))
    token = sandbox.get("/cabinet/security/password").form("/cabinet/security/password")["csrf_token"]
    sandbox.post(RESTRICTED, {"csrf_token": token, "action": "send"})
    assert len(journey.arrived(stand, NEW_PHONE)) == before
    assert is_restricted(stand)


def test_the_other_way_round_it_restricts_too(sandbox: PageClient, stand: Stand) -> None:
    """Password first, then the phone."""
    journey.sign_in(sandbox, stand)
    change_password(sandbox)
    change_phone(sandbox, stand)
    assert is_restricted(stand)


def test_more_than_an_hour_apart_they_do_not(sandbox: PageClient, stand: Stand) -> None:
    """Nobody is kept from tidying up an account on one day."""
    journey.sign_in(sandbox, stand)
    change_phone(sandbox, stand)
    later(stand, timedelta(hours=1))
    change_password(sandbox)
    assert not is_restricted(stand)


def test_an_operator_lifts_it(stand: Stand, control: ControlClient) -> None:
    """account-restricted: a decision of the control API; what is not restricted does not wait."""
    wanted = {"request": "lift:anna", "decision": "grant"}
    assert control.refused("POST", "/decisions", wanted, status=404)["code"] == "unknown-request"
    control.call("PUT", "/scenarios/account-restricted", {"scope": {"person": "anna"}})
    assert is_restricted(stand)
    control.call("POST", "/decisions", wanted)
    assert not is_restricted(stand)
    assert "Ограничения сняты" in journey.arrived(stand)[-1].text


def test_the_rule_can_be_switched_off(sandbox: PageClient, stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """`policy.toml`: new_network = false."""
    from sandbox_idp.policy import load

    policy = load()
    off = policy.model_copy(update={"unusual": policy.unusual.model_copy(update={"new_network": False})})
    monkeypatch.setattr(unusual, "current_policy", lambda: off)
    sign_in(sandbox, stand)
    sign_in(FarClient(sandbox, FAR), stand)
    assert not is_restricted(stand)
