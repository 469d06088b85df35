"""対象者: find the rows of a file that we may hold at all, and those that we hold already. Columns only; the caller gives the sets.

Numbers are 宛名番号 as int64 (15 digits fit), -1 where a record has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

HASH_BYTES = 16


def is_member(values: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Mask of values that stand in the sorted array ``members``."""
    if not len(members):
        return np.zeros(len(values), bool)
    at = np.minimum(np.searchsorted(members, values), len(members) - 1)
    found: np.ndarray = members[at] == values
    return found


def from_first(values: np.ndarray, marked: np.ndarray) -> np.ndarray:
    """Mask of rows whose person has a marked row at or before it: in scope from its turn in file order."""
    if not marked.any():
        return np.zeros(len(values), bool)
    people, which = np.unique(values, return_inverse=True)
    first = np.full(len(people), len(values), dtype=np.int64)
    rows = np.flatnonzero(marked)
    np.minimum.at(first, which[rows], rows)
    return np.arange(len(values)) >= first[which]


def row_hashes(block: np.ndarray, rows: np.ndarray, ignored: tuple[slice, ...], key: bytes) -> np.ndarray:
    """BLAKE2b-128 of the raw records ``rows`` with the ``ignored`` bytes blanked: (n, 16) uint8.

    A cryptographic hash, because "unchanged" is decided by it alone; with a key, because the record holds a 個人番号.
    """
    chosen = np.ascontiguousarray(block[rows])
    for where in ignored:
        chosen[:, where] = 32
    view, width = memoryview(chosen).cast("B"), chosen.shape[1]
    digests = b"".join(blake2b(view[o : o + width], digest_size=HASH_BYTES, key=key).digest() for o in range(0, len(view), width))
    return np.frombuffer(digests, np.uint8).reshape(-1, HASH_BYTES)


@dataclass(frozen=True)
class HeldRows:
    """(宛名番号, 履歴番号) -> hash of the rows in force, sorted by key; found by binary search on columns."""

    key: np.ndarray  # uint64, sorted
    atena_no: np.ndarray
    rireki_no: np.ndarray
    row_hash: np.ndarray  # (n, 16) uint8

    @staticmethod
    def mix(atena_no: np.ndarray, rireki_no: np.ndarray) -> np.ndarray:
        """One 64-bit word per key; numbers beyond 14 digits wrap around, so a hit is always compared with both parts."""
        return atena_no.astype(np.uint64) * np.uint64(100_000) + rireki_no.astype(np.uint64)

    @classmethod
    def of(cls, atena_no: np.ndarray, rireki_no: np.ndarray, row_hash: np.ndarray) -> HeldRows:
        key = cls.mix(atena_no, rireki_no)
        order = np.argsort(key)
        return cls(key[order], atena_no[order], rireki_no[order], row_hash[order])

    def same(self, atena_no: np.ndarray, rireki_no: np.ndarray, row_hash: np.ndarray) -> np.ndarray:
        """Mask of rows that are held with this very content."""
        if not len(self.key):
            return np.zeros(len(atena_no), bool)
        at = np.minimum(np.searchsorted(self.key, self.mix(atena_no, rireki_no)), len(self.key) - 1)
        same: np.ndarray = (
            (self.atena_no[at] == atena_no) & (self.rireki_no[at] == rireki_no) & (self.row_hash[at] == row_hash).all(axis=1)
        )
        return same
