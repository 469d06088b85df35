"""One text cell of a CSV file to a value and back, by type. ValueError carries the kind of the error (see ``kinds``).

Used for CSV only; fixed files are decoded by column (``decode``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from itertools import pairwise
from typing import Any

from etl.core import dates
from etl.core.codec import chars
from etl.core.codec.digits import is_kojin_no
from etl.core.mapping import layout
from etl.core.mapping.fields import LARGEST, Field

HANKAKU = re.compile("[\x20-\x7e\uff61-\uff9f]*")
_DIGITS = re.compile("[0-9]+")
_TIME = re.compile("(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")

Value = str | int | bool | date | datetime | None


def _text(text: str) -> str | None:
    if kind := chars.flaw(text):
        raise ValueError(kind)
    return chars.settled(text)


def _hankaku(text: str) -> str | None:
    value = _text(text)
    if not HANKAKU.fullmatch(text):
        raise ValueError("not_hankaku")
    return value


def _number(most: int, sign: bool, text: str) -> int | None:
    if not text.strip(" "):
        return None
    digits = text[1:] if sign and text.startswith("-") else text
    if not _DIGITS.fullmatch(digits):
        raise ValueError("not_number")
    if len(digits) > 18:
        raise ValueError("length")
    if int(digits) > most:
        raise ValueError("too_large")
    return int(text)


def _digits(n: int, person: bool, text: str) -> str | None:
    if text and not _DIGITS.fullmatch(text):
        raise ValueError("not_number")
    if text and len(text) != n:
        raise ValueError("length")
    if person and text == "0" * n:
        raise ValueError("zeros")
    return text or None


def _year(text: str) -> int | None:
    if text.strip(" ") and not (len(text) == 4 and _DIGITS.fullmatch(text) and int(text)):
        raise ValueError("not_number")
    return int(text) if text.strip(" ") else None


def _time(text: str) -> str | None:
    if text.strip(" ") and not _TIME.fullmatch(text):
        raise ValueError("not_a_time")
    return text.strip(" ") or None


def _flag(text: str) -> bool | None:
    if text.strip(" ") and text not in ("0", "1"):
        raise ValueError("unknown_code")
    return text == "1" if text.strip(" ") else None


def _code(known: dict[str, str], text: str) -> str | None:
    if text.strip(" ") and text not in known:
        raise ValueError("unknown_code")
    return text if text.strip(" ") else None


def _zokugara(known: dict[str, str], text: str) -> str | None:
    if not text.strip(" "):
        return None
    parts = [text[i : i + 2] for i in range(0, 8, 2)]
    if len(text) != 8 or not set(parts) <= set(known):
        raise ValueError("unknown_code")
    if any(a == "00" != b for a, b in pairwise(parts)):  # 00 only pads on the right
        raise ValueError("unknown_code")
    return text


def _kojin_no(text: str) -> str | None:
    if not text.strip(" "):
        return None
    if len(text) != 12 or not _DIGITS.fullmatch(text):
        raise ValueError("not_number")
    if not is_kojin_no(text):
        raise ValueError("check_digit")
    if text == "0" * 12:
        raise ValueError("zeros")
    return text


def _shaped(parse: Callable[[str], Any], length: int, text: str) -> Any:
    """A parser that takes two spellings, held to the one of this type by its length."""
    if text.strip(" ") and len(text) != length:
        raise ValueError("not_a_day")
    return parse(text)


_PARSERS: dict[str, Callable[[str], Value]] = {
    "year": _year,
    "month": partial(_shaped, dates.parse_month, 6),
    "month7": partial(_shaped, dates.parse_month, 7),
    "date8": partial(_shaped, dates.parse_day, 8),
    "date10": partial(_shaped, dates.parse_day, 10),
    "wareki7": lambda text: dates.parse_wareki7(text) if text.strip(" ") else None,
    "ts14": dates.parse_ts14,
    "time8": _time,
    "flag": _flag,
    "kojin_no": _kojin_no,
    "text": _text,
    "text3": _text,
    "hankaku": _hankaku,
}


def parser(field: Field) -> Callable[[str], Value]:
    """The function of a field's type: cell to value, None for not set; ValueError(kind)."""
    if field.digits:
        return partial(_digits, field.digits, field.person)
    if field.type == "code":
        return partial(_code, layout.codes(field.codes or ""))
    if field.type in LARGEST:
        return partial(_number, field.largest or 0, field.type == "yen")
    if field.type == "zokugara":
        return partial(_zokugara, layout.codes("zokugara"))
    return _PARSERS[field.type]


def refusal(field: Field, cell: str) -> str | None:
    """Why a reader of this field would refuse the cell, None if it would not."""
    try:
        value = parser(field)(cell)
    except ValueError as error:
        return str(error)
    return "required" if value is None and field.required else None


_FORMATS: dict[str, Callable[[Any], str]] = {
    "month": lambda v: f"{v.year:04}{v.month:02}",
    "month7": lambda v: f"{v.year:04}-{v.month:02}",
    "date8": lambda v: f"{v.year:04}{v.month:02}{v.day:02}",
    "date10": lambda v: f"{v.year:04}-{v.month:02}-{v.day:02}",
    "wareki7": dates.format_wareki7,
    "ts14": lambda v: f"{v.year:04}{v:%m%d%H%M%S}",
    "year": lambda v: f"{v:04}",
    "flag": lambda v: "1" if v else "0",
}


def formatter(field: Field) -> Callable[[Any], str]:
    """The function of a field's type: value (not None) to cell."""
    return _FORMATS.get(field.type, str)
