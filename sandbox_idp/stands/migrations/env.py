"""Alembic's entry: runs the migrations of this folder on the connection it is given."""

from foundation.database import run_migrations
from sandbox_idp.stands.models import RegisterTable as Base

run_migrations(Base.metadata)
