"""A crowd of patients in a stand, so that nobody has to sign in twice within the limits for codes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, datetime

from sandbox_idp.accounts.models import Child, Contact, Document, Person
from sandbox_idp.accounts.passwords import hash_password
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.context import Stand
from sandbox_idp.keys import KeyPool, new_private_key

FIRST = 2_000_000_000


class FewKeys(KeyPool):
    """Hands out the same few keys in turn: a thousand stands would need minutes for keys that nothing depends on."""

    def __init__(self, count: int) -> None:
        self._keys = itertools.cycle([new_private_key() for _ in range(count)])

    def fill(self, size: int) -> None:
        """All that there will be are there."""

    def take(self) -> str:
        """The next one."""
        return next(self._keys)


def phone(number: int) -> str:
    """The phone of the patient with that number, in the training range."""
    return f"+7000{5_000_000 + number}"


def settle(stand: Stand, count: int) -> list[str]:
    """Put `count` confirmed people into the stand, every second one with a child; tells their phones."""
    password = hash_password(PASSWORD)
    numbers = range(count)
    with stand.database.writing() as session:
        session.add_all(_person(number, password, stand.clock.now()) for number in numbers)
        session.flush()
        session.add_all(Contact(id=FIRST + n, person_oid=FIRST + n, type="MBT", value=phone(n)) for n in numbers)
        session.add_all(_child(number) for number in numbers[::2])
        session.flush()
        for number in numbers:
            session.add_all(_papers(number))
    return [phone(number) for number in numbers]


def _person(number: int, password_hash: str, now: datetime) -> Person:
    return Person(
        oid=FIRST + number,
        surname="Скорый",
        name="Иван",
        patronymic="Иванович",
        sex="M",
        birth_date=date(1980, 1, 1),
        snils=f"000{number:06d}00",
        level="confirmed",
        region="36",
        zone="Europe/Moscow",
        password_hash=password_hash,
        created_at=now,
        updated_at=now,
    )


def _child(number: int) -> Child:
    return Child(
        id=FIRST + number,
        parent_oid=FIRST + number,
        surname="Скорый",
        name="Пётр",
        patronymic="Иванович",
        sex="M",
        birth_date=date(2018, 1, 1),
    )


def _papers(number: int) -> Iterator[Document]:
    """Policy and passport, and the birth certificate of the child if there is one."""
    row, oid = 4 * number, FIRST + number
    yield Document(id=FIRST // 2 + row, person_oid=oid, type="MDCL_PLCY", number=f"0000{number:012d}")
    yield Document(id=FIRST // 2 + row + 1, person_oid=oid, type="RF_PASSPORT", series="0000", number=f"{number:06d}")
    if number % 2 == 0:
        yield Document(
            id=FIRST // 2 + row + 2, child_id=oid, type="RF_BRTH_CERT", series="I-ЛА", number=f"{number:06d}"
        )
