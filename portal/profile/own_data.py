"""Everything that the portal keeps of one patient: to be taken along, or thrown away (S-65).

It goes by the tables themselves, so a room that adds a table need not remember to add it here: what belongs to a
patient says so by a column `patient_id` or by a foreign key to what does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, select

from foundation.database import Session
from portal.files import shelf
from portal.tables import PortalTable

SECRET = ("id_hash", "access_token", "sid")
"""Columns that are not the patient's data but keys to it: never part of an export."""
NOT_A_PATIENTS = frozenset({"logout_token", "loose_file", "pending_sign_in"})
"""Tables that hold nothing of a patient: a sign-in that has not come to its end, a logout token that was used, and a
file that is thrown away, name nobody."""

FILES: list[Callable[[Session, str], list[str]]] = []
"""How rooms tell the names of files (of the Files door) that belong to a patient; each adds its own function."""

Condition = ColumnElement[bool]


def belonging(patient_id: str) -> Iterator[tuple[Table, Condition]]:
    """Every table that holds something of a patient, and which rows; those that others lean on come first."""
    found: dict[Table, Condition] = {}
    for table in PortalTable.metadata.sorted_tables:
        condition = _of_patient(table, patient_id, found)
        if condition is not None:
            found[table] = condition
            yield table, condition


def _of_patient(table: Table, patient_id: str, known: dict[Table, Condition]) -> Condition | None:
    if table.name == "patient":
        return table.c.id == patient_id
    if "patient_id" in table.c:
        return table.c.patient_id == patient_id
    for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
        owner = known.get(key.column.table)
        if owner is not None:
            return key.parent.in_(select(key.column).where(owner))
    return None


def export(session: Session, patient_id: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by table, ready for JSON, without keys to anything."""
    return {
        table.name: [
            {name: _plain(value) for name, value in row.items() if name not in SECRET}
            for row in session.execute(select(table).where(condition)).mappings()
        ]
        for table, condition in belonging(patient_id)
    }


def forget(session: Session, patient_id: str, now: datetime) -> list[str]:
    """Throw every row away; tells the files that are nobody's now, for `shelf.throw_away` after the commit."""
    patient = PortalTable.metadata.tables["patient"]
    # The patient's row is the lock: what is uploaded at this very moment comes before this or not at all.
    session.execute(select(patient.c.id).where(patient.c.id == patient_id).with_for_update())
    files = [name for names in FILES for name in names(session, patient_id)]
    for table, condition in reversed(list(belonging(patient_id))):
        session.execute(delete(table).where(condition))
    shelf.let_go(session, files, now)
    return files


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value
