"""打たれたもの: cells as people type them, on the command line, in a CSV file or in a sheet; what is wrong with them, by line and item and never
by value. Pure.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from unicodedata import normalize

from etl.core.codec import chars, users
from etl.core.codec.digits import holds_kojin_no
from etl.core.errors import Refused
from etl.core.period import period

LARGEST = 1 << 20  # bytes of a file that people made
LONGEST = 100  # characters of a cell


@dataclass(frozen=True)
class Flaw:
    """What is wrong, and where; ``line`` 0 when it was typed."""

    line: int
    item: str
    why: str

    def __str__(self) -> str:
        return f"{f'行{self.line} ' if self.line else ''}{self.item}：{self.why}"


class Cells:
    """The cells of one line; what is wrong with them gathers in ``flaws``. ``needed``: the items that must be there."""

    def __init__(self, line: int, cells: Mapping[str, str], needed: Sequence[str] = ()):
        self.line, self.cells, self.needed, self.flaws = line, cells, needed, list[Flaw]()

    def wrong(self, item: str, why: str) -> None:
        self.flaws.append(Flaw(self.line, item, why))

    def text(self, item: str) -> str:
        given = self.cells.get(item, "")
        found = " ".join(normalize("NFKC", given).split())
        if chars.flaw(given):
            self.wrong(item, "改行、制御文字又は見えない文字があります")
        elif holds_kojin_no(given):
            self.wrong(item, "12桁の数字は書けません")
        elif len(found) > LONGEST:
            self.wrong(item, f"{LONGEST}文字を超えています")
        elif not found and item in self.needed:
            self.wrong(item, "ありません")
        else:
            return found
        return ""

    def name(self, item: str) -> str:
        if not (found := self.text(item)):
            return ""
        try:
            return users.spelled(found)
        except ValueError as error:
            self.wrong(item, str(error))
            return ""

    def day(self, item: str) -> date | None:
        if not (found := self.text(item)):
            return None
        try:
            return period(found, "day").first
        except Refused:
            self.wrong(item, "年月日ではありません（2026-04-01 又は 令和8年4月1日）")
            return None


def read_typed(data: bytes, heads: Sequence[str], needed: Sequence[str], code: str) -> list[tuple[int, dict[str, str]]]:
    """The lines of a CSV file, UTF-8 or as a spreadsheet of Japan saves it (CP932): (line, head -> cell). Blank lines are none.

    Refused ``code`` when it is no such file: its size, characters, quotes or heads.
    """
    if len(data) > LARGEST:
        raise Refused(code, why=f"{LARGEST:,} バイトを超えています")
    try:
        rows = list(csv.reader(io.StringIO(_decoded(data, code), newline=""), strict=True))
    except csv.Error:
        raise Refused(code, why="CSV として読めません") from None
    return named(list(enumerate(rows, 1)), heads, needed, code)


def named(
    rows: Sequence[tuple[int, Sequence[str]]], heads: Sequence[str], needed: Sequence[str], code: str
) -> list[tuple[int, dict[str, str]]]:
    """The lines after the first, by the heads of the first. Refused ``code`` when those are not ``heads``, or a line has not as many cells."""
    found = [normalize("NFKC", "".join(cell.split())) for cell in rows[0][1]] if rows else []
    if missing := [head for head in needed if head not in found]:
        raise Refused(code, line=1, why=f"見出しがありません: {'、'.join(missing)}")
    if len(set(found)) < len(found) or set(found) - set(heads):
        raise Refused(code, line=1, why=f"見出しは {'、'.join(heads)} を一度ずつ")
    lines = [(n, row) for n, row in rows[1:] if any(cell.strip() for cell in row)]
    if bad := next((n for n, row in lines if len(row) != len(found)), None):
        raise Refused(code, line=bad, why="欄の数が見出しと違います")
    return [(n, dict(zip(found, row, strict=True))) for n, row in lines]


def _decoded(data: bytes, code: str) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(code, why="UTF-8 でも CP932 でも読めません")
