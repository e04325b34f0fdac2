"""Alembic's entry: runs the migrations of this folder on the connection it is given."""

import sandbox_idp.accounts.models
import sandbox_idp.cabinet.models
import sandbox_idp.clinic.models
import sandbox_idp.factors.models
import sandbox_idp.identity.models
import sandbox_idp.oauth.models
import sandbox_idp.recovery.models
import sandbox_idp.registration.models
import sandbox_idp.registries.models
import sandbox_idp.scenarios.models
import sandbox_idp.signature.models
import sandbox_idp.world.models  # noqa: F401
from foundation.database import run_migrations
from sandbox_idp.tables import SandboxTable as Base

run_migrations(Base.metadata)
