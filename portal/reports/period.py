"""Which days a report is about: read from the address, and refused with words that say how to mend it."""

from __future__ import annotations

from datetime import date, timedelta

from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField
from wtforms.validators import ValidationError

LONGEST = timedelta(days=366)
"""A report is about a year at most."""
USUAL = timedelta(days=29)
"""What is shown before anything was asked: the last thirty days."""
ALL = ""
"""Instead of one speciality."""


class PeriodForm(FlaskForm):
    """A form that changes nothing: it is sent by GET and has no token. Empty days are the last thirty."""

    class Meta:
        csrf = False

    since = StringField("С какого дня")
    until = StringField("По какой день")
    speciality = SelectField("Специальность", validate_choice=False)

    first: date
    last: date

    def use(self, today: date, specialities: list[tuple[str, str]]) -> bool:
        """Whether what was asked for makes sense; `first` and `last` are then its days, both included."""
        self.speciality.choices = [(ALL, "Все специальности"), *specialities]
        if self.speciality.data not in dict(specialities):
            self.speciality.data = ALL
        self.until.data = self.until.data or today.isoformat()
        self.since.data = self.since.data or ((_day(self.until.data) or today) - USUAL).isoformat()
        return bool(self.validate())

    def validate_since(self, field: Field) -> None:
        """A day."""
        day = _day(field.data)
        if day is None:
            raise ValidationError("Введите первый день периода, например 01.11.2026")
        self.first, field.data = day, day.isoformat()

    def validate_until(self, field: Field) -> None:
        """A day that is not before the first, and not more than a year after it."""
        day = _day(field.data)
        if day is None:
            raise ValidationError("Введите последний день периода, например 30.11.2026")
        self.last, field.data = day, day.isoformat()
        first = _day(self.since.data)
        if first is not None and day < first:
            raise ValidationError("Последний день раньше первого: поменяйте их местами")
        if first is not None and day - first > LONGEST:
            raise ValidationError("Отчёт строится не больше чем за год: выберите период короче")


def _day(typed: str) -> date | None:
    """`2026-11-22`, as a date field sends it, or `22.11.2026`, as people type it."""
    text = typed.strip()
    parts = text.split(".")
    if len(parts) == 3:
        text = "-".join(part.zfill(2) for part in reversed(parts))
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
