"""`journal` and `verdicts`: what happened in a stand, and what can be said of each sign-in."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from foundation.russian import counted
from sandbox_idp.commands.calls import LONGEST_WAIT, CallError, Calls, add_address
from sandbox_idp.commands.terminal import Colour, Commands, Terminal, table

_ENDS = {"signed-in": "вошёл", "failed": "отказ", "under-way": "в пути", "unknown": "не видно"}
_ANSWERS = {"yes": "да", "no": "нет", "unknown": "не видно"}
_COLOURS: dict[str, Colour] = {"effect": "red", "act": "yellow", "change": "green"}


def add(commands: Commands) -> None:
    """`journal` and `verdicts`."""
    command = commands.add_parser("journal", help="журнал стенда")
    command.add_argument("--sign-in", type=int, help="только один вход")
    command.add_argument("--since", type=int, default=0, help="после строки с этим номером")
    command.add_argument("--follow", action="store_true", help="ждать новых строк до Ctrl-C")
    command.add_argument("--har", type=Path, metavar="FILE", help="записать запросы в файл HAR 1.2")
    add_address(command)
    command.set_defaults(run=_journal)
    command = commands.add_parser("verdicts", help="чем кончился каждый вход и как вёл себя портал")
    command.add_argument("--sign-in", type=int, help="только один вход")
    add_address(command)
    command.set_defaults(run=_verdicts)


def _journal(options: argparse.Namespace, terminal: Terminal) -> int:
    if options.har is not None:
        return _har(options, terminal)
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


def _har(options: argparse.Namespace, terminal: Terminal) -> int:
    with Calls.of(options) as api:
        told = api.call("GET", "/journal.har", sign_in=options.sign_in)
    try:
        options.har.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    except OSError as error:
        raise CallError(f"Файл {options.har} не записать: {error.strerror}.") from None
    count = len(told["log"]["entries"])
    said = counted(count, "запрос", "запроса", "запросов")
    terminal.tell({"file": str(options.har), "entries": count}, [f"Записано: {said} в {options.har}."])
    return 0


def _verdicts(options: argparse.Namespace, terminal: Terminal) -> int:
    found: list[dict[str, Any]] = []
    with Calls.of(options) as api:
        while more := api.call(
            "GET", "/verdicts", sign_in=options.sign_in, since=found[-1]["sign_in"] if found else None
        )["verdicts"]:
            found += more
            if options.sign_in is not None:
                break
    heads = ["вход", "конец", "сбои", "звал дальше", "полсеанса", "кружил"]
    rows = [heads, *([*_cells(each)] for each in found)]
    terminal.tell(found, table(rows) if found else ["Входов ещё не было."])
    return 0


def _cells(verdict: dict[str, Any]) -> list[str]:
    ended = _ENDS[verdict["ended"]] + (f" {verdict['status']}" if verdict["status"] else "")
    answers = [_ANSWERS[verdict[name]] for name in ("called_on", "half_open", "looped")]
    return [f"#{verdict['sign_in']}", ended, ", ".join(verdict["armed"]) or "—", *answers]


def _words(terminal: Terminal, line: dict[str, Any]) -> str:
    number = f"#{line['sign_in']}" if line["sign_in"] is not None else ""
    status = str(line["status"] or ("—" if line["kind"] == "exchange" else ""))
    words = f"{line['at'][11:23]}  {number:<5} {line['program']:<12}{line['channel'] or '':<6}{status:<4} "
    what = f"{line['entry']}: {line['name']}" if line["entry"] else line["name"]
    return words + (terminal.paint(what, _COLOURS[line["kind"]]) if line["kind"] in _COLOURS else what)
