"""The journal in human words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox_idp.console.timeline import Arrow, arrows
from sandbox_idp.scenarios.models import JournalLine

AT = datetime(2026, 11, 22, 11, 3, 26, tzinfo=UTC)


def drawn(kind: str, name: str, **fields: Any) -> list[Arrow]:
    values = {"program": "sandbox_idp", "channel": None, "status": None, "entry": None, "details": {}, **fields}
    line = JournalLine(at=AT, real_at=AT, kind=kind, name=name, **values)
    return arrows([line], {"token-fails": "Маркер не выдан"}.get)


@pytest.mark.parametrize(
    ("fields", "who", "text"),
    [
        ({"name": "GET /home", "program": "portal", "channel": "front"}, "Браузер → Портал", "главная страница, 200"),
        ({"name": "GET /login", "channel": "front"}, "Браузер → Госуслуги", "страница входа, 200"),
        ({"name": "POST /aas/oauth2/te", "channel": "back"}, "Портал → Госуслуги", "обмен кода на маркер, 200"),
        ({"name": "GET /oauth2/authorize", "channel": "front"}, "Браузер → Госуслуги", "портал просит войти, 200"),
        ({"name": "POST /oauth2/token", "channel": "back"}, "Портал → Госуслуги", "обмен кода на маркер, 200"),
        ({"name": "GET /oauth2/userinfo", "channel": "back"}, "Портал → Госуслуги", "данные человека, 200"),
        ({"name": "GET /rs/prns/<id>/kids", "channel": "back"}, "Портал → Госуслуги", "дети, 200"),
        ({"name": "GET /rs/prns/<id>/addrs", "channel": "back"}, "Портал → Госуслуги", "адреса, 200"),
        ({"name": "PUT /strange", "channel": "front"}, "Браузер → Госуслуги", "PUT /strange, 200"),
    ],
)
def test_an_exchange_is_one_arrow_with_its_meaning(fields: dict[str, Any], who: str, text: str) -> None:
    (arrow,) = drawn("exchange", status=200, **fields)
    assert (arrow.who, arrow.text, arrow.failed) == (who, text, False)
    assert (arrow.clock, arrow.moment) == ("03:26", "14:03:26")


def test_a_failure_is_an_arrow_back() -> None:
    there, back = drawn("exchange", "POST /aas/oauth2/te", channel="back", status=500)
    assert (there.failed, back.failed, back.back, back.text) == (False, True, True, "500")
    assert back.who == "Госуслуги → Портал"


def test_no_answer_is_a_failure() -> None:
    _, back = drawn("exchange", "GET /rs/prns/<id>", channel="back")
    assert back.failed
    assert back.text == "ответа нет"


def test_what_a_program_tells_a_person_is_no_failure() -> None:
    _, back = drawn("exchange", "POST /login", channel="front", status=422)
    assert not back.failed


def test_a_redirect_to_the_other_program_is_shown() -> None:
    to_gosuslugi = {"status": 303, "details": {"to": "/aas/oauth2/ac"}}
    _, back = drawn("exchange", "GET /login", program="portal", channel="front", **to_gosuslugi)
    assert back.text == "303 на Госуслуги"
    _, back = drawn("exchange", "POST /consent", channel="front", status=302, details={"to": "/login/callback"})
    assert back.text == "302 на портал"
    assert len(drawn("exchange", "POST /login", channel="front", status=303, details={"to": "/login/sms"})) == 1


def test_effects_acts_and_changes_are_notes_with_the_scenarios_title() -> None:
    (effect,) = drawn("effect", "status", channel="back", entry="token-fails")
    assert (effect.note, effect.failed, effect.text) == (True, True, "сбой: Маркер не выдан")
    (act,) = drawn("act", "password-wrong")
    assert (act.note, act.text) == (True, "неверный пароль")
    (change,) = drawn("change", "armed", entry="token-fails")
    assert change.text == "пульт: включён сценарий «Маркер не выдан»"
