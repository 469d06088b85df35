"""The 500-byte family of 日本年金機構 as a preamble and groups of H D..D T. Structure only. A file is in memory
at once, read and not mapped: a map of a file that somebody shortens meanwhile ends the process.

Such a file has no ``.end``: its own header and trailer do that work, so an error of structure refuses it whole (SourceError, with
both numbers): a length that is no preamble and whole records (NP-1140), a preamble, header or trailer item that does not decode (NP-1114),
records out of order (NP-1141), another municipality (NP-1142), days that disagree (NP-1143), counts that disagree (NP-1144, NP-1145), shift
codes not in their place (NP-1146). The first record after the preamble is line 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from etl.core.codec.fixedfile import ROWS_PER_BLOCK, decode_one
from etl.core.codec.records import SHIFTS, Decoder
from etl.core.errors import SourceError
from etl.core.mapping.fields import Field, Record
from etl.core.mapping.layout import Layout

HEADER, DATA, TRAILER = b"123"
MUNICIPALITY = "shichoson_code5"


@dataclass(frozen=True)
class JpsFile:
    """A whole file: preamble values, all records as (n, 500) bytes, and which of them are data (indexes, line - 1)."""

    preamble: dict[str, Any]
    records: np.ndarray
    data: np.ndarray

    @property
    def count(self) -> int:
        """Data records of all groups."""
        return len(self.data)

    def blocks(self, rows_per_block: int = ROWS_PER_BLOCK) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(lines, (n, 500) bytes) of the data records in file order."""
        for first in range(0, self.count, rows_per_block):
            at = self.data[first : first + rows_per_block]
            yield (at + 1).astype(np.int32), np.ascontiguousarray(self.records[at])


def read_jps(whole: np.ndarray, layout: Layout, name: str, city5: str) -> JpsFile:
    """Check a whole file (uint8); ``city5``: 市町村コード of 5 digits that every record must have. SourceError."""
    assert layout.preamble and layout.preamble.size and layout.data.size
    begins, width = layout.preamble.size, layout.data.size
    count, rest = divmod(max(len(whole) - begins, 0), width)
    if rest or count < 2:
        raise SourceError("NP-1140", file=name, bytes=len(whole), preamble=begins, record=width, rest=rest)
    preamble = _edge(layout.preamble, whole[:begins], name, 0)
    records = whole[begins:].reshape(count, width)
    headers, trailers = _groups(records, name)
    _one_municipality(records, layout.data, name, city5)
    if preamble["file_count"] not in (1, len(headers)):
        raise SourceError("NP-1145", file=name, expected=preamble["file_count"], found=len(headers))
    _check_edges(records, layout, name, preamble, headers, trailers)
    data = np.flatnonzero(records[:, 0] == DATA)
    _check_shifts(records, layout.data, data, name)
    return JpsFile(preamble, records, data)


def _edge(record: Record, data: np.ndarray, name: str, line: int) -> dict[str, Any]:
    """Preamble (line 0), header or trailer with every field good and set."""
    block = np.ascontiguousarray(data).reshape(1, -1)
    for _, field, kind in Decoder(record).check(block):
        raise SourceError("NP-1114", file=name, line=line or None, item=field, kind=kind)
    return decode_one(record, block.tobytes())


def _groups(records: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Indexes of headers and trailers; every record belongs to exactly one H D..D T."""
    kinds = records[:, 0]
    before = np.concatenate([[TRAILER], kinds[:-1]])
    follows = ((before == TRAILER) & (kinds == HEADER)) | ((before != TRAILER) & ((kinds == DATA) | (kinds == TRAILER)))
    known = (kinds == HEADER) | (kinds == DATA) | (kinds == TRAILER)
    wrong = ~(follows & known)
    if wrong.any():
        raise SourceError("NP-1141", file=name, line=int(np.argmax(wrong)) + 1)
    if kinds[-1] != TRAILER:
        raise SourceError("NP-1141", file=name, line=len(records))
    return np.flatnonzero(kinds == HEADER), np.flatnonzero(kinds == TRAILER)


def _one_municipality(records: np.ndarray, data: Record, name: str, city5: str) -> None:
    """All records are of our municipality: its code stands at the same bytes of header, data and trailer."""
    other = (records[:, data.field(MUNICIPALITY).slice] != np.frombuffer(city5.encode(), np.uint8)).any(axis=1)
    if other.any():
        raise SourceError("NP-1142", file=name, line=int(np.argmax(other)) + 1, expected=len(records), found=int(other.sum()))


def _check_edges(
    records: np.ndarray, layout: Layout, name: str, preamble: dict[str, Any], headers: np.ndarray, trailers: np.ndarray
) -> None:
    """Each header and trailer: their day is the preamble's, the trailer counts the data records before it."""
    assert layout.header and layout.trailer
    for first, last in zip(headers.tolist(), trailers.tolist(), strict=True):
        for record, at in ((layout.header, first), (layout.trailer, last)):
            found = _edge(record, records[at], name, at + 1)
            if found["created_on"] != preamble["created_on"]:
                raise SourceError("NP-1143", file=name, line=at + 1, expected=preamble["created_on"], found=found["created_on"])
        if found["count"] != last - first - 1:
            raise SourceError("NP-1144", file=name, line=last + 1, expected=found["count"], found=last - first - 1)


def _check_shifts(records: np.ndarray, data: Record, rows: np.ndarray, name: str) -> None:
    """The shift codes of every data record stand where kanji begin and end; else nothing behind them can be trusted."""
    for field in (f for f in data.fields if f.type in SHIFTS):
        wrong = _differs(records[rows, field.slice], field)
        if wrong.any():
            line = int(rows[int(np.argmax(wrong))]) + 1
            raise SourceError("NP-1146", file=name, line=line, item=field.name, expected=len(rows), found=int(wrong.sum()))


def _differs(cells: np.ndarray, field: Field) -> np.ndarray:
    return np.asarray((cells != np.frombuffer(SHIFTS[field.type], np.uint8)).any(axis=1))
