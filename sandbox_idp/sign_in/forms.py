"""The forms of the sign-in: checked on the server, on submit only (U-7), each kind of mistake in its own words."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, StringField
from wtforms.validators import ValidationError

from foundation.russian import counted
from sandbox_idp.accounts import ranges
from sandbox_idp.accounts.logins import Login, read_login


class LoginForm(FlaskForm):
    """Login and password. A wrong pair is no mistake of the form: the page says so itself (C-09)."""

    login = StringField("Телефон / Email / СНИЛС")
    password = PasswordField("Пароль")
    captcha = StringField("Цифры с картинки или с записи")
    """Looked at only where a captcha is asked for, and only once."""

    claimed: Login | None = None
    """What was typed, once it has been understood."""
    malformed = False
    """Whether something was typed and could not be understood (as against an empty field)."""

    def validate_login(self, field: Field) -> None:
        """Understand the login, or say what is wrong with it (U-10, U-11)."""
        try:
            self.claimed = read_login(field.data or "")
        except ranges.NumberError as error:
            self.malformed = not isinstance(error, ranges.EmptyError)
            raise ValidationError(error.text) from None

    def validate_password(self, field: Field) -> None:
        """Only emptiness is told: everything else is a wrong pair."""
        if not field.data:
            raise ValidationError("Введите пароль.")


class CodeForm(FlaskForm):
    """A code of six digits, from an SMS or an app (R-098)."""

    code = StringField("Код из 6 цифр")

    length = 6
    empty = "Введите код из СМС, 6 цифр."
    digits = ""
    """The digits, once they are complete."""

    def validate_code(self, field: Field) -> None:
        """Spaces and dashes do not matter; too few or too many digits are told as a number."""
        typed = ranges.code_digits(field.data or "")
        if not typed:
            raise ValidationError(self.empty)
        if not ranges.only_digits(typed):
            raise ValidationError("В коде только цифры. Уберите буквы и другие знаки.")
        if len(typed) < self.length:
            raise ValidationError(f"Введено {len(typed)} из {self.length} цифр.")
        if len(typed) > self.length:
            raise ValidationError(
                f"В коде {counted(self.length, 'цифра', 'цифры', 'цифр')}, а введено {len(typed)}. Уберите лишние."
            )
        self.digits = typed


class TotpForm(CodeForm):
    """The same for the authenticator app."""

    empty = "Введите код из приложения, 6 цифр."
