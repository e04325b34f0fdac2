"""Many requests at once, and what of all this lies in the log."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from unittest.mock import ANY

import pytest
import structlog
from sqlmodel import select
from werkzeug.test import TestResponse

from sandbox_idp.accounts import passwords, people
from sandbox_idp.accounts.models import LoginThrottle
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.context import Stand
from sandbox_idp.policy import load
from sandbox_idp.sign_in import login_pages
from tests.pages import Page, PageClient
from tests.sandbox_idp.sign_in import journey
from tests.sandbox_idp.sign_in.journey import ANNA, IGOR, KIRILL, WRONG, ask, at, give_code, give_password, last_code


class AnyStatus(PageClient):
    """A browser that takes what comes."""

    def _keep(self, response: TestResponse, status: int) -> Page:
        return super()._keep(response, response.status_code)


def twin(sandbox: PageClient, stand: Stand) -> AnyStatus:
    """The same browser once more: same cookies, same open page."""
    other = AnyStatus(sandbox.client.application, sandbox.base_url, sandbox.prefix)
    for cookie in (sandbox.client._cookies or {}).values():
        other.client.set_cookie(cookie.key, cookie.value, domain="127.0.0.1", path=stand.prefix)
    other.page = sandbox.page
    return other


def all_at_once(acts: list[Callable[[], Page]]) -> list[Page]:
    """Do all of them side by side."""
    start = threading.Barrier(len(acts))
    pages: list[Page] = []

    def run(act: Callable[[], Page]) -> None:
        start.wait(30)
        page = act()
        page.response.close()  # Here, because the stand of a request is left in the thread that entered it.
        pages.append(page)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(pages) == len(acts)
    return pages


def several(sandbox: PageClient, stand: Stand, path: str, data: list[dict[str, str]]) -> list[Page]:
    """The same open page sent off several times at once."""
    twins = [twin(sandbox, stand) for _ in data]
    return all_at_once(
        [lambda each=each, form=form: each.post(path, form) for each, form in zip(twins, data, strict=True)]
    )


def test_wrong_passwords_side_by_side_are_all_counted(sandbox: PageClient, stand: Stand) -> None:
    """S-34: of twelve at once no more than five are guesses, four refused and the one that locks.

    Whoever comes when three were wrong already is asked for the captcha, and then it is no guess.
    """
    sandbox.get("/login")
    pages = several(sandbox, stand, "/login", [{"login": ANNA, "password": WRONG}] * 12)
    refused = [page for page in pages if "Неверный логин или пароль" in page.words]
    with stand.database.reading() as session:
        (guesses,) = {row.failures for row in session.exec(select(LoginThrottle))}
    assert len(refused) == min(guesses, 4)
    assert 3 <= guesses <= 5
    assert {page.status for page in pages if page not in refused} <= {422, 429}


def test_a_right_password_during_a_lock_that_came_up_meanwhile_opens_nothing(
    sandbox: PageClient, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-34: the lock is looked at again after hashing, so a flood of guesses gains nothing."""
    real = passwords.verify

    def overtaken(stored: str | None, typed: str) -> bool:
        monkeypatch.setattr(passwords, "verify", real)
        for _ in range(5):
            page = give_password(twin(sandbox, stand), None, ANNA, WRONG, ANY)
        assert page.status == 429
        return real(stored, typed)

    monkeypatch.setattr(passwords, "verify", overtaken)
    give_password(sandbox, None, ANNA, PASSWORD, 429)
    assert journey.arrived(stand) == []


def test_wrong_codes_side_by_side_cost_a_try_each(sandbox: PageClient, stand: Stand) -> None:
    """S-36: eight at once are three guesses."""
    sandbox.follow(give_password(sandbox, None))
    wrong = {"code": journey.other_than(last_code(stand))}
    pages = several(sandbox, stand, "/login/sms", [wrong] * 8)
    left = Counter(page.words.partition("Осталось попыток: ")[2][:1] for page in pages if page.screen == "login-sms")
    assert left["2"] > 0
    assert left["1"] > 0
    assert sum(page.screen == "login-start-over" for page in pages) == 1
    assert all(page.status in (303, 422) for page in pages)
    assert journey.sessions_of(stand) == []


def test_a_double_click_signs_in_once(sandbox: PageClient, stand: Stand) -> None:
    """U-17, S-36: the same code sent four times at once makes one session, and every answer leads on."""
    request_id = ask(stand)
    sandbox.follow(give_password(sandbox, request_id))
    pages = several(sandbox, stand, at("/login/sms", request_id), [{"code": last_code(stand)}] * 4)
    assert {page.location for page in pages} == {f"{stand.prefix}/consent?request={request_id}"}
    assert len(journey.sessions_of(stand)) == 1


def test_a_step_of_the_app_used_side_by_side_works_once(sandbox: PageClient, stand: Stand) -> None:
    """S-38: two browsers, one code, one session."""
    stand.clock.freeze(True)
    other = PageClient(sandbox.client.application, sandbox.base_url, sandbox.prefix)
    for browser in (sandbox, other):
        browser.follow(give_password(browser, None, IGOR))
    shown = people.totp_now(journey.person_of(stand, "igor"), stand.clock.now())
    assert shown is not None
    form = {"code": shown.code}
    twins = [twin(browser, stand) for browser in (sandbox, other)]
    pages = all_at_once([lambda each=each: each.post("/login/totp", form) for each in twins])
    assert sorted(page.status for page in pages) == [303, 422]
    assert len(journey.sessions_of(stand)) == 1


def test_where_the_second_factor_is_optional_the_password_is_enough(
    sandbox: PageClient, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`docs/policy.md`: `twofa = optional` concerns the sandbox alone; the session says that there was no factor."""
    optional = load().model_copy(update={"twofa": "optional"})
    monkeypatch.setattr(login_pages, "current_policy", lambda: optional)
    request_id = ask(stand)
    assert "/consent" in give_password(sandbox, request_id, KIRILL).location
    (made,) = journey.sessions_of(stand)
    assert made.second_factor is None


def test_the_log_tells_what_happened_and_nothing_private(sandbox: PageClient, stand: Stand) -> None:
    """S-37, S-62, S-63: outcome and pseudonym of every step; no password, code, phone, name or oid."""
    with structlog.testing.capture_logs() as lines:
        give_password(sandbox, None, ANNA, f"{WRONG}\nforged line", 422)
        sandbox.follow(give_password(sandbox, None))
        wrong = journey.other_than(last_code(stand))
        give_code(sandbox, None, wrong, 422)
        give_code(sandbox, None, last_code(stand))
    names = [line["event"] for line in lines if line["event"] in EVENTS]
    assert names == ["password_refused", "password_accepted", "factor_refused", "signed_in"]
    told = repr(lines)
    person = journey.person_of(stand, "anna")
    for private in (PASSWORD, WRONG, wrong, last_code(stand), "1000001", "100-00-01", "Лесная", str(person.oid)):
        assert private not in told
    subjects = {line["subject"] for line in lines if line["event"] in ("password_accepted", "signed_in")}
    assert len(subjects) == 1


EVENTS = ("password_refused", "password_accepted", "factor_refused", "signed_in")


def test_a_lock_is_logged(sandbox: PageClient, stand: Stand) -> None:
    """S-62: with the reference that the person was given."""
    with structlog.testing.capture_logs() as lines:
        for _ in range(4):
            give_password(sandbox, None, ANNA, WRONG, 422)
        page = give_password(sandbox, None, ANNA, WRONG, 429)
    shown = page.soup.find(attrs={"data-ref": True})
    assert shown is not None
    (line,) = [line for line in lines if line["event"] == "sign_in_stopped"]
    assert (line["ref"], line["reason"]) == (shown["data-ref"], "locked")


def test_a_session_of_yesterday_is_no_session(sandbox: PageClient, stand: Stand) -> None:
    """S-43: the cookie alone is worth nothing."""
    journey.sign_in(sandbox, stand)
    stand.clock.advance(timedelta(days=1))
    request_id = ask(stand)
    assert sandbox.get(at("/login", request_id)).screen == "login"
    sent = sandbox.post(at("/login", request_id), {"action": "continue"})
    assert sent.location.endswith(f"/login?request={request_id}")
