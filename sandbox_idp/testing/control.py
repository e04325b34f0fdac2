"""A client of the control API, as a test runner in Python would write it (`docs/control-api.md`)."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Self

import httpx2

LONGEST_WAIT = 30
TOML = "application/toml"
DEFAULT_LIMITS = {"ESIA_CONNECT_TIMEOUT": 2.0, "ESIA_READ_TIMEOUT": 5.0, "ESIA_TOTAL_TIMEOUT": 15.0}
QUICK_LIMITS = {name: seconds / 10 for name, seconds in DEFAULT_LIMITS.items()}
"""A tenth of every back-channel limit: for stands in which something hangs until a limit ends it."""

Scope = Literal["everyone", "next-sign-in"] | dict[str, str]
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


class ControlError(AssertionError):
    """The API refused a call; `problem` is what it said."""

    def __init__(self, call: str, status: int, problem: Any) -> None:
        super().__init__(f"{call}: {status} {problem}")
        self.status = status
        self.problem = problem


@dataclass(frozen=True)
class Message:
    """An SMS, push or letter that arrived."""

    id: int
    kind: str
    to: str
    text: str

    @property
    def code(self) -> str:
        """The six-digit code in the text, as a person would read it."""
        found = _CODE.search(self.text)
        if found is None:
            raise AssertionError(f"no code in {self.text!r}")
        return found.group()


@dataclass(frozen=True)
class Signature:
    """A signature file as somebody has it on their computer, and the PIN they know."""

    name: str
    data: bytes
    pin: str


def duration(length: timedelta) -> str:
    """`PT90S`: ISO 8601."""
    return f"PT{f'{length.total_seconds():.6f}'.rstrip('0').rstrip('.')}S"


def _sent(body: Any) -> dict[str, Any]:
    """Bytes are a file of scenarios; anything else is JSON."""
    if isinstance(body, bytes):
        return {"content": body, "headers": {"Content-Type": TOML}}
    return {} if body is None else {"json": body}


class Calls:
    """JSON calls under one address with one token."""

    def __init__(self, address: str, token: str) -> None:
        self.address = address
        self._token = token
        # The API waits up to 30 s for a message; nothing of it takes longer than that and a little.
        self._client = httpx2.Client(
            headers={"Authorization": f"Bearer {token}"}, timeout=LONGEST_WAIT + 10, trust_env=False
        )

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The parsed answer; ControlError unless it is 2xx."""
        response = self._client.request(
            method,
            self.address + path,
            params={name: value for name, value in query.items() if value is not None},
            **_sent(body),
        )
        if not response.is_success:
            raise ControlError(f"{method} {path}", response.status_code, response.text)
        if response.headers.get("Content-Type", "").startswith(TOML):
            return response.text
        return response.json() if response.content else None

    def file(self, path: str) -> bytes:
        """The file that a call answers with; ControlError unless it is 2xx."""
        response = self._client.get(self.address + path)
        if not response.is_success:
            raise ControlError(f"GET {path}", response.status_code, response.text)
        return response.content

    def send_file(self, path: str, file: bytes) -> Any:
        """The parsed answer to a file (`application/zip`); ControlError unless it is 2xx."""
        headers = {"Content-Type": "application/zip"}
        response = self._client.post(self.address + path, content=file, headers=headers)
        if not response.is_success:
            raise ControlError(f"POST {path}", response.status_code, response.text)
        return response.json()

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def again(self) -> Self:
        """The same with connections of its own, for another thread."""
        return type(self)(self.address, self._token)


class StandControl(Calls):
    """What can be done to one stand."""

    def arm(
        self,
        entry: str,
        *,
        scope: Scope | None = None,
        count: int | None = None,
        ttl: timedelta | None = None,
        **parameters: Any,
    ) -> dict[str, Any]:
        """Set a scenario going (or watch for it). Without `scope` the entry's own default holds."""
        body: dict[str, Any] = {"parameters": parameters}
        if scope is not None:
            body["scope"] = scope
        if count is not None:
            body["count"] = count
        if ttl is not None:
            body["ttl"] = duration(ttl)
        answer: dict[str, Any] = self.call("PUT", f"/scenarios/{entry}", body)
        return answer

    def disarm(self, entry: str | None = None) -> list[str]:
        """Switch a scenario off, or all of them; tells which were on."""
        path = "/scenarios" if entry is None else f"/scenarios/{entry}"
        answer: list[str] = self.call("DELETE", path)["disarmed"]
        return answer

    def scenarios(self) -> list[dict[str, Any]]:
        """The catalogue with the state of each entry."""
        answer: list[dict[str, Any]] = self.call("GET", "/scenarios")["scenarios"]
        return answer

    def scenario(self, entry: str) -> dict[str, Any]:
        """One entry with its state."""
        answer: dict[str, Any] = self.call("GET", f"/scenarios/{entry}")
        return answer

    def add_scenario(self, toml: str) -> list[str]:
        """Add a scenario of one's own (the catalogue's format) to the stand; the ids of its entries."""
        answer: list[str] = self.call("POST", "/scenarios", toml.encode())["scenarios"]
        return answer

    def put_scenario(self, entry: str, toml: str) -> list[str]:
        """The same for a test that may run again: what the stand has under that id is replaced."""
        answer: list[str] = self.call("PUT", f"/scenarios/{entry}/file", toml.encode())["scenarios"]
        return answer

    def scenario_file(self, entry: str) -> str:
        """The TOML text in which an entry stands."""
        return str(self.call("GET", f"/scenarios/{entry}/file"))

    def remove_scenario(self, entry: str) -> list[str]:
        """Take a scenario of one's own away; tells what of it was on."""
        answer: list[str] = self.call("DELETE", f"/scenarios/{entry}/file")["disarmed"]
        return answer

    def reset(self) -> None:
        """Everything as on the first day."""
        self.call("POST", "/reset")

    def people(self) -> list[dict[str, Any]]:
        """Everybody with an account in the stand."""
        answer: list[dict[str, Any]] = self.call("GET", "/people")["people"]
        return answer

    def make_person(self, **wanted: Any) -> dict[str, Any]:
        """Somebody new: fields of `POST …/people`; what is not named is made up. Tells `login`, `password`, `phone`…"""
        answer: dict[str, Any] = self.call("POST", "/people", wanted)
        return answer

    def register_system(self, mnemonic: str, **card: Any) -> dict[str, Any]:
        """Make a portal known to the stand's Gosuslugi: fields of `POST …/systems`."""
        answer: dict[str, Any] = self.call("POST", "/systems", {"mnemonic": mnemonic, **card})
        return answer

    def sign_in(self, authorize_url: str, person: str, *, consent: Literal["grant", "refuse"] = "grant") -> str:
        """Sign a person in without the pages, every right granted or none; where the browser is to go then."""
        body = {"authorize_url": authorize_url, "person": person, "consent": consent}
        answer: str = self.call("POST", "/sign-ins", body)["location"]
        return answer

    def decide(self, request: str, *, grant: bool = True, reasons: Sequence[str] = ()) -> None:
        """Decide as an operator what waits under that name, such as `unblock:anna`."""
        body = {"request": request, "decision": "grant" if grant else "refuse", "reasons": list(reasons)}
        self.call("POST", "/decisions", body)

    def bookings(self, person: str | int) -> list[dict[str, Any]]:
        """The appointments of a person and of the children in the profile, oldest first."""
        found: list[dict[str, Any]] = self.call("GET", f"/people/{person}/bookings")["bookings"]
        return found

    def say_who_came(self, booking: str, *, came: bool) -> dict[str, Any]:
        """Say of an appointment that has begun whether the patient came."""
        body = {"state": "attended" if came else "missed"}
        answer: dict[str, Any] = self.call("PUT", f"/clinic/bookings/{booking}/attendance", body)
        return answer

    def set_slot(self, slot: str, *, taken: bool) -> dict[str, Any]:
        """Take a doctor's time out, or have others give it back."""
        answer: dict[str, Any] = self.call("PUT", f"/clinic/slots/{slot}", {"state": "taken" if taken else "free"})
        return answer

    def totp(self, person: str | int) -> str:
        """What the person's authenticator app shows now."""
        return str(self.call("GET", f"/people/{person}/totp")["code"])

    def answer_push(self, person: str | int, number: int | None) -> str:
        """Press a number in the person's mobile app, or «Это не я» (None); tells what came of it."""
        body = {"reject": True} if number is None else {"number": number}
        return str(self.call("POST", f"/people/{person}/push", body)["verdict"])

    def backup_codes(self, person: str | int) -> list[str]:
        """The codes on the person's sheet that are still good."""
        return [
            each["code"] for each in self.call("GET", f"/people/{person}/backup-codes")["codes"] if not each["used"]
        ]

    def captcha(self, key: str) -> str:
        """The figures of the captcha on a page whose field `captcha_key` has this value."""
        return str(self.call("GET", "/captcha", key=key)["figures"])

    def signature(self, person: str | int, kind: str = "valid") -> Signature:
        """An electronic signature of the person, or the specimen of one that fails: `expired`, `revoked`, …"""
        answer = self.call("POST", f"/people/{person}/signatures", {"kind": kind})
        return Signature(answer["name"], base64.b64decode(answer["file"]), answer["pin"])

    def messages(
        self, *, to: str | None = None, kind: str | None = None, after: int | None = None, wait: float = 0
    ) -> list[Message]:
        """What arrived after message `after`, oldest first; waits up to `wait` real seconds for the first one."""
        found = self.call("GET", "/inbox", to=to, kind=kind, after=after, wait=wait or None)["messages"]
        return [Message(each["id"], each["kind"], each["to"], each["text"]) for each in found]

    def advance(self, by: timedelta) -> datetime:
        """Move the stand's clock forward, for both programs."""
        return self._time(self.call("POST", "/clock", {"advance": duration(by)}))

    def freeze(self, still: bool = True) -> datetime:
        """Stop the stand's clock, or let it run on."""
        return self._time(self.call("POST", "/clock", {"freeze": still}))

    def journal(
        self, *, since: int = 0, sign_in: int | None = None, entry: str | None = None, wait: float = 0
    ) -> list[dict[str, Any]]:
        """What happened after line `since`, oldest first; of one sign-in or one entry if asked."""
        lines = self.call("GET", "/journal", since=since, sign_in=sign_in, wait=wait or None)["lines"]
        return [line for line in lines if entry is None or line["entry"] == entry]

    def wait_for_effect(self, entry: str) -> dict[str, Any]:
        """The first line of the journal in which `entry` acts; waits for it."""
        since = 0
        while lines := self.journal(since=since, wait=10):
            for line in lines:
                if line["kind"] == "effect" and line["entry"] == entry:
                    return line
            since = lines[-1]["id"]
        raise AssertionError(f"{entry} did not act within ten seconds")

    def har(self, sign_in: int | None = None) -> dict[str, Any]:
        """The exchanges of one sign-in, else of the whole stand, as HAR 1.2."""
        answer: dict[str, Any] = self.call("GET", "/journal.har", sign_in=sign_in)
        return answer

    def verdicts(self, *, since: int = 0) -> list[dict[str, Any]]:
        """How each sign-in after number `since` ended, what struck it, and whether the portal behaved; oldest first."""
        found: list[dict[str, Any]] = []
        while more := self.call("GET", "/verdicts", since=found[-1]["sign_in"] if found else since)["verdicts"]:
            found += more
        return found

    def verdict(self, sign_in: int | None = None) -> dict[str, Any]:
        """That of one sign-in; the newest one unless told which."""
        found = self.verdicts() if sign_in is None else self.call("GET", "/verdicts", sign_in=sign_in)["verdicts"]
        if not found:
            raise AssertionError(f"no sign-in {sign_in or ''} in this stand")
        return found[-1]

    def bundle(self, sign_in: int) -> bytes:
        """One sign-in as a file: the stand as it was when it began, and what was done (`testing.replay`)."""
        return self.file(f"/sign-ins/{sign_in}/bundle")

    @staticmethod
    def _time(answer: dict[str, Any]) -> datetime:
        return datetime.fromisoformat(answer["now"])
