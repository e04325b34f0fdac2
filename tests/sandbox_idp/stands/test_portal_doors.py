"""The portal's doors under stands."""

from __future__ import annotations

import gc
import weakref

from portal.settings import PortalSettings
from sandbox_idp.context import use_stand
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.stands.portal_doors import stand_esia


def test_a_door_lets_go_of_a_stand_that_is_closed(house: House, sandbox_settings: SandboxSettings) -> None:
    """S-75: a thousand stands that were used once cost no more memory than those that are kept open."""
    esia = stand_esia(PortalSettings(demo_dir=sandbox_settings.demo_dir, secret_key="unit tests" * 4))
    stand = house.create("used once").stand
    with use_stand(stand):
        assert stand.idp_url in esia.authorization_url(state="state", redirect_uri=f"{stand.portal_url}/login/callback")
    database = weakref.ref(stand.database)
    house.delete(stand.id)
    del stand
    gc.collect()
    assert database() is None
