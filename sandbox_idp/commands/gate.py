"""`gate`: one stand at the root of a port, as a gate before somebody else's portal or as the training Gosuslugi."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError

from foundation.clock import SystemClock
from foundation.ids import SystemIds
from sandbox_idp.commands.demo import Secrets, note_signals, run_until
from sandbox_idp.commands.terminal import Commands, Terminal
from sandbox_idp.servers import Program, Programs, StartError, listen, pair_environment
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import DEFAULT, House
from sandbox_idp.stands.pair_settings import pair_values, read_pair_settings

MODULE = "sandbox_idp.gate_wsgi"


def add(commands: Commands) -> None:
    """`gate`."""
    command = commands.add_parser("gate", help="сбои перед чужим порталом; стенд в корне порта")
    command.add_argument("--stand", default=DEFAULT, help="номер стенда (иначе основной)")
    command.add_argument("--listen", type=int, required=True, metavar="PORT", help="порт, на котором отвечать")
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--to", metavar="URL", help="адрес чужого портала, который стоит за этим портом")
    what.add_argument("--sandbox", action="store_true", help="учебные Госуслуги этого стенда без пути в адресе")
    command.add_argument("--url", help="как этот порт называют браузеры (иначе localhost, с --sandbox 127.0.0.1)")
    command.add_argument(
        "--path",
        action="append",
        default=[],
        metavar="НАШ=ЧУЖОЙ",
        help="путь из каталога и путь чужого портала: /home=/dashboard; можно повторять",
    )
    command.set_defaults(run=lambda options, terminal: gate(options, terminal, os.environ))


def gate(options: argparse.Namespace, terminal: Terminal, environ: Mapping[str, str]) -> int:
    """Serve until a signal comes, on the data of the pair that runs with the same settings.

    The exit code is 0 after a signal. StartError and SettingsError say why nothing was started.
    """
    stopping = note_signals()
    given = read_pair_settings(environ)
    folder = given.demo_dir.resolve()
    name = "127.0.0.1" if options.sandbox else "localhost"
    address = _address(options.url or f"http://{name}:{options.listen}", "--url")
    if options.sandbox:
        call = f"sandbox({options.stand!r}, {address!r})"
    else:
        call = f"portal({options.stand!r}, {_address(options.to, '--to')!r}, {address!r}, {_paths(options.path)!r})"
    _check(given, options.stand)
    secrets = {"IDP_SECRET_KEY": Secrets(folder / "secrets").value("idp-secret-key")} if options.sandbox else {}
    full = pair_environment(
        {**secrets, **pair_values(environ)}, folder=folder, portal_port=given.portal_port, idp_port=given.port
    )
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    listener = listen(given.host, options.listen, "--listen")
    log = logs / f"gate-{options.listen}.log"
    programs = Programs(Program("gate", MODULE, address, listener, log, call=call, any_answer=True))
    try:
        programs.start(full)
        programs.wait_until_ready(stopping=stopping)
        if not stopping.is_set():
            told = {"url": address, "stand": options.stand, "to": options.to}
            behind = f"портал {options.to}" if options.to else "учебные Госуслуги"
            terminal.tell(told, [f"Стенд {options.stand}: {behind} на {address}. Ctrl-C остановит."])
        return run_until(stopping, programs, terminal.note)
    finally:
        programs.stop()


def _address(given: str, option: str) -> str:
    """An origin without a slash at its end. StartError if it is none."""
    address = given.rstrip("/")
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or address != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc:
        raise StartError(f"{option}: нужен адрес без пути, например http://localhost:3000, а не «{given}».")
    return address


def _paths(given: list[str]) -> dict[str, str]:
    """What the portal's paths are called in the catalogue. StartError if one cannot be read."""
    found = {}
    for each in given:
        ours, sign, theirs = each.partition("=")
        if not sign or not ours.startswith("/") or not theirs.startswith("/"):
            raise StartError(f"--path: нужно /наш=/чужой, например /home=/dashboard, а не «{each}».")
        found[theirs] = ours
    return found


def _check(settings: SandboxSettings, stand: str) -> None:
    """StartError unless the stand lives in the data of the pair."""
    assert settings.stands_dir is not None
    missing = StartError(
        f"Стенда «{stand}» нет в {Path(settings.demo_dir).resolve()}. Запустите обе программы (make demo) с теми же "
        "настройками; какие стенды есть, скажет sandbox-idp stand list."
    )
    if not settings.stands_dir.exists():
        raise missing
    house = House(settings, clock=SystemClock(), ids=SystemIds())
    try:
        if house.find(stand) is None:
            raise missing
    except DBAPIError:
        raise missing from None
    finally:
        house.close()
