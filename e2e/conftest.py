"""Fixtures of the end-to-end tests: browsers, the pair of programs, a stand per test, and evidence when one fails.

One pair serves the whole run: the process that starts pytest (or the controller of a parallel run) starts it and ends
it; workers are told where it is. `--pair-database postgresql` puts both programs on PostgreSQL.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Error, Playwright, Request, expect

from e2e.harness.axe import Inspector
from e2e.harness.logs import given_away
from sandbox_idp.testing.pair import PairInfo, running_pair
from sandbox_idp.testing.stand import Control, StandUnderTest
from tools import browsers
from tools.loopback import only_loopback

LOOPBACK = ("localhost", "127.0.0.1")
OUTPUT = "test-results/e2e"
PROFILES = ("esia-v1", "openid")
"""What the portal of a run may speak; `make test` has a run with each."""
STEP_MILLISECONDS = 10_000
CONSOLE_PASSWORD = "Pult-Prepodavatelya-12"
_RESOURCES = pytest.StashKey[contextlib.ExitStack]()
_PAIR = pytest.StashKey[PairInfo]()
_FAILED = pytest.StashKey[bool]()
_LOG_STARTS = pytest.StashKey[dict[str, int]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--everything", action="store_true", help="every test in every browser asked for")
    parser.addoption(
        "--snapshots",
        action="store_true",
        help="traces show the page and its requests at every step; without it they hold steps and the console",
    )
    parser.addoption(
        "--pair-profile",
        choices=PROFILES,
        default="esia-v1",
        help="how the running portal speaks to Gosuslugi",
    )
    parser.addoption(
        "--pair-database", choices=("sqlite", "postgresql"), default="sqlite", help="database of the running pair"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Evidence of a failure is kept without asking: trace (`context`), screenshot, output of the programs.

    Only loopback can be reached.
    """
    only_loopback()
    if config.option.screenshot == "off":
        config.option.screenshot = "only-on-failure"
    if config.option.output == "test-results":
        config.option.output = OUTPUT
    expect.set_options(timeout=STEP_MILLISECONDS)
    if not _is_worker(config):
        shutil.rmtree(config.option.output, ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """S-62: what both programs printed in the whole run holds no password, code, token, SNILS or phone."""
    info = session.config.stash.get(_PAIR, None)
    if info is None or _is_worker(session.config):
        return
    found = given_away(info.logs())
    if found:
        sys.stderr.write("\nthe programs' logs say too much (S-62):\n  " + "\n  ".join(found) + "\n")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the pair, whatever happened to the run."""
    resources = config.stash.get(_RESOURCES, None)
    if resources is not None:
        resources.close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of a parallel run where the pair is; the first one has it started."""
    node.workerinput["pair"] = _pair_of(node.config).as_dict()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Drop what the others stand for; `--everything` and whoever names tests walks all that they ask for."""
    dropped = surplus(items, everything=config.getoption("--everything") or names_tests(config))
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in dropped]


def names_tests(config: pytest.Config) -> bool:
    """Whether tests are asked for by `-k` or a node id: another of their kind would not do then."""
    return bool(config.option.keyword) or any("::" in argument for argument in config.args)


def surplus(items: list[pytest.Item], *, everything: bool) -> list[pytest.Item]:
    """What `make test` does not walk of the catalogue: `everything` walks each entry in every way it can be shown.

    With script in Chromium: every entry. In Firefox: one per kind of effect. Without script: one of those that are met
    alike, at the same stage by the same screen, and of the same kind where a page shows it. What is marked
    `one_browser` is walked in Chromium. It is decided by name and not by the order of the moment, which is shuffled,
    so that every run walks the same.
    """
    seen: set[tuple[str, ...]] = set()
    dropped: list[pytest.Item] = []
    for item in sorted(items, key=lambda item: item.nodeid):
        in_firefox = _parameter(item, "browser_name") == "firefox"
        specimen = item.get_closest_marker("specimen")
        drop = in_firefox and item.get_closest_marker("chromium_only") is not None
        if in_firefox and not everything:
            drop = drop or item.get_closest_marker("one_browser") is not None
        if specimen is not None and not everything:
            group: tuple[str, ...] | None = None
            if in_firefox:
                group = ("firefox", specimen.args[0])
            elif _parameter(item, "script") is False:
                group = specimen.args[1:]
            drop = drop or group in seen
            if group is not None:
                seen.add(group)
        if drop:
            dropped.append(item)
    return dropped


def _without_script(item: pytest.Item) -> bool:
    """Whether the test asked for a browser that runs no scripts."""
    marker = item.get_closest_marker("browser_context_args")
    return marker is not None and marker.kwargs.get("java_script_enabled") is False


def _parameter(item: pytest.Item, name: str) -> object:
    called = getattr(item, "callspec", None)
    return None if called is None else called.params.get(name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what both programs printed while a failed test ran: all of it in its folder, the end of it in the report."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    starts = item.stash.get(_LOG_STARTS, None)
    if report.failed and starts is not None:
        kept = keep_output(item.config.stash[_PAIR].logs(), starts, _evidence_of(item))
        report.sections += [(f"output of {name}", printed[-20_000:]) for name, printed in kept.items()]
    return report


def keep_output(logs: Mapping[str, Path], starts: Mapping[str, int], folder: Path) -> dict[str, str]:
    """Write what each log has from its start on to `<name>.log` in `folder`; tells it too. A log may be gone."""
    folder.mkdir(parents=True, exist_ok=True)
    kept: dict[str, str] = {}
    for name, path in logs.items():
        with contextlib.suppress(OSError), path.open("rb") as log:
            log.seek(starts[name])
            kept[name] = log.read().decode(errors="replace")
            (folder / f"{name}.log").write_text(kept[name], encoding="utf-8")
    return kept


def _evidence_of(item: pytest.Item) -> Path:
    """Where everything lies that is kept of a failed test."""
    return Path(item.config.option.output) / re.sub(r"[^\w.-]+", "-", item.name)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _pair_of(config: pytest.Config) -> PairInfo:
    """Where the pair is; started here if this process is the one to start it and has not yet."""
    known = config.stash.get(_PAIR, None)
    if known is not None:
        return known
    if _is_worker(config):
        info = PairInfo.from_dict(config.workerinput["pair"])  # type: ignore[attr-defined]
    else:
        resources = contextlib.ExitStack()
        config.stash[_RESOURCES] = resources
        settings = {
            "ESIA_PROFILE": config.getoption("--pair-profile"),
            # The one-time key opens it once, and several tests go there.
            "IDP_CONSOLE_PASSWORD": CONSOLE_PASSWORD,
        }
        _, info = resources.enter_context(running_pair(config.getoption("--pair-database"), settings=settings))
    config.stash[_PAIR] = info
    return info


@pytest.fixture(scope="session", autouse=True)
def delete_output_dir() -> None:
    """Instead of the plug-in's own: it would delete, in each worker, what another one has just written."""


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], browser_name: str, playwright: Playwright
) -> dict[str, Any]:
    """The browser that `make test` printed."""
    return {**browser_type_launch_args, **browsers.installed(browser_name, playwright, os.environ).launch_arguments()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A Russian patient's browser."""
    return {
        **browser_context_args,
        "locale": "ru-RU",
        "timezone_id": "Europe/Moscow",
        "viewport": {"width": 1280, "height": 800},
        # Without a graphics card each turn of the logo is drawn by the processor that the programs need.
        "reduced_motion": "reduce",
    }


@pytest.fixture(scope="session")
def base_url() -> None:
    """None: every test has addresses of its own, those of its stand."""


@pytest.fixture(scope="session")
def pair(pytestconfig: pytest.Config) -> PairInfo:
    """The running pair."""
    return _pair_of(pytestconfig)


@pytest.fixture(scope="session")
def control(pair: PairInfo) -> Iterator[Control]:
    """The control API of the whole pair."""
    client = Control(f"{pair.idp_url}/control/v1", pair.control_token)
    yield client
    client.close()


@pytest.fixture
def make_stand(
    request: pytest.FixtureRequest, pair: PairInfo, make_stand: Callable[..., StandUnderTest]
) -> Callable[..., StandUnderTest]:
    """Makes further stands; where the programs' output stood before the first is noted for the evidence."""
    request.node.stash[_LOG_STARTS] = {name: path.stat().st_size for name, path in pair.logs().items()}
    return make_stand


@pytest.fixture
def context(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """The browser context: steps have a limit, nothing is asked of another machine, and a failure leaves its trace.

    What was asked for, and the pages as they were in the end, lie beside the trace. How they were at every step
    (`--snapshots`) costs a twelfth of the time of each test, and a film a third: whoever needs it runs the test again.
    """
    option = request.config.getoption
    context.tracing.start(snapshots=option("--snapshots") or option("--everything"), screenshots=False, sources=False)
    if _without_script(request.node) and _parameter(request.node, "browser_name") == "firefox":
        # Scripts cannot be switched off there (docs/decisions/0008): none comes.
        context.route("**/*.js", lambda script: script.abort())
    context.set_default_timeout(STEP_MILLISECONDS)
    context.set_default_navigation_timeout(3 * STEP_MILLISECONDS)
    strangers: list[str] = []
    requests: list[str] = []

    def note(asked: Request) -> None:
        requests.append(f"{asked.method} {asked.url}\n")
        parts = urlsplit(asked.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in LOOPBACK:
            strangers.append(asked.url)

    context.on("request", note)
    yield context
    failed = request.node.stash.get(_FAILED, False)
    folder = _evidence_of(request.node)
    if failed:
        _keep_pages(context, folder)
        (folder / "requests.txt").write_text("".join(requests), encoding="utf-8")
    context.tracing.stop(path=folder / "trace.zip" if failed else None)
    assert not strangers, f"asked of other machines: {strangers}"


def _keep_pages(context: BrowserContext, folder: Path) -> None:
    """Write down the HTML of every page that is open."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(context.pages, 1):
        # A page may be on its way to somewhere, or may have crashed.
        with contextlib.suppress(Error):
            (folder / f"page-{number}.html").write_text(f"<!-- {page.url} -->\n{page.content()}", encoding="utf-8")


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """A folder that all workers of this run have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if _is_worker(pytestconfig) else own


@pytest.fixture(scope="session")
def artefacts(pytestconfig: pytest.Config) -> Path:
    """Where further evidence may be put."""
    folder = Path(pytestconfig.option.output)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def inspector(browser_name: str, shared_folder: Path) -> Inspector:
    """Axe, once per screen state; in Chromium only, for its findings are the same elsewhere."""
    return Inspector(enabled=browser_name == "chromium", folder=shared_folder)
