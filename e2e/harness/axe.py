"""Accessibility of what the tests see: every screen in every state is looked at once (`docs/ux-rules.md`, U-35).

By axe, and by `legible` for what axe does not try: large letters, keyboard, forced colours.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe

from e2e.harness import legible
from e2e.pages.screen import Screen

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from e2e.journeys.visitor import Visitor

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """What axe finds on a page, one sentence each."""
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options)
    left = (
        (violation, [node for node in violation["nodes"] if not _under_a_bar(page, node)])
        for violation in found.response["violations"]
    )
    return [
        f"{violation['id']}: {violation['help']}: {[node['html'][:160] for node in nodes[:3]]}"
        for violation, nodes in left
        if nodes
    ]


def _under_a_bar(page: Page, node: dict[str, Any]) -> bool:
    """Whether all that is wrong is that a bar which stays in its place covers a target: scrolling uncovers it.

    Where the bar is over the page is chance, because nobody scrolls before axe looks.
    """
    checks = node["any"]
    if not all(check["id"] in ("target-size", "target-offset") and check["relatedNodes"] for check in checks):
        return False
    over = [related["target"][0] for check in checks for related in check["relatedNodes"]]
    return bool(over) and bool(page.evaluate(_STAY, [node["target"][0], over]))


_STAY = """([own, over]) => {
  const stays = selector => {
    for (let each = document.querySelector(selector); each; each = each.parentElement)
      if (['fixed', 'sticky'].includes(getComputedStyle(each).position)) return true;
    return false;
  };
  return !stays(own) && over.every(stays);
}"""


@dataclass
class Inspector:
    """Looks at each (program, screen, state of its parts) once; workers share the work by files in `folder`."""

    enabled: bool
    folder: Path
    seen: set[tuple[str, ...]] = field(default_factory=set)

    def look(self, someone: Visitor) -> None:
        """Look at what is in front of somebody; a page without script is what the one with script begins as."""
        if someone.script:
            self.look_at(someone.page)

    def look_at(self, page: Page) -> None:
        """Look unless this screen in this state was looked at before; AssertionError with what was found.

        Both programs have screens of the same name (`works`, `not-found`): the origin tells which it is.
        """
        screen = Screen(page).name
        if not self.enabled or not screen:
            return
        states = page.locator("[data-state], [data-slow]").evaluate_all(
            "all => all.map(each => `${each.dataset.part || ''}:${each.dataset.state || 'slow'}`).sort()"
        )
        key = (urlsplit(page.url).netloc, screen, *states)
        if key in self.seen:
            return
        self.seen.add(key)
        if not self._is_first(key):
            return
        problems = [*violations(page), *legible.findings(page)]
        assert not problems, f"{screen}: " + "\n".join(problems)

    def _is_first(self, key: tuple[str, ...]) -> bool:
        """Whether no other worker has taken this on."""
        name = hashlib.sha256("\0".join(key).encode()).hexdigest()
        try:
            (self.folder / f"axe-{name}").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True
