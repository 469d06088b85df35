"""CSV files in: UTF-8 (BOM as the mapping says), labels exact and in order, CRLF, RFC 4180 quoting, every record checked.

What is wrong with the file refuses it whole (``SourceError``: NP-1120 characters, NP-1121 labels, NP-1122 line ends, NP-1123
quotes, NP-1124 length, NP-1125 nearly everything bad); what is wrong with a record sets that record aside (``RowError``). Lines are
records, not physical lines: a quoted cell may contain CRLF; the label line is 1. Memory: one record and one batch at a time besides the result.
"""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from etl.core.codec.cells import parser
from etl.core.codec.columns import arrow_schema, from_values, numbers
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
    """A CSV file read: good rows (``line`` and the layout's columns), bad rows, number of data records."""

    path: Path
    layout: Layout
    table: pa.Table
    errors: list[RowError]
    count: int
    bom: bool
    _at: array[int] = field(repr=False)

    def raw(self, line: int) -> bytes:
        """The bytes of a record without its line end, read again from the file (to be encrypted, never shown)."""
        with self.path.open("rb") as file:
            file.seek(self._at[line - 1])
            record = file.read(self._at[line] - self._at[line - 1])
        return record.removesuffix(b"\r\n")

    def key_text(self, line: int, name: str) -> str | None:
        """The cell of a bad record as it stands, None if the record has no such cell."""
        cells = _cells(self.path.name, line, self.raw(line).decode("utf-8"))
        at = [f.name for f in self.layout.data.fields].index(name)
        return cells[at] if at < len(cells) else None


def _records(path: Path) -> Iterator[_Line]:
    """Physical lines joined to records: a record ends where its quotes are balanced. At most LIMIT bytes are held."""
    number, at, end, quotes = 1, 0, 0, 0
    parts: list[bytes] = []
    with path.open("rb") as file:
        while part := file.readline(LIMIT + 1 - (end - at)):
            parts.append(part)
            end, quotes = end + len(part), quotes + part.count(b'"')
            if end - at > LIMIT:
                raise SourceError("NP-1124", file=path.name, line=number, limit=LIMIT)
            if b"\0" in part:
                raise SourceError("NP-1120", file=path.name, line=number)
            if quotes % 2 == 0:
                yield _Line(number, at, b"".join(parts))
                number, at, quotes, parts = number + 1, end, 0, []
    if parts:
        raise SourceError("NP-1123", file=path.name, line=number)


def _body(name: str, line: _Line) -> str:
    """The record's text without its CRLF."""
    try:
        text = line.raw.decode("utf-8")
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


def read_csv(path: Path, layout: Layout) -> CsvRows:
    """The whole file by record. SourceError refuses it; a bad record becomes a RowError."""
    records = _records(path)
    bom = _check_labels(layout, path.name, next(records, None))
    parsers = _Parsers(layout.columns)
    at, errors, batches = array("q", [0]), [], []
    lines: list[int] = []
    rows: list[list[Any]] = []
    for line in records:
        at.append(line.at)
        values, bad = parsers.row(_cells(path.name, line.number, _body(path.name, line)))
        if bad:
            errors.append(RowError(line.number, tuple(f for f, _ in bad), tuple(k for _, k in bad)))
            if len(errors) > MOST_ERRORS:
                raise SourceError("NP-1125", file=path.name, most=MOST_ERRORS)
            continue
        lines.append(line.number)
        rows.append(values)
        if len(rows) == _BATCH:
            batches.append(_batch(layout, lines, rows))
            lines, rows = [], []
    if rows:
        batches.append(_batch(layout, lines, rows))
    at.append(path.stat().st_size)
    table = pa.Table.from_batches(batches, schema=_schema(layout))
    return CsvRows(path, layout, table, errors, len(at) - 2, bom, at)
