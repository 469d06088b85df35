"""紙: what people print and file, as xlsx for A4 (データ送受書, 処理結果表, lists), made by XlsxWriter.

Text goes in as text cells, never as formulas, links or numbers (leading zeros stay); what a spreadsheet would take for a formula
after a copy or a CSV detour gets an apostrophe in front. The same input gives the same bytes: the creation date is fixed. Nothing
is written to a temporary folder: the file is built in memory, placed under a unique name, fsynced and renamed.
"""

from __future__ import annotations

import errno
import os
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any

import xlsxwriter

from etl.core.dates import wareki
from etl.core.errors import Refused, Unavailable
from etl.core.forms import ResultSheet, Slip, wareki_month
from etl.core.textpage import COUNTS, clean, result_text, width

CREATED = datetime(2000, 1, 1)  # of the document's properties; the true date is printed on the paper
FONT = {"font_name": "BIZ UDPゴシック", "font_family": 3, "font_charset": 128, "font_size": 10, "valign": "vcenter"}
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
LEADING = ("=", "+", "-", "@", "\u2212", "\t", "\r", "\n")  # U+2212: a minus that no normal form turns into "-"
LAST_ROW = 1_000_000  # of a list; the format itself ends at 1,048,576
LINE = 16.0  # points of one line of 10-point text
PADDING = 2.0  # columns of a cell that its indent takes
NONE = "―"

STYLES: dict[str, dict[str, Any]] = {
    "plain": {},
    "note": {"font_size": 9, "text_wrap": True, "valign": "top"},
    "title": {"font_size": 18, "bold": True, "align": "center"},
    "section": {"bold": True, "font_size": 11, "bottom": 1},
    "head": {"bold": True, "border": 1, "bg_color": "#E7E6E6", "align": "center", "text_wrap": True},
    "label": {"border": 1, "bg_color": "#F2F2F2", "text_wrap": True, "indent": 1},
    "right": {"align": "right"},
    "text": {"border": 1, "text_wrap": True, "indent": 1},
    "centre": {"border": 1, "align": "center"},
    "bad": {"border": 1, "align": "center", "bold": True, "bg_color": "#FCE4D6"},
    "alert": {"border": 1, "bold": True, "text_wrap": True, "indent": 1, "bg_color": "#FCE4D6"},
    "count": {"border": 1, "num_format": "#,##0", "align": "right", "indent": 1},
    "ratio": {"border": 1, "num_format": "0.0%", "align": "right", "indent": 1},
    "cases": {"border": 1, "num_format": '#,##0" 件"', "align": "left", "indent": 1},
}


def guarded(text: str) -> str:
    """The text as it may stand in a cell: controls as spaces, an apostrophe before anything that could start a formula.

    Full-width and small forms count too (Excel folds them when a CSV is opened), also behind spaces and invisible characters.
    """
    shown = clean(text)[:32_000]
    first = unicodedata.normalize("NFKC", shown).lstrip()[:1]
    return "'" + shown if text.startswith(LEADING) or (first and first in LEADING) else shown


class Page:
    """One A4 sheet being filled from the top; ``row`` is the next free row, ``widths`` are columns of half-width characters."""

    def __init__(self, title: str, widths: Sequence[float], landscape: bool = False, pages_high: int = 0):
        self.stream, self.row, self.columns = BytesIO(), 0, len(widths)
        self.widths = list(widths)
        self.book = xlsxwriter.Workbook(self.stream, OPTIONS)
        self.book.set_properties({"title": clean(title), "created": CREATED, "author": "", "comments": ""})
        self.book.formats[0].set_font_name(FONT["font_name"])
        self.formats = {name: self.book.add_format(FONT | style) for name, style in STYLES.items()}
        self.sheet = self.book.add_worksheet("帳票")
        for column, wide in enumerate(widths):
            self.sheet.set_column(column, column, wide)
        self._set_up_print(clean(title), landscape, pages_high)

    def _set_up_print(self, title: str, landscape: bool, pages_high: int) -> None:
        self.sheet.set_paper(9)  # A4
        if landscape:
            self.sheet.set_landscape()
        self.sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
        self.sheet.center_horizontally()
        self.sheet.hide_gridlines(2)
        self.sheet.fit_to_pages(1, pages_high)
        safe = title.replace("&", "&&")[:80]
        self.sheet.set_footer(f"&L&8{' ' if safe[:1].isdigit() else ''}{safe}&R&9&P / &N 頁")

    def put(self, column: int, value: Any, style: str = "text", span: int = 1, rows: int = 1) -> None:
        """One cell, or a merged one, in the current row. int and float are numbers, None is an empty cell, all else is text."""
        cell = self.formats[style]
        if span > 1 or rows > 1:
            self.sheet.merge_range(self.row, column, self.row + rows - 1, column + span - 1, "", cell)
        if value is None:
            self.sheet.write_blank(self.row, column, None, cell)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            self.sheet.write_number(self.row, column, value, cell)
        else:
            self.sheet.write_string(self.row, column, guarded(as_text(value)), cell)

    def line(self, *cells: tuple[Any, str, int], height: float = 0.0) -> None:
        """A row of (value, style, span) from the left; at least ``height`` points, and enough for its wrapped text."""
        column, lines = 0, 1
        for value, style, span in cells:
            self.put(column, value, style, span)
            room = sum(self.widths[column : column + span]) - PADDING
            lines = max(lines, -(-width(as_text(value)) // max(int(room), 1)))
            column += span
        self.sheet.set_row(self.row, max(height, lines * LINE + 2))
        self.row += 1

    def space(self, points: float = LINE) -> None:
        self.sheet.set_row(self.row, points)
        self.row += 1

    def finished(self) -> bytes:
        self.sheet.print_area(0, 0, max(self.row - 1, 0), self.columns - 1)
        self.book.close()
        return self.stream.getvalue()

    def __enter__(self) -> Page:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stream.close()


def as_text(value: Any) -> str:
    """A day in 和暦, a flag as 有 or 無, nothing as nothing, all else by ``str``."""
    if isinstance(value, bool):
        return "有" if value else "無"
    if isinstance(value, date) and not isinstance(value, datetime):
        return wareki(value)
    return "" if value is None else str(value)


def soujusho(path: Path, slip: Slip) -> None:
    """データ送受書 on one A4 page, to be signed by both sides; goes with one medium. Unavailable NP-1026 when not written."""
    with Page(f"データ送受書 {slip.medium_no}", (25, 23, 25, 23), pages_high=1) as page:
        page.line(("データ送受書", "title", 4), height=44)
        page.line((None, "plain", 2), (f"作成年月日　{wareki(slip.created_on)}", "right", 2), height=22)
        page.line((f"{slip.recipient}　御中", "section", 2), (None, "plain", 2), height=26)
        page.line((None, "plain", 2), (f"引渡元　{slip.sender}", "right", 2), height=22)
        page.space(8)
        page.line(("次の媒体により、データを引き渡します。受領者は記載の内容を確かめ、署名してください。", "plain", 4))
        page.space(8)
        for label, value, style in _slip_facts(slip):
            page.line((label, "label", 1), (value, style, 3), height=30)
        page.space(16)
        _signatures(page)
        page.space(16)
        for note in SLIP_NOTES:
            page.line((note, "note", 4))
        content = page.finished()
    _place(path, content)


SLIP_NOTES = (
    "備考",
    "1　パスワードは別経路で連絡します。この書面及び媒体には記載しないでください。",
    "2　受領後、封入ファイルを開き、元ファイルの件数とハッシュ値（SHA-256）がこの書面と一致することを確かめてください。",
    "3　一致しないとき又は媒体が読めないときは、使用せず、引渡元へ連絡してください。",
)


def _slip_facts(slip: Slip) -> list[tuple[str, Any, str]]:
    facts: list[tuple[str, Any, str]] = [
        ("情報の名称", slip.title, "text"),
        ("引渡先", slip.recipient, "text"),
        ("根拠", slip.basis, "text"),
        ("対象年月", wareki_month(slip.month), "text"),
        ("版", f"{slip.version:02}", "text"),
        ("件数", slip.rows, "cases"),
        ("媒体番号", slip.medium_no, "text"),
        ("媒体種別", slip.medium_kind, "text"),
        ("封入ファイル名", slip.archive_name, "text"),
        ("元ファイル名", slip.file_name, "text"),
        ("SHA-256（元ファイル）", slip.sha256, "text"),
        ("SHA-256（封入ファイル）", slip.archive_sha256, "text"),
        ("暗号化方式", slip.encryption, "text"),
    ]
    return [fact for fact in facts if fact[1] != ""]


def _signatures(page: Page) -> None:
    """Boxes for both sides: unit, signature, day; and what the receiver has checked."""
    page.line(("引渡者", "head", 2), ("受領者", "head", 2), height=22)
    for labels, height in ((("所属", "所属"), 32), (("署名", "署名"), 52), (("引渡年月日", "受領年月日"), 32)):
        blank = "令和　　年　　月　　日" if "年月日" in labels[0] else None
        page.line((labels[0], "label", 1), (blank, "text", 1), (labels[1], "label", 1), (blank, "text", 1), height=height)
    page.line(
        ("受領時の確認", "label", 1),
        ("□ 媒体番号　　□ 封入ファイル名　　□ 件数　　□ ハッシュ値（SHA-256）", "text", 3),
        height=28,
    )


def shori_kekka(path_xlsx: Path, path_txt: Path, sheet: ResultSheet) -> None:
    """処理結果表 of one run, for printing (A4 landscape) and as plain text (UTF-8, LF). Unavailable NP-1026 when not written."""
    with Page(f"処理結果表 {sheet.job_title}", (7, 12, 18, 20, 13, 11, 11, 11, 10, 12, 10, 12, 10), landscape=True) as page:
        page.line(("処理結果表", "title", 13), height=34)
        page.sheet.repeat_rows(0)
        _facts(page, sheet)
        _files(page, sheet)
        _outputs(page, sheet)
        _findings(page, sheet)
        content = page.finished()
    _place(path_txt, result_text(sheet).encode("utf-8"))
    _place(path_xlsx, content)


def _facts(page: Page, sheet: ResultSheet) -> None:
    """Two facts a row; the conclusion stands out unless all went well."""
    facts = [(label, value, "text") for label, value in sheet.facts]
    facts[1] = (*facts[1][:2], "text" if sheet.conclusion == "正常終了" else "alert")
    for first, second in zip(facts[::2], facts[1::2], strict=True):
        page.line((first[0], "label", 2), (first[1], first[2], 3), (second[0], "label", 2), (second[1], second[2], 6))
    if sheet.error:
        page.line(("中断の理由", "label", 2), (sheet.error, "alert", 11))


def _section(page: Page, title: str, empty: bool) -> None:
    page.space(10)
    page.line((f"{title}{'　ありません' if empty else ''}", "section", 13), height=20)


def _files(page: Page, sheet: ResultSheet) -> None:
    _section(page, "受入ファイル", not sheet.files)
    if sheet.files:
        page.line(("番号", "head", 1), ("結果", "head", 1), ("ファイル名", "head", 2), *((c, "head", 1) for c in COUNTS))
    for number, line in enumerate(sheet.files, 1):
        result = "centre" if line.outcome in ("accepted", "duplicate") else "bad"
        balance = ("centre" if line.balance != "不一致" else "bad", line.balance or NONE)
        page.line(
            (number, "centre", 1),
            (line.result, result, 1),
            (line.name, "text", 2),
            *((count, "count", 1) for count in (line.data, *line.parts)),
            (balance[1], balance[0], 1),
            (line.previous if line.previous is not None else NONE, "count" if line.previous is not None else "centre", 1),
            (line.ratio if line.ratio is not None else NONE, "ratio" if line.ratio is not None else "centre", 1),
        )
        about = f"{line.title}　{line.sentence}".strip()
        page.line((None, "centre", 1), (line.code or NONE, "centre", 1), (about, "text", 11))


def _outputs(page: Page, sheet: ResultSheet) -> None:
    _section(page, "出力ファイル", not sheet.outputs)
    if sheet.outputs:
        heads = (("番号", 1), ("版", 1), ("ファイル名", 3), ("情報の名称", 4), ("件数", 1), ("SHA-256（先頭16桁）", 3))
        page.line(*((text, "head", span) for text, span in heads))
    for number, line in enumerate(sheet.outputs, 1):
        page.line(
            (number, "centre", 1),
            (f"{line.version:02}", "centre", 1),
            (line.name, "text", 3),
            (line.title, "text", 4),
            (line.rows, "count", 1),
            (line.sha256[:16], "centre", 3),
        )


def _findings(page: Page, sheet: ResultSheet) -> None:
    _section(page, "合格しなかった検証", not sheet.findings)
    if sheet.findings:
        heads = (("番号", 1), ("判定", 1), ("検証の内容", 5), ("該当件数", 1), ("対象件数", 1), ("ファイル名", 4))
        page.line(*((text, "head", span) for text, span in heads))
    for number, line in enumerate(sheet.findings, 1):
        page.line(
            (number, "centre", 1),
            (line.word, "bad" if line.level == "fail" else "centre", 1),
            (line.label, "text", 5),
            (line.found, "count", 1),
            (line.total if line.total is not None else NONE, "count" if line.total is not None else "centre", 1),
            (line.file, "text", 4),
        )


def meisai(path: Path, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], notes: Sequence[str] = ()) -> None:
    """A list for people: one row each, titles on every page, the count and the notes on top.

    A value is text, a count (int), a day (和暦), a flag or None; numbers of people (宛名番号, 基礎年金番号) must come as text.
    Refused NP-3110 above a million rows; Unavailable NP-1026 when not written.
    """
    body = [tuple(row) for row in rows]
    if len(body) > LAST_ROW:
        raise Refused("NP-3110", file=path.name, rows=len(body), limit=LAST_ROW)
    widths = [min(max([width(clean(as_text(v))) for v in cells] + [8]) + 3.0, 50.0) for cells in zip(columns, *body, strict=True)]
    with Page(title, (7.0, *widths), landscape=sum(widths) > 90) as page:
        page.line((title, "title", page.columns), height=32)
        for note in (f"{len(body):,} 件", *notes):
            page.line((note, "note", page.columns))
        page.sheet.repeat_rows(page.row)
        page.line(("番号", "head", 1), *((label, "head", 1) for label in columns))
        page.sheet.freeze_panes(page.row, 0)
        for number, values in enumerate(body, 1):
            page.line((number, "centre", 1), *((v, "count" if type(v) is int else "text", 1) for v in values))
        content = page.finished()
    _place(path, content)


def _place(path: Path, content: bytes) -> None:
    """Unique temporary name, fsync, rename, fsync of the folder: the name never points to a short file."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Unavailable("NP-1026", volume=f"{path.parent.name}・{errno.errorcode.get(error.errno or 0, 'EIO')}") from None
