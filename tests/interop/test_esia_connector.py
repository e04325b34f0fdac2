"""`esia-connector` 0.16 from PyPI, unmodified, signs a person in (`docs/esia-protocol.md`, acceptance matrix).

An independent check: the library signs with the `openssl` command, builds the requests, checks the id token's
signature, issuer, audience and time, and reads the person, all in an environment of its own.
"""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlmodel import col, select

from sandbox_idp.oauth import systems
from sandbox_idp.world.models import Message
from tests.esia_client import Identity
from tests.interop.conftest import Browser, Running
from tools import independent, interop_environment

PROGRAM = Path(__file__).with_name("esia_connector_program.py")
SCOPE = "openid fullname birthdate gender snils id_doc email mobile addresses medical_doc"
REDIRECT_URI = "https://clinic.example/esia/back"
STATE = "7497a6ec-6085-4722-9b35-367ab2139b6a"
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def library(running: Running, tmp_path: Path) -> Run:
    """Runs the library as a site registered in the stand; what it prints."""
    independent.need_command("openssl")
    try:
        python = interop_environment.interpreter("esia-connector")
    except interop_environment.EnvironmentFailedError as error:
        independent.could_not_run(f"esia-connector could not be installed: {error.reason}")
    now = running.stand.clock.now()
    key = rsa.generate_private_key(65537, 2048)
    identity = Identity.make(key, since=now - timedelta(days=1), until=now + timedelta(days=30))
    card = systems.Card(
        mnemonic="CONNECTOR_36",
        name="Клиника на esia-connector",
        short_name="Клиника",
        redirect_hosts=["https://clinic.example"],
        scopes=SCOPE.split(),
    )
    with running.stand.database.writing() as session:
        systems.register(session, card, [identity.pem])
    archive = zipfile.ZipFile(io.BytesIO(httpx2.get(f"{running.address}/public/esia.zip").content))
    (tmp_path / "esia.pem").write_bytes(archive.read("RSA_STAND_PUBLIC.pem"))
    (tmp_path / "client.pem").write_text(identity.pem)
    (tmp_path / "client.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    settings = {
        "esia_client_id": "CONNECTOR_36",
        "redirect_uri": REDIRECT_URI,
        "certificate_file": str(tmp_path / "client.pem"),
        "private_key_file": str(tmp_path / "client.key"),
        "esia_service_url": running.address,
        "esia_scope": SCOPE,
        "esia_token_check_key": str(tmp_path / "esia.pem"),
    }
    (tmp_path / "settings.json").write_text(json.dumps(settings))

    def run(*arguments: str, fails: bool = False) -> dict[str, Any]:
        command = [str(python), str(PROGRAM), str(tmp_path / "settings.json"), *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
        assert (done.returncode != 0) is fails, done.stderr
        return {"error": done.stderr} if fails else dict(json.loads(done.stdout))

    return run


def sign_in(browser: Browser, running: Running, address: str) -> dict[str, str]:
    """Anna goes through the pages: password, SMS, consent. What the site gets back."""
    browser.open(address)
    assert browser.screen == "login"
    assert "Клиника" in browser.page.get_text(" ")
    browser.send(login="+7 (000) 100-00-01", password="Lampa-Zelenaya-27")
    with running.stand.database.reading() as session:
        message = session.exec(select(Message).order_by(col(Message.id).desc())).first()
    assert message is not None
    assert message.code is not None
    browser.send(code=message.code)
    assert browser.screen == "consent", browser.page.get_text(" ")
    browser.send(decision="grant")
    assert browser.address.startswith(REDIRECT_URI + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(browser.address).query).items()}


def test_a_site_built_with_the_library_reads_a_person(library: Run, browser: Browser, running: Running) -> None:
    """Detached CMS from `openssl smime`, strict card, token checked by PyJWT with the stand's public key."""
    back = sign_in(browser, running, library("authorize", STATE)["address"])
    assert back["state"] == STATE
    found = library("complete", back["code"], back["state"])
    person = found["person"]
    assert (person["lastName"], person["firstName"]) == ("Лесная", "Анна")
    assert person["snils"] == "000-100-101 10"
    assert person["trusted"] is True
    assert {contact["type"] for contact in found["contacts"]["elements"]} == {"EML", "MBT"}
    assert {document["type"] for document in found["documents"]["elements"]} == {"RF_PASSPORT", "MDCL_PLCY"}
    assert {address["type"] for address in found["addresses"]["elements"]} == {"PLV", "PRG"}
    refused = library("complete", back["code"], back["state"], fails=True)
    assert "400" in refused["error"], "a code is worth nothing the second time (S-19)"


def test_the_library_refuses_a_token_of_another_stand(library: Run, browser: Browser, running: Running) -> None:
    """The check must be able to fail: with another stand's key the library does not believe the token."""
    from sandbox_idp.keys import new_private_key
    from sandbox_idp.oauth import signing_keys

    back = sign_in(browser, running, library("authorize", STATE)["address"])
    with running.stand.database.writing() as session:
        now, ids = running.stand.clock.now(), running.stand.ids
        signing_keys.add_key(session, new_private_key(), now=now, ids=ids)
    assert "IncorrectMarkerError" in library("complete", back["code"], back["state"], fails=True)["error"]
