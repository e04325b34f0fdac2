"""`demo` and `serve`: both programs side by side, until a signal comes."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from sqlmodel import col, select

from foundation import russian
from foundation.clock import SystemClock
from foundation.ids import SystemIds
from sandbox_idp.accounts.models import Contact, Person
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.commands.terminal import Commands, Terminal
from sandbox_idp.servers import Programs, StartError, listen, make_pair, pair_environment
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import DEFAULT, House
from sandbox_idp.stands.pair_settings import pair_values, read_pair_settings

SHOWN = ("anna", "maria", "igor")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Ready = Callable[[SandboxSettings, Mapping[str, str], Path], None]
"""Told when both answer: the settings, the environment they were started with, and the folder of their data."""


def add(commands: Commands) -> None:
    """`demo` and `serve`."""
    command = commands.add_parser("demo", help="запустить портал и учебные Госуслуги до Ctrl-C")
    command.set_defaults(run=lambda _options, terminal: demo(os.environ, terminal.out))
    command = commands.add_parser("serve", help="то же без подсказок для людей: для серверов и прогонов тестов")
    command.set_defaults(run=lambda _options, terminal: serve(os.environ, terminal))


def demo(environ: Mapping[str, str], out: TextIO) -> int:
    """Make what is missing in `DEMO_DIR`, start both programs, say who can sign in, and run until a signal comes.

    The exit code is 0 after a signal and 1 if a program ended by itself. StartError and SettingsError say why nothing
    was started.
    """

    def greet(settings: SandboxSettings, full: Mapping[str, str], folder: Path) -> None:
        print(_greeting(settings, full, folder), file=out, flush=True)

    return _run(environ, greet, lambda words: print(words, file=out, flush=True))


def serve(environ: Mapping[str, str], terminal: Terminal) -> int:
    """The same, and when both are ready only their addresses; as a line of JSON if that is asked for."""

    def tell(settings: SandboxSettings, full: Mapping[str, str], _folder: Path) -> None:
        ready = {
            "portal_url": settings.portal_url,
            "idp_url": settings.public_url,
            "control_url": f"{settings.public_url}/control/v1",
            "control_token": full["IDP_CONTROL_TOKEN"],
            "console_url": f"{settings.public_url}/console/enter?key={full['IDP_CONSOLE_KEY']}",
        }
        terminal.tell(ready, [f"{name:<14} {value}" for name, value in ready.items()])

    return _run(environ, tell, terminal.note)


def _run(environ: Mapping[str, str], ready: Ready, note: Callable[[str], None]) -> int:
    stopping = note_signals()
    given = read_pair_settings(environ)
    environ = pair_values(environ)
    folder = given.demo_dir.resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    portal_listener = listen(given.portal_host, given.portal_port, "PORTAL_PORT")
    try:
        sandbox_listener = listen(given.host, given.port, "IDP_PORT")
    except StartError:
        portal_listener.close()
        raise
    secrets = Secrets(folder / "secrets")
    console_key = environ.get("IDP_CONSOLE_KEY") or SystemIds().token()
    full = pair_environment(
        {
            "PORTAL_SECRET_KEY": secrets.value("portal-secret-key"),
            "IDP_SECRET_KEY": secrets.value("idp-secret-key"),
            "IDP_CONTROL_TOKEN": secrets.value("control-token"),
            **environ,
            "IDP_CONSOLE_KEY": console_key,
        },
        folder=folder,
        portal_port=given.portal_port,
        idp_port=given.port,
    )
    settings = SandboxSettings.from_environment(full)
    pair = make_pair(portal=portal_listener, sandbox=sandbox_listener, environ=full, logs=folder / "logs")
    try:
        note("Готовлю базы данных… / Preparing the databases…")
        _prepare(settings)
        note("Запускаю обе программы… / Starting both programs…")
        pair.start(full)
        pair.wait_until_ready(stopping=stopping)
        if not stopping.is_set():
            ready(settings, full, folder)
        return run_until(stopping, pair, note)
    finally:
        pair.stop()


class Secrets:
    """Random values that are made once and kept in files that only their owner can read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def value(self, name: str) -> str:
        """The secret of that name."""
        file = self._folder / name
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(SystemIds().token() + "\n", encoding="ascii")
        return file.read_text(encoding="ascii").strip()


def note_signals() -> threading.Event:
    """An event that is set by the first signal to stop."""
    stopping = threading.Event()
    for number in SIGNALS:
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def run_until(stopping: threading.Event, programs: Programs, note: Callable[[str], None]) -> int:
    """Watch over the programs until the event is set; StartError if one of them ends before."""
    while not stopping.wait(0.5):
        ended = programs.ended()
        if ended is not None:
            raise StartError(f"«{ended.name}» неожиданно завершилась / ended unexpectedly:\n{ended.last_words()}")
    note("\nОстанавливаю… / Stopping…")
    return 0


def _prepare(settings: SandboxSettings) -> None:
    """Migrate and seed, and throw away stands whose time is over."""
    house = House(settings, clock=SystemClock(), ids=SystemIds())
    try:
        house.prepare()
        house.sweep()
    finally:
        house.close()


def _people(settings: SandboxSettings) -> list[tuple[Person, str]]:
    """The people to be named, with their phones."""
    house = House(settings, clock=SystemClock(), ids=SystemIds())
    try:
        stand = house.find(DEFAULT)
        if stand is None:
            return []
        with stand.database.reading() as session:
            rows = session.exec(
                select(Person, Contact.value)
                .join(Contact, col(Contact.person_oid) == col(Person.oid))
                .where(col(Person.persona).in_(SHOWN), col(Contact.type) == "MBT")
            ).all()
        return sorted(((person, phone) for person, phone in rows), key=lambda row: SHOWN.index(str(row[0].persona)))
    finally:
        house.close()


def _greeting(settings: SandboxSettings, environ: Mapping[str, str], folder: Path) -> str:
    idp = settings.public_url
    lines = [
        "",
        "Учебный стенд — не вводите настоящие данные / A training stand: never type in real data",
        "",
        f"  Портал пациента / patient portal       {settings.portal_url}",
        f"  Учебные Госуслуги / training Gosuslugi {idp}",
        f"  Пульт преподавателя / console          {idp}/console/enter?key={environ['IDP_CONSOLE_KEY']}",
        "                                         (одноразовая ссылка / the link works once)",
        f"  Телефон: СМС и коды / phone: codes     {idp}/phone",
        "",
        f"  Кто может войти, пароль у всех / who can sign in, with the password: {PASSWORD}",
    ]
    for person, phone in _people(settings):
        name = " ".join(part for part in (person.surname, person.name, person.patronymic) if part)
        code = (
            f"код приложения / authenticator: {idp}/phone?person={person.persona}"
            if person.totp_secret
            else f"код из СМС / SMS: {idp}/phone?person={person.persona}"
        )
        lines.append(f"    {person.persona:<6} {name:<26} {russian.phone(phone):<19} {code}")
    lines += [
        "",
        f"  Control API            {idp}/control/v1",
        f"    токен / token        {environ['IDP_CONTROL_TOKEN']}",
        f"    файл / file          {folder / 'secrets' / 'control-token'}",
        f"  Журналы / logs         {folder / 'logs'}",
        "",
        "Готово, Ctrl-C остановит обе программы / Ready, Ctrl-C stops both",
    ]
    return "\n".join(lines)
