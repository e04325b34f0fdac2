"""A token that must not be trusted."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from sandbox_idp.scenarios.effects.base import Moment, Passage, PointEffect, effect, given, titled
from sandbox_idp.scenarios.points import Point, TokenDraft

_POINTS = {
    "id": (Point.ID_TOKEN,),
    "access": (Point.ACCESS_TOKEN,),
    "both": (Point.ID_TOKEN, Point.ACCESS_TOKEN),
    "code": (Point.CODE,),
}


class Members(BaseModel):
    """Members of the header or of the claims to set and to leave out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    set: dict[str, Any] = {}
    remove: tuple[str, ...] = ()

    def change(self, members: dict[str, Any], moment: Moment) -> None:
        """Do so in `members`."""
        for name, value in self.set.items():
            members[name] = given(value, moment.ids, members.get(name))
        for name in self.remove:
            members.pop(name, None)


@effect("jwt")
class Jwt(PointEffect[TokenDraft]):
    """Changes header, claims or signature of the id token, the access token or both, or of ESIA's code."""

    words: ClassVar[str] = "Маркеру нельзя верить"

    where: Literal["protocol"]
    token: Literal["id", "access", "both", "code"] = titled(
        "Который маркер",
        words={"id": "идентификации", "access": "доступа", "both": "оба", "code": "код возвращения"},
    )
    signature: Literal["own", "broken", "foreign", "garbage", "rotated"] = titled(
        "Подпись",
        words={
            "own": "настоящая",
            "broken": "испорчена",
            "foreign": "чужим ключом",
            "garbage": "мусор",
            "rotated": "новым ключом",
        },
        default="own",
    )
    header: Members = Members()
    claims: Members = Members()

    def points(self) -> tuple[Point, ...]:
        return _POINTS[self.token]

    def details(self) -> dict[str, Any]:
        changed = [*self.header.set, *self.header.remove, *self.claims.set, *self.claims.remove]
        return {"marker": self.token, "signature": self.signature, "changed": changed}

    def change(self, passage: Passage[TokenDraft]) -> None:
        self.header.change(passage.value.header, passage.moment)
        self.claims.change(passage.value.claims, passage.moment)
        if self.signature != "own":
            passage.value.signing = self.signature
