"""The forms of the sign-in: checked on the server, on submit only (U-7), each kind of mistake in its own words."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import Field, PasswordField, StringField
from wtforms.validators import ValidationError

from foundation.russian import counted
from sandbox_idp.accounts import ranges
from sandbox_idp.accounts.logins import Login, read_login
from sandbox_idp.factors import backup_codes
from sandbox_idp.signature.pkcs12 import LARGEST

TOO_LARGE = f"Файл слишком большой: файл подписи занимает не больше {LARGEST // 1024} КБ. Проверьте, тот ли это файл."


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
    is_short = False
    """Whether there are only digits, and too few of them (sms-short)."""

    def validate_code(self, field: Field) -> None:
        """Spaces and dashes do not matter; too few or too many digits are told as a number."""
        typed = ranges.code_digits(field.data or "")
        if not typed:
            raise ValidationError(self.empty)
        if not ranges.only_digits(typed):
            raise ValidationError("В коде только цифры. Уберите буквы и другие знаки.")
        if len(typed) < self.length:
            self.is_short = True
            raise ValidationError(f"Введено {len(typed)} из {self.length} цифр.")
        if len(typed) > self.length:
            raise ValidationError(
                f"В коде {counted(self.length, 'цифра', 'цифры', 'цифр')}, а введено {len(typed)}. Уберите лишние."
            )
        self.digits = typed


class TotpForm(CodeForm):
    """The same for the authenticator app."""

    empty = "Введите код из приложения, 6 цифр."


class BackupForm(CodeForm):
    """A backup code: twelve letters and digits, with or without what stands between them."""

    code = StringField("Резервный код")

    length = backup_codes.LENGTH
    empty = "Введите резервный код, 12 букв и цифр."

    def validate_code(self, field: Field) -> None:
        """Dashes, spaces and small letters do not matter, and Russian letters that look the same do for Latin ones."""
        typed = backup_codes.readable(field.data or "")
        if not typed:
            raise ValidationError(self.empty)
        if len(typed) != self.length:
            raise ValidationError(f"В резервном коде {self.length} букв и цифр, а введено {len(typed)}.")
        self.digits = typed


class SetupForm(TotpForm):
    """The first code of an app that is being connected."""


class SignatureForm(FlaskForm):
    """A signature file and its PIN; neither is kept anywhere (S-57)."""

    file = FileField("Файл подписи")
    pin = PasswordField("ПИН-код")

    content = b""
    """What was sent, once it is known not to be too much."""

    def validate_file(self, field: Field) -> None:
        """Something has to be there, and not too much of it."""
        self.content = field.data.read(LARGEST + 1) if field.data else b""
        if not self.content:
            raise ValidationError("Выберите файл подписи.")
        if len(self.content) > LARGEST:
            raise ValidationError(TOO_LARGE)

    def validate_pin(self, field: Field) -> None:
        """Only emptiness is told here."""
        if not field.data:
            raise ValidationError("Введите ПИН-код. После этого выберите файл ещё раз: браузер его не запоминает.")
