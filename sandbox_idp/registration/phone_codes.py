"""Codes that prove the phone that somebody registers with (R-068).

A phone that has an account already gets no code: its owner is told instead, and the code that nobody knows is kept like
any other. So the pages go the same way with the same words, and do the same work (S-32).
"""

from __future__ import annotations

from datetime import datetime

from foundation.database import Session
from sandbox_idp.accounts import contacts
from sandbox_idp.accounts.models import OneTimeCode
from sandbox_idp.context import current_stand
from sandbox_idp.policy import Policy
from sandbox_idp.registration.models import Registration
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in import codes
from sandbox_idp.sign_in.codes import Slot

PURPOSE = "register"


def send_first(
    session: Session, registration: Registration, *, address: str, policy: Policy, now: datetime
) -> OneTimeCode:
    """The code that follows the first step; the one that is there is kept while it is good (a second click, Back).

    No password comes before it, so unlike the first code of a sign-in it counts: six an hour for one number, whoever
    asks, and a hundred times as many for one network address (S-39). Raises TooSoonError.
    """
    there = newest(session, registration)
    if there is not None and there.expires_at > now and there.attempts_left > 0:
        return there
    return send(session, registration, address=address, policy=policy, now=now)


def send(session: Session, registration: Registration, *, address: str, policy: Policy, now: datetime) -> OneTimeCode:
    """Another code, or the word to the phone's owner. The caller holds the registration. Raises TooSoonError."""
    owner = contacts.owner(session, "phone", registration.phone)
    slot = Slot(
        key=registration.id,
        purpose=PURPOSE,
        recipient=registration.phone,
        words="Код для регистрации",
        instead=_words_to_owner() if owner is not None else None,
        proved=False,
    )
    sent = codes.send(session, slot, address=address, policy=policy, now=now)
    if owner is not None:
        engine.act("register-phone-taken", person_oid=owner.oid)
    return sent


def newest(session: Session, registration: Registration) -> OneTimeCode | None:
    """The code that was sent last for this registration."""
    return codes.newest(session, registration.id, PURPOSE)


def _words_to_owner() -> str:
    address = current_stand().idp_url
    return (
        "Кто-то регистрируется с этим номером, а учётная запись на нём уже есть.\n"
        f"Если это вы, войдите: {address}/login\n"
        f"Не помните пароль: {address}/recovery\n"
        "Если не вы, ничего не делайте."
    )
