"""Arrow columns to the cells of fixed records, one function per kind of type: (n, size) bytes and, by kind, which rows are held.

The way back of ``fixednum`` and ``fixedtext``: digits by division, characters through tables by UTF-16 unit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.core.codec import chars
from etl.core.codec.columns import values_of
from etl.core.dates import ERAS
from etl.core.mapping.fields import Field

Held = dict[str, np.ndarray]
_ZERO, _SPACE = np.uint8(ord("0")), np.uint8(ord(" "))


def _valid(column: pa.Array) -> np.ndarray:
    return np.asarray(column.is_valid().to_numpy(zero_copy_only=False))


def _ints(column: pa.Array) -> np.ndarray:
    """Numbers, days or seconds as int64, 0 where not set."""
    plain = column.view(pa.int32()) if pa.types.is_date32(column.type) else column
    return np.asarray(plain.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False))


def _put(out: np.ndarray, start: int, size: int, numbers: np.ndarray) -> np.ndarray:
    """Zero-filled digits into out[:, start:start+size]; returns the remainder, which is not 0 where a number does not fit."""
    rest = numbers
    for at in range(start + size - 1, start - 1, -1):
        rest, digit = rest // 10, rest % 10
        out[:, at] = digit.astype(np.uint8) + _ZERO
    return rest


def _number(field: Field, column: pa.Array) -> tuple[np.ndarray, Held]:
    """int, yen, year: zero filled, a minus in the first byte of a negative amount."""
    assert field.size
    values, valid = _ints(column), _valid(column)
    out = np.empty((len(column), field.size), dtype=np.uint8)
    negative = values < 0
    left = _put(out, 0, field.size, np.abs(values)) != 0
    if negative.any():
        left |= negative & ((out[:, 0] != _ZERO) | (field.type != "yen"))
        out[negative, 0] = ord("-")
    out[~valid] = _SPACE
    return out, {"length": left & valid}


def _ymd(days: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    when = days.astype("datetime64[D]")
    months = when.astype("datetime64[M]")
    count = months.astype(np.int64) + 1970 * 12
    return count // 12, count % 12 + 1, (when - months.astype("datetime64[D]")).astype(np.int64) + 1


def _day(dash: str, parts: int, field: Field, column: pa.Array) -> tuple[np.ndarray, Held]:
    """date8, date10, month, month7; not set is spaces."""
    assert field.size
    out = np.full((len(column), field.size), ord(dash or " "), dtype=np.uint8)
    at = 0
    year, month, day = _ymd(_ints(column))
    left = np.zeros(len(column), dtype=bool)
    for size, numbers in ((4, year), (2, month), (2, day))[:parts]:
        left |= _put(out, at, size, numbers) != 0
        at += size + len(dash)
    out[~_valid(column)] = _SPACE
    return out, {"length": left | ((day != 1) & (parts == 2))}


def _wareki7(field: Field, column: pa.Array) -> tuple[np.ndarray, Held]:
    """Era digit and YYMMDD, the later era on a day of change; not set is spaces."""
    days, valid = _ints(column), _valid(column)
    first = np.array([np.datetime64(e.first).astype(int) for e in ERAS])
    last = np.array([np.datetime64(e.last).astype(int) for e in ERAS])
    era = np.searchsorted(first, days, side="right") - 1
    outside = (era < 0) | (days > last[era])
    year, month, day = _ymd(days)
    out = np.empty((len(column), 7), dtype=np.uint8)
    _put(out, 0, 1, np.array([e.digit for e in ERAS])[era])
    for at, numbers in ((1, year - np.array([e.first.year - 1 for e in ERAS])[era]), (3, month), (5, day)):
        _put(out, at, 2, numbers)
    out[~valid | outside] = _SPACE
    return out, {"outside_era": outside & valid}


def _ts14(field: Field, column: pa.Array) -> tuple[np.ndarray, Held]:
    """YYYYMMDDhhmmss of local time; not set is spaces."""
    seconds = _ints(column)
    year, month, day = _ymd(seconds // 86_400)
    clock = seconds % 86_400
    out = np.empty((len(column), 14), dtype=np.uint8)
    left = _put(out, 0, 4, year) != 0
    for at, numbers in ((4, month), (6, day), (8, clock // 3600), (10, clock // 60 % 60), (12, clock % 60)):
        _put(out, at, 2, numbers)
    out[~_valid(column)] = _SPACE
    return out, {"length": left}


def _flag(field: Field, column: pa.Array) -> tuple[np.ndarray, Held]:
    bits = column.cast(pa.uint8()).fill_null(0).to_numpy(zero_copy_only=False) + _ZERO
    return np.where(_valid(column), bits, _SPACE).astype(np.uint8).reshape(-1, 1), {}


def _units(column: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """All text of a column as UTF-16 units, and each row's number of units (not set: 0)."""
    filled: Any = column.cast(pa.string()).fill_null("")
    offsets = values_of(filled, 1, np.int32, filled.offset + len(filled) + 1)[filled.offset :]
    data = values_of(filled, 2, np.uint8, int(offsets[-1]))[offsets[0] :] if len(filled) else np.empty(0, np.uint8)
    units = np.frombuffer(data.tobytes().decode("utf-8").encode("utf-16-le"), dtype="<u2")
    lengths = pc.utf8_length(filled).to_numpy(zero_copy_only=False).astype(np.int64)
    if len(units) != lengths.sum():  # characters beyond the first plane take two units; none of them can be expressed
        lengths = np.array([len(t.encode("utf-16-le")) // 2 for t in filled.to_pylist()], dtype=np.int64)
    return units, lengths


def _placed(units: np.ndarray, lengths: np.ndarray, width: int, pad: int, right: bool = False) -> np.ndarray:
    """(n, width) units, padded; rows that are too long are cut (they are held)."""
    room = np.minimum(lengths, width)
    if (lengths > width).any():
        starts = np.cumsum(lengths) - lengths
        units = units[np.arange(len(units)) - np.repeat(starts, lengths) < width]
    out = np.full((len(lengths), width), pad, dtype=units.dtype)
    at = np.arange(width)
    out[at >= width - room[:, None] if right else at < room[:, None]] = units
    return out


def _rows_with(wrong: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Which rows have a wrong unit."""
    hit = np.zeros(len(lengths), dtype=bool)
    hit[np.repeat(np.arange(len(lengths)), lengths)[wrong]] = True
    return hit


def _text(table: Callable[[], np.ndarray], pad: int, field: Field, column: pa.Array) -> tuple[np.ndarray, Held]:
    """zenkaku, jis, hankaku and every kind of digits: one table look-up, padded on the right (digits: zeros on the left)."""
    assert field.size
    units, lengths = _units(column)
    found = table()[units]
    width = field.size // found.dtype.itemsize
    held = {"not_expressible": _rows_with(found == 0, lengths), "length": lengths > width}
    zero_filled = field.type == "digits"
    out = _placed(found, lengths, width, ord("0") if zero_filled else pad, right=zero_filled)
    if zero_filled:
        out[lengths == 0] = _SPACE
    return out.view(np.uint8).reshape(len(column), field.size), held


def _mixed(field: Field, column: pa.Array) -> tuple[np.ndarray, Held]:
    """text: one- and two-byte characters, padded with spaces."""
    assert field.size
    texts = column.to_pylist()
    data = [_cp932(t or "") for t in texts]
    wrong = np.array([d is None for d in data], dtype=bool)
    long = np.array([len(d or b"") > field.size for d in data], dtype=bool)
    cells = b"".join((d or b"")[: field.size].ljust(field.size) for d in data)
    return np.frombuffer(cells, dtype=np.uint8).reshape(-1, field.size), {"not_expressible": wrong, "length": long}


def _cp932(text: str) -> bytes | None:
    """The bytes that decode to this text again; the codec alone would write some characters (¢) as others (￠)."""
    try:
        data = text.encode("cp932")
        return data if chars.decode_mixed(data) == text else None
    except ValueError:
        return None


_BYTES = partial(_text, chars.unit_to_byte, ord(" "))
_WRITERS: dict[str, Callable[[Field, pa.Array], tuple[np.ndarray, Held]]] = {
    "int": _number,
    "yen": _number,
    "year": _number,
    "month": partial(_day, "", 2),
    "month7": partial(_day, "-", 2),
    "date8": partial(_day, "", 3),
    "date10": partial(_day, "-", 3),
    "wareki7": _wareki7,
    "ts14": _ts14,
    "flag": _flag,
    "digits": _BYTES,
    "code": _BYTES,
    "kojin_no": _BYTES,
    "zokugara": _BYTES,
    "time8": _BYTES,
    "hankaku": _BYTES,
    "zenkaku": partial(_text, chars.unit_to_pair, chars.PAD),
    "jis": partial(_text, chars.unit_to_jis, chars.JIS_PAD),
    "text": _mixed,
    "text3": _mixed,
}


def write(field: Field, column: pa.Array) -> tuple[np.ndarray, Held]:
    """A column's cells as (n, size) bytes, and which rows are held by kind."""
    return _WRITERS[field.type](field, column)
