"""進達帳票（PDF）: a page of A4 for each record. What all pages of a 届書 share (lines, labels, boxes) is drawn once and stands on each by reference;
a text that would not fit in its box is set smaller, never cut. Same pages, same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from etl.core.dates import ERAS
from etl.core.paper.cells import CAREFUL
from etl.core.paper.shintatsu import NOTHING, Box, Page, Sheet, sheet
from etl.edge.pdf.font import measure, say, shown, wrap

SIDE, TOP, BOTTOM = 36.0, 34.0, 30.0  # points of the page around the form
WIDTH = A4[0] - 2 * SIDE
LABEL, DIGIT, PAD = 82.0, 12.6, 4.0  # points: of a label, of the box of a digit, beside a text
ROW, TALL, SECTION, BIKOU = 30.0, 40.0, 20.0, 46.0  # heights
TITLE, WORD, SMALL, LEAST, STEP, LEADING = 17.0, 12.0, 7.0, 4.0, 0.95, 1.25
SEAL, STAMP = 44.0, 62.0  # side of the place of a seal, of a stamp
UNITS = {"day": (1, 2, 2, 2), "month": (1, 2, 2)}
NAMES = ("", "年", "月", "日")
LEGEND = tuple(f"{era.digit}{era.name}" for era in ERAS)
STAMPS = (("市区町村", ("受付印", "担当者", "確認者", "決裁")), ("年金事務所", ("受付印", "入力", "点検")))
NUMBERS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


@dataclass(frozen=True)
class Office:
    """What is the same on all pages of a report: to whom, from whom, on which day, which file."""

    addressee: str
    sender: str
    head: str
    made_on: str
    medium: str


@dataclass(frozen=True)
class _Placed:
    """A box on the page: its left and upper edge, width and height, with the number before its label."""

    box: Box
    x: float
    y: float
    w: float
    h: float
    number: str

    @property
    def inner(self) -> float:
        """Where its content begins."""
        return self.x + LABEL + PAD

    @property
    def room(self) -> float:
        return self.w - LABEL - 2 * PAD


def chouhyou_pdf(title: str, office: Office, pages: Iterable[Page]) -> bytes:
    """The pages in this order, under a title of the document."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1, lang="ja")
    canvas.setTitle(title)
    canvas.setAuthor("")
    empty: dict[str, _Form] = {}
    for page in pages:
        if page.code not in empty:
            empty[page.code] = _Form(sheet(page.code), office)
            empty[page.code].draw(canvas)
        empty[page.code].fill(canvas, page)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


class _Form:
    """The page of a 届書: where its boxes are."""

    def __init__(self, about: Sheet, office: Office):
        self.about, self.office = about, office
        self.head = A4[1] - TOP - 118.0
        self.titles: list[tuple[float, str]] = []
        self.boxes: list[_Placed] = []
        y, numbers = self.head, iter(NUMBERS)
        for title, rows in about.sections:
            self.titles.append((y, title))
            y -= SECTION
            for row in rows:
                y = self._row(row, y, numbers)
            y -= ROW * (not rows) + 8
        self.titles.append((y, "Ｃ　備考"))
        self.bikou = y - SECTION
        self.below = self.bikou - BIKOU

    def _row(self, row: tuple[Box, ...], y: float, numbers: Iterator[str]) -> float:
        h = TALL if any(b.shape in UNITS or b.item in ("name", "address", "prev_address") for b in row) else ROW
        x = SIDE
        for box in row:
            w = WIDTH * (box.share if len(row) > 1 else 1)
            self.boxes.append(_Placed(box, x, y, w, h, next(numbers)))
            x += w
        return y - h

    def draw(self, canvas: Canvas) -> None:
        """What stands on every page of this 届書."""
        canvas.beginForm(self.about.code)
        self._heading(canvas)
        for y, title in self.titles:
            _put(canvas, SIDE, y - SECTION + 6, title, 10.5)
        for placed in self.boxes:
            _empty(canvas, placed)
        if not self.about.sections[-1][1]:
            y = self.titles[-2][0] - SECTION
            canvas.rect(SIDE, y - ROW, WIDTH, ROW)
            _put(canvas, SIDE + 2 * PAD, y - ROW / 2 - 4, NOTHING, 9)
        canvas.rect(SIDE, self.bikou - BIKOU, WIDTH, BIKOU)
        self._ending(canvas)
        canvas.endForm()

    def _heading(self, canvas: Canvas) -> None:
        about, top = self.about, A4[1] - TOP
        canvas.setLineWidth(0.6)
        _put(canvas, SIDE, top - 9, "届書コード", 8)
        _digits(canvas, SIDE + 46, top - 15, (2,), about.code)
        _put(canvas, SIDE + 84, top - 9, f"様式コード {about.youshiki}", 8)
        _put(canvas, A4[0] - SIDE - measure(CAREFUL) * 8, top - 9, CAREFUL, 8)
        size = min(TITLE, WIDTH / measure(about.title))
        _centred(canvas, top - 44, about.title, size)
        _centred(canvas, top - 64, f"【{about.word}】　市区町村報告書（進達帳票）", WORD)
        _put(canvas, SIDE, top - 92, f"{self.office.addressee}　御中", 12)
        _put(canvas, SIDE, top - 108, f"根拠　{about.basis}", SMALL)

    def _ending(self, canvas: Canvas) -> None:
        """Who reports, with the place of the seal; the stamps; which file it is."""
        y, right = self.below - 44, A4[0] - SIDE
        _put(canvas, SIDE + 16, y, self.office.made_on, 11)
        _put(canvas, SIDE + 190, y, self.office.sender, 10)
        _put(canvas, SIDE + 190, y - 22, self.office.head, 13)
        canvas.setDash(2, 2)
        canvas.rect(right - SEAL - 8, y - 30, SEAL, SEAL)
        canvas.setDash()
        _put(canvas, right - SEAL / 2 - 8 - 6, y - 12, "印", 12)
        bottom, x = BOTTOM + 22, SIDE
        for who, stamps in STAMPS:
            _put(canvas, x, bottom + STAMP + 17, who, 8)
            for name in stamps:
                canvas.rect(x, bottom, STAMP, STAMP)
                canvas.rect(x, bottom + STAMP, STAMP, 13)
                _put(canvas, x + (STAMP - measure(name) * 8) / 2, bottom + STAMP + 3.5, name, 8)
                x += STAMP
            x = A4[0] - SIDE - STAMP * len(STAMPS[1][1])
        _put(canvas, SIDE, BOTTOM, self.office.medium, SMALL)

    def fill(self, canvas: Canvas, page: Page) -> None:
        """One record."""
        canvas.doForm(self.about.code)
        top, right = A4[1] - TOP, A4[0] - SIDE
        for n, text in enumerate((f"受付番号　{page.uketsuke_no}", f"受理年月日　{page.juri}", f"受付　{page.ku}")):
            _put(canvas, right - 172, top - 80 - 13 * n, text, 9.5)
        for placed in self.boxes:
            _fill(canvas, placed, page.values[placed.box.item])
        _text(canvas, SIDE + 2 * PAD, self.bikou, WIDTH - 4 * PAD, BIKOU, page.bikou, 9)
        _put(canvas, SIDE, self.below - 20, page.sentence, 10.5)
        place = f"{page.place[0]:,} / {page.place[1]:,}"
        _put(canvas, right - measure(place) * SMALL, BOTTOM, place, SMALL)


def _empty(canvas: Canvas, placed: _Placed) -> None:
    """A box with its grey label and what is printed in it."""
    box, x, y, h = placed.box, placed.x, placed.y, placed.h
    canvas.setFillGray(0.92)
    canvas.rect(x, y - h, LABEL, h, stroke=0, fill=1)
    canvas.setFillGray(0)
    canvas.rect(x, y - h, placed.w, h)
    canvas.line(x + LABEL, y - h, x + LABEL, y)
    label = f"{placed.number}{box.label}"
    _text(canvas, x + 3, y, LABEL - 5, h, label, max(7.0, min(8.5, (LABEL - 5.01) / measure(shown(label)))))
    if box.shape == "digits" or (box.shape == "code" and box.groups):
        _digits(canvas, placed.inner, _low(placed), box.groups)
    elif box.shape in UNITS:
        groups = UNITS[box.shape]
        ends = _digits(canvas, placed.inner, y - h + 5, groups, gap=9.0)
        for name, end in zip(NAMES, ends, strict=False):
            _put(canvas, end + 1, y - h + 8, name, 7)
        for n, line in enumerate(("　".join(LEGEND[:2]), "　".join(LEGEND[2:]))):
            _put(canvas, placed.x + placed.w - 3 - measure(line) * 5.2, y - 8 - 7 * n, line, 5.2)
    elif box.shape == "choice":
        for at, text, _ in _choices(placed):
            _put(canvas, at, _base(placed, 10), text, 10)


def _fill(canvas: Canvas, placed: _Placed, value: tuple[str, str]) -> None:
    digits, words = value
    box = placed.box
    if box.shape == "choice":
        for at, text, code in _choices(placed):
            if code == digits:
                width = measure(text) * 10
                canvas.ellipse(at - 4, _base(placed, 10) - 5, at + width + 4, _base(placed, 10) + 12)
    elif box.shape in UNITS:
        _written(canvas, placed.inner, placed.y - placed.h + 5, UNITS[box.shape], digits, gap=9.0)
        _text(canvas, placed.inner, placed.y, placed.room - 50, placed.h - 18, words, 10)
    elif box.shape in ("digits", "code") and digits:
        end = _written(canvas, placed.inner, _low(placed), box.groups, digits)
        _text(canvas, end + 6, placed.y, placed.inner + placed.room - end - 6, placed.h, words, 10)
    else:
        _text(canvas, placed.inner, placed.y, placed.room, placed.h, words, box.size)


def _low(placed: _Placed) -> float:
    """The lower edge of digits in the middle of a box."""
    return placed.y - placed.h / 2 - DIGIT * 0.6


def _base(placed: _Placed, size: float) -> float:
    return placed.y - placed.h / 2 - size * 0.36


def _choices(placed: _Placed) -> Iterator[tuple[float, str, str]]:
    """Where each choice stands."""
    x = placed.inner + 4
    for code, word in placed.box.choices:
        text = f"{code} {word}"
        yield x, text, code
        x += measure(text) * 10 + 22


def _places(x: float, groups: tuple[int, ...], gap: float) -> Iterator[list[float]]:
    """The left edges of the digits of each group."""
    for size in groups:
        yield [x + DIGIT * n for n in range(size)]
        x += DIGIT * size + gap


def _digits(canvas: Canvas, x: float, y: float, groups: tuple[int, ...], text: str = "", gap: float = 8.0) -> list[float]:
    """Boxes of digits, with a text in them; where each group ends."""
    ends = []
    for places in _places(x, groups, gap):
        ends.append(places[-1] + DIGIT)
        canvas.grid([*places, ends[-1]], [y, y + DIGIT * 1.2])
    if text:
        _written(canvas, x, y, groups, text, gap)
    return ends


def _written(canvas: Canvas, x: float, y: float, groups: tuple[int, ...], text: str, gap: float = 8.0) -> float:
    """The digits in their boxes; where the last ends."""
    at = [place for places in _places(x, groups, gap) for place in places]
    for place, digit in zip(at, text, strict=False):
        _put(canvas, place + (DIGIT - measure(digit) * 11) / 2, y + 3.6, digit, 11)
    return at[-1] + DIGIT


def _text(canvas: Canvas, x: float, y: float, width: float, height: float, text: str, size: float) -> None:
    """A text in the middle of its room, as large as it fits."""
    if not text:
        return
    plain = shown(text)
    lines = wrap(plain, width / size)
    while len(lines) * size * LEADING > height - 2 and size > LEAST:
        size *= STEP
        lines = wrap(plain, width / size)
    top = y - (height - len(lines) * size * LEADING) / 2
    for n, line in enumerate(lines):
        say(canvas, x, top - size * LEADING * n - size, line, size)


def _centred(canvas: Canvas, y: float, text: str, size: float) -> None:
    _put(canvas, (A4[0] - measure(text) * size) / 2, y, text, size)


def _put(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    say(canvas, x, y, shown(text), size)
