"""«Уведомления»: told once, sent as wanted, read when opened, and honest about when the clinic was last heard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from foundation.clock import ManualClock
from foundation.database import Database
from foundation.ids import SystemIds
from portal import create_app
from portal.clinic.base import NoClinic
from portal.clinic.errors import CardNotFoundError, NoAnswerError
from portal.clinic.values import Card, Event, Identity
from portal.doors import FolderFiles
from portal.notifications.kinds import KINDS, OF_EVENTS, PATHS
from portal.notifications.models import Notification
from portal.notifications.notify import News, tell
from portal.patients.models import Child
from portal.settings import PortalSettings
from tests.pages import PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_esia import FakeEsia
from tests.portal.family import PERSON, collection

NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@dataclass
class Feed(NoClinic):
    """A clinic that has nothing but events."""

    is_there = True
    told: list[Event] = field(default_factory=list)
    asked: list[datetime] = field(default_factory=list)
    silent: bool = False
    has_card: bool = True

    @property
    def directory(self) -> Any:
        return self

    @property
    def events(self) -> Any:  # type: ignore[override]  # The door and its one function are the same object here.
        return _Events(self)

    def card(self, who: Identity) -> Card:
        if self.silent:
            raise NoAnswerError(None)
        if not self.has_card:
            raise CardNotFoundError
        return Card(id=who.snils or "card", number="1", sex="female", birth_date=date(1992, 1, 1), attachment=None)


@dataclass
class _Events:
    feed: Feed

    def events(self, _card_id: str, *, since: datetime) -> list[Event]:
        if self.feed.silent:
            raise NoAnswerError(None)
        self.feed.asked.append(since)
        return [event for event in self.feed.told if event.at > since]


@dataclass
class Outside:
    """Mail and SMS as they leave."""

    mails: list[tuple[str, str, str]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    works: bool = True

    def mail(self, *, to: str, subject: str, text: str) -> bool:
        self.mails.append((to, subject, text))
        return self.works

    def sms(self, *, to: str, text: str) -> bool:
        self.texts.append((to, text))
        return self.works


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
def portal_app(
    *,
    portal_settings: PortalSettings,
    portal_database: Database,
    make_client: Any,
    clock: ManualClock,
    tmp_path: Path,
    feed: Feed,
    outside: Outside,
) -> Iterator[Flask]:
    """The portal with a clinic that has events, and with messages that go out."""
    client = make_client()
    yield create_app(
        portal_settings,
        database=portal_database,
        esia=client,
        clinic=feed,
        messages=outside,
        files=FolderFiles(tmp_path / "files"),
        clock=clock,
        ids=SystemIds(),
    )
    client.close()


@pytest.fixture
def signed_in(portal: PageClient, sign_in: SignIn, family: FakeEsia) -> PageClient:
    """Signed in, with contacts that Gosuslugi calls confirmed."""
    family.answer_with(
        f"{PERSON}/ctts",
        collection(
            {"id": 1, "type": "MBT", "vrfStu": "VERIFIED", "value": "+7(000)1000001"},
            {"id": 2, "type": "EML", "vrfStu": "VERIFIED", "value": "anna@pochta.example"},
        ),
    )
    sign_in(portal)
    portal.get("/loading/all", 303)
    return portal


def event(number: int = 1, kind: Any = "result", ago: timedelta = timedelta(hours=1)) -> Event:
    return Event(f"e{number}", kind, NOON - ago, f"Готов результат {number}", "Посмотрите его.", f"o{number}")


def rows(database: Database) -> list[Notification]:
    with database.reading() as session:
        return list(session.exec(select(Notification)).all())


def test_an_empty_list_says_what_will_come(signed_in: PageClient) -> None:
    """U-21: not a blank page."""
    page = signed_in.get("/notifications")
    assert page.screen == "notifications"
    assert "Пока пусто. Здесь появятся напоминания" in page.words
    assert "Обновлено 12:00 (мск)" in page.words


def test_an_event_is_told_once_and_sent_as_wanted(
    signed_in: PageClient, feed: Feed, outside: Outside, clock: ManualClock, portal_database: Database
) -> None:
    """R-039: duplicates are suppressed; results go by mail unless chosen otherwise, and an SMS holds no findings."""
    feed.told = [event(1), event(2, "appointment")]
    signed_in.get("/notifications")
    clock.advance(timedelta(minutes=2))
    page = signed_in.get("/notifications")
    assert len(rows(portal_database)) == 2
    assert [(to, subject) for to, subject, _ in outside.mails] == [
        ("anna@pochta.example", "Готов результат 1 — Личный кабинет пациента"),
        ("anna@pochta.example", "Готов результат 2 — Личный кабинет пациента"),
    ]
    assert [to for to, _ in outside.texts] == ["+70001000001"]
    assert "Посмотрите" not in outside.texts[0][1]
    assert page.words.count("отправлено на почту") == 2


def test_what_is_sent_is_chosen_by_kind(signed_in: PageClient, feed: Feed, outside: Outside) -> None:
    """R-039: per type."""
    page = signed_in.get("/notifications/settings")
    assert page.screen == "notification-settings"
    assert "a•••@pochta.example" in page.words
    saved = signed_in.follow(signed_in.post("/notifications/settings", {"results-sms": "yes"}))
    assert "Сохранено." in saved.words
    assert saved.form("/notifications/settings") == {
        "csrf_token": saved.form("/notifications/settings")["csrf_token"],
        "results-sms": "yes",
    }
    feed.told = [event(1), event(2, "appointment")]
    signed_in.get("/notifications")
    assert outside.mails == []
    assert len(outside.texts) == 1


def test_a_gateway_that_is_down_loses_nothing(signed_in: PageClient, feed: Feed, outside: Outside) -> None:
    """R-039 «undelivered»: the notification is in the portal, and says that the letter was not sent."""
    outside.works = False
    feed.told = [event()]
    assert "на почту не отправлено" in signed_in.get("/notifications").words


def test_contacts_that_are_not_confirmed_get_nothing(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, feed: Feed, outside: Outside
) -> None:
    """A letter about somebody's health never goes to an address that may be somebody else's."""
    sign_in(portal)
    portal.get("/loading/all", 303)
    feed.told = [event()]
    portal.get("/notifications")
    assert outside.mails == []


def test_late_notifications_say_since_when(signed_in: PageClient, feed: Feed, clock: ManualClock) -> None:
    """`notifications-late`: the time of the last update is told; when the clinic answers, everything is there."""
    signed_in.get("/notifications")
    feed.silent = True
    feed.told = [event(1, ago=timedelta(minutes=-4))]
    clock.advance(timedelta(minutes=5))
    page = signed_in.get("/notifications")
    assert "Уведомления задерживаются" in page.words
    assert "последнее обновление 12:00 (мск)" in page.words
    feed.silent = False
    page = signed_in.get("/notifications")
    assert "Готов результат 1" in page.words
    assert "задерживаются" not in page.words


def test_the_clinic_is_asked_at_most_once_a_minute(signed_in: PageClient, feed: Feed, clock: ManualClock) -> None:
    """Opening pages quickly does not multiply calls; an overlap of a day finds what was entered late."""
    for _ in range(3):
        signed_in.get("/notifications")
    assert feed.asked == [NOON - timedelta(days=7)]
    clock.advance(timedelta(minutes=1))
    signed_in.get("/notifications")
    assert feed.asked[1:] == [NOON - timedelta(days=1)]


def test_without_a_card_there_is_nothing_to_hear(signed_in: PageClient, feed: Feed) -> None:
    """Who has never been at a clinic has an empty list and no alarm."""
    feed.has_card = False
    words = signed_in.get("/notifications").words
    assert "задерживаются" not in words
    assert "Пока пусто" in words


def test_opening_reads_it_and_goes_where_it_leads(signed_in: PageClient, feed: Feed, portal_database: Database) -> None:
    """S-51: by a form, for a GET changes nothing. The count in the navigation goes down."""
    feed.told = [event(1), event(2)]
    page = signed_in.get("/notifications")
    badge = page.soup.select_one(".nav--side .badge")
    assert badge is not None
    assert badge.get_text().startswith("2")
    first = rows(portal_database)[0]
    assert signed_in.post(f"/notifications/{first.id}/open").location == f"/record/results/{first.path[-2:]}"
    page = signed_in.get("/notifications")
    badge = page.soup.select_one(".nav--side .badge")
    assert badge is not None
    assert " ".join(badge.get_text(" ").split()) == "1 новое"
    main = page.soup.find("main")
    assert main is not None
    assert main.get_text().count("новое") == 1
    signed_in.post("/notifications/read")
    page = signed_in.get("/notifications")
    assert page.soup.select_one(".nav--side .badge") is None


def test_what_is_about_a_child_is_opened_when_acting_for_it(
    signed_in: PageClient, feed: Feed, portal_database: Database
) -> None:
    """S-54: for the parent there is no such page, so the way leads past the children instead of to a dead end."""
    signed_in.get("/children")
    with portal_database.reading() as session:
        child = session.exec(select(Child).where(Child.name == "Мила")).one()
    signed_in.post(f"/children/{child.id}/act")
    feed.told = [event(1)]
    signed_in.get("/notifications")
    (row,) = rows(portal_database)
    assert (row.about, row.child_id) == ("Мила", child.id)
    assert signed_in.post(f"/notifications/{row.id}/open").location == "/record/results/o1"
    signed_in.get("/notifications")
    signed_in.post("/children/stop")
    signed_in.get("/notifications")
    assert signed_in.post(f"/notifications/{row.id}/open").location == "/children"


def test_another_patient_s_notification_is_not_found(
    signed_in: PageClient, portal_database: Database, feed: Feed
) -> None:
    """S-54."""
    signed_in.get("/notifications")
    signed_in.post("/notifications/nobody/open", status=404)


def test_old_ones_are_paged_by_key(signed_in: PageClient, portal_app: Flask, portal_database: Database) -> None:
    """Nothing is shown twice and nothing is left out."""
    from portal.doors import doors
    from portal.patients.models import Patient

    with portal_app.app_context():
        with portal_database.reading() as session:
            patient = session.exec(select(Patient)).one().id
        for number in range(25):
            at = NOON - timedelta(minutes=number // 2)
            assert tell(doors(), patient, News(f"k{number}", "papers", f"Новость {number}.", "Да.", at))
            assert not tell(doors(), patient, News(f"k{number}", "papers", "Ещё раз", "Да.", at))
    first = signed_in.get("/notifications")
    more = first.soup.find("a", string="Показать более ранние")
    assert more is not None
    second = signed_in.get(str(more["href"]))
    seen = [f"Новость {number}." for number in range(25)]
    assert all((words in first.words) != (words in second.words) for words in seen)


def test_the_home_page_has_the_unread_ones(signed_in: PageClient, feed: Feed) -> None:
    """U-22, U-29: a part that is asked for by script, a link without."""
    feed.told = [event(number) for number in range(1, 6)]
    place = signed_in.get("/home").soup.select_one('section[data-part="notifications"]')
    assert place is not None
    assert place["data-state"] == "loading"
    part = signed_in.get("/parts/notifications", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert 'data-state="ready"' in part.text
    assert part.words.count("новое") == 3
    assert "Показать все" in part.words
    assert signed_in.get("/parts/notifications").screen == "notifications"


def test_every_kind_of_event_has_a_kind_and_a_place() -> None:
    """What a clinic can tell can be shown, and leads somewhere in the portal."""
    assert set(OF_EVENTS) == set(PATHS)
    assert set(OF_EVENTS.values()) <= {kind.id for kind in KINDS}
    assert all(path.startswith("/") for path in PATHS.values())
