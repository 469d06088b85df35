"""CSV files in: UTF-8 (BOM as the mapping says), labels exact and in order, CRLF, RFC 4180 quoting, every record checked.

What is wrong with the file refuses it whole (``SourceError``: NP-1120 characters, NP-1121 labels, NP-1122 line ends, NP-1123
quotes, NP-1124 length, NP-1125 nearly everything bad); an error inside a record sets that record aside (``RowError``). Lines are
records, not physical lines: a quoted cell may contain CRLF; the label line is 1. Memory is one record and one block, whatever the size.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from etl.core.codec.cells import parser
from etl.core.codec.columns import arrow_schema, from_values, gaiji_of, numbers
from etl.core.codec.kinds import RowError
from etl.core.errors import SourceError
from etl.core.mapping.fields import Field
from etl.core.mapping.layout import Layout

LIMIT = 1 << 20  # bytes of one record; ours have a few hundred
MOST_ERRORS = 100_000  # bad records that are listed; a file with more is not of this dataset
_BATCH = 5_000
_RFC4180 = re.compile(r'(?:"(?>[^"]+|"")*+"|[^",\r\n]*+)(?:,(?:"(?>[^"]+|"")*+"|[^",\r\n]*+))*+')


class _Line(NamedTuple):
    """One record as it stands in the file: its number, and its bytes with line end."""

    number: int
    raw: bytes


@dataclass(frozen=True)
class CsvRows:
    """A CSV file read at once: good rows (``line`` and the layout's columns), bad rows, number of data records."""

    table: pa.Table
    errors: list[RowError]
    count: int
    bom: bool


def read_again(data: bytes, name: str, layout: Layout) -> pa.Table:
    """What we wrote, by columns: each different cell is parsed once. ``read_csv`` is for what others wrote: it sees what lies between the cells.

    SourceError NP-1121 (labels), NP-1124 (records of another length); ValueError (kind of error) for a cell.
    """
    kinds = pacsv.ConvertOptions(column_types=dict.fromkeys(layout.labels.values(), pa.string()), strings_can_be_null=False)
    try:
        cells = pacsv.read_csv(
            pa.BufferReader(data), pacsv.ReadOptions(use_threads=False), pacsv.ParseOptions(newlines_in_values=True), kinds
        )
    except pa.ArrowInvalid:
        raise SourceError("NP-1124", file=name) from None
    if cells.column_names != list(layout.labels.values()):
        raise SourceError("NP-1121", file=name, line=1)
    return pa.Table.from_arrays(
        [_parsed(field, column) for field, column in zip(layout.columns, cells.columns, strict=True)],
        schema=arrow_schema(layout.data),
    )


def _parsed(field: Field, column: pa.ChunkedArray) -> pa.Array:
    coded, parse = column.combine_chunks().dictionary_encode(), parser(field)
    return from_values(field, [parse(cell) for cell in coded.dictionary.to_pylist()]).take(coded.indices)


def gaiji(rows: pa.Table, layout: Layout) -> np.ndarray:
    """外字 of each row, in their order: how many characters."""
    found = np.zeros(rows.num_rows, np.int32)
    for name in (f.name for f in layout.columns if f.type == "text"):
        found += gaiji_of(rows.column(name).combine_chunks())
    return found


def records_at(source: BinaryIO, name: str, lines: Iterable[int]) -> dict[int, bytes]:
    """line -> the bytes of that record without its line end, read again from the file (to be encrypted, never shown)."""
    wanted, last = set(lines), max(lines, default=0)
    source.seek(0)
    found: dict[int, bytes] = {}
    for line in _records(source, name):
        if line.number > last:
            break
        if line.number in wanted:
            found[line.number] = line.raw.removesuffix(b"\r\n")
    return found


def cell_of(record: bytes, layout: Layout, name: str) -> str | None:
    """The cell of a record as it stands, good or bad; None if the record has no such cell."""
    cells = _cells("", 0, record.decode("utf-8", "replace"))
    at = [f.name for f in layout.data.fields].index(name)
    return cells[at] if at < len(cells) else None


def _records(source: BinaryIO, name: str, read: Callable[[bytes], Any] = len) -> Iterator[_Line]:
    """Physical lines joined to records: a record ends where its quotes are balanced. At most LIMIT bytes are held; ``read`` sees every byte."""
    number, size, quotes = 1, 0, 0
    parts: list[bytes] = []
    while part := source.readline(LIMIT + 1 - size):
        read(part)
        parts.append(part)
        size, quotes = size + len(part), quotes + part.count(b'"')
        if size > LIMIT:
            raise SourceError("NP-1124", file=name, line=number, limit=LIMIT)
        if b"\0" in part:
            raise SourceError("NP-1120", file=name, line=number)
        if quotes % 2 == 0:
            yield _Line(number, b"".join(parts))
            number, size, quotes, parts = number + 1, 0, 0, []
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


def _schema(layout: Layout) -> pa.Schema:
    return arrow_schema(layout.data).insert(0, pa.field("line", pa.int32()))


class CsvFile:
    """An open CSV file by blocks, from its beginning; the caller closes it. SourceError refuses it; a bad record becomes a RowError. After the
    last block ``count`` is the number of its data records, ``sha256`` the hash of what was read."""

    def __init__(self, source: BinaryIO, name: str, layout: Layout):
        self.name, self.layout, self.count = name, layout, 0
        self._hash, self._errors = hashlib.sha256(), 0
        self._records = _records(source, name, self._hash.update)
        self._parsers, self._schema = _Parsers(layout.columns), _schema(layout)
        self.bom = self._check_labels(next(self._records, None))

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def blocks(self) -> Iterator[tuple[pa.Table, list[RowError]]]:
        """(good rows, bad rows) of some thousand records each, in file order; at least one, which may be empty."""
        more = True
        while more:
            lines: list[int] = []
            rows: list[list[Any]] = []
            errors: list[RowError] = []
            more = self._fill(lines, rows, errors)
            yield self._table(lines, rows), errors

    def _fill(self, lines: list[int], rows: list[list[Any]], errors: list[RowError]) -> bool:
        """One block; whether there may be more."""
        for line in self._records:
            self.count += 1
            values, bad = self._parsers.row(_cells(self.name, line.number, _body(self.name, line)))
            if bad:
                self._errors += 1
                errors.append(RowError(line.number, tuple(f for f, _ in bad), tuple(k for _, k in bad)))
            else:
                lines.append(line.number)
                rows.append(values)
            if self._errors > MOST_ERRORS:
                raise SourceError("NP-1125", file=self.name, most=MOST_ERRORS)
            if len(rows) + len(errors) == _BATCH:
                return True
        return False

    def _table(self, lines: list[int], rows: list[list[Any]]) -> pa.Table:
        columns = list(zip(*rows, strict=True)) or [() for _ in self.layout.columns]
        number = numbers(pa.int32(), np.array(lines, dtype=np.int32), np.ones(len(lines), dtype=bool))
        made = (from_values(f, c) for f, c in zip(self.layout.columns, columns, strict=True))
        return pa.Table.from_arrays([number, *made], schema=self._schema)

    def _check_labels(self, first: _Line | None) -> bool:
        """SourceError unless the label line is ours; whether there was a BOM."""
        body = _body(self.name, first) if first else ""
        bom = body.startswith("\ufeff") and self.layout.file.bom == "optional"
        if not first or _cells(self.name, 1, body[bom:]) != [f.label for f in self.layout.data.fields]:
            raise SourceError("NP-1121", file=self.name, line=1)
        return bom


def read_csv(source: BinaryIO, name: str, layout: Layout) -> CsvRows:
    """A whole file in memory (one of ours, read back). SourceError as ``CsvFile``."""
    opened = CsvFile(source, name, layout)
    tables, errors = zip(*opened.blocks(), strict=True)
    return CsvRows(pa.concat_tables(tables), [e for some in errors for e in some], opened.count, opened.bom)
