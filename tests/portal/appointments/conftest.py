"""A patient with a policy, at a portal with a small medical system."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from foundation.clock import ManualClock
from portal.clinic.values import Booking, Doctor, Slot
from tests.pages import Page, PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_clinic import DAYS, ZORIN, FakeClinic
from tests.portal.fake_esia import FakeEsia

CARD = "card-anna"


@pytest.fixture
def anna(portal: PageClient, sign_in: SignIn, family: FakeEsia, clinic: FakeClinic) -> PageClient:
    """Signed in, everything fetched, a card at the clinic."""
    sign_in(portal)
    portal.get("/loading/all", 303)
    return portal


@pytest.fixture
def free(clinic: FakeClinic, clock: ManualClock) -> Callable[..., list[Slot]]:
    """The free times of a doctor, soonest first."""

    def free(doctor: Doctor = ZORIN) -> list[Slot]:
        now = clock.now()
        return clinic.bookings.slots(since=now, until=now + timedelta(days=DAYS), doctor_id=doctor.id)

    return free


@pytest.fixture
def booked(clinic: FakeClinic, free: Callable[..., list[Slot]]) -> Callable[..., Booking]:
    """Somebody has a booking already."""

    def booked(doctor: Doctor = ZORIN, card: str = CARD, number: int = 0) -> Booking:
        slot = free(doctor)[number]
        return clinic.bookings.book(card, slot.id, key=f"before-{card}-{slot.id}")

    return booked


def links(page: Page) -> dict[str, str]:
    """The links of the page's main part by their words."""
    main = page.soup.find("main")
    assert main is not None
    return {" ".join(tag.get_text(" ").split()): str(tag["href"]) for tag in main.find_all("a")}


def act_for(portal: PageClient, name: str) -> None:
    """Act for that child from now on."""
    page = portal.get("/children")
    for form in page.soup.find_all("form"):
        if name in form.get_text():
            portal.post(str(form["action"]))
            return
    raise AssertionError(f"no {name} on {page.words[:300]}")
