"""The embedded clinic of a test's own stand, and the people in it."""

from __future__ import annotations

import pytest

from portal.clinic.values import Card, Identity
from sandbox_idp.accounts.personas import BY_ID
from sandbox_idp.clinic.door import EmbeddedClinic
from sandbox_idp.context import Stand


def identity(persona: str) -> Identity:
    """What the portal knows of a persona, without the birth date."""
    who = BY_ID[persona]
    return Identity(who.surname, who.name, who.patronymic, None, who.snils, who.policy)


def child_of(persona: str, place: int = 0) -> Identity:
    """The same of a child."""
    child = BY_ID[persona].children[place]
    return Identity(child.surname, child.name, child.patronymic, None, child.snils, child.policy)


@pytest.fixture
def clinic(stand: Stand) -> EmbeddedClinic:
    """The medical system of the stand."""
    del stand
    return EmbeddedClinic()


@pytest.fixture
def anna(clinic: EmbeddedClinic) -> Card:
    """Her card."""
    return clinic.directory.card(identity("anna"))
