"""Somebody's account in another state, for as long as the scenario is on."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from sandbox_idp.accounts import factory
from sandbox_idp.accounts.models import Person
from sandbox_idp.scenarios.effects.base import Change, StateEffect, effect

Value = str | bool | int | list[str] | None


@effect("account")
class Account(StateEffect):
    """The person's account is as `set` says, by the names of `accounts.factory.CHANGEABLE` (`state`, `passport`, …).

    An empty string stands for "none", because TOML has no word for it.
    """

    where: Literal["world"]
    set: dict[str, Value] = Field(min_length=1)

    @field_validator("set")
    @classmethod
    def _names_are_known(cls, given: dict[str, Value]) -> dict[str, Value]:
        unknown = set(given) - factory.CHANGEABLE
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))}: known are {', '.join(sorted(factory.CHANGEABLE))}")
        return given

    def details(self) -> dict[str, Any]:
        return {"set": sorted(self.set)}

    def apply(self, change: Change, person: Person) -> dict[str, Any]:
        wanted = {name: value if value != "" else None for name, value in self.set.items()}
        before = factory.as_it_is(change.session, person, wanted)
        factory.change(change.session, person, wanted, now=change.now, ids=change.ids)
        return {"before": before, "after": factory.as_it_is(change.session, person, wanted)}

    def restore(self, change: Change, person: Person, kept: dict[str, Any]) -> None:
        here = factory.as_it_is(change.session, person, kept["after"])
        untouched = {name: kept["before"][name] for name, value in kept["after"].items() if here[name] == value}
        if untouched:
            factory.change(change.session, person, untouched, now=change.now, ids=change.ids)
