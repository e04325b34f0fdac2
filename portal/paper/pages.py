"""A4 with page numbers. Apart from `pdf`, because the library takes a fifth of a second to load."""

from __future__ import annotations

from fpdf import FPDF

from portal.paper.pdf import FAMILY


class Pages(FPDF):
    """The pages of a sheet, each with its number and the note at the foot."""

    def __init__(self, note: str) -> None:
        super().__init__(format="A4")
        self._note = note

    def footer(self) -> None:
        self.set_y(-16)
        self.set_font(FAMILY, "", 8)
        self.set_text_color(85)
        self.cell(0, 5, f"{self._note + ' · ' if self._note else ''}Страница {self.page_no()} из {{nb}}", align="L")
        self.set_text_color(0)
