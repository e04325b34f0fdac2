"""Which browser is asking, as far as it says so itself (R-056, C-04). It may lie: nothing is refused because of it.

Yandex, Atom, Samsung and others name the Chrome they are made of; that version counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MINIMUM = {"Chrome": 80, "Edge": 80, "Firefox": 80, "Safari": 13}
"""The stated versions; Safari never had an 80, its 13 is that of iOS 13 and macOS 10.15 (C-04)."""

_FAMILIES = (
    ("Edge", re.compile(r"\b(?:Edg|Edge|EdgA|EdgiOS)/(\d{1,4})")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/(\d{1,4})")),
    ("Chrome", re.compile(r"\b(?:Chrome|HeadlessChrome|Chromium|CriOS)/(\d{1,4})")),
    ("Safari", re.compile(r"\bVersion/(\d{1,4})(?:\.[\d.]+)?(?: Mobile/\w+)? Safari/")),
)
_EXPLORER = re.compile(r"\bMSIE \d|\bTrident/")


@dataclass(frozen=True)
class Browser:
    """A browser by its family and main version."""

    family: str
    version: int

    @property
    def name(self) -> str:
        """`Chrome 79`."""
        return f"{self.family} {self.version}" if self.version else self.family

    @property
    def minimum(self) -> str:
        """The oldest version that the portal is tried with: `Chrome 80`."""
        return f"{self.family} {MINIMUM[self.family]}" if self.family in MINIMUM else "Chrome 80 или Firefox 80"

    @property
    def is_old(self) -> bool:
        """Whether it is below the stated versions."""
        return self.version < MINIMUM.get(self.family, 1)


def browser_of(user_agent: str) -> Browser | None:
    """What `User-Agent` says; None for one that is not known, which is not called old."""
    if _EXPLORER.search(user_agent):
        return Browser("Internet Explorer", 0)
    # Browsers on iOS are all made of Safari, whatever version they give themselves.
    for family, pattern in _FAMILIES:
        found = pattern.search(user_agent)
        if found is not None:
            return Browser(family, int(found.group(1)))
    return None
