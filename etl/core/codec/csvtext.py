"""CSV files in: UTF-8 (BOM as the mapping says), labels exact and in order, CRLF, RFC 4180 quoting, every record checked.

What is wrong with the file refuses it whole (``SourceError``: NP-1120 characters, NP-1121 labels, NP-1122 line ends, NP-1123
quotes, NP-1124 length, NP-1125 nearly everything bad); an error inside a record sets that record aside (``RowError``). Lines are
records, not physical lines: a quoted cell may contain CRLF; the label line is 1. Memory: one record and one batch at a time besides the result.
"""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa

from etl.core.codec.cells import parser
from etl.core.codec.columns import arrow_schema, from_values, gaiji_of, numbers
from etl.core.codec.kinds import RowError
from etl.core.errors import SourceError
from etl.core.mapping.fields import Field
from etl.core.mapping.layout import Layout

LIMIT = 1 << 20  # bytes of one record; ours have a few hundred
MOST_ERRORS = 100_000  # bad records that are listed; a file with more is not of this dataset
_BATCH = 20_000
_RFC4180 = re.compile(r'(?:"(?>[^"]+|"")*+"|[^",\r\n]*+)(?:,(?:"(?>[^"]+|"")*+"|[^",\r\n]*+))*+')


class _Line(NamedTuple):
    """One record as it stands in the file: its number, first byte and bytes with line end."""

    number: int
    at: int
    raw: bytes


@dataclass(frozen=True)
class CsvRows:
    """A CSV file read: good rows (``line`` and the layout's columns), bad rows, number of data records; ``starts``: where each record after
    the label line begins, and where the file ends."""

    table: pa.Table
    errors: list[RowError]
    count: int
    bom: bool
    starts: array[int] = field(repr=False)


def gaiji(rows: pa.Table, layout: Layout) -> np.ndarray:
    """外字 of each row, in their order: how many characters."""
    found = np.zeros(rows.num_rows, np.int32)
    for name in (f.name for f in layout.columns if f.type == "text"):
        found += gaiji_of(rows.column(name).combine_chunks())
    return found


def record_at(source: BinaryIO, starts: array[int], line: int) -> bytes:
    """The bytes of a record without its line end, read again from the file (to be encrypted, never shown)."""
    begin, end = starts[line - 2 : line]
    source.seek(begin)
    return source.read(end - begin).removesuffix(b"\r\n")


def cell_of(record: bytes, layout: Layout, name: str) -> str | None:
    """The cell of a record as it stands, good or bad; None if the record has no such cell."""
    cells = _cells("", 0, record.decode("utf-8", "replace"))
    at = [f.name for f in layout.data.fields].index(name)
    return cells[at] if at < len(cells) else None


def _records(source: BinaryIO, name: str) -> Iterator[_Line]:
    """Physical lines joined to records: a record ends where its quotes are balanced. At most LIMIT bytes are held."""
    number, at, end, quotes = 1, 0, 0, 0
    parts: list[bytes] = []
    while part := source.readline(LIMIT + 1 - (end - at)):
        parts.append(part)
        end, quotes = end + len(part), quotes + part.count(b'"')
        if end - at > LIMIT:
            raise SourceError("NP-1124", file=name, line=number, limit=LIMIT)
        if b"\0" in part:
            raise SourceError("NP-1120", file=name, line=number)
        if quotes % 2 == 0:
            yield _Line(number, at, b"".join(parts))
            number, at, quotes, parts = number + 1, end, 0, []
    if parts:
        raise SourceError("NP-1123", file=name, line=number)


def _body(name: str, line: _Line) -> str:
    """The record's text without its CRLF."""
    try:
        text = line.raw.decode("utf-8", "surrogatepass")  # a lone half of a pair is an error of its item, not of the file
    except UnicodeDecodeError:
        raise SourceError("NP-1120", file=name, line=line.number) from None
    body = text.removesuffix("\r\n")
    if body == text and text.endswith(("\n", "\r")):
        raise SourceError("NP-1122", file=name, line=line.number)
    return body


def _cells(name: str, line: int, body: str) -> list[str]:
    """The cells of one record."""
    if '"' in body:
        if not _RFC4180.fullmatch(body):
            raise SourceError("NP-1123", file=name, line=line)
        return next(csv.reader([body], strict=True))
    if "\r" in body or "\n" in body:
        raise SourceError("NP-1122", file=name, line=line)
    return body.split(",")


class _Parsers:
    """The columns' parsers, each remembering recent cells (days, codes and flags repeat)."""

    def __init__(self, fields: tuple[Field, ...]):
        self.fields = fields
        self.parse: list[Callable[[str], Any]] = [lru_cache(maxsize=4096)(parser(f)) for f in fields]

    def row(self, cells: list[str]) -> tuple[list[Any], list[tuple[str, str]]]:
        """Values and (field, kind) of what is wrong."""
        if len(cells) != len(self.fields):
            return [], [("*", "columns")]
        values: list[Any] = []
        bad: list[tuple[str, str]] = []
        for f, parse, cell in zip(self.fields, self.parse, cells, strict=True):
            try:
                value = parse(cell)
                if value is None and f.required:
                    raise ValueError("required")
                values.append(value)
            except ValueError as error:
                bad.append((f.name, str(error)))
        return values, bad


def _batch(layout: Layout, lines: list[int], rows: list[list[Any]]) -> pa.RecordBatch:
    columns = list(zip(*rows, strict=True))
    number = numbers(pa.int32(), np.array(lines, dtype=np.int32), np.ones(len(lines), dtype=bool))
    return pa.RecordBatch.from_arrays(
        [number, *(from_values(f, c) for f, c in zip(layout.columns, columns, strict=True))], schema=_schema(layout)
    )


def _schema(layout: Layout) -> pa.Schema:
    return arrow_schema(layout.data).insert(0, pa.field("line", pa.int32()))


def _check_labels(layout: Layout, name: str, first: _Line | None) -> bool:
    """SourceError unless the label line is ours; whether there was a BOM."""
    body = _body(name, first) if first else ""
    bom = body.startswith("\ufeff") and layout.file.bom == "optional"
    if not first or _cells(name, 1, body[bom:]) != [f.label for f in layout.data.fields]:
        raise SourceError("NP-1121", file=name, line=1)
    return bom


def read_csv(source: BinaryIO, name: str, layout: Layout) -> CsvRows:
    """An open file by record, from its beginning. SourceError refuses it; a bad record becomes a RowError."""
    records = _records(source, name)
    bom = _check_labels(layout, name, next(records, None))
    parsers = _Parsers(layout.columns)
    starts, errors, batches = array("q"), [], []
    lines: list[int] = []
    rows: list[list[Any]] = []
    for line in records:
        starts.append(line.at)
        values, bad = parsers.row(_cells(name, line.number, _body(name, line)))
        if bad:
            errors.append(RowError(line.number, tuple(f for f, _ in bad), tuple(k for _, k in bad)))
            if len(errors) > MOST_ERRORS:
                raise SourceError("NP-1125", file=name, most=MOST_ERRORS)
            continue
        lines.append(line.number)
        rows.append(values)
        if len(rows) == _BATCH:
            batches.append(_batch(layout, lines, rows))
            lines, rows = [], []
    if rows:
        batches.append(_batch(layout, lines, rows))
    starts.append(source.tell())
    table = pa.Table.from_batches(batches, schema=_schema(layout))
    return CsvRows(table, errors, len(starts) - 1, bom, starts)
