"""様式（PDF）: forms of A4, one page each. Texts wrap in their cells; a form that would not fit is set smaller, never cut."""

from __future__ import annotations

import io
from collections.abc import Iterable
from itertools import accumulate

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from etl.core.paper.shinseisho import Form, Table
from etl.edge.pdf.font import GETA, lost, measure, say, shown, wrap

SIDE, TOP, BOTTOM = 34.0, 28.0, 26.0  # points of the page around the form
TITLE, STEP = 15.0, 0.98  # font size of the title; the next smaller one of the text
LEADING, AIR, PAD, GAP = 1.3, 0.3, 3.0, 5.0  # line height and space of a row in font sizes; points beside a text, between blocks
WIDTH, HEIGHT = A4[0] - 2 * SIDE, A4[1] - TOP - BOTTOM


def shinseisho_pdf(forms: Iterable[Form]) -> bytes:
    """所得附票: one page per form, in this order. Same forms, same bytes."""
    return forms_pdf("所得附票", forms)


def forms_pdf(title: str, forms: Iterable[Form]) -> bytes:
    """One page per form, in this order, under a title of the document. Same forms, same bytes."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1, lang="ja")
    canvas.setTitle(title)
    canvas.setAuthor("")
    for one in forms:
        _Page(one).draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


class _Page:
    """A form laid out at the largest size at which it fits."""

    def __init__(self, form: Form):
        missing = lost((form.title, *form.corner, *form.lead, *form.notes)) + sum(
            lost(row) for band in form.bands for t in band for row in t.rows
        )
        self.form, self.size = form, form.size
        self.notes = [*form.notes, *([f"{GETA} は印刷できない文字です（{missing:,} 文字）"] if missing else [])]
        while self._layout() > HEIGHT:
            self.size *= STEP

    def _layout(self) -> float:
        """Points of the whole form; leaves the wrapped lines of cells and notes behind."""
        self.line = self.size * LEADING
        self.lines = {
            id(t): self._wrapped(t, WIDTH / len(band) - GAP * (len(band) > 1)) for band in self.form.bands for t in band
        }
        self.below = [part for note in self.notes for part in wrap(shown(note), WIDTH / self.size)]
        self.lead = [part for text in self.form.lead for part in wrap(shown(text), WIDTH / self.size)]
        bands = (self.line * len(self.lead) + GAP) * bool(self.lead) + sum(
            max(self._tall(t) for t in band) + GAP for band in self.form.bands
        )
        return TITLE * LEADING + self.line * len(self.form.corner) + GAP + bands + self.line * len(self.below)

    def _wrapped(self, table: Table, width: float) -> list[list[list[str]]]:
        rooms = [(w * width - 2 * PAD) / self.size for w in table.widths]
        return [[wrap(shown(cell), room) for cell, room in zip(row, rooms, strict=True)] for row in table.rows]

    def _row(self, cells: list[list[str]]) -> float:
        return max(map(len, cells)) * self.line + AIR * self.size

    def _tall(self, table: Table) -> float:
        return self.line * 1.3 + sum(map(self._row, self.lines[id(table)]))

    def draw(self, canvas: Canvas) -> None:
        y = A4[1] - TOP - TITLE
        title = shown(self.form.title)
        say(canvas, (A4[0] - measure(title) * TITLE) / 2, y, title, TITLE)
        y -= TITLE * (LEADING - 1)
        for text in map(shown, self.form.corner):
            y -= self.line
            say(canvas, A4[0] - SIDE - measure(text) * self.size, y, text, self.size)
        y -= GAP
        for text in self.lead:
            y -= self.line
            say(canvas, SIDE, y, text, self.size)
        y -= GAP * bool(self.lead)
        for band in self.form.bands:
            width = WIDTH / len(band) - GAP * (len(band) > 1)
            for n, table in enumerate(t for t in band if t.rows):
                self._table(canvas, table, SIDE + n * (width + 2 * GAP), y, width)
            y -= max(map(self._tall, band)) + GAP
        for text in self.below:
            y -= self.line
            say(canvas, SIDE, y, text, self.size)

    def _table(self, canvas: Canvas, table: Table, left: float, top: float, width: float) -> None:
        """Title, grey labels, thin lines, texts; a figure stands on the right."""
        say(canvas, left, top - self.line, shown(table.title), self.size)
        top -= self.line * 1.3
        tops = list(accumulate((-self._row(cells) for cells in self.lines[id(table)]), initial=top))
        lefts = list(accumulate((w * width for w in table.widths), initial=left))
        canvas.setFillGray(0.92)
        for n in table.grey:
            canvas.rect(lefts[n], tops[-1], lefts[n + 1] - lefts[n], top - tops[-1], stroke=0, fill=1)
        if table.head:
            canvas.rect(left, tops[1], width, top - tops[1], stroke=0, fill=1)
        canvas.setFillGray(0)
        canvas.setLineWidth(0.4)
        canvas.grid(lefts, tops)
        for y, cells in zip(tops, self.lines[id(table)], strict=False):
            for n, lines in enumerate(cells):
                for at, text in enumerate(lines):
                    spare = (
                        lefts[n + 1] - lefts[n] - 2 * PAD - measure(text) * self.size
                        if table.figures and n not in table.grey
                        else 0
                    )
                    say(canvas, lefts[n] + PAD + spare, y - AIR * self.size / 2 - self.line * at - self.size, text, self.size)
