"""Make the pictures of the help out of the real screens: `static/help/<name>.webp`.

Usage: python -m tools.help_pictures [name]…

To be run when one of these screens has changed. Each is the main part of a page as a phone shows it, without anybody's
data on it.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from sandbox_idp.scenarios.catalogue import shared
from sandbox_idp.testing.pair import running_pair
from sandbox_idp.testing.stand import Control
from tools import browsers
from tools.screen_ways import Booth, Way, entry_shown, on_the_way, portal, sandbox

FOLDER = Path(__file__).resolve().parent.parent / "static" / "help"
SIZE = ViewportSize(width=480, height=800)
HIGHEST = 560
"""Pixels of a page's main part that a picture shows at most; what comes below is not what the text speaks of."""
QUALITY = 72


def _entry(name: str) -> Way:
    entry = shared().get(name)
    assert entry is not None, name
    return entry_shown(entry)


PICTURES: dict[str, Way] = {
    "start": portal("/"),
    "login": sandbox("/login"),
    "code": on_the_way("login-sms"),
    "consent": on_the_way("consent"),
    "works": _entry("maintenance-planned"),
    "error": _entry("page-500"),
    "queue": _entry("overload"),
    "status": portal("/status"),
}

PRIVATE = {"consent": "main dl dd >> nth=0"}
"""What of a screen says whose it is; painted over."""


def picture(page: Page, name: str) -> bytes:
    """The main part of the page that is open, packed."""
    box = page.locator("main").bounding_box()
    assert box is not None
    high = min(box["height"], HIGHEST)
    shot = page.screenshot(
        full_page=True,
        clip={"x": 0, "y": box["y"], "width": SIZE["width"], "height": high},
        mask=[page.locator(PRIVATE[name])] if name in PRIVATE else [],
        mask_color="#c9c9d2",
    )
    packed = io.BytesIO()
    Image.open(io.BytesIO(shot)).convert("RGB").save(packed, "WEBP", quality=QUALITY, method=6)
    return packed.getvalue()


def main(wanted: list[str]) -> int:
    """Make the pictures of these names (all without any)."""
    FOLDER.mkdir(exist_ok=True)
    with running_pair() as (_, pair), sync_playwright() as playwright:
        control = Control(f"{pair.idp_url}/control/v1", pair.control_token)
        chromium = browsers.installed("chromium", playwright, os.environ)
        browser = playwright.chromium.launch(**chromium.launch_arguments())
        for name, go in PICTURES.items():
            if wanted and name not in wanted:
                continue
            context = browser.new_context(locale="ru-RU", viewport=SIZE, reduced_motion="reduce")
            stand = control.make_stand(name)
            page = context.new_page()
            go(Booth(page, pair, stand))
            page.wait_for_load_state("networkidle")
            made = picture(page, name)
            (FOLDER / f"{name}.webp").write_bytes(made)
            print(f"{name}: {len(made) / 1024:.1f} KB", flush=True)
            context.close()
            control.delete_stand(stand)
        browser.close()
        control.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
