"""Columns of table entries to UTF-8: look up, squeeze, and the exact way for characters of other lengths.

An entry is a uint32 as ``chars`` describes it. Lengths and offsets are those of Arrow text columns: int32, one more than rows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.core.codec import chars
from etl.core.codec.columns import buffer, values_of


def trimmed(data: np.ndarray, n: int, size: int, pad: str) -> tuple[np.ndarray, np.ndarray]:
    """n cells of ``size`` bytes with the padding byte cut off on the right: (int32 offsets, bytes)."""
    starts = np.arange(0, n * size + 1, size, dtype=np.int32)
    cut = pc.ascii_rtrim(pa.StringArray.from_buffers(n, buffer(starts), buffer(data)), pad)
    offsets = values_of(cut, 1, np.int32, n + 1)
    return offsets, values_of(cut, 2, np.uint8, int(offsets[-1]))


@cache
def _arrow_table(make: Callable[[], np.ndarray]) -> pa.Array:
    table = make()
    return pa.Array.from_buffers(pa.uint32(), len(table), [None, buffer(table)])


def look_up(make: Callable[[], np.ndarray], units: np.ndarray) -> np.ndarray:
    """Table entries of bytes or pairs. Arrow takes 8- and 16-bit indices as they are, numpy would widen them first."""
    kind: Any = pa.uint8() if units.dtype == np.uint8 else pa.uint16()
    index = pa.Array.from_buffers(kind, len(units), [None, buffer(units)])
    return values_of(pc.take(_arrow_table(make), index, boundscheck=False), 1, np.uint32, len(units))


def squeeze(entries: np.ndarray) -> np.ndarray:
    """Entries of three bytes each to one byte string: four entries become three words."""
    four = np.zeros(-(-len(entries) // 4) * 4, dtype=np.uint32)
    four[: len(entries)] = entries
    a, b, c, d = (four[i::4] for i in range(4))
    out = np.empty((len(a), 3), dtype="<u4")
    out[:, 0] = a | b << np.uint32(24)
    out[:, 1] = b >> np.uint32(8) | c << np.uint32(16)
    out[:, 2] = c >> np.uint32(16) | d << np.uint32(8)
    return out.reshape(-1).view(np.uint8)[: 3 * len(entries)]


_LENGTH_OF_MARK = np.zeros(256, dtype=np.uint8)
_LENGTH_OF_MARK[:3] = (3, 1, 2)


def exact(entries: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Entries of any length, ``offsets`` in characters: (offsets in bytes, bytes, which cells hold a bad character)."""
    marks = (entries >> np.uint32(24)).astype(np.uint8)
    lengths = _LENGTH_OF_MARK[marks]
    data = (entries & np.uint32(0xFFFFFF)).view(np.uint8)
    data = data[data != 0]  # no character we accept has a zero byte
    ends = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
    wrong = np.concatenate(([0], np.cumsum(marks == chars.BAD)))[offsets]
    return ends[offsets].astype(np.int32), data, np.diff(wrong) > 0


def spread(lengths: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Lengths of the present cells among all cells."""
    full = np.zeros(len(present), dtype=np.int32)
    full[present] = lengths
    return full


def without(offsets: np.ndarray, data: np.ndarray, wrong: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lengths and bytes with the wrong cells emptied, so that nothing stays behind a null."""
    lengths = np.diff(offsets)
    data = data[np.repeat(~wrong, lengths)]
    return np.where(wrong, 0, lengths), data
