"""The portal in production: settings from the environment, the real doors.

gunicorn serves `portal.wsgi:application()`.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask

import portal.assembly  # noqa: F401 - every room is there before gunicorn forks its workers
from foundation import log
from foundation.clock import SystemClock
from foundation.database import Database
from foundation.ids import Ids, SystemIds
from foundation.settings import SettingsError
from portal import create_app
from portal.clinic.base import NoClinic
from portal.doors import FolderFiles, InsideMessages
from portal.esia.profiles import client_for
from portal.settings import PortalSettings
from portal.web.limits import seconds_left


def build(settings: PortalSettings) -> Flask:
    """The program with the real doors. Raises SettingsError for what the settings lack."""
    for variable, address in (("PORTAL_MAIL_URL", settings.mail_url), ("PORTAL_SMS_URL", settings.sms_url)):
        if address:
            raise SettingsError([f"{variable}: this version sends nothing out; leave it unset"])
    clock, ids = SystemClock(), SystemIds()
    settings = settings.model_copy(update={"secret_key": settings.secret_key or _kept_secret(settings.demo_dir, ids)})
    return create_app(
        settings,
        database=Database(settings.database_url),
        esia=client_for(settings, clock=clock, ids=ids, seconds_left=seconds_left),
        clinic=NoClinic(),
        messages=InsideMessages(),
        files=FolderFiles(settings.files_dir or settings.demo_dir / "uploads"),
        clock=clock,
        ids=ids,
    )


def application() -> Flask:
    """The program with settings from the environment (gunicorn's factory)."""
    settings = PortalSettings.from_environment(os.environ)
    log.configure(settings.log_level)
    return build(settings)


def _kept_secret(folder: Path, ids: Ids) -> str:
    """Outside of production a secret is made once and kept beside the database; several workers find the same one."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "portal-secret"
    making = path.with_suffix(f".{ids.token(6)}")
    making.touch(mode=0o600)
    making.write_text(ids.token(), encoding="ascii")
    try:
        os.link(making, path)
    except FileExistsError:
        pass
    finally:
        making.unlink()
    return path.read_text(encoding="ascii")
