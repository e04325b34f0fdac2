"""A password that has to be changed: between the password and the factor, and holding only after both."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox_idp.accounts import passwords
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.context import Stand
from sandbox_idp.policy import load
from sandbox_idp.scenarios import arming
from tests.pages import PageClient
from tests.sandbox_idp.sign_in import journey
from tests.sandbox_idp.sign_in.journey import ANNA, WRONG, ask, at, give_code, give_password, last_code

NEW = "Zimnee-Utro-57"


@pytest.fixture
def expired(stand: Stand) -> Stand:
    """A stand in which Anna's password has to be changed."""
    arming.arm(stand, "password-expired", "person", person="anna")
    return stand


def holds(stand: Stand, password: str) -> bool:
    return passwords.verify(journey.person_of(stand, "anna").password_hash, password)


def test_it_is_changed_and_the_sign_in_goes_on(sandbox: PageClient, expired: Stand, acts: list[str]) -> None:
    """password-expired, R-139, S-27: the rule in force, then the factor, then the system that asked."""
    request_id = ask(expired)
    page = sandbox.follow(give_password(sandbox, request_id))
    assert page.screen == "password-expired"
    for line in load().password.words():
        assert " ".join(line.split()) in page.words
    assert journey.arrived(expired) == []
    code_page = sandbox.follow(sandbox.post(at("/login/new-password", request_id), {"new_password": NEW}))
    assert code_page.screen == "login-sms"
    assert "/consent" in give_code(sandbox, request_id, last_code(expired)).location
    assert holds(expired, NEW)
    assert not journey.person_of(expired, "anna").must_change_password
    assert acts == ["password-expired", "password-changed", "signed-in"]
    assert journey.arrived(expired)[-1].text.startswith("Пароль изменён.")
    arming.disarm(expired, "password-expired")
    assert not journey.person_of(expired, "anna").must_change_password
    assert holds(expired, NEW)


def test_the_new_password_holds_only_when_the_factor_was_right(sandbox: PageClient, expired: Stand) -> None:
    """S-33 by analogy: the old password alone must not be enough to take an account over."""
    request_id = ask(expired)
    sandbox.follow(give_password(sandbox, request_id))
    sandbox.follow(sandbox.post(at("/login/new-password", request_id), {"new_password": NEW}))
    assert holds(expired, PASSWORD)
    wrong = journey.other_than(last_code(expired))
    for status in (422, 422, 422):
        give_code(sandbox, request_id, wrong, status)
    assert holds(expired, PASSWORD)
    assert sandbox.follow(give_password(sandbox, request_id)).screen == "password-expired", "it begins anew"


def test_the_rule_is_the_same_and_the_old_one_will_not_do(sandbox: PageClient, expired: Stand, acts: list[str]) -> None:
    """S-27, R-133."""
    request_id = ask(expired)
    sandbox.follow(give_password(sandbox, request_id))
    for typed, told in ((PASSWORD, "Такой пароль у вас уже был."), ("Lesnaya-Zimoy-7", "Уберите имена")):
        page = sandbox.post(at("/login/new-password", request_id), {"new_password": typed}, 422)
        assert told in page.words
        assert typed not in page.text
    assert acts[-1] == "password-weak"


def test_no_other_page_opens_meanwhile(sandbox: PageClient, expired: Stand) -> None:
    """S-60: the factor cannot be reached past it, nor this page without a password."""
    request_id = ask(expired)
    assert sandbox.get(at("/login/new-password", request_id), 303).location.endswith(at("/login", request_id))
    give_password(sandbox, request_id)
    for path in ("/login/sms", "/login/factor", "/login/enrol-sms"):
        assert sandbox.get(at(path, request_id), 303).location.endswith(at("/login", request_id))
    assert sandbox.get("/cabinet", 303).location.endswith("/login")


def test_a_wrong_password_tells_nothing_of_it(sandbox: PageClient, expired: Stand) -> None:
    """Rules of the failure catalogue: own words only after the right password."""
    assert "устарел" not in give_password(sandbox, None, ANNA, WRONG, 422).words


def test_no_password_is_ever_too_old(sandbox: PageClient, stand: Stand) -> None:
    """S-35: ten years later the same password signs in."""
    stand.clock.advance(timedelta(days=3650))
    assert sandbox.follow(give_password(sandbox, None)).screen == "login-sms"


def test_somebody_without_a_factor_switches_one_on_afterwards(
    sandbox: PageClient, stand: Stand, acts: list[str]
) -> None:
    """second-factor-off after password-expired: both in one sign-in, and both are told."""
    arming.arm(stand, "password-expired", "person", person="kirill")
    request_id = ask(stand)
    sandbox.follow(give_password(sandbox, request_id, journey.KIRILL))
    page = sandbox.follow(sandbox.post(at("/login/new-password", request_id), {"new_password": NEW}))
    assert page.screen == "second-factor-off"
    assert sorted(acts) == ["password-changed", "password-expired", "second-factor-off"]
    code = last_code(stand, journey.KIRILL)
    assert "/consent" in give_code(sandbox, request_id, code, path="/login/enrol-sms").location
    assert passwords.verify(journey.person_of(stand, "kirill").password_hash, NEW)
