"""The base of the portal's tables: one metadata of its own, shared with nobody."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from foundation.database import new_metadata


class PortalTable(SQLModel, registry=registry(metadata=new_metadata())):
    """Base of every table in the portal's database."""
