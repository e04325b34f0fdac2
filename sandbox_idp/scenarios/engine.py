"""The scenario engine as the other rooms see it: values pass through it, and it is told what people did."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from sandbox_idp.context import Stand, current_sign_in, current_stand
from sandbox_idp.scenarios import journal
from sandbox_idp.scenarios.effects.base import Effect, Passage, PointEffect
from sandbox_idp.scenarios.effects.database import DatabaseAway
from sandbox_idp.scenarios.effects.gateway import GatewayDown
from sandbox_idp.scenarios.effects.unreachable import WireEffect
from sandbox_idp.scenarios.exchange import current_exchange, note
from sandbox_idp.scenarios.live import Live, effect_line, in_scope, live, moment, strikes
from sandbox_idp.scenarios.models import Armed
from sandbox_idp.scenarios.points import Point
from sandbox_idp.scenarios.spares import Spare

Value = TypeVar("Value")


def transform(point: Point, value: Value) -> Value:
    """Let the armed effects of the sign-in at hand act on `value`, which is returned (changed or not)."""
    stand = current_stand()
    for each in live(stand):
        begun = each.has_begun(stand.clock.now())
        for effect in each.effects:
            if not isinstance(effect, PointEffect) or point not in effect.points():
                continue
            if not (begun or effect.ahead) or not _means(stand, each.row, getattr(value, "person_oid", None)):
                continue
            passage = Passage(value, moment(stand, each, effect))
            if not effect.concerns(passage) or (begun and not strikes(stand, each)):
                continue
            effect.change(passage)
            if begun and not (effect.ahead and _told(each, effect)):
                note(stand, effect_line(stand, each, effect))
    return value


def _means(stand: Stand, row: Armed, person_oid: int | None) -> bool:
    """Whether an arming means what happens now: by the sign-in at hand or by whom it happens to."""
    return in_scope(stand, row) or (row.scope == "person" and person_oid is not None and row.person_oid == person_oid)


def _told(each: Live, effect: Effect) -> bool:
    """Whether this request has told of it already, for what a program asks for more than once (the schedule of works).

    What really happened twice (two messages lost) is told twice.
    """
    exchange = current_exchange()
    if exchange is None:
        return False
    return any(line.entry == each.entry.id and line.name == effect.kind for line in exchange.lines)


def diversion(channel: Literal["front", "back"]) -> Spare | None:
    """The spare port that the stand's Esia door has to use for the sign-in at hand instead of Gosuslugi's own address.

    `back` for a call of the portal, `front` for where the browser is sent.
    """
    stand = current_stand()
    for each in live(stand):
        for effect in each.effects:
            if not isinstance(effect, WireEffect) or not effect.concerns(channel):
                continue
            if _acts(stand, each):
                note(stand, effect_line(stand, each, effect))
                return effect.spare
    return None


def database_is_away() -> bool:
    """Whether the portal shall find nobody at its database. A request is told of once, however often it asks."""
    stand = current_stand()
    for each in live(stand):
        for effect in each.effects:
            if isinstance(effect, DatabaseAway) and _acts(stand, each):
                if not _told(each, effect):
                    note(stand, effect_line(stand, each, effect))
                return True
    return False


def gateway_is_down(kind: Literal["sms", "push", "mail"]) -> bool:
    """Whether messages of that kind are taken of nobody at the moment: what Gosuslugi tells about itself."""
    stand = current_stand()
    return any(
        isinstance(effect, GatewayDown) and kind in effect.messages and effect.first is None
        for each in live(stand)
        if each.row.scope == "everyone" and each.row.probability >= 1 and each.has_begun(stand.clock.now())
        for effect in each.effects
    )


def _acts(stand: Stand, each: Live) -> bool:
    return each.has_begun(stand.clock.now()) and in_scope(stand, each.row) and strikes(stand, each)


def act(name: str, **details: Any) -> None:
    """Note in the journal what a person did, such as `password-wrong`; entries of trigger `person` watch for it."""
    stand = current_stand()
    exchange = current_exchange()
    watching = [
        each.entry.id
        for each in live(stand)
        if each.entry.watch is not None
        and each.entry.watch.act == name
        and each.has_begun(stand.clock.now())
        and _means(stand, each.row, details.get("person_oid"))
    ]
    line = journal.Line(
        kind="act",
        at=stand.clock.now(),
        program=exchange.program if exchange is not None else "sandbox_idp",
        channel=exchange.channel if exchange is not None else None,
        sign_in=current_sign_in(),
        browser=exchange.browser if exchange is not None else None,
        entry=watching[0] if len(watching) == 1 else None,
        name=name,
        details={**details, **({"entries": watching} if watching else {})},
    )
    note(stand, line)
