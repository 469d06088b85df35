"""Numbers, days, months, times and flags of fixed records by column.

Every function takes the cells of a field and gives ``Parsed``: values, which cells are not set and which are wrong. Days come
from a table by year and month, so impossible days fall out as holes; nothing here looks at one row.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from etl.core.codec.block import Cells, digits
from etl.core.dates import ERAS


class Parsed(NamedTuple):
    """A column: values (anything where not set or wrong), not-set mask, wrong mask (disjoint)."""

    values: np.ndarray
    unset: np.ndarray
    bad: np.ndarray


@cache
def calendar() -> tuple[np.ndarray, np.ndarray]:
    """By YYYYMM: the first day of the month (days since 1970) and its length, 0 where there is no such month."""
    months = np.arange("0001-01", "10000-01", dtype="datetime64[M]")
    first = months.astype("datetime64[D]").astype(np.int64)
    count = months.astype(np.int64) + 1970 * 12
    index = count // 12 * 100 + count % 12 + 1
    starts, lengths = np.zeros(1_000_000, dtype=np.int32), np.zeros(1_000_000, dtype=np.uint8)
    starts[index] = first
    lengths[index[:-1]], lengths[index[-1]] = np.diff(first), 31
    return starts, lengths


def _number(cells: Cells, start: int = 0, stop: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Up to 18 digits as int64, and which cells have anything else in these bytes."""
    stop = cells.size if stop is None else stop
    value, wrong = digits(cells.word(max(start, stop - 8), min(8, stop - start)))
    for end in range(stop - 8, start, -8):
        high, other = digits(cells.word(max(start, end - 8), min(8, end - start)))
        value, wrong = value + high * np.uint64(10 ** (stop - end)), wrong | other
    return value.view(np.int64), wrong != 0


def _settle(values: np.ndarray, unset: np.ndarray, bad: np.ndarray) -> Parsed:
    bad &= ~unset
    return Parsed(values, unset, bad)


def parse_int(cells: Cells) -> Parsed:
    """Zero filled digits; all spaces is not set; leading spaces are wrong."""
    values, bad = _number(cells)
    return _settle(values, cells.blank(), bad)


def parse_yen(cells: Cells) -> Parsed:
    """As int, with a minus in the first byte of a negative amount."""
    negative = cells.table[:, 0] == ord("-")
    unset = cells.blank()
    if cells.size > 1 and negative.any():
        cells.table[negative, 0] = ord("0")
    values, bad = _number(cells)
    values[negative] *= -1
    return _settle(values, unset, bad)


def parse_year(cells: Cells) -> Parsed:
    """Four digits; there is no year 0."""
    values, bad = _number(cells)
    return _settle(values.astype(np.int32), cells.blank(), bad | (values == 0))


def _days(months: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """YYYYMM and day numbers to days since 1970 and which are no day. Numbers outside any calendar are no day."""
    starts, lengths = calendar()
    safe = np.where(months < len(lengths), months, 0)
    return starts[safe] + days.astype(np.int32) - 1, (days - 1).view(np.uint64) >= lengths[safe]


def parse_date8(cells: Cells) -> Parsed:
    """YYYYMMDD; spaces or zeros are not set."""
    number, bad = _number(cells)
    unset = ((number == 0) & ~bad) | cells.blank()
    months = number // 100
    values, holes = _days(months, number - months * 100)
    return _settle(values, unset, bad | holes)


def parse_date10(cells: Cells) -> Parsed:
    """YYYY-MM-DD; spaces or 0000-00-00 are not set."""
    (year, a), (month, b), (day, c) = _number(cells, 0, 4), _number(cells, 5, 7), _number(cells, 8, 10)
    dashes = (cells.table[:, 4] == ord("-")) & (cells.table[:, 7] == ord("-"))
    values, holes = _days(year * 100 + month, day)
    return _settle(values, cells.blank() | cells.equal(b"0000-00-00"), a | b | c | ~dashes | holes)


def _months(number: np.ndarray, unset: np.ndarray, bad: np.ndarray) -> Parsed:
    values, holes = _days(number, np.ones_like(number))
    return _settle(values, unset, bad | holes)


def parse_month(cells: Cells) -> Parsed:
    """YYYYMM as its first day; spaces or zeros are not set."""
    number, bad = _number(cells)
    return _months(number, ((number == 0) & ~bad) | cells.blank(), bad)


def parse_month7(cells: Cells) -> Parsed:
    """YYYY-MM as its first day; spaces or 0000-00 are not set."""
    (year, a), (month, b) = _number(cells, 0, 4), _number(cells, 5, 7)
    bad = a | b | (cells.table[:, 4] != ord("-"))
    return _months(year * 100 + month, cells.blank() | cells.equal(b"0000-00"), bad)


@cache
def _eras() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """By era digit: year before its first, first day, last day (days since 1970; an empty span where there is no era)."""
    before, first, last = np.zeros(10, np.int64), np.full(10, 1, np.int32), np.zeros(10, np.int32)
    for era in ERAS:
        before[era.digit] = era.first.year - 1
        first[era.digit] = np.datetime64(era.first).astype(int)
        last[era.digit] = np.datetime64(era.last).astype(int)
    return before, first, last


def parse_wareki7(cells: Cells) -> Parsed:
    """Era digit and YYMMDD; a day inside its era. Spaces are not set."""
    number, bad = _number(cells)
    number[bad] = 0
    before, first, last = _eras()
    era, rest = number // 1_000_000, number % 1_000_000
    values, holes = _days((before[era] + rest // 10_000) * 100 + rest // 100 % 100, rest % 100)
    outside = (rest < 10_000) | (values < first[era]) | (values > last[era])
    return _settle(values, cells.blank(), bad | holes | outside)


def parse_ts14(cells: Cells) -> Parsed:
    """YYYYMMDDhhmmss as seconds of local time since 1970; spaces are not set."""
    (day, a), (time, b) = _number(cells, 0, 8), _number(cells, 8, 14)
    months = day // 100
    days, holes = _days(months, day - months * 100)
    hour, minute, second = time // 10_000, time // 100 % 100, time % 100
    wrong = a | b | holes | (hour > 23) | (minute > 59) | (second > 59)
    return _settle(days.astype(np.int64) * 86_400 + hour * 3600 + minute * 60 + second, cells.blank(), wrong)


def parse_flag(cells: Cells) -> Parsed:
    """0 or 1; a space is not set."""
    byte = cells.flat
    return _settle(byte == ord("1"), byte == ord(" "), (byte & 0xFE) != ord("0"))


PARSERS: dict[str, Callable[[Cells], Parsed]] = {
    "int": parse_int,
    "yen": parse_yen,
    "year": parse_year,
    "month": parse_month,
    "month7": parse_month7,
    "date8": parse_date8,
    "date10": parse_date10,
    "wareki7": parse_wareki7,
    "ts14": parse_ts14,
    "flag": parse_flag,
}
