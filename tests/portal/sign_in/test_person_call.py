"""Person data in the return, and one transaction or nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from foundation.clock import ManualClock
from foundation.database import Database
from tests.pages import PageClient
from tests.portal.conftest import NOON, SignIn
from tests.portal.fake_esia import ANNA, FakeEsia
from tests.portal.sign_in.helpers import (
    PERSON,
    is_neutral,
    is_signed_in,
    patients,
    sessions,
)

# Person data


@pytest.mark.parametrize(
    ("answer", "screen", "status"),
    [
        (httpx2.Response(500), "gosuslugi-failed", 502),
        (httpx2.Response(403), "gosuslugi-failed", 502),
        (httpx2.Response(200, content=b"<html>", headers={"Content-Type": "text/html"}), "gosuslugi-failed", 502),
        (httpx2.ReadTimeout("x"), "gosuslugi-silent", 504),
    ],
    ids=["500", "403", "html", "hang"],
)
def test_without_person_data_an_unknown_patient_is_not_let_in_and_a_known_one_is(
    *,
    answer: Any,
    screen: str,
    status: int,
    portal: PageClient,
    esia: FakeEsia,
    sign_in: SignIn,
    portal_database: Database,
    clock: ManualClock,
) -> None:
    """A patient never seen before has nothing to open on; a known one opens on stored data, marked as such."""

    def breaks() -> None:
        if isinstance(answer, Exception):
            esia.fail(PERSON, answer)
        else:
            esia.answer_with(PERSON, answer)

    breaks()
    assert sign_in.come_back(portal, sign_in.begin(portal), status).screen == screen
    assert patients(portal_database) == sessions(portal_database) == []
    esia.answers.clear()
    sign_in(portal)
    clock.advance(timedelta(minutes=30))
    breaks()
    assert sign_in(portal).location == "/loading"
    assert sessions(portal_database)[-1].stale
    assert patients(portal_database)[0].person_as_of == NOON
    assert is_signed_in(portal)


@pytest.mark.parametrize(
    "person",
    [
        pytest.param({"firstName": "Анна"}, id="no-surname"),
        pytest.param({"lastName": "Лебедева"}, id="no-name"),
        pytest.param({**ANNA, "snils": 5}, id="another-type"),
        pytest.param([], id="a-list"),
    ],
)
@pytest.mark.parametrize("known", [False, True])
def test_person_data_that_cannot_be_trusted_let_nobody_in(
    *, person: Any, known: bool, portal: PageClient, esia: FakeEsia, sign_in: SignIn, portal_database: Database
) -> None:
    """Group E: broken person data are no outage; not even a known patient opens on stored data then."""
    if known:
        sign_in(portal)
        portal.get("/home")
        portal.post("/logout")
    esia.person = person
    is_neutral(sign_in.come_back(portal, sign_in.begin(portal), 400))
    assert not is_signed_in(portal)
    assert len(patients(portal_database)) == int(known)


def test_a_known_patient_with_another_snils_is_not_let_in(
    portal: PageClient, portal_app: Flask, esia: FakeEsia, sign_in: SignIn, portal_database: Database
) -> None:
    """S-09: its own page, nothing of either card on it, and nothing is overwritten."""
    sign_in(portal)
    esia.person = {**ANNA, "snils": "000-100-104 13", "lastName": "Чужая"}
    other = PageClient(portal_app, portal.base_url)
    page = sign_in.come_back(other, sign_in.begin(other), 409)
    assert page.screen == "card-duplicate"
    for private in ("Лебедева", "Чужая", "100-101", "100-104", "Анна"):
        assert private not in page.text
    assert "Код для поддержки" in page.words
    assert not is_signed_in(other)
    (patient,) = patients(portal_database)
    assert (patient.surname, patient.snils) == ("Лебедева", "00010010110")
    assert len(sessions(portal_database)) == 1


# One transaction


def test_a_database_that_fails_in_the_middle_leaves_nothing_behind(
    portal: PageClient, sign_in: SignIn, portal_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Patient and session are stored together or not at all, and the person is told."""
    from portal.sign_in import completion

    def breaks(*_args: Any, **_kwargs: Any) -> str:
        raise OperationalError("insert", {}, Exception("disk full"))

    state = sign_in.begin(portal)
    with monkeypatch.context() as patched:
        patched.setattr(completion, "open_session", breaks)
        page = sign_in.come_back(portal, state, 503)
    assert page.soup.find("h1").get_text() == "Произошла ошибка.."
    assert page.soup.find("a", string="Перезапустить")["href"] == "/login"
    assert patients(portal_database) == sessions(portal_database) == []
    assert sign_in(portal).location == "/loading"
