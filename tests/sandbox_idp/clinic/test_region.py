"""The region passes a reader's eye: names, codes, phones, hours."""

from __future__ import annotations

import re
from collections import Counter
from datetime import time

from sandbox_idp.accounts import ranges
from sandbox_idp.accounts.personas import PERSONAS
from sandbox_idp.clinic.region import region

RECEPTIONS = list(region().receptions.values())
SITES = list(region().sites.values())


def test_its_size() -> None:
    """Issue 5: 12 clinics, 150 doctors, 40 specialities."""
    assert (len(SITES), len(RECEPTIONS), len(region().specialities)) == (12, 150, 40)
    assert {each.doctor.speciality.id for each in RECEPTIONS} == set(region().specialities)


def test_regions_are_those_of_the_personas() -> None:
    counted = Counter(site.region for site in SITES)
    assert set(counted) == {persona.region for persona in PERSONAS if persona.snils}
    assert counted.most_common(1) == [("36", 5)]


def test_codes_begin_with_the_region_and_are_unlike_real_ones() -> None:
    for site in SITES:
        assert re.fullmatch(site.region + r"900\d", site.code), site.code
        assert site.code == site.id


def test_phones_lie_in_the_training_range_and_are_different() -> None:
    phones = [site.phone for site in SITES]
    assert [ranges.phone(phone) for phone in phones] == phones
    assert len(set(phones)) == len(SITES)


def test_addresses_lie_in_the_personas_towns() -> None:
    towns = {persona.home.city for persona in PERSONAS if persona.home is not None}
    for site in SITES:
        code, town, street = site.address.split(", ", 2)
        assert code.startswith("000")
        assert town in towns
        assert street


def test_surname_name_and_patronymic_agree() -> None:
    for each in RECEPTIONS:
        surname, _name, patronymic = each.doctor.name.split()
        assert patronymic.endswith("на" if each.is_woman else "ич"), each.doctor.name
        assert surname.endswith(("ва", "на", "ая")) is each.is_woman, each.doctor.name


def test_no_two_doctors_are_called_the_same() -> None:
    shortened = Counter(re.sub(r"(\w)\w* (\w)\w*$", r"\1\2", each.doctor.name) for each in RECEPTIONS)
    assert shortened.most_common(1)[0][1] == 1
    women = sum(each.is_woman for each in RECEPTIONS)
    assert 100 < women < 130


def test_doctors_of_a_clinic_sit_in_different_rooms() -> None:
    rooms = Counter((each.doctor.site.id, each.doctor.room) for each in RECEPTIONS)
    assert max(rooms.values()) == 1


def test_doctors_receive_while_the_clinic_is_open() -> None:
    for each in RECEPTIONS:
        weekdays = each.doctor.site.hours[0].removeprefix("пн–пт ").split("–")
        opens, closes = (time(int(text.split(":")[0]), int(text.split(":")[1])) for text in weekdays)
        for hours in each.rule.hours[:5]:
            assert hours is None or opens <= hours[0] < hours[1] <= closes
        assert each.rule.hours[6] is None
        if each.rule.hours[5] is not None:
            assert each.doctor.site.hours[1].startswith("сб")


def test_what_is_for_children_is_not_for_grown_ups() -> None:
    for each in region().specialities.values():
        assert 0 <= each.since_age <= each.until_age
        if each.id.startswith("child-") or each.id == "paediatrician":
            assert each.until_age == 17
            assert each.id == "paediatrician" or each.name.startswith("детский") or "детский" in each.name
    assert region().specialities["gynaecologist"].sex == "female"
    assert region().specialities["gynaecologist"].since_age == 15


def test_everybody_finds_a_district_doctor_in_the_clinic_one_is_attached_to() -> None:
    for site in SITES:
        if region().facts[site.id].areas:
            here = {each.doctor.speciality.id for each in RECEPTIONS if each.doctor.site == site}
            assert here & {"therapist", "paediatrician"}
