"""East Asian width: a kanji takes two columns of a terminal or a spreadsheet, a half-width kana one."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


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
    """The text cut into lines of at most ``columns``; Japanese may break anywhere. At least one line."""
    cut, used = [""], 0
    for character in text:
        size = _columns(character)
        if used + size > columns:
            cut.append("")
            used = 0
        cut[-1] += character
        used += size
    return cut
