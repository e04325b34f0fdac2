"""`python -m portal migrate`: bring the portal's database up to date, before its workers start."""

from __future__ import annotations

import argparse
import os
import sys

from foundation.database import Database, migrate
from foundation.settings import SettingsError
from portal import MIGRATIONS
from portal.settings import PortalSettings


def main(arguments: list[str]) -> int:
    """Run one command; tells the exit status."""
    parser = argparse.ArgumentParser(prog="python -m portal", description="The patient portal.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database of PORTAL_DATABASE_URL up to date")
    parser.parse_args(arguments)
    try:
        settings = PortalSettings.from_environment(os.environ)
    except SettingsError as error:
        sys.stderr.write("".join(f"{problem}\n" for problem in error.problems))
        return 2
    database = Database(settings.database_url)
    migrate(database, MIGRATIONS)
    database.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
