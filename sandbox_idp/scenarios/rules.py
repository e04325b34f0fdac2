"""The ids of rules that a scenario may name: requirements, decisions, security statements, rules of the screens."""

from __future__ import annotations

KNOWN_RULES = frozenset(
    [
        *(f"R-{number:03}" for number in range(1, 146)),
        *(f"C-{number:02}" for number in range(1, 30)),
        *(f"S-{number:02}" for number in range(1, 76)),
        *(f"U-{number}" for number in range(1, 37)),
    ]
)
