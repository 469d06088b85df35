"""A record's layout turned into functions once: ``Decoder``. Checks and decodes blocks of fixed records by column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from etl.core.codec import chars, fixednum
from etl.core.codec.block import Cells
from etl.core.codec.cells import parser
from etl.core.codec.columns import arrow_schema, arrow_type, gaiji_of, numbers
from etl.core.codec.fixedtext import Masks, text_reader
from etl.core.mapping.fields import NOT_STORED, Field, Record

SHIFTS = {"shift_in": b"\x1b$B", "shift_out": b"\x1b(J"}
MODULUS = 10**18


class _Number:
    """Reader of the types that become numbers and days (see ``fixednum``)."""

    def __init__(self, field: Field):
        self._parse, self._type = fixednum.PARSERS[field.type], arrow_type(field)

    def scan(self, cells: Cells) -> Masks:
        parsed = self._parse(cells)
        return parsed.unset, parsed.bad

    def array(self, cells: Cells) -> pa.Array:
        parsed = self._parse(cells)
        return numbers(self._type, parsed.values, ~(parsed.unset | parsed.bad))


class _Fixed:
    """Reader of const, filler and shift codes: must be exactly these bytes, are never stored."""

    def __init__(self, expected: bytes):
        self._expected = expected

    def scan(self, cells: Cells) -> Masks:
        return np.zeros(cells.n, dtype=bool), ~cells.equal(self._expected)


def _reader(field: Field) -> Any:
    if field.type in NOT_STORED:
        assert field.size is not None
        return _Fixed(SHIFTS.get(field.type) or (field.value or " " * field.size).encode("cp932"))
    return _Number(field) if field.type in fixednum.PARSERS else text_reader(field)


class Decoder:
    """One record's fields as functions over a block: a contiguous uint8 array (records, bytes), with or without CRLF bytes.

    ``city``: the code every row's ``shichoson_code`` must have (kind ``other_city``); None checks no city.
    """

    def __init__(self, record: Record, city: str | None = None, city_field: str = "shichoson_code"):
        self.record = record
        self.schema = arrow_schema(record)
        self._readers = [(f, _reader(f)) for f in record.fields]
        self._city = city.encode() if city and any(f.name == city_field for f in record.fields) else None
        self._city_field = city_field

    def check(self, block: np.ndarray, rows: np.ndarray | Sequence[int] | None = None) -> list[tuple[int, str, str]]:
        """(index in the block, field, kind) of everything wrong in all or the given rows, constants and filler included.

        Only masks are made; a cell is looked at by itself only to name its kind.
        """
        picked = _picked(rows, len(block))
        found: list[tuple[int, str, str]] = []
        for field, reader in self._readers:
            cells = Cells(block, field.slice, picked)
            for at in np.flatnonzero(self._wrong(field, reader, cells)):
                row = int(at if picked is None else picked[at])
                found.append((row, field.name, self._kind(field, block[row, field.slice].tobytes())))
        return sorted(found, key=lambda e: e[0])

    def _wrong(self, field: Field, reader: Any, cells: Cells) -> np.ndarray:
        other = ~cells.equal(self._city) if self._city and field.name == self._city_field else False
        unset, bad = reader.scan(cells)
        return np.asarray(bad | (unset if field.required else False) | other)

    def _kind(self, field: Field, cell: bytes) -> str:
        return kind_of(field, cell) or "other_city"  # right by itself: only its city can be wrong

    def decode(self, block: np.ndarray, rows: np.ndarray | Sequence[int] | None = None) -> pa.RecordBatch:
        """The stored columns of all or the given rows. A cell that ``check`` would name becomes null."""
        picked = _picked(rows, len(block))
        stored = ((f, r) for f, r in self._readers if f.stored)
        return pa.RecordBatch.from_arrays([r.array(Cells(block, f.slice, picked)) for f, r in stored], schema=self.schema)

    def column(self, block: np.ndarray, name: str, rows: np.ndarray | Sequence[int] | None = None) -> pa.Array:
        """One stored column alone."""
        field, reader = next((f, r) for f, r in self._readers if f.name == name)
        return reader.array(Cells(block, field.slice, _picked(rows, len(block))))

    def numbers(self, block: np.ndarray, name: str) -> np.ndarray:
        """A field of at most 18 digits (such as 宛名番号) as int64, -1 where it is not all digits: for scope masks and totals."""
        parsed = fixednum.parse_int(Cells(block, self.record.field(name).slice))
        return np.where(parsed.bad | parsed.unset, -1, parsed.values)

    def gaiji(self, block: np.ndarray, rows: np.ndarray | Sequence[int] | None = None) -> np.ndarray:
        """外字 (F040-F9FC) in the texts of all or the given good rows: how many characters each row has."""
        picked = _picked(rows, len(block))
        found = np.zeros(len(block) if picked is None else len(picked), np.int32)
        for field in self._two_byte:
            cells = Cells(block, field.slice, picked)
            hits = (cells.flat.view("<u2").astype(np.uint8) - np.uint8(0xF0)) <= 0x09  # the first byte of each pair
            if hits.any():
                found += np.count_nonzero(hits.reshape(cells.n, -1), axis=1).astype(np.int32)
        for field, reader in (r for r in self._readers if r[0].type == "text"):  # a second byte can be F0-F9 too
            found += gaiji_of(reader.array(Cells(block, field.slice, picked)))
        return found

    @cached_property
    def _two_byte(self) -> list[Field]:
        return [f for f in self.record.fields if f.type == "zenkaku"]


def _picked(rows: np.ndarray | Sequence[int] | None, n: int) -> np.ndarray | None:
    """Row indexes as an array, None for all of them (which is quicker); a boolean mask is taken as well."""
    if rows is None:
        return None
    picked = np.asarray(rows)
    picked = np.flatnonzero(picked) if picked.dtype == bool else picked.astype(np.intp)
    return None if len(picked) == n and bool((picked == np.arange(n)).all()) else picked


def hash_total(values: np.ndarray) -> int:
    """Σ of non-negative int64 values mod 10^18, exactly (negative ones, i.e. no number, count nothing)."""
    good = values[values > 0]
    return (int((good // 10**9).sum()) * 10**9 + int((good % 10**9).sum())) % MODULUS


def kind_of(field: Field, cell: bytes) -> str | None:
    """Why one cell is wrong, None if it is right by itself. The scalar twin of the readers."""
    if field.type in NOT_STORED:
        expected = SHIFTS.get(field.type) or (field.value or " " * len(cell)).encode("cp932")
        return None if cell == expected else "not_blank" if field.type == "filler" else "const"
    try:
        value = _scalar(field)(cell)
    except ValueError as error:
        return str(error)
    return "required" if value is None and field.required else None


def _scalar(field: Field) -> Callable[[bytes], Any]:
    if field.type in ("zenkaku", "jis"):
        table, pad = (chars.pair_table(), b"\x81\x40") if field.type == "zenkaku" else (chars.jis_table(), b"!!")
        return lambda cell: _pairs(cell, table, pad, field.type)
    if field.type in ("hankaku", "text", "text3"):
        return lambda cell: _mixed(field, cell)
    if field.type == "digits":
        return lambda cell: _digits(field, cell)
    parse = parser(field)
    return lambda cell: parse(cell.decode("ascii", "replace"))


def _digits(field: Field, cell: bytes) -> str | None:
    if cell.strip(b" ") and not cell.isdigit():
        raise ValueError("not_number")
    if field.person and not cell.strip(b"0"):
        raise ValueError("zeros")
    return cell.decode("ascii") if cell.strip(b" ") else None


def _mixed(field: Field, cell: bytes) -> str | None:
    text = chars.decode_mixed(cell)
    if field.type == "hankaku" and len(text) != len(cell):
        raise ValueError("not_hankaku")
    return text.rstrip(" ") or None if field.type == "hankaku" else chars.settled(text)


def _pairs(cell: bytes, table: np.ndarray, pad: bytes, of: str) -> str | None:
    for i in range(0, len(cell), 2):
        pair = cell[i : i + 2]
        if table[pair[0] | pair[1] << 8] >= chars.BAD << 24:
            raise ValueError(_pair_kind(pair, of))
    text = [cell[i : i + 2] for i in range(0, len(cell), 2)]
    return "set" if any(p != pad for p in text) else None


def _pair_kind(pair: bytes, of: str) -> str:
    """A control character, one-byte characters, or bytes that are no character at all (in JIS every pair of 21-7E is two bytes of one)."""
    if of == "jis" and min(pair) > 0x20 and max(pair) < 0x7F:
        return "bad_char"
    if min(pair) < 0x20 or 0x7F in pair[:1]:
        return "control_char"
    try:
        return "not_zenkaku" if len(chars.decode_mixed(pair)) == 2 else "bad_char"
    except ValueError as error:
        return str(error)
