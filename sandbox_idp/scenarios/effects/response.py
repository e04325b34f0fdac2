"""A JSON answer that is not what was agreed."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from sandbox_idp.scenarios.effects.base import Passage, PointEffect, effect, given, titled
from sandbox_idp.scenarios.points import Point, ResponseDraft

_POINTS = {
    "token": Point.TOKEN_RESPONSE,
    "person": Point.PERSON,
    "keys": Point.JWKS,
    "discovery": Point.DISCOVERY,
}


@effect("response")
class Response(PointEffect[ResponseDraft]):
    """Sets and removes members of a JSON answer, or sends other text in its place."""

    words: ClassVar[str] = "В ответе Госуслуг не то"

    where: Literal["protocol"]
    answer: Literal["token", "person", "keys", "discovery"] = titled(
        "Который ответ",
        words={
            "token": "маркер",
            "person": "данные человека",
            "keys": "ключи",
            "discovery": "описание сервера (OpenID)",
        },
    )
    set: dict[str, Any] = Field(default={})
    remove: tuple[str, ...] = ()
    text: str | None = titled("Что прислать вместо ответа", example="{", default=None)
    """Sent as it stands: broken JSON, or JSON of another shape."""

    def points(self) -> tuple[Point, ...]:
        return (_POINTS[self.answer],)

    def details(self) -> dict[str, Any]:
        return {"answer": self.answer, "changed": [*self.set, *self.remove], "replaced": self.text is not None}

    def change(self, passage: Passage[ResponseDraft]) -> None:
        draft = passage.value
        for name, value in self.set.items():
            draft.body[name] = given(value, passage.moment.ids, draft.body.get(name))
        for name in self.remove:
            draft.body.pop(name, None)
        draft.text = self.text
