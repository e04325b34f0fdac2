"""Run everything that `make test` promises, and say at the end what passed and what could not be run.

Usage: python -m tools.run_tests [--everything] [--only checks|unit|postgresql|e2e|e2e-postgresql|e2e-openid]…

`--everything` (make test-all) runs each end-to-end test in both browsers and fails on an independent check that could
not run. The exit code is 0 only if nothing failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tools import browsers

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "test-results"
REPORTS = RESULTS / "reports"
BIN = Path(sys.executable).parent
UNIT = ("tests", "-n", "2", "--dist", "worksteal", "-p", "no:playwright")
OTHERS = ("esia_connector", "foreign_portal", "oidc_provider", "openid_client")
"""Tests that install and start programs of others."""
CHECKS = (
    ("ruff check", [f"{BIN}/ruff", "check", "--quiet", "."]),
    ("ruff format", [f"{BIN}/ruff", "format", "--check", "--quiet", "."]),
    ("mypy", [f"{BIN}/mypy"]),
    ("djlint", [f"{BIN}/djlint", "--lint", "--quiet", "templates"]),
    ("import contracts", [f"{BIN}/lint-imports"]),
)


@dataclass
class Result:
    """What came of one step."""

    title: str
    passed: int = 0
    failed: int = 0
    seconds: float = 0.0
    not_run: list[str] = field(default_factory=list)
    """Tests that could not be run here, with the reason."""

    def line(self) -> str:
        """`unit tests on SQLite: 412 passed, 0 failed in 31.20s`."""
        return f"{self.title}: {self.passed} passed, {self.failed} failed in {self.seconds:.2f}s"


def checks(_everything: bool, environ: Mapping[str, str]) -> Result:
    """ruff, mypy, djlint and the import contracts, each counted as one; as many at a time as there are cores."""

    def run(command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=ROOT, env=environ, check=False, capture_output=True, text=True)

    result = Result("checks")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(run, (command for _, command in CHECKS)))
    for (name, _), done in zip(CHECKS, outcomes, strict=True):
        if done.returncode == 0:
            result.passed += 1
            print(f"{name}: passed", flush=True)
        else:
            result.failed += 1
            print(f"{name}: FAILED\n{done.stdout}{done.stderr}", flush=True)
    return result


def unit(_everything: bool, environ: Mapping[str, str]) -> Result:
    """The unit tests on SQLite."""
    return _pytest("unit tests on SQLite", [*UNIT], environ)


def postgresql(_everything: bool, environ: Mapping[str, str]) -> Result:
    """Those of them that ask for a database, on PostgreSQL (`tests/conftest.py`)."""
    # What the programs of others make of an answer was tried before, and the database has no part in it.
    others = [f"--ignore=tests/interop/test_{name}.py" for name in OTHERS]
    arguments = [*UNIT, "--database", "postgresql", *others]
    return _pytest("unit tests on PostgreSQL", arguments, environ)


def e2e(everything: bool, environ: Mapping[str, str]) -> Result:
    """The end-to-end tests in Chromium and Firefox."""
    arguments = ["e2e", "-n", _e2e_workers(environ), "--dist", "worksteal", *_both_browsers()]
    return _with_evidence("end-to-end tests", [*arguments, *(["--everything"] if everything else [])], environ)


def e2e_postgresql(_everything: bool, environ: Mapping[str, str]) -> Result:
    """The journey that is also walked on PostgreSQL."""
    arguments = ["e2e", "-m", "on_postgresql", "--pair-database", "postgresql", "--browser", "chromium"]
    return _with_evidence("end-to-end on PostgreSQL", arguments, environ)


def e2e_openid(everything: bool, environ: Mapping[str, str]) -> Result:
    """The entries of the catalogue that there are only in the profile `openid`; everything: all of its group E."""
    arguments = ["e2e/test_catalogue.py", "--pair-profile", "openid"]
    arguments += ["-n", _e2e_workers(environ), "--browser", "chromium", *(["--everything"] if everything else [])]
    return _with_evidence("end-to-end with OpenID", arguments, environ)


STEPS: dict[str, Callable[[bool, Mapping[str, str]], Result]] = {
    "checks": checks,
    "unit": unit,
    "postgresql": postgresql,
    "e2e": e2e,
    "e2e-postgresql": e2e_postgresql,
    "e2e-openid": e2e_openid,
}
NEED_BROWSERS = {"e2e", "e2e-postgresql", "e2e-openid"}


def _both_browsers() -> list[str]:
    return [part for name in browsers.NAMES for part in ("--browser", name)]


def _e2e_workers(environ: Mapping[str, str]) -> str:
    # One more than cores: a browser test waits now and then, for a page or for a process to start.
    return environ.get("E2E_WORKERS") or str((os.cpu_count() or 1) + 1)


def _pytest(title: str, arguments: list[str], environ: Mapping[str, str]) -> Result:
    report = REPORTS / f"{title.replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *arguments]
    code = subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode
    result = Result(title)
    if report.exists():
        for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
            skipped = case.find("skipped")
            if skipped is not None:
                result.not_run.append(f"{case.get('name')}: {skipped.get('message')}")
            elif case.find("failure") is not None or case.find("error") is not None:
                result.failed += 1
            else:
                result.passed += 1
    if code != 0 and not result.failed:
        # pytest itself did not get through: a broken import, no test found, a crash, a signal.
        print(f"pytest ended with code {code} and reported no failed test", flush=True)
        result.failed += 1
    return result


def _with_evidence(title: str, arguments: list[str], environ: Mapping[str, str]) -> Result:
    """As `_pytest`, with a folder for traces that no other step empties when it begins."""
    return _pytest(title, [*arguments, "--output", str(RESULTS / title.replace(" ", "-"))], environ)


def _with_browsers(environ: dict[str, str]) -> dict[str, str]:
    """The environment with the paths of the browsers that were found to start."""
    for name, browser in browsers.find_all(environ).items():
        if browser.path is not None:
            environ[name.upper()] = browser.path
    return environ


def main(arguments: list[str]) -> int:
    """Run the steps and tell the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.run_tests")
    parser.add_argument("--everything", action="store_true")
    parser.add_argument("--only", action="append", choices=list(STEPS), default=[])
    options = parser.parse_args(arguments)
    started = time.monotonic()
    REPORTS.mkdir(parents=True, exist_ok=True)
    environ = dict(os.environ)
    # A run starts dozens of processes on the same files: they share what the first one compiled.
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if options.everything:
        environ["REQUIRE_INDEPENDENT"] = "1"
    wanted = options.only or list(STEPS)
    results: list[Result] = []
    if NEED_BROWSERS & set(wanted):
        try:
            environ = _with_browsers(environ)
        except LookupError as problem:
            print(problem, flush=True)
            results.append(Result("browsers", failed=1))
            wanted = [name for name in wanted if name not in NEED_BROWSERS]
    for name in wanted:
        print(f"\n=== {name} ===", flush=True)
        begun = time.monotonic()
        result = STEPS[name](options.everything, environ)
        result.seconds = time.monotonic() - begun
        results.append(result)
    return _summary(results, options.everything, time.monotonic() - started)


def _summary(results: list[Result], everything: bool, seconds: float) -> int:
    print("\n=== summary ===")
    for result in results:
        print(result.line())
    not_run = sorted({line for result in results for line in result.not_run})
    for line in not_run:
        print(f"could not run: {line}")
    failed = sum(result.failed for result in results) + (len(not_run) if everything else 0)
    passed = sum(result.passed for result in results)
    print(f"=== {passed} passed, {failed} failed in {seconds:.2f}s ===")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
