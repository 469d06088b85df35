"""A fixed file as a header, blocks of data records and a trailer. Structure only; memory is one block, whatever the size.

Refused whole (SourceError): a length that is no multiple of the record (NP-1110), anything after the last CRLF (NP-1111; only a
missing last CRLF is fine), a record without CRLF (NP-1112), first or last record of another kind (NP-1113), a header or trailer
field that does not decode (NP-1114). Whether header and trailer agree with name, day and counts is the caller's to ask.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from etl.core.codec.records import Decoder
from etl.core.errors import SourceError
from etl.core.mapping.fields import Record
from etl.core.mapping.layout import Layout

ROWS_PER_BLOCK = 16_384
CRLF = 0x0A0D  # as a pair in memory


class Structure(NamedTuple):
    """A file split: header and trailer values, data records with their CRLF (the last may be without)."""

    header: dict[str, Any]
    trailer: dict[str, Any]
    records: np.ndarray


def decode_one(record: Record, data: bytes) -> dict[str, Any]:
    """One record's stored fields by name, None for not set or wrong."""
    block = np.frombuffer(data, dtype=np.uint8).reshape(1, -1)
    values: dict[str, Any] = Decoder(record).decode(block).to_pylist()[0]
    return values


class FixedFile:
    """A fixed file over an open binary file; the caller closes it. ``header``, ``trailer``: decoded; ``count``: data records;
    ``blocks()``: the records themselves; ``sha256``: after the last block, of header, records and trailer as they were read."""

    def __init__(self, source: BinaryIO, name: str, layout: Layout):
        assert layout.header and layout.trailer and layout.data.size
        self._source, self.name, self.layout = source, name, layout
        self.width = layout.data.size + 2
        size = source.seek(0, io.SEEK_END)
        records, rest = divmod(size, self.width)
        if rest == self.width - 2:
            records, rest = records + 1, 0
        self.count = records - 2
        if rest:
            raise self._wrong_length(size)
        if self.count < 0:
            raise SourceError("NP-1113", file=name)
        self.sha256 = ""
        self._first, self._last = (self._read(index * self.width, self.width) for index in (0, records - 1))
        self.header = self._edge(layout.header, 0, self._first)
        self.trailer = self._edge(layout.trailer, records - 1, self._last)

    def _wrong_length(self, size: int) -> SourceError:
        """Too much after a whole file, or a length that fits nothing."""
        whole = size // self.width
        at_end = self._read((whole - 1) * self.width, self.width) if whole > 1 else b""
        if at_end.endswith(b"\r\n") and self._is_trailer(at_end):
            return SourceError("NP-1111", file=self.name, bytes=size - whole * self.width)
        return SourceError("NP-1110", file=self.name, bytes=size, record=self.width - 2)

    def _is_trailer(self, data: bytes) -> bool:
        """Whether the record has the trailer's constants."""
        assert self.layout.trailer
        constants = [f for f in self.layout.trailer.fields if f.type == "const"]
        return all(data[f.slice] == (f.value or "").encode("cp932") for f in constants)

    def _read(self, at: int, size: int) -> bytes:
        self._source.seek(at)
        return self._source.read(size)

    def _edge(self, record: Record, index: int, data: bytes) -> dict[str, Any]:
        """Header or trailer: right kind, CRLF, every field good."""
        line = index + 1
        block = np.frombuffer(data[: self.width - 2], dtype=np.uint8).reshape(1, -1)
        if data[self.width - 2 :] not in ((b"\r\n", b"") if index else (b"\r\n",)):
            raise SourceError("NP-1112", file=self.name, line=line)
        for _, field, kind in Decoder(record).check(block):
            if kind == "const":
                raise SourceError("NP-1113", file=self.name, line=line, item=field)
            raise SourceError("NP-1114", file=self.name, line=line, item=field, kind=kind)
        return decode_one(record, data[: self.width - 2])

    def blocks(self, rows_per_block: int = ROWS_PER_BLOCK) -> Iterator[tuple[int, np.ndarray]]:
        """(line of the first record, (n, record + 2) bytes) in file order. The header is line 1, the first data record 2. Hashed beside the
        work on the block."""
        self._source.seek(self.width)
        total, hashed = hashlib.sha256(self._first), None
        with ThreadPoolExecutor(1) as beside:
            for first in range(0, self.count, rows_per_block):
                block = self._block(first, min(rows_per_block, self.count - first))
                _finish(hashed)
                hashed = beside.submit(total.update, block)
                yield first + 2, block
            _finish(hashed)
        total.update(self._last)
        self.sha256 = total.hexdigest()

    def _block(self, first: int, rows: int) -> np.ndarray:
        block = np.empty((rows, self.width), dtype=np.uint8)
        if self._source.readinto(block.data.cast("B")) != block.size:  # type: ignore[attr-defined]
            raise SourceError("NP-1110", file=self.name, bytes=0, record=self.width - 2)
        ends = block[:, -2:].copy().view("<u2").ravel() != CRLF
        if ends.any():
            raise SourceError("NP-1112", file=self.name, line=first + 2 + int(np.argmax(ends)))
        return block

    def record(self, line: int) -> bytes:
        """One data record, with its CRLF."""
        return self._read((line - 1) * self.width, self.width)


def _finish(work: Future[None] | None) -> None:
    if work:
        work.result()


def split(data: bytes | memoryview | np.ndarray, layout: Layout, file: str) -> Structure:
    """A file that is in memory, split at once. SourceError."""
    whole: Any = np.ascontiguousarray(data) if isinstance(data, np.ndarray) else data
    view = memoryview(whole).cast("B")
    opened = FixedFile(io.BytesIO(view), file, layout)
    blocks = [block for _, block in opened.blocks(max(opened.count, 1))]
    records = blocks[0] if blocks else np.empty((0, opened.width), dtype=np.uint8)
    return Structure(opened.header, opened.trailer, records)
