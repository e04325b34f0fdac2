"""A small share of `make soak`: four workers, each arming in its own stand; nothing of one is felt by another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sandbox_idp.testing.stand import Control
from tools.soak import quick_entries, work


def test_what_is_armed_strikes_and_nothing_else(control: Control) -> None:
    def job(worker: int) -> list[str]:
        own = control.again()
        try:
            tally = work(own, worker=worker, sign_ins=5, seed=27)
        finally:
            own.close()
        assert tally.sign_ins == 5
        return tally.leaks

    assert len(quick_entries()) > 10
    with ThreadPoolExecutor(4) as pool:
        assert [leak for leaks in pool.map(job, range(4)) for leak in leaks] == []
