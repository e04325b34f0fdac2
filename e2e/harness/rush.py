"""A rush for one appointment: many patients press «Записаться» at the same moment, and a worker is killed meanwhile.

The patients and their cards are put into the stand at once (fifty sign-ins are not what is looked at); what they do
afterwards goes over HTTP through the running portal like everybody's.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Self
from urllib.parse import urlencode, urlsplit

from sqlmodel import col, select

from foundation.ids import SystemIds
from foundation.web.cookies import cookie_rules
from portal.patients.models import Patient, PatientItem
from portal.sign_in.models import PatientSession
from portal.sign_in.pending import digest
from portal.sign_in.sealing import Sealer
from portal.web.form_keys import signature_of
from sandbox_idp.clinic.models import ClinicBooking, ClinicCard
from sandbox_idp.context import Stand
from sandbox_idp.servers import Program
from sandbox_idp.testing.pair import PairInfo
from sandbox_idp.testing.stand import StandUnderTest

CLINIC = "369001"
BORN = date(1980, 1, 1)
SPECIALITY = "ophthalmologist"
"""For every adult, attached or not, without a referral."""
AS_LONG_AS_IT_TAKES = timedelta(days=2)
"""How long the sessions live: nobody signs in again in the middle of a rush."""
NEXT_WEEK = timedelta(days=7)
TRIES = 20
"""So often somebody asks again who got no answer."""
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_TIME = re.compile(r'class="time" href="[^"]*/review\?slot=([^"&]+)"')


@dataclass
class Round:
    """What came of one rush."""

    confirmed: list[tuple[str, str]] = field(default_factory=list)
    """Card and booking of those who were told that they have it, before anybody pressed again."""
    told: list[tuple[str, str]] = field(default_factory=list)
    """The same after those without an answer had pressed again."""
    refused: int = 0
    unanswered: int = 0
    """Presses that got no answer: the worker was killed."""
    rows: list[tuple[str, str]] = field(default_factory=list)
    """Card and booking in the database."""

    @property
    def fault(self) -> str:
        """What is wrong with it; empty if nothing is."""
        if len(self.rows) != 1:
            return f"{len(self.rows)} bookings of one slot"
        if set(self.confirmed) - set(self.rows):
            return f"confirmed and lost: {self.confirmed}, there is {self.rows}"
        if set(self.told) != set(self.rows):
            return f"told {self.told}, there is {self.rows}"
        return ""


class Presser:
    """One patient at the portal, with one connection. The keys of the forms are made here as the portal makes them."""

    def __init__(self, stand: StandUnderTest, card: str, cookie: tuple[str, str], secret: str) -> None:
        self.card = card
        self._place = urlsplit(stand.portal_url)
        self._cookies = dict([cookie])
        self._secret = secret
        self._connection = HTTPConnection(self._place.netloc, timeout=60)
        self._token = ""
        self._sent = b""

    def close(self) -> None:
        self._connection.close()

    def times(self, day: date) -> list[str]:
        """Ids of the free times of the first day that has some, in the week of `day`."""
        query = f"clinic={CLINIC}&speciality={SPECIALITY}&day={day}"
        return _TIME.findall(self._ask("GET", f"/appointments/new?{query}")[2])

    def arrive(self) -> None:
        """Have a page with a form open."""
        status, _, text = self._ask("GET", "/waiting-list")
        found = _TOKEN.search(text)
        assert found is not None, f"{status}: {text[:300]}"
        self._token = found.group(1)

    def choose(self, slot: str) -> None:
        """The form of that slot, ready to be sent."""
        self._sent = self._form({"slot": slot}, "book", self.card, slot)

    def press(self) -> tuple[int, str]:
        """«Записаться»: the status, and the id of the booking. OSError or HTTPException where no answer came."""
        status, place, _ = self._ask("POST", "/appointments/new", self._sent)
        return status, place.partition("?")[0].rpartition("/")[2]

    def give_up(self, booking: str) -> None:
        """Cancel it, so that the next rush finds the same people."""
        form = self._form({}, "cancel", self.card, booking)
        # The one it has may be to the worker that was killed, or idle for too long: a browser would open another.
        self._connection.close()
        status, _, text = self._ask("POST", f"/appointments/{booking}/cancel", form)
        assert status == 303, f"{status}: {text[:300]}"

    def _form(self, values: dict[str, str], *purpose: str) -> bytes:
        value = SystemIds().token(18)
        key = f"{value}.{signature_of(self._secret, value, *purpose)}"
        return urlencode({**values, "key": key, "csrf_token": self._token}).encode()

    def _ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self._connection.request(method, self._place.path + path, body, headers)
            answer = self._connection.getresponse()
            text = answer.read().decode()
        except (OSError, HTTPException):
            self._connection.close()
            raise
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = cookie.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        return answer.status, answer.headers.get("Location", ""), text


class Rush:
    """So many patients in one stand of a running pair."""

    def __init__(self, info: PairInfo, stand: StandUnderTest, *, patients: int = 50) -> None:
        # The free times of a day stay free for as long as the rush lasts.
        stand.control.freeze()
        self._house = info.house()
        opened = self._house.find(stand.id)
        assert opened is not None
        self._opened = opened
        self.pressers = [
            Presser(stand, card, (name, value), info.environ["PORTAL_SECRET_KEY"])
            for card, name, value in _settle(opened, stand, info.environ["PORTAL_SECRET_KEY"], patients)
        ]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(Presser.arrive, self.pressers))
        # Each is given up after its round, and within two hours of an appointment nobody can.
        self.slots = self.pressers[0].times((opened.clock.now() + NEXT_WEEK).date())
        assert self.slots, "nobody sees patients next week"
        self._without: set[str] = set()
        """Cards of those who got no answer yet in the round at hand."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for presser in self.pressers:
            presser.close()
        self._house.close()

    def round(self, number: int, *, kill: Program | None = None) -> Round:
        """Everybody wants the same time at once; with `kill` a worker of that program is killed while they do."""
        slot = self.slots[number % len(self.slots)]
        outcome = Round()
        start = threading.Barrier(len(self.pressers) + 1)
        with ThreadPoolExecutor(len(self.pressers)) as pool:
            for presser in self.pressers:
                presser.choose(slot)
            jobs = [pool.submit(_press_at, start, each) for each in self.pressers]
            start.wait()
            if kill is not None:
                os.kill(next(worker_pids(kill)), signal.SIGKILL)
            for presser, job in zip(self.pressers, jobs, strict=True):
                self._note(outcome, presser, job.result())
            outcome.confirmed = list(outcome.told)
            again = [each for each in self.pressers if each.card in self._without]
            for presser, answer in zip(again, pool.map(_press_until_answered, again), strict=True):
                self._note(outcome, presser, answer)
        with self._opened.database.reading() as session:
            found = session.exec(
                select(ClinicBooking.card_id, ClinicBooking.id).where(
                    ClinicBooking.state == "booked", col(ClinicBooking.card_id).like("rush-%")
                )
            )
            outcome.rows = [(card, booking) for card, booking in found]
        by_card = {each.card: each for each in self.pressers}
        for card, booking in outcome.rows:
            by_card[card].give_up(booking)
        return outcome

    def _note(self, outcome: Round, presser: Presser, answer: tuple[int, str] | None) -> None:
        if answer is None:
            outcome.unanswered += 1
            self._without.add(presser.card)
            return
        self._without.discard(presser.card)
        status, booking = answer
        if status == 303:
            outcome.told.append((presser.card, booking))
        else:
            assert status == 409, f"{status} is no answer to a rush"
            outcome.refused += 1


def _press_at(start: threading.Barrier, presser: Presser) -> tuple[int, str] | None:
    start.wait()
    return _press(presser)


def _press(presser: Presser) -> tuple[int, str] | None:
    with contextlib.suppress(OSError, HTTPException):
        answer = presser.press()
        # The portal's own word that it cannot answer now: nothing is known, and one presses again.
        return None if answer[0] >= 500 else answer
    return None


def _press_until_answered(presser: Presser) -> tuple[int, str] | None:
    for _ in range(TRIES):
        answer = _press(presser)
        if answer is not None:
            return answer
    return None


def worker_pids(program: Program) -> Iterator[int]:
    """The workers of a running program: the children of its first process."""
    assert program.process is not None
    children = Path(f"/proc/{program.process.pid}/task/{program.process.pid}/children").read_text("ascii")
    for pid in children.split():
        yield int(pid)


def _settle(stand: Stand, where: StandUnderTest, secret: str, patients: int) -> Sequence[tuple[str, str, str]]:
    """Patients with a policy, a card and a session that lasts; tells the card and the cookie of each."""
    ids, sealer, now = SystemIds(), Sealer(secret), stand.clock.now()
    base, _, prefix = where.portal_url.partition("/s/")
    rules = cookie_rules("session", f"/s/{prefix}", base)
    settled = []
    with stand.database.writing() as clinic, stand.portal_database.writing() as portal:
        for number in range(patients):
            card, patient, session_id = _card(number), _patient(number, now, ids), ids.token()
            clinic.add(card)
            portal.add(patient)
            portal.flush()
            policy = {"number": card.policy}
            portal.add(
                PatientItem(patient_id=patient.id, kind="policy", state="loaded", as_of=now, tried_at=now, data=policy)
            )
            portal.add(_session(patient.id, session_id, now))
            settled.append((card.id, rules.name, sealer.sign(session_id)))
    return settled


def _card(number: int) -> ClinicCard:
    return ClinicCard(
        id=f"rush-{number}",
        number=f"RUSH-{number}",
        surname="Спешный",
        name="Пётр",
        sex="male",
        birth_date=BORN,
        snils=f"00099{number:06d}",
        policy=f"0000900000{number:06d}",
        site=CLINIC,
        attached_on=BORN,
    )


def _patient(number: int, now: datetime, ids: SystemIds) -> Patient:
    return Patient(
        id=ids.uuid(),
        issuer="rush",
        subject=str(number),
        surname="Спешный",
        name="Пётр",
        snils=f"00099{number:06d}",
        birth_date=BORN,
        level="confirmed",
        person_as_of=now,
        created_at=now,
    )


def _session(patient_id: str, session_id: str, now: datetime) -> PatientSession:
    return PatientSession(
        id_hash=digest(session_id),
        patient_id=patient_id,
        created_at=now,
        seen_at=now + AS_LONG_AS_IT_TAKES,
        expires_at=now + AS_LONG_AS_IT_TAKES,
        address="127.0.0.1",
        user_agent="rush",
        scopes=["openid", "snils", "medical_doc"],
    )
