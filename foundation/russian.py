"""Russian words for numbers, dates, times and phones. Everything a person reads in these forms is made here."""

from __future__ import annotations

import functools
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import get_timezone_location

MOSCOW = ZoneInfo("Europe/Moscow")
NBSP = "\u00a0"
_RUSSIAN = Locale("ru")


def plural(count: int, one: str, few: str, many: str) -> str:
    """The word that goes with `count`: 1 минута, 2 минуты, 5 минут."""
    tail, hundred = count % 10, count % 100
    if tail == 1 and hundred != 11:
        return one
    if 2 <= tail <= 4 and not 12 <= hundred <= 14:
        return few
    return many


def counted(count: int, one: str, few: str, many: str) -> str:
    """The number with its word: `5 минут`."""
    return f"{count}{NBSP}{plural(count, one, few, many)}"


def msk(value: datetime) -> datetime:
    """The moment in Moscow's time; the value must be aware."""
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be shown")
    return value.astimezone(MOSCOW)


def time_msk(value: datetime) -> str:
    """`14:03 (мск)`."""
    return f"{msk(value):%H:%M}{NBSP}(мск)"


def date_long(value: date | datetime) -> str:
    """`22 ноября 2026`."""
    day = msk(value).date() if isinstance(value, datetime) else value
    return _written(day, "d MMMM y")


def date_weekday(value: date | datetime) -> str:
    """`воскресенье, 22 ноября`."""
    day = msk(value).date() if isinstance(value, datetime) else value
    return _written(day, "EEEE, d MMMM")


@functools.lru_cache(maxsize=1024)
def _written(day: date, pattern: str) -> str:
    return babel_date(day, pattern, locale=_RUSSIAN)


def moment(value: datetime) -> str:
    """`22 ноября 2026, 14:03 (мск)`."""
    return f"{date_long(value)}, {time_msk(value)}"


def until(value: datetime) -> str:
    """When something ends, as U-2 asks: `06:00, воскресенье, 22 ноября, мск`."""
    local = msk(value)
    return f"{local:%H:%M}, {date_weekday(local.date())}, мск"


def in_zone(value: datetime, zone: str) -> datetime:
    """The moment in the time of a place, `Asia/Vladivostok`; the value must be aware."""
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be shown")
    return value.astimezone(ZoneInfo(zone))


def zone_word(value: datetime, zone: str) -> str:
    """In whose time that is, as Russians say it: `мск`, `мск+7`, `мск−1`."""
    ahead = (in_zone(value, zone).utcoffset() or timedelta(0)) - (msk(value).utcoffset() or timedelta(0))
    minutes = int(ahead.total_seconds()) // 60
    if not minutes:
        return "мск"
    hours, rest = divmod(abs(minutes), 60)
    return f"мск{'+' if minutes > 0 else '−'}{hours}{f':{rest:02d}' if rest else ''}"


def zone_place(zone: str) -> str:
    """The city by which a zone is known: `Владивосток`."""
    return get_timezone_location(zone, locale="ru", return_city=True)


def time_in(value: datetime, zone: str) -> str:
    """The time of a place with its zone: `10:20 (мск+7)`."""
    return f"{in_zone(value, zone):%H:%M}{NBSP}({zone_word(value, zone)})"


def day_in(value: datetime, zone: str) -> str:
    """The day of a place: `вторник, 24 ноября`."""
    return date_weekday(in_zone(value, zone).date())


def moment_in(value: datetime, zone: str) -> str:
    """Day and time of a place: `вторник, 24 ноября, 10:20 (мск+7)`."""
    return f"{day_in(value, zone)}, {time_in(value, zone)}"


def span(value: timedelta | int | float) -> str:
    """A length of time in words: `14 мин 32 с`, `2 ч 5 мин`."""
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    hours, rest = divmod(max(seconds, 0), 3600)
    minutes, left = divmod(rest, 60)
    words = []
    if hours:
        words.append(f"{hours}{NBSP}ч")
    if minutes:
        words.append(f"{minutes}{NBSP}мин")
    if not hours and (left or not minutes):
        words.append(f"{left}{NBSP}с")
    return " ".join(words)


def age(born: date, today: date) -> int:
    """Full years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def age_words(born: date, today: date) -> str:
    """`8 лет`, or months for the first year, or days for the first two months."""
    years = age(born, today)
    if years:
        return counted(years, "год", "года", "лет")
    days = (today - born).days
    if days < 60:
        return counted(days, "день", "дня", "дней")
    return counted(days // 30, "месяц", "месяца", "месяцев")


def phone(value: str) -> str:
    """`+70001000001` as `+7 (000) 100-00-01`; anything else unchanged."""
    digits = value.removeprefix("+")
    if len(digits) != 11 or not digits.isdigit():
        return value
    return f"+{digits[0]} ({digits[1:4]}) {digits[4:7]}-{digits[7:9]}-{digits[9:]}"


def phone_masked(value: str) -> str:
    """`+7 000 •••-••-01`: enough to recognise, not enough to learn (R-024, U-14)."""
    digits = value.removeprefix("+")
    return f"+{digits[0]}{NBSP}{digits[1:4]}{NBSP}•••-••-{digits[-2:]}"


def snils(value: str) -> str:
    """`00010010110` as `000-100-101 10`."""
    return f"{value[:3]}-{value[3:6]}-{value[6:9]} {value[9:]}" if len(value) == 11 else value


def snils_masked(value: str) -> str:
    """`000-•••-••• 10`."""
    return f"{value[:3]}-•••-•••{NBSP}{value[9:]}" if len(value) == 11 else value


def policy_masked(value: str) -> str:
    """An OMS policy number with its last four digits only: `•••• •••• •••• 0370`."""
    return NBSP.join(["••••", "••••", "••••", value[-4:]])


FILTERS: dict[str, Any] = {
    "age_words": age_words,
    "counted": counted,
    "date_long": date_long,
    "day_in": day_in,
    "date_weekday": date_weekday,
    "in_zone": in_zone,
    "moment": moment,
    "moment_in": moment_in,
    "phone": phone,
    "phone_masked": phone_masked,
    "plural_ru": plural,
    "policy_masked": policy_masked,
    "snils": snils,
    "snils_masked": snils_masked,
    "span": span,
    "time_in": time_in,
    "time_msk": time_msk,
    "until": until,
    "zone_place": zone_place,
    "zone_word": zone_word,
}
