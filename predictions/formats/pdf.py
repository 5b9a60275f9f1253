"""Draws the PDF of a result: ``python -m predictions.formats.pdf < texts.json > result.pdf``.

The texts are `predictions.formats.documents.Content` as JSON. It opens nothing but the typeface.
"""

import json
import sys
import unicodedata
from importlib.resources import files
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

MARGIN = 20.0
WIDTH = 210 - 2 * MARGIN
INK, SOFT, LINE = (24, 32, 31), (92, 102, 100), (200, 206, 204)
# The tones 1 to 5 of the scale: those of `tokens.css` in light.
SUNS = ((201, 89, 59), (210, 120, 46), (217, 160, 44), (85, 150, 116), (24, 133, 134))
PAGES = "{number-of-pages}"
FONTS = files("font_manrope") / "files"


class Document(FPDF):
    """A page with the brand above and what the number is not below."""

    def __init__(self, texts: dict[str, Any]) -> None:
        super().__init__(format="A4")
        self.texts = texts
        self.set_margins(MARGIN, MARGIN)
        self.c_margin = 0
        # Replaced in the whole document, so it is nothing that a label has.
        self.alias_nb_pages(PAGES)
        self.set_auto_page_break(True, margin=44)
        self.add_font("Manrope", "", str(FONTS / "Manrope-Regular.ttf"))
        self.add_font("Manrope", "B", str(FONTS / "Manrope-SemiBold.ttf"))
        bold = self.fonts["manropeB"]
        self.glyphs = bold.cmap if isinstance(bold, TTFFont) else {}
        self.set_lang(texts["language"])
        self.set_title(texts["title"])
        self.set_creator("Creditscore")
        self.set_producer("Creditscore")

    def header(self) -> None:
        self.set_draw_color(*INK)
        self.set_line_width(0.35)
        self.line(MARGIN, 17.5, MARGIN + 9, 17.5)
        self.set_fill_color(*SUNS[2])
        self.ellipse(MARGIN + 4.6, 14.6, 2.9, 2.9, style="F")
        self.write_line("Creditscore", 10, bold=True, at=(MARGIN + 12, 12.5))
        self.set_xy(MARGIN, 28)

    def footer(self) -> None:
        self.set_draw_color(*LINE)
        self.set_line_width(0.2)
        self.line(MARGIN, 259, MARGIN + WIDTH, 259)
        self.set_xy(MARGIN, 261)
        self.write_block(self.texts["disclaimer"], 8, SOFT)
        self.write_block(f"{self.texts['verify']} {self.texts['address']}", 8, SOFT)
        self.write_block(self.texts["code"], 10, INK, bold=True)
        page = self.texts["page"].format(number=self.page_no(), total=PAGES)
        self.set_xy(MARGIN, 280)
        self.set_font("Manrope", "", 8)
        self.set_text_color(*SOFT)
        self.cell(WIDTH, 4, page, align="R")

    def write_line(self, text: str, size: float, *, bold: bool = False, at: tuple[float, float]) -> None:
        self.set_font("Manrope", "B" if bold else "", size)
        self.set_text_color(*INK)
        self.set_xy(*at)
        self.cell(0, size * 0.5, text)

    def write_block(
        self, text: str, size: float, color: tuple[int, int, int] = INK, *, bold: bool = False, gap: float = 0
    ) -> None:
        """Write a paragraph over the whole width, and leave `gap` millimeters below it."""
        self.set_font("Manrope", "B" if bold else "", size)
        self.set_text_color(*color)
        self.multi_cell(WIDTH, size * 0.5, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(gap)

    def horizon(self, approval: float, tone: int, average: float | None, average_text: str) -> None:
        """Draw the line from 0 to 100 with the mark of the average, and the sun at the probability."""
        y = self.get_y() + 5
        self.set_draw_color(*INK)
        self.set_line_width(0.2)
        self.line(MARGIN, y, MARGIN + WIDTH, y)
        self.set_font("Manrope", "", 8)
        self.set_text_color(*SOFT)
        self.set_xy(MARGIN, y + 3)
        self.cell(WIDTH / 2, 4, "0", align="L")
        self.cell(WIDTH / 2, 4, "100", align="R")
        if average is not None:
            x = MARGIN + average * WIDTH
            self.line(x, y - 2.5, x, y + 2.5)
            self.set_xy(x - 40, y + 3)
            self.cell(40, 4, average_text, align="R")
        radius = 3.5
        self.set_fill_color(*SUNS[tone - 1])
        self.ellipse(MARGIN + approval * WIDTH - radius, y - radius, 2 * radius, 2 * radius, style="F")
        self.set_xy(MARGIN, y + 12)

    def write_list(self, title: str, items: list[str]) -> None:
        """Write nothing if there are no items."""
        if not items:
            return
        self.write_block(title, 11, bold=True, gap=1)
        for item in items:
            self.write_block(f"·  {item}", 9)
        self.ln(4)

    def write_rows(self, title: str, rows: list[list[str]]) -> None:
        self.write_block(title, 11, bold=True, gap=1)
        for name, value in rows:
            self.set_font("Manrope", "", 9)
            with self.offset_rendering() as rendered:
                self._row(name, value)
            if rendered.page_break_triggered:
                self.add_page()
            self._row(name, value)
        self.ln(4)

    def _row(self, name: str, value: str) -> None:
        y = self.get_y()
        self.set_text_color(*SOFT)
        self.multi_cell(WIDTH * 0.28, 5, name, align="L", new_x=XPos.RIGHT, new_y=YPos.TOP)
        low = y + 5
        self.set_text_color(*INK)
        self.multi_cell(WIDTH * 0.72, 5, value, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(max(low, self.get_y()))

    def printable(self, label: str) -> str | None:
        """Return the label as it is printed; None if the typeface lacks a character of it."""
        # Accents of their own become part of their letters, any space a plain one; what is invisible goes.
        composed = unicodedata.normalize("NFC", label)
        kinds = [(unicodedata.category(character), character) for character in composed]
        text = "".join(" " if kind == "Zs" else character for kind, character in kinds if kind != "Cf")
        return text if all(ord(character) in self.glyphs for character in text) else None


def draw(texts: dict[str, Any]) -> bytes:
    """Return the PDF of the texts."""
    document = Document(texts)
    document.add_page()
    label = document.printable(texts["label"])
    if label:
        document.write_block(label, 13, bold=True, gap=1)
    document.write_block(texts["title"], 11, SOFT)
    document.write_block(texts["number"], 64, bold=True)
    document.horizon(texts["approval"], texts["tone"], texts["average"], texts["average_text"])
    document.write_block(texts["verdict"], 12, bold=True)
    document.write_block(texts["rest"], 10, SOFT, gap=6)
    document.write_list(texts["warnings_title"], texts["warnings"])
    document.write_rows(texts["facts_title"], texts["facts"])
    document.write_list(texts["reasons_title"], texts["reasons"])
    # A part of a name could be another name, so it is printed as it is or not at all.
    document.write_rows(
        texts["order_title"], texts["order"] + ([texts["unprintable"]] if label is None else [])
    )
    return bytes(document.output())


if __name__ == "__main__":
    sys.stdout.buffer.write(draw(json.load(sys.stdin.buffer)))
