"""Find Chromium and Firefox, or get them, and say which ones and which versions.

Each browser is looked for in this order: the path in CHROMIUM or FIREFOX; Playwright's own build if it is installed;
/usr/bin/chromium or /usr/bin/firefox-esr (before Chromium its headless shell, which Debian packs beside it: the same
engine without windows, as Playwright's own is, and a fifth cheaper); `playwright install`; Debian's package (as root).
One that is found is started once, so that a broken one is not found out in the middle of the tests.

Usage: python -m tools.browsers
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Playwright, sync_playwright

NAMES = ("chromium", "firefox")
SYSTEM = {
    "chromium": ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium"),
    "firefox": ("/usr/bin/firefox-esr", "/usr/bin/firefox"),
}
PACKAGES = {"chromium": "chromium-headless-shell", "firefox": "firefox-esr"}
DOWNLOAD_SECONDS = 300
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The two programs are two sites. A new process for every step from one to the other costs a third of a page.
    "--disable-site-isolation-trials",
    "--renderer-process-limit=1",
)
FIREFOX_PREFERENCES = {"fission.autostart": False}
"""The same for Firefox."""


@dataclass(frozen=True)
class Browser:
    """A browser that Playwright can drive."""

    name: str
    path: str | None
    """The executable; none for Playwright's own build."""

    def launch_arguments(self) -> dict[str, Any]:
        """What Playwright's `launch` needs for it. A stock Firefox is driven over WebDriver BiDi."""
        arguments: dict[str, Any] = {}
        if self.path is not None:
            arguments["executable_path"] = self.path
        if self.name == "chromium":
            arguments["args"] = list(CHROMIUM_ARGUMENTS)
        else:
            arguments["firefox_user_prefs"] = dict(FIREFOX_PREFERENCES)
            if self.path is not None:
                arguments["channel"] = "moz-firefox"
        return arguments

    def version(self, playwright: Playwright) -> str:
        """Start it and ask; playwright's Error says why that cannot be done."""
        browser = getattr(playwright, self.name).launch(**self.launch_arguments())
        try:
            return str(browser.version)
        finally:
            browser.close()


def candidates(name: str, playwright: Playwright, environ: Mapping[str, str]) -> Iterator[Browser]:
    """What is on this machine, in the order of preference. A path given in the environment is the only candidate."""
    given = environ.get(name.upper())
    if given:
        yield Browser(name, given)
        return
    if Path(getattr(playwright, name).executable_path).exists():
        yield Browser(name, None)
    for path in SYSTEM[name]:
        if Path(path).exists():
            yield Browser(name, path)


def installed(name: str, playwright: Playwright, environ: Mapping[str, str]) -> Browser:
    """The browser to use, without starting it; LookupError if there is none."""
    for browser in candidates(name, playwright, environ):
        return browser
    raise LookupError(f"no {name} found: run `make test`, or set {name.upper()} to its path")


def _download(name: str) -> None:
    command = [sys.executable, "-m", "playwright", "install", name]
    subprocess.run(command, check=True, timeout=DOWNLOAD_SECONDS)


def _install_package(name: str) -> None:
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise OSError("Debian's packages can be installed only by root, with apt-get")
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", PACKAGES[name]]
    subprocess.run(command, check=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def _nothing(_name: str) -> None:
    """First look at what is there."""


WAYS: tuple[tuple[str, Callable[[str], None]], ...] = (
    ("", _nothing),
    ("playwright install", _download),
    ("apt-get install", _install_package),
)


def find(name: str, environ: Mapping[str, str]) -> tuple[Browser, str]:
    """The browser to use and its version, got from somewhere if need be; LookupError with all that was tried."""
    tried: list[str] = []
    # A path that somebody gave is used or refused, never silently replaced.
    for way, get in WAYS[:1] if environ.get(name.upper()) else WAYS:
        if way:
            print(f"{name}: not found, trying {way}…", flush=True)
        try:
            get(name)
        except (OSError, subprocess.SubprocessError) as error:
            tried.append(f"{way}: {error}")
            continue
        with sync_playwright() as playwright:
            for browser in candidates(name, playwright, environ):
                try:
                    return browser, browser.version(playwright)
                except Error as error:
                    tried.append(f"{browser.path or 'Playwright’s own'}: {error.message.splitlines()[0]}")
    raise LookupError(f"no {name} that starts. Tried: " + "; ".join(tried or ["nothing was there"]))


def find_all(environ: Mapping[str, str]) -> dict[str, Browser]:
    """Both browsers; prints one line each."""
    found = {}
    for name in NAMES:
        browser, version = find(name, environ)
        print(f"{name}: {version} ({browser.path or 'Playwright’s own build'})", flush=True)
        found[name] = browser
    return found


if __name__ == "__main__":
    try:
        find_all(os.environ)
    except LookupError as problem:
        sys.exit(str(problem))
