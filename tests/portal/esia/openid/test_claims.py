"""Standard claims become the portal's own values, strictly."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.esia.errors import Malformed, MissingPersonName, SubjectMismatch
from portal.esia.openid.claims import addresses_of, contacts_of, own_claims, person_of
from portal.esia.openid.tokens import rights_of

NAMED: dict[str, Any] = {"family_name": "Ясенева", "given_name": "Пётра"}


def test_what_russian_documents_a_provider_knows_is_taken_over() -> None:
    """R-013: the level follows from them."""
    person = person_of({**NAMED, "snils": "000-100-101 10", "inn": "500100732259", "trusted": True})
    assert (person.snils, person.inn, person.level) == ("00010010110", "500100732259", "confirmed")
    assert person_of({**NAMED, "snils": "000-100-101 10"}).level == "standard"


@pytest.mark.parametrize(
    ("told", "kept"), [("1990-02-28", date(1990, 2, 28)), ("1990", None), ("0000-02-28", None), (None, None)]
)
def test_a_birth_date_may_be_partial(told: str | None, kept: date | None) -> None:
    """OpenID Connect Core 5.1: a year alone, or a day without its year."""
    assert person_of({**NAMED, "birthdate": told}).birth_date == kept


@pytest.mark.parametrize(
    "claims",
    [{"birthdate": "28.02.1990"}, {"birthdate": 1990}, {"middle_name": ["x"]}, {"trusted": "yes"}, {"snils": "1"}],
)
def test_another_shape_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        person_of({**NAMED, **claims})


@pytest.mark.parametrize("claims", [{}, {"family_name": "Ясенева"}, {"given_name": "Пётра", "family_name": " "}])
def test_a_person_without_a_name_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(MissingPersonName):
        person_of(claims)


@pytest.mark.parametrize("answer", [{"sub": "other"}, {}, {"sub": None}])
def test_only_the_claims_of_the_person_who_signed_in_count(answer: dict[str, Any]) -> None:
    """S-09."""
    with pytest.raises(SubjectMismatch):
        own_claims(answer, "mine")
    with pytest.raises(Malformed):
        own_claims([], "mine")


def test_contacts_and_address() -> None:
    told = {"email": "a@b.example", "email_verified": True, "phone_number": "+70001000001", "address": {}}
    assert [(one.kind, one.verified) for one in contacts_of(told)] == [("MBT", False), ("EML", True)]
    assert contacts_of({}) == addresses_of({}) == addresses_of(told) == []
    with pytest.raises(Malformed):
        addresses_of({"address": "one line"})


def test_standard_scopes_are_rights_of_the_portal() -> None:
    assert rights_of(("openid", "profile", "phone", "contacts")) == ("openid", "fullname", "birthdate", "contacts")
