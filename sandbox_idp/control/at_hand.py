"""A stand as the calls of several rooms tell of it."""

from __future__ import annotations

from sandbox_idp.context import Stand
from sandbox_idp.control import stands
from sandbox_idp.control.guard import house, settings
from sandbox_idp.control.problems import ProblemError


def stand_answer(stand: Stand) -> stands.StandAnswer:
    """The stand with its time. ProblemError 404 `unknown-stand` if it is gone by now."""
    record = house().record(stand.id)
    if record is None:
        raise ProblemError(404, "unknown-stand", f"Нет стенда «{stand.id}».")
    return stands.stand_answer(stand, record, settings())


def new_stand_answer(stand: Stand, token: str) -> stands.NewStandAnswer:
    """A stand just made, with its token."""
    return stands.NewStandAnswer(token=token, **dict(stand_answer(stand)))
