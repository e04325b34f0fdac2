"""«Профиль»: what is known, policies, sessions, history, export and deletion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from foundation.clock import ManualClock
from foundation.database import Database
from portal.patients.models import Child, Patient
from portal.profile import own_data
from portal.settings import PortalSettings
from portal.sign_in.models import PatientSession
from portal.tables import PortalTable
from tests.pages import PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_esia import FakeEsia, json_answer
from tests.portal.family import PERSON

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def another(portal_app: Flask, portal_settings: PortalSettings) -> PageClient:
    """A second browser at the same portal."""
    return PageClient(portal_app, portal_settings.public_url)


def rows(database: Database, table: Any) -> list[Any]:
    with database.reading() as session:
        return list(session.exec(select(table)).all())


def test_the_profile_names_the_person_and_the_number_for_support(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, portal_database: Database
) -> None:
    """R-110: the number of the cabinet is there to be read out; the SNILS is masked; nothing can be typed over."""
    sign_in(portal)
    portal.get("/loading/all", 303)
    page = portal.get("/profile")
    patient = rows(portal_database, Patient)[0]
    assert page.screen == "profile"
    assert patient.number is not None
    assert patient.number in page.words
    assert "•" in page.words
    assert patient.snils not in page.text
    assert "anna@pochta.example" in page.words
    assert not page.soup.select("main input:not([type=hidden])")


def test_a_birth_date_that_was_withheld_can_be_granted(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, grant: Callable[..., None]
) -> None:
    """S-66, R-020 right 11: the page says that it was withheld, and leads to where it is granted."""
    grant(without=("birthdate",))
    family.person.pop("birthDate")
    sign_in(portal)
    page = portal.get("/profile")
    assert "Дата рождения вы не разрешили смотреть" in page.words
    assert "Дату рождения можно разрешить. Войти ещё раз и разрешить" in page.words


def test_policies_are_own_and_the_children_s(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """Number, source, time; who is not shown any more has none here either."""
    sign_in(portal)
    portal.get("/loading/all", 303)
    page = portal.get("/policies")
    assert page.screen == "policies"
    assert "•••• •••• •••• 0370" in page.words
    assert "•••• •••• •••• 4810" in page.words
    assert "из Госуслуг, 12:00 (мск)" in page.words
    assert "Вера" not in page.words


def test_a_policy_that_is_missing_or_withheld_says_what_to_do(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, grant: Callable[..., None]
) -> None:
    """R-020 rights 4 and 10."""
    family.answer_with(f"{PERSON}/docs", json_answer({"stateFacts": ["hasSize"], "size": 0, "elements": []}))
    grant(without=("kid_medical_doc",))
    sign_in(portal)
    portal.get("/loading/all", 303)
    words = portal.get("/policies").words
    assert "Мы не нашли ваш полис ОМС" in words
    assert "Вы не разрешили смотреть полис ребёнка" in words


def test_other_sessions_are_seen_and_ended(
    portal: PageClient, another: PageClient, sign_in: SignIn, family: FakeEsia, clock: ManualClock
) -> None:
    """S-48: each with its browser, never with its whole address; the ended one is told so at its next step."""
    sign_in(portal)
    clock.advance(timedelta(minutes=1))
    sign_in(another)
    page = portal.get("/profile/sessions")
    assert page.words.count("Вы здесь") == 1
    assert len(page.soup.select("[data-own]")) == 2
    form = page.form("/profile/sessions")
    ended = portal.follow(portal.post("/profile/sessions", form))
    assert "1 сеанс завершён" in ended.words
    assert another.get("/home", 401).screen == "session-ended"
    assert "Этот сеанс уже закончился сам" in portal.follow(portal.post("/profile/sessions", form)).words


def test_all_others_are_ended_at_once(
    portal: PageClient, another: PageClient, sign_in: SignIn, family: FakeEsia
) -> None:
    """S-48: and this one stays."""
    sign_in(another)
    sign_in(portal)
    portal.get("/profile/sessions")
    portal.post("/profile/sessions", {"action": "others"})
    assert another.get("/home", 401).screen == "session-ended"
    assert "Других сеансов нет" in portal.get("/profile/sessions").words


def test_another_patient_s_session_stays(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, portal_database: Database
) -> None:
    """S-54: an id that is not one's own is worth nothing."""
    sign_in(portal)
    with portal_database.writing() as session:
        own = session.exec(select(PatientSession)).one()
        patient = session.exec(select(Patient)).one().model_dump()
        session.add(Patient(**patient | {"id": "other", "number": "OTHER", "subject": "1000000099", "snils": None}))
        session.flush()
        session.add(PatientSession(**own.model_dump() | {"id_hash": "theirs", "patient_id": "other"}))
    portal.get("/profile/sessions")
    portal.post("/profile/sessions", {"session": "theirs"})
    theirs = [row for row in rows(portal_database, PatientSession) if row.id_hash == "theirs"]
    assert theirs[0].ended_at is None


def test_the_history_tells_each_sign_in_once(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, clock: ManualClock, portal_database: Database
) -> None:
    """R-079: acting for a child changes the session's number, and is no sign-in."""
    sign_in(portal)
    clock.advance(timedelta(minutes=2))
    sign_in(portal)
    portal.get("/children")
    child = next(row for row in rows(portal_database, Child) if row.name == "Мила")
    portal.post(f"/children/{child.id}/act")
    page = portal.get("/profile/history")
    assert len(page.soup.select("main li")) == 2
    assert page.words.count("Открыт") == 1
    assert "Закончен: вы вошли ещё раз" in page.words


def test_everything_can_be_taken_along(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> None:
    """S-65: a file with all that is kept, and without a key to anything (S-43)."""
    sign_in(portal)
    portal.get("/loading/all", 303)
    response = portal.client.get("/profile/data/export", base_url=portal.base_url)
    assert response.headers["Content-Disposition"].startswith('attachment; filename="moi-dannye-2026-11-22')
    assert response.headers["Cache-Control"] == "no-store"
    data = response.get_json()["data"]
    assert data["patient"][0]["surname"] == "Лебедева"
    assert {row["name"] for row in data["child"]} == {"Мила", "Егор", "Вера"}
    assert len(data["patient_session"]) == 1
    assert not {"access_token", "id_hash", "sid"} & set(data["patient_session"][0])


def test_everything_can_be_thrown_away(
    portal: PageClient, another: PageClient, sign_in: SignIn, family: FakeEsia, portal_database: Database
) -> None:
    """S-65: after a page that says what will be lost (U-34); every session ends, and the next sign-in begins anew."""
    sign_in(another)
    sign_in(portal)
    portal.get("/loading/all", 303)
    assert "вернуть их будет нельзя" in portal.get("/profile/data/delete").words
    gone = portal.follow(portal.post("/profile/data/delete"))
    assert "Портал удалил ваши данные" in gone.words
    for table in (Patient, Child, PatientSession):
        assert rows(portal_database, table) == []
    portal.get("/home", 401)
    another.get("/home", 401)
    sign_in(portal)
    assert portal.get("/home").screen == "home"


def test_every_table_belongs_to_a_patient_or_is_said_not_to() -> None:
    """S-65: a new table that export and deletion would pass by fails here."""
    reached = {table.name for table, _ in own_data.belonging("x")}
    assert reached | own_data.NOT_A_PATIENTS == set(PortalTable.metadata.tables)
    assert not reached & own_data.NOT_A_PATIENTS
