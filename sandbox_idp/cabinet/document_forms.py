"""The forms of «Мои документы»: one a document, each mistake in its own words (U-10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import ValidationError

from sandbox_idp.accounts import papers, ranges

Read = TypeVar("Read")


def read(reader: Callable[..., Read], *typed: Any) -> Read:
    """What `reader` makes of it; its error becomes the field's."""
    try:
        return reader(*typed)
    except ranges.NumberError as error:
        raise ValidationError(error.text) from None


class DocumentForm(FlaskForm):
    """Base: `paper` holds the columns of `Document` once all fields have been understood."""

    def __init__(self, born: date, today: date, **options: Any) -> None:
        """`born` and `today` (on the stand's clock, in Moscow) decide which passport is in force."""
        super().__init__(**options)
        self.born = born
        self.today = today
        self.paper: dict[str, Any] = {}


class PassportForm(DocumentForm):
    """Series and number, and what else a passport says (R-014)."""

    passport = StringField("Серия и номер паспорта")
    issued_on = StringField("Дата выдачи")
    issuer_code = StringField("Код подразделения")
    issued_by = StringField("Кем выдан")

    def validate_passport(self, field: Field) -> None:
        """Ten digits of the training series."""
        self.paper["series"], self.paper["number"] = read(ranges.passport, field.data or "")

    def validate_issued_on(self, field: Field) -> None:
        """The passport in force at the person's age."""
        self.paper["issued_on"] = read(papers.read_issue_date, field.data or "", self.born, self.today)

    def validate_issuer_code(self, field: Field) -> None:
        """Six digits."""
        self.paper["issuer_code"] = read(papers.read_issuer_code, field.data or "")

    def validate_issued_by(self, field: Field) -> None:
        """As in the passport."""
        self.paper["issued_by"] = read(papers.read_issuer, field.data or "")


class SnilsForm(DocumentForm):
    """Eleven digits of the training range."""

    snils = StringField("Номер СНИЛС")

    def validate_snils(self, field: Field) -> None:
        """With check digits above 001-001-998."""
        self.paper["number"] = read(ranges.snils, field.data or "")


class PolicyForm(DocumentForm):
    """Sixteen digits of the training range."""

    policy = StringField("Номер полиса ОМС")

    def validate_policy(self, field: Field) -> None:
        """With Luhn's check digit."""
        self.paper["number"] = read(ranges.policy, field.data or "")


class InnForm(DocumentForm):
    """Twelve digits of the training range; whoever has none leaves it out."""

    inn = StringField("ИНН")

    def validate_inn(self, field: Field) -> None:
        """With both check digits; empty takes it out again."""
        typed = ranges.clean(field.data or "")
        self.paper["number"] = read(ranges.inn, typed) if typed else None


FORMS: dict[str, type[DocumentForm]] = {
    "passport": PassportForm,
    "snils": SnilsForm,
    "policy": PolicyForm,
    "inn": InnForm,
}
"""By the kinds of `documents`."""
