"""The portal's doors under stands."""

from __future__ import annotations

import gc
import weakref

from portal.settings import PortalSettings
from sandbox_idp.context import use_stand
from sandbox_idp.scenarios.arming import arm
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.stands.portal_doors import StandMessages, stand_esia
from sandbox_idp.world import messages


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


def test_what_the_portal_sends_arrives_at_the_stands_phone_and_mailbox(house: House) -> None:
    """R-039: a trainer reads it where everything else arrives; a gateway that is down is told to the portal."""
    stand, other = house.create("one").stand, house.create("other").stand
    door = StandMessages()
    with use_stand(stand):
        assert door.mail(to="anna@pochta.example", subject="Готов результат", text="Посмотрите его.")
        assert door.sms(to="+70001000001", text="Завтра приём у врача.")
        with stand.database.reading() as session:
            arrived = [(one.kind, one.recipient, one.subject) for one in messages.inbox(session)]
        assert arrived == [("mail", "anna@pochta.example", "Готов результат"), ("sms", "+70001000001", None)]
        arm(stand, "sms-gateway-down", "everyone")
        assert door.sms(to="+70001000001", text="Ещё раз.") is False
    with use_stand(other), other.database.reading() as session:
        assert messages.inbox(session) == []
