"""Finding whom to go to: clinics, specialities and doctors by one text, and what one clinic offers (R-125)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from portal.appointments.rules import is_for
from portal.clinic.base import Directory
from portal.clinic.values import Card, Doctor, Site, Speciality

MOST = 12
"""So many clinics and doctors are shown; whoever sees as many should say more."""
LONGEST = 100
"""Characters of a text to search for."""


@dataclass(frozen=True)
class Found:
    """What fits the text."""

    sites: list[Site] = field(default_factory=list)
    specialities: list[Speciality] = field(default_factory=list)
    doctors: list[Doctor] = field(default_factory=list)
    more: bool = False
    """Whether something was left out."""

    @property
    def nothing(self) -> bool:
        return not (self.sites or self.specialities or self.doctors)


def find(directory: Directory, text: str, region: str) -> Found:
    """Clinics by name, address and code; specialities and doctors by name; in one region, if it is named."""
    words = " ".join(text.split())
    sites = directory.sites(text=words, region=region)
    if not words:
        return Found(sites[:MOST], more=len(sites) > MOST)
    needle = _plain(words)
    specialities = [one for one in directory.specialities() if needle in _plain(one.name)]
    doctors = [one for one in directory.doctors(text=words) if region in ("", one.site.region)]
    return Found(
        sites[:MOST],
        specialities[:MOST],
        doctors[:MOST],
        any(len(one) > MOST for one in (sites, specialities, doctors)),
    )


def _plain(text: str) -> str:
    """Without the differences that nobody types: case, and ё."""
    return text.casefold().replace("ё", "е")


@dataclass(frozen=True)
class Offer:
    """The specialities of one clinic, divided by whether they are for this person."""

    site: Site
    fitting: list[Speciality]
    others: list[Speciality]


def offer(directory: Directory, site: Site, card: Card, today: date) -> Offer:
    """What the clinic has for the owner of the card."""
    all_of_them = directory.specialities(site.id)
    fitting = [one for one in all_of_them if is_for(one, card, today)]
    return Offer(site, fitting, [one for one in all_of_them if one not in fitting])
