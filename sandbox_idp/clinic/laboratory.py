"""Laboratory tests: what each code means, its unit, its reference range, and what its unit allows at all."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from foundation.russian import age
from portal.clinic.values import Measurement

FILE = Path(__file__).with_name("laboratory.toml")
Range = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True)
class Test:
    """One test."""

    code: str
    name: str
    unit: str
    digits: int
    """After the point."""
    bounds: tuple[Decimal, Decimal]
    """What a living person's value can be at all."""
    women: Range
    men: Range
    children: Range | None
    """Under 15; None: as adults."""

    def rounded(self, value: Decimal) -> Decimal:
        """With as many digits as the laboratory tells, and never beyond what a living person's value can be."""
        low, high = self.bounds
        return min(max(value, low), high).quantize(Decimal(1).scaleb(-self.digits))

    def healthy(self, *, sex: str, years: int, noise: Decimal) -> Decimal:
        """A value of somebody healthy; `noise`, from -1 to 1, says where it lies."""
        low, high = self.reference(sex=sex, years=years)
        if low is not None and high is not None:
            return self.rounded((low + high) / 2 + noise * (high - low) * Decimal("0.35"))
        if high is not None:
            return self.rounded(high * (Decimal("0.62") + noise * Decimal("0.2")))
        return self.rounded((low or Decimal(1)) * (Decimal("1.3") + noise * Decimal("0.15")))

    def reference(self, *, sex: str, years: int) -> Range:
        """The reference range for that person."""
        if years < 15 and self.children is not None:
            return self.children
        return self.women if sex == "female" else self.men


@functools.cache
def tests() -> Mapping[str, Test]:
    """All of them by code, in the order in which a result lists them."""
    return {code: _test(code, given) for code, given in _file()["tests"].items()}


@functools.cache
def panels() -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Results that consist of several tests: name and codes."""
    return {key: (given["name"], tuple(given["tests"])) for key, given in _file()["panels"].items()}


def measurement(code: str, value: Decimal, *, sex: str, born: date, on: date) -> Measurement:
    """A figure with the range that holds for that person on that day."""
    test = tests()[code]
    low, high = test.reference(sex=sex, years=age(born, on))
    return Measurement(code, test.name, value, test.unit, low, high)


def written(figures: Mapping[str, Decimal]) -> str:
    """As an entry keeps them: each after a blank, so that one can be looked for."""
    return "".join(f" {code}={figures[code]}" for code in tests() if code in figures)


def read(text: str) -> dict[str, Decimal]:
    """The figures of an entry, in the order in which a result lists them."""
    pairs = (each.split("=") for each in text.split())
    return {code: Decimal(value) for code, value in pairs}


def mark(code: str) -> str:
    """What an entry with a figure of that test has in its text."""
    return f" {code}="


@functools.cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"), parse_float=Decimal)


def _test(code: str, given: Mapping[str, Any]) -> Test:
    both = _range(given.get("range"))
    return Test(
        code=code,
        name=given["name"],
        unit=given["unit"],
        digits=given.get("digits", 1),
        bounds=(Decimal(given["bounds"][0]), Decimal(given["bounds"][1])),
        women=_range(given["women"]) if "women" in given else both,
        men=_range(given["men"]) if "men" in given else both,
        children=_range(given["children"]) if "children" in given else None,
    )


def _range(given: list[Any] | None) -> Range:
    """An empty string stands for an open end, because TOML has no word for it."""
    low, high = given if given is not None else ["", ""]
    return (Decimal(low) if low != "" else None, Decimal(high) if high != "" else None)
