"""A field of a block of records: its bytes in one contiguous copy, seen as rows of bytes, as cells or as 64-bit words."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.core.codec.columns import buffer, values_of

ZEROS = np.uint64(0x3030303030303030)  # eight ASCII zeros
_HIGH_BITS = np.uint64(0x8080808080808080)
_ABOVE_NINE = np.uint64(0x7676767676767676)  # 0x0A + 0x76 reaches the high bit, 0x09 does not
_TENS = np.uint64(10)
_HALVES = np.uint64(0x000000FF000000FF)
_UPPER = np.uint64(100 + (1_000_000 << 32))
_LOWER = np.uint64(1 + (10_000 << 32))


@lru_cache(maxsize=256)
def _cell_dtype(at: int, size: int, width: int) -> np.dtype:
    """A record of ``width`` bytes of which only one field is named."""
    return np.dtype({"names": ["cell"], "formats": [f"V{size}"], "offsets": [at], "itemsize": width})


class Cells:
    """n cells of ``size`` bytes each, copied once out of a block (eight spare bytes follow, so words may overlap the end)."""

    __slots__ = ("buffer", "n", "size")

    def __init__(self, block: np.ndarray, where: slice, rows: np.ndarray | None = None):
        """``block``: contiguous uint8 (records, bytes of a record); ``rows``: which records, None for all."""
        source = block.reshape(-1).view(_cell_dtype(where.start, where.stop - where.start, block.shape[1]))["cell"]
        self.size = where.stop - where.start
        self.n = len(source) if rows is None else len(rows)
        self.buffer = np.empty(self.n * self.size + 8, dtype=np.uint8)
        self.cells[...] = source if rows is None else source[rows]

    @property
    def flat(self) -> np.ndarray:
        """All bytes in one row."""
        return self.buffer[: self.n * self.size]

    @property
    def table(self) -> np.ndarray:
        """(n, size) bytes."""
        return self.flat.reshape(self.n, self.size)

    @property
    def cells(self) -> np.ndarray:
        """n opaque cells, to compare or select whole."""
        return self.flat.view(f"V{self.size}")

    def equal(self, value: bytes) -> np.ndarray:
        """Which cells are exactly these bytes (Arrow compares whole cells several times faster than numpy)."""
        if self.size == 1:
            same: np.ndarray = self.flat == value[0]
            return same
        kind = pa.binary(self.size)
        column = pa.Array.from_buffers(kind, self.n, [None, buffer(self.buffer)])
        bits = values_of(pc.equal(column, pa.scalar(value, kind)), 1, np.uint8, -(-self.n // 8))
        return np.unpackbits(bits, count=self.n, bitorder="little").view(bool)

    def blank(self) -> np.ndarray:
        """Which cells are all spaces."""
        return self.equal(b" " * self.size)

    def word(self, start: int, length: int) -> np.ndarray:
        """Bytes start..start+length (at most 8) as words with the last byte on top, ASCII zeros before the first."""
        raw = np.ndarray((self.n,), dtype="<u8", buffer=self.buffer, offset=start, strides=(self.size,))
        if length == 8:
            return np.ascontiguousarray(raw)
        shift = np.uint64(8 * (8 - length))
        return (raw << shift) | (ZEROS >> (np.uint64(64) - shift))


def digits(word: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Words of eight ASCII digits to numbers: (uint64 values, nonzero where a byte is no digit). Multiply and shift, no loop."""
    x = word ^ ZEROS
    bad = (x | (x + _ABOVE_NINE)) & _HIGH_BITS
    x = x * _TENS + (x >> np.uint64(8))
    low = (x >> np.uint64(16)) & _HALVES
    return ((x & _HALVES) * _UPPER + low * _LOWER) >> np.uint64(32), bad
