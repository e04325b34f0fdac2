"""The settings of both programs, read together before either is started."""

from __future__ import annotations

from collections.abc import Mapping

from foundation.settings import EnvironmentSettings, SettingsError, with_files_read
from portal.settings import PortalSettings
from sandbox_idp.servers import ServerSettings
from sandbox_idp.settings import SandboxSettings

READ: tuple[type[EnvironmentSettings], ...] = (SandboxSettings, PortalSettings, ServerSettings)


def read_pair_settings(environ: Mapping[str, str]) -> SandboxSettings:
    """The sandbox's settings, once everything in `environ` is known to be usable by its program.

    Raises SettingsError with the problems of both programs at once.
    """
    problems: list[str] = []
    for settings in READ:
        try:
            settings.from_environment(environ)
        except SettingsError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise SettingsError(problems)
    return SandboxSettings.from_environment(environ)


def pair_values(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` with the value itself in place of each `NAME_FILE` of either program, to lay defaults under it.

    Raises SettingsError for a file that cannot be read.
    """
    return with_files_read(environ, *READ)
