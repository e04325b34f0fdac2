"""Backup codes for who has lost the phone with the app: ten, shown once, stored hashed, each good once (S-37, S-42)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlmodel import col, delete, func, select, update

from foundation.database import Session
from foundation.ids import CROCKFORD, Ids
from sandbox_idp.factors.models import BackupCode
from sandbox_idp.world.models import BackupSheet

LENGTH = 12
"""Letters and digits of Crockford's base32, 60 random bits: too many to be found out from a hash of them."""
_GROUP = 4
_ALIKE = str.maketrans("OILАВЕКМНОРСТХ", "011ABEKMH0PCTX")
"""What is read or typed for another character: Crockford's own rule, and Russian letters that look the same."""


@dataclass(frozen=True)
class Written:
    """One code on the sheet at home."""

    code: str
    used: bool


def make(session: Session, oid: int, *, count: int, now: datetime, ids: Ids) -> list[str]:
    """Make new codes in place of the old ones, which stop working, and tell them: nobody can tell them later.

    The sheet of paper in the stand's world gets them as well: a person would write them down or print them.
    """
    codes: set[str] = set()
    while len(codes) < count:
        codes.add("".join(CROCKFORD[ids.number(0, len(CROCKFORD) - 1)] for _ in range(LENGTH)))
    shown = sorted(in_groups(code) for code in codes)
    forget(session, oid)
    session.execute(
        insert(BackupCode),
        [
            {"id": ids.uuid(), "person_oid": oid, "code_hash": _hash(oid, readable(code)), "made_at": now}
            for code in shown
        ],
    )
    session.add(BackupSheet(person_oid=oid, codes=shown, written_at=now))
    session.flush()
    return shown


def forget(session: Session, oid: int) -> None:
    """Take a person's codes away, the sheet included."""
    session.execute(delete(BackupCode).where(col(BackupCode.person_oid) == oid))
    session.execute(delete(BackupSheet).where(col(BackupSheet.person_oid) == oid))


def left(session: Session, oid: int) -> int:
    """How many of a person's codes have not been used yet."""
    statement = select(func.count()).where(BackupCode.person_oid == oid, col(BackupCode.used_at).is_(None))
    return session.exec(statement.select_from(BackupCode)).one()


def use(session: Session, oid: int, code: str, now: datetime) -> bool:
    """Use a code (as `readable` gives it) up; whether it was one of the person's that was still good.

    One conditional UPDATE: of two browsers with the same code one gets in.
    """
    used = session.exec(
        update(BackupCode)
        .where(
            col(BackupCode.person_oid) == oid,
            col(BackupCode.code_hash) == _hash(oid, code),
            col(BackupCode.used_at).is_(None),
        )
        .values(used_at=now)
    )
    return used.rowcount == 1


def was_used(session: Session, oid: int, code: str) -> bool:
    """Whether it is one of the person's codes that was used before."""
    statement = select(BackupCode.id).where(
        BackupCode.person_oid == oid, BackupCode.code_hash == _hash(oid, code), col(BackupCode.used_at).is_not(None)
    )
    return session.exec(statement).first() is not None


def sheet(session: Session, oid: int) -> list[Written]:
    """What stands on the person's sheet at home, and what of it has been used; empty if there is none."""
    found = session.get(BackupSheet, oid)
    if found is None:
        return []
    good = set(
        session.exec(
            select(BackupCode.code_hash).where(BackupCode.person_oid == oid, col(BackupCode.used_at).is_(None))
        )
    )
    return [Written(code, _hash(oid, readable(code)) not in good) for code in found.codes]


def readable(typed: str) -> str:
    """What was typed, as it is compared: capitals, nothing between them, look-alikes taken for what they are."""
    return "".join(character for character in typed.upper() if character.isalnum()).translate(_ALIKE)


def in_groups(code: str) -> str:
    """`K7QM-2XPN-8RT4`: as people read it."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def _hash(oid: int, code: str) -> str:
    """Not with the program's key: a stand that is taken to another machine takes its people's codes along."""
    return hashlib.sha256(f"backup-code|{oid}|{code}".encode()).hexdigest()
