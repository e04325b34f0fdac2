"""What lies ready for new stands, looked at from outside (`docs/decisions/0009-a-stock-known-by-names.md`)."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg
from psycopg import sql

from sandbox_idp.servers import Pair
from sandbox_idp.stands.generations import KEYS

PATIENCE = 120.0
PROGRAMS = ("idp", "portal")


class Larder:
    """The stock of a running pair."""

    def __init__(self, pair: Pair) -> None:
        self._keys = Path(pair.environ["DEMO_DIR"]) / "stands" / "keys"
        url = pair.environ.get("IDP_DATABASE_URL", "")
        self._server: psycopg.Connection[tuple[object, ...]] | None = None
        if url.startswith("postgresql"):
            address = url.replace("postgresql+psycopg://", "postgresql://")
            self._server = psycopg.connect(address, autocommit=True)

    def wait_until_full(self, size: int) -> None:
        """Wait until `size` stands can be made of it. TimeoutError if nobody fills it."""
        deadline = time.monotonic() + PATIENCE
        while len(self._pems()) < KEYS * size or (self._server is not None and self._ready() < size):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the stock is not filled: {len(self._pems())} keys")
            time.sleep(0.05)

    def empty(self) -> None:
        """Throw away what lies ready or could be used again."""
        for pem in self._pems():
            pem.unlink(missing_ok=True)
        if self._server is not None:
            for schema in (name for kind in ("ready", "dead") for each in PROGRAMS for name in self._named(kind, each)):
                self._server.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))

    def close(self) -> None:
        """Close the connection."""
        if self._server is not None:
            self._server.close()

    def _pems(self) -> list[Path]:
        return list(self._keys.glob("*.pem"))

    def _ready(self) -> int:
        """For so many stands schemas lie ready."""
        return min(len(self._named("ready", each)) for each in PROGRAMS)

    def _named(self, kind: str, program: str) -> list[str]:
        assert self._server is not None
        query = "select nspname from pg_namespace where starts_with(nspname, %s)"
        return [str(name) for (name,) in self._server.execute(query, (f"{kind}_{program}_",))]
