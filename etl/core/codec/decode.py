"""Decoding of fixed files: the front door of this room, and the page that explains it.

The register has 1.55 million records of 820 bytes and most days nearly all are unchanged or out of scope, so records are taken
by column and only as far as needed:

* ``fixedfile`` cuts a file into blocks: 16k records as a 2-D uint8 array, one block in memory at a time; ``jpsfile`` does it for the
  media files of 日本年金機構.
* ``block`` copies one field of a block into contiguous cells and gives them as bytes, as whole cells, or as 64-bit words.
* ``fixednum`` reads digits eight at a time with multiply and shift; days come from a table by YYYYMM whose holes are the
  impossible ones.
* ``fixedtext`` cuts padding off and looks characters up in 64K tables (``chars``) that give their UTF-8 bytes.
* ``records`` puts a reader behind every field of a layout, once: ``Decoder``. ``check`` makes masks only and names what is
  wrong; ``decode`` makes Arrow columns from buffers, null where a cell is not set or wrong.

``encode`` is the way back, ``csvtext`` the same for CSV. Nothing here opens a file, knows the database or the day.
"""

from etl.core.codec.fixedfile import FixedFile, Structure, decode_one, split
from etl.core.codec.jpsfile import JpsFile, read_jps
from etl.core.codec.kinds import RowError
from etl.core.codec.records import Decoder, hash_total


def row_errors(first_line: int, found: list[tuple[int, str, str]]) -> list[RowError]:
    """The findings of ``Decoder.check`` in a block whose first record has this line, one RowError per row."""
    by_row: dict[int, list[tuple[str, str]]] = {}
    for row, field, kind in found:
        by_row.setdefault(row, []).append((field, kind))
    return [RowError(first_line + r, tuple(f for f, _ in e), tuple(k for _, k in e)) for r, e in sorted(by_row.items())]


__all__ = [
    "Decoder",
    "FixedFile",
    "JpsFile",
    "RowError",
    "Structure",
    "decode_one",
    "hash_total",
    "read_jps",
    "row_errors",
    "split",
]
