"""Accessibility of what the tests see: axe looks at every screen in every state once (`docs/ux-rules.md`, U-35)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from e2e.journeys.visitor import Visitor

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Inspector:
    """Looks at each (screen, state of its parts) once; the workers of a run share the work by files in `folder`."""

    enabled: bool
    folder: Path
    seen: set[tuple[str, ...]] = field(default_factory=set)

    def look(self, someone: Visitor) -> None:
        """Run axe unless this screen in this state was looked at before; AssertionError with what it found."""
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
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
        problems = [
            f"{violation['id']}: {violation['help']}: {[node['html'][:160] for node in violation['nodes'][:3]]}"
            for violation in found.response["violations"]
        ]
        assert not problems, f"{someone.screen}: " + "\n".join(problems)

    def _is_first(self, key: tuple[str, ...]) -> bool:
        """Whether no other worker has taken this on."""
        name = hashlib.sha256("\0".join(key).encode()).hexdigest()
        try:
            (self.folder / f"axe-{name}").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True
