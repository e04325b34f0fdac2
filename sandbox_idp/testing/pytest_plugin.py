"""The pytest plug-in: a training Gosuslugi for the tests of any portal (`docs/testing.md`).

Installed with the package; costs nothing until a test asks for one of its fixtures. Each worker of a parallel run
starts a pair of programs of its own when it first needs one, or all use the one at `--sandbox-url`; every test has a
stand of its own there, which is thrown away after it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sandbox_idp.testing.clock import Clock
    from sandbox_idp.testing.stand import Control, Inbox, StandUnderTest

# The modules of the package are imported inside the fixtures: in a run that asks for none of them nothing is loaded.


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--sandbox-url` and `--sandbox-token`."""
    group = parser.getgroup("sandbox", "training Gosuslugi")
    group.addoption("--sandbox-url", help="use the training Gosuslugi that runs there instead of starting one")
    group.addoption("--sandbox-token", help="its control token; without it IDP_CONTROL_TOKEN")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known."""
    config.addinivalue_line(
        "markers",
        "quick_limits: the stand has a tenth of the back-channel time limits, because something hangs in it",
    )


@pytest.fixture(scope="session")
def control(pytestconfig: pytest.Config) -> Iterator[Control]:
    """The control API of a whole training Gosuslugi: makes stands and throws them away."""
    from sandbox_idp.testing.pair import running_pair
    from sandbox_idp.testing.stand import Control

    address = pytestconfig.getoption("--sandbox-url")
    if address:
        token = pytestconfig.getoption("--sandbox-token") or os.environ.get("IDP_CONTROL_TOKEN")
        if not token:
            raise pytest.UsageError("--sandbox-url needs --sandbox-token or IDP_CONTROL_TOKEN")
        client = Control(f"{address.rstrip('/')}/control/v1", token)
        yield client
        client.close()
        return
    with running_pair(keys=2) as (_, info):
        client = Control(f"{info.idp_url}/control/v1", info.control_token)
        yield client
        client.close()


@pytest.fixture
def make_stand(request: pytest.FixtureRequest, control: Control) -> Iterator[Callable[..., StandUnderTest]]:
    """Makes stands; all of them are thrown away after the test."""
    made: list[StandUnderTest] = []

    def make(**wanted: Any) -> StandUnderTest:
        made.append(control.make_stand(request.node.name, **wanted))
        return made[-1]

    yield make
    for stand in made:
        control.delete_stand(stand)


@pytest.fixture
def stand(request: pytest.FixtureRequest, make_stand: Callable[..., StandUnderTest]) -> StandUnderTest:
    """The test's own stand. With the mark `quick_limits` its portal's back-channel limits are a tenth."""
    from sandbox_idp.testing.control import QUICK_LIMITS

    quick = request.node.get_closest_marker("quick_limits") is not None
    return make_stand(limits=QUICK_LIMITS) if quick else make_stand()


@pytest.fixture
def arm(stand: StandUnderTest) -> Callable[..., dict[str, Any]]:
    """`arm(id, scope="everyone", count=1)`: set a scenario of the test's stand going."""
    return stand.control.arm


@pytest.fixture
def person(stand: StandUnderTest) -> Callable[..., dict[str, Any]]:
    """`person(level="simplified", children=[…])`: somebody new in the test's stand; what is not named is made up."""
    return stand.control.make_person


@pytest.fixture
def inbox(stand: StandUnderTest) -> Inbox:
    """The stand's phone and mailbox, read message by message."""
    from sandbox_idp.testing.stand import Inbox

    return Inbox(stand.control)


@pytest.fixture
def clock(request: pytest.FixtureRequest, stand: StandUnderTest) -> Clock:
    """The stand's time; with Playwright's `page` in the same test the page's timers move with it.

    With a page ask for the clock before the first address is opened.
    """
    from sandbox_idp.testing.clock import Clock

    page = request.getfixturevalue("page") if "page" in request.fixturenames else None
    return Clock(stand.control, page)
