"""The check digit of the 個人番号 (総務省令第85号第5条): scalar for one number, by columns for a block.

digit = 11 - (Σ Pn·Qn mod 11), remainder 0 or 1 gives 0; weights of the eleven digits from the left 6 5 4 3 2 7 6 5 4 3 2. Twelve zeros
have a right check digit and are nobody's number; the readers say so (kind ``zeros``).
"""

from __future__ import annotations

import re
import unicodedata

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


def holds_kojin_no(text: str) -> bool:
    """Whether somebody may have typed a 個人番号: twelve digits of any script, with spaces, hyphens and the like between them or not."""
    letters = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c)[0] not in "ZPSC" and c != "ー")
    return bool(re.search(r"\d{12}", "".join(letters)))
