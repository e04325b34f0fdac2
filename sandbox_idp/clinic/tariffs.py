"""What services cost the insurance (R-043): invented tariffs in the order of magnitude of real ones."""

from __future__ import annotations

BASE_YEAR = 2026
A_YEAR = 0.93
"""So much of a year's tariff was that of the year before."""
_VISITS = {"therapist": 612_40, "paediatrician": 688_10, "family": 640_25, "prevention": 420_00, "dentist": 905_70}
_OTHER_VISIT = 741_90


def visit(speciality: str, year: int) -> int:
    """Kopecks for one visit in that year."""
    return in_year(_VISITS.get(speciality, _OTHER_VISIT), year)


def in_year(kopecks: int, year: int) -> int:
    """What costs so much in the base year, in another one; whole tens of kopecks."""
    return max(10, round(kopecks * A_YEAR ** (BASE_YEAR - year) / 10) * 10)


def panel(tests: int) -> int:
    """Kopecks in the base year for a laboratory result of so many tests."""
    return 112_00 + 54_30 * tests
