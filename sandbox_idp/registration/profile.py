"""The fourth step: who the person is by their documents (R-014, R-069), read from what was typed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from foundation.russian import age, counted
from sandbox_idp.accounts import ranges
from sandbox_idp.accounts.papers import YOUNGEST, read_date
from sandbox_idp.accounts.regions import REGIONS

OLDEST = 120


@dataclass(frozen=True)
class Profile:
    """Everything that the fourth step asks for; numbers as digits only."""

    patronymic: str | None
    sex: str
    birth_date: date
    passport: str
    """Series and number, ten digits."""
    issued_on: date
    issuer_code: str
    issued_by: str
    snils: str
    policy: str | None
    region: str
    """Two digits."""
    city: str
    street: str
    house: str
    flat: str | None

    def as_json(self) -> dict[str, Any]:
        """For the registration's row."""
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Profile:
        """The same read back."""
        dates = {name: date.fromisoformat(stored[name]) for name in ("birth_date", "issued_on")}
        return cls(**{**stored, **dates})

    @property
    def home(self) -> str:
        """The address in one line."""
        parts = [REGIONS[self.region].name, self.city, self.street, f"дом {self.house}"]
        return ", ".join([*parts, *([f"кв. {self.flat}"] if self.flat else [])])


def read_birth_date(text: str, today: date) -> date:
    """The day of birth of somebody who may have an account of their own."""
    born = read_date(text, "дату рождения")
    if born > today:
        raise ranges.NumberError("Этот день ещё не наступил. Проверьте год рождения.")
    years = age(born, today)
    if years > OLDEST:
        raise ranges.NumberError(f"Получается {_years(years)}. Проверьте год рождения.")
    if years < YOUNGEST:
        raise ranges.NumberError(
            f"Получается {_years(years)}. Проверьте год рождения: самому можно зарегистрироваться с {YOUNGEST} лет, "
            "а ребёнка добавляет в свой профиль родитель."
        )
    return born


def _years(count: int) -> str:
    return counted(count, "год", "года", "лет")
