"""A stand that one test has for itself, and the client that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sandbox_idp.testing.control import Calls, Message, StandControl, duration


@dataclass(frozen=True)
class StandUnderTest:
    """One stand: where both programs answer for it, and its control API."""

    id: str
    portal_url: str
    idp_url: str
    control: StandControl

    def newest_message(self) -> int:
        """Id of the newest message in the stand; 0 if none came yet."""
        return max((message.id for message in self.control.messages()), default=0)

    def next_message(
        self, *, to: str | None = None, kind: str | None = None, after: int = 0, wait: float = 10
    ) -> Message:
        """The newest message after `after`; waits for it up to `wait` real seconds."""
        found = self.control.messages(to=to, kind=kind, after=after, wait=wait)
        if not found:
            raise AssertionError(f"no message (to={to}, kind={kind}) came within {wait} s")
        return found[-1]

    def totp(self, person: str) -> str:
        """What the person's authenticator app shows now."""
        return self.control.totp(person)


class Inbox:
    """The stand's phone and mailbox, read message by message: each is given out once."""

    def __init__(self, control: StandControl) -> None:
        self._control = control
        self._seen = 0

    def next(self, *, to: str | None = None, kind: str | None = None, wait: float = 10) -> Message:
        """The oldest message not read yet; waits for it up to `wait` real seconds."""
        found = self._control.messages(to=to, kind=kind, after=self._seen, wait=wait)
        if not found:
            raise AssertionError(f"no message (to={to}, kind={kind}) came within {wait} s")
        self._seen = found[0].id
        return found[0]

    def newest(self, *, to: str | None = None, kind: str | None = None, wait: float = 10) -> Message:
        """The newest message, at least one that was not read yet."""
        found = self._control.messages(to=to, kind=kind, after=self._seen, wait=wait)
        if not found:
            raise AssertionError(f"no message (to={to}, kind={kind}) came within {wait} s")
        self._seen = found[-1].id
        return found[-1]

    def skip(self) -> None:
        """Count everything that is there as read."""
        for message in self._control.messages(after=self._seen):
            self._seen = message.id

    def is_empty(self, *, to: str | None = None, kind: str | None = None) -> bool:
        """Whether nothing has come since the last read."""
        return not self._control.messages(to=to, kind=kind, after=self._seen)


class Control(Calls):
    """The whole pair: makes stands and throws them away."""

    def make_stand(self, name: str, *, limits: dict[str, float] | None = None) -> StandUnderTest:
        """A new stand; `limits` are back-channel time limits in seconds."""
        body = {
            "name": name[:80],
            "ttl": "PT1H",
            "limits": {setting: duration(timedelta(seconds=value)) for setting, value in (limits or {}).items()},
        }
        return self._under_test(self.call("POST", "/stands", body))

    def import_stand(self, file: bytes) -> StandUnderTest:
        """A new stand of a file: an export, or the bundle of a sign-in."""
        return self._under_test(self.send_file("/imports?ttl=PT1H", file))

    @staticmethod
    def _under_test(made: dict[str, Any]) -> StandUnderTest:
        control = StandControl(made["control_url"], made["token"])
        return StandUnderTest(made["id"], made["portal_url"], made["idp_url"], control)

    def delete_stand(self, stand: StandUnderTest) -> None:
        """Throw a stand away."""
        stand.control.close()
        self.call("DELETE", f"/stands/{stand.id}")
