"""What tests of the return from Gosuslugi look at."""

from __future__ import annotations

from sqlmodel import select

from foundation.database import Database
from portal.patients.models import Patient
from portal.sign_in.models import PatientSession
from tests.pages import Page, PageClient
from tests.portal.fake_esia import FakeEsia

TOKEN, PERSON, KEYS = "/aas/oauth2/te", "/rs/prns/1000000101", "/oauth2/jwks"
NOT_SIGNED_IN = "Вы не вошли, ваши данные не изменились."
STILL_SIGNED_IN = "Вы по-прежнему в кабинете, ваши данные не изменились."


def patients(database: Database) -> list[Patient]:
    with database.reading() as session:
        return list(session.exec(select(Patient)))


def sessions(database: Database) -> list[PatientSession]:
    with database.reading() as session:
        return list(session.exec(select(PatientSession).order_by(PatientSession.created_at)))


def is_signed_in(browser: PageClient) -> bool:
    return browser.client.get("/session", base_url=browser.base_url).status_code == 200


def is_neutral(page: Page, safe: str = NOT_SIGNED_IN) -> None:
    """Group E: one neutral screen, no reason in it; `safe` is what it says of the time before this sign-in."""
    assert page.screen == "sign-in-failed"
    assert page.status == 400
    assert safe in page.words
    assert "Код для поддержки" in page.words
    assert page.soup.find("a", string="Перезапустить") is not None


def after_the_start(esia: FakeEsia) -> list[str]:
    """Calls without the check before the sign-in."""
    return [call for call in esia.calls if "healthz" not in call and "works" not in call]
