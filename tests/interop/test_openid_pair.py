"""Our own portal in a stand, in the profile `openid`: both programs over sockets, with the stand as the provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlmodel import col, select

from foundation.settings import SettingsError
from portal.settings import PortalSettings
from sandbox_idp.oauth import signing_keys
from sandbox_idp.scenarios import catalogue, journal
from sandbox_idp.scenarios.arming import arm, disarm
from sandbox_idp.stands import portal_wsgi
from sandbox_idp.world.models import Message
from tests.interop.conftest import Browser, Running
from tests.pages import Page, PageClient
from tests.sandbox_idp.scenarios.conftest import entry_text, gate_effect


@pytest.fixture
def portal(running: Running, tmp_path: Path) -> PageClient:
    """A browser at the stand's portal."""
    root = running.address.removesuffix(running.stand.prefix)
    settings = PortalSettings(demo_dir=tmp_path, secret_key="x", esia_profile="openid", esia_front_url=root)
    return PageClient(portal_wsgi.build(settings, running.house), settings.public_url, running.stand.prefix)


def test_a_profile_that_is_not_spoken_is_refused_at_the_start(running: Running, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ESIA_PROFILE"):
        portal_wsgi.build(PortalSettings(demo_dir=tmp_path, secret_key="x", esia_profile="esia-v2"), running.house)


def sign_in(portal: PageClient, browser: Browser, running: Running, status: int = 303) -> Page:
    """«Войти», the pages of Gosuslugi as far as they come, and back; what the portal answers."""
    location = portal.get("/login?consent=again", 303).location
    assert location.startswith(f"{running.address}/oauth2/authorize?"), location
    browser.open(location)
    if browser.screen == "login":
        browser.send(login="+7 (000) 100-00-01", password="Lampa-Zelenaya-27")
        with running.stand.database.reading() as session:
            message = session.exec(select(Message).order_by(col(Message.id).desc())).first()
        assert message is not None
        browser.send(code=message.code)
    else:
        browser.send(action="continue")
    assert browser.screen == "consent", browser.page.get_text(" ")
    browser.send(decision="grant")
    return portal.get(browser.address, status)


def test_a_patient_signs_in_and_the_journal_tells_it_as_one(
    portal: PageClient, browser: Browser, running: Running
) -> None:
    """R-003: also discovery and keys belong to the sign-in, by the door's private header."""
    assert sign_in(portal, browser, running).location.endswith("/loading")
    portal.get("/loading/all", 303)
    assert "Лесная Анна" in portal.get("/home").words
    assert "anna" in portal.get("/parts/contacts").words
    assert "Здесь недоступно" in portal.get("/parts/children").words
    lines = journal.lines(running.stand.database, kind="exchange", sign_in=1)
    names = {line.name for line in lines if line.channel == "back"}
    assert names >= {
        "GET /.well-known/openid-configuration",
        "POST /oauth2/token",
        "GET /oauth2/jwks",
        "GET /oauth2/userinfo",
        "GET /healthz/live",
    }
    acts = [line.name for line in journal.lines(running.stand.database, kind="act")]
    assert acts == ["signed-in", "consent-granted"]


def test_signing_out_ends_both_sessions_after_a_question(
    portal: PageClient, browser: Browser, running: Running
) -> None:
    """S-25, S-46: the portal's at once, Gosuslugi's when the person says so."""
    sign_in(portal, browser, running)
    portal.get("/home")
    browser.open(portal.post("/logout").location)
    assert browser.screen == "logout-confirm"
    browser.send(leave="yes")
    assert browser.address == f"{running.stand.portal_url}/signed-out"
    browser.open(portal.get("/login", 303).location)
    assert browser.screen == "login", "the session at Gosuslugi is over"


def test_the_keys_may_change_between_two_sign_ins(portal: PageClient, browser: Browser, running: Running) -> None:
    """S-12: without a restart of either program."""
    sign_in(portal, browser, running)
    with running.stand.database.writing() as session:
        signing_keys.rotate(session, now=running.stand.clock.now(), ids=running.stand.ids)
    assert sign_in(portal, browser, running).location.endswith("/loading")


@pytest.mark.parametrize(
    ("entry", "screen", "status"),
    [
        ("token-500", "gosuslugi-failed", 502),
        ("userinfo-500", "gosuslugi-failed", 502),
        ("jwt-bad-signature", "sign-in-failed", 400),
        ("state-wrong", "sign-in-failed", 400),
    ],
)
def test_an_armed_failure_strikes_and_the_same_browser_recovers(
    *, entry: str, screen: str, status: int, portal: PageClient, browser: Browser, running: Running
) -> None:
    """R-030, R-033: the catalogue's entries act on these paths as on ESIA's."""
    arm(running.stand, entry, "next-sign-in")
    assert sign_in(portal, browser, running, status).screen == screen
    assert [line.entry for line in journal.lines(running.stand.database, kind="effect")] == [entry]
    disarm(running.stand, entry)
    assert sign_in(portal, browser, running).location.endswith("/loading")


def protocol(kind: str, **fields: str) -> str:
    """The lines of one effect in the protocol; values are TOML."""
    values = {"kind": f'"{kind}"', "where": '"protocol"', **fields}
    return "[[effects]]\n" + "\n".join(f"{name} = {value}" for name, value in values.items())


def down(path: str) -> str:
    return gate_effect("status", status="503", body='"empty"', match=f'{{ method = "GET", path = "{path}" }}')


@pytest.fixture
def armed(running: Running, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Arms an entry of this test's own for the next sign-in."""
    with ExitStack() as stack:

        def use(effects: str) -> None:
            folder = tmp_path / "entries"
            folder.mkdir()
            (folder / "probe.toml").write_text(entry_text("probe", effects), encoding="utf-8")
            stack.enter_context(catalogue.using(catalogue.load(folder)))
            arm(running.stand, "probe", "next-sign-in")

        yield use


UNTRUSTED = [
    pytest.param(protocol("redirect", set='{ iss = "https://evil.example" }'), id="issuer-mix-up"),
    pytest.param(protocol("redirect", remove='["iss"]'), id="issuer-missing"),
    pytest.param(protocol("jwt", token='"id"', claims='{ remove = ["nonce"] }'), id="jwt-missing-nonce"),
    pytest.param(protocol("jwt", token='"id"', claims="{ set = { nonce = { random = true } } }"), id="jwt-wrong-nonce"),
    pytest.param(protocol("jwt", token='"id"', claims="{ set = { at_hash = { random = true } } }"), id="jwt-at-hash"),
    pytest.param(protocol("jwt", token='"id"', header="{ set = { kid = { random = true } } }"), id="jwt-unknown-kid"),
    pytest.param(protocol("jwt", token='"id"', claims="{ set = { exp = { shift = -7200 } } }"), id="jwt-expired"),
    pytest.param(protocol("response", answer='"token"', remove='["id_token"]'), id="token-no-id-token"),
    pytest.param(protocol("response", answer='"person"', set='{ sub = "1" }'), id="userinfo-wrong-sub"),
    pytest.param(protocol("response", answer='"person"', remove='["family_name"]'), id="userinfo-missing-name"),
    pytest.param(protocol("response", answer='"keys"', set="{ keys = [] }"), id="jwks-empty"),
    pytest.param(down("/oauth2/jwks"), id="jwks-down"),
]


@pytest.mark.parametrize("effects", UNTRUSTED)
def test_what_must_not_be_trusted_opens_no_session(
    *, effects: str, armed: Callable[[str], None], portal: PageClient, browser: Browser, running: Running
) -> None:
    """Group E in this profile: every kind of effect that its rows need strikes, and the portal sees through it."""
    armed(effects)
    assert sign_in(portal, browser, running, 400).screen == "sign-in-failed"
    (line,) = {each.entry for each in journal.lines(running.stand.database, kind="effect")}
    assert line == "probe"
    disarm(running.stand, "probe")
    assert sign_in(portal, browser, running).location.endswith("/loading")


@pytest.mark.parametrize(
    "effects",
    [
        pytest.param(down("/.well-known/openid-configuration"), id="discovery-down"),
        pytest.param(
            protocol("response", answer='"discovery"', set='{ issuer = "https://evil.example" }'),
            id="discovery-wrong-issuer",
        ),
    ],
)
def test_nobody_is_sent_to_a_provider_that_is_not_known(
    *, effects: str, armed: Callable[[str], None], portal: PageClient, browser: Browser, running: Running
) -> None:
    """S-05: it ends at the press on «Войти», and the next press goes through."""
    armed(effects)
    assert portal.get("/login", 400).screen == "sign-in-failed"
    assert sign_in(portal, browser, running).location.endswith("/loading")


def test_a_rotation_in_the_middle_of_a_sign_in_succeeds(
    armed: Callable[[str], None], portal: PageClient, browser: Browser, running: Running
) -> None:
    """S-12, `jwks-rotated`: with the old keys in the portal's memory."""
    sign_in(portal, browser, running)
    armed(protocol("jwt", token='"access"', signature='"rotated"'))
    assert sign_in(portal, browser, running).location.endswith("/loading")
    with running.stand.database.reading() as session:
        assert len(signing_keys.key_set(session, running.stand.clock.now())["keys"]) == 2
