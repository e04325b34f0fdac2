"""A portal without a medical system."""

from __future__ import annotations

import pytest

from portal.clinic.base import NoClinic, NoClinicError


@pytest.mark.parametrize("part", ["directory", "bookings", "record", "papers", "events", "reports"])
def test_nothing_can_be_asked_where_there_is_no_clinic(part: str) -> None:
    """A page that forgot to look at `is_there` fails loudly instead of showing an empty record."""
    assert NoClinic().is_there is False
    with pytest.raises(NoClinicError):
        getattr(NoClinic(), part)
