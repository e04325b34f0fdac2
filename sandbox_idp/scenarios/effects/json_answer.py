"""A JSON answer with other members."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from sandbox_idp.scenarios.effects.base import Passage, PointEffect, effect, given
from sandbox_idp.scenarios.points import Point, ResponseDraft

_POINTS = {
    "token": Point.TOKEN_RESPONSE,
    "person": Point.PERSON,
    "jwks": Point.JWKS,
    "discovery": Point.DISCOVERY,
}


@effect("json")
class Json(PointEffect[ResponseDraft]):
    """Sets and removes members of the answer with tokens, with the person, with the keys, or of the discovery document.

    `set = { keys = [] }` on `jwks` is a key set without keys.
    """

    where: Literal["protocol"]
    answer: Literal["token", "person", "jwks", "discovery"]
    set: dict[str, Any] = Field(default={})
    remove: tuple[str, ...] = ()

    def points(self) -> tuple[Point, ...]:
        return (_POINTS[self.answer],)

    def details(self) -> dict[str, Any]:
        return {"answer": self.answer, "changed": [*self.set, *self.remove]}

    def change(self, passage: Passage[ResponseDraft]) -> None:
        body = passage.value.body
        for name, wanted in self.set.items():
            body[name] = given(wanted, passage.moment.ids, body.get(name))
        for name in self.remove:
            body.pop(name, None)
