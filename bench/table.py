"""A line of the table, and how much is measured for it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    starts: int = 5
    rounds: int = 6
    sign_ins: int = 8
    """Sign-ins of one client in one round."""
    alone: int = 15
    pages: int = 1500
    bursts: int = 6
    """Rounds of stands that are made, and then reset, out of what lies ready."""
    crowd: int = 1000
    """Stands that live at once."""
    switches: int = 60
    exchanges: int = 60
    tries: int = 400
    entries: int = 10_000
    """In a long record."""
    patients: int = 1_000_000
    loads: int = 4
    load_seconds: float = 6.0


QUICK = Size(
    starts=1,
    rounds=2,
    sign_ins=2,
    alone=3,
    pages=200,
    bursts=1,
    crowd=60,
    switches=8,
    exchanges=8,
    tries=20,
    entries=1_000,
    patients=20_000,
    loads=1,
    load_seconds=2.0,
)


@dataclass
class Row:
    """A line of the table."""

    id: str
    what: str
    value: float
    """A ratio, or what `what` says."""
    target: str
    met: bool
    figures: dict[str, float] = field(default_factory=dict)
    left_out: int = 0
    """Measurements that were disturbed by others and not used."""

    @classmethod
    def at_most(
        cls,
        row: str,
        what: str,
        value: float,
        most: float,
        *,
        figures: dict[str, float],
        left_out: int = 0,
        unit: str = "",
    ) -> Row:
        """A line whose value may not be above `most`."""
        return cls(row, what, value, f"≤ {most:,g} {unit}".rstrip(), value <= most, figures, left_out)

    @classmethod
    def at_least(
        cls, row: str, what: str, value: float, least: float, *, figures: dict[str, float], left_out: int = 0
    ) -> Row:
        """A line whose value may not be below `least`."""
        return cls(row, what, value, f"≥ {least:g}", value >= least, figures, left_out)

    def as_dict(self) -> dict[str, Any]:
        """For bench.json."""
        figures = {name: round(value, 5) for name, value in self.figures.items()}
        return {**asdict(self), "value": round(self.value, 3), "figures": figures}


def p95(values: Sequence[float]) -> float:
    """What 95 of 100 stay below."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]
