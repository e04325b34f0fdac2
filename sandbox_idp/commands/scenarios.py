"""`scenario`: the catalogue, switching its entries on and off, and scenarios of one's own."""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sandbox_idp.commands.calls import CallError, Calls, add_address
from sandbox_idp.commands.terminal import Colour, Commands, Terminal, table

_COLOURS: dict[str, Colour] = {"armed": "yellow", "watching": "yellow", "happening": "red", "recovered": "green"}
_STATES = {
    "idle": "выключен",
    "armed": "включён",
    "watching": "ждёт",
    "happening": "сработал",
    "recovered": "пройден",
}


def add(commands: Commands) -> None:
    """`scenario list|show|arm|disarm|add|export|remove`."""
    room = commands.add_parser("scenario", help="сценарии: каталог, включить, снять, свои")
    actions = room.add_subparsers(dest="action", required=True, metavar="действие")
    command = actions.add_parser("list", help="каталог и что включено")
    command.add_argument("--group", help="только группа: A…G")
    command.add_argument("--armed", action="store_true", help="только включённые")
    command.set_defaults(run=_list)
    add_address(command)
    command = actions.add_parser("show", help="один сценарий")
    command.set_defaults(run=_show)
    _add_entry(command)
    command = actions.add_parser("arm", help="включить")
    _add_entry(command)
    whom = command.add_mutually_exclusive_group()
    whom.add_argument("--scope", choices=("everyone", "next-sign-in"), help="для всех или для следующего входа")
    whom.add_argument("--person", help="для одного человека: имя или oid")
    command.add_argument("--count", type=int, help="сколько раз")
    command.add_argument("--ttl", help="снимется само через, например PT30M")
    command.add_argument("--probability", type=float, help="вероятность, больше 0 и до 1")
    command.add_argument("--seed", type=int, help="затравка случайности")
    command.add_argument("-p", dest="parameters", action="append", default=[], metavar="имя=значение", help="параметр")
    command.set_defaults(run=_arm)
    command = actions.add_parser("disarm", help="снять один или все")
    command.add_argument("entry", nargs="?", help="сценарий; без него снимаются все")
    add_address(command)
    command.set_defaults(run=_disarm)
    command = actions.add_parser("add", help="добавить свой сценарий из файла")
    command.add_argument("file", type=Path, help="файл .toml; - читает стандартный ввод")
    command.add_argument("--replace", action="store_true", help="заменить, если такой уже есть")
    add_address(command)
    command.set_defaults(run=_add)
    command = actions.add_parser("export", help="напечатать файл сценария")
    _add_entry(command)
    command.set_defaults(run=_export)
    command = actions.add_parser("remove", help="удалить свой сценарий")
    _add_entry(command)
    command.set_defaults(run=_remove)


def _add_entry(command: argparse.ArgumentParser) -> None:
    command.add_argument("entry", help="сценарий")
    add_address(command)


def _list(options: argparse.Namespace, terminal: Terminal) -> int:
    with Calls.of(options) as api:
        entries = api.call("GET", "/scenarios")["scenarios"]
    found = [
        each
        for each in entries
        if options.group in (None, each["group"]) and (not options.armed or each["state"] != "idle")
    ]
    rows = [[each["group"], each["id"], _state(terminal, each["state"]), each["title"]] for each in found]
    terminal.tell(found, table(rows) if rows else ["Ничего не включено."])
    return 0


def _show(options: argparse.Namespace, terminal: Terminal) -> int:
    with Calls.of(options) as api:
        entry = api.call("GET", f"/scenarios/{options.entry}")
    lines = [
        f"{entry['id']}: {entry['title']}",
        "",
        entry["story"],
        "",
        entry["explain"],
        "",
        entry["recovers"]["note"],
    ]
    for name, parameter in entry["parameters"].items():
        lines.append(f"  -p {name}={parameter['default']}  {parameter['title']}")
    terminal.tell(entry, [*lines, "", f"Сейчас: {_state(terminal, entry['state'])}"])
    return 0


def _arm(options: argparse.Namespace, terminal: Terminal) -> int:
    body: dict[str, Any] = {"parameters": dict(_pair(each) for each in options.parameters)}
    body |= {
        name: value
        for name in ("scope", "count", "ttl", "probability", "seed")
        if (value := getattr(options, name)) is not None
    }
    if options.person is not None:
        body["scope"] = {"person": options.person}
    with Calls.of(options) as api:
        armed = api.call("PUT", f"/scenarios/{options.entry}", body)
    replaced = " Прежнее включение заменено." if armed["replaced"] else ""
    state = _state(terminal, armed["state"])
    terminal.tell(armed, [f"{armed['id']}: {state}, до {armed['expires_at'] or 'снятия'}.{replaced}"])
    return 0


def _disarm(options: argparse.Namespace, terminal: Terminal) -> int:
    path = "/scenarios" if options.entry is None else f"/scenarios/{options.entry}"
    with Calls.of(options) as api:
        off = api.call("DELETE", path)["disarmed"]
    terminal.tell(off, [f"Снято: {', '.join(off)}." if off else "Ничего не было включено."])
    return 0


def _add(options: argparse.Namespace, terminal: Terminal) -> int:
    data = _read(options.file)
    with Calls.of(options) as api:
        if options.replace:
            added = api.call("PUT", f"/scenarios/{_id(data)}/file", data)
        else:
            added = api.call("POST", "/scenarios", data)
    lines = [f"Добавлено: {', '.join(added['scenarios'])}."]
    if added["disarmed"]:
        lines.append(f"Снято, потому что текст изменился: {', '.join(added['disarmed'])}.")
    terminal.tell(added, lines)
    return 0


def _export(options: argparse.Namespace, terminal: Terminal) -> int:
    with Calls.of(options) as api:
        text = api.call("GET", f"/scenarios/{options.entry}/file")
    terminal.tell({"toml": text}, [text.removesuffix("\n")])
    return 0


def _remove(options: argparse.Namespace, terminal: Terminal) -> int:
    with Calls.of(options) as api:
        off = api.call("DELETE", f"/scenarios/{options.entry}/file")["disarmed"]
    said = f" Снято: {', '.join(off)}." if off else ""
    terminal.tell({"removed": options.entry, "disarmed": off}, [f"Сценарий {options.entry} удалён.{said}"])
    return 0


def _read(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise CallError(f"Файл {file} не читается: {error.strerror}.") from None


def _id(data: bytes) -> str:
    """The id that the text names; what is no text of ours goes on as it is, and is refused with its place."""
    try:
        found = tomllib.loads(data.decode("utf-8-sig")).get("id")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        found = None
    return quote(found, safe="") if isinstance(found, str) and found else "scenario"


def _pair(text: str) -> tuple[str, Any]:
    """`status=500` as name and value; what is no JSON is a string."""
    name, equals, value = text.partition("=")
    if not equals:
        raise CallError(f"Параметр пишут как имя=значение, а не «{text}».")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _state(terminal: Terminal, state: str) -> str:
    words = _STATES.get(state, state)
    return terminal.paint(words, _COLOURS[state]) if state in _COLOURS else words
