"""The command line of the training Gosuslugi: `python -m sandbox_idp`, installed as `sandbox-idp`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from foundation.settings import SettingsError
from sandbox_idp.commands import completion, demo, doctor, gate, journal, replay, scenarios, stands
from sandbox_idp.commands.calls import CallError
from sandbox_idp.commands.terminal import Terminal
from sandbox_idp.servers import StartError

FAILED, USAGE_ERROR = 1, 2


def parser() -> argparse.ArgumentParser:
    """Every command and option."""
    made = argparse.ArgumentParser(prog="sandbox-idp", description="Учебные Госуслуги.", allow_abbrev=False)
    made.add_argument("--json", action="store_true", help="ответ строкой JSON, для программ")
    commands = made.add_subparsers(dest="command", required=True, metavar="команда")
    for room in (demo, gate, stands, scenarios, journal, replay, doctor):
        room.add(commands)
    completion.add(commands, parser)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command (of the command line, unless `arguments` are given) and tell the exit code.

    0: done; 1: it did not work; 2: settings or arguments that cannot be used.
    """
    options = parser().parse_args(arguments)
    terminal = Terminal.here(json_wanted=options.json)
    try:
        code: int = options.run(options, terminal)
    except SettingsError as error:
        terminal.complain("Настройки не подходят / the settings cannot be used:")
        for problem in error.problems:
            terminal.complain(f"  {problem}")
        return USAGE_ERROR
    except (StartError, CallError) as error:
        terminal.complain(error.reason)
        return FAILED
    except KeyboardInterrupt:
        return FAILED
    return code
