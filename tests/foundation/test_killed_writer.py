"""A writer that is killed, and one that has to wait (S-69)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from foundation.database import Database

WRITER = """
import sys
from sqlalchemy import text
from foundation.database import Database
with Database(sys.argv[1]).writing() as session:
    session.execute(text("insert into booking values (2, 'half')"))
    session.execute(text("update slot set taken = 1"))
    print("written", flush=True)
    sys.stdin.read()
"""
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """Two tables that have to agree."""
    made = Database(f"sqlite:///{tmp_path}/portal.sqlite")
    with made.writing() as session:
        session.execute(text("create table booking (id integer primary key, what text)"))
        session.execute(text("create table slot (taken integer)"))
        session.execute(text("insert into booking values (1, 'whole')"))
        session.execute(text("insert into slot values (0)"))
    return made


def state_of(database: Database) -> tuple[int, int, str]:
    with database.reading() as session:
        bookings = session.execute(text("select count(*) from booking")).scalar_one()
        taken = session.execute(text("select taken from slot")).scalar_one()
        return bookings, taken, session.execute(text("pragma integrity_check")).scalar_one()


def test_a_writer_that_is_killed_leaves_nothing_half_written(database: Database) -> None:
    """S-69: SIGKILL in the middle of a transaction: none of it is there, nothing is broken, and the next one writes."""
    command = [sys.executable, "-c", WRITER, database.url]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"written\n"
        writer.kill()
    assert state_of(database) == (1, 0, "ok")
    with database.writing() as session:
        session.execute(text("insert into booking values (2, 'whole')"))
        session.execute(text("update slot set taken = 1"))
    assert state_of(database) == (2, 1, "ok")


def test_whoever_waits_for_another_writer_does_not_wait_for_ever(database: Database) -> None:
    """S-69: a bounded wait, then an error that the portal answers with its page (503), and nothing was written."""
    second = Database(database.url)
    with second.reading() as session:
        assert session.execute(text("pragma busy_timeout")).scalar_one() == 5000
        # The same connection is used again, with a wait that fits a test.
        session.execute(text("pragma busy_timeout = 20"))
    take = text("update slot set taken = 2")
    with database.writing() as first:
        first.execute(text("update slot set taken = 0"))
        with pytest.raises(OperationalError, match="locked"), second.writing() as session:
            session.execute(take)
    with second.writing() as session:
        session.execute(text("update slot set taken = 1"))
    assert state_of(database) == (1, 1, "ok")
    second.close()
    database.close()
