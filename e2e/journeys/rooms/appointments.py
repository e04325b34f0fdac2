"""Appointments at the portal: the way to a booking, and what goes wrong on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from e2e.journeys.scenes import Scene
from e2e.journeys.visitor import Habit, Visitor
from e2e.pages.screen import Screen

EYES = "Офтальмолог"
"""Whom everybody may see: no attachment, no referral."""
CHILDREN = "Педиатр"
CLINIC = "369001"
"""Where Anna is attached."""
ENDS = (
    *("appointment", "slot-taken", "no-slots", "clinic-no-answer", "age-limit", "same-speciality-twice"),
    *("attachment-none", "attachment-pending", "too-late-to-cancel"),
)


def choose_time(someone: Visitor, number: int = 0) -> None:
    """One of the free times that are shown."""
    page = Screen(someone.page)
    page.mark()
    page.main.locator("a.time").nth(number).click()
    page.wait_for_another()


def book_next_week(someone: Visitor) -> None:
    """From «Запись к врачу» to a talon that can be given up: within two hours of an appointment nobody can.

    Today's first time may be as near as that.
    """
    someone.walk(["appointment-times"])
    someone.press("Следующая неделя")
    someone.walk(["appointment"])


def search(someone: Visitor, words: str) -> None:
    """Find whom to go to by words, and choose what is called so."""
    someone.open(f"/appointments/new?q={words}")
    someone.press(words)


HABITS: dict[str, Habit] = {
    "appointments": lambda someone: someone.press("Записаться"),
    "appointment-new": lambda someone: someone.press(EYES),
    "appointment-nearest": choose_time,
    "appointment-times": choose_time,
    "appointment-review": lambda someone: someone.press(
        "Перенести запись" if someone.page.url.partition("?")[0].endswith("/move") else "Записаться"
    ),
    "appointment-cancel": lambda someone: someone.press("Отменить запись"),
}


def book(scene: Scene, arm: Callable[[], None]) -> None:
    """Signed in, «Запись к врачу», and on to a talon, or to where that ends."""
    scene.visitor.arrive()
    scene.visitor.open("/appointments")
    arm()
    scene.visitor.walk(ENDS)


def book_therapist(scene: Scene, arm: Callable[[], None]) -> None:
    """Signed in with the entry going, and a therapist is looked for."""
    arm()
    scene.visitor.arrive()
    search(scene.visitor, "Терапевт")


def book_and_give_up(scene: Scene, arm: Callable[[], None]) -> None:
    """Signed in and booked, and given up again with the entry going."""
    someone = scene.visitor
    someone.arrive()
    someone.open("/appointments")
    book_next_week(someone)
    arm()
    if "appointment" in someone.acts:
        someone.acts.pop("appointment")(someone)
    else:
        someone.press("Отменить запись")
        someone.walk(ENDS)


def book_twice_at_once(scene: Scene, arm: Callable[[], None]) -> None:
    """«Записаться» is pressed twice, and the way back leads through the form once more: there is one booking."""
    someone = scene.visitor
    someone.arrive()
    someone.open("/appointments")
    arm()
    someone.walk(["appointment-review"])
    page = Screen(someone.page)
    review = someone.page.url
    page.mark()
    page.control("Записаться").dblclick()
    page.wait_for_another()
    someone.walk(ENDS)
    if someone.screen == "appointment":
        talon = someone.page.url
        someone.page.goto(review)
        someone.press("Записаться")
        assert someone.page.url == talon, "another booking"
        to_the_list(someone)
        assert Screen(someone.page).main.locator("[data-booking]").count() == 1


STEPS: dict[str, Callable[[Scene, Callable[[], None]], None]] = {
    "book": book,
    "book_therapist": book_therapist,
    "book_and_give_up": book_and_give_up,
    "book_twice_at_once": book_twice_at_once,
}


def _search_paediatrician(someone: Visitor) -> None:
    search(someone, CHILDREN)


def _book_before(someone: Visitor) -> None:
    """There is a booking of that speciality already, for a later time."""
    someone.press(EYES)
    someone.press("Следующая неделя")
    choose_time(someone, 3)
    someone.walk(["appointment"])
    someone.open("/appointments/new")
    someone.press(EYES)


def _come_too_late(someone: Visitor) -> None:
    """An hour before the appointment somebody wants to give it up."""
    address = someone.page.url.partition("?")[0]
    start = datetime.fromisoformat(someone.page.locator("main time").first.get_attribute("datetime") or "")
    now = someone.stand.control.freeze()
    someone.stand.control.advance(start - timedelta(hours=1) - now)
    someone.arrive()
    someone.page.goto(address + "/cancel")


ACTS: dict[str, tuple[str, Habit]] = {
    "doctor-for-children-chosen": ("appointment-new", _search_paediatrician),
    "speciality-booked-twice": ("appointment-new", _book_before),
    "booking-given-up-late": ("appointment", _come_too_late),
}


def to_the_list(someone: Visitor) -> None:
    """From a talon back to «Запись к врачу»."""
    someone.press("Запись к врачу")


def _book_to_the_end(someone: Visitor) -> None:
    someone.walk(["appointment"])
    to_the_list(someone)


def take_another_time(scene: Scene) -> None:
    """One of the nearest free times, which nobody takes away."""
    scene.heal()
    choose_time(scene.visitor)
    _book_to_the_end(scene.visitor)


def take_another_doctor(scene: Scene) -> None:
    """Somebody whom the person may see."""
    scene.visitor.press("Выбрать другого врача")
    _book_to_the_end(scene.visitor)


def take_another_clinic(scene: Scene) -> None:
    """The same speciality where there are free times."""
    scene.visitor.press("Другая поликлиника")
    _book_to_the_end(scene.visitor)


def repeat_the_booking(scene: Scene) -> None:
    """The clinic answers again; the same form once more."""
    scene.heal()
    scene.visitor.press("Повторить")
    _book_to_the_end(scene.visitor)


def move_that_booking(scene: Scene) -> None:
    """The one that is there gets another time."""
    scene.visitor.press("Перенести ту запись")
    _book_to_the_end(scene.visitor)


def keep_the_booking(scene: Scene) -> None:
    """It stands, and the page tells whom to ring."""
    scene.visitor.press("Вернуться к записи")
    to_the_list(scene.visitor)


def see_whom_everybody_may_see(scene: Scene) -> None:
    """Attached at last, the person finds the own clinic and books there."""
    scene.heal()
    scene.visitor.press("К кому можно записаться")
    _book_to_the_end(scene.visitor)


RECOVERIES: dict[str, Callable[[Scene], None]] = {
    "take_another_time": take_another_time,
    "take_another_doctor": take_another_doctor,
    "take_another_clinic": take_another_clinic,
    "repeat_the_booking": repeat_the_booking,
    "move_that_booking": move_that_booking,
    "keep_the_booking": keep_the_booking,
    "see_whom_everybody_may_see": see_whom_everybody_may_see,
}
