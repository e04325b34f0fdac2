"""The form of a question: every field with its own words for what is wrong (R-104, R-112, R-114, U-10)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from wtforms import BooleanField, Field, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from portal.sign_in.drafts import KeptForm
from portal.support.tickets import read_number

KINDS = (
    "Не могу войти",
    "Техническая ошибка",
    "Запись к врачу",
    "В данных ошибка",
    "Документы и справки",
    "Другое",
)
CHECKS = (
    ("browser", "Браузер обновлён, кэш очищен"),
    ("blockers", "Блокировщик рекламы и VPN выключены"),
    ("login", "Логин и пароль проверены: раскладка, Caps Lock, пробелы"),
)
"""What is worth trying before asking (R-109)."""
LONGEST = 4000
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")


def _digits(typed: str) -> str:
    return re.sub(r"\D", "", typed)


class QuestionForm(KeptForm):
    """The question. To be said before `validate`: `phones`, those that Gosuslugi knows of who is signed in (empty:
    nobody is, or they are not known), and `knows`, which tells whether there is an earlier ticket of a number.
    """

    form_key = HiddenField()
    kind = SelectField(
        "Что случилось",
        choices=[SelectChoice(kind, kind) for kind in KINDS],
        invalid_choice_message="Выберите из списка, что случилось.",
    )
    full_name = StringField("Фамилия, имя и отчество")
    phone = StringField("Телефон")
    mail = StringField("Электронная почта, если есть")
    inn = StringField("ИНН, если есть")
    happened = StringField("Когда это было")
    error_text = StringField("Текст ошибки на экране")
    error_code = StringField("Код для поддержки")
    file = StringField("Снимок экрана или другой файл, если есть")
    """Read by hand: the file is no text of the form. The field is there for its label and its error."""
    description = TextAreaField("Что вы делали и что пошло не так")
    previous = StringField("Номер предыдущего обращения, если было")
    browser = BooleanField(CHECKS[0][1])
    blockers = BooleanField(CHECKS[1][1])
    login = BooleanField(CHECKS[2][1])
    diagnostics = BooleanField("Приложить сведения о браузере и странице")

    phones: Collection[str] = ()
    knows: Callable[[str], bool] = staticmethod(lambda _number: False)
    problem: str = ""
    """Mark of the page for the first rule that only the portal could know to be broken."""
    read_phone = ""
    read_previous: str | None = None

    def validate_full_name(self, field: Field) -> None:
        """Somebody has to be called by a name."""
        typed = " ".join((field.data or "").split())
        if not typed:
            raise ValidationError("Введите фамилию, имя и отчество, как в паспорте.")
        if len(typed) > 200:
            raise ValidationError("Фамилия, имя и отчество длиннее 200 знаков: сократите.")
        field.data = typed

    def validate_phone(self, field: Field) -> None:
        """A number that can be called, and the account's own where it is known (R-104)."""
        typed = _digits(field.data or "")
        if not typed:
            raise ValidationError("Введите телефон: по нему вам ответят.")
        if len(typed) == 11 and typed[0] in "78":
            typed = typed[1:]
        if len(typed) != 10:
            raise ValidationError("Введите телефон целиком: +7 и ещё 10 цифр.")
        self.read_phone = "+7" + typed
        if self.phones and self.read_phone not in self.phones:
            self.problem = self.problem or "support-phone-mismatch"
            raise ValidationError(
                "Этого телефона нет в вашей учётной записи Госуслуг. Введите тот, что указан там, "
                "или сначала измените его."
            )

    def validate_mail(self, field: Field) -> None:
        """Optional."""
        typed = (field.data or "").strip()
        if typed and _MAIL.fullmatch(typed) is None:
            raise ValidationError("Введите адрес почты целиком, например ivan@pochta.example.")
        field.data = typed

    def validate_inn(self, field: Field) -> None:
        """Optional (C-16)."""
        typed = _digits(field.data or "")
        if typed and len(typed) != 12:
            raise ValidationError("В ИНН человека 12 цифр. Если ИНН нет, оставьте поле пустым.")

    def validate_happened(self, field: Field) -> None:
        """R-114: the desk looks it up in the log by this."""
        typed = " ".join((field.data or "").split())
        if not typed:
            raise ValidationError("Укажите день и время, хотя бы примерно: например, сегодня около 14:00.")
        field.data = typed[:100]

    def validate_description(self, field: Field) -> None:
        """What it is all about."""
        typed = (field.data or "").strip()
        if not typed:
            raise ValidationError("Опишите, что вы делали и что увидели.")
        if len(typed) > LONGEST:
            raise ValidationError(f"Описание длиннее {LONGEST} знаков: сократите.")

    def validate_error_text(self, field: Field) -> None:
        """Optional, and not endless."""
        field.data = (field.data or "").strip()[:500]

    def validate_error_code(self, field: Field) -> None:
        """`4K7-Q2M`, in whatever way it was copied."""
        typed = re.sub(r"[\s-]", "", field.data or "").upper()
        if typed and re.fullmatch(r"[0-9A-Z]{6,7}", typed) is None:
            raise ValidationError(
                "Код для поддержки — шесть букв и цифр, например 4K7-Q2M. Если кода нет, оставьте пустым."
            )

    def validate_previous(self, field: Field) -> None:
        """R-108: an earlier ticket must exist."""
        typed = (field.data or "").strip()
        if not typed:
            return
        number = read_number(typed)
        if number is None:
            raise ValidationError("Номер обращения выглядит так: ЕГ-2026-000123.")
        if not self.knows(number):
            self.problem = self.problem or "support-number-unknown"
            raise ValidationError(
                f"Обращения ЕГ-{number} мы не нашли. Проверьте номер или оставьте поле пустым: "
                "новое обращение примут и так."
            )
        self.read_previous = number

    def checks(self) -> tuple[str, ...]:
        """Words of the self-checks that were done."""
        return tuple(words for name, words in CHECKS if self[name].data)
