"""What a new stand gets of its own, whatever its data was made of: keys, its portal's address, secrets, clock, seed."""

from __future__ import annotations

from datetime import datetime, timedelta

from foundation.database import Database
from foundation.ids import Ids
from sandbox_idp import accounts, clinic, oauth
from sandbox_idp.keys import KeyPool, self_signed_certificate
from sandbox_idp.scenarios import authoring
from sandbox_idp.scenarios.models import StandState
from sandbox_idp.signature import authority
from sandbox_idp.stands import contents
from sandbox_idp.stands.storage import Storage

PORTAL_MNEMONIC = "PORTAL_DEMO"


def give(
    database: Database,
    portal_database: Database,
    *,
    copied: bool,
    personas: list[str] | None,
    now: datetime,
    set_clock: bool,
    real: datetime,
    redirect_uri: str,
    keys: KeyPool,
    ids: Ids,
) -> None:
    """Make the data of a new generation a stand's own.

    `now` is the stand's time; with `set_clock` its clock is put there. With `copied` people keep the secrets and the
    stand the seed that came with the data, and what opened the other stand is taken out; else they get new ones, and of
    the personas only those named stay (all if none are).
    """
    client_key = keys.take()
    certificate = self_signed_certificate(client_key, PORTAL_MNEMONIC, now=min(now, real), ids=ids)
    if copied:
        contents.forget_visitors(database, portal_database, PORTAL_MNEMONIC)
    with database.writing() as session:
        if not copied:
            seed = ids.number(0, 2**53 - 1)
            session.add(
                StandState(
                    created_at=real,
                    seed=seed,
                    portal_client_key="",
                    portal_client_certificate="",
                )
            )
            session.flush()
            clinic.personalise(session, personas=personas)
            accounts.personalise(session, now=now, ids=ids, personas=personas)
        state = session.get_one(StandState, 1)
        if set_clock:
            state.clock_offset = round((now - real) / timedelta(microseconds=1))
        state.portal_client_key, state.portal_client_certificate = client_key, certificate
        state.portal_openid_secret = secret = ids.token()
        oauth.personalise(
            session,
            signing_key=keys.take(),
            mnemonic=PORTAL_MNEMONIC,
            certificate=certificate,
            openid_secret=secret,
            redirect_uri=redirect_uri,
            logout_uri=redirect_uri.removesuffix("/login/callback") + "/logout/back-channel",
            now=now,
            ids=ids,
        )
        authority.establish(session, keys.take(), now=now, ids=ids)


def carry(before: Database, storage: Storage, generation: str) -> None:
    """Put what outlives a reset into a new generation: the scenarios that somebody has written for the stand."""
    database = storage.open(generation)
    try:
        with before.reading() as old, database.writing() as new:
            authoring.carry(old, new)
    except BaseException:
        storage.drop(generation)
        raise
    finally:
        database.close()
