"""入力票: a paper list of 日本年金機構 keyed into an xlsx form. It stands for a medium (``core.codec.keyed``); a second person approves it."""

from __future__ import annotations

import io
from datetime import date
from io import SEEK_END
from typing import Any, BinaryIO

import openpyxl
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

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
MOST_ROWS, MOST_BYTES = 20_000, 50_000_000
LIST_CODE = "70"  # 処理結果一覧
TEXT = "@"  # the number format of text: leading zeros stay
NOTE = "明細は紙の一覧の順に1行ずつ入力します。合計件数は紙の一覧の件数です。入力者とは別の職員が承認すると取り込まれます。"


def form_columns(layout: Layout) -> list[Field]:
    """The items of a row, in order: those of a data record that its head does not say for all."""
    return [f for f in layout.columns if f.name not in (*HEAD, "tsuchi_code")]


def read_form(source: BinaryIO, name: str, layout: Layout) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Head and rows of an open xlsx as texts; row n of the sheet is line n of the medium. SourceError NP-1147 with what is wrong, never a
    value."""
    if source.seek(0, SEEK_END) > MOST_BYTES:
        raise _unreadable(name, "ファイルが大きすぎます")
    try:
        book = openpyxl.load_workbook(source, read_only=True, data_only=True)
    except OSError:
        raise
    except Exception:  # whatever is in it: openpyxl raises many kinds, some with values
        raise _unreadable(name, "xlsx として開けません") from None
    try:
        if not {HEAD_SHEET, ROW_SHEET} <= set(book.sheetnames):
            raise _unreadable(name, "シートがありません")
        return _head(name, book[HEAD_SHEET]), _rows(name, book[ROW_SHEET], form_columns(layout))
    finally:
        book.close()


def _head(name: str, sheet: Any) -> dict[str, str]:
    said = {_text(row[0]): _text(row[1]) for row in sheet.iter_rows(max_col=2, values_only=True) if row[0]}
    head = {item: said.get(label, "") for item, label in HEAD.items()}
    for item, label in HEAD.items():
        if not head[item]:
            raise _unreadable(name, f"見出しの「{label}」がありません")
    return {**head, "created_on": _digits(head["created_on"]), "tsuchi_code": LIST_CODE}


def _rows(name: str, sheet: Any, columns: list[Field]) -> list[dict[str, str]]:
    found = sheet.iter_rows(values_only=True, max_col=len(columns) + 1, max_row=MOST_ROWS + 2)
    if [_text(v) for v in next(found, ())][: len(columns)] != [f.label for f in columns]:
        raise _unreadable(name, "列の見出しが入力票と違います")
    rows = [{f.name: _cell(f, v) for f, v in zip(columns, row, strict=False)} for row in found]
    while rows and not any(rows[-1].values()):
        rows.pop()
    if len(rows) > MOST_ROWS:
        raise _unreadable(name, f"{MOST_ROWS:,} 行を超えています")
    return rows


def _cell(field: Field, value: Any) -> str:
    """A cell as its field is written: days without dashes, numbers with their leading zeros."""
    if field.type in ("date8", "month"):
        return _digits(value.strftime("%Y%m%d" if field.type == "date8" else "%Y%m") if isinstance(value, date) else _text(value))
    text = _text(value)
    return (
        text.zfill(field.size or 0)
        if not isinstance(value, str) and text and field.type in ("digits", "code", "kojin_no")
        else text
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value:%Y%m%d}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(int(value) if isinstance(value, bool) else value).strip()


def _digits(text: str) -> str:
    return text.replace("-", "").replace("/", "")


def _unreadable(name: str, why: str) -> SourceError:
    return SourceError("NP-1147", file=name, why=why)


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
