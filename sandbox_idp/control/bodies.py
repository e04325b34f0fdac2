"""Bodies and queries that the control API accepts. Strict: an unknown name or another type is refused with its path."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

import pydantic_core
from flask import request
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from werkzeug.exceptions import RequestEntityTooLarge

from sandbox_idp.accounts.personas import BY_ID
from sandbox_idp.control.problems import ProblemError, Wrong, from_validation, invalid, pointer

LONGEST_WAIT = 30
ZIP = "application/zip"
TOML = "application/toml"
TEXT = "text/plain"
LONGEST_LIFE = timedelta(days=30)
LONGEST = timedelta(days=3650)
LAST_MOMENT = datetime(2100, 1, 1, tzinfo=UTC)
"""No time on a stand lies after it, so that adding to one never leaves the calendar."""
LARGEST = 2**53 - 1
"""The largest number that every JSON reader takes as it is (RFC 8259, section 6)."""
LARGEST_ROW = 2**31 - 1
"""The largest number of a message, a line or a sign-in: that of PostgreSQL's integer."""
_LENGTH = TypeAdapter(timedelta)


def _positive(value: Any) -> timedelta:
    """ISO 8601 only: a bare number would leave open whether seconds or minutes are meant."""
    if not isinstance(value, str) or not value.lstrip("+-").startswith("P"):
        raise ValueError("Нужна длительность ISO 8601, например PT6M.")
    try:
        length = _LENGTH.validate_python(value)
    except ValidationError:
        raise ValueError("Нужна длительность ISO 8601, например PT6M.") from None
    if length <= timedelta(0):
        raise ValueError("Нужна длительность больше нуля.")
    if length > LONGEST:
        raise ValueError(f"Не больше {LONGEST.days} дней: P{LONGEST.days}D.")
    return length


def not_too_long(value: timedelta) -> timedelta:
    """A stand's life; ValueError above the longest."""
    if value > LONGEST_LIFE:
        raise ValueError("Не больше 30 дней: P30D.")
    return value


def _moment(value: datetime) -> datetime:
    if not datetime(2000, 1, 1, tzinfo=UTC) <= value <= LAST_MOMENT:
        raise ValueError("Подходит время с 2000 по 2099 год.")
    return value


def words(text: str) -> str:
    """What people will read, without blanks around it; ValueError without a visible character or with a hidden one."""
    stripped = text.strip()
    if not stripped:
        raise ValueError("Введите хотя бы одну букву.")
    if any(unicodedata.category(character).startswith("C") for character in stripped):
        raise ValueError("Уберите невидимые знаки.")
    return stripped


PositiveDuration = Annotated[
    timedelta,
    BeforeValidator(_positive),
    WithJsonSchema({"type": "string", "format": "duration", "examples": ["PT6M"]}),
]
Moment = Annotated[AwareDatetime, AfterValidator(_moment)]
"""A time with its zone."""
Life = Annotated[PositiveDuration, AfterValidator(not_too_long)]
"""How long a stand lives."""


def _label(text: str) -> str:
    if not text.isprintable():
        raise ValueError("Уберите невидимые знаки.")
    return text


Label = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_label)]
"""What a stand or a snapshot is called."""


class Body(BaseModel):
    """Base of every body."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def examples(*bodies: dict[str, Any]) -> ConfigDict:
    """Configuration of a body whose schema shows these examples."""
    return ConfigDict(json_schema_extra={"examples": list(bodies)})


def _without_defaults(schema: dict[str, Any], model: type[Wish]) -> None:
    for each in schema["properties"].values():
        each.pop("default", None)
    schema["examples"] = list(model.EXAMPLES)


class Wish(Body):
    """Base of bodies whose fields count only if they were sent: what stands in their place is not told as default."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)
    EXAMPLES: ClassVar[tuple[dict[str, Any], ...]] = ()

    def has(self, name: str) -> bool:
        """Whether the field was sent."""
        return name in self.model_fields_set


class Limits(Body):
    """The stand's own time limits towards Gosuslugi (`docs/settings.md`)."""

    ESIA_CONNECT_TIMEOUT: PositiveDuration | None = None
    ESIA_READ_TIMEOUT: PositiveDuration | None = None
    ESIA_TOTAL_TIMEOUT: PositiveDuration | None = None

    def seconds(self) -> dict[str, float]:
        """What is set, in seconds."""
        return {name: value.total_seconds() for name, value in self if value is not None}

    @staticmethod
    def fit(seconds: dict[str, float]) -> bool:
        """Whether these could have been set: known names, lengths above zero."""
        return set(seconds) <= set(Limits.model_fields) and all(0 < each < 86_400 for each in seconds.values())


def _personas(names: list[str]) -> list[str]:
    unknown = [name for name in names if name not in BY_ID]
    if unknown:
        raise ValueError(f"Нет таких персонажей: {', '.join(unknown)}. Есть: {', '.join(BY_ID)}.")
    return list(dict.fromkeys(names))


_PERSONAS = {"type": "array", "items": {"type": "string", "enum": list(BY_ID)}}


class NewStandBody(Body):
    """`POST /stands`."""

    model_config = examples({"name": "Класс 12", "ttl": "PT2H", "limits": {"ESIA_TOTAL_TIMEOUT": "PT1.5S"}})

    name: Label | None = None
    ttl: Life | None = None
    limits: Limits = Limits()
    personas: Annotated[list[str], AfterValidator(_personas), WithJsonSchema(_PERSONAS)] | None = Field(
        None, description="those of the twelve that the stand keeps, also after a reset; all unless given"
    )
    snapshot: str | None = Field(
        None, min_length=1, max_length=80, description="begin as a copy of this moment of another stand"
    )


_SCOPE = {
    "anyOf": [
        {"enum": ["everyone", "next-sign-in"], "type": "string"},
        {
            "additionalProperties": False,
            "properties": {
                "person": {"anyOf": [{"minLength": 1, "type": "string"}, {"type": "integer"}], "examples": ["anna"]}
            },
            "required": ["person"],
            "type": "object",
        },
        {"type": "null"},
    ]
}


class ArmBody(Body):
    """`PUT …/scenarios/{id}`. `scope` is read by `read_scope`."""

    model_config = examples({"scope": {"person": "anna"}, "count": 1}, {"scope": "next-sign-in", "ttl": "PT30M"})

    scope: Annotated[Any, WithJsonSchema(_SCOPE)] = None
    count: int | None = Field(None, ge=1, le=1_000_000)
    ttl: PositiveDuration | None = None
    probability: float | None = Field(None, gt=0, le=1, strict=False)
    seed: int | None = Field(None, ge=0, le=LARGEST)
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    parameters: dict[str, Any] = {}

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError("ends_at должен быть позже starts_at.")
        return self


class ClockBody(Body):
    """`POST …/clock`: exactly one of the three."""

    model_config = examples({"advance": "PT6M"}, {"freeze": True})

    advance: PositiveDuration | None = None
    set: Moment | None = None
    freeze: bool | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.advance, self.set, self.freeze)) != 1:
            raise ValueError("Нужно ровно одно поле из трёх: advance, set, freeze.")
        return self


class SignInBody(Body):
    """`POST …/sign-ins`: who signs in for which authorization request, and what is decided on the consent page."""

    model_config = examples({"authorize_url": "http://127.0.0.1:9000/aas/oauth2/ac?client_id=…", "person": "anna"})

    authorize_url: str = Field(max_length=16_000)
    person: str = Field(max_length=80, pattern=r"^[\w-]+$")
    consent: Literal["grant", "refuse"] = "grant"
    withhold: list[str] = []


class Nothing(Body):
    """A call without a body: none, or an empty object."""


class NoQuery(BaseModel):
    """A call without a query."""

    model_config = ConfigDict(extra="forbid")


class InboxQuery(NoQuery):
    """`GET …/inbox`."""

    to: str | None = Field(None, description="a phone or an address", examples=["+70001000001"])
    kind: str = Field("", description="some of sms, push, mail, with commas between", examples=["sms,push"])
    after: int | None = Field(None, ge=0, le=LARGEST_ROW, description="id of the last message seen")
    wait: float = Field(0, ge=0, le=LONGEST_WAIT, description="seconds of real time")


class CaptchaQuery(NoQuery):
    """`GET …/captcha`."""

    key: str = Field(
        min_length=1, max_length=100, pattern=r"^[\w-]+$", description="`captcha_key` of the form that shows it"
    )


class JournalQuery(NoQuery):
    """`GET …/journal`."""

    since: int = Field(0, ge=0, le=LARGEST_ROW, description="id of the last line seen")
    sign_in: int | None = Field(None, ge=1, le=LARGEST_ROW)
    wait: float = Field(0, ge=0, le=LONGEST_WAIT, description="seconds of real time")


BodyType = TypeVar("BodyType", bound=Body)
QueryType = TypeVar("QueryType", bound=NoQuery)


def read_body(kind: type[BodyType]) -> BodyType:
    """The request's body as `kind`; an empty one counts as `{}`. Raises ProblemError."""
    raw = request.get_data()
    if raw and request.mimetype != "application/json":
        raise ProblemError(415, "not-json", "Тело запроса должно быть JSON: Content-Type: application/json.")
    try:
        body = kind.model_validate_json(raw or b"{}")
        loose = pydantic_core.from_json(raw or b"{}", allow_inf_nan=False)
    except ValidationError as error:
        raise from_validation(error) from None
    except ValueError:
        raise invalid([Wrong("", "Это не JSON: NaN и Infinity в нём не бывает.")]) from None
    _refuse_nul(_nul(loose))
    return body


@dataclass(frozen=True)
class FileKind:
    """A kind of file that a call takes in place of a body."""

    media_types: tuple[str, ...]
    largest: int
    """Bytes."""
    refusal: str
    """The code of the 415 for any other kind."""


def read_file(kind: FileKind) -> bytes:
    """The request's body as a file of that kind. Raises ProblemError."""
    if request.mimetype not in kind.media_types:
        wanted = " или ".join(kind.media_types)
        raise ProblemError(415, kind.refusal, f"Тело запроса должно быть файлом: Content-Type: {wanted}.")
    request.max_content_length = kind.largest
    try:
        return request.get_data()
    except RequestEntityTooLarge:
        raise ProblemError(413, "too-large", f"Файл больше {kind.largest // 1024} КиБ.") from None


def read_query(kind: type[QueryType]) -> QueryType:
    """The request's query as `kind`. Raises ProblemError, also for a name given twice."""
    doubled = [name for name, values in request.args.lists() if len(values) > 1]
    if doubled:
        raise invalid(Wrong(pointer(name), "Параметр указан дважды.") for name in doubled)
    _refuse_nul(_nul(request.args.to_dict()))
    try:
        return kind.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise from_validation(error) from None


def _nul(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where in `value` there is a NUL character, which no database keeps."""
    if isinstance(value, str):
        if "\0" in value:
            yield path
    elif isinstance(value, dict):
        for name, each in value.items():
            if "\0" in name:
                yield (*path, name.replace("\0", ""))
            yield from _nul(each, (*path, name))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _nul(each, (*path, number))


def _refuse_nul(found: Iterator[tuple[str | int, ...]]) -> None:
    wrong = [Wrong(pointer(*path), "Уберите нулевой символ.") for path in found]
    if wrong:
        raise invalid(wrong)


ScopeWord = Literal["everyone", "next-sign-in", "person"]


def read_scope(value: Any) -> tuple[ScopeWord | None, str | None]:
    """`"everyone"`, `"next-sign-in"` or `{"person": id}` as (scope, person); (None, None) for the entry's default."""
    if value is None:
        return None, None
    if value in ("everyone", "next-sign-in"):
        return value, None
    if isinstance(value, dict):
        unknown = [name for name in value if name != "person"]
        if unknown:
            raise invalid(Wrong(pointer("scope", name), "Такого поля нет.") for name in unknown)
        person = value.get("person")
        if isinstance(person, str) and person:
            return "person", person
        if isinstance(person, int) and not isinstance(person, bool):
            return "person", str(person)
        raise invalid([Wrong("/scope/person", "Нужен id человека: строка.")])
    raise invalid([Wrong("/scope", 'Нужно "everyone", "next-sign-in" или {"person": id}.')])


def read_kinds(text: str) -> tuple[str, ...]:
    """`sms,push` as a tuple; ProblemError for an unknown one."""
    kinds = tuple(part for part in text.split(",") if part)
    unknown = [kind for kind in kinds if kind not in ("sms", "push", "mail")]
    if unknown:
        raise invalid([Wrong("/kind", f"Нет такого вида сообщений: {', '.join(unknown)}. Есть sms, push, mail.")])
    return kinds
