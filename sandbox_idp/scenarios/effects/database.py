"""The portal's database that does not answer."""

from __future__ import annotations

from typing import ClassVar, Literal

from sandbox_idp.scenarios.effects.base import Effect, effect


@effect("database")
class DatabaseAway(Effect):
    """The portal finds nobody at its database: the driver's own error, whoever asks and whatever for.

    No gate can do this. The stand's database door asks where to go: on PostgreSQL to a port that is closed, with SQLite
    to a file that cannot be opened.
    """

    words: ClassVar[str] = "База данных портала не отвечает"

    where: Literal["wire"]
