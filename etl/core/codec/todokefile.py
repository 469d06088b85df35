"""届書 files: lines before the records, cells between commas without quotes, Shift_JIS of JIS X 0208 level 1 and 2 and JIS X 0201 alone, CRLF.

A character that the target lacks is written in its 縮退 form and told (``Changed``). What cannot be written holds its record back with the
item and the kind, never cut: ``required``, ``length`` (too many bytes), ``not_expressible``, ``spaces`` (not exactly one), ``separator`` (a
comma or a quote: nothing here is quoted), ``outside_era``, and what a reader of CSV cells would refuse.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import pyarrow as pa

from etl.core.codec.cells import HANKAKU, formatter, parser
from etl.core.codec.chars import settled
from etl.core.codec.columns import arrow_schema, from_values
from etl.core.codec.shukutai import reduced, table
from etl.core.dates import format_wareki7, parse_wareki7
from etl.core.errors import Refused
from etl.core.mapping.fields import Field
from etl.core.mapping.layout import Layout
from etl.core.mapping.names import filled

#: one character of JIS X 0208 by another code point: no 縮退, the same character
SAME = str.maketrans("−〜‖—¢£¬\u00c5", "－～∥―￠￡￢\u212b")
#: first bytes and last of JIS X 0208 in Shift_JIS; between them lie what NEC and IBM added, and 外字
JIS = ((0x8140, 0x84BE), (0x889F, 0x9FFC), (0xE040, 0xEAA4))
ENCODING, CRLF = "cp932", "\r\n"


@dataclass(frozen=True)
class Held:
    """A record that cannot be written: its place among the rows, the item, the kind of what is wrong."""

    row: int
    item: str
    kind: str


@dataclass(frozen=True)
class Changed:
    """A text that was written in its 縮退 form."""

    row: int
    item: str
    before: str
    after: str


@dataclass(frozen=True)
class Written:
    """The records that could be written, one after the other, and which of the rows they are; what was held and what was changed."""

    body: bytes
    rows: tuple[int, ...]
    held: tuple[Held, ...]
    changed: tuple[Changed, ...]


@cache
def expressible(char: str) -> bool:
    """Whether the target has this character."""
    try:
        data = char.translate(SAME).encode(ENCODING)
    except UnicodeEncodeError:
        return False
    if len(data) == 1:
        return HANKAKU.fullmatch(char) is not None
    return any(low <= int.from_bytes(data, "big") <= high for low, high in JIS)


def written(text: str) -> str:
    """The text as the target can have it: what it lacks in its 縮退 form. ValueError("not_expressible")."""
    plain = unicodedata.normalize("NFC", text)
    out = "".join(char if expressible(char) else _form(char) for char in plain)
    return out.translate(SAME)


def _form(char: str) -> str:
    """Nothing for a selector of a variant, which chooses a form of the character before it."""
    form = reduced(char)
    if form == "" or expressible(form):
        return form
    for other in table().get(form, ""):
        if expressible(other):
            return other
    raise ValueError("not_expressible")


def encode(layout: Layout, rows: pa.Table) -> Written:
    """The records of these rows, in their order."""
    lines: list[str] = []
    kept: list[int] = []
    held: list[Held] = []
    changed: list[Changed] = []
    for at, row in enumerate(rows.select([f.name for f in layout.columns]).to_pylist()):
        cells, wrong, other = _record(layout, at, row)
        held += wrong
        if not wrong:
            lines.append(",".join(cells) + CRLF)
            kept.append(at)
            changed += other
    return Written("".join(lines).encode(ENCODING), tuple(kept), tuple(held), tuple(changed))


def as_written(layout: Layout, rows: pa.Table) -> pa.Table:
    """Rows that can be written with their texts as they will be: so they are the same when they are read again. ValueError("not_expressible")."""
    for field in layout.columns:
        if field.type in ("text", "hankaku"):
            texts = [t if t is None else settled(written(t)) for t in rows[field.name].to_pylist()]
            rows = rows.set_column(
                rows.column_names.index(field.name), rows.schema.field(field.name), pa.array(texts, pa.string())
            )
    return rows


def _record(layout: Layout, at: int, row: dict[str, Any]) -> tuple[list[str], list[Held], list[Changed]]:
    cells: list[str] = []
    held: list[Held] = []
    changed: list[Changed] = []
    for field in layout.columns:
        value = row[field.name]
        try:
            made = _cells(field, value)
        except ValueError as error:
            held.append(Held(at, field.name, str(error)))
            continue
        cells += made
        if isinstance(value, str) and value.translate(SAME) != made[0] and field.type in ("text", "hankaku"):
            changed.append(Changed(at, field.name, value, made[0]))
    return cells, held, changed


def width(field: Field) -> int:
    """How many cells an item has."""
    return len(field.split) or (2 if field.type in ("era_day", "era_month") else 1)


def _cells(field: Field, value: Any) -> list[str]:
    if value is None or value == "":
        if field.required:
            raise ValueError("required")
        return [""] * width(field)
    if field.type == "era_day":
        return _in_era(value)
    if field.type == "era_month":
        era, digits = _in_era(value)
        return [era, digits[:4]]
    text = formatter(field)(value)
    if field.type in ("text", "hankaku"):
        return [_text(field, text)]
    parser(field)(text)
    return _split(field, text)


def _in_era(day: date) -> list[str]:
    try:
        text = format_wareki7(day)
    except ValueError:
        raise ValueError("outside_era") from None
    return [text[0], text[1:]]


def _text(field: Field, text: str) -> str:
    made = settled(written(text)) or ""  # without spaces at its end: no reader would keep them
    if not made:
        if field.required:
            raise ValueError("required")
        return made
    if field.type == "hankaku" and not HANKAKU.fullmatch(made):
        raise ValueError("not_hankaku")
    if "," in made or '"' in made:
        raise ValueError("separator")
    if field.one_space:
        _one_space(made, " " if field.type == "hankaku" else "\u3000")
    if field.bytes and len(made.encode(ENCODING)) > field.bytes:
        raise ValueError("length")
    return made


def _one_space(name: str, space: str) -> None:
    """Surname and name with one space between, and no other."""
    parts = name.split(space)
    if len(parts) != 2 or not all(parts) or any(c.isspace() for part in parts for c in part):
        raise ValueError("spaces")


def _split(field: Field, text: str) -> list[str]:
    if not field.split:
        return [text]
    out, at = [], 0
    for size in field.split:
        out.append(text[at : at + size])
        at += size
    return out


def frame(layout: Layout, body: bytes, known: dict[str, Any]) -> bytes:
    """The file: the lines of the mapping with what is known, then the records. Refused NP-1130 (a line that the target cannot have)."""
    lines = [filled(line, **{k: v for k, v in known.items() if v is not None}) for line in layout.file.lines]
    try:
        return "".join(written(line) + CRLF for line in lines).encode(ENCODING) + body
    except ValueError:
        raise Refused("NP-1130", file=layout.dataset, item="lines", kind="not_expressible") from None


def read_again(data: bytes, name: str, layout: Layout) -> pa.Table:
    """What we wrote, decoded. ValueError (kind): characters, line ends, cells of a record, a cell."""
    text = data.decode(ENCODING)
    if not text.endswith(CRLF) or "\n" in text.replace(CRLF, ""):
        raise ValueError("newline")
    lines = text.removesuffix(CRLF).split(CRLF)[len(layout.file.lines) :]
    cells = [line.split(",") for line in lines]
    places = _places(layout)
    if any(len(record) != places[-1] for record in cells):
        raise ValueError("columns")
    return pa.Table.from_arrays(
        [
            from_values(field, [_value(field, record[start:end]) for record in cells])
            for field, start, end in zip(layout.columns, places, places[1:], strict=False)
        ],
        schema=arrow_schema(layout.data),
    )


def _places(layout: Layout) -> list[int]:
    """Where each item begins among the cells, and where the last ends."""
    places = [0]
    for field in layout.columns:
        places.append(places[-1] + width(field))
    return places


def _value(field: Field, cells: list[str]) -> Any:
    text = "".join(cells)
    if not text:
        return None
    if field.type == "era_day":
        return parse_wareki7(text)
    if field.type == "era_month":
        return _month(text)
    return parser(field)(text)


def _month(text: str) -> date:
    """The month of an era digit and YYMM. In the months in which an era changed either digit names it."""
    for day in ("01", "31", "30", "28"):
        try:
            return parse_wareki7(text + day).replace(day=1)
        except ValueError:
            continue
    raise ValueError("outside_era")
