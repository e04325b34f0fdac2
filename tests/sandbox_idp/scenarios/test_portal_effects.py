"""Kinds of effect that only our own portal can show: a database that is away, a crowd, pages that say no."""

from __future__ import annotations

import pytest
from sqlalchemy import func, text
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from portal.patients.models import Patient
from portal.settings import PortalSettings
from sandbox_idp.context import Stand, use_stand
from sandbox_idp.scenarios import journal
from sandbox_idp.scenarios.arming import arm, disarm
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.stands.portal_doors import StandDatabase
from sandbox_idp.stands.portal_wsgi import build
from tests.pages import PageClient
from tests.sandbox_idp.scenarios.conftest import UseEntries, gate_effect


@pytest.fixture
def visitor(sandbox_settings: SandboxSettings, house: House, stand: Stand) -> PageClient:
    """A browser at the stand's own portal, through stand layer and gate."""
    settings = PortalSettings(demo_dir=sandbox_settings.demo_dir, secret_key="unit tests" * 4)
    return PageClient(build(settings, house), settings.public_url, stand.prefix)


def effects_told(stand: Stand) -> list[str | None]:
    return [line.name for line in journal.lines(stand.database) if line.kind == "effect"]


def test_a_database_that_is_away_fails_as_a_real_one_does(
    visitor: PageClient, stand: Stand, use_entries: UseEntries
) -> None:
    """S-61, S-67: the driver's own error for whoever asks; the process lives, readiness names the database, help is
    there, and nothing is left half-written."""
    use_entries(away='[[effects]]\nkind = "database"\nwhere = "wire"')
    arm(stand, "away", "everyone")
    with use_stand(stand), pytest.raises(OperationalError), StandDatabase().writing() as session:
        session.execute(text("select 1"))
    ready = visitor.get("/healthz/ready", 503).response
    assert ready.json is not None
    assert ready.json["database"] == "down"
    visitor.get("/healthz/live")
    visitor.get("/help")
    page = visitor.get("/loading", 303)
    visitor.client.set_cookie("session", "made up", domain="localhost")
    page = visitor.get("/login/callback?state=x&code=y", 503)
    assert page.screen == "error"
    assert "не отвечает хранилище" in page.words
    assert "nobody" not in page.text
    assert set(effects_told(stand)) == {"database"}
    disarm(stand, "away")
    with use_stand(stand), StandDatabase().reading() as session:
        assert session.exec(select(func.count()).select_from(Patient)).one() == 0


def test_a_page_says_no_in_its_own_words(visitor: PageClient, stand: Stand, use_entries: UseEntries) -> None:
    """U-3: the portal's own pages for 403 and 404, not those of a web server in front of it."""
    match = '{ path = "/help" }'
    use_entries(
        gone=gate_effect("fault", "portal", status="404", match=match),
        closed=gate_effect("fault", "portal", status="403", match=match),
    )
    for entry, status, screen in (("gone", 404, "not-found"), ("closed", 403, "forbidden")):
        arm(stand, entry, "everyone")
        assert visitor.get("/help", status).screen == screen
        disarm(stand, entry)
    assert visitor.get("/help").screen == "help"


def test_a_crowd_gets_the_queue_page(visitor: PageClient, stand: Stand, use_entries: UseEntries) -> None:
    """S-68: 503 with Retry-After for pages, and monitors and assets are answered all the same."""
    use_entries(many=gate_effect("crowd", "portal", visitors="500"))
    arm(stand, "many", "everyone")
    page = visitor.get("/help", 503)
    assert page.screen == "queue"
    assert int(page.response.headers["Retry-After"]) > 0
    visitor.get("/healthz/live")
    assert effects_told(stand) == ["crowd"]


def test_the_schedule_tells_whether_codes_by_sms_go_out(
    sandbox: PageClient, stand: Stand, use_entries: UseEntries
) -> None:
    """U-33: only what strikes everyone is the state of a service, and asking for it is no message."""
    use_entries(mute='[[effects]]\nkind = "gateway-down"\nwhere = "world"\nmessages = ["sms"]')

    def told() -> str:
        return str(sandbox.get("/works.json").response.get_json()["sms"])

    assert told() == "works"
    arm(stand, "mute", "next-sign-in")
    assert told() == "works"
    arm(stand, "mute", "everyone")
    assert told() == "down"
    assert not effects_told(stand)
