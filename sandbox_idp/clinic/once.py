"""At most once: what changes something carries a key, and the same key never does it twice (R-038)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from foundation.database import Session
from portal.clinic.errors import KeyReusedError
from sandbox_idp.clinic.models import ClinicCard, ClinicKey
from sandbox_idp.context import current_stand

TRIES = 5
"""So often is something tried again that a constraint has refused: another one was quicker, and the rules tell why."""


Do = Callable[[Session, datetime], str]
"""Does it, at that time of the stand, and tells the id of what came of it."""


def once(owner: str, key: str, what: str, do: Do, *, card_id: str | None = None) -> str:
    """Do it in one transaction, and tell the id of what came of it; with a key that was used, of what came then.

    `do` checks the rules and raises what they say; whatever two of them would do at once, a constraint lets one do, and
    the other sees the first one's work when it is tried again. Two of one card wait for each other. KeyReusedError.
    """
    digest = hashlib.sha256(what.encode()).hexdigest()
    # Asked before: within the transaction the clock would take a second connection.
    now = current_stand().clock.now()
    for left in reversed(range(TRIES)):
        try:
            return _try((owner, key), digest, do, card_id, now)
        except IntegrityError:
            if not left:
                raise
    raise AssertionError("the last try returns or raises")


def done(session: Session, owner: str, key: str) -> str | None:
    """The id of what came of a key."""
    kept = session.get(ClinicKey, (owner, key))
    return kept.object_id if kept is not None else None


def lock_card(session: Session, card_id: str) -> ClinicCard:
    """The card, held until the transaction ends."""
    return session.get_one(ClinicCard, card_id, with_for_update=True)


def _try(name: tuple[str, str], what: str, do: Do, card_id: str | None, now: datetime) -> str:
    with current_stand().database.writing() as session:
        if card_id is not None:
            lock_card(session, card_id)
        kept = session.get(ClinicKey, name)
        if kept is not None:
            if kept.what != what:
                raise KeyReusedError
            return kept.object_id
        object_id = do(session, now)
        session.add(ClinicKey(owner=name[0], key=name[1], what=what, object_id=object_id, at=now))
        session.flush()
        return object_id
