"""The commands of `python -m sandbox_idp`. So far one: `demo`, which is what `make demo` runs."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from sqlmodel import col, select

from foundation import russian
from foundation.clock import SystemClock
from foundation.ids import SystemIds
from foundation.settings import SettingsError
from sandbox_idp.accounts.models import Contact, Person
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.context import Stand
from sandbox_idp.servers import Pair, StartError, listen, make_pair, pair_environment
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import DEFAULT, House
from sandbox_idp.stands.pair_settings import read_pair_settings

SHOWN = ("anna", "maria", "igor")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
USAGE_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command (of the command line, unless `arguments` are given) and tell the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox_idp", description="The training Gosuslugi.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("demo", help="start the portal and the training Gosuslugi side by side, until Ctrl-C")
    parser.parse_args(arguments)
    try:
        return demo(os.environ, sys.stdout)
    except SettingsError as error:
        print("Настройки не подходят / the settings cannot be used:", file=sys.stderr)  # noqa: T201
        for problem in error.problems:
            print(f"  {problem}", file=sys.stderr)  # noqa: T201
        return USAGE_ERROR
    except StartError as error:
        print(error.reason, file=sys.stderr)  # noqa: T201
        return 1


def demo(environ: Mapping[str, str], out: TextIO) -> int:
    """Make what is missing in `DEMO_DIR`, start both programs and run until a signal comes.

    The exit code is 0 after a signal and 1 if a program ended by itself. StartError and SettingsError say why nothing
    was started.
    """
    stopping = _note_signals()
    given = read_pair_settings(environ)
    folder = given.demo_dir.resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    portal_host = environ.get("PORTAL_HOST", "127.0.0.1")
    portal_listener = listen(portal_host, given.portal_port, "PORTAL_PORT")
    try:
        sandbox_listener = listen(given.host, given.port, "IDP_PORT")
    except StartError:
        portal_listener.close()
        raise
    secrets = _Secrets(folder / "secrets")
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
        print("Готовлю базы данных… / Preparing the databases…", file=out, flush=True)
        people = _prepare(settings)
        print("Запускаю обе программы… / Starting both programs…", file=out, flush=True)
        pair.start(full)
        pair.wait_until_ready(stopping=stopping)
        if not stopping.is_set():
            print(_greeting(settings, full, folder, people), file=out, flush=True)
        return _run_until(stopping, pair, out)
    finally:
        pair.stop()


class _Secrets:
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


def _note_signals() -> threading.Event:
    """An event that is set by the first signal to stop."""
    stopping = threading.Event()
    for number in SIGNALS:
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def _run_until(stopping: threading.Event, pair: Pair, out: TextIO) -> int:
    """Watch over both programs until the event is set or one of them ends."""
    while not stopping.wait(0.5):
        ended = pair.ended()
        if ended is not None:
            raise StartError(f"«{ended.name}» неожиданно завершилась / ended unexpectedly:\n{ended.last_words()}")
    print("\nОстанавливаю обе программы… / Stopping both programs…", file=out, flush=True)
    return 0


def _prepare(settings: SandboxSettings) -> list[tuple[Person, str]]:
    """Migrate and seed, throw away stands whose time is over, and tell the people to be named, with their phones."""
    house = House(settings, clock=SystemClock(), ids=SystemIds())
    try:
        house.prepare()
        house.sweep()
        stand = house.find(DEFAULT)
        return _people(stand) if stand is not None else []
    finally:
        house.close()


def _people(stand: Stand) -> list[tuple[Person, str]]:
    with stand.database.reading() as session:
        rows = session.exec(
            select(Person, Contact.value)
            .join(Contact, col(Contact.person_oid) == col(Person.oid))
            .where(col(Person.persona).in_(SHOWN), col(Contact.type) == "MBT")
        ).all()
    return sorted(((person, phone) for person, phone in rows), key=lambda row: SHOWN.index(str(row[0].persona)))


def _greeting(
    settings: SandboxSettings, environ: Mapping[str, str], folder: Path, people: list[tuple[Person, str]]
) -> str:
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
    for person, phone in people:
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
