"""One entry of the record on paper (PDF)."""

from __future__ import annotations

from foundation import russian
from portal.clinic.values import Entry
from portal.doors import doors
from portal.paper.pdf import Sheet
from portal.patients.acting import Subject
from portal.record.kinds import Words
from portal.record.view import figure, mark, norm
from portal.web.context import given


def file_name(entry: Entry) -> str:
    """What the file is called: nothing of the person is in it, because it stays in a folder of downloads."""
    return f"{entry.kind}-{russian.msk(entry.at):%Y-%m-%d}.pdf"


def on_paper(entry: Entry, kind: Words, who: Subject) -> bytes:
    """The entry as a document: who, when, where, by whom, what, and where the copy comes from."""
    now = doors().clock.now()
    sheet = Sheet(entry.title, made_at=now, note=given().notice)
    facts = [("Пациент", who.name), ("Дата рождения", russian.date_long(who.card.birth_date))]
    facts += [("Медицинская карта", f"№ {who.card.number}"), ("Раздел", kind.title)]
    facts += [("Когда", russian.moment(entry.at)), ("Где", entry.site)]
    facts += [("Врач", entry.doctor)] if entry.doctor else []
    facts += [("Состояние", entry.state)] if entry.state else []
    sheet.facts([*facts, *entry.fields])
    if entry.measurements:
        sheet.heading("Показатели")
        sheet.table(
            ("Показатель", "Результат", "Норма", "Оценка"),
            (
                (one.name, figure(one), norm(one), said.words if (said := mark(one)) else "—")
                for one in entry.measurements
            ),
            widths=(40, 22, 20, 18),
        )
    for paragraph in entry.text.split("\n"):
        if paragraph.strip():
            sheet.text(paragraph.strip())
    warning = " Это не диагноз: что значат показатели, скажет врач." if entry.measurements else ""
    sheet.text(f"Копия из личного кабинета пациента, {russian.moment(now)}.{warning}", small=True)
    return sheet.bytes()
