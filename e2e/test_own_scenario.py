"""A scenario that nobody shipped: uploaded in the console, switched on, met by a patient, repaired, seen through."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from e2e.conftest import CONSOLE_PASSWORD
from e2e.harness.axe import Inspector
from e2e.journeys.visitor import ALL_PAGES, visitor
from e2e.pages.sandbox import ConsoleDoor
from sandbox_idp.testing.stand import StandUnderTest

FILE = """
id    = "queue-at-the-window"
title = "Госуслуги просят зайти завтра"
story = "Маркер не выдают: окно закрыто на обед."

[sees]
at      = "portal"
screen  = "gosuslugi-failed"
heading = "Произошла ошибка.."
texts   = ["Попробуйте перезапустить страницу"]
session = "none"

[recovers]
by      = "heal"
note    = "Сбой снят, «Перезапустить»."
ends_at = "/home"

[[effects]]
kind    = "status"
where   = "gate"
program = "sandbox_idp"
channel = "back"
match   = { method = "POST", path = ["/aas/oauth2/te", "/oauth2/token"] }
status  = 503

[arming]
scopes  = ["next-sign-in", "everyone"]
default = "next-sign-in"
ttl     = "PT30M"
"""


@pytest.mark.one_browser("what is uploaded strikes between the servers, like the entry of its kind in Firefox")
def test_a_trainer_uploads_a_failure_and_a_patient_meets_it(
    context: BrowserContext, stand: StandUnderTest, tmp_path: Path, inspector: Inspector
) -> None:
    file = tmp_path / "обед.toml"
    file.write_text(FILE, encoding="utf-8")
    console = context.new_page()
    console.goto(f"{stand.idp_url}/console/enter")
    ConsoleDoor(console).enter(CONSOLE_PASSWORD)
    inspector.look_at(console)
    console.get_by_role("link", name="Свои сценарии").click()
    expect(console.get_by_role("heading", level=1)).to_have_text("Свои сценарии")
    inspector.look_at(console)
    console.get_by_label("Файл .toml").set_input_files(file)
    console.get_by_role("button", name="Загрузить").click()
    expect(console.get_by_role("heading", level=1)).to_have_text("Госуслуги просят зайти завтра")
    console.get_by_role("button", name="Включить").click()
    expect(console.locator("#state")).to_have_attribute("data-state", "armed")
    inspector.look_at(console)

    someone = visitor("anna", context.new_page(), stand, passed=ALL_PAGES)
    someone.sign_in(until=["gosuslugi-failed"])
    expect(someone.page.get_by_role("heading", level=1)).to_have_text("Произошла ошибка..")
    expect(someone.page.get_by_text("Попробуйте перезапустить страницу").first).to_be_visible()

    console.get_by_role("button", name="Починить").click()
    someone.press("Перезапустить")
    someone.walk(["home"])
    expect(console.locator("#state")).to_have_attribute("data-state", "recovered")
