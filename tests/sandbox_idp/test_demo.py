"""`make demo`: both programs start, say where they are, and stop together; what cannot be used is said clearly."""

from __future__ import annotations

import errno
import http.client
import io
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from sandbox_idp.cli import main
from sandbox_idp.commands.demo import demo as run_demo
from sandbox_idp.commands.doctor import examine
from sandbox_idp.servers import CannotListenError, PortTakenError, StartError, listen

ROOT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def environment(folder: Path, **more: str) -> dict[str, str]:
    """A machine on which nobody has set anything."""
    ours = ("PORTAL_", "IDP_", "ESIA_", "DEMO_DIR", "ENV")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    ports = {"PORTAL_PORT": str(free_port()), "IDP_PORT": str(free_port())}
    return {**clean, "DEMO_DIR": str(folder), "WORKERS": "1", "THREADS": "4", **ports, **more}


class Demo:
    """The command as a process, with what it has printed."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sandbox_idp", "demo"],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.printed = ""

    def wait_for(self, word: str) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line
            if word in line:
                return self.printed
        raise AssertionError(f"{word!r} was not printed:\n{self.printed}")

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def ended(self) -> int:
        assert self.process.stdout is not None
        self.printed += self.process.stdout.read()
        return self.process.wait(30)


@pytest.fixture
def environ(tmp_path: Path, own_databases: dict[str, str]) -> dict[str, str]:
    return environment(tmp_path / "demo", **own_databases)


@pytest.fixture
def demo(environ: dict[str, str]) -> Iterator[Demo]:
    running = Demo(environ)
    yield running
    if running.process.poll() is None:
        running.process.kill()
    running.process.wait()
    assert running.process.stdout is not None
    running.process.stdout.close()


def ask(address: str) -> int:
    host, port = address.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
    try:
        connection.request("GET", "/", headers={"Host": f"{host}:{port}"})
        return connection.getresponse().status
    finally:
        connection.close()


def gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=10)
    return not alive


def assert_the_doctor_finds_it_well(environ: dict[str, str]) -> None:
    """`doctor` opens the databases itself, so it is asked on both kinds."""
    command = [sys.executable, "-m", "sandbox_idp", "doctor"]
    well = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
    assert well.returncode == 0, well.stdout + well.stderr
    assert f"✓ Госуслуги: работает на http://127.0.0.1:{environ['IDP_PORT']}" in well.stdout
    assert "✓ Сертификаты: сертификат портала основного стенда действует до" in well.stdout
    assert ("✓ IDP_DATABASE_URL: PostgreSQL" in well.stdout) == ("IDP_DATABASE_URL" in environ)


def test_it_starts_says_where_and_stops(demo: Demo, environ: dict[str, str]) -> None:
    """S-70: the control API's token and the console's one-time link are printed; Ctrl-C stops everything.

    While it runs, `doctor` finds all well.
    """
    printed = demo.wait_for("Готово")
    portal, idp = f"http://localhost:{environ['PORTAL_PORT']}", f"http://127.0.0.1:{environ['IDP_PORT']}"
    assert portal in printed
    assert ask(portal) == 200
    assert ask(idp) == 200
    assert re.search(re.escape(idp) + r"/console/enter\?key=[\w-]{40,}", printed)
    assert "Lampa-Zelenaya-27" in printed
    for name in ("Лесная Анна", "Речная Мария", "Озёрный Игорь"):
        assert name in printed
    token = Path(environ["DEMO_DIR"]) / "secrets" / "control-token"
    assert token.read_text().strip() in printed
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(environ["DEMO_DIR"]).stat().st_mode) == 0o700
    assert_the_doctor_finds_it_well(environ)
    family = demo.family()
    assert len(family) >= 4
    demo.process.send_signal(signal.SIGINT)
    assert demo.ended() == 0, demo.printed
    assert gone(family)


def test_the_doctor_says_what_is_wrong_with_the_settings(environ: dict[str, str]) -> None:
    found = {each.what: each for each in examine({**environ, "IDP_WHATEVER": "1"})}["Настройки"]
    assert not found.well
    assert "IDP_WHATEVER" in found.words


def test_a_program_that_dies_ends_the_demo(demo: Demo, environ: dict[str, str]) -> None:
    """The demo says which one, with its last words, and leaves nothing running."""
    demo.wait_for("Готово")
    family = demo.family()
    gunicorn = next(each for each in family if "portal" in each.cmdline() and each.ppid() == demo.process.pid)
    gunicorn.kill()
    assert demo.ended() == 1
    assert "portal" in demo.printed
    assert gone(family)


def test_nothing_is_left_when_it_is_killed(demo: Demo) -> None:
    """Both programs notice that nobody is there any more."""
    demo.wait_for("Готово")
    family = demo.family()
    demo.process.kill()
    assert gone(family)


def refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environ: dict[str, str]
) -> tuple[int, str]:
    for name in list(os.environ):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        code = main(["demo"])
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    return code, capsys.readouterr().err


def test_a_taken_port_is_named_with_the_setting_that_helps(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environ: dict[str, str]
) -> None:
    for setting in ("PORTAL_PORT", "IDP_PORT"):
        with listen("127.0.0.1", int(environ[setting])):
            code, said = refused(monkeypatch, capsys, environ)
        assert code == 1
        assert environ[setting] in said
        assert f"{setting}=" in said


def test_it_does_not_start_in_production(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environ: dict[str, str]
) -> None:
    """S-70: a look-alike of Gosuslugi never runs there."""
    code, said = refused(monkeypatch, capsys, {**environ, "ENV": "production"})
    assert code == 2
    assert "production" in said
    assert not Path(environ["DEMO_DIR"]).exists()


@pytest.mark.parametrize("host", ["IDP_HOST", "PORTAL_HOST"])
def test_a_network_address_demands_the_consoles_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environ: dict[str, str], host: str
) -> None:
    """S-70: loopback unless told otherwise, of either program."""
    code, said = refused(monkeypatch, capsys, {**environ, host: "0.0.0.0"})
    assert code == 2
    assert host in said
    assert "IDP_CONSOLE_PASSWORD" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_SECRET_KEY", "a key of theirs"),
        ("IDP_SECRET_KEY", "a key of theirs"),
        ("IDP_CONTROL_TOKEN", "a token of theirs"),
        ("IDP_CONSOLE_KEY", "a key of theirs"),
        ("IDP_CONTROL", "off"),
        ("IDP_PUBLIC_URL", "http://idp.localhost:9123"),
        ("PORTAL_PUBLIC_URL", "http://portal.localhost:8123"),
        ("DEMO_DIR", ""),
        ("PORTAL_PORT", ""),
        ("WORKERS", "3"),
    ],
)
def test_what_the_demo_fills_in_may_lie_in_a_file(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], tmp_path: Path, name: str, value: str
) -> None:
    """docs/settings.md: a value given as `NAME_FILE` is given, and nothing is laid over it."""
    value = value or environ.pop(name)
    environ.pop(name, None)
    (tmp_path / "value").write_text(f"{value}\n", encoding="utf-8")
    started: list[Mapping[str, str]] = []

    def not_started(*, environ: Mapping[str, str], portal: socket.socket, sandbox: socket.socket, **_: Any) -> Any:
        started.append(environ)
        portal.close()
        sandbox.close()
        raise StartError("enough is known")

    monkeypatch.setattr("sandbox_idp.commands.demo.make_pair", not_started)
    monkeypatch.setattr("sandbox_idp.commands.demo.note_signals", threading.Event)
    with pytest.raises(StartError, match="enough"):
        run_demo({**environ, f"{name}_FILE": str(tmp_path / "value")}, io.StringIO())
    assert started[0][name] == value
    assert f"{name}_FILE" not in started[0]


def test_a_slip_of_the_pen_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environ: dict[str, str]
) -> None:
    """An unknown variable with one of the prefixes never silently means the default, of either program."""
    for slip in ("IDP_PROT", "PORTAL_PROT", "ESIA_PROFIL", "THREADS"):
        code, said = refused(monkeypatch, capsys, {**environ, slip: "x"})
        assert code == 2, slip
        assert slip in said


def test_two_cannot_listen_on_one_port() -> None:
    with listen("127.0.0.1", 0) as first, pytest.raises(PortTakenError) as refusal:
        listen("127.0.0.1", first.getsockname()[1], "PORTAL_PORT")
    assert refusal.value.setting == "PORTAL_PORT"


@pytest.mark.parametrize("host", ["192.0.2.1", "::2"])
def test_a_place_that_is_not_this_machines_is_not_called_taken(host: str) -> None:
    """The system's own reason is told: another port would not help."""
    with pytest.raises(CannotListenError) as refusal:
        listen(host, 0, "IDP_PORT")
    assert host in refusal.value.reason
    assert refusal.value.why in refusal.value.reason
    assert "занят" not in refusal.value.reason


def test_a_port_that_needs_more_rights_is_not_called_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def bind(_self: socket.socket, _address: Any) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(socket.socket, "bind", bind)
    with pytest.raises(CannotListenError, match="Permission denied"):
        listen("127.0.0.1", 80, "PORTAL_PORT")


def test_the_doctor_says_why_a_port_cannot_be_opened(environ: dict[str, str]) -> None:
    network = {"IDP_CONSOLE_PASSWORD": "for a network", "IDP_HOST": "192.0.2.1"}
    found = {each.what: each for each in examine({**environ, **network})}
    assert found["Портал"].words == f"порт {environ['PORTAL_PORT']} свободен"
    assert not found["Госуслуги"].well
    assert "на 192.0.2.1 не открывается: " in found["Госуслуги"].words
