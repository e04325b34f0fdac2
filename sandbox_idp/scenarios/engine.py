"""The scenario engine as the other rooms see it: values pass through it, and it is told what people did."""

from __future__ import annotations

from typing import Any, TypeVar

from sandbox_idp.scenarios.points import Point

Value = TypeVar("Value")


def transform(point: Point, value: Value) -> Value:
    """Let the armed effects of the sign-in at hand act on `value`, which is returned (changed or not)."""
    return value


def act(name: str, **details: Any) -> None:
    """Note in the journal what a person did, such as `password-wrong`; entries of trigger `person` watch for it."""
