"""The settings of both programs, read together before either is started."""

from __future__ import annotations

from collections.abc import Mapping

from foundation.settings import SettingsError
from portal.settings import PortalSettings
from sandbox_idp.servers import ServerSettings
from sandbox_idp.settings import SandboxSettings


def read_pair_settings(environ: Mapping[str, str]) -> SandboxSettings:
    """The sandbox's settings, once everything in `environ` is known to be usable by its program.

    Raises SettingsError with the problems of both programs at once.
    """
    problems: list[str] = []
    for settings in (SandboxSettings, PortalSettings, ServerSettings):
        try:
            settings.from_environment(environ)
        except SettingsError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise SettingsError(problems)
    return SandboxSettings.from_environment(environ)
