"""How the client of an OpenID provider is set up."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Self
from urllib.parse import urlsplit

from foundation.settings import SettingsError
from portal.esia.config import ClientConfig, limits_of
from portal.settings import PortalSettings


@dataclass(frozen=True, kw_only=True)
class OpenIdConfig(ClientConfig):
    """Everything one `OpenIdClient` needs to know; the addresses of the provider's endpoints come from itself."""

    secret: str = field(repr=False)
    metadata_cache: timedelta = timedelta(minutes=10)
    """How long the provider's description is good before it is asked for again."""

    @classmethod
    def from_settings(cls, settings: PortalSettings, **changes: Any) -> Self:
        """The client that the settings describe, with fields changed; SettingsError for what they lack."""
        config = cls(
            preflight_url=settings.esia_preflight_url,
            works_url=settings.esia_works_url,
            cabinet_url=settings.esia_cabinet_url,
            issuer=settings.esia_issuer,
            client_id=settings.esia_client_id,
            secret=settings.esia_client_secret,
            limits=limits_of(settings),
            second_factor=settings.esia_require_2fa,
            preflight_cache=settings.esia_preflight_cache,
            scopes=tuple(settings.esia_scope.split()),
        )
        config = replace(config, **changes)
        problems = config.problems()
        if problems:
            raise SettingsError(problems)
        return config

    def problems(self) -> list[str]:
        """What an operator has to mend before anybody can sign in."""
        problems = []
        default = PortalSettings.model_fields["esia_issuer"].default
        parts = urlsplit(self.issuer)
        if self.issuer == default or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
            problems.append("ESIA_ISSUER: the profile openid needs the provider's address, such as https://id.example")
        if not self.secret:
            problems.append("ESIA_CLIENT_SECRET: the profile openid needs the secret that the provider gave")
        if "openid" not in self.scopes:
            problems.append("ESIA_SCOPE: the scope openid must be among them")
        return problems
