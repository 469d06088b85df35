"""紙: what people print and sign, as xlsx (and text). Same input, same bytes.

Every text is a text cell that no spreadsheet takes for a formula; pages are A4 with title, date line and page x/y. Workbooks are
built in memory (no temporary file in clear) and appear under their name whole or not at all.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from etl.core.mapping.city import ZONE
from etl.core.paper.cells import CAREFUL, Alarm, Cell, cell_text
from etl.core.paper.pages import NONE, FileLine, FindingLine, ListLine, OutputLine, ResultSheet, Slip, wareki_period
from etl.core.paper.width import clean, lines, share, width
from etl.core.states import FileOutcome

__all__ = ["FileLine", "FindingLine", "OutputLine", "ResultSheet", "Slip", "guard", "meisai", "shori_kekka", "soujusho"]

FONT = "MS Gothic"  # on every Windows of the city hall; elsewhere the viewer's own Japanese font takes its place
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - as xlsx has it; a fixed one: the day a page is about stands on the page
A4, LINE, HEAD, NOTE = 9, 20, 22, 15  # paper size; points of a row of one line, of the head of a table, of a note
WIDEST, HIGHEST, LONGEST, ROWS_OF_A_SHEET = 44, 409.0, 32_000, 1_000_000
SIGN = 12  # columns of a box to sign in
PORTRAIT, BROADEST = 92, 196  # columns that A4 holds upright, and across at 7 points
_LEADING = ("=", "+", "-", "@", "\u2212")  # U+2212: a minus that no normal form turns into "-"
BALANCE = "（データ件数 ＝ 新規 ＋ 更新 ＋ 変更なし ＋ 隔離 ＋ 対象外）"
LAST = 11  # the last column of the 処理結果表
SLIP_NOTES = (
    "パスワードは別経路で連絡します。この書面及び媒体には記載しません。",
    "受領後、元ファイルの件数とハッシュ値（SHA-256）がこの書面と一致することを確かめてください。",
    "一致しないとき又は媒体が読めないときは、使用せず、引渡元へ連絡してください。",
)
FIRST_YEAR = 1901  # of a cell of a day; an earlier one is text
DAY = '[$-411]ggge"年"m"月"d"日"'  # 和暦, as every spreadsheet of Japan has it
STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "align": "center", "text_wrap": True},
    "plain": {"text_wrap": True},
    "right": {"align": "right"},
    "section": {"bold": True, "font_size": 11, "bottom": 1},
    "label": {"border": 1, "bg_color": "#E8E8E8", "text_wrap": True, "indent": 1},
    "head": {"border": 1, "bg_color": "#E8E8E8", "align": "center", "bold": True, "text_wrap": True},
    "text": {"border": 1, "text_wrap": True, "indent": 1},
    "count": {"border": 1, "num_format": "#,##0", "align": "right", "indent": 1},
    "day": {"border": 1, "num_format": DAY, "align": "left", "indent": 1},
    "moment": {"border": 1, "num_format": f"{DAY} hh:mm:ss", "align": "left", "indent": 1},
    "centre": {"border": 1, "align": "center", "text_wrap": True},
    "alarm": {"border": 1, "align": "center", "bold": True, "text_wrap": True, "bg_color": "#FCE4D6"},
    "alert": {"border": 1, "indent": 1, "bold": True, "text_wrap": True, "bg_color": "#FCE4D6"},
}


def guard(text: str) -> str:
    """The text as a cell that stays text: an apostrophe before a tab, = + - @ and their full-width and small forms.

    Also behind spaces and invisible characters. The apostrophe is part of the text, so it still guards after somebody saves the
    list as CSV and opens that. Line ends within a cell stay, other control characters become spaces.
    """
    shown = "\n".join(clean(line) for line in text[:LONGEST].split("\n"))
    first = unicodedata.normalize("NFKC", shown).lstrip()[:1]
    return "'" + shown if text[:1] in ("\t", "\r", "\n") or (first and first in _LEADING) else shown


def soujusho(slip: Slip) -> bytes:
    """データ送受書 on one A4 page, as xlsx."""
    book = _Book(slip.title)
    sheet = book.sheet("データ送受書", "データ送受書", landscape=False)
    sheet.fit_to_pages(1, 1)
    for column, size in enumerate((16, 22, 20, 23, 9)):
        sheet.set_column(column, column, size)
    book.merge(sheet, 0, 0, 4, "デ　ー　タ　送　受　書", "title", height=30)
    book.merge(sheet, 1, 0, 4, f"媒体番号　第{slip.medium_no}号", "right")
    book.merge(sheet, 2, 0, 4, f"作成年月日　{slip.created_on}", "right")
    book.merge(sheet, 4, 0, 4, "次のとおりデータを引き渡します。", "plain", height=HEAD)
    row = 5
    for label, text in slip.items:
        book.text(sheet, row, 0, label, "label")
        book.merge(sheet, row, 1, 4, text, "text", height=_height([(text, 70)], least=26))
        row += 1
    row = _signatures(book, sheet, row + 1)
    _notes(book, sheet, row + 1, 4, (*SLIP_NOTES, *slip.notes), 90)
    return book.content()


def _signatures(book: _Book, sheet: Worksheet, row: int) -> int:
    sheet.set_row(row, HEAD)
    for column, label in enumerate(("", "所属", "氏名（自署）", "年月日", "印")):
        book.text(sheet, row, column, label, "head")
    for number, who in enumerate(("引渡者", "受領者", "媒体の返却確認"), row + 1):
        sheet.set_row(number, 52)
        book.text(sheet, number, 0, who, "label")
        for column in range(1, 5):
            book.text(sheet, number, column, "令和　　年　　月　　日" if column == 3 else "", "centre")
    return row + 4


def shori_kekka(page: ResultSheet) -> bytes:
    """処理結果表 of a run for print, as xlsx (for a terminal: ``core.paper.resulttext``)."""
    book = _Book("処理結果表")
    sheet = book.sheet("処理結果表", f"処理結果表　{page.job_title}　{wareki_period(page.period)}", landscape=True)
    sheet.fit_to_pages(1, 0)
    for column, size in enumerate((18, 48, 11, 13, 12, 12, 12, 10, 12, 9, 12, 10)):
        sheet.set_column(column, column, size)
    book.merge(sheet, 0, 0, LAST, "処　理　結　果　表", "title", height=28)
    row = _items(book, sheet, 2, page.head)
    row = _files(book, sheet, row + 1, page.files)
    row = _outputs(book, sheet, row + 1, page.outputs)
    row = _lists(book, sheet, row + 1, page.lists)
    row = _findings(book, sheet, row + 1, page)
    row = _items(book, sheet, row + 1, page.foot)
    _notes(book, sheet, row + 1, LAST, page.notes, 179)
    return book.content()


def _items(book: _Book, sheet: Worksheet, row: int, items: Iterable[tuple[str, str]]) -> int:
    for number, (label, text) in enumerate(items, row):
        book.text(sheet, number, 0, label, "label")
        style = "alert" if label in ("結果", "中断の理由") and text != "正常終了" else "text"
        book.merge(sheet, number, 1, LAST, text, style, height=_height([(text, 138)]))
        row = number + 1
    return row


def _section(book: _Book, sheet: Worksheet, row: int, title: str, count: int, heads: Sequence[str], rule: str = "") -> int:
    book.merge(sheet, row, 0, LAST, f"{title}　{f'{count:,} 件　{rule}' if count else 'なし'}", "section", height=20)
    if count:
        sheet.set_row(row + 1, HEAD)
        for column, label in enumerate(heads):
            book.text(sheet, row + 1, column, label, "head")
    return row + (2 if count else 1)


def _files(book: _Book, sheet: Worksheet, row: int, files: Sequence[FileLine]) -> int:
    heads = ("データ", "ファイル名・理由", "結果", "データ件数", "新規", "更新", "変更なし", "隔離", "対象外", "検算", "前回件数", "前回比")  # fmt: skip
    row = _section(book, sheet, row, "受入ファイル", len(files), heads, BALANCE)
    for f in files:
        sheet.set_row(row, _height([(f.dataset_title, 15), (f.name, 44), *([(f.why, 44)] if f.why else [])], sum_from=1))
        book.text(sheet, row, 0, f.dataset_title, "text")
        book.text(sheet, row, 1, "\n".join(t for t in (f.name, f.why) if t), "text")
        book.text(sheet, row, 2, f.result, "alarm" if f.outcome in (FileOutcome.REFUSED, FileOutcome.WAITING) else "centre")
        for column, count in enumerate((f.data, *f.parts), 3):
            sheet.write_number(row, column, count, book.style("count"))
        book.text(sheet, row, 9, f.balance, "alarm" if f.balance == "不一致" else "centre")
        book.number(sheet, row, 10, f.last_data)
        book.text(sheet, row, 11, f.ratio, "centre")
        row += 1
    return row


def _outputs(book: _Book, sheet: Worksheet, row: int, outputs: Sequence[OutputLine]) -> int:
    row = _section(book, sheet, row, "出力ファイル", len(outputs), ("データ", "ファイル名", "版", "件数", "SHA-256", *[""] * 7))
    if outputs:
        book.merge(sheet, row - 1, 4, LAST, "SHA-256", "head")
    for o in outputs:
        book.text(sheet, row, 0, o.dataset_title, "text")
        book.text(sheet, row, 1, o.name, "text")
        book.text(sheet, row, 2, f"第{o.version:02}版", "centre")
        sheet.write_number(row, 3, o.rows, book.style("count"))
        book.merge(sheet, row, 4, LAST, o.sha256, "text", height=_height([(o.dataset_title, 15), (o.name, 44)]))
        row += 1
    return row


def _lists(book: _Book, sheet: Worksheet, row: int, made: Sequence[ListLine]) -> int:
    row = _section(book, sheet, row, "作成した一覧", len(made), ("一覧", "ファイル名", "", "件数"))
    for one in made:
        for column, text in enumerate((one.title, one.name, "")):
            book.text(sheet, row, column, text, "text")
        sheet.write_number(row, 3, one.rows, book.style("count"))
        sheet.set_row(row, _height([(one.title, 15), (one.name, 44)]))
        row += 1
    return row


def _findings(book: _Book, sheet: Worksheet, row: int, page: ResultSheet) -> int:
    row = _section(
        book, sheet, row, "合格しなかった検証", len(page.failed), ("データ", "検証項目", "判定", "該当件数", "検証件数")
    )
    for f in page.failed:
        book.text(sheet, row, 0, f.dataset, "text")
        book.text(sheet, row, 1, f.label, "text")
        book.text(sheet, row, 2, f.word, "alarm" if f.severity == "fail" else "centre")
        sheet.write_number(row, 3, f.unexpected, book.style("count"))
        sheet.write_number(row, 4, f.checked, book.style("count"))
        sheet.set_row(row, _height([(f.dataset, 15), (f.label, 44)]))
        row += 1
    return row


def meisai(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    notes: Sequence[str] = (),
    head: Sequence[str] = (),
    signs: Sequence[str] = (),
) -> bytes:
    """A printable list, as xlsx: ``head`` lines under the title, boxes for those who sign, the number of rows, ``notes`` as 備考, then the table,
    whose head repeats on every page and filters. Days are cells of days, in 和暦; None is empty. More rows than a sheet holds go on to the next.
    """
    sizes = _sizes(columns, rows)
    book, last = _Book(title), max(len(columns) - 1, 1)
    parts = [rows[n : n + ROWS_OF_A_SHEET] for n in range(0, len(rows), ROWS_OF_A_SHEET)] or [rows]
    for number, part in enumerate(parts, 1):
        sheet = book.sheet("明細" if len(parts) == 1 else f"明細{number}", title, landscape=sum(sizes) > PORTRAIT + 1)
        sheet.fit_to_pages(1, 0)
        for column, size in enumerate(sizes):
            sheet.set_column(column, column, size)
        book.merge(sheet, 0, 0, last, title, "title", height=4 + 24 * len(lines(title, int(sum(sizes) / 1.7))))
        above = _signs(book, sheet, _lines(book, sheet, 1, last, head, sum(sizes) - 3), sizes, signs)
        book.merge(sheet, above, 0, last, f"{len(rows):,} 件", "right")
        top = _notes(book, sheet, above + 1, last, notes, sum(sizes) - 3)
        sheet.set_row(top, _height([(c, int(s) - 2) for c, s in zip(columns, sizes, strict=False)], least=HEAD))
        for column, label in enumerate(columns):
            book.text(sheet, top, column, label, "head")
        for at, values in enumerate(part, top + 1):
            book.values(sheet, at, values, sizes)
        sheet.autofilter(top, 0, top + len(part), len(columns) - 1)
        sheet.repeat_rows(top)
        sheet.freeze_panes(top + 1, 0)
    return book.content()


def _signs(book: _Book, sheet: Worksheet, row: int, sizes: Sequence[int], signs: Sequence[str]) -> int:
    """A box to sign in for each, over the last columns (as many as it takes to be broad enough), where there is room for all."""
    last, places = len(sizes) - 1, list[tuple[int, int]]()
    for _ in signs:
        first = last
        while first > 0 and sum(sizes[first : last + 1]) < SIGN:
            first -= 1
        places.insert(0, (first, last))
        last = first - 1
    if not signs or last < -1 or sum(sizes[places[0][0] : places[0][1] + 1]) < SIGN:
        return row
    for at, height, texts in ((row, 16, signs), (row + 1, 40, [""] * len(signs))):
        sheet.set_row(at, height)
        for (first, end), text in zip(places, texts, strict=True):
            put = partial(book.merge, sheet, at, first, end) if first < end else partial(book.text, sheet, at, first)
            put(text, "head" if text else "centre")
    return row + 2


def _sizes(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[int]:
    """The columns over the width of a page: up to WIDEST as their widest value needs (longer texts wrap), then shared out, so that a short
    list has room for its title and a broad one stays readable in print."""
    wanted, least = [float(6 + width(label) // 3) for label in columns], [0.0] * len(columns)
    for values in rows:
        for n, value in enumerate(values):
            widest = 3.0 + max(map(width, cell_text(value).split("\n")))
            wanted[n] = max(wanted[n], widest)
            least[n] = max(least[n], widest if not isinstance(value, str) or value.isascii() else 0)
    wanted, least = [min(float(WIDEST), w) for w in wanted], [min(float(WIDEST), w) for w in least]
    if len(columns) == 1:  # a merged title needs two
        wanted, least = [*wanted, 8.0], [*least, 0.0]
    total = PORTRAIT if sum(wanted) <= PORTRAIT else min(sum(wanted), BROADEST)
    return [int(size) for size in share(wanted, least, total)]


def _notes(book: _Book, sheet: Worksheet, row: int, last: int, notes: Sequence[str], columns: int) -> int:
    return _lines(book, sheet, row, last, [("　　　" if n else "備考　") + note for n, note in enumerate(notes)], columns)


def _lines(book: _Book, sheet: Worksheet, row: int, last: int, texts: Sequence[str], columns: int) -> int:
    """A text per row; ``columns``: how wide they may be together. A merged cell grows by itself in no spreadsheet."""
    for number, text in enumerate(texts, row):
        book.merge(sheet, number, 0, last, text, "plain", height=NOTE * len(lines(text, columns)))
    return row + len(texts)


def _height(texts: Sequence[tuple[str, int]], least: int = LINE, sum_from: int | None = None) -> float:
    """Points that a row needs for the tallest of (text, columns of its cell), at most what a row can have; from ``sum_from`` on the texts
    stand in one cell."""
    counts = [len(lines(text, columns)) for text, columns in texts]
    tallest = max(counts) if sum_from is None else max(*counts[:sum_from], sum(counts[sum_from:]))
    return min(HIGHEST, max(least, 6 + 14 * tallest))


class _Book:
    """A workbook in memory with our styles; every text goes through ``guard``."""

    def __init__(self, title: str):
        self._out = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self._book = xlsxwriter.Workbook(self._out, options)
        self._book.set_properties({"title": title, "created": CREATED, "author": "", "company": ""})
        self._styles: dict[str, Format] = {}

    def style(self, name: str) -> Format:
        if name not in self._styles:
            base = {"font_name": FONT, "font_size": 10, "valign": "vcenter", "num_format": "@"}
            self._styles[name] = self._book.add_format({**base, **STYLES[name]})
        return self._styles[name]

    def sheet(self, name: str, header: str, landscape: bool) -> Worksheet:
        """An A4 sheet: title on top, page x/y below."""
        sheet = self._book.add_worksheet(name)
        sheet.set_paper(A4)
        sheet.set_landscape() if landscape else sheet.set_portrait()
        sheet.set_margins(left=0.6, right=0.5, top=0.8, bottom=0.7)
        text = clean(header).replace("&", "&&")[:90]
        sheet.set_header(
            f'&L&"{FONT}"&9 {text}&R&"{FONT}"&9 {CAREFUL}'
        )  # the blank ends the font size, should the text begin with a digit
        sheet.set_footer(f'&C&"{FONT}"&9&P / &N')
        sheet.hide_gridlines(2)
        return sheet

    def text(self, sheet: Worksheet, row: int, column: int, text: str, style: str) -> None:
        sheet.write_string(row, column, guard(text), self.style(style))

    def number(self, sheet: Worksheet, row: int, column: int, count: int | None) -> None:
        """A count; a dash where there is none to tell."""
        if count is None:
            self.text(sheet, row, column, NONE, "centre")
        else:
            sheet.write_number(row, column, count, self.style("count"))

    def merge(
        self, sheet: Worksheet, row: int, first: int, last: int, text: str, style: str, height: float | None = None
    ) -> None:
        """One text over the columns ``first`` to ``last`` of a row."""
        sheet.merge_range(row, first, row, last, "", self.style(style))
        self.text(sheet, row, first, text, style)
        if height:
            sheet.set_row(row, height)

    def values(self, sheet: Worksheet, row: int, values: Sequence[Cell], sizes: Sequence[int]) -> None:
        """A row of a list: whole numbers as numbers, days as days, everything else as text. ValueError when it is not as long as the head."""
        for column, value in enumerate(values):
            if isinstance(value, int):
                sheet.write_number(row, column, value, self.style("count"))
            elif isinstance(value, date) and value.year >= FIRST_YEAR:
                when = value.astimezone(ZONE).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value
                sheet.write_datetime(row, column, when, self.style("moment" if isinstance(value, datetime) else "day"))
            else:
                self.text(sheet, row, column, cell_text(value), "alert" if isinstance(value, Alarm) else "text")
        sheet.set_row(row, _height([(cell_text(v), s - 3) for v, s in zip(values, sizes[: len(values)], strict=True)]))

    def content(self) -> bytes:
        """The workbook, whole."""
        self._book.close()
        return self._out.getvalue()
