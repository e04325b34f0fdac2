"""What systems have been given of a person, codes and tokens, and taking it back (S-23, S-47)."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, update

from foundation.database import Session
from sandbox_idp.oauth.models import AuthorizationCode, IssuedToken


def take_back(
    session: Session,
    person_oid: int,
    now: datetime,
    *,
    mnemonic: str | None = None,
    only: str | None = None,
    keep: str | None = None,
) -> None:
    """Let no code and no token of the person's hold any more.

    `mnemonic`: those of that system alone; `only`: those of the session of that sid; `keep`: of all sessions but that
    one. A token outlives its session, so those of sessions that are over already are taken back as well.
    """
    for table, over in ((AuthorizationCode, AuthorizationCode.used_at), (IssuedToken, IssuedToken.revoked_at)):
        mine = [col(table.person_oid) == person_oid, col(over).is_(None)]
        if mnemonic is not None:
            mine.append(col(table.mnemonic) == mnemonic)
        if only is not None:
            mine.append(col(table.sid) == only)
        if keep is not None:
            mine.append(col(table.sid) != keep)
        session.exec(update(table).where(*mine).values({over: now}))
