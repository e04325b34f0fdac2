"""The report as files; `docs/reports.md` describes both."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import date, datetime

from portal.clinic.values import Site, VisitCount
from portal.paper.spreadsheet import as_csv

HEAD = ("День", "Специальность", "Состоялось", "Не пришли", "Отменено", "Всего")
VERSION = "1"
"""Of the XML form; a change that readers would notice gets another number."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def total(count: VisitCount) -> int:
    """Every booking of that day and speciality, whatever became of it."""
    return count.attended + count.missed + count.cancelled


def visits_csv(counts: Sequence[VisitCount]) -> bytes:
    """A line for each day and speciality."""
    return as_csv(
        HEAD,
        ((one.day, one.speciality, one.attended, one.missed, one.cancelled, total(one)) for one in counts),
    )


def visits_xml(counts: Sequence[VisitCount], *, site: Site, since: date, until: date, made_at: datetime) -> bytes:
    """`<visits>` with a `<day>` for each day and a `<speciality>` for each in it; UTF-8 with a declaration."""
    root = ET.Element(
        "visits",
        {
            "version": VERSION,
            "site": _text(site.code),
            "name": _text(site.name),
            "since": since.isoformat(),
            "until": until.isoformat(),
            "made-at": made_at.isoformat(timespec="seconds"),
        },
    )
    days: dict[date, ET.Element] = {}
    for one in counts:
        day = days.get(one.day)
        if day is None:
            day = days[one.day] = ET.SubElement(root, "day", {"date": one.day.isoformat()})
        figures = {"attended": one.attended, "missed": one.missed, "cancelled": one.cancelled}
        ET.SubElement(
            day,
            "speciality",
            {"name": _text(one.speciality), **{name: str(value) for name, value in figures.items()}},
        )
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _text(value: str) -> str:
    """Without the characters that XML has no place for."""
    return _NOT_XML.sub("", value)
