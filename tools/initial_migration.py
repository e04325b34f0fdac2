"""Write the first migration of each database anew from the models. Only until the first release is out.

Usage: python -m tools.initial_migration
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import alembic.command
import alembic.config

from foundation.database import Database

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("portal/migrations", "sandbox_idp/migrations", "sandbox_idp/stands/migrations")


def main() -> None:
    """Remake all three."""
    for folder in FOLDERS:
        scripts = ROOT / folder
        for old in (scripts / "versions").glob("*.py"):
            old.unlink()
        with tempfile.TemporaryDirectory() as place:
            database = Database(f"sqlite:///{place}/empty.sqlite")
            config = alembic.config.Config()
            config.set_main_option("script_location", str(scripts))
            with database.writing_engine.begin() as connection:
                config.attributes["connection"] = connection
                alembic.command.revision(config, message="The foundation", autogenerate=True, rev_id="0001")
            database.close()
        print(f"{folder}: written")


if __name__ == "__main__":
    main()
