"""紙の一覧の入力: a keyed paper list, turned into the medium that 日本年金機構 would have sent, so that the same reader checks it.

A text that its field cannot hold becomes bytes that no reader takes: the error is found at its line and item like any other.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from etl.core.codec.chars import unit_to_byte, unit_to_jis
from etl.core.codec.records import SHIFTS
from etl.core.mapping.fields import Field, Record
from etl.core.mapping.layout import Layout

UNREADABLE = b"\xff"
TO_THE_RIGHT = ("int", "yen")


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
    units = np.frombuffer(text.encode("utf-16-le"), "<u2")
    found = _tables()[table][units]
    return np.where(found == 0, np.iinfo(found.dtype).max, found).astype(found.dtype).tobytes()


@cache
def _tables() -> dict[str, np.ndarray]:
    return {"jis": unit_to_jis().astype("<u2"), "byte": unit_to_byte()}
