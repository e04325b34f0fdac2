"""Browsers that remember who signed in last (R-024): masked, and forgotten by «Другой пользователь»."""

from __future__ import annotations

from datetime import datetime

from flask import Response, current_app

from foundation.database import Session
from foundation.web.cookies import Cookie
from sandbox_idp.accounts.models import Device, Person
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.sign_in.secrecy import token_hash


def remembered(session: Session, now: datetime) -> Device | None:
    """Whom this browser remembers; nobody after `device_for`, or when the account is gone."""
    token = cookie().read()
    if not token:
        return None
    device = session.get(Device, token_hash(token))
    if device is None or device.seen_at + current_policy().sign_in.device_for <= now:
        return None
    person = session.get(Person, device.person_oid)
    return device if person is not None and person.state != "deleted" else None


def is_of(session: Session, person_oid: int, now: datetime) -> bool:
    """Whether this browser remembers this very person."""
    device = remembered(session, now)
    return device is not None and device.person_oid == person_oid


def remember(session: Session, *, person_oid: int, login_hash: str, login_masked: str, now: datetime) -> str:
    """Remember who has just signed in, in the place of whoever was remembered; returns the cookie's new value.

    The value is new each time: a cookie planted beforehand must not tell its planter who came later (S-44).
    """
    forget(session)
    token = current_stand().ids.token()
    session.add(
        Device(
            token_hash=token_hash(token),
            person_oid=person_oid,
            login_hash=login_hash,
            login_masked=login_masked,
            seen_at=now,
        )
    )
    session.flush()
    return token


def forget(session: Session) -> None:
    """Remember nobody on this browser."""
    token = cookie().read()
    device = session.get(Device, token_hash(token)) if token else None
    if device is not None:
        session.delete(device)
        session.flush()


def write_device(response: Response, token: str) -> None:
    """Give the browser the device's cookie."""
    cookie().write(response, token)


def cookie() -> Cookie:
    """The device's cookie."""
    return Cookie("device", current_app.extensions["settings"].public_url)
