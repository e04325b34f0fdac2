"""The sandbox's settings, read once at start from the environment (`docs/settings.md`)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from foundation.settings import Duration, EnvironmentSettings

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SandboxSettings(EnvironmentSettings):
    """Every setting of the training Gosuslugi and of its stands."""

    PREFIXES: ClassVar[tuple[str, ...]] = ("IDP_",)

    env: Literal["development", "production"] = Field("development", alias="ENV")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", alias="LOG_LEVEL")
    demo_dir: Path = Field(Path(".demo"), alias="DEMO_DIR")

    host: str = Field("127.0.0.1", alias="IDP_HOST")
    port: int = Field(9000, alias="IDP_PORT", ge=1, le=65535)
    public_url: str = Field("", alias="IDP_PUBLIC_URL")
    portal_url: str = Field("", alias="PORTAL_PUBLIC_URL")
    portal_host: str = Field("127.0.0.1", alias="PORTAL_HOST")
    portal_port: int = Field(8000, alias="PORTAL_PORT", ge=1, le=65535)
    database_url: str = Field("", alias="IDP_DATABASE_URL")
    portal_database_url: str = Field("", alias="PORTAL_DATABASE_URL")
    secret_key: str = Field("", alias="IDP_SECRET_KEY")
    stands_dir: Path | None = Field(None, alias="IDP_STANDS_DIR")
    stand_ttl: Duration = Field(timedelta(hours=24), alias="IDP_STAND_TTL")
    stands_open: int = Field(32, alias="IDP_STANDS_OPEN", ge=1)
    stands_ready: int = Field(4, alias="IDP_STANDS_READY", ge=0)
    journal_lines: int = Field(20_000, alias="IDP_JOURNAL_LINES", ge=100)
    journal_age: Duration = Field(timedelta(days=7), alias="IDP_JOURNAL_AGE")
    control: Literal["on", "off"] = Field("off", alias="IDP_CONTROL")
    control_token: str = Field("", alias="IDP_CONTROL_TOKEN")
    console_key: str = Field("", alias="IDP_CONSOLE_KEY")
    console_password: str = Field("", alias="IDP_CONSOLE_PASSWORD")
    policy: Literal["seed-strict", "seed-8", "seed-12", "seed-b", "nist-asvs"] = Field(
        "seed-strict", alias="IDP_POLICY"
    )

    @model_validator(mode="after")
    def _fill_in(self) -> Self:
        """Derive what follows from other settings and refuse what a look-alike must not do (`docs/security.md`)."""
        if self.env == "production":
            raise ValueError("ENV=production: the training Gosuslugi does not start there, it is a look-alike (S-70)")
        for name, host in (("IDP_HOST", self.host), ("PORTAL_HOST", self.portal_host)):
            if host not in LOOPBACK and not self.console_password:
                raise ValueError(f"{name} opens the stand to a network: set IDP_CONSOLE_PASSWORD as well (S-70)")
        derived: dict[str, object] = {
            "public_url": self.public_url.rstrip("/") or f"http://127.0.0.1:{self.port}",
            "portal_url": self.portal_url.rstrip("/") or f"http://localhost:{self.portal_port}",
            "database_url": self.database_url or f"sqlite:///{(self.demo_dir / 'stands.sqlite').resolve()}",
            "stands_dir": (self.stands_dir or self.demo_dir / "stands").resolve(),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)
        return self
