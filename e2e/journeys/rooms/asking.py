"""What the portal tells a patient beside the clinic's own pages: notifications, children that grow up, support."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import expect

from e2e.journeys.scenes import Scene
from e2e.journeys.visitor import Visitor
from sandbox_idp.testing import uploads

Arm = Callable[[], None]
ASKED_AGAIN_AFTER = timedelta(minutes=2)
WEEKS = timedelta(days=21)
A_DAY = timedelta(hours=24, minutes=5)
STRANGE_PHONE = "+7 (000) 100-00-99"
UNKNOWN_NUMBER = "ЕГ-2026-999999"
PICTURE = "снимок экрана.png"


def _does(scene: Scene) -> bool:
    """Whether the time goes by that the entry is about; on the walk for comparison it does not."""
    return bool(scene.visitor.acts.pop("home", None))


def _nothing(_someone: Visitor) -> None:
    """What is done is part of the steps."""


def open_notifications(scene: Scene, arm: Arm) -> None:
    """The notifications, when the portal has heard the clinic, and once more later."""
    someone = scene.visitor
    someone.arrive()
    someone.open("/notifications")
    arm()
    someone.stand.control.advance(ASKED_AGAIN_AFTER)
    someone.open("/notifications")


def refresh_notifications(scene: Scene) -> None:
    """The clinic answers again, and «Обновить» shows what it has to tell."""
    scene.heal()
    scene.visitor.press("Обновить")
    expect(scene.visitor.page.locator("html")).to_have_attribute("data-screen", "notifications")


def open_children_weeks_later(scene: Scene, arm: Arm) -> None:
    """The children, three weeks after the portal warned that one of them turns fifteen."""
    someone = scene.visitor
    someone.arrive()
    arm()
    if _does(scene):
        someone.stand.control.advance(WEEKS)
        someone.arrive()
    someone.open("/children")


def go_home(scene: Scene) -> None:
    """Everything else is where it was."""
    scene.visitor.press("На главную")
    expect(scene.visitor.page.locator("html")).to_have_attribute("data-screen", "home")


def write_to_support(scene: Scene, arm: Arm) -> None:
    """A question, filled in with what is known, and sent."""
    someone = scene.visitor
    someone.arrive()
    arm()
    someone.open("/support/new")
    someone.walk(["support"], stop=scene.is_shown)


def ask(someone: Visitor) -> None:
    """What happened, and «Отправить обращение»."""
    someone.page.get_by_label("Что вы делали и что пошло не так").fill("Нажимаю «Войти», и ничего не происходит.")
    someone.press("Отправить обращение")


def _ask_with_a_strange_phone(someone: Visitor) -> None:
    someone.page.get_by_label("Телефон", exact=True).fill(STRANGE_PHONE)
    ask(someone)


def _ask_about_an_unknown_number(someone: Visitor) -> None:
    someone.page.get_by_label("Номер предыдущего обращения").fill(UNKNOWN_NUMBER)
    ask(someone)


def correct_the_question(scene: Scene) -> None:
    """Own phone and no earlier number; the rest is still there."""
    someone = scene.visitor
    someone.page.get_by_label("Телефон", exact=True).fill(someone.persona.phone)
    someone.page.get_by_label("Номер предыдущего обращения").fill("")
    someone.press("Отправить обращение")
    expect(someone.page.get_by_text("принято.")).to_be_visible()


def ask_and_come_back(scene: Scene, arm: Arm) -> None:
    """A question with a picture of the screen, and a look at it when the promised day is over."""
    someone = scene.visitor
    someone.arrive()
    someone.open("/support/new")
    picture = {"name": PICTURE, "mimeType": "image/png", "buffer": uploads.png()}
    someone.page.get_by_label("Снимок экрана или другой файл, если есть").set_input_files(picture)
    ask(someone)
    arm()
    if _does(scene):
        someone.stand.control.advance(A_DAY)
        someone.arrive()
        someone.open("/support")
    someone.page.locator("main").get_by_role("link", name="ЕГ-").first.click()
    expect(someone.page.locator("html")).to_have_attribute("data-screen", "support-ticket")
    expect(someone.page.get_by_role("link", name=PICTURE)).to_be_visible()


def escalate_the_question(scene: Scene) -> None:
    """«Передать старшему специалисту»."""
    scene.visitor.press("Передать старшему специалисту")
    expect(scene.visitor.page.get_by_text("передано старшему специалисту")).to_be_visible()


HABITS = {"support-form": ask}
ACTS = {
    "child-has-grown": ("home", _nothing),
    "support-unanswered": ("home", _nothing),
    "support-phone-mismatch": ("support-form", _ask_with_a_strange_phone),
    "support-number-unknown": ("support-form", _ask_about_an_unknown_number),
}
STEPS = {
    "open_notifications": open_notifications,
    "open_children_weeks_later": open_children_weeks_later,
    "write_to_support": write_to_support,
    "ask_and_come_back": ask_and_come_back,
}
RECOVERIES = {
    "refresh_notifications": refresh_notifications,
    "go_home": go_home,
    "correct_the_question": correct_the_question,
    "escalate_the_question": escalate_the_question,
}
