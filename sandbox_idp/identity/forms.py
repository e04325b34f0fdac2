"""The forms of the confirmation: the contact that must be the cabinet's, a card from the list, a code."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import ValidationError

from sandbox_idp.accounts import ranges
from sandbox_idp.cabinet.document_forms import read
from sandbox_idp.identity.confirmations import CARDS
from sandbox_idp.sign_in.forms import CodeForm


class PhoneForm(FlaskForm):
    """The phone of the account, typed once more (R-099)."""

    contact = StringField("Мобильный телефон из профиля")
    read_contact = ""

    def validate_contact(self, field: Field) -> None:
        """A phone of the training range; whether it is the right one the page says."""
        self.read_contact = read(ranges.phone, field.data or "")


class MailForm(FlaskForm):
    """The address of the account, typed once more (R-099)."""

    contact = StringField("Электронная почта из профиля")
    read_contact = ""

    def validate_contact(self, field: Field) -> None:
        """An address under .example; whether it is the right one the page says."""
        self.read_contact = read(ranges.mail, field.data or "")


class CardForm(FlaskForm):
    """One of the demo cards; there is no field for a number (R-076)."""

    card = StringField("Учебная карта")

    def validate_card(self, field: Field) -> None:
        """One must be chosen."""
        if field.data not in CARDS:
            raise ValidationError("Выберите карту из списка.")


class BankCodeForm(CodeForm):
    """The bank's code by SMS."""

    empty = "Введите код из СМС банка, 6 цифр."


class CarriedCodeForm(CodeForm):
    """The code that another browser shows."""

    empty = "Введите код с той страницы, 6 цифр."
