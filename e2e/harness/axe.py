"""Accessibility of what the tests see: every screen in every state is looked at once (`docs/ux-rules.md`, U-35).

By axe, and by `legible` for what axe does not try: large letters, keyboard, forced colours.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

from e2e.harness import legible

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from e2e.journeys.visitor import Visitor

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """What axe finds on a page, one sentence each."""
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options)
    return [
        f"{violation['id']}: {violation['help']}: {[node['html'][:160] for node in violation['nodes'][:3]]}"
        for violation in found.response["violations"]
    ]


@dataclass
class Inspector:
    """Looks at each (screen, state of its parts) once; the workers of a run share the work by files in `folder`."""

    enabled: bool
    folder: Path
    seen: set[tuple[str, ...]] = field(default_factory=set)

    def look(self, someone: Visitor) -> None:
        """Look unless this screen in this state was looked at before; AssertionError with what was found."""
        page = someone.page
        if not self.enabled or not someone.script or not someone.screen:
            return
        states = page.locator("[data-state]").evaluate_all(
            "all => all.map(each => `${each.dataset.part || ''}:${each.dataset.state}`).sort()"
        )
        key = (someone.screen, *states)
        if key in self.seen:
            return
        self.seen.add(key)
        if not self._is_first(key):
            return
        problems = [*violations(page), *legible.findings(page)]
        assert not problems, f"{someone.screen}: " + "\n".join(problems)

    def _is_first(self, key: tuple[str, ...]) -> bool:
        """Whether no other worker has taken this on."""
        name = hashlib.sha256("\0".join(key).encode()).hexdigest()
        try:
            (self.folder / f"axe-{name}").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True
