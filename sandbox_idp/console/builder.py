"""The form that puts a scenario together: made of a kind of effect and its main fields, so a new kind needs no code.

What comes out is the text of a file, which can be written further by hand before it is kept.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from typing import Any, Literal, cast

from flask_wtf import FlaskForm
from pydantic import ValidationError as Unfit
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from wtforms import Field, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice

from sandbox_idp.console import words
from sandbox_idp.scenarios.effects.base import KINDS, Effect, RequestEffect
from sandbox_idp.scenarios.effects.unreachable import WireEffect
from sandbox_idp.scenarios.files import mistakes
from sandbox_idp.scenarios.writing import id_for, toml_text

PREFIX = "e_"
PLACES = {
    "sandbox_idp back": "Госуслуги: запросы портала (с сервера на сервер)",
    "sandbox_idp front": "Госуслуги: страницы в браузере",
    "sandbox_idp both": "Госуслуги: всё",
    "portal front": "Портал: страницы в браузере",
}
PATHS = {
    "/aas/oauth2/te": "обмен кода на маркер",
    "/rs/prns/*": "данные человека",
    "/aas/oauth2/ac": "начало входа на Госуслугах",
    "/login": "вход на портале",
    "/login/callback": "возвращение на портал",
    "/home": "главная страница портала",
}
"""Paths to choose from; any other can be typed."""
TTLS = {"PT5M": "5 минут", "PT30M": "30 минут", "PT2H": "2 часа", "PT8H": "8 часов"}


class BuilderForm(FlaskForm):
    """Base of the forms; the fields of the effect are added per kind."""

    title = StringField("Название")
    story = TextAreaField("Что случилось")
    at = SelectField("Где человек это увидит", choices=[SelectChoice(*each) for each in words.PLACES.items()])
    screen = StringField("Экран")
    heading = StringField("Заголовок на экране")
    texts = TextAreaField("Что там написано")
    by = SelectField("Как это проходит", choices=[SelectChoice(*each) for each in words.RECOVERS_BY.items()])
    note = StringField("Что тогда сделать")
    scope = SelectField(
        "Для кого включать", choices=[SelectChoice(each, words.SCOPES[each]) for each in ("next-sign-in", "everyone")]
    )
    ttl = SelectField("Снимется само через", choices=[SelectChoice(*each) for each in TTLS.items()])
    kind: str
    effect: type[Effect]

    def validate_title(self, field: Field) -> None:
        """Something, and not too long for the list."""
        _need(field, "Назовите сценарий, например «Маркер не выдан»", 120)

    def validate_story(self, field: Field) -> None:
        """One paragraph."""
        _need(field, "Напишите в двух словах, что случилось", 600)

    def validate_note(self, field: Field) -> None:
        """One sentence."""
        _need(field, "Напишите, что сделать, чтобы вход получился", 300)

    def validate_texts(self, field: Field) -> None:
        """Texts need a screen to be found on."""
        if _split(field.data) and not (self.screen.data or "").strip():
            raise ValidationError("Укажите экран, на котором это написано, или сотрите тексты")

    def validate(self, extra_validators: Any = None) -> bool:
        """Also whether the effect fits its class; what does not is told beside its field."""
        fits: bool = super().validate(extra_validators)
        try:
            self.effect.model_validate(self._effect())
        except Unfit as error:
            for keys, message in mistakes(error):
                name = PREFIX + str(keys[0]) if keys else ""
                field = self._fields.get("path" if keys and keys[0] == "match" else name, self.title)
                field.errors = [*field.errors, f"{field.label.text}: {message.partition(': ')[2] or message}"]
            return False
        return fits

    def effect_fields(self) -> list[Field]:
        """The main fields of the kind, in their order."""
        return [self._fields[PREFIX + name] for name in main_fields(self.effect)]

    def text(self, taken: Iterable[str]) -> str:
        """The file; the form must have been validated. `taken`: ids that others have."""
        at_portal = (self.data.get("place") or "").startswith("portal")
        sees = {
            "at": self.at.data,
            "screen": (self.screen.data or "").strip(),
            "heading": (self.heading.data or "").strip(),
            "texts": _split(self.texts.data),
            "session": "none",
        }
        return toml_text(
            {
                "id": id_for(self.title.data, taken),
                "title": self.title.data.strip(),
                "group": "F" if at_portal else "D",
                "cause": 4 if at_portal else 3,
                "side": "portal" if at_portal else "gosuslugi",
                "stage": "page" if at_portal else "authorize",
                "story": " ".join(self.story.data.split()),
                "sees": {name: value for name, value in sees.items() if value},
                "recovers": {"by": self.by.data, "note": " ".join(self.note.data.split()), "ends_at": "/home"},
                "effects": [self._effect()],
                "arming": {
                    "scopes": ["next-sign-in", "person", "everyone"],
                    "default": self.scope.data,
                    "ttl": self.ttl.data,
                },
            }
        )

    def _effect(self) -> dict[str, Any]:
        table: dict[str, Any] = {"kind": self.kind, "where": where_of(self.effect)}
        if "place" in self._fields:
            program, channel = (self._fields["place"].data or "sandbox_idp back").split(" ")
            table |= {"program": program, "channel": channel}
            path = (self._fields["path"].data or "").strip()
            if path:
                table["match"] = {"path": path}
        for name, info in main_fields(self.effect).items():
            value = _value(info, self._fields[PREFIX + name].data)
            if value is not None:
                table[name] = value
        return table


def offered() -> dict[str, str]:
    """Kinds that can be put together here, with what a trainer calls them."""
    return {kind: cls.words for kind, cls in KINDS.items() if cls.words}


def main_fields(effect: type[Effect]) -> dict[str, FieldInfo]:
    """The fields of a kind that a trainer is asked for."""
    return {name: info for name, info in effect.model_fields.items() if info.title}


def where_of(effect: type[Effect]) -> str:
    """The one place where effects of this kind act."""
    return str(typing.get_args(effect.model_fields["where"].annotation)[0])


def builder_form(kind: str) -> BuilderForm:
    """The form of a kind, filled from the request, else with examples. KeyError if the kind is not offered."""
    effect = KINDS[kind]
    if not effect.words:
        raise KeyError(kind)
    fields: dict[str, Any] = {PREFIX + name: _field(info) for name, info in main_fields(effect).items()}
    if issubclass(effect, RequestEffect):
        fields["place"] = SelectField("Чьи запросы", choices=[SelectChoice(*each) for each in PLACES.items()])
        fields["path"] = StringField("Какой адрес")
    made = cast(
        "type[BuilderForm]", type("BuilderFormOfKind", (BuilderForm,), {**fields, "kind": kind, "effect": effect})
    )
    defaults: dict[str, Any] = {"at": "portal", "by": "heal", "scope": "next-sign-in", "ttl": "PT30M"}
    if issubclass(effect, RequestEffect | WireEffect):
        defaults["screen"] = "gosuslugi-failed"
    for name, info in main_fields(effect).items():
        defaults[PREFIX + name] = _example(info)
    return made(data=defaults)


def _field(info: FieldInfo) -> Any:
    label = str(info.title)
    if typing.get_origin(info.annotation) is Literal:
        extra = info.json_schema_extra
        known = cast("dict[str, str]", extra.get("words", {})) if isinstance(extra, dict) else {}
        choices = [SelectChoice(each, known.get(each, each)) for each in typing.get_args(info.annotation)]
        return SelectField(label, choices=choices)
    if info.annotation is bool:
        return SelectField(label, choices=[SelectChoice("false", "нет"), SelectChoice("true", "да")])
    return StringField(label)


def _example(info: FieldInfo) -> str | None:
    value = info.examples[0] if info.examples else info.default
    if value is None or value is PydanticUndefined:
        return None
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _value(info: FieldInfo, text: str | None) -> Any:
    """What was typed, as the field's type; what is none of it stays text, and the effect's class refuses it."""
    text = (text or "").strip()
    if not text:
        return None
    kinds = _types(info)
    if bool in kinds:
        return text == "true"
    if kinds & {int, float}:
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            return text
        return int(number) if number.is_integer() and abs(number) < 1e15 else number
    return text


def _types(info: FieldInfo) -> set[Any]:
    annotation = info.annotation
    return set(typing.get_args(annotation)) if isinstance(annotation, types.UnionType) else {annotation}


def _need(field: Field, words_if_empty: str, longest: int) -> None:
    text = (field.data or "").strip()
    if not text:
        raise ValidationError(words_if_empty)
    if len(text) > longest:
        raise ValidationError(f"{field.label.text}: не больше {longest} знаков")
    if not all(character.isprintable() or character.isspace() for character in text):
        raise ValidationError(f"{field.label.text}: уберите невидимые знаки")


def _split(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
