"""Notes in the journal of what was changed over the API: whoever looks at the timeline knows whose hand it was."""

from __future__ import annotations

from typing import Any

from foundation.database import Session
from sandbox_idp.context import Stand
from sandbox_idp.scenarios import journal


def note_change(stand: Stand, session: Session, name: str, **details: Any) -> None:
    """Write a line of kind `change` in the transaction that makes it."""
    line = journal.Line(kind="change", at=stand.clock.now(), program="sandbox_idp", name=name, details=details)
    journal.write(stand.database, session.connection(), [line])
