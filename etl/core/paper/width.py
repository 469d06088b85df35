"""East Asian width: a kanji takes two columns of a terminal or a spreadsheet, a half-width kana one."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

MOST_KEPT = 0.8  # share of the width that numbers and days in one line may take


def width(text: str) -> int:
    """Columns that the text takes on a Japanese terminal (ambiguous characters count two, combining ones none)."""
    return sum(_columns(c) for c in text)


def clean(text: str) -> str:
    """The text with line ends, escape sequences, direction marks and the like as spaces: it steers no terminal and no cell."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") or c in "\ufffe\uffff" else c for c in text)


@lru_cache(maxsize=1 << 15)
def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1


def left(text: str, columns: int) -> str:
    """Padded on the right to ``columns``; a longer text stays whole."""
    return text + " " * max(0, columns - width(text))


def right(text: str, columns: int) -> str:
    """Padded on the left to ``columns``; a longer text stays whole."""
    return " " * max(0, columns - width(text)) + text


def lines(text: str, columns: int) -> list[str]:
    """The text cut into lines of at most ``columns``; Japanese may break anywhere, and the text's own line ends break it. At least one line."""
    cut: list[str] = []
    for line in text.split("\n"):
        cut.append("")
        used = 0
        for character in line:
            size = _columns(character)
            if used + size > columns and cut[-1]:
                cut.append("")
                used = 0
            cut[-1] += character
            used += size
    return cut


def share(sizes: Sequence[float], least: Sequence[float], total: float) -> list[float]:
    """Columns over the whole width. What is free goes to all alike; what lacks is taken from all, more of the wider ones (but a text of many
    lines keeps more room than a word), if possible not below ``least``."""
    if sum(sizes) <= total:
        return [s + (total - sum(sizes)) / len(sizes) for s in sizes]
    kept = least if sum(least) <= total * MOST_KEPT else [0.0] * len(sizes)
    low, high = 0.0, max(sizes)
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(_shared(sizes, kept, middle)) <= total else (low, middle)
    return _shared(sizes, kept, low)


def _shared(sizes: Sequence[float], kept: Sequence[float], unit: float) -> list[float]:
    return [max(k, min(s, unit * s**0.5)) for s, k in zip(sizes, kept, strict=True)]
