"""What never gets into a log (S-62)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from structlog.processors import format_exc_info

from foundation.database import Database
from foundation.log import HIDDEN, hide_secrets

SNILS = "00010131324"
NAME = "мостовая ольга"
_ADD = text("insert into people values (:snils, :name)")


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Database:
    return Database(database_url or f"sqlite:///{tmp_path / 'test.sqlite'}")


def test_an_error_of_the_database_tells_no_values(database: Database) -> None:
    """S-62: neither what a statement was given, nor the row that was there already."""
    person = {"snils": SNILS, "name": NAME}
    with database.writing() as session:
        session.execute(text("create temporary table people (snils varchar primary key, name varchar)"))
        session.execute(_ADD, person)
        with pytest.raises(IntegrityError) as caught:
            session.execute(_ADD, person)
    database.close()
    event = {"event": "unhandled", "exc_info": (caught.type, caught.value, caught.tb)}
    logged = str(hide_secrets(None, "error", format_exc_info(None, "error", event))["exception"])
    assert "insert into people" in logged
    assert SNILS not in logged
    assert NAME not in logged


def test_names_and_shapes_of_secrets_are_hidden() -> None:
    """S-62: by what a value is called, and by what it looks like."""
    event = {"event": "told", "password": "x", "note": "ask +7 (900) 000-00-01 about 000-101-313 24", "count": 3}
    assert hide_secrets(None, "info", event) == {
        "event": "told",
        "password": HIDDEN,
        "note": f"ask {HIDDEN} about {HIDDEN}",
        "count": 3,
    }
