"""`journal`: what happened in a stand, as it happens if that is asked for."""

from __future__ import annotations

import argparse
from typing import Any

from sandbox_idp.commands.calls import LONGEST_WAIT, Calls, add_address
from sandbox_idp.commands.terminal import Colour, Commands, Terminal

_COLOURS: dict[str, Colour] = {"effect": "red", "act": "yellow", "change": "green"}


def add(commands: Commands) -> None:
    """`journal`."""
    command = commands.add_parser("journal", help="журнал стенда")
    command.add_argument("--sign-in", type=int, help="только один вход")
    command.add_argument("--since", type=int, default=0, help="после строки с этим номером")
    command.add_argument("--follow", action="store_true", help="ждать новых строк до Ctrl-C")
    add_address(command)
    command.set_defaults(run=_journal)


def _journal(options: argparse.Namespace, terminal: Terminal) -> int:
    since = options.since
    with Calls.of(options) as api:
        while True:
            wait = LONGEST_WAIT if options.follow else None
            lines = api.call("GET", "/journal", since=since, sign_in=options.sign_in, wait=wait)["lines"]
            for line in lines:
                terminal.tell(line, [_words(terminal, line)])
            if not lines and not options.follow:
                return 0
            since = lines[-1]["id"] if lines else since


def _words(terminal: Terminal, line: dict[str, Any]) -> str:
    number = f"#{line['sign_in']}" if line["sign_in"] is not None else ""
    status = str(line["status"] or ("—" if line["kind"] == "exchange" else ""))
    words = f"{line['at'][11:23]}  {number:<5} {line['program']:<12}{line['channel'] or '':<6}{status:<4} "
    what = f"{line['entry']}: {line['name']}" if line["entry"] else line["name"]
    return words + (terminal.paint(what, _COLOURS[line["kind"]]) if line["kind"] in _COLOURS else what)
