"""Hypothesis strategies: a value, a row and a table for any field, record and layout, made from the mapping alone."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from etl.core.codec import chars
from etl.core.codec.columns import arrow_schema, from_values
from etl.core.codec.digits import make_kojin_no
from etl.core.mapping.fields import Field, Record
from etl.core.mapping.layout import codes

WIDE = sorted({char for _, char in chars._pairs()} - {"　"})
JIS = [char for char in WIDE if chars.unit_to_jis()[ord(char)]]
NARROW = [bytes((b,)).decode("cp932") for b in (*range(0x21, 0x7F), *range(0xA1, 0xE0))]
ANY_DAY = st.dates(date(1, 1, 1), date(9999, 12, 31))
MONTH = ANY_DAY.map(lambda d: d.replace(day=1))


def text(alphabet: list[str], space: str, size: int) -> st.SearchStrategy[str]:
    """Text that fits ``size`` characters, spaces inside but not at its end."""
    characters = st.lists(st.sampled_from(alphabet) | st.just(space), min_size=1, max_size=size)
    return characters.map(lambda t: "".join(t).rstrip(space) or alphabet[0])


def digits(n: int, least: int = 0) -> st.SearchStrategy[str]:
    return st.integers(least, 10**n - 1).map(lambda v: f"{v:0{n}}")


def zokugara() -> st.SearchStrategy[str]:
    real = sorted(set(codes("zokugara")) - {"00"})
    return st.lists(st.sampled_from(real), max_size=4).map(lambda parts: "".join(parts).ljust(8, "0"))


def value(field: Field) -> st.SearchStrategy[Any]:
    """A value that the field can carry, never not set."""
    size = field.size or 30
    if field.digits or field.type == "digits":
        return digits(field.digits or size, int(field.person))
    if field.type == "code":
        return st.sampled_from(sorted(codes(field.codes or "")))
    return {
        "int": st.integers(0, field.largest or 0),
        "yen": st.integers(-((field.largest or 0) // 10), field.largest),
        "year": st.integers(1, 9999),
        "month": MONTH,
        "month7": MONTH,
        "date8": ANY_DAY,
        "date10": ANY_DAY,
        "wareki7": st.dates(date(1868, 1, 25), date(2099, 12, 31)),
        "ts14": st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(lambda t: t.replace(microsecond=0)),
        "time8": st.times().map(lambda t: f"{t:%H:%M:%S}"),
        "flag": st.booleans(),
        "kojin_no": st.integers(1, 10**7 - 1).map(lambda v: make_kojin_no(f"0000{v:07}")),
        "zokugara": zokugara(),
        "text3": text(NARROW, " ", 3),
        "text": text(NARROW + WIDE, " ", max(1, size // 2)),
        "hankaku": text(NARROW, " ", size),
        "zenkaku": text(WIDE, "　", size // 2),
        "jis": text(JIS, "　", size // 2),
    }[field.type]


def cell(field: Field) -> st.SearchStrategy[Any]:
    return value(field) if field.required else st.none() | value(field)


def rows(record: Record, most: int = 8) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries({f.name: cell(f) for f in record.stored}), max_size=most)


def table(record: Record, values: list[dict[str, Any]]) -> pa.Table:
    arrays = [from_values(f, [v[f.name] for v in values]) for f in record.stored]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(record))
