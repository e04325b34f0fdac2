"""What lies behind the Files door without a row of a room that names it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from portal.tables import PortalTable


class LooseFile(PortalTable, table=True):
    """A file that no row names yet, or any more: written down before it is there, struck off after it is gone.

    A process may be killed at any moment. Whatever it leaves behind the door then stands here, and is tidied up later.
    """

    __tablename__ = "loose_file"

    name: str = Field(primary_key=True, description="behind the Files door")
    since: datetime = Field(index=True)
    going: bool = Field(description="nobody keeps it any more; else it may still be on its way in")
