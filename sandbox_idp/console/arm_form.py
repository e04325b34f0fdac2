"""The form that arms one scenario: made from the entry's scopes and parameters, so a new entry needs no code here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice

from foundation.russian import span
from sandbox_idp.accounts.people import PersonCard
from sandbox_idp.console import words
from sandbox_idp.scenarios.entries import Entry, Parameter

PREFIX = "p_"
TTLS = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))
CHANCES = ("1", "0.75", "0.5", "0.25")


@dataclass(frozen=True)
class Arming:
    """What the form asks for, as `arming.arm` takes it."""

    scope: str
    person: str | None
    count: int | None
    ttl: timedelta
    probability: float
    parameters: dict[str, Any]


class ArmForm(FlaskForm):
    """Base of the forms; parameters are added per entry."""

    scope = SelectField("Для кого")
    count = StringField("Сколько раз")
    ttl = SelectField("Снимется само через")
    chance = SelectField("Как часто")
    entry: Entry

    def validate_count(self, field: Field) -> None:
        """Empty, or a whole number from 1."""
        text = (field.data or "").strip()
        if text and not (text.isascii() and text.isdigit() and 1 <= int(text) <= 1_000_000):
            raise ValidationError("Сколько раз: введите целое число от 1 или оставьте пустым")

    def read(self) -> Arming:
        """The values; the form must have been validated."""
        scope, _, person = self.scope.data.partition(":")
        count = (self.count.data or "").strip()
        parameters = {
            name: _value(parameter, self._fields[PREFIX + name].data)
            for name, parameter in self.entry.parameters.items()
        }
        return Arming(
            scope=scope,
            person=person or None,
            count=int(count) if count else None,
            ttl=timedelta(seconds=int(self.ttl.data)),
            probability=float(self.chance.data),
            parameters=parameters,
        )

    def refuse(self, name: str, reason: str) -> None:
        """Put what the engine said beside the field it concerns."""
        field = self._fields.get(name) or self._fields.get(PREFIX + name) or self.scope
        field.errors = [*field.errors, reason]

    def parameter_fields(self) -> list[Field]:
        """The fields of the entry's parameters, in their order."""
        return [self._fields[PREFIX + name] for name in self.entry.parameters]


def arm_form(entry: Entry, people: Sequence[PersonCard]) -> ArmForm:
    """The form of `entry`, filled from the request if one was sent, else with the defaults."""
    assert entry.arming is not None
    fields = {PREFIX + name: _field(parameter) for name, parameter in entry.parameters.items()}
    kind = cast("type[ArmForm]", type("ArmFormOfEntry", (ArmForm,), {**fields, "entry": entry}))
    default_ttl = int(entry.arming.ttl.total_seconds())
    scope: str = "next-sign-in" if entry.arming.default == "person" else entry.arming.default
    if scope not in entry.arming.scopes:
        scope = f"person:{people[0].id}" if people else entry.arming.default
    chance = f"{entry.arming.probability:g}"
    defaults: dict[str, Any] = {"scope": scope, "ttl": str(default_ttl), "chance": chance, "count": ""}
    for name, parameter in entry.parameters.items():
        defaults[PREFIX + name] = _text(parameter.default)
    form = kind(data=defaults)
    form.scope.choices = _scopes(entry, people)
    lengths = sorted({default_ttl, *(int(each.total_seconds()) for each in TTLS)})
    form.ttl.choices = [SelectChoice(str(seconds), span(seconds)) for seconds in lengths]
    form.chance.choices = [
        SelectChoice(each, f"{float(each):.0%}" if each != "1" else "каждый раз")
        for each in sorted({*CHANCES, chance}, key=float, reverse=True)
    ]
    return form


def _scopes(entry: Entry, people: Sequence[PersonCard]) -> list[SelectChoice]:
    assert entry.arming is not None
    whole = [scope for scope in ("next-sign-in", "everyone") if scope in entry.arming.scopes]
    choices = [SelectChoice(str(scope), words.SCOPES[scope]) for scope in whole]
    if "person" in entry.arming.scopes:
        choices += [SelectChoice(f"person:{person.id}", person.short_name) for person in people]
    return choices


def _field(parameter: Parameter) -> Any:
    options = (True, False) if parameter.type == "boolean" else parameter.enum
    if options is not None:
        choices = [SelectChoice(_text(each), words.value_words(each)) for each in options]
        return SelectField(parameter.title, choices=choices)
    return StringField(parameter.title, validators=[_fits(parameter)])


def _fits(parameter: Parameter) -> Any:
    def check(_form: Any, field: Any) -> None:
        value = _value(parameter, field.data)
        problem = "введите число" if value is None else parameter.problem_with(value)
        if problem:
            raise ValidationError(f"{parameter.title}: {problem}")

    return check


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(parameter: Parameter, text: str | None) -> Any:
    """The typed value of what the form sent; None for what is not a number where one is due."""
    text = (text or "").strip()
    if parameter.type == "boolean":
        return text == "true"
    if parameter.type == "string":
        return text
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    return int(number) if parameter.type == "integer" and number.is_integer() else number
