"""Alembic's entry: runs the migrations of this folder on the connection it is given."""

import portal.documents.models
import portal.files.models
import portal.notifications.models
import portal.patients.models
import portal.sign_in.models
import portal.support.models  # noqa: F401
from foundation.database import run_migrations
from portal.tables import PortalTable as Base

run_migrations(Base.metadata)
