"""«Забыли пароль?»: neutral answers, the code, the new password, and that nothing is opened by it alone."""

from __future__ import annotations

from datetime import timedelta

import nacl.pwhash
import pytest
import structlog
from sqlmodel import select

from sandbox_idp.accounts import passwords
from sandbox_idp.accounts.models import LoginThrottle, OneTimeCode
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.context import Stand
from sandbox_idp.policy import load
from sandbox_idp.recovery.models import PasswordRecovery
from sandbox_idp.scenarios import arming
from sandbox_idp.sign_in import throttle
from tests.pages import Page, PageClient
from tests.sandbox_idp.sign_in import journey
from tests.sandbox_idp.sign_in.journey import ANNA, WRONG, ask, at, give_code, give_password, last_code, sign_in
from tests.sandbox_idp.sign_in.test_side_by_side import several

UNKNOWN = "+70001009999"
MAIL = "anna@pochta.example"
NEW = "Zimnee-Utro-57"


def ask_for_code(sandbox: PageClient, contact: str = ANNA, request_id: str | None = None, status: int = 303) -> Page:
    """Say where the code is to go."""
    sandbox.get(at("/recovery", request_id))
    page = sandbox.post(at("/recovery", request_id), {"contact": contact}, status)
    return sandbox.follow(page) if status == 303 else page


def give(sandbox: PageClient, code: str, status: int = 303, request_id: str | None = None) -> Page:
    """Type the code."""
    return sandbox.post(at("/recovery/code", request_id), {"code": code}, status)


def save(sandbox: PageClient, password: str, status: int = 303, request_id: str | None = None) -> Page:
    """Type the new password."""
    return sandbox.post(at("/recovery/password", request_id), {"new_password": password}, status)


def recover(sandbox: PageClient, stand: Stand, contact: str = ANNA, password: str = NEW) -> Page:
    """The whole way; the last page."""
    ask_for_code(sandbox, contact)
    sandbox.follow(give(sandbox, last_code(stand, contact)))
    return sandbox.follow(save(sandbox, password))


@pytest.mark.parametrize(("contact", "kind"), [(ANNA, "sms"), (MAIL, "mail"), ("8 (000) 100-00-01", "sms")])
def test_a_code_a_new_password_and_then_the_ordinary_sign_in(
    sandbox: PageClient, stand: Stand, acts: list[str], contact: str, kind: str
) -> None:
    """R-026, R-029, R-139, C-11, C-15, S-33: a letter carries a code, not a link; nobody is signed in by it; the second
    factor applies; the portal's sign-in goes on where it was.
    """
    request_id = ask(stand)
    login = sandbox.get(at("/login", request_id))
    link = login.soup.find("a", string="Я не знаю пароль")
    assert link is not None
    page = sandbox.get(str(link["href"]))
    assert (page.screen, page.soup.h1 and page.soup.h1.get_text()) == ("recovery", "Забыли пароль?")
    page = ask_for_code(sandbox, contact, request_id)
    assert page.screen == "recovery-code"
    to = MAIL if kind == "mail" else ANNA
    (message,) = journey.arrived(stand, to)
    assert message.kind == kind
    assert "Код для восстановления пароля" in message.text
    assert "http" not in message.text
    page = sandbox.follow(give(sandbox, last_code(stand, to), request_id=request_id))
    assert page.screen == "recovery-password"
    for line in load().password.words():
        assert " ".join(line.split()) in page.words
    page = sandbox.follow(save(sandbox, NEW, request_id=request_id))
    assert page.screen == "recovery-done"
    assert journey.sessions_of(stand) == []
    assert acts == ["recovery-begun", "password-recovered"]
    give_password(sandbox, request_id, ANNA, PASSWORD, 422)
    assert sandbox.follow(give_password(sandbox, request_id, ANNA, NEW)).screen == "login-sms"
    assert "/consent" in give_code(sandbox, request_id, last_code(stand)).location


@pytest.mark.parametrize(
    ("known", "unknown"), [(ANNA, UNKNOWN), ("elena@pochta.example", "nobody@pochta.example")], ids=["phone", "mail"]
)
def test_an_unknown_contact_gets_the_same_answer_for_the_same_work(
    sandbox: PageClient, stand: Stand, acts: list[str], monkeypatch: pytest.MonkeyPatch, *, known: str, unknown: str
) -> None:
    """recovery-unknown, S-32: text, status, headers, and exactly one Argon2id verification each; counted."""
    counted: list[bytes] = []
    real = nacl.pwhash.verify
    monkeypatch.setattr(nacl.pwhash, "verify", lambda *given: counted.append(given[0]) or real(*given))
    stand.clock.freeze(True)
    answers = []
    for contact in (known, unknown):
        counted.clear()
        page = ask_for_code(sandbox, contact)
        assert len(counted) == 1
        wrong = give(sandbox, "000000" if contact == unknown else journey.other_than(last_code(stand, known)), 422)
        too_soon = sandbox.post("/recovery/code", {"action": "resend"}, 429)
        again = ask_for_code(sandbox, contact, status=429)
        assert len(counted) == 2
        assert all(journey.is_as_dear_as_any(stored) for stored in counted)
        answers.append([seen(each, contact) for each in (page, wrong, too_soon, again)])
    assert answers[0] == answers[1]
    assert acts == ["recovery-begun", "recovery-code-wrong", "recovery-unknown", "recovery-code-wrong"]
    assert journey.arrived(stand, unknown) == []


def test_a_gateway_that_is_down_does_not_tell_who_is_known(sandbox: PageClient, stand: Stand) -> None:
    """sms-gateway-down, S-32: for the first code and for another one, and as if nothing had been asked for."""
    stand.clock.freeze(True)
    arming.arm(stand, "sms-gateway-down", "everyone")
    first = [seen(ask_for_code(sandbox, contact, status=503), contact) for contact in (ANNA, UNKNOWN)]
    assert first[0] == first[1]
    arming.disarm(stand, "sms-gateway-down")
    answers = []
    for contact in (ANNA, UNKNOWN):
        ask_for_code(sandbox, contact)
        stand.clock.advance(timedelta(minutes=1))
        arming.arm(stand, "sms-gateway-down", "everyone")
        answers.append(seen(sandbox.post("/recovery/code", {"action": "resend"}, 503), contact))
        arming.disarm(stand, "sms-gateway-down")
    assert answers[0] == answers[1]
    assert len(journey.arrived(stand, ANNA)) == 1
    assert journey.arrived(stand, UNKNOWN) == []


def seen(page: Page, contact: str) -> tuple[int, dict[str, str], str]:
    """What an outsider can compare, without the contact, as it was typed and as the page masks it."""
    status, headers, text = journey.seen(page, contact)
    masked = f"-{contact[-2:]}<" if contact[0] == "+" else f"{contact[0]}•••"
    return status, headers, text.replace(masked, "<")


def test_nobody_s_code_opens_nothing(sandbox: PageClient, stand: Stand) -> None:
    """S-32, S-60: for an unknown contact there is a code that nobody has, and no page behind it opens."""
    ask_for_code(sandbox, UNKNOWN)
    for path in ("/recovery/password", "/recovery/done"):
        assert sandbox.get(path, 303).location.endswith("/recovery")
    with stand.database.reading() as session:
        (record,) = session.exec(select(PasswordRecovery))
        (code,) = session.exec(select(OneTimeCode))
    assert (record.person_oid, record.proved_at) == (None, None)
    assert (code.message_id, code.person_oid) == (None, None)


def test_a_deleted_account_is_unknown(sandbox: PageClient, stand: Stand) -> None:
    """Rules of the failure catalogue."""
    set_state(stand, "deleted")
    assert ask_for_code(sandbox).screen == "recovery-code"
    assert journey.arrived(stand) == []


def set_state(stand: Stand, state: str) -> None:
    with stand.database.writing() as session:
        person = session.merge(journey.person_of(stand, "anna"))
        person.state = state
        session.add(person)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Введите телефон или адрес электронной почты"),
        ("000-100-101 10", "На СНИЛС код не отправить"),
        ("+7 (000) 100", "Введите номер телефона полностью"),
        ("anna@pochta", "Введите адрес электронной почты полностью"),
        ("+7 (912) 345-67-89", "Это учебный стенд."),
    ],
)
def test_what_is_no_contact_is_told_at_the_field(sandbox: PageClient, stand: Stand, typed: str, words: str) -> None:
    """U-8…U-11: what was typed stays."""
    page = ask_for_code(sandbox, typed, status=422)
    assert words in page.words
    assert page.form("/recovery").get("contact", "") == typed


def test_a_wrong_code_has_three_tries(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """recovery-code-wrong, S-36: tries left are told; when they are used up the right code is worth nothing."""
    ask_for_code(sandbox)
    wrong = journey.other_than(last_code(stand))
    for left in (2, 1):
        assert f"Код не подошёл. Осталось попыток: {left}" in give(sandbox, wrong, 422).words
    assert "Попытки для этого кода закончились. Получите новый код." in give(sandbox, wrong, 422).words
    assert "Этот код больше не действует" in give(sandbox, last_code(stand), 422).words
    stand.clock.advance(timedelta(seconds=61))
    sandbox.follow(sandbox.post("/recovery/code", {"action": "resend"}))
    assert sandbox.follow(give(sandbox, last_code(stand))).screen == "recovery-password"
    assert acts.count("recovery-code-wrong") == 4


@pytest.mark.parametrize(("contact", "minutes"), [(ANNA, 5), (MAIL, 10)])
def test_an_old_code_is_told(sandbox: PageClient, stand: Stand, acts: list[str], contact: str, minutes: int) -> None:
    """recovery-code-expired, R-087: five minutes by SMS, ten by mail."""
    stand.clock.freeze(True)
    ask_for_code(sandbox, contact)
    stand.clock.advance(timedelta(minutes=minutes))
    page = give(sandbox, last_code(stand, contact), 422)
    assert "Срок кода вышел. Получите новый код." in page.words
    assert acts[-1] == "recovery-code-expired"
    sandbox.follow(sandbox.post("/recovery/code", {"action": "resend"}))
    assert sandbox.follow(give(sandbox, last_code(stand, contact))).screen == "recovery-password"


def test_a_used_code_is_told_and_a_double_click_goes_on(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """recovery-code-used, U-17: before the password is saved the second click leads on; afterwards it is used up."""
    ask_for_code(sandbox)
    code = last_code(stand)
    for _ in range(2):
        assert give(sandbox, code).location.endswith("/recovery/password")
    sandbox.get("/recovery/password")
    save(sandbox, NEW)
    assert sandbox.get("/recovery/password", 303).location.endswith("/recovery/done")
    sandbox.get("/recovery/code")
    page = give(sandbox, code, 422)
    assert "Этот код уже использован: пароль по нему изменён. Получите новый код." in page.words
    assert acts[-1] == "recovery-code-used"
    stand.clock.advance(timedelta(seconds=61))
    sandbox.follow(sandbox.post("/recovery/code", {"action": "resend"}))
    assert sandbox.follow(give(sandbox, last_code(stand))).screen == "recovery-password"


def test_the_old_code_of_an_earlier_message_is_told(sandbox: PageClient, stand: Stand) -> None:
    """S-36: only the newest works."""
    ask_for_code(sandbox)
    old = last_code(stand)
    stand.clock.advance(timedelta(seconds=61))
    sandbox.follow(sandbox.post("/recovery/code", {"action": "resend"}))
    assert "Это код из прошлого сообщения." in give(sandbox, old, 422).words


def test_codes_are_rationed_by_contact_whoever_asks(sandbox: PageClient, stand: Stand) -> None:
    """S-39: a minute between two, five an hour, over all browsers and recoveries; the next moment is told."""
    stand.clock.freeze(True)
    for number in range(5):
        ask_for_code(sandbox)
        page = ask_for_code(sandbox, status=429)
        assert ("через 1 мин" in page.words) == (number < 4)
        stand.clock.advance(timedelta(seconds=61))
    other = PageClient(sandbox.client.application, sandbox.base_url, sandbox.prefix)
    page = ask_for_code(other, status=429)
    assert int(page.response.headers["Retry-After"]) > 3000
    assert len(journey.arrived(stand)) == 5
    ask_for_code(other, MAIL)
    stand.clock.advance(timedelta(hours=1))
    ask_for_code(sandbox)


def test_wrong_codes_count_over_all_recoveries(sandbox: PageClient, stand: Stand) -> None:
    """S-36: beginning anew is no way to go on guessing; fifteen in a row close it for a while."""
    for _ in range(5):
        ask_for_code(sandbox)
        wrong = journey.other_than(last_code(stand))
        for _ in range(3):
            give(sandbox, wrong, 422)
        stand.clock.advance(timedelta(seconds=61))
    stand.clock.advance(timedelta(minutes=9))
    page = give(sandbox, last_code(stand), 429)
    assert page.screen == "lockout"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", ["Введите новый пароль."]),
        ("lampa", ["Добавьте ещё 7 символов", "Добавьте заглавную букву.", "Добавьте цифру."]),
        (PASSWORD, ["Такой пароль у вас уже был. Придумайте новый."]),
        ("Password-2026!", ["Этот пароль есть в списке известных"]),
        ("Lesnaya-Zimoy-7", ["Уберите имена, дату рождения, телефон, почту и СНИЛС"]),
        ("Егор-и-Зима-77", ["Уберите имена"]),
    ],
)
def test_a_weak_password_is_told_and_not_sent_back(
    sandbox: PageClient, stand: Stand, acts: list[str], typed: str, told: list[str]
) -> None:
    """recovery-weak, password-breached, S-27, S-29, U-9: each unmet demand, and the rest of the rule."""
    ask_for_code(sandbox)
    sandbox.follow(give(sandbox, last_code(stand)))
    page = save(sandbox, typed, 422)
    for words in told:
        assert words in page.words.replace("\u00a0", " ")
    assert not typed or typed not in page.text
    assert "password-weak" in acts
    assert ("password-breached" in acts) == ("известных" in told[0])
    assert sandbox.follow(save(sandbox, NEW)).screen == "recovery-done"


def test_the_list_answers_while_one_types(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """S-27, R-133: htmx asks the page's own address; nothing is saved, counted, logged or told to the engine."""
    ask_for_code(sandbox)
    sandbox.follow(give(sandbox, last_code(stand)))
    before = list(acts)
    with structlog.testing.capture_logs() as lines:
        answer = live(sandbox, "Lampa")
    states = {str(line["data-rule"]): str(line["data-state"]) for line in answer.soup.find_all("li", class_="rule")}
    assert states == {
        **dict.fromkeys(("upper", "lower", "row", "known", "own"), "met"),
        **dict.fromkeys(("length", "digit", "special"), "unmet"),
        "earlier": "open",
    }
    assert answer.soup.find("html", attrs={"data-screen": True}) is None
    assert "Не выполнено: 3 условия" in answer.words
    assert "Lampa" not in answer.text
    assert "Lampa" not in repr(lines)
    assert "Пароль подходит" in live(sandbox, NEW).words
    assert acts == before
    assert passwords.verify(journey.person_of(stand, "anna").password_hash, PASSWORD)


def live(sandbox: PageClient, typed: str) -> Page:
    """What the browser asks while somebody is typing."""
    page = sandbox.page
    assert page is not None
    answer = sandbox.post(
        "/recovery/password", {"action": "check", "new_password": typed}, 200, headers={"HX-Request": "true"}
    )
    sandbox.page = page
    return answer


def test_other_sessions_end_and_the_person_is_told(sandbox: PageClient, stand: Stand) -> None:
    """R-141, S-31, S-47: whoever was signed in with the old password is not any more; SMS, letter and notice."""
    sign_in(sandbox, stand)
    thief = PageClient(sandbox.client.application, sandbox.base_url, sandbox.prefix)
    thief.follow(give_password(thief, None))
    recover(PageClient(sandbox.client.application, sandbox.base_url, sandbox.prefix), stand, MAIL)
    assert sandbox.get("/cabinet", 303).location.endswith("/login")
    assert give_code(thief, None, "123456").location.endswith("/login"), (
        "a sign-in that was under way with the old password is given up"
    )
    told = journey.arrived(stand)[-1]
    assert told.text.startswith("Пароль изменён. Пароль от Госуслуг изменён")
    assert told.code is None
    assert journey.arrived(stand, MAIL)[-1].subject == "Пароль изменён"


def test_recovery_opens_a_locked_login_at_once(sandbox: PageClient, stand: Stand) -> None:
    """lockout, U-5: what the page of the lock offers works, for every login of the person."""
    for status in (422, 422, 422, 422, 429):
        give_password(sandbox, None, ANNA, WRONG, status)
    recover(sandbox, stand)
    assert sandbox.follow(give_password(sandbox, None, ANNA, NEW)).screen == "login-sms"
    with stand.database.reading() as session:
        counts = sorted(row.failures for row in session.exec(select(LoginThrottle)))
    assert counts == [5], "the network address goes on being counted, the login does not"


def test_a_lock_of_the_second_factor_stays(sandbox: PageClient, stand: Stand) -> None:
    """S-33, S-36: whoever can read the mailbox gains no new guesses of the factor."""
    with journey.app_of_the_tests().app_context(), stand.database.writing() as session:
        limit = throttle.factor_limit(journey.person_of(stand, "anna").oid, load())
        for _ in range(limit.lock_after):
            throttle.count_wrong(session, [limit], stand.clock.now())
    recover(sandbox, stand, MAIL)
    assert give_password(sandbox, None, ANNA, NEW, 429).screen == "lockout"


def test_it_takes_no_longer_than_an_hour(sandbox: PageClient, stand: Stand) -> None:
    """S-36: and ten minutes for the password once the code was right."""
    ask_for_code(sandbox)
    sandbox.follow(give(sandbox, last_code(stand)))
    stand.clock.advance(timedelta(minutes=10))
    page = sandbox.get("/recovery/password", 400)
    assert page.screen == "recovery-over"
    assert sandbox.get("/recovery/code", 303).location.endswith("/recovery"), "and its cookie is gone"


def test_no_step_can_be_skipped(sandbox: PageClient, stand: Stand) -> None:
    """S-60: neither without a recovery nor before its code was right."""
    for path in ("/recovery/code", "/recovery/password", "/recovery/done"):
        assert sandbox.get(path, 303).location.endswith("/recovery")
    ask_for_code(sandbox)
    for path in ("/recovery/password", "/recovery/done"):
        assert sandbox.get(path, 303).location.endswith("/recovery")
    sandbox.get("/recovery/code")
    assert save(sandbox, NEW).location.endswith("/recovery")
    assert passwords.verify(journey.person_of(stand, "anna").password_hash, PASSWORD)


def test_a_code_is_worth_nothing_in_another_browser(sandbox: PageClient, stand: Stand) -> None:
    """S-36: it is bound to the recovery that asked for it."""
    ask_for_code(sandbox)
    code = last_code(stand)
    stand.clock.advance(timedelta(seconds=61))
    other = PageClient(sandbox.client.application, sandbox.base_url, sandbox.prefix)
    ask_for_code(other)
    assert "Код не подошёл" in give(other, code, 422).words


def test_the_log_holds_nothing_private(sandbox: PageClient, stand: Stand) -> None:
    """S-62: outcome and pseudonym; no contact, code or password."""
    with structlog.testing.capture_logs() as lines:
        recover(sandbox, stand)
    told = repr(lines)
    code = journey.arrived(stand)[0].code
    for private in (NEW, PASSWORD, "1000001", "100-00-01", str(code)):
        assert private not in told
    assert {"recovery_begun", "recovery_code", "password_recovered"} <= {line["event"] for line in lines}


def test_a_blocked_account_may_recover_and_is_told_after_the_password(sandbox: PageClient, stand: Stand) -> None:
    """account-blocked: the block is told to nobody who has not given the right password."""
    set_state(stand, "blocked")
    recover(sandbox, stand)
    assert give_password(sandbox, None, ANNA, NEW, 403).screen == "account-blocked"


def test_a_message_that_gets_lost_changes_nothing_on_the_page(sandbox: PageClient, stand: Stand) -> None:
    """U-14: the countdown and the way to another code are there anyway."""
    arming.arm(stand, "sms-lost", "everyone")
    page = ask_for_code(sandbox)
    assert journey.arrived(stand) == []
    assert "Получить новый код" in page.words


def test_asked_for_side_by_side_one_code_goes_out(sandbox: PageClient, stand: Stand) -> None:
    """S-39: eight presses at once cost one message."""
    sandbox.get("/recovery")
    pages = several(sandbox, stand, "/recovery", [{"contact": ANNA}] * 8)
    assert sorted(page.status for page in pages) == [303, *[429] * 7]
    assert len(journey.arrived(stand)) == 1
