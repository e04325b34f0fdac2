"""Messages that lie: how they get on the phone, how to tell them, and reporting one."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import col, select

from sandbox_idp.accounts.models import Person
from sandbox_idp.context import Stand
from sandbox_idp.scenarios.effects.base import Change
from sandbox_idp.scenarios.effects.planted import PlantedMessages
from sandbox_idp.world.models import Message
from tests.pages import Page, PageClient
from tests.sandbox_idp.sign_in import journey

LETTERS: list[dict[str, Any]] = [
    {
        "kind": "mail",
        "sender": "Служба безопасности",
        "subject": "Последнее предупреждение",
        "text": "Срочно подтвердите данные.\nОткройте https://gosuslugi-lk.example/login сейчас.",
    },
    {"kind": "sms", "sender": "Gosuslugi-Info", "text": "Сотрудник Госуслуг: продиктуйте код из СМС."},
    {"kind": "mail", "sender": "Поддержка", "text": "Страница входа: {login}. Код: 418205", "code": "418205"},
]


@pytest.fixture
def planted(stand: Stand) -> list[Message]:
    """All of them are with Anna."""
    with stand.database.writing() as session:
        anna = session.get_one(Person, journey.person_of(stand, "anna").oid)
        effect = PlantedMessages.model_validate({"kind": "planted", "where": "world", "messages": LETTERS})
        effect.apply(Change(session, stand.clock.now(), stand.ids), anna)
    with stand.database.reading() as session:
        return list(session.exec(select(Message).order_by(col(Message.id))))


def lesson(sandbox: PageClient, message: Message) -> Page:
    return sandbox.get(f"/message/{message.id}")


def test_the_phone_shows_who_they_say_they_are_and_leads_to_the_lesson(
    sandbox: PageClient, planted: list[Message]
) -> None:
    """phishing-letter: nothing in them can be followed, only the lesson."""
    page = sandbox.get("/phone?person=anna")
    for message in planted:
        assert message.sender is not None
        assert message.sender in page.words
    links = [str(link.get("href")) for link in page.soup.find_all("a")]
    for message in planted:
        assert any(link.endswith(f"/message/{message.id}") for link in links)
    assert not [link for link in links if "example" in link]


@pytest.mark.parametrize(
    ("place", "signs", "others"),
    [
        (0, ["Чужой адрес", "https://gosuslugi-lk.example/login", "Торопят и пугают"], ["Просят код"]),
        (1, ["Просят код", "продиктуйте код из СМС"], ["Чужой адрес"]),
        (2, ["Код, которого вы не просили", "418 205"], ["Чужой адрес", "Торопят"]),
    ],
)
def test_the_lesson_names_what_gives_it_away(
    sandbox: PageClient, planted: list[Message], place: int, signs: list[str], others: list[str]
) -> None:
    """C-18: the foreign domain, the question for a code, the hurry; each with the words that show it."""
    page = lesson(sandbox, planted[place])
    assert page.screen == "phishing-letter"
    for sign in signs:
        assert sign in page.words
    for other in others:
        assert other not in page.words


def test_reporting_is_kept_once(sandbox: PageClient, stand: Stand, planted: list[Message]) -> None:
    """The letter says afterwards that it was reported."""
    for _ in range(2):
        sandbox.get("/login")
        assert sandbox.follow(sandbox.post(f"/message/{planted[0].id}")).screen == "phishing-reported"
        page = lesson(sandbox, planted[0])
    assert "Вы уже сообщили об этом" in page.words
    assert page.soup.find("form", action=lambda action: bool(action) and "/message/" in action) is None


def test_there_is_no_lesson_on_real_messages(sandbox: PageClient, stand: Stand) -> None:
    """What Gosuslugi sent is nobody's phishing, and what does not exist is not found."""
    journey.give_password(sandbox, None)
    real = journey.arrived(stand)[-1]
    sandbox.get(f"/message/{real.id}", 404)
    sandbox.get("/message/999999", 404)
    sandbox.get("/login")
    sandbox.post(f"/message/{real.id}", status=404)


def test_the_end_of_the_lesson_takes_them_away(stand: Stand) -> None:
    """What was reported stays, as the person left it."""
    with stand.database.writing() as session:
        anna = session.get_one(Person, journey.person_of(stand, "anna").oid)
        effect = PlantedMessages.model_validate({"kind": "planted", "where": "world", "messages": LETTERS})
        change = Change(session, stand.clock.now(), stand.ids)
        kept = effect.apply(change, anna)
        reported = session.get_one(Message, kept["messages"][1])
        reported.reported_at = stand.clock.now()
        session.flush()
        effect.restore(change, anna, kept)
        assert [message.id for message in session.exec(select(Message))] == [reported.id]
