"""Build the contact sheet: every screen at 320, 768 and 1280 px in Chromium, as PNG files and one page of HTML.

Each is also looked at as the end-to-end tests look at what they meet: by axe, and for large letters, keyboard and
forced colours.

Usage: python -m tools.screens [part of a screen's name]…

What is wrong with a screen, or why it cannot be reached, stands on the sheet, and the exit code is then 1.
"""

from __future__ import annotations

import html
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

from e2e.harness import axe, legible
from sandbox_idp.testing.pair import PairInfo, running_pair
from sandbox_idp.testing.stand import Control
from tools import browsers
from tools.screen_list import all_screens
from tools.screen_ways import CONSOLE_KEYWORD, Booth, Screen

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "screens"
WIDTHS = (320, 768, 1280)
HEIGHT = 800
STYLE = """body{font:16px/1.4 sans-serif;margin:24px;background:#e9e9ee}h2{margin:32px 0 8px}
.row{display:flex;gap:16px;align-items:flex-start}figure{margin:0}figcaption{color:#444;margin-bottom:4px}
img{border:1px solid #888;display:block;height:auto}.w320{width:220px}.w768{width:420px}.w1280{width:640px}
.wrong{color:#a00;white-space:pre-wrap}"""


@dataclass
class Picture:
    """What came of one screen."""

    screen: Screen
    problem: str = ""
    wide: tuple[int, ...] = ()
    """Widths at which the page would have to be scrolled sideways (U-35)."""
    findings: tuple[str, ...] = ()
    """Why somebody may not be able to read or use it."""


@contextmanager
def _page(browser: Browser) -> Iterator[Page]:
    """A fresh browser of a Russian patient who wants no motion, so that pictures are the same each time."""
    context = browser.new_context(
        locale="ru-RU",
        timezone_id="Europe/Moscow",
        viewport={"width": WIDTHS[-1], "height": HEIGHT},
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    try:
        yield context.new_page()
    finally:
        context.close()


def photograph(screen: Screen, page: Page, pair: PairInfo, control: Control) -> Picture:
    """Go to the screen and take its pictures."""
    picture = Picture(screen)
    stand = control.make_stand(screen.name, limits=screen.limits)
    try:
        screen.go(Booth(page, pair, stand))
        if not screen.held:
            page.wait_for_load_state("networkidle")
        wide = []
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                wide.append(width)
            # A window as high as the page, so that what sticks to its edge stands there and covers nothing.
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": max(HEIGHT, height)})
            page.screenshot(path=FOLDER / f"{screen.name}-{width}.png")
        picture.wide = tuple(wide)
        # After the pictures: Chromium does not always paint the ground anew that it has once painted in forced colours.
        page.set_viewport_size({"width": WIDTHS[-1], "height": HEIGHT})
        picture.findings = (*axe.violations(page), *legible.findings(page), *legible.without_ring(page))
    except (Error, AssertionError) as error:
        picture.problem = str(error)
    finally:
        control.delete_stand(stand)
    return picture


def sheet(pictures: list[Picture]) -> str:
    """The page with all pictures."""
    rows = []
    for picture in pictures:
        name = picture.screen.name
        note = f"<p class=wrong>{html.escape(picture.problem)}</p>" if picture.problem else ""
        note += "".join(f"<p class=wrong>{html.escape(each)}</p>" for each in picture.findings)
        if picture.wide:
            note += f"<p class=wrong>Wider than the window at {', '.join(map(str, picture.wide))} px</p>"
        figures = "".join(
            f'<figure><figcaption>{width} px</figcaption><a href="{name}-{width}.png">'
            f'<img class="w{width}" src="{name}-{width}.png" alt="{name} at {width} px" loading="lazy"></a></figure>'
            for width in WIDTHS
            if (FOLDER / f"{name}-{width}.png").exists()
        )
        rows.append(f'<h2 id="{name}">{name}</h2>{note}<div class="row">{figures}</div>')
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Screens</title><style>{STYLE}</style>'
    return f"{head}<h1>Screens</h1>{''.join(rows)}\n"


def _walk(screens: list[Screen], pair: PairInfo) -> list[Picture]:
    """Photograph these one after the other, with a browser of their own."""
    pictures = []
    control = Control(f"{pair.idp_url}/control/v1", pair.control_token)
    with sync_playwright() as playwright:
        chromium = browsers.installed("chromium", playwright, os.environ)
        browser = playwright.chromium.launch(**chromium.launch_arguments())
        for screen in screens:
            with _page(browser) as page:
                picture = photograph(screen, page, pair, control)
            pictures.append(picture)
            wrong = [*picture.problem.splitlines()[:1], *picture.findings]
            print(f"{screen.name}: {'; '.join(wrong) or 'ok'}", flush=True)
        browser.close()
    control.close()
    return pictures


def _photographed(screens: list[Screen]) -> Iterator[Picture]:
    """Their pictures, as many at a time as there are cores, with a pair for each profile of the portal."""
    lanes = os.cpu_count() or 1
    for profile in sorted({screen.profile for screen in screens}):
        mine = [screen for screen in screens if screen.profile == profile]
        settings = {"IDP_CONSOLE_PASSWORD": CONSOLE_KEYWORD, "ESIA_PROFILE": profile}
        with running_pair(settings=settings) as (_, pair), ThreadPoolExecutor(lanes) as pool:
            for pictures in pool.map(lambda lane: _walk(lane, pair), [mine[n::lanes] for n in range(lanes)]):
                yield from pictures


def main(wanted: list[str]) -> int:
    """Photograph the screens whose names contain one of `wanted` (all without any)."""
    FOLDER.mkdir(exist_ok=True)
    chosen = [each for each in all_screens() if not wanted or any(part in each.name for part in wanted)]
    for screen in chosen:
        for old in FOLDER.glob(f"{screen.name}-[0-9]*.png"):
            old.unlink()
    pictures = sorted(_photographed(chosen), key=lambda picture: chosen.index(picture.screen))
    (FOLDER / "index.html").write_text(sheet(pictures), encoding="utf-8")
    wrong = [picture for picture in pictures if picture.problem or picture.wide or picture.findings]
    print(f"{len(pictures)} screens, {len(wrong)} with something wrong: {FOLDER.name}/index.html")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
