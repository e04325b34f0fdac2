"""`completion`: the shells' own completion, made of the parser itself, so it can never lag behind."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence

from sandbox_idp.commands.terminal import Commands, Terminal
from sandbox_idp.scenarios.catalogue import shared

SHELLS = {
    "bash": """_sandbox_idp() {
  local IFS=$'\\n'
  local words="$(sandbox-idp candidates -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)"
  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _sandbox_idp sandbox-idp""",
    "zsh": """#compdef sandbox-idp
_sandbox_idp() { compadd -- ${(f)"$(sandbox-idp candidates -- "${words[@]:1:CURRENT-1}" 2>/dev/null)"} }
compdef _sandbox_idp sandbox-idp""",
    "fish": """function __sandbox_idp
  sandbox-idp candidates -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null
end
complete -c sandbox-idp -f -a '(__sandbox_idp)'""",
}
"""What each shell reads; the last word of the line is the one that is being typed."""

Parser = argparse.ArgumentParser


def add(commands: Commands, parser: Callable[[], Parser]) -> None:
    """`completion SHELL`, and `candidates`, which the shells call."""
    command = commands.add_parser("completion", help="дополнение команд для оболочки: bash, zsh или fish")
    command.add_argument("shell", choices=sorted(SHELLS))
    command.set_defaults(run=_completion)
    # Without a help text it does not show in the list of commands: no person types it.
    command = commands.add_parser("candidates")
    command.add_argument("words", nargs="*")
    command.set_defaults(run=lambda options, terminal: _candidates(parser(), options.words, terminal))


def _completion(options: argparse.Namespace, terminal: Terminal) -> int:
    print(SHELLS[options.shell], file=terminal.out)
    return 0


def _candidates(parser: Parser, words: Sequence[str], terminal: Terminal) -> int:
    begun = words[-1] if words else ""
    print(*[each for each in candidates(parser, words[:-1]) if each.startswith(begun)], sep="\n", file=terminal.out)
    return 0


def candidates(parser: Parser, words: Sequence[str]) -> Iterator[str]:
    """What may follow `words`: commands, options, choices of an option, ids of scenarios."""
    for word in words:
        chosen = _commands(parser).get(word)
        parser = chosen if chosen is not None else parser
    last = words[-1] if words else ""
    option = next((each for each in _actions(parser) if last in each.option_strings), None)
    if option is not None and option.nargs != 0:
        yield from map(str, option.choices or ())
        return
    yield from (name for name in _commands(parser) if name != "candidates")
    for action in _actions(parser):
        yield from action.option_strings
        if not action.option_strings and action.dest == "entry":
            yield from shared().entries
        elif not action.option_strings and not isinstance(action.choices, dict):
            yield from map(str, action.choices or ())


def _actions(parser: Parser) -> list[argparse.Action]:
    actions: list[argparse.Action] = parser._actions  # noqa: SLF001 - argparse has no public way to look at a parser
    return actions


def _commands(parser: Parser) -> dict[str, Parser]:
    return next((dict(each.choices) for each in _actions(parser) if isinstance(each.choices, dict)), {})
