"""«Подтвердите, что это вы» by the app's codes, by the mobile app and by a signature: the table of `docs/policy.md`."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from unittest.mock import ANY

import pytest
from flask import Flask
from sqlmodel import select

from sandbox_idp.accounts.models import GosuslugiSession, Person
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.cabinet import notices
from sandbox_idp.cabinet.guard import CONFIRMED_FOR
from sandbox_idp.context import Stand
from sandbox_idp.factors import answering
from sandbox_idp.factors.models import PushRequest
from sandbox_idp.signature.issuing import PIN
from tests.pages import Page, PageClient
from tests.sandbox_idp.sign_in import journey
from tests.sandbox_idp.sign_in.test_signature import WRONG_PIN, file_of

NEXT = "?next=/cabinet/security/two-step"


@pytest.fixture(autouse=True)
def _still(stand: Stand) -> None:
    stand.clock.freeze(True)  # type: ignore[attr-defined]


def signed_in(sandbox: PageClient, stand: Stand, persona: str) -> None:
    """A session of nina (SMS, app, codes) or svetlana, on the page of the ways, five minutes after its sign-in."""
    phone = {"nina": journey.NINA, "svetlana": "+70001000011", "anna": journey.ANNA}[persona]
    page = sandbox.follow(journey.give_password(sandbox, None, phone))
    if page.screen == "login-factor":
        page = sandbox.follow(sandbox.post("/login/factor", {"factor": "sms"}))
    journey.give_code(sandbox, None, journey.last_code(stand, phone))
    stand.clock.advance(CONFIRMED_FOR)  # type: ignore[attr-defined]


def is_confirmed(stand: Stand) -> bool:
    (living,) = journey.sessions_of(stand)
    return living.confirmed_at is not None


def the_request(stand: Stand) -> PushRequest:
    with stand.database.reading() as session:
        return session.exec(select(PushRequest).where(PushRequest.state != "replaced")).one()


def press(app: Flask, stand: Stand, number: int | None) -> None:
    asked = the_request(stand)
    with app.app_context():
        answering.press(stand, asked.person_oid, asked.id, number, stand.clock.now())


def token(stand: Stand) -> str:
    with stand.database.reading() as session:
        return session.exec(select(GosuslugiSession)).one().token_hash


def test_each_is_offered_what_they_have(sandbox: PageClient, stand: Stand) -> None:
    """S-48, C-08: nina has all of them."""
    signed_in(sandbox, stand, "nina")
    words = sandbox.get(f"/cabinet/confirm{NEXT}").words
    assert "Приложение «Госуслуги»" in words
    assert "Код из приложения" in words
    assert "Электронная подпись" in words


def test_without_an_app_its_pages_lead_back(sandbox: PageClient, stand: Stand) -> None:
    """S-60: neither the app nor its codes for whoever has none."""
    signed_in(sandbox, stand, "anna")
    assert "Приложение «Госуслуги»" not in sandbox.get("/cabinet/confirm").words
    for path in ("push", "totp"):
        assert sandbox.get(f"/cabinet/confirm/{path}{NEXT}", 303).location.endswith(f"/cabinet/confirm{NEXT}")


def test_a_code_of_the_app_confirms_once(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """S-38, S-44, C-08: a wrong one is told with what is left, the right one leads back, and works no second time."""
    signed_in(sandbox, stand, "nina")
    address = f"/cabinet/confirm/totp{NEXT}"
    sandbox.get(address)
    code = journey.totp_of(stand, "nina")
    assert "Осталось попыток: 4" in sandbox.post(address, {"code": journey.other_than(code)}, 422).words
    before = token(stand)
    assert sandbox.post(address, {"code": code}).location.endswith("/cabinet/security/two-step")
    assert is_confirmed(stand)
    assert token(stand) != before
    sandbox.get(address)
    assert "Этот код уже использован" in sandbox.post(address, {"code": code}, 422).words
    assert acts[-2:] == ["totp-wrong", "totp-replay"]


def test_guessing_codes_locks_the_confirmation(sandbox: PageClient, stand: Stand) -> None:
    """S-34, S-36: passwords and codes count together; nothing is tried until the lock is over."""
    signed_in(sandbox, stand, "nina")
    sandbox.get("/cabinet/confirm/totp")
    code = journey.totp_of(stand, "nina")
    for _ in range(3):
        sandbox.post("/cabinet/confirm/totp", {"code": journey.other_than(code)}, 422)
    sandbox.get("/cabinet/confirm")
    sandbox.post("/cabinet/confirm", {"password": journey.WRONG}, 422)
    sandbox.get("/cabinet/confirm/totp")
    assert sandbox.post("/cabinet/confirm/totp", {"code": journey.other_than(code)}, 429).screen == "lockout"
    assert sandbox.post("/cabinet/confirm/totp", {"code": code}, 429).screen == "lockout"
    assert not is_confirmed(stand)


def test_a_clock_that_is_wrong_is_told(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """totp-skew: the code would have been right some minutes ago."""
    signed_in(sandbox, stand, "nina")
    code = journey.totp_of(stand, "nina")
    stand.clock.advance(timedelta(minutes=4))  # type: ignore[attr-defined]
    sandbox.get("/cabinet/confirm/totp")
    assert "часы телефона" in sandbox.post("/cabinet/confirm/totp", {"code": code}, 422).words
    assert acts[-1] == "totp-skew"


def asking(sandbox: PageClient, stand: Stand, path: str = f"/cabinet/confirm/push{NEXT}") -> Page:
    """nina has sent a request to her app."""
    page = sandbox.get(path)
    assert page.root["data-state"] == "ready"
    return sandbox.follow(sandbox.post(path, {"action": "again"}))


def test_the_right_number_confirms(sandbox: PageClient, stand: Stand, app: Flask, acts: list[str]) -> None:
    """S-40, S-44, S-51: the app says what for; a look by GET uses nothing up; the press counts once."""
    signed_in(sandbox, stand, "nina")
    page = asking(sandbox, stand)
    assert page.screen == "cabinet-confirm-push"
    assert str(the_request(stand).number) in page.words
    assert "Подтверждение в личном кабинете Госуслуг" in sandbox.get("/phone/push?person=nina").words
    path = f"/cabinet/confirm/push{NEXT}"
    sandbox.get(path)
    assert "Подтверждения пока нет" in sandbox.post(path, status=200).words
    press(app, stand, the_request(stand).number)
    before = token(stand)
    sandbox.get(path)
    assert not is_confirmed(stand)
    assert sandbox.post(path).location.endswith("/cabinet/security/two-step")
    assert is_confirmed(stand)
    assert token(stand) != before
    assert acts[-1] == "push-approved"
    assert sandbox.get(path).root["data-state"] == "ready"


def test_the_page_of_the_app_asks_by_itself(sandbox: PageClient, stand: Stand, app: Flask) -> None:
    """U-29: 204 while nothing has happened, then the whole page goes with the session's new cookie."""
    signed_in(sandbox, stand, "nina")
    form = asking(sandbox, stand).form("/cabinet/confirm/push")
    asked = {"data": form, "headers": {"HX-Request": "true"}}
    path = f"/cabinet/confirm/push{NEXT}"
    assert sandbox.post(path, status=204, **asked).text == ""
    press(app, stand, the_request(stand).number)
    done = sandbox.post(path, status=200, **asked)
    assert done.response.headers["HX-Redirect"].endswith("/cabinet/security/two-step")
    assert is_confirmed(stand)


@pytest.mark.parametrize(
    ("answer", "words", "act"),
    [
        ("reject", "На телефоне нажали «Это не я». Это были вы?", "push-rejected"),
        ("wrong", "В приложении выбрали другое число", "push-wrong"),
        ("late", "Никто не подтвердил", "push-timeout"),
    ],
)
def test_what_fails_in_the_app_confirms_nothing(
    sandbox: PageClient, stand: Stand, app: Flask, acts: list[str], *, answer: str, words: str, act: str
) -> None:
    """push-rejected, push-timeout, S-40: each its own words, a notice where it was somebody; another request does."""
    signed_in(sandbox, stand, "nina")
    path = f"/cabinet/confirm/push{NEXT}"
    asking(sandbox, stand)
    asked = the_request(stand)
    if answer == "late":
        stand.clock.advance(timedelta(minutes=2))  # type: ignore[attr-defined]
    else:
        wrong = next(number for number in asked.choices if number != asked.number)
        press(app, stand, wrong if answer == "wrong" else None)
    page = sandbox.follow(sandbox.post(path))
    assert words in page.words
    assert page.root["data-state"] == "error"
    assert not is_confirmed(stand)
    assert acts[-1] == act
    if answer != "late":
        nina = journey.person_of(stand, "nina")
        with stand.database.reading() as session:
            assert notices.newest(session, nina.oid)[0].title == "Запрос в приложении не подтверждён"
    sandbox.follow(sandbox.post(path, {"action": "again"}))
    press(app, stand, the_request(stand).number)
    assert sandbox.post(path).location.endswith("/cabinet/security/two-step")


def test_requests_to_the_app_are_limited(sandbox: PageClient, stand: Stand, app: Flask) -> None:
    """S-40: three a quarter of an hour, whatever they are for; told until when."""
    signed_in(sandbox, stand, "nina")
    path = "/cabinet/confirm/push"
    asking(sandbox, stand, path)
    for _ in range(2):
        press(app, stand, None)
        sandbox.follow(sandbox.post(path, {"action": "again"}))
    press(app, stand, None)
    refused = sandbox.post(path, {"action": "again"}, 429)
    assert "За 15 минут можно отправить 3 запроса" in refused.words
    assert int(refused.response.headers["Retry-After"]) > 0


def sign(sandbox: PageClient, data: bytes, pin: str = PIN, status: int = 303, path: str = "/cabinet/confirm") -> Page:
    """Open the page, choose the file, type the PIN."""
    address = f"{path}/signature"
    sandbox.get(address)
    return sandbox.post(
        address, {"file": (BytesIO(data), "my.p12"), "pin": pin}, status, content_type="multipart/form-data"
    )


def test_a_signature_confirms(sandbox: PageClient, stand: Stand) -> None:
    """S-48, S-44, R-063: the signature of whoever is signed in."""
    signed_in(sandbox, stand, "svetlana")
    before = token(stand)
    assert sign(sandbox, file_of(stand)).location.endswith("/cabinet")
    assert is_confirmed(stand)
    assert token(stand) != before


@pytest.mark.parametrize(
    ("kind", "persona", "heading", "act"),
    [
        ("valid", "anna", "Подпись другого человека", "signature-stranger"),
        ("revoked", "svetlana", "Сертификат отозван", "signature-revoked"),
        ("expired", "svetlana", "Срок действия сертификата истёк", "signature-expired"),
        ("untrusted", "svetlana", "Неизвестный удостоверяющий центр", "signature-untrusted"),
        ("other-name", "svetlana", "Сертификат выдан на другое имя", "signature-stranger"),
        ("no-account", "svetlana", "Нет учётной записи владельца подписи", "signature-stranger"),
    ],
)
def test_another_signature_confirms_nothing(
    sandbox: PageClient, stand: Stand, acts: list[str], *, kind: str, persona: str, heading: str, act: str
) -> None:
    """signature-*: as at the sign-in, and another person's besides; then the right file does."""
    signed_in(sandbox, stand, "svetlana")
    page = sign(sandbox, file_of(stand, kind, persona), status=403)
    assert page.screen == "cabinet-confirm-signature-refused"
    assert page.soup.h1.get_text() == heading  # type: ignore[union-attr]
    assert acts[-1] == act
    assert not is_confirmed(stand)
    assert "Другой способ" in page.words
    sign(sandbox, file_of(stand))
    assert is_confirmed(stand)


@pytest.mark.usefixtures("still")
def test_a_wrong_pin_and_a_wrong_file(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """signature-wrong-pin, signature-not-p12: at the field; five wrong PINs close this file and no other way."""
    signed_in(sandbox, stand, "svetlana")
    data = file_of(stand)
    assert "Это не файл подписи" in sign(sandbox, b"x" * 100, status=422).words
    assert "Осталось попыток: 4" in sign(sandbox, data, WRONG_PIN, status=422).words
    for status in (422, 422, 422, 429, 429):
        page = sign(sandbox, data, WRONG_PIN, status=status)
    assert page.response.headers["Retry-After"] == "900"
    assert "Попытки для этого файла закончились" in page.words
    assert acts.count("signature-wrong-pin") == 6
    assert not is_confirmed(stand)
    sandbox.get("/cabinet/confirm")
    sandbox.post("/cabinet/confirm", {"password": PASSWORD})
    assert is_confirmed(stand)


def test_nobody_signs_in_the_place_of_a_closed_account(sandbox: PageClient, stand: Stand) -> None:
    """S-47: with the account its session is gone, so that no signature opens anything."""
    signed_in(sandbox, stand, "svetlana")
    sandbox.get("/cabinet/confirm/signature")
    with stand.database.writing() as session:
        person = session.get_one(Person, journey.person_of(stand, "svetlana").oid)
        person.state = "blocked"
        session.add(person)
    page = sandbox.post(
        "/cabinet/confirm/signature",
        {"file": (BytesIO(file_of(stand)), "my.p12"), "pin": PIN},
        ANY,
        content_type="multipart/form-data",
    )
    assert "/login" in page.location
