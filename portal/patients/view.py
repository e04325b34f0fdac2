"""What the pages of a patient say: items in words, children with the end of access to their data, freshness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from foundation import russian
from portal.esia.person import MAIL
from portal.patients.items import Access, Kind, is_due
from portal.patients.models import Child, Patient, PatientItem

Mark = Literal["loading", "ready", "error", "denied", "missing", "absent"]

MARKS: dict[str, tuple[Mark, str]] = {
    "loading": ("loading", "Загружаем"),
    "loaded": ("ready", "Загружено"),
    "not-permitted": ("denied", "Не разрешено"),
    "not-found": ("missing", "Не найдено"),
    "failed": ("error", "Ошибка"),
    "not-offered": ("absent", "Здесь недоступно"),
}

TITLES: dict[Kind, str] = {
    "contacts": "Контакты и адреса",
    "policy": "Полис ОМС",
    "children": "Дети",
    "child-documents": "Документы детей",
}


@dataclass(frozen=True)
class Piece:
    """What of an item hangs on a right of its own."""

    right: str
    name: str
    """In the accusative: what somebody did not allow to look at."""
    none_of: str
    """In the genitive: what there is none of."""
    without: str
    """What does not work without it."""


PIECES: dict[Kind, tuple[Piece, ...]] = {
    "contacts": (
        Piece("email", "электронную почту", "электронной почты", "Уведомления будут только в кабинете."),
        Piece("contacts", "телефоны", "телефонов", ""),
        Piece("addresses", "адреса", "адресов", "Адрес для вызова врача мы спросим."),
    ),
    "child-documents": (
        Piece("kid_medical_doc", "полисы детей", "полисов детей", "Записать детей к врачу будет нельзя."),
        Piece(
            "kid_birth_cert_doc",
            "свидетельства о рождении детей",
            "свидетельств о рождении детей",
            "Родство останется неподтверждённым.",
        ),
    ),
}
"""The items that two lines of the consent page decide about (the table of rights in `docs/requirements.md`, R-019)."""

LEVELS = {"simplified": "упрощённая", "standard": "стандартная", "confirmed": "подтверждённая"}

WARNED_BEFORE = timedelta(days=30)
STALE_AFTER = timedelta(minutes=10)
"""What was fetched so long ago may have changed at Gosuslugi: the home page says how old it is."""


@dataclass(frozen=True)
class ItemView:
    """One item as it is shown."""

    kind: Kind
    title: str
    mark: Mark
    tag: str
    item: PatientItem
    since: str
    """When the data that is shown was fetched, in words; empty where there is none."""
    asked: tuple[Piece, ...] = ()
    withheld: tuple[Piece, ...] = ()
    """The pieces that the patient allowed to ask for, and those that were withheld (S-66)."""

    @property
    def withheld_words(self) -> str:
        """What was withheld and what does not work without it; empty where nothing was."""
        if not self.withheld:
            return ""
        names = " и ".join(piece.name for piece in self.withheld)
        return " ".join(
            [f"{first_upper(names)} вы не разрешили смотреть.", *(one.without for one in self.withheld if one.without)]
        )

    @property
    def none_of(self) -> str:
        """`ни телефонов, ни адресов`: what Gosuslugi was asked for and does not have."""
        names = [piece.none_of for piece in self.asked]
        return names[0] if len(names) == 1 else ", ".join(f"ни {name}" for name in names)


def item_view(item: PatientItem, kind: Kind, access: Access, now: datetime) -> ItemView:
    """An item that is still to be asked for in this session counts as loading, whatever is known from before."""
    state = "loading" if is_due(item, access) else item.state
    if kind not in access.offers:
        state = "not-offered"
    mark, tag = MARKS[state]
    pieces = PIECES.get(kind, ())
    return ItemView(
        kind=kind,
        title=TITLES[kind],
        mark=mark,
        tag=tag,
        item=item,
        since=since_words(item.as_of, now),
        asked=tuple(piece for piece in pieces if piece.right in access.scopes),
        withheld=tuple(piece for piece in pieces if piece.right not in access.scopes),
    )


def since_words(value: datetime | None, now: datetime) -> str:
    """`14:03 (мск)` for today, with the date for another day."""
    if value is None:
        return ""
    same_day = russian.msk(value).date() == russian.msk(now).date()
    return russian.time_msk(value) if same_day else russian.moment(value)


def aged(value: datetime, now: datetime) -> str:
    """`25 минут назад` for what is old enough to have changed meanwhile (`STALE_AFTER`), else nothing."""
    if now - value < STALE_AFTER:
        return ""
    minutes = int((now - value).total_seconds()) // 60
    if minutes < 60:
        return f"{russian.counted(minutes, 'минуту', 'минуты', 'минут')} назад"
    hours = minutes // 60
    if hours < 24:
        return f"{russian.counted(hours, 'час', 'часа', 'часов')} назад"
    return f"{russian.counted(hours // 24, 'день', 'дня', 'дней')} назад"


@dataclass(frozen=True)
class ChildView:
    """A child as it is shown."""

    child: Child
    age: str
    """In words; empty where the birth date was not granted."""
    closes_on: date | None
    """The day on which access ends, if that is soon."""


@dataclass(frozen=True)
class Family:
    """The children whose data is shown, and those who have grown out of it."""

    children: list[ChildView]
    grown: list[Child]
    until: int
    """The age at which access ends (`CHILD_ACCESS_UNTIL`)."""


def family(children: list[Child], today: date, until: int) -> Family:
    """Divide the children by whether a parent still has access to their data."""
    shown, grown = [], []
    for child in children:
        born = child.birth_date
        if born is None:
            shown.append(ChildView(child, age="", closes_on=None))
            continue
        closes = birthday(born, until)
        if today >= closes:
            grown.append(child)
            continue
        soon = closes if closes - today <= WARNED_BEFORE else None
        shown.append(ChildView(child, age=russian.age_words(born, today), closes_on=soon))
    return Family(shown, grown, until)


def birthday(born: date, age: int) -> date:
    """The day on which somebody turns `age`; who was born on 29 February turns it on 1 March of a common year."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def full_name(patient: Patient) -> str:
    """`Лесная Анна Сергеевна`."""
    return " ".join(part for part in (patient.surname, patient.name, patient.patronymic) if part)


def greeting(patient: Patient) -> str:
    """`Анна Сергеевна`."""
    return " ".join(part for part in (patient.name, patient.patronymic) if part)


def contact(value: str, kind: str) -> str:
    """A contact in full, phones in the Russian form."""
    return value if kind in MAIL else russian.phone(_digits(value))


def contact_masked(value: str, kind: str) -> str:
    """A contact to recognise, not to learn: `+7 000 •••-••-01`, `a•••@pochta.example`."""
    if kind in MAIL:
        name, _, host = value.partition("@")
        return f"{name[:1]}•••@{host}"
    digits = _digits(value)
    return russian.phone_masked(digits) if len(digits) == 12 else "•••"


def _digits(value: str) -> str:
    """`+7(000)1000001` as `+70001000001`."""
    return "+" + "".join(letter for letter in value if letter.isdigit())


def day_long(value: str) -> str:
    """An ISO date as `22 ноября 2026`."""
    return russian.date_long(date.fromisoformat(value))


def day_month(value: date) -> str:
    """`12 декабря`."""
    return russian.date_long(value).rsplit(" ", 1)[0]


def first_upper(value: str) -> str:
    """The text with a capital first letter and the rest as it is."""
    return value[:1].upper() + value[1:]


def first_lower(value: str) -> str:
    """The text with a small first letter and the rest as it is."""
    return value[:1].lower() + value[1:]


FILTERS: dict[str, Callable[..., str]] = {
    "contact": contact,
    "contact_masked": contact_masked,
    "day_long": day_long,
    "day_month": day_month,
    "first_lower": first_lower,
    "first_upper": first_upper,
}
