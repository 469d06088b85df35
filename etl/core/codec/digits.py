"""The check digit of the 個人番号 (総務省令第85号第5条): scalar for one number, by columns for a block.

digit = 11 - (Σ Pn·Qn mod 11), remainder 0 or 1 gives 0; weights of the eleven digits from the left 6 5 4 3 2 7 6 5 4 3 2. Twelve zeros
have a right check digit and are nobody's number; the readers say so (kind ``zeros``).
"""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate
from typing import Any

import numpy as np

_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
#: Weighted sum -> check digit; sums of eleven digits stay below 9 * 49.
_DIGIT_OF_SUM = np.array([11 - s % 11 if s % 11 > 1 else 0 for s in range(9 * sum(_WEIGHTS) + 1)], dtype=np.uint8)


def check_digit(eleven: str) -> str:
    """The twelfth digit for these eleven; ValueError if they are not eleven ASCII digits."""
    if len(eleven) != 11 or not (eleven.isascii() and eleven.isdigit()):
        raise ValueError("eleven digits expected")
    return str(_DIGIT_OF_SUM[sum(int(d) * w for d, w in zip(eleven, _WEIGHTS, strict=True))])


def make_kojin_no(eleven: str) -> str:
    """Eleven digits with their check digit. Synthetic numbers begin with 0000."""
    return eleven + check_digit(eleven)


def is_kojin_no(text: str) -> bool:
    """Whether these are twelve digits with a valid check digit."""
    return len(text) == 12 and text.isascii() and text.isdigit() and check_digit(text[:11]) == text[11]


def check_digits_match(digits: np.ndarray) -> np.ndarray:
    """For an (n, 12) array of digit values 0-9: which rows have a valid check digit. Undefined for other bytes."""
    sums = np.zeros(len(digits), dtype=np.uint16)
    for at, weight in enumerate(_WEIGHTS):  # column by column: as fast as a matrix product, and starts no threads
        sums += digits[:, at] * np.uint16(weight)
    return np.asarray(_DIGIT_OF_SUM[np.minimum(sums, len(_DIGIT_OF_SUM) - 1)] == digits[:, 11])


#: a day of our time, a time of day: their digits are no part of a longer number
_MOMENT = re.compile(
    r"(?<!\d)(19|20)\d\d([-/.])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?<!\d)([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?([+-]\d\d:?\d\d)?(?!\d)", re.ASCII,
)  # fmt: skip
_UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)
_KANJI = "〇一二三四五六七八九"
_IN_FOURS = re.compile(r"(?<!\d)(\d{4})_+(\d{4})_+(\d{4})(?!\d)", re.ASCII)


def holds_kojin_no(text: str) -> bool:
    """Whether somebody may have typed a 個人番号: twelve digits of any script, in one piece or in pieces with spaces, hyphens and the like between.

    A longer number (15 digits of 宛名番号 or 受付番号) is another one unless it is several of twelve; nor are days, times, UUIDs and the
    parts of a file's name (joined by ``_``) pieces of one.
    """
    plain = "".join(_digit(c) for c in unicodedata.normalize("NFKC", text))
    plain = _IN_FOURS.sub(r"\1\2\3", _MOMENT.sub("日", _UUID.sub("", plain)))
    joined = (c if (c.isalnum() and c != "ー") or c == "_" else " " for c in plain)
    return any(_in_pieces([len(piece) for piece in row.split()]) for row in re.findall(r"[0-9 ]+", "".join(joined)))


def typed_kojin_no(said: Any) -> bool:
    """The same for whatever a request holds: each of its texts and numbers by itself, also the names of its fields."""
    if isinstance(said, dict):
        return any(map(typed_kojin_no, (*said, *said.values())))
    if isinstance(said, list):
        return any(map(typed_kojin_no, said))
    return not isinstance(said, bool) and isinstance(said, str | int | float) and holds_kojin_no(str(said))


def _digit(char: str) -> str:
    """The ASCII digit of a digit of any script, also of 〇 to 九; nothing for what cannot be seen."""
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if char in _KANJI:
        return str(_KANJI.index(char))
    return "" if unicodedata.category(char) == "Cf" else char


def _in_pieces(sizes: list[int]) -> bool:
    """Whether a piece is one number or several, or pieces that follow each other come to one."""
    if any(size % 12 == 0 for size in sizes):
        return True
    ends = list(accumulate(sizes, initial=0))
    return any(end - 12 in ends for end in ends)
