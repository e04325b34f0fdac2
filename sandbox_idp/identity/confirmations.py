"""What it takes to prove who one is, the tries that are under way, and what follows from success (R-077…R-079)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import col, select

from foundation.database import Session
from foundation.russian import span
from sandbox_idp.accounts import levels, people
from sandbox_idp.accounts.models import Person
from sandbox_idp.cabinet import confirmation, history
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.context import current_stand
from sandbox_idp.factors.pushes import Errand
from sandbox_idp.identity.models import IdentityConfirmation
from sandbox_idp.policy import Policy
from sandbox_idp.registries import answers
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import MessageDraft
from sandbox_idp.sign_in.codes import Slot, TooSoonError
from sandbox_idp.sign_in.secrecy import keyed_hash, token_hash
from sandbox_idp.world import messages

Method = Literal["sms", "push", "signature", "card", "mail"]
Card = Literal["success", "declined", "timeout", "plain"]
LinkState = Literal["fresh", "used", "replaced", "expired"]

METHODS: dict[Method, str] = {
    "sms": "Код из СМС",
    "push": "Приложение «Госуслуги»",
    "signature": "Электронная подпись",
    "card": "Банковская карта с 3-D Secure",
    "mail": "Ссылка по электронной почте",
}
"""The methods of `docs/policy.md`."""
CARDS: dict[Card, str] = {
    "success": "Карта •••• 1111 успех",
    "declined": "Карта •••• 2222 отказ",
    "timeout": "Карта •••• 3333 таймаут",
    "plain": "Карта •••• 4444 без 3-D Secure",
}
"""Demo cards: chosen from the list, a number is typed nowhere (R-076)."""
SMS_PURPOSE, BANK_PURPOSE, PUSH_PURPOSE = "identity", "bank", "identity"
BANK_WAITS = timedelta(minutes=5)
CODE_DIGITS = 6


@dataclass(frozen=True)
class Missing:
    """A precondition that is not met (R-077): its name, and where to meet it (path of this program)."""

    name: str
    path: str
    words: str


def missing(session: Session, person: Person) -> list[Missing]:
    """Every precondition that is not met."""
    found = []
    if answers.proven_passport(session, person.oid) is None:
        found.append(Missing("подтверждённый паспорт", "/cabinet/documents/passport", "Добавить паспорт"))
    if not person.snils:
        found.append(Missing("подтверждённый СНИЛС", "/cabinet/documents/snils", "Добавить СНИЛС"))
    if people.confirmed_phone(session, person.oid) is None:
        found.append(Missing("подтверждённый номер телефона", "/cabinet/profile", "Открыть профиль"))
    return found


def is_done(person: Person) -> bool:
    """Whether there is nothing to prove any more."""
    return person.level.startswith("confirmed")


def contact_of(session: Session, person: Person, method: Method) -> str | None:
    """The phone or the address of the account that a method goes to."""
    return (
        people.confirmed_mail(session, person.oid) if method == "mail" else people.confirmed_phone(session, person.oid)
    )


def slot(here: SignedIn, purpose: str, phone: str) -> Slot:
    """Where a code by SMS belongs: the session at hand, so the number of codes is limited however often one begins."""
    words = "Код, чтобы подтвердить личность" if purpose == SMS_PURPOSE else "Учебный банк: код для проверки карты, 0 ₽"
    return Slot(here.session.token_hash, purpose, phone, words, person_oid=here.person.oid)


def push_errand(here: SignedIn) -> Errand:
    """What a confirmation in the mobile app belongs to."""
    return Errand(here.session.token_hash, PUSH_PURPOSE, "Подтверждение личности на Госуслугах")


def succeed(session: Session, here: SignedIn, method: Method, *, address: str, now: datetime) -> None:
    """The person is who they say: подтверждённая, a line in the history, a notice (R-079)."""
    levels.hold(session, here.person)
    if not is_done(here.person):
        levels.confirm(session, here.person, now, by_signature=method == "signature")
    history.record(session, here.person, "Личность подтверждена", method=METHODS[method], address=address)
    engine.act("identity-confirmed", person_oid=here.person.oid, method=method)


def begin_card(session: Session, here: SignedIn, card: Card, now: datetime) -> IdentityConfirmation:
    """Go to the bank with this card. What the bank says no to at once is over at once."""
    confirmation.hold(session, here)
    _replace_open(session, here, now)
    row = _new(here, "card", now, BANK_WAITS)
    row.card = card
    session.add(row)
    session.flush()
    at_once = {"declined": "declined", "plain": "unsupported"}.get(card)
    if not here.person.card_linked:
        at_once = "not-linked"
    if at_once is not None:
        finish(session, row, at_once, now)
    return row


def begin_mail(session: Session, here: SignedIn, mail: str, policy: Policy, now: datetime) -> IdentityConfirmation:
    """Send a letter with a link; the link before it stops working. Raises TooSoonError (S-39)."""
    confirmation.hold(session, here)
    at = next_letter_at(session, here.person.oid, policy, now)
    if at > now:
        raise TooSoonError(at)
    _replace_open(session, here, now)
    token = current_stand().ids.token()
    row = _new(here, "mail", now, policy.mail.valid_for)
    row.link_hash = token_hash(token)
    session.add(row)
    session.flush()
    messages.send(session, _letter(here.person, mail, token, policy))
    return row


def next_letter_at(session: Session, oid: int, policy: Policy, now: datetime) -> datetime:
    """From when on another letter may be asked for: a minute after the last, and not more than five an hour again."""
    mine = (
        select(IdentityConfirmation.started_at)
        .where(IdentityConfirmation.person_oid == oid, IdentityConfirmation.method == "mail")
        .order_by(col(IdentityConfirmation.started_at).desc())
    )
    last = session.exec(mine.limit(1)).first()
    sixth = session.exec(mine.offset(policy.sms.an_hour).limit(1)).first()
    at = last + policy.sms.again_after if last is not None else now
    return max(at, sixth + timedelta(hours=1)) if sixth is not None else at


def at_hand(session: Session, here: SignedIn, method: str) -> IdentityConfirmation | None:
    """The try that was begun last in this session by that method, over or not."""
    mine = select(IdentityConfirmation).where(
        IdentityConfirmation.session_hash == here.session.token_hash, IdentityConfirmation.method == method
    )
    return session.exec(mine.order_by(col(IdentityConfirmation.started_at).desc()).limit(1)).first()


def by_link(session: Session, token: str, *, hold_it: bool = False) -> IdentityConfirmation | None:
    """The try of a link; None if its address was changed or cut off on the way."""
    mine = select(IdentityConfirmation).where(IdentityConfirmation.link_hash == token_hash(token))
    return session.exec(mine.with_for_update() if hold_it else mine).first()


def link_state(row: IdentityConfirmation, now: datetime) -> LinkState:
    """Whether a link still works, and why not (U-15)."""
    if row.state == "passed":
        return "used"
    if row.state != "open":
        return "replaced"
    return "expired" if row.expires_at <= now else "fresh"


def carried_code(row: IdentityConfirmation) -> str:
    """The digits that carry a link over from another browser. They follow from the link, so nothing has to be kept."""
    return f"{int(keyed_hash('carry', row.link_hash or ''), 16) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def finish(session: Session, row: IdentityConfirmation, state: str, now: datetime) -> None:
    """The try is over. The caller holds the session it began in."""
    row.state, row.finished_at = state, now
    session.add(row)
    session.flush()


def _replace_open(session: Session, here: SignedIn, now: datetime) -> None:
    mine = IdentityConfirmation.session_hash == here.session.token_hash
    for row in session.exec(select(IdentityConfirmation).where(mine, IdentityConfirmation.state == "open")):
        finish(session, row, "replaced", now)


def _new(here: SignedIn, method: str, now: datetime, valid_for: timedelta) -> IdentityConfirmation:
    return IdentityConfirmation(
        id=current_stand().ids.token(16),
        person_oid=here.person.oid,
        session_hash=here.session.token_hash,
        method=method,
        started_at=now,
        expires_at=now + valid_for,
    )


def _letter(person: Person, mail: str, token: str, policy: Policy) -> MessageDraft:
    return MessageDraft(
        kind="mail",
        recipient=mail,
        subject="Подтвердите личность",
        text=(
            f"{person.name}, вы подтверждаете личность на учебных Госуслугах.\n"
            "Откройте ссылку в том браузере, где начали, и нажмите «Подтвердить личность»: "
            f"{current_stand().idp_url}/identity/mail/{token}\n"
            f"Ссылка действует {span(policy.mail.valid_for)}, один раз. Если это были не вы, ничего не делайте."
        ),
        person_oid=person.oid,
    )
