"""Which client speaks which profile: the one place that knows them all (`ESIA_PROFILE`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from foundation.settings import SettingsError
from portal.doors import Esia
from portal.esia.client import EsiaClient
from portal.esia.config import EsiaConfig
from portal.esia.openid.client import OpenIdClient
from portal.esia.openid.config import OpenIdConfig
from portal.settings import PortalSettings


def _esia_v1(settings: PortalSettings, **doors: Any) -> Esia:
    return EsiaClient(EsiaConfig.from_settings(settings), **doors)


def _openid(settings: PortalSettings, **doors: Any) -> Esia:
    return OpenIdClient(OpenIdConfig.from_settings(settings), **doors)


PROFILES: dict[str, Callable[..., Esia]] = {"esia-v1": _esia_v1, "openid": _openid}


def client_for(settings: PortalSettings, **doors: Any) -> Esia:
    """The client of the profile that the settings name; `doors` are those of `portal.esia.base.ProfileClient`.

    Raises SettingsError for a profile that is not spoken and for what the settings lack for it.
    """
    make = PROFILES.get(settings.esia_profile)
    if make is None:
        spoken = " and ".join(PROFILES)
        raise SettingsError([f"ESIA_PROFILE: {settings.esia_profile} is not spoken by this version; {spoken} are"])
    return make(settings, **doors)
