"""Running the pair of programs: portal and sandbox side by side under gunicorn, started and ended together.

`make demo`, the end-to-end tests, the bench and the contact sheet all run the pair through this module.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import Field

from foundation.clock import steady_seconds
from foundation.settings import EnvironmentSettings

ROOT = Path(__file__).resolve().parent.parent
LIFELINE = "SERVERS_LIFELINE"
"""Variable with the number of the pipe that closes when the starting process ends."""
MODULE = "SERVERS_MODULE"
"""Variable with the module that gunicorn imports before it forks its workers."""
PORTAL_MODULE = "sandbox_idp.stands.portal_wsgi"
SANDBOX_MODULE = "sandbox_idp.wsgi"
STOPPING = 6.0
"""Seconds that a program gets to stop by itself."""


class ServerSettings(EnvironmentSettings):
    """How wide either program is (`docs/settings.md`)."""

    PREFIXES: ClassVar[tuple[str, ...]] = ()

    workers: int = Field(2, alias="WORKERS", ge=1)
    threads: int = Field(256, alias="THREADS", ge=1)


class StartError(Exception):
    """The pair cannot run; `reason` is for the person who started it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PortTakenError(StartError):
    """Another program listens on the port; `setting` is the variable that chooses another one."""

    def __init__(self, host: str, port: int, setting: str) -> None:
        super().__init__(
            f"Порт {port} на {host} занят другой программой. Остановите её или выберите другой порт: {setting}=…\n"
            f"Port {port} on {host} is taken by another program. Stop it or choose another port with {setting}=…"
        )
        self.host = host
        self.port = port
        self.setting = setting


class CannotListenError(StartError):
    """The system lets nobody, or not this program, listen there; `why` is what it says itself."""

    def __init__(self, host: str, port: int, setting: str, why: str) -> None:
        super().__init__(
            f"Порт {port} на {host} не открывается, система отвечает: {why}. Проверьте адрес и порт: {setting}=…\n"
            f"Port {port} on {host} cannot be opened: {why}. Look at the address and at {setting}."
        )
        self.host = host
        self.port = port
        self.setting = setting
        self.why = why


def listen(host: str, port: int, setting: str = "") -> socket.socket:
    """A listening socket on `host`:`port` (0: any free one).

    PortTakenError if that port is in use, CannotListenError for any other reason.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(2048)
        except BaseException:
            listener.close()
            raise
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(host, port, setting) from error
        raise CannotListenError(host, port, setting, error.strerror or str(error)) from error
    return listener


@dataclass
class Program:
    """One of the two programs as a process."""

    name: str
    module: str
    address: str
    """Its public address; it is asked under this host name."""
    listener: socket.socket
    """Where it will listen. Made before it starts, so that nobody else can take the port in between."""
    log: Path
    call: str = "application()"
    """Factory in the module, with its arguments as literals."""
    any_answer: bool = False
    """Whether any answer is a sign of life: what stands behind it may be no program of ours."""
    host: str = field(init=False)
    port: int = field(init=False)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.host, self.port = self.listener.getsockname()[:2]

    def start(self, environ: Mapping[str, str], lifeline: int) -> None:
        """Start it with `environ`; it stops by itself when `lifeline` is closed at the other end."""
        if self.listener.fileno() < 0:
            self.listener = listen(self.host, self.port)
        command = [
            *(sys.executable, "-m", "gunicorn", "--config", "python:sandbox_idp.gunicorn_conf"),
            *("--bind", f"fd://{self.listener.fileno()}", "--name", self.name, f"{self.module}:{self.call}"),
        ]
        with self.log.open("wb") as log:
            # The command is built here from constants and a number.
            self.process = subprocess.Popen(  # noqa: S603
                command,
                cwd=ROOT,
                env={**environ, LIFELINE: str(lifeline), MODULE: self.module},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(self.listener.fileno(), lifeline),
                start_new_session=True,
            )
        # From here on only the program itself listens: if it dies, a client is refused instead of waiting.
        self.listener.close()

    def has_ended(self) -> bool:
        """Whether it was started and runs no longer."""
        return self.process is not None and self.process.poll() is not None

    def answers(self) -> bool:
        """Whether its health page says that it lives."""
        host = "127.0.0.1" if self.host == "0.0.0.0" else self.host  # noqa: S104 - compared, not bound
        connection = http.client.HTTPConnection(host, self.port, timeout=5)
        try:
            connection.request("GET", "/healthz/live", headers={"Host": urlsplit(self.address).netloc})
            return connection.getresponse().status == 200 or self.any_answer
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def ask_to_stop(self) -> None:
        """Tell it to stop."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        """Wait until it has stopped, then end by force whatever is left of it and its workers."""
        self.listener.close()
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOPPING)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_words(self, lines: int = 60) -> str:
        """The end of its log."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


class Programs:
    """Programs that are started and stopped together."""

    def __init__(self, *programs: Program) -> None:
        self.programs = programs
        self._lifeline: tuple[int, int] | None = None
        self.environ: dict[str, str] = {}
        """What they were started with."""

    def start(self, environ: Mapping[str, str]) -> None:
        """Start them side by side."""
        self.environ = dict(environ)
        try:
            for program in self.programs:
                self.start_one(program)
        except BaseException:
            self.stop()
            raise

    def start_again(self) -> None:
        """Start them once more as they were started before."""
        self.start(self.environ)

    def start_one(self, program: Program) -> None:
        """Start one of them (again), with the environment that all were started with."""
        if self._lifeline is None:
            self._lifeline = os.pipe()
        program.start(self.environ, self._lifeline[0])

    def wait_until_ready(self, seconds: float = 60.0, stopping: threading.Event | None = None) -> None:
        """Return when all answer, or when `stopping` is set; StartError if one ends, or if `seconds` go by."""
        deadline = steady_seconds() + seconds
        waiting = list(self.programs)
        while waiting and not (stopping is not None and stopping.is_set()):
            for program in list(waiting):
                ended = self.ended()
                if ended is not None:
                    raise StartError(f"«{ended.name}» не запустился / did not start:\n{ended.last_words()}")
                if program.answers():
                    waiting.remove(program)
                elif steady_seconds() > deadline:
                    raise StartError(
                        f"«{program.name}» не отвечает {seconds:.0f} с / does not answer:\n{program.last_words()}"
                    )
                elif program.process is not None:
                    # A wait that is cut short when the program dies.
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        program.process.wait(0.02)

    def ended(self) -> Program | None:
        """A program that has ended though nobody stopped it, if there is one."""
        return next((program for program in self.programs if program.has_ended()), None)

    def stop(self) -> None:
        """Stop them; nothing of them is left running afterwards."""
        for program in self.programs:
            program.ask_to_stop()
        for program in self.programs:
            program.stop()
        for end in self._lifeline or ():
            os.close(end)
        self._lifeline = None


class Pair(Programs):
    """Portal and sandbox."""

    def __init__(self, portal: Program, sandbox: Program) -> None:
        super().__init__(portal, sandbox)
        self.portal = portal
        self.sandbox = sandbox


@contextlib.contextmanager
def running(pair: Pair, environ: Mapping[str, str]) -> Iterator[Pair]:
    """Both programs, ready to answer, for the length of the block."""
    pair.start(environ)
    try:
        pair.wait_until_ready()
        yield pair
    finally:
        pair.stop()


def make_pair(*, portal: socket.socket, sandbox: socket.socket, environ: Mapping[str, str], logs: Path) -> Pair:
    """The pair on two listening sockets, with the addresses that `environ` names."""
    logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Pair(
        Program("portal", PORTAL_MODULE, environ["PORTAL_PUBLIC_URL"], portal, logs / "portal.log"),
        Program("sandbox_idp", SANDBOX_MODULE, environ["IDP_PUBLIC_URL"], sandbox, logs / "sandbox_idp.log"),
    )


def pair_environment(environ: Mapping[str, str], *, folder: Path, portal_port: int, idp_port: int) -> dict[str, str]:
    """`environ` with everything that makes the two programs a pair on these ports; what is set already is kept."""
    idp_url = environ.get("IDP_PUBLIC_URL") or f"http://127.0.0.1:{idp_port}"
    return {
        "PORTAL_PUBLIC_URL": f"http://localhost:{portal_port}",
        "IDP_PUBLIC_URL": idp_url,
        "ESIA_FRONT_URL": idp_url,
        "IDP_CONTROL": "on",
        # Output appears in the log at once, so that a failure's last words are there.
        "PYTHONUNBUFFERED": "1",
        **environ,
        "DEMO_DIR": str(folder.resolve()),
        "PORTAL_PORT": str(portal_port),
        "IDP_PORT": str(idp_port),
    }
