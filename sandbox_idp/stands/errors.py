"""What goes wrong with stands as such."""

from __future__ import annotations


class StandError(Exception):
    """A stand cannot be made or found; `reason` is for the person who asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownStandError(StandError):
    """There is no stand of that id (any more)."""

    def __init__(self, stand_id: str) -> None:
        super().__init__(f"Нет стенда «{stand_id}».")
