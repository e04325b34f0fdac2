"""The doors of the portal under stands: the same implementations, each looked up for the stand at hand on every call.

Only clock, databases and files are the stand's own. Esia is the real client over HTTP sockets; it is pointed at the
stand's own address, signs with the stand's own key, and says in a private header which sign-in it works for, so that
calls which carry nothing of it on the wire (keys, preflight, schedule) can be told apart.
"""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, BinaryIO, cast

import httpx2
from sqlalchemy import make_url
from sqlmodel import Session

from foundation.database import Database
from foundation.settings import SettingsError
from portal.doors import Esia, FolderFiles
from portal.esia.base import ProfileClient
from portal.esia.client import EsiaClient
from portal.esia.config import EsiaConfig
from portal.esia.openid.client import OpenIdClient
from portal.esia.openid.config import OpenIdConfig
from portal.esia.transport import TimedTransport
from portal.esia.wire import Limits
from portal.settings import PortalSettings
from portal.web.limits import seconds_left
from sandbox_idp.context import Stand, current_sign_in, current_stand
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.models import StandState
from sandbox_idp.scenarios.points import MessageDraft
from sandbox_idp.scenarios.sign_ins import SIGN_IN_HEADER
from sandbox_idp.scenarios.spares import HOST, closed_port
from sandbox_idp.world import messages


class StandDatabase:
    """The portal's database of the stand at hand, or nobody's, where a scenario says that it does not answer."""

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading."""
        with _database().reading() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose work is one transaction."""
        with _database().writing() as session:
            yield session

    def is_alive(self) -> bool:
        """Whether a query is answered."""
        return _database().is_alive()


def _database() -> Database:
    own = current_stand().portal_database
    return _nobody(own.url) if engine.database_is_away() else own


@functools.cache
def _nobody(url: str) -> Database:
    """A database of the same sort at which nobody answers: the driver fails as it does when the real one is away."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return Database("sqlite:////dev/null/nobody.sqlite")
    away = parsed.set(host=HOST, port=closed_port.port, query={})
    return Database(away.render_as_string(hide_password=False))


class StandMessages:
    """Mail and SMS of the portal arrive at the phone and mailbox of the stand at hand."""

    def mail(self, *, to: str, subject: str, text: str) -> bool:
        """Send a letter; tells whether it was handed over."""
        return self._send(MessageDraft("mail", to, text, subject=subject))

    def sms(self, *, to: str, text: str) -> bool:
        """Send an SMS; tells whether it was handed over."""
        return self._send(MessageDraft("sms", to, text))

    def _send(self, draft: MessageDraft) -> bool:
        with current_stand().database.writing() as session:
            try:
                messages.send(session, draft)
            except messages.GatewayDownError:
                return False
        return True


class StandFiles:
    """What was uploaded to the stand at hand."""

    def write(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A new file to write to."""
        return self._own().write(name)

    def read(self, name: str) -> BinaryIO:
        """The file; FileNotFoundError if there is none."""
        return self._own().read(name)

    def delete(self, name: str) -> None:
        """Throw the file away."""
        self._own().delete(name)

    def _own(self) -> FolderFiles:
        return FolderFiles(current_stand().files)


class CurrentClock:
    """The clock of the stand at hand."""

    def now(self) -> datetime:
        """The stand's time."""
        return current_stand().clock.now()


class _OwnClock:
    """The clock of one stand, for what a door remembers of it beyond the request.

    It does not hold the stand: a door that is kept for as long as its stand is open would keep it open for ever.
    """

    def __init__(self, stand: Stand) -> None:
        self._clock = weakref.ref(stand.clock)

    def now(self) -> datetime:
        clock = self._clock()
        if clock is None:
            raise ReferenceError("the stand of this door was closed")
        return clock.now()


def _esia_v1(settings: PortalSettings, stand: Stand, state: StandState) -> EsiaConfig:
    """Signs with the stand's own key."""
    back = settings.esia_back_url + stand.prefix
    return EsiaConfig.from_settings(
        settings,
        key_pem=state.portal_client_key,
        certificate_pem=state.portal_client_certificate,
        front_url=settings.esia_front_url + stand.prefix,
        back_url=back,
        trust=f"{back}/oauth2/jwks",
        preflight_url=f"{back}/healthz/live",
    )


def _openid(settings: PortalSettings, stand: Stand, state: StandState) -> OpenIdConfig:
    """The stand is a provider of its own; its description is asked for anew each time, as it may be made to fail."""
    return OpenIdConfig.from_settings(
        settings,
        issuer=stand.idp_url,
        secret=state.portal_openid_secret or "",
        scopes=OPENID_SCOPES,
        metadata_cache=timedelta(0),
        preflight_url=f"{settings.esia_back_url}{stand.prefix}/healthz/live",
    )


OPENID_SCOPES = ("openid", "profile", "email", "contacts", "address", "snils", "inn")
"""What a stand's own portal asks for in the profile `openid`: the standard's words, and ESIA's where it has none."""

PROFILES: dict[str, tuple[Callable[[PortalSettings, Stand, StandState], Any], type[ProfileClient[Any]]]] = {
    "esia-v1": (_esia_v1, EsiaClient),
    "openid": (_openid, OpenIdClient),
}
"""How the portal of a stand is set up in each profile, and who speaks it."""


class DivertedTransport(TimedTransport):
    """The real transport, except that a scenario may lead a call to a port where nobody answers."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Make the call, perhaps at another address. Raises as the real transport does."""
        spare = engine.diversion("back")
        if spare is not None:
            request.url = request.url.copy_with(scheme=spare.scheme, host=HOST, port=spare.port)
        return super().handle_request(request)


class StandEsia:
    """One client a stand, made when it is first needed and kept as long as the stand is open in this process."""

    def __init__(self, settings: PortalSettings) -> None:
        """SettingsError for a profile that is not spoken."""
        if settings.esia_profile not in PROFILES:
            raise SettingsError([f"ESIA_PROFILE: {settings.esia_profile} is not spoken by this version"])
        self._settings = settings
        self._clients: weakref.WeakKeyDictionary[Database, ProfileClient[Any]] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        """Every method of the door is the one of the stand's own client."""
        return getattr(self._client(), name)

    def authorization_url(self, **asked: Any) -> str:
        """Where the browser is sent: to the stand's own Gosuslugi, or where a scenario says that nobody answers."""
        address: str = cast(Esia, self._client()).authorization_url(**asked)
        spare = engine.diversion("front")
        return address if spare is None else spare.origin + address.removeprefix(self._settings.esia_front_url)

    def _client(self) -> ProfileClient[Any]:
        stand = current_stand()
        with self._lock:
            client = self._clients.get(stand.database)
        if client is None:
            made = self._make(stand)
            with self._lock:
                client = self._clients.setdefault(stand.database, made)
            if client is made:
                weakref.finalize(stand.database, made.close)
            else:
                made.close()
        return client

    def _make(self, stand: Stand) -> ProfileClient[Any]:
        with stand.database.reading() as session:
            state = session.get_one(StandState, 1)
        configure, client = PROFILES[self._settings.esia_profile]
        config = configure(self._settings, stand, state)
        own = stand.limits
        limits = Limits(
            connect=own.get("ESIA_CONNECT_TIMEOUT", config.limits.connect),
            read=own.get("ESIA_READ_TIMEOUT", config.limits.read),
            total=own.get("ESIA_TOTAL_TIMEOUT", config.limits.total),
        )
        return client(
            replace(
                config,
                limits=limits,
                works_url=f"{self._settings.esia_back_url}{stand.prefix}/works.json",
                cabinet_url=f"{stand.idp_url}/cabinet/documents",
                second_factor="required",
                preflight_cache=timedelta(0),
            ),
            clock=_OwnClock(stand),
            ids=stand.ids,
            seconds_left=seconds_left,
            transport=DivertedTransport(),
            extra_headers=_sign_in_header,
        )


def stand_esia(settings: PortalSettings) -> Esia:
    """The Esia door of the portal under stands."""
    return cast(Esia, StandEsia(settings))


def _sign_in_header() -> dict[str, str]:
    number = current_sign_in()
    return {} if number is None else {SIGN_IN_HEADER: str(number)}
