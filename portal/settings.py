"""The portal's settings, read once at start from the environment (`docs/settings.md`)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from foundation.settings import Duration, EnvironmentSettings


class PortalSettings(EnvironmentSettings):
    """Every setting of the portal and of its way to Gosuslugi (ESIA)."""

    PREFIXES: ClassVar[tuple[str, ...]] = ("PORTAL_", "ESIA_")

    env: Literal["development", "production"] = Field("development", alias="ENV")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", alias="LOG_LEVEL")
    demo_dir: Path = Field(Path(".demo"), alias="DEMO_DIR")

    host: str = Field("127.0.0.1", alias="PORTAL_HOST")
    port: int = Field(8000, alias="PORTAL_PORT", ge=1, le=65535)
    public_url: str = Field("", alias="PORTAL_PUBLIC_URL")
    database_url: str = Field("", alias="PORTAL_DATABASE_URL")
    secret_key: str = Field("", alias="PORTAL_SECRET_KEY")
    files_dir: Path | None = Field(None, alias="PORTAL_FILES_DIR")
    mail_url: str = Field("", alias="PORTAL_MAIL_URL")
    sms_url: str = Field("", alias="PORTAL_SMS_URL")
    allowed_hosts: str = Field("", alias="PORTAL_ALLOWED_HOSTS")
    trusted_proxies: int = Field(0, alias="PORTAL_TRUSTED_PROXIES", ge=0)
    notice: str = Field("", alias="PORTAL_NOTICE")
    session_idle: Duration = Field(timedelta(minutes=15), alias="PORTAL_SESSION_IDLE")
    session_absolute: Duration = Field(timedelta(minutes=60), alias="PORTAL_SESSION_ABSOLUTE")
    work_limit: Duration = Field(timedelta(seconds=25), alias="PORTAL_WORK_LIMIT")
    support_phone: str = Field("8 800 555-55-55", alias="PORTAL_SUPPORT_PHONE")
    support_phone_note: str = Field("круглосуточно", alias="PORTAL_SUPPORT_PHONE_NOTE")
    support_mail: str = Field("support@egisz.example", alias="PORTAL_SUPPORT_MAIL")
    queue_limit: int = Field(128, alias="PORTAL_QUEUE_LIMIT", ge=1)
    child_access_until: int = Field(15, alias="CHILD_ACCESS_UNTIL", ge=1, le=18)

    esia_profile: Literal["esia-v1", "esia-v2", "openid"] = Field("esia-v1", alias="ESIA_PROFILE")
    esia_front_url: str = Field("http://127.0.0.1:9000", alias="ESIA_FRONT_URL")
    esia_back_url: str = Field("", alias="ESIA_BACK_URL")
    esia_preflight_url: str = Field("", alias="ESIA_PREFLIGHT_URL")
    esia_preflight_cache: Duration = Field(timedelta(seconds=5), alias="ESIA_PREFLIGHT_CACHE")
    esia_works_url: str = Field("", alias="ESIA_WORKS_URL")
    esia_cabinet_url: str = Field("", alias="ESIA_CABINET_URL")
    esia_issuer: str = Field("http://esia.gosuslugi.ru/", alias="ESIA_ISSUER")
    esia_client_id: str = Field("PORTAL_DEMO", alias="ESIA_CLIENT_ID")
    esia_client_key: str = Field("", alias="ESIA_CLIENT_KEY")
    esia_client_certificate: str = Field("", alias="ESIA_CLIENT_CERTIFICATE")
    esia_client_secret: str = Field("", alias="ESIA_CLIENT_SECRET")
    esia_scope: str = Field("openid profile email phone", alias="ESIA_SCOPE")
    esia_trust: str = Field("", alias="ESIA_TRUST")
    esia_require_2fa: Literal["required", "if-present"] = Field("if-present", alias="ESIA_REQUIRE_2FA")
    esia_connect_timeout: Duration = Field(timedelta(seconds=2), alias="ESIA_CONNECT_TIMEOUT")
    esia_read_timeout: Duration = Field(timedelta(seconds=5), alias="ESIA_READ_TIMEOUT")
    esia_total_timeout: Duration = Field(timedelta(seconds=15), alias="ESIA_TOTAL_TIMEOUT")

    @model_validator(mode="after")
    def _fill_in(self) -> Self:
        """Derive what follows from other settings and refuse what production must not run with."""
        derived = {
            "public_url": self.public_url.rstrip("/") or f"http://localhost:{self.port}",
            "database_url": self.database_url or f"sqlite:///{(self.demo_dir / 'portal.sqlite').resolve()}",
            "esia_front_url": self.esia_front_url.rstrip("/"),
            "esia_back_url": self.esia_back_url.rstrip("/") or self.esia_front_url.rstrip("/"),
        }
        # An OpenID provider is known by its issuer alone, and its description is what must answer.
        own = {"openid": metadata_address(self.esia_issuer)}
        derived["esia_preflight_url"] = self.esia_preflight_url or own.get(
            self.esia_profile, derived["esia_back_url"] + "/healthz/live"
        )
        derived["esia_trust"] = self.esia_trust or derived["esia_back_url"] + "/oauth2/jwks"
        for name, value in derived.items():
            object.__setattr__(self, name, value)
        if self.env == "production":
            self._refuse_unfit_for_production()
        return self

    def _refuse_unfit_for_production(self) -> None:
        """The portal's own settings and those of its profile: secrets that are there, addresses that are https."""
        of_esia = ("esia_client_key", "esia_client_certificate"), ("esia_front_url", "esia_back_url")
        secrets, addresses = {"openid": (("esia_client_secret",), ("esia_issuer",))}.get(self.esia_profile, of_esia)
        aliases = {name: field.alias for name, field in type(self).model_fields.items()}
        missing = [aliases[name] or "" for name in ("secret_key", *secrets) if not getattr(self, name)]
        if missing:
            raise ValueError(f"ENV=production needs {', '.join(missing)}")
        for name in ("public_url", *addresses, "esia_preflight_url"):
            address = getattr(self, name)
            if urlsplit(address).scheme != "https":
                raise ValueError(f"ENV=production needs an https address in {aliases[name]}, not {address}")


def metadata_address(issuer: str) -> str:
    """Where an OpenID provider describes itself (OpenID Connect Discovery 4)."""
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"
