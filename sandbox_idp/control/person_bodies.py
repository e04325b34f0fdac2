"""Bodies of the account factory: everything may be left out; what is there must lie in the training ranges (S-72)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from sandbox_idp.accounts import ranges
from sandbox_idp.accounts.regions import REGIONS, ZONES
from sandbox_idp.control.bodies import Body, Wish, examples, words

OLDEST = date(1900, 1, 1)

Level = Literal["simplified", "standard", "confirmed", "confirmed-signature"]
State = Literal["active", "blocked", "deleted"]
Factor = Literal["sms", "totp", "push"]
Gender = Literal["F", "M"]


def _passport(text: str) -> str:
    return "".join(ranges.passport(text))


def _region(text: str) -> str:
    if text not in REGIONS:
        raise ValueError("Нет такого региона: нужны две цифры субъекта федерации, например 36.")
    return text


def _zone(text: str) -> str:
    if text not in ZONES:
        raise ValueError(f"Нет такой зоны. Есть: {', '.join(ZONES)}.")
    return text


def _born(day: date) -> date:
    if day < OLDEST:
        raise ValueError("Подходит дата рождения с 1900 года.")
    return day


def _different(values: list[str]) -> list[str]:
    if len(set(values)) != len(values):
        raise ValueError("Одно и то же указано дважды.")
    return values


def _number(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(words)]
Phone = Annotated[str, AfterValidator(ranges.phone), _number(r"^\+7000[0-9]{7}$", "+70002000000")]
Mail = Annotated[
    str, AfterValidator(ranges.mail), _number(r"^[a-z0-9]{1,30}@[a-z]{1,20}\.example$", "a@pochta.example")
]
Snils = Annotated[str, AfterValidator(ranges.snils), _number(r"^000[0-9]{8}$", "00010010110")]
Inn = Annotated[str, AfterValidator(ranges.inn), _number(r"^00[0-9]{10}$", "001000011100")]
Passport = Annotated[str, AfterValidator(_passport), _number(r"^000[01][0-9]{6}$", "0000200103")]
Policy = Annotated[str, AfterValidator(ranges.policy), _number(r"^0000[0-9]{12}$", "0000100000000370")]
RegionCode = Annotated[str, AfterValidator(_region), WithJsonSchema({"type": "string", "enum": list(REGIONS)})]
Zone = Annotated[str, AfterValidator(_zone), WithJsonSchema({"type": "string", "enum": list(ZONES)})]
BirthDate = Annotated[date, AfterValidator(_born)]
Factors = Annotated[list[Factor], Field(max_length=3), AfterValidator(_different)]
Mails = Annotated[list[Mail], Field(max_length=5), AfterValidator(_different)]
Password = Annotated[str, Field(min_length=1, max_length=128)]


class BirthCertificateBody(Body):
    """A birth certificate: `I-АА` to `I-ЯЯ`, number 000ddd."""

    model_config = examples({"series": "I-ЛА", "number": "000123"})

    series: str = Field(max_length=20)
    number: str = Field(max_length=20)

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        self.stored()
        return self

    def stored(self) -> tuple[str, str]:
        """In the form in which it is stored."""
        return ranges.birth_certificate(self.series, self.number)


class ChildBody(Wish):
    """A child. What is left out is made up; `null` means that there is none."""

    EXAMPLES = ({"birth_date": "2018-09-10", "policy": None},)

    surname: Name = ""
    name: Name = ""
    patronymic: Name | None = None
    gender: Gender = "F"
    birth_date: BirthDate = OLDEST
    snils: Snils | None = None
    policy: Policy | None = None
    birth_certificate: BirthCertificateBody | None = None


class PersonBody(Wish):
    """A person. What is left out is made up (POST) or stays (PATCH); `null` means that there is none."""

    EXAMPLES = (
        {"level": "standard", "policy": None, "factors": ["totp"]},
        {"surname": "Ручьёва", "birth_date": "1990-05-26", "children": [{}]},
        {"state": "blocked"},
    )

    surname: Name = ""
    name: Name = ""
    patronymic: Name | None = None
    gender: Gender = "F"
    birth_date: BirthDate = OLDEST
    level: Level = "confirmed"
    state: State = "active"
    region: RegionCode = "36"
    zone: Zone = "Europe/Moscow"
    phone: Phone | None = None
    mails: Mails = Field([])
    snils: Snils | None = None
    inn: Inn | None = None
    passport: Passport | None = Field(None, description="series and number together")
    policy: Policy | None = None
    factors: Factors = Field([], description="second factors that are switched on")
    password: Password = ""
    children: list[ChildBody] = Field([], max_length=10)
