"""Letters with a link that proves a mailbox: ten minutes, once, only the newest, spent by a POST (C-01, R-087, U-15).

Registration does not wait for it. An address becomes a person's only when the link has been pressed, so nobody can
keep an address from its owner by naming it. Where the address belongs to another account already, the owner is told in
place of the link, and the page says exactly the same (S-32).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from foundation import log
from foundation.database import Session
from foundation.russian import span
from sandbox_idp.accounts import contacts
from sandbox_idp.accounts.models import Contact, Person
from sandbox_idp.context import current_stand
from sandbox_idp.policy import Policy
from sandbox_idp.registration.models import MailLink
from sandbox_idp.scenarios.points import MessageDraft
from sandbox_idp.sign_in.codes import TooSoonError
from sandbox_idp.sign_in.secrecy import subject, token_hash
from sandbox_idp.world import messages

_log = log.get_log("sandbox_idp.registration")
_HOUR = timedelta(hours=1)

State = Literal["fresh", "used", "replaced", "expired"]


@dataclass(frozen=True)
class Countdown:
    """When another letter may be asked for."""

    at: datetime
    left: int


def send(session: Session, person: Person, mail: str, *, address: str, policy: Policy, now: datetime) -> MailLink:
    """Send a letter to `mail`; the person's link before it stops working. Raises TooSoonError (S-39)."""
    at = next_at(session, person.oid, mail, address=address, policy=policy, now=now)
    if at > now:
        raise TooSoonError(at)
    stand = current_stand()
    before = newest(session, person.oid)
    if before is not None:
        before.replaced_at = now
        session.add(before)
    token = stand.ids.token()
    link = MailLink(
        token_hash=token_hash(token),
        person_oid=person.oid,
        mail=mail,
        address=address,
        sent_at=now,
        expires_at=now + policy.mail.valid_for,
    )
    session.add(link)
    session.flush()
    owner = contacts.owner(session, "mail", mail)
    if owner is None or owner.oid == person.oid:
        messages.send(session, _letter(person, mail, f"{stand.idp_url}/register/mail/{token}", policy))
    else:
        messages.send(session, _letter_to_owner(owner, mail, stand.idp_url))
    return link


def newest(session: Session, person_oid: int) -> MailLink | None:
    """The link that was sent to the person last."""
    statement = select(MailLink).where(MailLink.person_oid == person_oid, col(MailLink.replaced_at).is_(None))
    return session.exec(statement.order_by(col(MailLink.sent_at).desc())).first()


def find(session: Session, token: str, *, hold: bool = False) -> MailLink | None:
    """The link of that token; None if the address was changed or cut off on its way."""
    return session.get(MailLink, token_hash(token), with_for_update=hold, populate_existing=hold)


def state_of(link: MailLink, now: datetime) -> State:
    """Whether the link can still be pressed, and if not, why."""
    if link.used_at is not None:
        return "used"
    if link.replaced_at is not None:
        return "replaced"
    return "expired" if link.expires_at <= now else "fresh"


def confirm(session: Session, link: MailLink, now: datetime) -> None:
    """Spend a fresh link, which the caller holds: the address is the person's. Raises ContactTakenError."""
    link.used_at = now
    session.add(link)
    contacts.claim(session, link.person_oid, "mail", link.mail)
    _log.info("mail_confirmed", subject=subject(link.person_oid))


def is_confirmed(session: Session, link: MailLink) -> bool:
    """Whether the address is the person's by now, by whichever link."""
    owned = select(Contact.id).where(
        Contact.person_oid == link.person_oid, Contact.type == contacts.TYPES["mail"], Contact.value == link.mail
    )
    return session.exec(owned.where(col(Contact.verified).is_(True))).first() is not None


def next_at(session: Session, person_oid: int, mail: str, *, address: str, policy: Policy, now: datetime) -> datetime:
    """From when on another letter may be asked for: a minute after the last, and not more than five an hour again.

    Counted per account, per mailbox and (a hundred times as many) per network address, as with codes by SMS.
    """
    rules = policy.sms
    before = newest(session, person_oid)
    at = before.sent_at + rules.again_after if before is not None else now
    for condition, most in (
        (col(MailLink.person_oid) == person_oid, rules.an_hour + 1),
        (col(MailLink.mail) == mail, rules.an_hour + 1),
        (col(MailLink.address) == address, rules.an_hour * 100),
    ):
        at = max(at, _free_again(session, condition, most, now) or at)
    return at


def _free_again(session: Session, condition: ColumnElement[bool], most: int, now: datetime) -> datetime | None:
    """When the oldest of the last `most` letters leaves the hour; None if there were fewer."""
    oldest = session.exec(
        select(MailLink.sent_at)
        .where(condition, col(MailLink.sent_at) > now - _HOUR)
        .order_by(col(MailLink.sent_at).desc())
        .offset(most - 1)
        .limit(1)
    ).first()
    return oldest + _HOUR if oldest is not None else None


def _letter(person: Person, mail: str, link: str, policy: Policy) -> MessageDraft:
    return MessageDraft(
        kind="mail",
        recipient=mail,
        subject="Подтвердите адрес электронной почты",
        text=(
            f"{person.name}, вы указали этот адрес при регистрации на учебных Госуслугах.\n"
            f"Откройте ссылку и нажмите «Подтвердить адрес»: {link}\n"
            f"Ссылка действует {span(policy.mail.valid_for)}. Если регистрировались не вы, ничего не делайте."
        ),
        person_oid=person.oid,
    )


def _letter_to_owner(owner: Person, mail: str, idp_url: str) -> MessageDraft:
    return MessageDraft(
        kind="mail",
        recipient=mail,
        subject="Ваш адрес указали при регистрации",
        text=(
            "Этот адрес уже подтверждён в вашей учётной записи Госуслуг, к другой его не привязать.\n"
            f"Если это были вы, войдите в свою учётную запись: {idp_url}/login\n"
            f"Не помните пароль, восстановите его: {idp_url}/recovery\n"
            "Или укажите в новой учётной записи другой адрес. Если это были не вы, ничего не делайте."
        ),
        person_oid=owner.oid,
    )
