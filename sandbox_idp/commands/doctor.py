"""`doctor`: whether this machine can run everything, and what to do where it cannot."""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import httpx2
from cryptography import x509
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from foundation.clock import SystemClock
from foundation.ids import SystemIds
from foundation.settings import SettingsError
from sandbox_idp.commands.terminal import Commands, Terminal
from sandbox_idp.scenarios.models import StandState
from sandbox_idp.servers import CannotListenError, PortTakenError, listen
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import DEFAULT, House
from sandbox_idp.stands.pair_settings import read_pair_settings

OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 35)
"""The first with RETURNING."""
BROWSERS = {
    "Chromium": ("CHROMIUM", ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")),
    "Firefox": ("FIREFOX", ("firefox-esr", "firefox")),
}
"""Variable with a path, and names to look for."""


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it is well, and what was found (Russian)."""

    what: str
    well: bool
    words: str
    needed: bool = True
    """Whether nothing runs without it; browsers are needed for the end-to-end tests only."""


def add(commands: Commands) -> None:
    """`doctor`."""
    command = commands.add_parser("doctor", help="проверить установку, порты, браузеры, сертификаты")
    command.set_defaults(run=_doctor)


def _doctor(_options: argparse.Namespace, terminal: Terminal) -> int:
    findings = list(examine(os.environ))
    lines = []
    for each in findings:
        mark = terminal.paint("✓", "green") if each.well else terminal.paint("✗", "red" if each.needed else "yellow")
        lines.append(f"{mark} {each.what}: {each.words}")
    terminal.tell([asdict(each) for each in findings], lines)
    return 0 if all(each.well for each in findings if each.needed) else 1


def examine(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Every finding, one after the other; nothing is changed on the machine."""
    yield _python()
    yield _packages()
    yield _sqlite()
    try:
        settings = read_pair_settings(environ)
    except SettingsError as error:
        yield Finding("Настройки", False, "; ".join(error.problems))
        return
    yield Finding("Настройки", True, "читаются")
    yield _folder(settings)
    yield from _servers(settings)
    yield from _ports(settings)
    yield from _certificates(settings)
    for name, (variable, commands) in BROWSERS.items():
        yield _browser(name, environ.get(variable), commands)


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= OLDEST_PYTHON, f"{found} (нужен 3.11 или новее)")


def _packages() -> Finding:
    try:
        needed = [each for each in requires("patient-portal-sandbox") or [] if "extra ==" not in each]
    except PackageNotFoundError:
        return Finding("Пакеты", True, "программа запущена из папки с исходным текстом")
    missing = []
    for each in needed:
        name = each.split(";")[0].split("[")[0].strip("()<>=!~, 0123456789.")
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    return Finding("Пакеты", not missing, f"не хватает: {', '.join(missing)}" if missing else "все на месте")


def _sqlite() -> Finding:
    return Finding("SQLite", sqlite3.sqlite_version_info >= OLDEST_SQLITE, f"{sqlite3.sqlite_version} (нужен 3.35)")


def _folder(settings: SandboxSettings) -> Finding:
    folder = settings.demo_dir.resolve()
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not os.access(there, os.W_OK):
        return Finding("Папка данных", False, f"{folder}: нет права записи. Выберите другую: DEMO_DIR=…")
    return Finding("Папка данных", True, f"{folder}, свободно {shutil.disk_usage(there).free // 2**20} МБ")


def _servers(settings: SandboxSettings) -> Iterator[Finding]:
    for variable, url in (
        ("IDP_DATABASE_URL", settings.database_url),
        ("PORTAL_DATABASE_URL", settings.portal_database_url),
    ):
        if not url.startswith("postgresql"):
            continue
        engine = create_engine(url)
        try:
            with engine.connect() as connection:
                found = connection.execute(text("show server_version")).scalar_one()
            yield Finding(variable, True, f"PostgreSQL {found}")
        except SQLAlchemyError as error:
            yield Finding(variable, False, f"не отвечает: {str(error).splitlines()[0]}")
        finally:
            engine.dispose()


def _ports(settings: SandboxSettings) -> Iterator[Finding]:
    yield _port("Портал", settings.portal_url, settings.portal_host, settings.portal_port, "PORTAL_PORT")
    yield _port("Госуслуги", settings.public_url, settings.host, settings.port, "IDP_PORT")


def _port(name: str, address: str, host: str, port: int, setting: str) -> Finding:
    try:
        listen(host, port, setting).close()
    except PortTakenError:
        return _taken(name, address, port, setting)
    except CannotListenError as error:
        return Finding(name, False, f"порт {port} на {host} не открывается: {error.why}. Проверьте {setting}")
    return Finding(name, True, f"порт {port} свободен")


def _taken(name: str, address: str, port: int, setting: str) -> Finding:
    try:
        ours = httpx2.get(f"{address}/healthz/live", timeout=5, trust_env=False).json().get("status") in ("ok", "live")
    except (httpx2.HTTPError, ValueError):
        ours = False
    if ours:
        return Finding(name, True, f"работает на {address}")
    return Finding(name, False, f"порт {port} занят другой программой. Выберите другой: {setting}=…")


def _certificates(settings: SandboxSettings) -> Iterator[Finding]:
    """The certificate of the default stand's portal, where that stand has been made."""
    if (
        settings.database_url.startswith("sqlite")
        and not Path(settings.database_url.removeprefix("sqlite:///")).exists()
    ):
        yield Finding("Сертификаты", True, "будут сделаны при первом запуске")
        return
    house = House(settings, clock=SystemClock(), ids=SystemIds())
    try:
        stand = house.find(DEFAULT)
        if stand is None:
            yield Finding("Сертификаты", True, "будут сделаны при первом запуске")
            return
        with stand.database.reading() as session:
            pem = session.get_one(StandState, 1).portal_client_certificate
        ends, now = x509.load_pem_x509_certificate(pem.encode("ascii")).not_valid_after_utc, stand.clock.now()
        yield Finding("Сертификаты", now < ends, f"сертификат портала основного стенда действует до {ends:%d.%m.%Y}")
    except SQLAlchemyError as error:
        yield Finding(
            "Сертификаты", False, f"базу стенда не открыть ({type(error).__name__}): удалите {settings.demo_dir}"
        )
    finally:
        house.close()


def _browser(name: str, given: str | None, commands: tuple[str, ...]) -> Finding:
    look: Callable[[str], str | None] = shutil.which
    found = given if given and Path(given).exists() else next(filter(None, map(look, commands)), None)
    words = found or "не найден: нужен только для тестов в браузере (make test поставит его сам)"
    return Finding(name, found is not None, words, needed=False)
