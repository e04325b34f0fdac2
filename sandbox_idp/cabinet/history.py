"""«История входов»: what was done with the account, by which means, on which device and from where (R-079)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import col, select

from foundation.database import Session
from foundation.russian import moment
from foundation.web import browsers
from foundation.web.browsers import masked_address
from sandbox_idp.accounts.models import GosuslugiSession, Person
from sandbox_idp.cabinet import notices
from sandbox_idp.cabinet.models import SignInRecord
from sandbox_idp.cabinet.notices import Link
from sandbox_idp.context import current_stand
from sandbox_idp.sign_in.secrecy import token_hash

__all__ = ["LINK_FOR", "masked_address", "newest", "note", "record", "refused", "signed_in"]

SIGN_IN = "Вход"
PHONE_CHANGED = "Телефон изменён"
LINK_FOR = timedelta(hours=72)
"""How long «это не я» of a notice works."""
_METHODS = {
    None: "Пароль",
    "otp": "Пароль и код из СМС",
    "totp": "Пароль и код из приложения",
    "push": "Пароль и подтверждение в приложении",
}


def signed_in(session: Session, person: Person, living: GosuslugiSession, *, known_device: bool) -> bool:
    """Note a sign-in that was completed, and tell the person if the browser is new to them; says whether it was.

    The very first sign-in is not told: there is nothing it could differ from.
    """
    new = not known_device and _has_signed_in(session, person.oid)
    line = SignInRecord(
        person_oid=person.oid,
        at=living.authenticated_at,
        event=SIGN_IN,
        method="Электронная подпись" if living.method == "DS" else _METHODS[living.second_factor],
        device=living.device,
        address=living.address,
        sid=living.sid,
    )
    session.add(line)
    if new:
        _tell(session, person, line)
    session.flush()
    return new


def refused(session: Session, person: Person, why: str, now: datetime) -> None:
    """Note that somebody who knew the password was not let in; `why` in words (`неверный код`)."""
    session.add(
        SignInRecord(
            person_oid=person.oid,
            at=now,
            event=SIGN_IN,
            method="Пароль",
            device=browsers.device(),
            address=masked_address(),
            refused=why,
        )
    )


def note(session: Session, person: Person, event: str, *, method: str, address: str | None = None) -> None:
    """Note another event (`Телефон изменён`); `address`: of the browser, else that of the request at hand."""
    session.add(
        SignInRecord(
            person_oid=person.oid,
            at=current_stand().clock.now(),
            event=event,
            method=method,
            device=browsers.device(),
            address=masked_address(address),
        )
    )


def record(session: Session, person: Person, event: str, *, method: str, address: str) -> None:
    """Note another event (`Личность подтверждена`) and tell the person; `address` is the browser's network address."""
    note(session, person, event, method=method, address=address)
    text = f"Способ: {method}. Сетевой адрес: {masked_address(address)}. Если это были не вы, смените пароль."
    link = Link("/cabinet/security/history", "История входов")
    notices.notify(session, person, event, text, ways=["sms", "mail"], link=link)


def newest(session: Session, person_oid: int, most: int = 50) -> list[SignInRecord]:
    """The person's history, the newest first."""
    mine = select(SignInRecord).where(SignInRecord.person_oid == person_oid)
    return list(session.exec(mine.order_by(col(SignInRecord.id).desc()).limit(most)))


def _has_signed_in(session: Session, person_oid: int) -> bool:
    mine = select(SignInRecord.id).where(SignInRecord.person_oid == person_oid, SignInRecord.event == SIGN_IN)
    return session.exec(mine.where(col(SignInRecord.refused).is_(None)).limit(1)).first() is not None


def _tell(session: Session, person: Person, line: SignInRecord) -> None:
    """The notice of a new device. The link with its token goes out in messages only: the cabinet needs none."""
    stand = current_stand()
    token = stand.ids.token()
    line.link_hash = token_hash(token)
    line.link_until = line.at + LINK_FOR
    notices.notify(
        session,
        person,
        "Вход с нового устройства",
        f"{moment(line.at)}. Устройство: {line.device}. Сетевой адрес: {line.address}. "
        "Если это были вы, ничего делать не нужно.",
        ways=["sms", "mail"],
        outside=f"Это не я: {stand.idp_url}/cabinet/not-me?link={token}",
        link=Link("/cabinet/security/stolen", "Это не я"),
    )
