"""The portal's own entry points: production program and `python -m portal`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from foundation.clock import ManualClock
from foundation.database import Database
from foundation.settings import SettingsError
from portal.__main__ import main
from portal.settings import PortalSettings
from portal.tables import PortalTable
from portal.wsgi import build
from tests.portal.conftest import NOON
from tests.portal.fake_esia import certificate_pem, key_pem


@pytest.fixture
def url(own_url: str, tmp_path: Path) -> str:
    """The address of a database in which nothing is yet."""
    return own_url or f"sqlite:///{tmp_path}/portal.sqlite"


def settings(folder: Path, **values: object) -> PortalSettings:
    return PortalSettings(
        demo_dir=folder,
        esia_client_key=key_pem("portal"),
        esia_client_certificate=certificate_pem("portal", ManualClock(NOON)),
        **values,
    )


def test_the_program_is_built_from_settings_alone(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No stand and no gate; after `migrate` it serves, and it is ready; once more changes nothing."""
    for name in list(os.environ):
        if name.startswith(("PORTAL_", "ESIA_", "ENV", "DEMO_DIR", "LOG_LEVEL")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DEMO_DIR", str(tmp_path))
    monkeypatch.setenv("PORTAL_DATABASE_URL", url)
    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0
    database = Database(url)
    assert set(PortalTable.metadata.tables) <= set(inspect(database.engine).get_table_names())
    database.close()
    client = build(settings(tmp_path, database_url=url)).test_client()
    assert client.get("/healthz/ready").status_code == 200
    assert client.get("/", base_url="http://localhost:8000").status_code == 200


def test_outside_of_production_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    """Every worker signs cookies with the same secret, and nobody else can read it."""
    first, second = build(settings(tmp_path)), build(settings(tmp_path))
    assert first.config["SECRET_KEY"] == second.config["SECRET_KEY"]
    assert len(first.config["SECRET_KEY"]) >= 43
    assert (tmp_path / "portal-secret").stat().st_mode & 0o077 == 0
    assert build(settings(tmp_path, secret_key="given")).config["SECRET_KEY"] == "given"


def test_without_a_key_it_does_not_start(tmp_path: Path) -> None:
    """An operator learns at the start what is missing."""
    with pytest.raises(SettingsError, match="ESIA_CLIENT_KEY"):
        build(PortalSettings(demo_dir=tmp_path))


@pytest.mark.parametrize("name", ["mail_url", "sms_url"])
def test_a_way_out_for_messages_that_does_not_exist_is_refused(name: str, tmp_path: Path) -> None:
    """A setting that would silently do nothing is worse than an error."""
    with pytest.raises(SettingsError, match="unset"):
        build(settings(tmp_path, **{name: "smtp://mail.test"}))


def test_migrate_names_what_is_wrong_with_the_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line for each problem, and a status that stops a deployment."""
    monkeypatch.setenv("PORTAL_PROT", "8000")
    assert main(["migrate"]) == 2
    assert "PORTAL_PROT" in capsys.readouterr().err


def test_the_portal_loads_without_the_sandbox() -> None:
    """Architecture rule 1: the production program knows nothing of training."""
    script = (
        "import json, sys; import portal.wsgi, portal.assembly, portal.patients.routes, portal.help.routes;"
        "print(json.dumps([name for name in sys.modules if name.startswith('sandbox_idp')]))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout) == []
