"""Giving a person another password: the one place where that is done, whoever asks for it (S-31, S-47, R-141)."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, delete, select

from foundation import log
from foundation.database import Session
from foundation.russian import moment
from sandbox_idp.accounts.models import EarlierPassword, LoginAttempt, Person
from sandbox_idp.cabinet import access, notices, unusual
from sandbox_idp.cabinet.notices import Link

_log = log.get_log("sandbox_idp.accounts")
KEPT = 24
"""So many earlier passwords are kept, whatever preset looks back at how many of them."""


def change_password(
    session: Session,
    person: Person,
    new_hash: str,
    *,
    now: datetime,
    keep_session: str | None = None,
    keep_attempt: str | None = None,
) -> None:
    """Give the person the password behind `new_hash` (`passwords.hash_password`), which has passed the rule.

    The old one goes into the history, every other session ends with all that systems got in it, sign-ins under way with
    the old password are given up, and the person is told. `keep_session`: `sid` of the session in which this is done.
    `keep_attempt`: key of the attempt in which it is. Hashing is the caller's, so that nobody waits for the gate
    while holding a transaction. With a change of the phone a moment ago it restricts the account (`cabinet.unusual`).
    """
    row = session.get_one(Person, person.oid, with_for_update=True, populate_existing=True)
    session.add(EarlierPassword(person_oid=row.oid, password_hash=row.password_hash, replaced_at=now))
    row.password_hash = new_hash
    row.must_change_password = False
    row.updated_at = now
    session.add(row)
    session.flush()
    _forget_oldest(session, row.oid)
    access.end_sessions(session, row.oid, now, keep=keep_session)
    _give_up_sign_ins(session, row.oid, keep_attempt)
    notices.notify(
        session,
        row,
        "Пароль изменён",
        f"Пароль от Госуслуг изменён {moment(now)}. Остальные сеансы завершены. Если это были не вы, сразу "
        "восстановите пароль.",
        ways=("sms", "mail"),
        link=Link("/recovery", "Восстановить пароль"),
    )
    unusual.changed(session, row, now)
    _log.info("password_changed")


def _forget_oldest(session: Session, oid: int) -> None:
    mine = select(EarlierPassword.id).where(EarlierPassword.person_oid == oid)
    kept = list(session.exec(mine.order_by(col(EarlierPassword.id).desc()).limit(KEPT)))
    session.exec(
        delete(EarlierPassword).where(col(EarlierPassword.person_oid) == oid, col(EarlierPassword.id).not_in(kept))
    )


def _give_up_sign_ins(session: Session, oid: int, but: str | None) -> None:
    under_way = delete(LoginAttempt).where(col(LoginAttempt.person_oid) == oid)
    if but is not None:
        under_way = under_way.where(col(LoginAttempt.token_hash) != but)
    session.exec(under_way)
