"""The first step: login and password. The same work and the same answer for a login that does not exist (S-32)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from foundation import log
from foundation.database import Session
from sandbox_idp.accounts import passwords, people
from sandbox_idp.accounts.logins import Login
from sandbox_idp.accounts.models import Device, Person
from sandbox_idp.policy import Policy
from sandbox_idp.sign_in import throttle
from sandbox_idp.sign_in.secrecy import keyed_hash, subject
from sandbox_idp.sign_in.throttle import Limit

_log = log.get_log("sandbox_idp.sign_in")


@dataclass(frozen=True)
class Claim:
    """Who somebody says they are, before the password: the key that is counted, and the person if there is one."""

    login_hash: str
    login_masked: str
    person: Person | None


@dataclass(frozen=True)
class Right:
    """The password is the person's."""

    person: Person


@dataclass(frozen=True)
class Wrong:
    """It is not, or there is no such login; nobody is told which."""

    left: int | None
    """How many tries are left, from the time on when that is said."""
    captcha: bool
    """Whether the next try needs the figures of a captcha."""


@dataclass(frozen=True)
class Locked:
    """Too many wrong ones: nothing is tried until then."""

    until: datetime


def claim_login(session: Session, login: Login) -> Claim:
    """The claim of somebody who typed a login."""
    key = keyed_hash("login", f"{login.kind}|{login.value}")
    return Claim(key, login.masked, people.find_by_login(session, login))


def claim_device(session: Session, device: Device) -> Claim:
    """The claim of somebody whom the browser remembers; its counter is that of the login typed then."""
    return Claim(device.login_hash, device.login_masked, session.get(Person, device.person_oid))


def locked(session: Session, claim: Claim, address: str, policy: Policy, now: datetime) -> Locked | None:
    """Whether this login, or this network address, is locked now."""
    until = throttle.locked_until(session, _limits(claim, address, policy), now)
    return Locked(until) if until else None


def locked_whoever_typed(session: Session, person: Person, policy: Policy, now: datetime) -> Locked | None:
    """Whether any login of this person (phones, addresses, SNILS), or the second factor, is locked now."""
    keys = [keyed_hash("login", f"{login.kind}|{login.value}") for login in people.logins_of(session, person)]
    until = throttle.locked_until(
        session, [*(_login_limit(key, policy) for key in keys), throttle.factor_limit(person.oid, policy)], now
    )
    return Locked(until) if until else None


def asks_captcha(session: Session, claim: Claim, policy: Policy, now: datetime) -> bool:
    """Whether this login, known or not, has had so many wrong passwords that the next needs a captcha (U-16)."""
    return throttle.wrong_in_a_row(session, claim.login_hash, now) >= policy.tries.captcha_after


def forget_wrong(session: Session, person: Person) -> None:
    """The person has proved otherwise who it is: wrong passwords count no more, under none of the logins."""
    for login in people.logins_of(session, person):
        throttle.forget(session, keyed_hash("login", f"{login.kind}|{login.value}"))


def unlock(session: Session, person: Person, policy: Policy) -> None:
    """What an operator does: every login of this person, and the second factor, begin anew."""
    forget_wrong(session, person)
    throttle.forget(session, throttle.factor_limit(person.oid, policy).key)


def verify(claim: Claim, typed: str) -> bool:
    """Exactly one Argon2id verification, whoever it is; raises passwords.HashingBusyError."""
    return passwords.verify(claim.person.password_hash if claim.person else None, typed)


def settle(
    session: Session, claim: Claim, typed: str, verified: bool, *, address: str, policy: Policy, now: datetime
) -> Right | Wrong | Locked:
    """Count the outcome. A lock that came up meanwhile holds for a right password too: guesses side by side gain
    nothing. A hash with yesterday's parameters is made anew (S-30).
    """
    limits = _limits(claim, address, policy)
    right = verified and claim.person is not None
    until = (
        throttle.locked_until(session, limits, now, hold=True)
        if right
        else throttle.locked_before_counting(session, limits, now)
    )
    if until is not None:
        _log.info("password_refused", result="locked", subject=_subject(claim))
        return Locked(until)
    if verified and claim.person is not None:
        throttle.forget(session, claim.login_hash)
        person = session.get_one(Person, claim.person.oid)
        if passwords.needs_rehash(person.password_hash):
            person.password_hash = passwords.hash_password(typed)
            session.add(person)
        _log.info("password_accepted", subject=subject(person.oid))
        return Right(person)
    wrong = throttle.count_wrong(session, limits, now)[claim.login_hash]
    left = policy.tries.lock_after - wrong
    _log.info("password_refused", result="wrong", left=left, subject=_subject(claim))
    if left <= 0:
        return Locked(throttle.locked_until(session, limits, now) or now + policy.tries.lock_for)
    return Wrong(left if wrong >= policy.tries.show_left_from else None, wrong >= policy.tries.captcha_after)


@dataclass(frozen=True)
class Slip:
    """What may have gone wrong while typing."""

    act: str
    """What the journal calls it."""
    hint: str


def slips(typed: str) -> list[Slip]:
    """What may have gone wrong, judged by nothing but the typed text itself (R-021, R-097)."""
    found = []
    if typed != typed.strip():
        found.append(Slip("password-spaces", "В начале или в конце пароля есть пробел: уберите его, если он лишний."))
    if any("а" <= letter <= "я" or letter == "ё" for letter in typed.lower()):
        found.append(Slip("password-layout", "Пароль набран русскими буквами."))
    if len(typed) > 3 and typed.isupper():
        found.append(Slip("password-layout", "Пароль набран одними заглавными буквами."))
    return found


def _limits(claim: Claim, address: str, policy: Policy) -> tuple[Limit, Limit]:
    tries = policy.tries
    return (
        _login_limit(claim.login_hash, policy),
        Limit(keyed_hash("address", address), tries.lock_after * tries.address_factor, tries.lock_for, forgets=True),
    )


def _login_limit(key: str, policy: Policy) -> Limit:
    tries = policy.tries
    return Limit(key, tries.lock_after, tries.lock_for, tries.lock_most, tries.closed_after)


def _subject(claim: Claim) -> str:
    """Known and unknown logins look alike in the log as well."""
    return claim.login_hash[:12]
