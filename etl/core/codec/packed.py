"""詰めたファイルの上限: an xlsx is looked through as it is unpacked, by the piece, before any library builds something of it.

What a zip says of itself is asked first (its directory), then every part is read as XML with nothing kept but counts. What is above a limit is
named by it. A form of 20,000 rows stays far below each of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any
from xml.parsers import expat
from zipfile import ZipInfo

MOST_PARTS = 200
MOST_UNPACKED = 50_000_000  # bytes of all parts together
MOST_RATIO, SMALL = 200, 1_000_000  # unpacked to packed, of parts above ``SMALL`` bytes
MOST_TAGS = 3_000_000
MOST_CELLS = 1_000_000  # of a sheet
MOST_ROWS, LAST_ROW = 100_000, 1_048_576  # rows that a sheet writes down, and the number of the last one that there can be
MOST_TEXT = 32_767  # characters of a cell, as spreadsheets have it
PIECE = 1 << 16
ROW, CELL = (f"http://schemas.openxmlformats.org/spreadsheetml/2006/main {name}" for name in ("row", "c"))
AT = re.compile(r"(?:[A-Z]{1,2}|[A-W][A-Z]{2}|X[A-E][A-Z]|XF[A-D])([1-9][0-9]{0,6})")  # columns A to XFD


class Above(Exception):
    """A limit that is exceeded, as a sentence; never a value."""


def check_packed(parts: list[ZipInfo], unpacked: Callable[[ZipInfo], IO[bytes]]) -> None:
    """Returns when a zip of XML (its directory, and what gives a part) is within every limit, else ``Above``; whatever zipfile and expat raise
    when it is none. A book says itself where its sheets are and what they are called, so every part is looked through, as far as it is XML."""
    _check_directory(parts)
    counted = _Counted()
    for part in parts:
        with unpacked(part) as content, suppress(*(() if part.filename.endswith((".xml", ".rels")) else (expat.ExpatError,))):
            _Part(counted).read(content)


def _check_directory(parts: list[ZipInfo]) -> None:
    """What is unpacked is never longer than the directory says: zipfile stops there."""
    if len(parts) > MOST_PARTS:
        raise Above(f"中のファイルが{MOST_PARTS}個を超えています")
    if len({part.filename for part in parts}) < len(parts):
        raise Above("同じ名前のファイルが中に二つあります")
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Above(f"展開すると{MOST_UNPACKED:,}バイトを超えるので、ファイルが大きすぎます")
    if any(part.file_size > SMALL and part.file_size > MOST_RATIO * part.compress_size for part in parts):
        raise Above(f"展開すると{MOST_RATIO}倍を超える大きさになります")


class _Counted:
    """The tags of all parts together."""

    tags = 0


class _Part:
    """One part, read by the piece."""

    def __init__(self, counted: _Counted):
        self._counted, self._found, self._text = counted, Counter[str](), 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.CharacterDataHandler = self._said
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self, content: IO[bytes]) -> None:
        while piece := content.read(PIECE):
            self._parser.Parse(piece, False)
        self._parser.Parse(b"", True)

    def _doctype(self, *_: Any) -> None:
        raise Above("XML の宣言に定義（DTD）があります")

    def _said(self, text: str) -> None:
        self._text += len(text)
        if self._text > MOST_TEXT:
            raise Above(f"{MOST_TEXT:,}文字を超えるセルがあります")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._counted.tags += 1
        self._text = 0
        if self._counted.tags > MOST_TAGS:
            raise Above(f"要素が{MOST_TAGS:,}個を超えています")
        if name in (ROW, CELL):
            self._place(name, attributes)

    def _place(self, name: str, attributes: dict[str, str]) -> None:
        """Rows and cells: not too many, and their places are places of a sheet."""
        self._found[name] += 1
        if self._found[ROW] > MOST_ROWS:
            raise Above(f"{MOST_ROWS:,}行を超えています")
        if self._found[CELL] > MOST_CELLS:
            raise Above(f"セルが{MOST_CELLS:,}個を超えています")
        at = attributes.get("r")
        if at is not None and not (_is_row(at) if name == ROW else _is_cell(at)):
            raise Above("行又はセルの番号が正しくありません")


def _is_row(at: str) -> bool:
    return at.isascii() and at.isdigit() and len(at) < 8 and 1 <= int(at) <= LAST_ROW


def _is_cell(at: str) -> bool:
    found = AT.fullmatch(at)
    return found is not None and int(found[1]) <= LAST_ROW
