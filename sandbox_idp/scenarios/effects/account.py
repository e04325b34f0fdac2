"""Somebody's account in another state, for as long as the scenario is on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from sandbox_idp.accounts import factory, ranges
from sandbox_idp.accounts.models import Person
from sandbox_idp.accounts.regions import REGIONS
from sandbox_idp.scenarios.effects.base import Change, StateEffect, effect


def _or_none(tidy: Callable[[str], str]) -> AfterValidator:
    """An empty string stands for "none", because TOML has no word for it."""
    return AfterValidator(lambda text: tidy(text) if text else "")


def _passport(text: str) -> str:
    return "".join(ranges.passport(text))


def _region(text: str) -> str:
    if text not in REGIONS:
        raise ValueError("нужны две цифры региона, например 36")
    return text


class Wanted(BaseModel):
    """What of `accounts.factory.CHANGEABLE` is to be different; numbers are those of the training ranges (S-71)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    patronymic: Annotated[str, Field(max_length=100)] = ""
    level: Literal["simplified", "standard", "confirmed", "confirmed-signature"] = "confirmed"
    state: Literal["active", "blocked", "deleted"] = "active"
    region: Annotated[str, AfterValidator(_region)] = "77"
    snils: Annotated[str, _or_none(ranges.snils)] = ""
    inn: Annotated[str, _or_none(ranges.inn)] = ""
    phone: Annotated[str, _or_none(ranges.phone)] = ""
    mails: Annotated[list[Annotated[str, AfterValidator(ranges.mail)]], Field(max_length=5)] = []
    passport: Annotated[str, _or_none(_passport)] = ""
    policy: Annotated[str, _or_none(ranges.policy)] = ""
    sms: bool = True
    totp: bool = False
    push: bool = False
    must_change_password: bool = True
    card: bool = True
    restricted: bool = True

    def values(self) -> dict[str, Any]:
        """What was given, with None where there is to be none."""
        return {name: value if value != "" else None for name, value in self.model_dump(exclude_unset=True).items()}


@effect("account")
class Account(StateEffect):
    """The person's account is as `set` says, by the names of `Wanted` (`state`, `passport`, …)."""

    where: Literal["world"]
    set: Wanted

    @field_validator("set")
    @classmethod
    def _something(cls, given: Wanted) -> Wanted:
        if not given.model_fields_set:
            raise ValueError(f"укажите, что изменить: {', '.join(Wanted.model_fields)}")
        return given

    def details(self) -> dict[str, Any]:
        return {"set": sorted(self.set.model_fields_set)}

    def apply(self, change: Change, person: Person) -> dict[str, Any]:
        wanted = self.set.values()
        before = factory.as_it_is(change.session, person, wanted)
        factory.change(change.session, person, wanted, now=change.now, ids=change.ids)
        return {"before": before, "after": factory.as_it_is(change.session, person, wanted)}

    def restore(self, change: Change, person: Person, kept: dict[str, Any]) -> None:
        here = factory.as_it_is(change.session, person, kept["after"])
        untouched = {name: kept["before"][name] for name, value in kept["after"].items() if here[name] == value}
        if untouched:
            factory.change(change.session, person, untouched, now=change.now, ids=change.ids)
