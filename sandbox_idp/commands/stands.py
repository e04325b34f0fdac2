"""`stand`: list, make, look at, put back, throw away."""

from __future__ import annotations

import argparse
from typing import Any

from sandbox_idp.commands.calls import Calls, add_address
from sandbox_idp.commands.terminal import Commands, Terminal, table


def add(commands: Commands) -> None:
    """`stand list|create|show|reset|delete`."""
    room = commands.add_parser("stand", help="стенды: список, новый, сброс, удаление")
    actions = room.add_subparsers(dest="action", required=True, metavar="действие")
    for name, words, run in (
        ("list", "все стенды", _list),
        ("create", "новый стенд", _create),
        ("show", "один стенд", _show),
        ("reset", "вернуть стенд к первому дню", _reset),
        ("delete", "удалить стенд", _delete),
    ):
        command = actions.add_parser(name, help=words)
        add_address(command, stand=False)
        command.set_defaults(run=run)
        if name == "create":
            command.add_argument("--name", help="название")
            command.add_argument("--ttl", help="сколько стенду жить, например PT2H")
        elif name != "list":
            command.add_argument("id", help="номер стенда")


def _list(options: argparse.Namespace, terminal: Terminal) -> int:
    with Calls.of(options) as api:
        stands = api.call("GET", "/stands")["stands"]
    rows = [[each["id"], each["name"], each["expires_at"] or "—", each["idp_url"]] for each in stands]
    terminal.tell(stands, table([["номер", "название", "живёт до", "Госуслуги"], *rows]))
    return 0


def _create(options: argparse.Namespace, terminal: Terminal) -> int:
    wanted = {name: value for name in ("name", "ttl") if (value := getattr(options, name)) is not None}
    with Calls.of(options) as api:
        _tell(terminal, api.call("POST", "/stands", wanted))
    return 0


def _show(options: argparse.Namespace, terminal: Terminal) -> int:
    with Calls.of(options) as api:
        _tell(terminal, api.call("GET", f"/stands/{options.id}"))
    return 0


def _reset(options: argparse.Namespace, terminal: Terminal) -> int:
    options.stand = options.id
    with Calls.of(options) as api:
        _tell(terminal, api.call("POST", "/reset"))
    return 0


def _delete(options: argparse.Namespace, terminal: Terminal) -> int:
    with Calls.of(options) as api:
        api.call("DELETE", f"/stands/{options.id}")
    terminal.tell({"deleted": options.id}, [f"Стенд {options.id} удалён."])
    return 0


def _tell(terminal: Terminal, stand: dict[str, Any]) -> None:
    shown = ("id", "name", "portal_url", "idp_url", "control_url", "token", "now", "expires_at")
    terminal.tell(stand, table([[name, str(stand[name])] for name in shown if stand.get(name) is not None]))
