"""The forms of the wizard: checked on the server, on submit only (U-7), each mistake in its own words on its field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, StringField
from wtforms.validators import ValidationError

from sandbox_idp.accounts import papers, ranges
from sandbox_idp.accounts.regions import REGIONS
from sandbox_idp.registration import names, profile
from sandbox_idp.registration.profile import Profile

Value = TypeVar("Value")


def _read(read: Callable[..., Value], *arguments: object) -> Value:
    """What was typed in its stored form; a NumberError becomes the field's own error."""
    try:
        return read(*arguments)
    except ranges.NumberError as error:
        raise ValidationError(error.text) from None


class StartForm(FlaskForm):
    """The first step: exactly four fields in this order, and the consent (R-005, C-01, C-19)."""

    surname = StringField("Фамилия")
    name = StringField("Имя")
    phone = StringField("Мобильный телефон")
    email = StringField("Электронная почта")
    consent = BooleanField("Согласие на обработку персональных данных")
    draft = HiddenField()
    """A random value of the page, so that a second click makes no second registration (U-17)."""

    read_surname = read_name = read_phone = read_mail = ""
    """What was typed, in its stored form, once it has been understood."""

    def validate_surname(self, field: Field) -> None:
        """Russian letters."""
        self.read_surname = _read(names.parse, field.data or "", names.SURNAME)

    def validate_name(self, field: Field) -> None:
        """Russian letters."""
        self.read_name = _read(names.parse, field.data or "", names.NAME)

    def validate_phone(self, field: Field) -> None:
        """A number of the training range."""
        self.read_phone = _read(ranges.phone, field.data or "")

    def validate_email(self, field: Field) -> None:
        """An address under .example."""
        self.read_mail = _read(ranges.mail, field.data or "")

    def validate_consent(self, field: Field) -> None:
        """Nobody can be registered without it, and nobody ticks it but the person."""
        if not field.data:
            raise ValidationError(
                "Отметьте согласие на обработку персональных данных: без него регистрация невозможна."
            )


class ProfileForm(FlaskForm):
    """The fourth step (R-069)."""

    SEXES = (("F", "Женский"), ("M", "Мужской"))
    PLACES = (("", "Выберите регион"), *((code, region.name) for code, region in REGIONS.items()))

    patronymic = StringField("Отчество")
    sex = StringField("Пол")
    birth_date = StringField("Дата рождения")
    passport = StringField("Серия и номер паспорта")
    issued_on = StringField("Дата выдачи")
    issuer_code = StringField("Код подразделения")
    issued_by = StringField("Кем выдан")
    snils = StringField("СНИЛС")
    policy = StringField("Полис ОМС")
    region = StringField("Регион")
    city = StringField("Город или посёлок")
    street = StringField("Улица")
    house = StringField("Дом")
    flat = StringField("Квартира")

    today: date
    """On the stand's clock, in Moscow."""

    def __init__(self, today: date, **options: object) -> None:
        super().__init__(**options)
        self.today = today
        self._read: dict[str, object] = {}

    def fill(self, known: Profile) -> None:
        """Show what has been given already."""
        for name, value in known.as_json().items():
            self[name].data = value
        for name in ("birth_date", "issued_on"):
            self[name].data = f"{getattr(known, name):%d.%m.%Y}"

    def profile(self) -> Profile:
        """What was typed, once all of it has been understood."""
        return Profile(**self._read)  # type: ignore[arg-type]  # each validator stores what its field holds

    def validate_patronymic(self, field: Field) -> None:
        """Not everybody has one."""
        typed = ranges.clean(field.data or "")
        self._read["patronymic"] = _read(names.parse, typed, names.PATRONYMIC) if typed else None

    def validate_sex(self, field: Field) -> None:
        """As in the passport."""
        if field.data not in ("F", "M"):
            raise ValidationError("Выберите пол, как в паспорте.")
        self._read["sex"] = field.data

    def validate_birth_date(self, field: Field) -> None:
        """From 14 years on."""
        self._read["birth_date"] = _read(profile.read_birth_date, field.data or "", self.today)

    def validate_passport(self, field: Field) -> None:
        """Of the training series."""
        self._read["passport"] = "".join(_read(ranges.passport, field.data or ""))

    def validate_issued_on(self, field: Field) -> None:
        """Judged together with the day of birth, which comes before it."""
        born = self._read.get("birth_date")
        self._read["issued_on"] = _read(papers.read_issue_date, field.data or "", born, self.today)

    def validate_issuer_code(self, field: Field) -> None:
        """Six digits."""
        self._read["issuer_code"] = _read(papers.read_issuer_code, field.data or "")

    def validate_issued_by(self, field: Field) -> None:
        """As in the passport."""
        self._words(field, "Введите, кем выдан паспорт.", "В названии органа")

    def validate_snils(self, field: Field) -> None:
        """Of the training range."""
        self._read["snils"] = _read(ranges.snils, field.data or "")

    def validate_policy(self, field: Field) -> None:
        """Can be added later."""
        typed = ranges.clean(field.data or "")
        self._read["policy"] = _read(ranges.policy, typed) if typed else None

    def validate_region(self, field: Field) -> None:
        """One of the subjects of the federation."""
        if field.data not in REGIONS:
            raise ValidationError("Выберите регион из списка.")
        self._read["region"] = field.data

    def validate_city(self, field: Field) -> None:
        """Where the person is registered."""
        self._words(field, "Введите город или посёлок.", "В названии города")

    def validate_street(self, field: Field) -> None:
        """Villages without streets write the village again."""
        self._words(field, "Введите улицу. Если улиц нет, повторите название посёлка.", "В названии улицы")

    def validate_house(self, field: Field) -> None:
        """With letter or fraction."""
        self._words(field, "Введите номер дома.", "В номере дома")

    def validate_flat(self, field: Field) -> None:
        """Houses without flats have none."""
        typed = ranges.clean(field.data or "")
        if typed:
            self._words(field, "", "В номере квартиры")
        else:
            self._read["flat"] = None

    def _words(self, field: Field, empty: str, inside: str) -> None:
        self._read[field.name] = _read(papers.read_words, field.data or "", empty, inside)


class MailForm(FlaskForm):
    """Another address for the letter with the link."""

    email = StringField("Электронная почта")

    read_mail = ""

    def validate_email(self, field: Field) -> None:
        """An address under .example."""
        self.read_mail = _read(ranges.mail, field.data or "")
