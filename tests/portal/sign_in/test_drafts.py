"""What was typed when the session ended comes back to the same person, and to nobody else (U-30, U-9)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask, redirect, render_template_string, request
from sqlmodel import select
from wtforms import StringField

from foundation.clock import ManualClock
from foundation.database import Database
from portal.patients.routes import patient_at_hand
from portal.sign_in import drafts
from portal.sign_in.drafts import KeptForm
from portal.sign_in.models import FormDraft, PatientSession
from portal.sign_in.sessions import login_required
from tests.pages import Page, PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_esia import FakeEsia

PAGE = "/letter"
HERE = {"Referer": "http://localhost:8000" + PAGE}
TEXT = "Болит третий день, лекарство не помогает"
TEMPLATE = """{% extends "portal/patient.html" %}{% import "common/macros.html" as ui with context %}
{% set screen = "letter" %}{% set current = "" %}{% set title = "Письмо" %}
{% block main %}<h1 tabindex="-1">Письмо</h1>
<form method="post" action="/letter" id="letter">{{ ui.csrf() }}{{ ui.field(form.words) }}{{ ui.field(form.phone) }}
<button type="submit">Отправить</button></form>{% endblock %}"""


class LetterForm(KeptForm):
    """A form as the rooms of the portal have them."""

    words = StringField("Что случилось")
    phone = StringField("Телефон")


@pytest.fixture
def letters(portal_app: Flask, portal: PageClient) -> PageClient:
    """The portal with a page that has a form."""

    @portal_app.route(PAGE, methods=["GET", "POST"], endpoint="letter")
    @login_required
    def letter() -> object:
        form = LetterForm()
        if request.method == "POST":
            return redirect("/home", code=303)
        here = patient_at_hand()
        return render_template_string(TEMPLATE, form=form, person=here.read()[0], session_left=here.left())

    return portal


def rows(database: Database) -> list[FormDraft]:
    with database.reading() as session:
        return list(session.exec(select(FormDraft)))


def type_in(letters: PageClient, fields: dict[str, str], page: str = PAGE) -> None:
    """What the page's script sends by itself while somebody types."""
    token = letters.page.form("/logout")["csrf_token"] if letters.page else ""
    answer = letters.client.post(
        "/session/draft",
        data={"csrf_token": token, **fields},
        base_url=letters.base_url,
        headers={"Referer": "http://localhost:8000" + page},
    )
    assert answer.status_code == 204


def send_too_late(letters: PageClient, sign_in: SignIn, clock: ManualClock, **more: str) -> Page:
    """Sign in, open the form, be away for too long, send it."""
    sign_in(letters)
    letters.get(PAGE)
    clock.advance(timedelta(minutes=20))
    return letters.post(PAGE, {"words": TEXT, "phone": "", **more}, 401, headers=HERE)


def test_what_was_sent_too_late_is_in_the_form_after_the_next_sign_in(
    letters: PageClient, portal_database: Database, sign_in: SignIn, clock: ManualClock
) -> None:
    """U-30: on the server, encrypted; the page says so, and sending it throws the draft away."""
    page = send_too_late(letters, sign_in, clock)
    assert page.screen == "session-ended"
    assert "То, что вы ввели, сохранено." in page.words
    assert page.soup.find("a", string="Войти")["href"] == f"/login?next={PAGE}"
    (row,) = rows(portal_database)
    assert "Болит" not in row.sealed
    assert "сохранено" in letters.get(PAGE, 401).words

    assert sign_in(letters, f"/login?next={PAGE}").location == f"/loading?next={PAGE}"
    page = letters.get(PAGE)
    assert page.form(PAGE)["words"] == TEXT
    assert "Мы вернули то, что вы ввели" in page.words
    letters.post(PAGE, page.form(PAGE), headers=HERE)
    assert rows(portal_database) == []
    assert letters.get(PAGE).form(PAGE)["words"] == ""


def test_who_signs_in_as_somebody_else_never_sees_it(
    letters: PageClient, portal_database: Database, esia: FakeEsia, sign_in: SignIn, clock: ManualClock
) -> None:
    """U-30: a shared computer. The draft waits for its owner, under another key than anybody else's."""
    send_too_late(letters, sign_in, clock)
    mine, esia.subject = esia.subject, 1000000999
    sign_in(letters)
    page = letters.get(PAGE)
    assert TEXT not in page.text
    assert "сохранили" not in page.words
    assert len(rows(portal_database)) == 1
    esia.subject = mine
    sign_in(letters)
    assert letters.get(PAGE).form(PAGE)["words"] == TEXT


def test_passwords_and_codes_are_not_kept(
    letters: PageClient, portal_app: Flask, portal_database: Database, sign_in: SignIn, clock: ManualClock
) -> None:
    """U-9, U-30."""
    send_too_late(letters, sign_in, clock, password="Lampa-Zelenaya-27", sms_code="123456", PIN="0000")
    with portal_database.reading() as session:
        ended = session.exec(select(PatientSession)).one()
    with portal_app.test_request_context(base_url=letters.base_url):
        draft = drafts.find(ended, PAGE)
        ended.acting_for = "a child"
        assert drafts.find(ended, PAGE) is None, "what was typed for oneself does not come back for a child"
    assert draft is not None
    assert draft.fields == [("words", TEXT), ("phone", "")]


def test_a_draft_lives_for_a_day(
    letters: PageClient, portal_database: Database, sign_in: SignIn, clock: ManualClock
) -> None:
    """U-30."""
    send_too_late(letters, sign_in, clock)
    clock.advance(timedelta(hours=24))
    sign_in(letters)
    assert letters.get(PAGE).form(PAGE)["words"] == ""


def test_a_page_keeps_what_is_typed_before_the_end_and_prolongs_nothing(
    letters: PageClient, portal_database: Database, sign_in: SignIn, clock: ManualClock
) -> None:
    """U-30, U-32: the script's way. What is not worth keeping is not kept."""
    sign_in(letters)
    letters.get(PAGE)
    clock.advance(timedelta(minutes=14))
    type_in(letters, {"words": TEXT})
    type_in(letters, {"words": TEXT + "!"})
    type_in(letters, {"words": "  "}, "/home")
    type_in(letters, {"words": "я" * 20000}, "/home")
    assert [row.page for row in rows(portal_database)] == [PAGE]
    clock.advance(timedelta(minutes=1))
    letters.get("/home", 401)
    sign_in(letters)
    assert letters.get(PAGE).form(PAGE)["words"] == TEXT + "!"


def test_what_no_form_of_the_page_has_is_shown_all_the_same(letters: PageClient, sign_in: SignIn) -> None:
    """U-30: nothing is lost because a form has changed; it can be thrown away."""
    sign_in(letters)
    letters.get(PAGE)
    type_in(letters, {"gone": TEXT})
    page = letters.get(PAGE)
    assert "Мы сохранили то, что вы ввели" in page.words
    assert TEXT in page.words
    assert letters.post("/session/draft/forget", headers=HERE).location == PAGE
    assert "сохранили" not in letters.get(PAGE).words


def test_only_the_newest_ten_are_kept(letters: PageClient, portal_database: Database, sign_in: SignIn) -> None:
    """A bound on what one patient can store."""
    sign_in(letters)
    letters.get(PAGE)
    for number in range(12):
        type_in(letters, {"a": "b"}, f"/x/{number}")
    assert len(rows(portal_database)) == drafts.MOST_DRAFTS


def test_whoever_has_left_is_shown_what_they_sent_and_nothing_is_stored(
    letters: PageClient, portal_database: Database, sign_in: SignIn
) -> None:
    """S-51, U-30: signed out in another tab, the form first says that it is old; nobody knows whose text it was."""
    sign_in(letters)
    letters.get(PAGE)
    form = letters.page.form(PAGE) if letters.page else {}
    letters.post("/logout", {"csrf_token": form["csrf_token"]})
    page = letters.post(PAGE, {**form, "words": TEXT}, 400, headers=HERE)
    assert page.screen == "form-expired"
    page = letters.post(PAGE, page.form(PAGE), 401, headers=HERE)
    assert page.screen == "session-ended"
    assert TEXT in page.words
    assert rows(portal_database) == []


def test_a_form_sent_by_script_keeps_it_too(
    letters: PageClient, portal_database: Database, sign_in: SignIn, clock: ManualClock
) -> None:
    """U-25, U-30: the page is opened whole, and says that nothing is lost."""
    sign_in(letters)
    token = letters.get(PAGE).form(PAGE)["csrf_token"]
    clock.advance(timedelta(minutes=20))
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost:8000" + PAGE, **HERE}
    answer = letters.client.post(
        PAGE, data={"csrf_token": token, "words": TEXT}, base_url=letters.base_url, headers=headers
    )
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, PAGE)
    assert len(rows(portal_database)) == 1
