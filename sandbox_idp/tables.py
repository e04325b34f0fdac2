"""The base of the sandbox's tables: one metadata of its own, shared with nobody."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from foundation.database import new_metadata


class SandboxTable(SQLModel, registry=registry(metadata=new_metadata())):
    """Base of every table in a stand's sandbox database."""
