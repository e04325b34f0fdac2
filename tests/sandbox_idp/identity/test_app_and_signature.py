"""Confirming who one is in the mobile app and by a signature (R-063, R-076, `docs/policy.md`)."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlmodel import select

from sandbox_idp.accounts.models import Person
from sandbox_idp.context import Stand
from sandbox_idp.factors import answering
from sandbox_idp.factors.models import PushRequest
from sandbox_idp.signature import issuing
from sandbox_idp.signature.issuing import KINDS, PIN
from tests.pages import Page
from tests.sandbox_idp.factors.conftest import app
from tests.sandbox_idp.identity.conftest import SERVICE, Applicant
from tests.sandbox_idp.sign_in import journey
from tests.sandbox_idp.sign_in.test_signature import WRONG_PIN, file_of

pytestmark = pytest.mark.usefixtures("still")

__all__ = ["app"]


def install(applicant: Applicant) -> None:
    """The mobile app is connected."""
    with applicant.stand.database.writing() as session:
        person = session.get_one(Person, applicant.oid)
        person.app_installed_at = applicant.stand.clock.now()
        session.add(person)


def the_request(stand: Stand) -> PushRequest:
    with stand.database.reading() as session:
        return session.exec(select(PushRequest).where(PushRequest.state != "replaced")).one()


def press(app: Flask, stand: Stand, number: int | None) -> None:
    asked = the_request(stand)
    with app.app_context():
        answering.press(stand, asked.person_oid, asked.id, number, stand.clock.now())


def test_whoever_has_no_app_is_told_where_to_connect_it(applicant: Applicant) -> None:
    """R-076, U-5: the way is named, and leads back if it is opened all the same."""
    page = applicant.get()
    assert "Приложение «Госуслуги»: не подключено." in page.words
    assert page.soup.find("a", string="Подключить приложение")["href"].endswith("/cabinet/security/two-step")  # type: ignore[index]
    assert applicant.get("/push", 303).location.endswith(SERVICE)


def test_the_app_confirms(applicant: Applicant, app: Flask, acts: list[str]) -> None:
    """R-076, R-079, S-40: number matched, подтверждённая, noted with the method, and not a second time."""
    install(applicant)
    assert "Отправить запрос" in applicant.get("/push").words
    page = applicant.browser.follow(applicant.post("/push", {"action": "again"}))
    assert page.screen == "identity-push"
    assert str(the_request(applicant.stand).number) in page.words
    press(app, applicant.stand, the_request(applicant.stand).number)
    assert applicant.post("/push", {}).location.endswith(SERVICE)
    assert applicant.person.level == "confirmed"
    assert "Способ: Приложение «Госуслуги»." in journey.arrived(applicant.stand, applicant.phone)[-1].text
    assert acts == ["push-approved", "identity-confirmed"]
    assert applicant.get("/push", 303).location.endswith(SERVICE)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("reject", "Запрос отклонён в приложении"),
        ("wrong", "В приложении выбрали другое число"),
        ("late", "Никто не подтвердил"),
    ],
)
def test_the_app_does_not_confirm(applicant: Applicant, app: Flask, answer: str, words: str) -> None:
    """push-rejected, push-timeout, S-40: the level stays; another request confirms."""
    install(applicant)
    applicant.get("/push")
    applicant.browser.follow(applicant.post("/push", {"action": "again"}))
    asked = the_request(applicant.stand)
    if answer == "late":
        applicant.later(timedelta(minutes=2))
    else:
        wrong = next(number for number in asked.choices if number != asked.number)
        press(app, applicant.stand, wrong if answer == "wrong" else None)
    assert words in applicant.browser.follow(applicant.post("/push", {})).words
    assert applicant.person.level == "standard"
    applicant.browser.follow(applicant.post("/push", {"action": "again"}))
    press(app, applicant.stand, the_request(applicant.stand).number)
    applicant.post("/push", {})
    assert applicant.person.level == "confirmed"


def test_a_press_for_something_else_confirms_nobody(applicant: Applicant, app: Flask) -> None:
    """S-36: what was confirmed for a step in the session is worth nothing here."""
    install(applicant)
    applicant.browser.get("/cabinet/confirm/push")
    applicant.browser.follow(applicant.browser.post("/cabinet/confirm/push", {"action": "again"}))
    press(app, applicant.stand, the_request(applicant.stand).number)
    applicant.get("/push")
    assert applicant.post("/push", {}).location.endswith("/push")
    assert applicant.person.level == "standard"


def own_file(applicant: Applicant) -> bytes:
    """A signature that the stand's authority has issued to the applicant."""
    stand = applicant.stand
    with stand.database.writing() as session:
        person = session.get_one(Person, applicant.oid)
        return issuing.make_file(
            session, person, KINDS["valid"], now=stand.clock.now(), ids=stand.ids, idp_url=stand.idp_url
        ).data


def sign(applicant: Applicant, data: bytes, pin: str = PIN, status: int = 303) -> Page:
    applicant.get("/signature")
    values = {"file": (BytesIO(data), "my.p12"), "pin": pin}
    return applicant.browser.post(f"{SERVICE}/signature", values, status, content_type="multipart/form-data")


def test_a_signature_confirms(applicant: Applicant, acts: list[str]) -> None:
    """R-063, R-079: подтверждённая (КЭП); from then on the file lies on the person's phone page for sign-ins too."""
    assert sign(applicant, own_file(applicant)).location.endswith(SERVICE)
    assert applicant.person.level == "confirmed-signature"
    assert "Личность подтверждена" in applicant.get().words
    assert "Способ: Электронная подпись." in journey.arrived(applicant.stand, applicant.phone)[-1].text
    assert acts == ["identity-confirmed"]


def test_a_signature_that_does_not_confirm(applicant: Applicant, acts: list[str]) -> None:
    """signature-wrong-pin, signature-stranger, signature-not-p12: each its own words; the right file does."""
    data = own_file(applicant)
    assert "ПИН-код не подошёл. Осталось попыток: 4." in sign(applicant, data, WRONG_PIN, 422).words
    assert "Это не файл подписи" in sign(applicant, b"?", status=422).words
    page = sign(applicant, file_of(applicant.stand), status=403)
    assert page.screen == "identity-signature-refused"
    assert "Подпись другого человека" in page.words
    assert page.soup.find("a", string="Другой способ")["href"].endswith(SERVICE)  # type: ignore[index]
    assert applicant.person.level == "standard"
    assert acts == ["signature-wrong-pin", "signature-not-p12", "signature-stranger"]
    sign(applicant, data)
    assert applicant.person.level == "confirmed-signature"


def test_the_training_authority_issues_to_everybody_with_a_snils(applicant: Applicant) -> None:
    """R-063: on the stand's phone page, folded in where there is no signature yet."""
    page = applicant.browser.get(f"/phone?person={applicant.oid}")
    assert "Получить подпись в удостоверяющем центре" in page.words
    form = page.form("/phone/token")
    answer = applicant.browser.client.post(
        f"{applicant.browser.prefix}/phone/token?person={applicant.oid}",
        data={**form, "file": "valid"},
        base_url=applicant.browser.base_url,
    )
    assert answer.status_code == 200
    sign(applicant, answer.data)
    assert applicant.person.level == "confirmed-signature"
    assert "Токен" not in applicant.browser.get("/phone?person=maria").words
