"""How one client of ESIA is set up: from the settings, or made by whoever runs many portals in one process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal, Self

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from foundation.settings import SettingsError
from portal.esia.wire import Limits
from portal.settings import PortalSettings

SCOPES = (
    "openid",
    "fullname",
    "email",
    "birth_cert_doc",
    "kid_medical_doc",
    "drivers_licence_doc",
    "kid_fullname",
    "snils",
    "contacts",
    "addresses",
    "inn",
    "medical_doc",
    "birthdate",
    "usr_org",
    "kid_birth_cert_doc",
    "kid_birthdate",
)
"""The rights the portal asks for: sixteen names on the thirteen lines of the consent page (R-018…R-020)."""

PREFLIGHT_LIMIT = 1.0


@dataclass(frozen=True, kw_only=True)
class ClientConfig:
    """What a client of any profile needs to know."""

    preflight_url: str
    works_url: str
    """Schedule of works; empty: there is none."""
    cabinet_url: str = ""
    """Where people fill in their documents; empty: nobody knows."""
    issuer: str
    client_id: str
    limits: Limits
    second_factor: Literal["required", "if-present"] = "if-present"
    preflight_cache: timedelta = timedelta(seconds=5)
    scopes: tuple[str, ...]

    @property
    def preflight_limits(self) -> Limits:
        """The check before a sign-in takes a second at most, and never longer than any other call."""
        return Limits(
            connect=min(self.limits.connect, PREFLIGHT_LIMIT),
            read=min(self.limits.read, PREFLIGHT_LIMIT),
            total=min(self.limits.total, PREFLIGHT_LIMIT),
        )

    @property
    def scope(self) -> str:
        """The scopes as they stand in a request."""
        return " ".join(self.scopes)


@dataclass(frozen=True, kw_only=True)
class EsiaConfig(ClientConfig):
    """Everything one `EsiaClient` needs to know. Addresses have no slash at the end."""

    front_url: str
    """Where the browser is sent."""
    back_url: str
    """Where the portal itself calls."""
    trust: str
    """Address of the key set, or path of a certificate file."""
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    scopes: tuple[str, ...] = SCOPES

    @classmethod
    def from_settings(
        cls, settings: PortalSettings, *, key_pem: str = "", certificate_pem: str = "", **changes: Any
    ) -> Self:
        """The client that the settings describe; key and certificate may be handed in instead, and fields changed.

        A key that is handed in is taken for one that the caller made. Raises SettingsError when key and certificate are
        missing or unfit.
        """
        key = load_key(key_pem or settings.esia_client_key, own=bool(key_pem))
        certificate = load_certificate(certificate_pem or settings.esia_client_certificate)
        if certificate.public_key() != key.public_key():
            raise SettingsError(["ESIA_CLIENT_CERTIFICATE: belongs to another key than ESIA_CLIENT_KEY"])
        config = cls(
            front_url=settings.esia_front_url,
            back_url=settings.esia_back_url,
            preflight_url=settings.esia_preflight_url,
            works_url=settings.esia_works_url,
            cabinet_url=settings.esia_cabinet_url,
            trust=settings.esia_trust,
            issuer=settings.esia_issuer,
            client_id=settings.esia_client_id,
            key=key,
            certificate=certificate,
            second_factor=settings.esia_require_2fa,
            preflight_cache=settings.esia_preflight_cache,
            limits=limits_of(settings),
        )
        return replace(config, **changes)


def limits_of(settings: PortalSettings) -> Limits:
    """The limits of one call (S-15)."""
    return Limits(
        connect=settings.esia_connect_timeout.total_seconds(),
        read=settings.esia_read_timeout.total_seconds(),
        total=settings.esia_total_timeout.total_seconds(),
    )


def load_key(pem: str, *, own: bool = False) -> rsa.RSAPrivateKey:
    """The private key in `pem`; SettingsError if there is no RSA key in it.

    `own`: it comes from whoever made it and not from an operator; whether its numbers belong together, which costs
    30 ms, is then not asked.
    """
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=own)
    except (ValueError, TypeError):
        raise SettingsError(["ESIA_CLIENT_KEY: needs an RSA key as PEM without a password"]) from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SettingsError(["ESIA_CLIENT_KEY: the profile esia-v1 needs an RSA key"])
    return key


def load_certificate(pem: str) -> x509.Certificate:
    """The certificate in `pem`; SettingsError if there is none."""
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise SettingsError(["ESIA_CLIENT_CERTIFICATE: needs a certificate as PEM"]) from None
