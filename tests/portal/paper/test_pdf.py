"""Documents to print: what is written can be read out of them, and they say what they are."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from pypdf import PdfReader

from portal.paper.pdf import Sheet

NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def read(sheet: Sheet) -> PdfReader:
    return PdfReader(io.BytesIO(sheet.bytes()))


def test_a_sheet_holds_its_words_as_text() -> None:
    """R-045: a downloaded paper can be searched and read aloud: Russian letters are text, not drawings."""
    sheet = Sheet("Талон на приём", made_at=NOON, note="Учебный стенд")
    sheet.facts([("Пациент", "Лесная Анна Сергеевна"), ("Сумма", "1 200 ₽ №7 «да»")])
    sheet.table(("Показатель", "Норма"), [("Гемоглобин", "120–140")], widths=(2, 1))
    reader = read(sheet)
    text = reader.pages[0].extract_text()
    for words in (
        "Талон на приём",
        "Лесная Анна Сергеевна",
        "1 200 ₽ №7 «да»",
        "Гемоглобин",
        "120–140",
        "Учебный стенд",
    ):
        assert words in text
    assert reader.metadata is not None
    assert reader.metadata.title == "Талон на приём"
    assert reader.root_object["/Lang"] == "ru-RU"


def test_the_file_is_the_same_for_the_same_moment() -> None:
    """It tells the time it was given, so the same document is the same file."""

    def made() -> bytes:
        sheet = Sheet("Справка", made_at=NOON)
        sheet.text("Дана для предъявления.")
        return sheet.bytes()

    assert made() == made()


def test_a_long_document_goes_on_on_the_next_page() -> None:
    """The head of a table is repeated, every page has its number."""
    sheet = Sheet("Выписка", made_at=NOON)
    sheet.table(("Дата", "Запись"), [(str(number), "слова " * 20) for number in range(60)], widths=(1, 4))
    pages = read(sheet).pages
    assert len(pages) > 1
    assert all("Запись" in page.extract_text() for page in pages)
    assert f"Страница {len(pages)} из {len(pages)}" in pages[-1].extract_text()
