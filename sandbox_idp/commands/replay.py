"""`bundle` and `replay`: one sign-in into a file, and the file into a new stand where it is gone once more."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from sandbox_idp.commands.calls import CallError, Calls, add_address
from sandbox_idp.commands.terminal import Commands, Terminal
from sandbox_idp.testing.control import ControlError, StandControl
from sandbox_idp.testing.replay import NotRepeatableError, Replayed, read_journey, replay
from sandbox_idp.testing.stand import StandUnderTest

DIFFERENT = 1


def add(commands: Commands) -> None:
    """`bundle` and `replay`."""
    command = commands.add_parser("bundle", help="один вход в файл: стенд, каким он был, и шаги")
    command.add_argument("sign_in", type=int, help="номер входа (sandbox-idp verdicts)")
    command.add_argument("file", type=Path, help="куда записать")
    add_address(command)
    command.set_defaults(run=_bundle)
    command = commands.add_parser("replay", help="повторить вход из файла на новом стенде")
    command.add_argument("file", type=Path, help="файл команды bundle")
    add_address(command, stand=False)
    command.set_defaults(run=_replay)


def _bundle(options: argparse.Namespace, terminal: Terminal) -> int:
    with Calls.of(options) as api:
        data = api.file("GET", f"/sign-ins/{options.sign_in}/bundle")
    _write(options.file, data)
    terminal.tell({"file": str(options.file), "bytes": len(data)}, [f"Вход {options.sign_in} записан: {options.file}"])
    return 0


def _replay(options: argparse.Namespace, terminal: Terminal) -> int:
    try:
        file = options.file.read_bytes()
    except OSError as error:
        raise CallError(f"Файл {options.file} не читается: {error.strerror}.") from None
    with Calls.of(options) as api:
        try:
            journey = read_journey(file)
            made = api.send_file("/imports", file, ttl="P1D")
            terminal.note(f"Стенд {made['id']} собран, повторяю вход {journey.sign_in}.")
            with contextlib.closing(StandControl(made["control_url"], made["token"])) as control:
                found = replay(StandUnderTest(made["id"], made["portal_url"], made["idp_url"], control), journey)
        except NotRepeatableError as error:
            raise CallError(error.reason) from None
        except ControlError as error:
            raise CallError(str(error)) from None
    terminal.tell({"stand": made["id"], "same": found.is_same, **_told(found)}, _words(terminal, found, made["id"]))
    return 0 if found.is_same else DIFFERENT


def _told(found: Replayed) -> dict[str, object]:
    return {"sign_in": found.sign_in, "expected": found.expected.model_dump(), "got": found.got.model_dump()}


def _words(terminal: Terminal, found: Replayed, stand: str) -> list[str]:
    if found.is_same:
        lines = [terminal.paint("Повторилось: те же сбои, тот же конец.", "green")]
    else:
        lines = [terminal.paint("Вышло иначе:", "red")]
        lines += [f"  {name}: было {then}, стало {now}" for name, (then, now) in found.differences.items()]
    return [*lines, f"Стенд {stand} остался, чтобы посмотреть."]


def _write(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise CallError(f"Файл {file} не записать: {error.strerror}.") from None
