"""A sign-in under way is finished once (S-03)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from foundation.database import Database
from portal.sign_in.models import PendingSignIn
from portal.sign_in.pending import Secrets, StaleState, begin, claim, digest
from tests.portal.conftest import NOON

STATE, BROWSER = "a-state", "a-browser"


def test_of_two_that_both_saw_it_unused_only_one_gets_it(portal_database: Database) -> None:
    """S-03: the database decides, not what was read a moment before."""
    with portal_database.writing() as session:
        begin(session, Secrets(STATE, "a-nonce", "a-verifier"), browser=BROWSER, next_page="/home", now=NOON)
    with portal_database.reading() as slow:
        # The slow one has read the row already; what it holds still says that the state is unused.
        kept = slow.get(PendingSignIn, digest(STATE))
        slow.commit()
        with portal_database.writing() as fast:
            claim(fast, state=STATE, browser=BROWSER, now=NOON + timedelta(seconds=1))
        assert kept is not None
        assert kept.used_at is None
        with pytest.raises(StaleState):
            claim(slow, state=STATE, browser=BROWSER, now=NOON + timedelta(seconds=2))
