"""紙（PDF）: printable lists whose look is the same on every machine, the twins of the xlsx lists. Same input, same bytes.

Rows are drawn straight onto the canvas, page by page: the list is laid out twice (once to count the pages, once to draw them), so no
page waits for the last one. The font is inside the file, and a character that it lacks is shown as 〓 and counted, never left out.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from etl.core.paper.cells import CAREFUL, Alarm, Cell
from etl.core.paper.width import share
from etl.edge.pdf.font import FONT, GETA, lost, measure, say, shown, wrap
from etl.edge.pdf.shinseisho import forms_pdf, shinseisho_pdf

__all__ = ["forms_pdf", "meisai_pdf", "shinseisho_pdf"]

SIDE, TOP, BOTTOM = 34.0, 54.0, 45.0  # points of the page around the text; its head and foot stand within
TITLE, PLAIN, SMALL = 16.0, 9.0, 8.0  # font sizes
SIZES = (9.0, 8.0, 7.0)  # of a table: the first at which no text wraps more than it must
WIDEST, HEAD_LINES = 22.0, 8  # full-width characters of the widest column; lines of a label (a longer one ends in …)
LEADING, PAD, GAP = 1.35, 4.0, 6.0  # line height in font sizes; points within a cell; points between blocks
NONE = "該当なし"
SIGN_WIDTH, SIGN_HEIGHT = 52.0, 50.0  # of a box to sign in
RED = (0.75, 0.0, 0.0)
Lines = tuple[list[str], type]  # of one cell, and what it holds


@dataclass(frozen=True)
class _Line:
    """A line outside the table."""

    text: str
    size: float = PLAIN
    align: str = "left"
    gap: float = 0.0  # points below it


@dataclass
class _Page:
    lines: list[_Line] = field(default_factory=list)
    rows: list[tuple[int, list[Lines]]] = field(default_factory=list)  # number of lines, cells
    table: bool = False
    room: float = 0.0


class _List:
    """A list laid out: paper, font size and columns, then its pages."""

    def __init__(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]):
        self.title, self.columns, self.rows = shown(title).replace("\n", " "), [shown(c) for c in columns], rows
        wanted, whole = self._wanted()
        self.paper = A4 if self._points(wanted, SIZES[0]) <= A4[0] - 2 * SIDE else landscape(A4)
        self.width, self.height = self.paper[0] - 2 * SIDE, self.paper[1] - TOP - BOTTOM
        self.size = next((s for s in SIZES if self._points(wanted, s) <= self.width), SIZES[-1])
        sizes, least = ([w * self.size + 2 * PAD for w in column] for column in (wanted, whole))
        self.sizes = share(sizes, least, self.width)
        self.leading = self.size * LEADING
        self.head: list[Lines] = [(_cut(wrap(c, self._inner(n))), str) for n, c in enumerate(self.columns)]
        self.head_lines = max((len(lines) for lines, _ in self.head), default=1)

    def _wanted(self) -> tuple[list[float], list[float]]:
        """Font sizes that the widest text of each column takes, up to WIDEST (longer texts wrap); and its widest number or day, which
        nobody should have to read in two lines."""
        found, whole = [measure(c.replace("\n", " ")) for c in self.columns], [0.0] * len(self.columns)
        for values in self.rows:
            texts = [shown(v).split("\n") for v in values]
            found = [max(w, *map(measure, lines)) for w, lines in zip(found, texts, strict=True)]
            kept = [[t for t in lines if t.isascii() or isinstance(v, date)] for v, lines in zip(values, texts, strict=True)]
            whole = [max([w, *map(measure, lines)]) for w, lines in zip(whole, kept, strict=True)]
        return [min(WIDEST, w) for w in found], [min(WIDEST, w) for w in whole]

    @staticmethod
    def _points(wanted: Sequence[float], size: float) -> float:
        return sum(w * size + 2 * PAD for w in wanted)

    def _inner(self, column: int) -> float:
        return (self.sizes[column] - 2 * PAD) / self.size

    def tall(self, lines: int) -> float:
        """Points of a row of so many lines."""
        return lines * self.leading + PAD

    def cells(self, values: Sequence[Cell]) -> list[Lines]:
        pairs = zip(values, range(len(self.sizes)), strict=True)
        return [(wrap(shown(v), self._inner(n)), type(v)) for v, n in pairs]

    def pages(self, lines: Sequence[_Line]) -> Iterator[_Page]:
        """First the lines, then the table; a row that no page could hold goes on over the next ones."""
        page = _Page(room=self.height)
        for line in lines:
            if line.size * LEADING > page.room:
                yield page
                page = _Page(room=self.height)
            page.lines.append(line)
            page.room -= line.size * LEADING + line.gap
        if page.room < self.tall(self.head_lines) + self.tall(3):
            yield page
            page = _Page(room=self.height)
        self._open(page)
        most = int((page.room if not page.lines else self.height - self.tall(self.head_lines)) // self.leading) - 1
        for values in self.rows:
            cells = self.cells(values)
            while (count := max(len(lines) for lines, _ in cells)) > (fits := int((page.room - PAD) // self.leading)):
                if count > most and fits > 2:
                    page.rows.append((fits, [(lines[:fits], kind) for lines, kind in cells]))
                    cells = [(lines[fits:], kind) for lines, kind in cells]
                yield page
                self._open(page := _Page(room=self.height))
            page.rows.append((count, cells))
            page.room -= self.tall(count)
        yield page

    def _open(self, page: _Page) -> None:
        page.table, page.room = True, page.room - self.tall(self.head_lines)


def _cut(lines: list[str]) -> list[str]:
    return lines if len(lines) <= HEAD_LINES else [*lines[: HEAD_LINES - 1], "…"]


def meisai_pdf(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    notes: Sequence[str] = (),
    head: Sequence[str] = (),
    signs: Sequence[str] = (),
) -> bytes:
    """A printable list on A4: title, ``head`` lines, boxes for those who sign, number of rows, ``notes`` as 備考, then the table, its head and
    取扱注意 on every page.

    Dates are in 和暦, None is empty, no rows are 「該当なし」. Characters that the font lacks are 〓 and counted in a 備考.
    ValueError when a row has not as many values as there are columns.
    """
    plan = _List(title, columns, rows)
    missing = lost((title, *columns, *notes, *head)) + sum(map(lost, rows))
    told = [*map(shown, notes), *([f"{GETA} は印刷できない文字です（{missing:,} 文字）"] if missing else [])]
    lines = _above(plan, [shown(h) for h in head], told, signs)
    total = sum(1 for _ in plan.pages(lines))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=plan.paper, invariant=1, pageCompression=1, lang="ja")
    canvas.setTitle(plan.title)
    canvas.setAuthor("")
    for number, page in enumerate(plan.pages(lines), 1):
        _draw(canvas, plan, page, f"{number:,} / {total:,}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _above(plan: _List, head: Sequence[str], notes: Sequence[str], signs: Sequence[str]) -> list[_Line]:
    """What stands over the table of the first page, in lines as wide as the page."""
    titles = wrap(plan.title, plan.width / TITLE)
    found = [_Line(t, TITLE, "centre", GAP * (n == len(titles))) for n, t in enumerate(titles, 1)]
    found += [_Line(line) for text in head for line in wrap(text, plan.width / PLAIN)]
    if signs:
        found.append(_Line("\n".join(signs), align="signs", gap=SIGN_HEIGHT))
    found.append(_Line(f"{len(plan.rows):,} 件", align="right", gap=GAP / 2))
    for number, note in enumerate(notes):
        for at, line in enumerate(wrap(note, plan.width / PLAIN - 3)):
            found.append(_Line(("備考　" if number == at == 0 else "　　　") + line))
    return [*found[:-1], _Line(found[-1].text, found[-1].size, found[-1].align, GAP)]


def _draw(canvas: Canvas, plan: _List, page: _Page, number: str) -> None:
    """One page: title on top, page number below, then its lines and its part of the table."""
    titles = wrap(plan.title, plan.width / SMALL - 6)
    say(canvas, SIDE, plan.paper[1] - TOP + 18, titles[0] + ("…" if len(titles) > 1 else ""), SMALL)
    say(canvas, SIDE + plan.width - measure(CAREFUL) * SMALL, plan.paper[1] - TOP + 18, CAREFUL, SMALL)
    say(canvas, (plan.paper[0] - measure(number) * SMALL) / 2, BOTTOM - 20, number, SMALL)
    y = plan.paper[1] - TOP
    for line in page.lines:
        if line.align == "signs":
            _signs(canvas, plan, y, line)
            y -= line.size * LEADING + line.gap
            continue
        spare = plan.width - measure(line.text) * line.size
        say(canvas, SIDE + spare * {"left": 0, "centre": 0.5, "right": 1}[line.align], y - line.size, line.text, line.size)
        y -= line.size * LEADING + line.gap
    if page.table:
        _table(canvas, plan, page, y)


def _signs(canvas: Canvas, plan: _List, top: float, line: _Line) -> None:
    """Boxes to sign in at the right, each under who signs."""
    labels, head = line.text.split("\n"), line.size * LEADING + PAD
    left = SIDE + plan.width - SIGN_WIDTH * len(labels)
    canvas.setLineWidth(0.4)
    for number, label in enumerate(labels):
        x = left + SIGN_WIDTH * number
        say(canvas, x + (SIGN_WIDTH - measure(label) * line.size) / 2, top - line.size - PAD / 2, label, line.size)
        canvas.rect(x, top - head, SIGN_WIDTH, head)
        canvas.rect(x, top - SIGN_HEIGHT - PAD, SIGN_WIDTH, SIGN_HEIGHT + PAD - head)


def _table(canvas: Canvas, plan: _List, page: _Page, top: float) -> None:
    """Head and rows from ``top`` down: the grey first, then every text in one go, then the lines."""
    tops, texts = [top], canvas.beginText()
    canvas.setFillGray(0.9)
    canvas.rect(SIDE, top - plan.tall(plan.head_lines), plan.width, plan.tall(plan.head_lines), stroke=0, fill=1)
    canvas.setFillGray(0)
    texts.setFont(FONT, plan.size)
    for count, cells in [(plan.head_lines, plan.head), *page.rows]:
        _row(texts, plan, tops[-1], cells, centred=cells is plan.head)
        tops.append(tops[-1] - plan.tall(count))
    if not plan.rows:
        texts.setTextOrigin(SIDE + (plan.width - measure(NONE) * plan.size) / 2, tops[-1] - PAD / 2 - plan.size * 1.05)
        texts.textOut(NONE)
    canvas.drawText(texts)
    _grid(canvas, plan, tops)


def _row(texts: Any, plan: _List, top: float, cells: Sequence[Lines], centred: bool) -> None:
    left = SIDE
    for (lines, kind), size in zip(cells, plan.sizes, strict=True):
        if kind is Alarm:
            texts.setFillColorRGB(*RED)
        for at, line in enumerate(lines):
            spare = (size - 2 * PAD - measure(line) * plan.size) * (0.5 if centred else 1 if issubclass(kind, int) else 0)
            texts.setTextOrigin(left + PAD + spare, top - PAD / 2 - plan.leading * at - plan.size * 1.05)
            texts.textOut(line)
        if kind is Alarm:
            texts.setFillGray(0)
        left += size


def _grid(canvas: Canvas, plan: _List, tops: Sequence[float]) -> None:
    """Thin lines around every cell; around 「該当なし」 a box as wide as the table."""
    bottom = tops[-1] if plan.rows else tops[-1] - plan.tall(1)
    lefts = [SIDE + sum(plan.sizes[:n]) for n in range(len(plan.sizes) + 1)]
    canvas.setLineWidth(0.4)
    canvas.lines([(SIDE, y, SIDE + plan.width, y) for y in (*tops, bottom)])
    canvas.lines([(x, tops[0], x, tops[-1]) for x in lefts])
    canvas.lines([(x, tops[0], x, bottom) for x in (SIDE, SIDE + plan.width)])
