"""入力票: a paper list of 日本年金機構 keyed into an xlsx form. It stands for a medium (``core.codec.keyed``); a second person approves it."""

from __future__ import annotations

import io
import warnings
from datetime import datetime, time
from typing import Any, BinaryIO
from zipfile import ZipFile

import openpyxl
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from etl.core.codec import users
from etl.core.codec.keyed import written
from etl.core.codec.packed import Above, check_packed
from etl.core.errors import SourceError
from etl.core.mapping.fields import Field
from etl.core.mapping.layout import Layout, codes

HEAD_SHEET, ROW_SHEET, CODE_SHEET = "見出し", "明細", "コード表"
#: what the head asks for besides 作成年月日 and 媒体通番, which the file name repeats
HEAD = {
    "created_on": "作成年月日",
    "baitai_no": "媒体通番",
    "shichoson_code5": "市町村コード",
    "count": "合計件数",
    "keyed_by": "入力者",
}
MAKER = Field(name="keyed_by", label=HEAD["keyed_by"], type="text")
MOST_ROWS, MOST_HEAD, MOST_BYTES = 20_000, 100, 10_000_000
MERGED = f"{{{SHEET_MAIN_NS}}}mergeCell"
NO_ENTRY = {"f": "数式のセルです", "e": "エラー値のセルです"}
LIST_CODE = "70"  # 処理結果一覧
TEXT = "@"  # the number format of text: leading zeros stay
NOTE = "明細は紙の一覧の順に1行ずつ入力します。合計件数は紙の一覧の件数です。入力者とは別の職員が承認すると取り込まれます。"


def form_columns(layout: Layout) -> list[Field]:
    """The items of a row, in order: those of a data record that its head does not say for all."""
    return [f for f in layout.columns if f.name not in (*HEAD, "tsuchi_code")]


def read_form(source: BinaryIO, name: str, layout: Layout) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Head and rows of an xlsx (at most ``MOST_BYTES`` of it) as texts; row n of the sheet is line n of the medium. Hidden rows and columns are
    read like any other. SourceError NP-1147 with what is wrong and in which cell, never a value."""
    try:
        with warnings.catch_warnings(action="ignore"):  # openpyxl's show values
            return _read(source, name, layout)
    except SourceError:
        raise
    except Exception:  # whatever is in it: openpyxl raises many kinds, some with values
        raise _unreadable(name, "xlsx として開けません") from None


def _read(source: BinaryIO, name: str, layout: Layout) -> tuple[dict[str, str], list[dict[str, str]]]:
    try:
        with ZipFile(source) as packed:
            check_packed(packed.infolist(), packed.open)
    except Above as above:
        raise _unreadable(name, str(above)) from None
    book = openpyxl.load_workbook(source, read_only=True)  # formulas as such: what they gave once is nobody's entry
    try:
        if not {HEAD_SHEET, ROW_SHEET} <= set(book.sheetnames):
            raise _unreadable(name, "シートがありません")
        for sheet in (book[HEAD_SHEET], book[ROW_SHEET]):
            _refuse_merged(name, sheet)
        return _head(name, book[HEAD_SHEET], layout), _rows(name, book[ROW_SHEET], form_columns(layout))
    finally:
        book.close()


def _refuse_merged(name: str, sheet: Any) -> None:
    """Merged cells hide what lies under them; they stand at the end of a sheet, behind its rows."""
    with sheet._get_source() as xml:  # read by rows, openpyxl does not tell them
        for _, element in iterparse(xml):
            if element.tag == MERGED:
                raise _unreadable(name, f"{_place(sheet, element.get('ref'))} は結合されたセルです")
            element.clear()


def _head(name: str, sheet: Any, layout: Layout) -> dict[str, str]:
    """The cell beside each label, as the medium's own items are written. A label that stands twice says nothing."""
    fields = {f.name: f for record in layout.records for f in record.stored if f.name in HEAD}
    said: dict[str, str] = {}
    for row in sheet.iter_rows(max_col=2, max_row=MOST_HEAD):
        item = next((item for item, label in HEAD.items() if label == row[0].value), None)
        if item in said:
            raise _unreadable(name, f"見出しの「{HEAD[item]}」が二つあります")
        if item:
            said[item] = _text(name, row[1], fields.get(item, MAKER))
    for item, label in HEAD.items():
        if not said.get(item):
            raise _unreadable(name, f"見出しの「{label}」がありません")
    return {**said, "tsuchi_code": LIST_CODE}


def _rows(name: str, sheet: Any, columns: list[Field]) -> list[dict[str, str]]:
    found = sheet.iter_rows(max_col=len(columns), max_row=MOST_ROWS + 2)
    if [cell.value for cell in next(found, ())] != [f.label for f in columns]:
        raise _unreadable(name, "列の見出しが入力票と違います")
    rows = [{f.name: _text(name, cell, f) for f, cell in zip(columns, row, strict=False)} for row in found]
    while rows and not any(rows[-1].values()):
        rows.pop()
    if len(rows) > MOST_ROWS:
        raise _unreadable(name, f"{MOST_ROWS:,} 行を超えています")
    return rows


def _text(name: str, cell: Any, field: Field) -> str:
    """What a cell says of its item. SourceError NP-1147 with the cell's name."""
    try:
        if why := NO_ENTRY.get(cell.data_type):
            raise ValueError(why)
        value = unescape(cell.value) if isinstance(cell.value, str) else cell.value
        return users.keyed(written(field, value)) if field is MAKER else written(field, value)
    except ValueError as error:
        why = f"{_place(cell.parent, cell.coordinate)} {error}"
        raise SourceError("NP-1147", file=name, line=cell.row, item=field.label, why=why) from None


def _place(sheet: Any, cells: str) -> str:
    return f"{sheet.title}!{cells}"


def _unreadable(name: str, why: str) -> SourceError:
    return SourceError("NP-1147", file=name, why=why)


def read_sheet(data: bytes, name: str) -> list[tuple[int, list[str]]]:
    """The first sheet of an xlsx that people made: (row, its cells as texts; days as 2026-04-01). SourceError NP-1147 as ``read_form``."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return _sheet(io.BytesIO(data), name)
    except SourceError:
        raise
    except Exception:
        raise _unreadable(name, "xlsx として開けません") from None


def _sheet(source: BinaryIO, name: str) -> list[tuple[int, list[str]]]:
    if len(source.read(MOST_BYTES + 1)) > MOST_BYTES:
        raise _unreadable(name, f"{MOST_BYTES:,} バイトを超えています")
    try:
        with ZipFile(source) as packed:
            check_packed(packed.infolist(), packed.open)
    except Above as above:
        raise _unreadable(name, str(above)) from None
    book = openpyxl.load_workbook(source, read_only=True)
    try:
        sheet = book.worksheets[0]
        _refuse_merged(name, sheet)
        rows = [[_plain(name, cell) for cell in row] for row in sheet.iter_rows(max_col=MOST_HEAD, max_row=MOST_ROWS + 2)]
    finally:
        book.close()
    if len(rows) > MOST_ROWS + 1:
        raise _unreadable(name, f"{MOST_ROWS:,} 行を超えています")
    size = max((n for n, text in enumerate(rows[0] if rows else [], 1) if text), default=0)
    return [(n, (row + [""] * size)[:size]) for n, row in enumerate(rows, 1)]


def _plain(name: str, cell: Any) -> str:
    """A cell as somebody would type it. SourceError NP-1147 for a formula or an error."""
    if why := NO_ENTRY.get(cell.data_type):
        raise SourceError("NP-1147", file=name, line=cell.row, why=f"{_place(cell.parent, cell.coordinate)} {why}")
    value = cell.value
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else unescape(value) if isinstance(value, str) else str(value)


def empty_form(layout: Layout) -> bytes:
    """An empty form, as xlsx: head, rows with their code lists to choose from, and the codes in words."""
    book = openpyxl.Workbook()
    head, rows, words = book.active, book.create_sheet(ROW_SHEET), book.create_sheet(CODE_SHEET)
    head.title, rows.freeze_panes = HEAD_SHEET, "A2"
    for at, label in enumerate(HEAD.values(), 1):
        _label(head.cell(at, 1, label))
        head.cell(at, 2).number_format = TEXT
    head.cell(len(HEAD) + 2, 1, NOTE)
    for at, field in enumerate(form_columns(layout), 1):
        _label(rows.cell(1, at, field.label))
        column = rows.column_dimensions[get_column_letter(at)]
        column.number_format, column.width = TEXT, max(12, min(40, field.size or 0))
        if field.codes:
            for code, word in codes(field.codes).items():
                words.append((field.label, code, word))
            choice = DataValidation("list", formula1=f'"{",".join(codes(field.codes))}"', allow_blank=True)
            choice.add(f"{get_column_letter(at)}2:{get_column_letter(at)}{MOST_ROWS + 1}")
            rows.add_data_validation(choice)
    for sheet, letters in ((head, "AB"), (words, "ABC")):
        for letter in letters:
            sheet.column_dimensions[letter].width = 24
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _label(cell: Any) -> None:
    cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8E8E8")
