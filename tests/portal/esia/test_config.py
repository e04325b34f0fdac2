"""How a client is set up, and what is refused at the start."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from foundation.clock import ManualClock
from foundation.settings import SettingsError
from portal.esia.config import EsiaConfig
from portal.esia.openid.config import OpenIdConfig
from portal.esia.profiles import client_for
from portal.settings import PortalSettings
from tests.portal.fake_esia import certificate_pem, key_pem


def make(clock: ManualClock, *, key: str = "portal", certificate: str = "portal", **values: object) -> EsiaConfig:
    settings = PortalSettings(demo_dir=Path("unused"), **values)
    return EsiaConfig.from_settings(settings, key_pem=key_pem(key), certificate_pem=certificate_pem(certificate, clock))


def test_everything_follows_from_the_settings(clock: ManualClock) -> None:
    """S-15: the limits of the settings; the check before a sign-in never takes longer than they allow."""
    config = make(
        clock,
        esia_front_url="https://front.test/",
        esia_back_url="https://back.test",
        esia_issuer="http://issuer.test/",
        esia_total_timeout=timedelta(seconds=0.5),
        esia_connect_timeout=timedelta(seconds=0.2),
    )
    assert (config.front_url, config.back_url) == ("https://front.test", "https://back.test")
    assert config.preflight_url == "https://back.test/healthz/live"
    assert config.trust == "https://back.test/oauth2/jwks"
    assert config.issuer == "http://issuer.test/"
    assert (config.limits.connect, config.limits.read, config.limits.total) == (0.2, 5.0, 0.5)
    assert (config.preflight_limits.connect, config.preflight_limits.total) == (0.2, 0.5)
    assert len(config.scopes) == 16


def test_key_and_certificate_may_come_from_the_settings(clock: ManualClock) -> None:
    settings = PortalSettings(
        demo_dir=Path("unused"),
        esia_client_key=key_pem("portal"),
        esia_client_certificate=certificate_pem("portal", clock),
    )
    assert EsiaConfig.from_settings(settings, client_id="OTHER").client_id == "OTHER"


def test_a_profile_that_is_not_spoken_is_refused() -> None:
    """An operator learns it at the start, not a patient at the sign-in."""
    with pytest.raises(SettingsError, match="ESIA_PROFILE"):
        client_for(PortalSettings(demo_dir=Path("unused"), esia_profile="esia-v2"))


OPENID = {
    "esia_profile": "openid",
    "esia_issuer": "https://id.test/realm",
    "esia_client_id": "portal",
    "esia_client_secret": "a-secret",
}


def test_an_openid_provider_is_known_by_its_issuer() -> None:
    """Everything else of it comes from its own description, which is also what must answer before a sign-in."""
    config = OpenIdConfig.from_settings(PortalSettings(demo_dir=Path("unused"), **OPENID))
    assert config.preflight_url == "https://id.test/realm/.well-known/openid-configuration"
    assert config.scopes == ("openid", "profile", "email", "phone")
    assert "a-secret" not in repr(config)


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"esia_issuer": "http://esia.gosuslugi.ru/"}, "ESIA_ISSUER"),
        ({"esia_issuer": "id.test"}, "ESIA_ISSUER"),
        ({"esia_issuer": "https://id.test/?x=1"}, "ESIA_ISSUER"),
        ({"esia_client_secret": ""}, "ESIA_CLIENT_SECRET"),
        ({"esia_scope": "profile"}, "ESIA_SCOPE"),
    ],
)
def test_what_the_profile_openid_lacks_is_named(changes: dict[str, str], variable: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        OpenIdConfig.from_settings(PortalSettings(demo_dir=Path("unused"), **{**OPENID, **changes}))


def test_production_asks_each_profile_for_its_own_secrets() -> None:
    """S-15: and for https."""
    common = {
        "demo_dir": Path("unused"),
        "env": "production",
        "secret_key": "x",
        "public_url": "https://clinic.test",
    }
    assert PortalSettings(**{**OPENID, **common}).esia_client_key == ""
    for changes, missing in (
        ({"esia_client_secret": ""}, "ESIA_CLIENT_SECRET"),
        ({"esia_issuer": "http://id.test"}, "ESIA_ISSUER"),
        ({"esia_profile": "esia-v1"}, "ESIA_CLIENT_KEY"),
    ):
        with pytest.raises(ValueError, match=missing):
            PortalSettings(**{**OPENID, **common, **changes})


def test_a_certificate_of_another_key_is_refused(clock: ManualClock) -> None:
    with pytest.raises(SettingsError, match="another key"):
        make(clock, certificate="esia")


@pytest.mark.parametrize("pem", ["", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_or_no_certificate_is_refused(pem: str, clock: ManualClock) -> None:
    settings = PortalSettings(demo_dir=Path("unused"))
    with pytest.raises(SettingsError, match="ESIA_CLIENT_KEY"):
        EsiaConfig.from_settings(settings, key_pem=pem, certificate_pem=certificate_pem("portal", clock))
    with pytest.raises(SettingsError, match="ESIA_CLIENT_CERTIFICATE"):
        EsiaConfig.from_settings(settings, key_pem=key_pem("portal"), certificate_pem=pem)


def test_a_key_that_is_not_rsa_is_refused(clock: ManualClock) -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(SettingsError, match="RSA"):
        EsiaConfig.from_settings(
            PortalSettings(demo_dir=Path("unused")),
            key_pem=pem.decode(),
            certificate_pem=certificate_pem("portal", clock),
        )
