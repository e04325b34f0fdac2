"""Reading settings from the environment.

Each program has one settings class, a frozen pydantic model whose fields carry the variable's name as alias. Every
value may be given as `NAME` or, for secrets in files, as `NAME_FILE`. A variable that begins with one of the program's
prefixes and is not known is refused: a typing error must not silently mean the default.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Set
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

_SECONDS = re.compile(r"^(\d+(?:\.\d+)?)(?: ?s)?$")


class SettingsError(Exception):
    """The environment cannot be used; `problems` names each variable and what to do about it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def _duration(value: Any) -> Any:
    if isinstance(value, str):
        plain = _SECONDS.match(value.strip())
        if plain:
            with contextlib.suppress(OverflowError):
                return timedelta(seconds=float(plain.group(1)))
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
"""A length of time: ISO 8601 (`PT15M`) or seconds (`2`, `2 s`)."""


class EnvironmentSettings(BaseModel):
    """Base of the settings classes. Fields are read from the environment by their alias."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=True)

    PREFIXES: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variables(cls) -> set[str]:
        """The names of all that is read, without `_FILE`."""
        return {field.alias or name for name, field in cls.model_fields.items()}

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Build the settings from `environ`.

        Raises SettingsError with one line for each unknown, doubled, unreadable or unfit variable.
        """
        known = cls.variables()
        resolved, problems = _resolved(environ, known)
        values = {name: value for name, value in resolved.items() if name in known}
        problems += [
            f"{variable}: not a setting of this program; see docs/settings.md for the names"
            for variable in sorted(resolved)
            if variable not in known and variable.startswith(cls.PREFIXES)
        ]
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            for item in error.errors(include_url=False, include_input=False):
                place = ".".join(str(part) for part in item["loc"])
                sentence = item["msg"].removeprefix("Value error, ")
                problems.append(f"{place}: {sentence}" if place else sentence)
            raise SettingsError(problems) from None
        if problems:
            raise SettingsError(problems)
        return settings


def with_files_read(environ: Mapping[str, str], *settings: type[EnvironmentSettings]) -> dict[str, str]:
    """`environ` with the value itself in place of each `NAME_FILE` that one of `settings` knows.

    For whoever lays defaults under an environment: a value given by a file is given. SettingsError as above.
    """
    values, problems = _resolved(environ, {name for each in settings for name in each.variables()})
    if problems:
        raise SettingsError(problems)
    return values


def _resolved(environ: Mapping[str, str], known: Set[str]) -> tuple[dict[str, str], list[str]]:
    """`environ` with the known files read, and a line for each that is doubled or cannot be read."""
    values = dict(environ)
    problems: list[str] = []
    for variable in sorted(environ):
        name = variable.removesuffix("_FILE")
        if variable in known or name not in known:
            continue
        del values[variable]
        if name in environ:
            problems.append(f"{name} and {variable} are both set: keep one of them")
            continue
        try:
            values[name] = Path(environ[variable]).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            problems.append(f"{variable}: cannot be read: {error.strerror}")
        except UnicodeDecodeError:
            problems.append(f"{variable}: cannot be read: no text in UTF-8")
    return values, problems
