"""Fifty patients want one appointment at the same moment, and a worker is killed meanwhile (S-59, R-038).

A small share of `make soak`: exactly one of them gets it, and whoever was told so has it.
"""

from __future__ import annotations

from contextlib import closing

import pytest

from e2e.harness.rush import Rush
from sandbox_idp.testing.pair import DatabaseKind, running_pair
from sandbox_idp.testing.stand import Control

PATIENTS = 50
KILLED_EVERY = 7
ROUNDS = 20


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_one_gets_it_and_nobody_loses_it(database: DatabaseKind) -> None:
    """S-59: 50 at once, 20 rounds on either database; a SIGKILL in every seventh."""
    with (
        running_pair(database, keys=2) as (pair, info),
        closing(Control(f"{info.idp_url}/control/v1", info.control_token)) as control,
    ):
        stand = control.make_stand("rush")
        unanswered = 0
        with Rush(info, stand, patients=PATIENTS) as rush:
            for number in range(ROUNDS):
                outcome = rush.round(number, kill=pair.portal if number % KILLED_EVERY == 2 else None)
                assert not outcome.fault, f"round {number}: {outcome.fault}"
                assert outcome.refused == PATIENTS - 1
                unanswered += outcome.unanswered
        assert unanswered, "no kill came while anybody was waiting"
        control.delete_stand(stand)
