"""Arrow columns from buffers (never from Python lists: slow, and imports pandas), and the Arrow type of each field type."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.core.codec import chars
from etl.core.mapping.fields import Field, Record

_TYPES: dict[str, pa.DataType] = {
    "int": pa.int64(),
    "yen": pa.int64(),
    "year": pa.int32(),
    "flag": pa.bool_(),
    "month": pa.date32(),
    "month7": pa.date32(),
    "date8": pa.date32(),
    "date10": pa.date32(),
    "wareki7": pa.date32(),
    "era_day": pa.date32(),
    "era_month": pa.date32(),
    "ts14": pa.timestamp("s"),
}
_EPOCH_DAY, _EPOCH = date(1970, 1, 1).toordinal(), datetime(1970, 1, 1)


def buffer(data: Any) -> pa.Buffer:
    """Bytes or a numpy array as an Arrow buffer, without a copy."""
    return pa.py_buffer(data)


def values_of(array: pa.Array, which: int, dtype: Any, count: int) -> np.ndarray:
    """The first ``count`` values of one of an array's buffers, without a copy."""
    found: Any = array.buffers()[which]
    return np.frombuffer(found, dtype=dtype, count=count) if count else np.empty(0, dtype)


def arrow_type(field: Field) -> pa.DataType:
    """Numbers and dates as such (ts14: local time of the city, no zone), everything else text."""
    return _TYPES.get(field.type, pa.string())


def arrow_schema(record: Record) -> pa.Schema:
    """The stored fields of a record; ``required`` ones are not nullable in fact, but bad rows may be null until set aside."""
    return pa.schema([pa.field(f.name, arrow_type(f)) for f in record.stored])


def bitmap(valid: np.ndarray) -> tuple[pa.Buffer | None, int]:
    """A validity bitmap and the number of nulls; no bitmap when nothing is null."""
    nulls = int(valid.size - np.count_nonzero(valid))
    return (buffer(np.packbits(valid, bitorder="little")) if nulls else None), nulls


def numbers(kind: pa.DataType, values: np.ndarray, valid: np.ndarray) -> pa.Array:
    """A column of numbers, days or seconds: ``values`` already has the width of ``kind`` (booleans: one byte each)."""
    mask, nulls = bitmap(valid)
    clean = np.where(valid, values, values.dtype.type(0)) if nulls else np.ascontiguousarray(values)
    data = np.packbits(clean, bitorder="little") if pa.types.is_boolean(kind) else clean
    return pa.Array.from_buffers(kind, len(values), [mask, buffer(data)], nulls)


def texts(offsets: np.ndarray, data: Any, valid: np.ndarray) -> pa.Array:
    """A text column from int32 offsets (n + 1) into UTF-8 bytes."""
    mask, nulls = bitmap(valid)
    buffers = [mask, buffer(offsets.astype(np.int32, copy=False)), buffer(data)]
    return pa.Array.from_buffers(pa.string(), len(valid), buffers, nulls)


def offsets_of(lengths: np.ndarray) -> np.ndarray:
    """Lengths to n + 1 int32 offsets."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def from_values(field: Field, values: Sequence[Any]) -> pa.Array:
    """A column from Python values, None for not set."""
    kind = arrow_type(field)
    valid = np.fromiter((v is not None for v in values), dtype=bool, count=len(values))
    if pa.types.is_string(kind):
        parts = [b"" if v is None else v.encode("utf-8") for v in values]
        lengths = np.fromiter((len(p) for p in parts), dtype=np.int64, count=len(parts))
        return texts(offsets_of(lengths), b"".join(parts), valid)
    if pa.types.is_date(kind):
        plain = [0 if v is None else v.toordinal() - _EPOCH_DAY for v in values]
    elif pa.types.is_timestamp(kind):
        plain = [0 if v is None else int((v - _EPOCH).total_seconds()) for v in values]
    else:
        plain = [v or 0 for v in values]
    width = np.int64 if kind.bit_width == 64 else np.int32
    return numbers(kind, np.array(plain, dtype=width), valid)


def gaiji_of(column: pa.Array) -> np.ndarray:
    """外字 in each text of a column: how many characters."""
    found: Any = pc.fill_null(pc.count_substring_regex(column, chars.GAIJI), 0)
    return np.asarray(found.to_numpy(zero_copy_only=False))
