"""Putting files behind the Files door and taking them away, so that none stays there which no row names (S-56, S-65).

A room keeps a file in the transaction that makes its row, and lets it go in the one that takes the row away. Between
transaction and door a process may be killed: `LooseFile` remembers the file, and the next one that comes tidies up.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import CursorResult, delete, or_, update
from sqlmodel import col, select

from foundation.database import Session
from foundation.log import get_log
from portal.doors import Doors
from portal.files.models import LooseFile

log = get_log("portal.files")

GIVEN_UP_AFTER = timedelta(hours=1)
"""No request takes so long: a file that has been on its way in since then is on its way no more."""
AT_ONCE = 20
"""Files that one request tidies up at most."""


class TidiedUpError(Exception):
    """The file was on its way in for so long that it was thrown away."""


@contextlib.contextmanager
def placed(doors: Doors, content: bytes) -> Iterator[str]:
    """Put `content` behind the door under a name of its own for the block, which has to `keep` it; else it goes."""
    tidy_up(doors)
    name = doors.ids.token(24)
    with doors.database.writing() as session:
        session.add(LooseFile(name=name, since=doors.clock.now(), going=False))
    try:
        with doors.files.write(name) as handle:
            handle.write(content)
        yield name
    finally:
        throw_away(doors, [name])


def keep(session: Session, name: str) -> None:
    """From the end of this transaction on a row names the file. TidiedUpError."""
    here = delete(LooseFile).where(col(LooseFile.name) == name, col(LooseFile.going).is_(False))
    if cast("CursorResult[None]", session.execute(here)).rowcount != 1:
        raise TidiedUpError


def let_go(session: Session, names: Iterable[str], now: datetime) -> None:
    """From the end of this transaction on no row names the files; `throw_away` follows it."""
    session.add_all(LooseFile(name=name, since=now, going=True) for name in names)


def throw_away(doors: Doors, names: Iterable[str]) -> None:
    """Delete those of the files that no row names; for the others nothing happens."""
    with doors.database.reading() as session:
        loose = list(session.exec(select(LooseFile.name).where(col(LooseFile.name).in_(names))))
    for name in loose:
        doors.files.delete(name)
    if loose:
        with doors.database.writing() as session:
            session.execute(delete(LooseFile).where(col(LooseFile.name).in_(loose)))


def tidy_up(doors: Doors) -> None:
    """Delete what processes have left behind that were killed."""
    given_up = col(LooseFile.since) <= doors.clock.now() - GIVEN_UP_AFTER
    left = or_(col(LooseFile.going), given_up)
    with doors.database.reading() as session:
        names = list(session.exec(select(LooseFile.name).where(left).limit(AT_ONCE)))
    if not names:
        return
    with doors.database.writing() as session:
        # From now on nobody can keep them; what was kept since is not loose any more.
        session.execute(update(LooseFile).where(col(LooseFile.name).in_(names), left).values(going=True))
    throw_away(doors, names)
    log.info("tidied_up", count=len(names))
