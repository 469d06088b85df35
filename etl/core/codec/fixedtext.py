"""Text of fixed records by column: padding cut off, characters looked up in 64K tables, UTF-8 bytes and offsets out.

A reader is made once per field. ``scan`` tells which cells are not set and which are wrong, without making text (the cheap
check); ``array`` makes the Arrow column, null for both. Nearly every two-byte character has three bytes in UTF-8, so a whole
column is one table look-up and one squeeze of four bytes into three; one with other characters takes the slower exact way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import pyarrow as pa

from etl.core.codec import chars
from etl.core.codec.block import Cells, digits
from etl.core.codec.columns import from_values, offsets_of, texts
from etl.core.codec.digits import check_digits_match
from etl.core.codec.utf8 import exact, look_up, spread, squeeze, trimmed, without
from etl.core.mapping.fields import Field
from etl.core.mapping.layout import codes

Masks = tuple[np.ndarray, np.ndarray]


class Reader(Protocol):
    """How a field type is read."""

    def scan(self, cells: Cells) -> Masks:
        """(not set, wrong) per cell."""

    def array(self, cells: Cells) -> pa.Array:
        """The column; null where not set or wrong."""


def _whole_cells(cells: Cells, valid: np.ndarray) -> pa.Array:
    """Cells of ASCII taken as they are; nothing stays behind a null."""
    data = cells.flat if valid.all() else cells.cells[valid]
    return texts(offsets_of(valid * np.int32(cells.size)), data, valid)


class Ascii:
    """Types whose text is the cell itself: digits, code, zokugara, kojin_no, time8. ``wrong`` sees cells that are not blank."""

    def __init__(self, wrong: Callable[[Cells], np.ndarray]):
        self._wrong = wrong

    def scan(self, cells: Cells) -> Masks:
        unset = cells.blank()
        return unset, self._wrong(cells) & ~unset

    def array(self, cells: Cells) -> pa.Array:
        unset, bad = self.scan(cells)
        return _whole_cells(cells, ~(unset | bad))


def _rows_with(wrong: np.ndarray, cells: Cells) -> np.ndarray:
    """Which cells have a wrong byte; quick when there is none."""
    if not wrong.any():
        return np.zeros(cells.n, dtype=bool)
    return np.asarray(wrong.reshape(cells.n, cells.size).any(axis=1))


def _not_digits(cells: Cells) -> np.ndarray:
    """Cells with anything but digits."""
    wrong = (cells.flat - np.uint8(ord("0"))) > 9
    return _rows_with(wrong, cells)


def _nobody(cells: Cells) -> np.ndarray:
    """Cells with anything but the digits of a person's number: zeros alone are none."""
    return np.asarray(_not_digits(cells) | cells.equal(b"0" * cells.size))


def _no_kojin_no(cells: Cells) -> np.ndarray:
    return np.asarray(_nobody(cells) | ~check_digits_match(cells.table - np.uint8(ord("0"))))


def _no_time(cells: Cells) -> np.ndarray:
    """hh:mm:ss."""
    (h, a), (m, b), (s, c) = (digits(cells.word(at, 2)) for at in (0, 3, 6))
    colons = (cells.table[:, 2] == ord(":")) & (cells.table[:, 5] == ord(":"))
    return np.asarray(((a | b | c) != 0) | ~colons | (h > 23) | (m > 59) | (s > 59))


def _not_in(known: list[str]) -> Callable[[Cells], np.ndarray]:
    """Codes of 1 or 2 bytes by table, longer ones (at most 8) as words."""
    size = len(known[0])
    if size <= 2:
        table = np.ones(1 << 8 * size, dtype=bool)
        table[np.frombuffer("".join(known).encode(), dtype=f"<u{size}")] = False
        return lambda cells: table[cells.flat.view(f"<u{size}")]
    words = np.array([int.from_bytes(k.encode().rjust(8, b"0"), "little") for k in known], dtype=np.uint64)
    return lambda cells: np.isin(cells.word(0, size), words, invert=True)


def _no_zokugara(known: list[str]) -> Callable[[Cells], np.ndarray]:
    """Four codes; 00 only pads on the right."""
    outside = _not_in(known)
    none = int.from_bytes(b"00", "little")

    def wrong(cells: Cells) -> np.ndarray:
        unknown = outside(cells).view("<u4")  # the four answers of a cell as one word
        pad = (cells.flat.view("<u2") == none).view("<u4")
        return np.asarray((unknown | (pad & ~(pad >> np.uint32(8)) & np.uint32(0x00010101))) != 0)

    return wrong


class Pairs:
    """zenkaku and jis: two-byte characters, padded on the right by one of them."""

    def __init__(self, table: Callable[[], np.ndarray], pad: int):
        self._table, self._pad = table, np.uint16(pad)
        self._blank = pad.to_bytes(2, "little")

    def _present(self, cells: Cells) -> np.ndarray:
        """Which cells are not all padding."""
        return ~cells.equal(self._blank * (cells.size // 2))

    @staticmethod
    def _pairs(cells: Cells, which: np.ndarray) -> np.ndarray:
        kept = cells.cells if which.all() else cells.cells[which]
        return kept.view(np.uint16)

    def scan(self, cells: Cells) -> Masks:
        present = self._present(cells)
        wrong = look_up(self._table, self._pairs(cells, present)) >= chars.BAD << 24
        bad = np.zeros(cells.n, dtype=bool)
        if wrong.any():
            bad[present] = wrong.reshape(-1, cells.size // 2).any(axis=1)
        return ~present, bad

    def array(self, cells: Cells) -> pa.Array:
        present = self._present(cells)
        pairs = self._pairs(cells, present)
        if pairs.view(np.uint8).min(initial=1) == 0:  # padding becomes 0 to be trimmed, so cells with a 0 of their own go first
            present &= ~self.scan(cells)[1]
            pairs = self._pairs(cells, present)
        rows = np.flatnonzero(present)
        offsets, data = trimmed(pairs * (pairs != self._pad), len(rows), cells.size, "\0")
        entries = look_up(self._padded, data.view(np.uint16))
        if entries.max(initial=0) < 1 << 24:
            lengths = np.diff(offsets) // 2 * 3
            return texts(offsets_of(spread(lengths, present)), squeeze(entries), present)
        ends, data, wrong = exact(entries, offsets // 2)
        lengths, data = without(ends, data, wrong)
        valid = present.copy()
        valid[rows[wrong]] = False
        return texts(offsets_of(spread(lengths, present)), data, valid)

    def _padded(self) -> np.ndarray:
        """The table with 0 standing for the padding character inside a text."""
        table = self._table().copy()
        table[0] = table[self._pad]
        return table


class Hankaku:
    """One-byte characters, padded on the right with spaces."""

    def scan(self, cells: Cells) -> Masks:
        wrong = ~(((cells.flat - np.uint8(0x20)) <= 0x5E) | ((cells.flat - np.uint8(0xA1)) <= 0x3E))
        return cells.blank(), _rows_with(wrong, cells)

    def array(self, cells: Cells) -> pa.Array:
        offsets, data = trimmed(cells.flat, cells.n, cells.size, " ")
        ends, data, wrong = exact(look_up(chars.byte_table, data), offsets)
        if wrong.any():
            lengths, data = without(ends, data, wrong)
            ends = offsets_of(lengths)
        return texts(ends, data, np.diff(ends) > 0)


class Mixed:
    """text: one-byte and two-byte characters as they are. Columns of plain ASCII are trimmed at once, others cell by cell."""

    def scan(self, cells: Cells) -> Masks:
        if self._plain(cells):
            return cells.blank(), np.zeros(cells.n, dtype=bool)
        read = [_mixed(c.tobytes()) for c in cells.cells]
        wrong = np.fromiter((bad for _, bad in read), dtype=bool, count=cells.n)
        return np.fromiter((text is None for text, _ in read), dtype=bool, count=cells.n) & ~wrong, wrong

    def array(self, cells: Cells) -> pa.Array:
        if self._plain(cells):
            offsets, data = trimmed(cells.flat, cells.n, cells.size, " ")
            return texts(offsets, data, np.diff(offsets) > 0)
        return from_values(_TEXT, [_mixed(c.tobytes())[0] for c in cells.cells])

    @staticmethod
    def _plain(cells: Cells) -> bool:
        return not ((cells.flat - np.uint8(0x20)) > 0x7E - 0x20).any()


_TEXT = Field(name="text", label="text", type="text")


def _mixed(data: bytes) -> tuple[str | None, bool]:
    """(text or None, whether it is wrong)."""
    try:
        return chars.settled(chars.decode_mixed(data)), False
    except ValueError:
        return None, True


def text_reader(field: Field) -> Reader:
    """The reader of a text type."""
    if field.type == "code":
        return Ascii(_not_in(list(codes(field.codes or ""))))
    if field.person:
        return Ascii(_nobody)
    if field.type == "zokugara":
        return Ascii(_no_zokugara(list(codes("zokugara"))))
    return _READERS[field.type]


_READERS: dict[str, Reader] = {
    "digits": Ascii(_not_digits),
    "kojin_no": Ascii(_no_kojin_no),
    "time8": Ascii(_no_time),
    "zenkaku": Pairs(chars.pair_table, chars.PAD),
    "jis": Pairs(chars.jis_table, chars.JIS_PAD),
    "hankaku": Hankaku(),
    "text": Mixed(),
    "text3": Mixed(),
}
