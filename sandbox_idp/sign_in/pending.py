"""What a browser came to the sign-in for: a system's pending request, or the training Gosuslugi itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from flask import request, url_for

from foundation.database import Session
from sandbox_idp.accounts.models import GosuslugiSession
from sandbox_idp.oauth.requests import attach_session, find_request, system_of

_CABINET = re.compile(r"/cabinet(?:/[a-z0-9-]+)*")


class RequestGoneError(Exception):
    """The address names a request that is unknown, finished or older than its 60 minutes."""


@dataclass(frozen=True)
class Visit:
    """One browser's errand. Plain values: it is needed after its transaction too, when that was rolled back."""

    request_id: str | None = None
    """What the pages carry along as `request=`."""
    system_name: str | None = None
    """`РС ЕГИСЗ`, shown after «для»."""
    next_page: str | None = None
    """Without a request: the page of the cabinet that the browser came for, without the stand's prefix."""
    signed_in_since: datetime | None = None
    """A session that began before this will not do for the system (`prompt=login`, `max_age`)."""

    def accepts(self, living: GosuslugiSession) -> bool:
        """Whether the person may go on in a living session."""
        return self.signed_in_since is None or living.authenticated_at >= self.signed_in_since

    def address(self, endpoint: str, **more: str | None) -> str:
        """The address of a page of this sign-in, with the request in it, and whatever `more` the page is told."""
        return url_for(endpoint, request=self.request_id, next=self.next_page, **more)  # type: ignore[arg-type]

    def end(self) -> str:
        """Where the browser goes when the person is signed in."""
        if self.request_id is None:
            return f"{request.root_path}{self.next_page}" if self.next_page else url_for("cabinet.home")
        return f"{request.root_path}/consent?request={quote(self.request_id)}"


def visit_at_hand(session: Session, now: datetime) -> Visit:
    """The errand that the address names; RequestGoneError if its request is no longer there."""
    request_id = request.args.get("request")
    if not request_id:
        return Visit(next_page=within_cabinet(request.args.get("next")))
    visit = visit_of(session, request_id, now)
    if visit is None:
        raise RequestGoneError
    return visit


def visit_of(session: Session, request_id: str, now: datetime) -> Visit | None:
    """The errand of a request; None if the request is no longer there."""
    found = find_request(session, request_id, now)
    if found is None:
        return None
    return Visit(found.id, system_of(session, found).short_name, signed_in_since=found.signed_in_since)


def within_cabinet(path: str | None) -> str | None:
    """`path` if it is a page of the cabinet, without query: a sign-in of one's own leads to nothing else (S-14)."""
    if path is None or not _CABINET.fullmatch(path):
        return None
    return path


def attach(session: Session, visit: Visit, sid: str) -> None:
    """Tell the pending request whose session the person has chosen for it."""
    if visit.request_id is not None:
        attach_session(session, visit.request_id, sid)
