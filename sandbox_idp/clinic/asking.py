"""Each call of the portal passes here first: a scenario may have it answered late or not at all, or lose an answer."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator

from portal.clinic.errors import NoAnswerError
from portal.clinic.values import Site
from sandbox_idp.clinic.region import region
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import ClinicDraft, Point

PATIENCE = 5.0
"""Seconds that a portal waits for a medical system at most."""
Patience = Callable[[], float]


class Line:
    """The line to the medical system, as one portal has it."""

    def __init__(self, seconds_left: Patience) -> None:
        """`seconds_left`: how long the request at hand may still take."""
        self._seconds_left = seconds_left

    def ask(self, operation: str, site: str | None = None) -> ClinicDraft:
        """What is to be known of a call before it is answered. NoAnswerError."""
        draft = self._draft(operation, site=site)
        if draft.silent:
            raise NoAnswerError(_named(site))
        return draft

    @contextlib.contextmanager
    def asking(self, operation: str, site: str | None = None) -> Iterator[ClinicDraft]:
        """The same around what the call does, whose answer may be lost once it is done. NoAnswerError."""
        draft = self.ask(operation, site)
        yield draft
        if draft.lost:
            raise NoAnswerError(_named(site))

    def answering(self, operation: str, sites: Iterable[str]) -> list[str]:
        """Those of the clinics that answer and have something free; they are asked one by one."""
        drafts = {site: self._draft(operation, site=site) for site in sites}
        if drafts and all(draft.silent for draft in drafts.values()):
            raise NoAnswerError(None)
        return [site for site, draft in drafts.items() if not (draft.silent or draft.full)]

    def hears(self, operation: str, source: str, site: str | None) -> bool:
        """Whether a source of the record answers."""
        return not self._draft(operation, site=site, source=source).silent

    def _draft(self, operation: str, *, site: str | None = None, source: str | None = None) -> ClinicDraft:
        patience = min(PATIENCE, self._seconds_left())
        return engine.transform(Point.CLINIC, ClinicDraft(operation, site, source, patience=patience))


def _named(site: str | None) -> Site | None:
    return region().sites[site] if site is not None else None
