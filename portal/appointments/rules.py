"""The rules of booking that are known before anything is asked: whom a speciality is for (R-038).

The medical system decides; looked at beforehand so that nobody chooses a time in vain.
"""

from __future__ import annotations

from datetime import date

from foundation.russian import age
from portal.clinic.errors import AgeError, NotAttachedError, RefusedError, SexError
from portal.clinic.values import Card, Site, Speciality


class NowhereAttachedError(RefusedError):
    """The speciality is for those attached to a clinic, and the person is attached to none."""

    def __init__(self, speciality: Speciality | None) -> None:
        super().__init__("attached to no clinic")
        self.speciality = speciality


def is_for(speciality: Speciality, card: Card, today: date) -> bool:
    """Whether age and sex fit."""
    return speciality.since_age <= age(card.birth_date, today) <= speciality.until_age and speciality.sex in (
        None,
        card.sex,
    )


def check(speciality: Speciality, card: Card, today: date, site: Site | None) -> None:
    """Age, sex, attachment. AgeError, SexError, NotAttachedError, NowhereAttachedError."""
    years = age(card.birth_date, today)
    if not speciality.since_age <= years <= speciality.until_age:
        raise AgeError(speciality, years)
    if speciality.sex not in (None, card.sex):
        raise SexError(speciality)
    if not speciality.attached_only:
        return
    if card.attachment is None or card.attachment.state != "attached":
        raise NowhereAttachedError(speciality)
    if site is not None and site.id != card.attachment.site.id:
        raise NotAttachedError(site, speciality)
