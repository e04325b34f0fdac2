"""«Дети»: who they are, acting for one of them, and the end of access."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import select

from foundation.clock import ManualClock
from foundation.database import Database
from portal.patients.acting import ActingOverError, Subject, subject
from portal.patients.models import Child, Patient
from portal.settings import PortalSettings
from portal.sign_in.models import PatientSession
from tests.pages import PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_esia import FakeEsia


def child_of(database: Database, name: str) -> Child:
    with database.reading() as session:
        return session.exec(select(Child).where(Child.name == name)).one()


@pytest.fixture
def at_children(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> PageClient:
    """Signed in, with the list of children open."""
    sign_in(portal)
    portal.get("/children")
    return portal


def session_cookie(portal: PageClient) -> str:
    cookie = portal.client.get_cookie("__Host-session", domain="localhost") or portal.client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def subject_in(portal_app: Flask, portal: PageClient, settings: PortalSettings) -> Subject:
    """What `subject()` says in a request of that browser."""
    header = "; ".join(f"{cookie.key}={cookie.value}" for cookie in (portal.client._cookies or {}).values())
    with portal_app.test_request_context("/home", base_url=settings.public_url, headers={"Cookie": header}):
        return subject()


def test_the_page_tells_of_each_child(at_children: PageClient) -> None:
    """R-003, R-020: age, policy, proof of kinship, the end of access, and who is no longer shown, with the reason."""
    page = at_children.get("/children")
    assert page.screen == "children"
    assert "Лесная Мила" in page.words
    assert "подтверждено свидетельством о рождении" in page.words
    assert "не подтверждено: на Госуслугах нет свидетельства" in page.words
    assert "Доступ к данным закроется 12 декабря" in page.words
    assert "Больше не показываем: исполнилось 15 лет" in page.words
    assert page.words.count("Действовать за ребёнка") == 2


def test_rights_that_were_withheld_are_named(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, grant: Callable[..., None]
) -> None:
    """S-66: without rights 4 and 13 the children are there, and the page says what does not work and how to grant."""
    grant(without=("kid_medical_doc", "kid_birth_cert_doc"))
    sign_in(portal)
    words = portal.get("/children").words
    assert "записать ребёнка к врачу не получится" in words
    assert "свидетельство вы не разрешили смотреть" in words
    page = portal.get("/children")
    assert page.soup.find("a", string="Войти ещё раз и разрешить")["href"] == "/login?next=/children&consent=again"


def test_acting_changes_the_session_and_every_page_says_so(at_children: PageClient, portal_database: Database) -> None:
    """S-44: a new id; the old one is worth nothing. Neither age of the session is prolonged."""
    before = session_cookie(at_children)
    with portal_database.reading() as session:
        old = session.exec(select(PatientSession)).one()
    at_children.post(f"/children/{child_of(portal_database, 'Мила').id}/act")
    after = session_cookie(at_children)
    assert after != before
    assert "Вы действуете за ребёнка: Мила Лесная" in at_children.get("/home").words
    with portal_database.reading() as session:
        rows = {row.ended_reason: row for row in session.exec(select(PatientSession)).all()}
    assert set(rows) == {"replaced", None}
    assert rows[None].expires_at == old.expires_at
    assert rows[None].created_at == old.created_at
    assert rows["replaced"].access_token is None

    at_children.post("/children/stop", {"next": "/children"})
    assert session_cookie(at_children) not in (before, after)
    assert "Вы действуете за ребёнка" not in at_children.get("/children").words


def test_the_access_token_goes_along(at_children: PageClient, portal_database: Database, family: FakeEsia) -> None:
    """What is asked of Gosuslugi after the change is still answered: the token is sealed for the new row."""
    at_children.post(f"/children/{child_of(portal_database, 'Мила').id}/act")
    before = len(family.calls)
    at_children.get("/loading/policy")
    assert len(family.calls) == before + 1


def test_the_subject_is_the_child(
    at_children: PageClient, portal_app: Flask, portal_database: Database, portal_settings: PortalSettings
) -> None:
    """Rooms ask one place whom a page is about; the clinic gets the child's own numbers."""
    at_children.get("/loading/all", 303)
    own = subject_in(portal_app, at_children, portal_settings)
    assert (own.child, own.policy, own.name) == (None, "0000100000000370", "Лебедева Анна Сергеевна")
    child = child_of(portal_database, "Мила")
    at_children.get("/children")
    at_children.post(f"/children/{child.id}/act")
    of_child = subject_in(portal_app, at_children, portal_settings)
    assert (of_child.key, of_child.policy) == (child.id, "0000100000004810")
    assert of_child.identity.birth_date == child.birth_date


def test_a_stranger_s_child_is_not_found(at_children: PageClient, portal_database: Database) -> None:
    """S-54: neither an id that does not exist nor one of another patient can be acted for."""
    another = _another_patient(portal_database)
    with portal_database.writing() as session:
        theirs = session.exec(select(Child).where(Child.name == "Мила")).one()
        theirs.patient_id = another
        session.add(theirs)
    at_children.post(f"/children/{theirs.id}/act", status=404)
    at_children.get("/children")
    at_children.post("/children/nobody/act", status=404)


def _another_patient(database: Database) -> str:
    with database.reading() as session:
        known = session.exec(select(Patient)).one()
        values = known.model_dump() | {"id": "another", "number": "OTHER", "subject": "1000000099", "snils": None}
    with database.writing() as session:
        session.add(Patient(**values))
    return "another"


def test_a_child_that_has_grown_cannot_be_acted_for(at_children: PageClient, portal_database: Database) -> None:
    """`child-grown`: from the age at which access ends nobody acts for a child, and the page says why."""
    page = at_children.post(f"/children/{child_of(portal_database, 'Вера').id}/act", status=403)
    assert page.screen == "child-grown"
    assert "исполнилось 15 лет" in page.words
    assert page.soup.find("a", string="К списку детей") is not None


def test_access_ends_in_the_middle_of_a_session(
    *,
    portal: PageClient,
    sign_in: SignIn,
    family: FakeEsia,
    clock: ManualClock,
    portal_app: Flask,
    portal_database: Database,
    portal_settings: PortalSettings,
) -> None:
    """On the fifteenth birthday the pages about the child close, also for a session that was open before."""
    clock.advance(timedelta(days=19, hours=11, minutes=50))
    sign_in(portal)
    portal.get("/children")
    portal.post(f"/children/{child_of(portal_database, 'Егор').id}/act")
    assert subject_in(portal_app, portal, portal_settings).name == "Лесная Егор"
    clock.advance(timedelta(minutes=12))
    with pytest.raises(ActingOverError):
        subject_in(portal_app, portal, portal_settings)
