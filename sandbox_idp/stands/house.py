"""The house of stands: makes, opens, resets and throws away, and keeps a limited number open in this process."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import bindparam
from sqlmodel import col, select

import portal
from foundation.clock import Clock
from foundation.database import Database, migrate
from foundation.ids import Ids
from sandbox_idp import accounts, oauth
from sandbox_idp.context import Stand
from sandbox_idp.keys import KeyPool, self_signed_certificate
from sandbox_idp.scenarios import journal
from sandbox_idp.scenarios.models import StandState
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.clock import DatabaseClock
from sandbox_idp.stands.models import StandRecord
from sandbox_idp.stands.storage import Storage

DEFAULT = "default"
HERE = Path(__file__).resolve().parent
PORTAL_MNEMONIC = "PORTAL_DEMO"
_WHERE = select(col(StandRecord.generation), col(StandRecord.expires_at)).where(
    col(StandRecord.id) == bindparam("stand_id")
)
"""Asked with every request, so without the mapper."""


class StandError(Exception):
    """A stand cannot be made or found; `reason` is for the person who asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class NewStand:
    """A stand just made, with the token that opens only it (shown this once)."""

    stand: Stand
    token: str
    expires_at: datetime | None


class House:
    """All stands of one pair of programs. Safe to use from many threads; several processes may share the data."""

    def __init__(self, settings: SandboxSettings, *, clock: Clock, ids: Ids, keys: KeyPool | None = None) -> None:
        """`keys`: where keys come from, if not from the pool in the stands' folder."""
        assert settings.stands_dir is not None
        self._settings = settings
        self._real = clock
        self._ids = ids
        self._lock = threading.Lock()
        self._open: OrderedDict[str, Stand] = OrderedDict()
        folder = settings.stands_dir
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._keys = keys or KeyPool(folder / "keys", ids)
        self._register = Database(settings.database_url)
        idp_url = "" if settings.database_url.startswith("sqlite") else settings.database_url
        portal_url = "" if settings.portal_database_url.startswith("sqlite") else settings.portal_database_url
        self._idp = Storage(
            "idp",
            url=idp_url,
            folder=folder,
            scripts=HERE.parent / "migrations",
            fill=self._seed,
            edition=lambda: f"{self._real.now():%Y%m%d}",
        )
        self._portal = Storage(
            "portal", url=portal_url, folder=folder, scripts=portal.MIGRATIONS, fill=lambda _: None, edition=lambda: "0"
        )

    def prepare(self, keys: int = 8) -> None:
        """Bring the register up to date, make the default stand if it is missing, and have `keys` keys lie ready."""
        migrate(self._register, HERE / "migrations")
        self._keys.fill(keys)
        with self._register.reading() as session:
            missing = session.get(StandRecord, DEFAULT) is None
        if missing:
            self._make(DEFAULT, "Основной стенд", None, {}, None)

    def create(
        self,
        name: str | None = None,
        *,
        ttl: timedelta | None = None,
        limits: dict[str, float] | None = None,
        personas: list[str] | None = None,
    ) -> NewStand:
        """Make a new stand that lives for `ttl` of real time (default: `IDP_STAND_TTL`).

        `personas`: those of the twelve that it keeps, also after a reset; all unless given.
        """
        label, life = name or "Стенд без имени", ttl or self._settings.stand_ttl
        return self._make(self._ids.stand(), label, life, dict(limits or {}), personas)

    def find(self, stand_id: str) -> Stand | None:
        """The stand of that id, opened; None if there is none or its time is over."""
        with self._register.engine.connect() as connection:
            row = connection.execute(_WHERE, {"stand_id": stand_id}).first()
        if row is None or (row.expires_at is not None and row.expires_at <= self._real.now()):
            return None
        with self._lock:
            stand = self._open.get(row.generation)
            if stand is not None:
                self._open.move_to_end(row.generation)
                return stand
        with self._register.reading() as session:
            record = session.get(StandRecord, stand_id)
        return None if record is None else self._opened(record)

    def record(self, stand_id: str) -> StandRecord | None:
        """The register's row of one stand, living or over."""
        with self._register.reading() as session:
            return session.get(StandRecord, stand_id)

    def records(self) -> list[StandRecord]:
        """Every stand in the register, oldest first."""
        with self._register.reading() as session:
            return list(session.exec(select(StandRecord).order_by(col(StandRecord.created_at), col(StandRecord.id))))

    def token_opens(self, stand_id: str, token: str) -> bool:
        """Whether `token` is the one made together with this stand."""
        with self._register.reading() as session:
            record = session.get(StandRecord, stand_id)
        return (
            record is not None
            and record.token_hash is not None
            and hmac.compare_digest(record.token_hash, _digest(token))
        )

    def knows_token(self, token: str) -> bool:
        """Whether `token` is the one of any living stand."""
        with self._register.reading() as session:
            mine = session.exec(select(StandRecord).where(StandRecord.token_hash == _digest(token))).first()
        return mine is not None and (mine.expires_at is None or mine.expires_at > self._real.now())

    def reset(self, stand_id: str) -> Stand:
        """Put a fresh generation in place of the stand's data: seeds, clock and everything else as on the first day."""
        known = self.record(stand_id)
        generation = self._new_generation(stand_id, known.personas if known is not None else None)
        with self._register.writing() as session:
            record = session.get(StandRecord, stand_id)
            if record is None:
                raise StandError(f"Нет стенда «{stand_id}».")
            old = record.generation
            record.generation = generation
            session.add(record)
        self._forget(old)
        self._idp.drop(old)
        self._portal.drop(old)
        return self._opened(record)

    def delete(self, stand_id: str) -> None:
        """Throw a stand away. The default stand can only be reset."""
        if stand_id == DEFAULT:
            raise StandError("Основной стенд нельзя удалить, его можно сбросить.")
        with self._register.writing() as session:
            record = session.get(StandRecord, stand_id)
            if record is None:
                raise StandError(f"Нет стенда «{stand_id}».")
            session.delete(record)
        self._forget(record.generation)
        self._idp.drop(record.generation)
        self._portal.drop(record.generation)

    def sweep(self) -> int:
        """Throw away every stand whose time is over; tells how many."""
        now = self._real.now()
        over = [record.id for record in self.records() if record.expires_at is not None and record.expires_at <= now]
        for stand_id in over:
            self.delete(stand_id)
        return len(over)

    def close(self) -> None:
        """Close every database this process holds open."""
        with self._lock:
            stands, self._open = list(self._open.values()), OrderedDict()
        for stand in stands:
            stand.database.close()
            stand.portal_database.close()
        self._register.close()

    def _make(
        self, stand_id: str, name: str, ttl: timedelta | None, limits: dict[str, float], personas: list[str] | None
    ) -> NewStand:
        generation = self._new_generation(stand_id, personas)
        token = self._ids.token()
        now = self._real.now()
        record = StandRecord(
            id=stand_id,
            name=name,
            generation=generation,
            token_hash=_digest(token),
            limits=limits,
            personas=personas,
            created_at=now,
            expires_at=None if ttl is None else now + ttl,
        )
        with self._register.writing() as session:
            session.add(record)
        return NewStand(self._opened(record), token, record.expires_at)

    def _new_generation(self, stand_id: str, personas: list[str] | None) -> str:
        """Make both databases of a new generation and give the stand what is its own: keys, secrets, seed."""
        generation = self._ids.stand()
        self._idp.create(generation)
        self._portal.create(generation)
        database = self._idp.open(generation)
        now = self._real.now()
        client_key = self._keys.take()
        openid_secret = self._ids.token()
        client_certificate = self_signed_certificate(client_key, PORTAL_MNEMONIC, now=now, ids=self._ids)
        with database.writing() as session:
            session.add(
                StandState(
                    created_at=now,
                    seed=self._ids.number(0, 2**53),
                    portal_client_key=client_key,
                    portal_client_certificate=client_certificate,
                    portal_openid_secret=openid_secret,
                )
            )
            accounts.personalise(session, now=now, ids=self._ids, personas=personas)
            oauth.personalise(
                session,
                signing_key=self._keys.take(),
                mnemonic=PORTAL_MNEMONIC,
                certificate=client_certificate,
                openid_secret=openid_secret,
                redirect_uri=f"{self._settings.portal_url}{_prefix(stand_id)}/login/callback",
                now=now,
                ids=self._ids,
            )
        database.close()
        return generation

    def _seed(self, database: Database) -> None:
        """Fill the template: what is the same in every stand made on this day."""
        with database.writing() as session:
            accounts.seed(session, now=self._real.now())
            oauth.seed(session)

    def _opened(self, record: StandRecord) -> Stand:
        prefix = _prefix(record.id)
        database = self._idp.open(record.generation)
        stand = Stand(
            id=record.id,
            name=record.name,
            prefix=prefix,
            database=database,
            portal_database=self._portal.open(record.generation),
            clock=DatabaseClock(database, self._real),
            ids=self._ids,
            idp_url=self._settings.public_url + prefix,
            portal_url=self._settings.portal_url + prefix,
            limits=record.limits,
        )
        with self._lock:
            kept = self._open.setdefault(record.generation, stand)
            surplus = []
            while len(self._open) > self._settings.stands_open:
                surplus.append(self._open.popitem(last=False)[1])
        for old in surplus:
            old.database.close()
            old.portal_database.close()
        return kept

    def _forget(self, generation: str) -> None:
        with self._lock:
            stand = self._open.pop(generation, None)
        if stand is not None:
            # Nothing may still be on its way into data that is about to be thrown away, or given to another stand.
            journal.settle(stand.database)
            stand.database.close()
            stand.portal_database.close()


def _prefix(stand_id: str) -> str:
    return "" if stand_id == DEFAULT else f"/s/{stand_id}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
