"""Cards of people who are none of the personas: opened when they are first asked for (docs/clinic.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from foundation.russian import msk
from portal.clinic.errors import CardNotFoundError
from portal.clinic.values import Identity
from sandbox_idp.accounts import factory
from sandbox_idp.accounts.factory import NewChild
from sandbox_idp.accounts.models import Person
from sandbox_idp.clinic.door import EmbeddedClinic
from sandbox_idp.clinic.models import ClinicCard
from sandbox_idp.context import Stand
from tests.sandbox_idp.clinic.conftest import identity

Make = Callable[..., tuple[Identity, Person]]


@pytest.fixture
def make(stand: Stand) -> Make:
    """Makes somebody up; tells what the portal then knows of them."""

    def make(code: str = "36", children: tuple[NewChild, ...] = (), **changes: object) -> tuple[Identity, Person]:
        now = stand.clock.now()
        with stand.database.writing() as session:
            new = factory.invent(session, today=msk(now).date(), level="confirmed", sex=None, region=code)
            new = replace(new, children=children, **changes)  # type: ignore[arg-type]  # Fields of the test's choice.
            person = factory.make(session, new, password_hash="x", now=now, ids=stand.ids)
        return Identity(new.surname, new.name, new.patronymic, person.birth_date, person.snils, new.policy), person

    return make


def test_somebody_of_the_factory_can_book_at_once(stand: Stand, clinic: EmbeddedClinic, make: Make) -> None:
    """R-038: an empty record, attached in the region of the account, and the therapist has a time."""
    who, person = make()
    card = clinic.directory.card(who)
    assert card.birth_date == person.birth_date
    assert card.attachment is not None
    assert (card.attachment.site.id, card.attachment.state) == ("369001", "attached")
    assert set(clinic.record.counts(card.id).values()) <= {0}
    now = stand.clock.now()
    slot = clinic.bookings.slots(
        since=now, until=now + timedelta(days=28), site_id="369001", speciality_id="therapist"
    )[0]  # fmt: skip
    assert clinic.bookings.book(card.id, slot.id, key="a").state == "booked"


def test_it_is_opened_once(stand: Stand, clinic: EmbeddedClinic, make: Make) -> None:
    who, person = make()
    assert clinic.directory.card(who).id == clinic.directory.card(who).id
    with stand.database.reading() as session:
        assert len(session.exec(select(ClinicCard).where(ClinicCard.snils == person.snils)).all()) == 1


def test_where_there_is_no_clinic_nobody_is_attached(clinic: EmbeddedClinic, make: Make) -> None:
    """The page then says so, and an application attaches to a clinic elsewhere."""
    who, _ = make("01")
    assert clinic.directory.card(who).attachment is None


@pytest.mark.parametrize(("code", "site"), [("36", "369003"), ("66", "669001")])
def test_a_child_goes_to_the_children_s_clinic_where_there_is_one(
    stand: Stand, clinic: EmbeddedClinic, make: Make, code: str, site: str
) -> None:
    """Also without any number, by name and birth date."""
    born: date = msk(stand.clock.now()).date() - timedelta(days=2000)
    child = NewChild("Пробная", "Ива", None, "F", born, snils=None, policy=None, certificate=None)
    make(code, children=(child,))
    card = clinic.directory.card(Identity("Пробная", "Ива", None, born, None, None))
    assert card.attachment is not None
    assert card.attachment.site.id == site


def test_personas_without_a_card_stay_without(clinic: EmbeddedClinic) -> None:
    """gleb is there to meet `card-not-found`; whom nobody knows has none either."""
    with pytest.raises(CardNotFoundError):
        clinic.directory.card(identity("gleb"))
    with pytest.raises(CardNotFoundError):
        clinic.directory.card(Identity("Никто", "Нигде", None, date(1990, 1, 1), "00000000001", None))
