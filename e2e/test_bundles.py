"""One sign-in as a file: the same stand, the same journey, the same end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from e2e.harness.traveller import SIGNED_IN, Traveller
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.testing.browser import Browser
from sandbox_idp.testing.replay import Replayed, read_journey, replay
from sandbox_idp.testing.stand import Control, StandUnderTest

ImportStand = Callable[[bytes], StandUnderTest]


@pytest.fixture
def import_stand(control: Control) -> Iterator[ImportStand]:
    """Makes stands of files; they are thrown away after the test."""
    made: list[StandUnderTest] = []

    def make(file: bytes) -> StandUnderTest:
        made.append(control.import_stand(file))
        return made[-1]

    yield make
    for stand in made:
        control.delete_stand(stand)


def go(stand: StandUnderTest, file: bytes) -> Replayed:
    return replay(stand, read_journey(file))


def test_a_failed_sign_in_fails_again_and_recovers(
    make_stand: Callable[..., StandUnderTest], import_stand: ImportStand
) -> None:
    """The second sign-in of its stand, on the pages, after one wrong password; then the failure is switched off."""
    stand = make_stand()
    with Traveller(stand, "viktor") as earlier:
        assert earlier.sign_in() == SIGNED_IN
    stand.control.arm("token-500", scope="next-sign-in", status=502)
    browser = Browser()
    page = browser.get(f"{stand.portal_url}/login")
    page = browser.submit(page, "password", login="+70001000001", password="wrong")
    page = browser.submit(page, "password", login="+70001000001", password=PASSWORD)
    page = browser.submit(page, "code", code=stand.next_message(to="+70001000001").code)
    page = browser.submit(page, "decision", decision="grant")
    browser.close()
    verdict = stand.control.verdict()
    assert (verdict["sign_in"], verdict["armed"], verdict["ended"]) == (2, ["token-500"], "failed")
    assert (verdict["called_on"], verdict["half_open"], verdict["looped"]) == ("no", "no", "no")
    file = stand.control.bundle(2)
    stand.control.reset()

    again = import_stand(file)
    journey = read_journey(file)
    assert [(step.do, step.right) for step in journey.steps] == [
        ("login", False),
        ("login", True),
        ("code", True),
        ("consent", True),
        ("return", True),
    ]
    assert again.control.scenario("token-500")["armed"]["parameters"] == {"status": 502}
    found = replay(again, journey)
    assert found.differences == {}
    assert (found.sign_in, found.got.armed, found.screen) == (2, ["token-500"], page.screen)
    again.control.disarm()
    healed = replay(again, journey)
    assert (healed.got.armed, healed.got.ended) == ([], "signed-in")
    assert set(healed.differences) == {"armed", "ended", "status"}


def test_chance_falls_alike(make_stand: Callable[..., StandUnderTest], import_stand: ImportStand) -> None:
    """Seeded by the sign-in's number: whatever was struck of ten, each of them alone is struck again or not."""
    stand = make_stand()
    stand.control.call("PUT", "/scenarios/token-500", {"scope": "everyone", "probability": 0.5, "seed": 7})
    for _ in range(6):
        with Traveller(stand) as traveller:
            traveller.sign_in()
    struck = [bool(each["armed"]) for each in stand.control.verdicts()]
    assert set(struck) == {True, False}
    for number in (struck.index(True) + 1, len(struck) - struck[::-1].index(False)):
        file = stand.control.bundle(number)
        found = go(import_stand(file), file)
        assert (found.differences, found.sign_in) == ({}, number)


def test_what_the_trainer_did_meanwhile_is_done_again(
    make_stand: Callable[..., StandUnderTest], import_stand: ImportStand
) -> None:
    """Switched on after the beginning, and the clock moved."""
    stand = make_stand()
    browser = Browser()
    began = browser.ask(f"{stand.portal_url}/login")
    location = stand.control.sign_in(began.location, "anna", consent="refuse")
    stand.control.arm("idp-503", scope="everyone")
    stand.control.disarm()
    page = browser.get(location)
    browser.close()
    file = stand.control.bundle(1)
    journey = read_journey(file)
    assert [step.do for step in journey.steps] == ["sign-in-without-pages", "consent", "arm", "disarm", "return"]
    found = go(import_stand(file), file)
    assert (found.differences, found.screen) == ({}, page.screen)
