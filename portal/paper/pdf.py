"""A sheet of A4 with the portal's type, tagged and with a title, so that a screen reader can read it (fpdf2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from foundation.assets import assets

FAMILY = "Golos"
SIZE = 11
LINE = 6.2
"""Millimetres from line to line of running text."""
LABEL = 58
"""Millimetres that the label of a fact takes."""


class Sheet:
    """A document that is written from top to bottom; `bytes` ends it.

    `made_at` (aware) is the moment that the file says it was made: the clock of whoever makes it, never the machine's.
    """

    def __init__(self, title: str, *, made_at: datetime, note: str = "") -> None:
        """`note` stands small at the foot of every page (the notice of the settings)."""
        # Loaded with the first paper, not with the program.
        from portal.paper.pages import Pages

        pdf = Pages(note)
        fonts = assets("static") / "vendor" / "golos-text"
        pdf.add_font(FAMILY, "", fonts / "golos-text-400.ttf")
        pdf.add_font(FAMILY, "B", fonts / "golos-text-600.ttf")
        pdf.set_title(title)
        pdf.set_lang("ru-RU")
        pdf.set_creator("Личный кабинет пациента")
        pdf.set_creation_date(made_at)
        pdf.set_margins(20, 18, 20)
        pdf.set_auto_page_break(auto=True, margin=22)
        pdf.add_page()
        pdf.set_font(FAMILY, "B", 18)
        pdf.multi_cell(0, 9, title, new_x="LMARGIN", new_y="NEXT", align="L")
        pdf.ln(2)
        self._pdf = pdf

    def heading(self, text: str) -> None:
        """A heading inside the document."""
        self._pdf.ln(3)
        self._text(text, style="B", size=13)

    def text(self, text: str, *, small: bool = False) -> None:
        """A paragraph."""
        self._text(text, size=9 if small else SIZE)
        self._pdf.ln(1.5)

    def facts(self, facts: Iterable[tuple[str, str]]) -> None:
        """Label and value, a line each."""
        pdf = self._pdf
        for label, value in facts:
            top = pdf.get_y()
            pdf.set_font(FAMILY, "", SIZE)
            pdf.set_text_color(85)
            pdf.multi_cell(LABEL, LINE, label, new_x="RIGHT", new_y="TOP", align="L")
            below = pdf.get_y() + LINE
            pdf.set_text_color(0)
            pdf.set_xy(pdf.l_margin + LABEL, top)
            pdf.multi_cell(0, LINE, value or "—", new_x="LMARGIN", new_y="NEXT", align="L")
            if pdf.get_y() < below and pdf.get_y() > top:
                pdf.set_y(below)
        pdf.ln(2)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]], *, widths: Sequence[int]) -> None:
        """A table whose head is repeated on every page; `widths` are shares of the line."""
        self._pdf.set_font(FAMILY, "", 10)
        with self._pdf.table(col_widths=tuple(widths), text_align="LEFT", line_height=LINE, padding=1) as table:
            for cells in ((*head,), *rows):
                row = table.row()
                for cell in cells:
                    row.cell(cell)
        self._pdf.ln(2)

    def bytes(self) -> bytes:
        """The file."""
        return bytes(self._pdf.output())

    def _text(self, text: str, *, style: str = "", size: float = SIZE) -> None:
        self._pdf.set_font(FAMILY, style, size)
        self._pdf.multi_cell(0, LINE, text, new_x="LMARGIN", new_y="NEXT", align="L")
