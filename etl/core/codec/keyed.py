"""紙の一覧の入力: a keyed paper list, turned into the medium that 日本年金機構 would have sent, so that the same reader checks it.

A text that its field cannot hold becomes bytes that no reader takes: the error is found at its line and item like any other. What a cell
holds is read as what its item is (``written``) and never made to fit; what is no text of anybody (a serial of a day in a text item) refuses
the form.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cache
from typing import Any

import numpy as np

from etl.core.codec.chars import unit_to_byte, unit_to_jis
from etl.core.codec.records import SHIFTS
from etl.core.mapping.fields import Field, Record
from etl.core.mapping.layout import Layout

UNREADABLE = b"\xff"
TO_THE_RIGHT = ("int", "yen")
TEXTS = ("text", "text3", "hankaku", "zenkaku", "jis")
_DAY = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_MONTH = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})")


def written(field: Field, value: Any) -> str:
    """A cell's value (text, number, day, None) as its field is written. A text that is something else stays as it stands, and its reader
    refuses it. ValueError with a sentence, never the value, when a cell of this kind is no value of the item."""
    if value is None or isinstance(value, str):
        return _said(field, (value or "").strip(" \u3000"))
    if isinstance(value, bool) and field.type == "flag":
        return str(int(value))
    if isinstance(value, date) and field.type in ("date8", "month"):
        return _day(field, value)
    if isinstance(value, int | float) and not isinstance(value, bool) and field.type not in TEXTS:
        return _number(field, value)
    raise ValueError("文字列のセルではありません")


def _said(field: Field, text: str) -> str:
    """A day or month with its parts set apart is put together; nothing else is touched."""
    if field.type == "date8" and (found := _DAY.fullmatch(text)):
        return f"{found[1]}{found[3]:0>2}{found[4]:0>2}"
    if field.type == "month" and (found := _MONTH.fullmatch(text)):
        return f"{found[1]}{found[2]:0>2}"
    return text


def _day(field: Field, value: date) -> str:
    """A cell of a day: its day, or its month where it is the first (so a spreadsheet keeps 2026/1). Never a time of day."""
    timed = isinstance(value, datetime) and any((value.hour, value.minute, value.second, value.microsecond))
    if timed or (field.type == "month" and value.day != 1):
        raise ValueError("年月日ではありません" if field.type == "date8" else "年月ではありません")
    return f"{value.year:04}{value.month:02}" + (f"{value.day:02}" if field.type == "date8" else "")


def _number(field: Field, value: float) -> str:
    """A cell of a number: the number of a number item; a code with the zeros a spreadsheet dropped (its list is closed); other digits only
    when none is missing, because nobody can tell a dropped zero from a digit that was not keyed."""
    text = str(int(value)) if 0 <= value < 10**18 and value % 1 == 0 else ""
    if field.type == "code":
        text = text.zfill(field.size or 0)
    if not text or (field.type not in TO_THE_RIGHT and len(text) != field.size):
        raise ValueError("数値のセルで、桁数が項目と合いません")
    return text


def keyed_medium(layout: Layout, head: dict[str, str], rows: list[dict[str, str]]) -> bytes:
    """A whole medium with one group. ``head``: items of preamble, header and trailer by name (``count`` as it stands on the paper)."""
    assert layout.preamble and layout.header and layout.trailer
    given = {"file_count": "1", **{f.name: "0" for f in layout.trailer.stored if f.type == "int"}, **head}
    shared = {f.name: head[f.name] for f in layout.data.stored if f.name in head}
    records = [_record(layout.data, {**row, **shared}) for row in rows]
    return b"".join([_record(layout.preamble, given), _record(layout.header, given), *records, _record(layout.trailer, given)])


def _record(record: Record, texts: dict[str, str]) -> bytes:
    out = bytearray(b" " * (record.size or 0))
    for field in record.fields:
        out[field.slice] = _cell(field, texts.get(field.name, ""))
    return bytes(out)


def _cell(field: Field, text: str) -> bytes:
    """The bytes of a field, all of them unreadable when the text is longer."""
    size = field.size or 0
    if field.type in SHIFTS:
        return SHIFTS[field.type]
    if field.type == "jis":
        raw, pad = _units(text, "jis"), b"!!"
    else:
        raw, pad = _units(field.value or text, "byte"), b" "
    if len(raw) > size:
        return UNREADABLE * size
    if field.type in TO_THE_RIGHT and raw:
        return raw.rjust(size, b"0")
    return raw + pad * ((size - len(raw)) // len(pad))


def _units(text: str, table: str) -> bytes:
    """The characters of a text in one of the two sets; one that it does not have is unreadable."""
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2")
    found = _tables()[table][units]
    return np.where(found == 0, np.iinfo(found.dtype).max, found).astype(found.dtype).tobytes()


@cache
def _tables() -> dict[str, np.ndarray]:
    return {"jis": unit_to_jis().astype("<u2"), "byte": unit_to_byte()}
