"""Visits to service centres, which the trainer confirms on the board (R-010)."""

from __future__ import annotations

from sandbox_idp.context import Stand
from sandbox_idp.scenarios import journal
from tests.pages import PageClient
from tests.sandbox_idp.registration.test_centres import ask_for_a_visit


def test_a_visit_is_confirmed_on_the_board(console: PageClient, sandbox: PageClient, stand: Stand) -> None:
    """account-centre-pending: it stands there until somebody presses, and the registration goes on."""
    assert "Ждут в центре обслуживания" not in console.get("/console/").words
    number = ask_for_a_visit(sandbox)
    page = console.get("/console/")
    assert f"Зоя Ясенева Заявка {number}" in page.words
    form = page.form("/console/visits")
    console.follow(console.post("/console/visits", form))
    assert console.page is not None
    assert number not in console.page.words
    assert "Личность подтверждена" in sandbox.get("/register/centre").words
    assert "decision-grant" in [line.name for line in journal.lines(stand.database)]
    console.post("/console/visits", form)


def test_the_board_shows_a_new_visit_by_itself(console: PageClient, sandbox: PageClient) -> None:
    """The pulse brings the part along when somebody has chosen a centre."""
    page = console.get("/console/")
    pulse = page.soup.select_one("[data-hx-get*=pulse]")
    assert pulse is not None
    number = ask_for_a_visit(sandbox)
    assert number in console.get(str(pulse["data-hx-get"])).text
