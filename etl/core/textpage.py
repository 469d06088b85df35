"""文字の帳票: the 処理結果表 as plain text, at most 100 columns, aligned for a Japanese terminal.

A full-width character takes two columns (Unicode East Asian Width W, F; A too, as Japanese fonts draw it), a combining one none.
Control characters become spaces, so that no text can steer the terminal it is shown on.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from etl.core.forms import FileLine, ResultSheet

COLUMNS = 100
COUNTS = ("データ件数", "新規", "更新", "変更なし", "隔離", "対象外", "内訳", "前回件数", "前回比")
COUNT_WIDTHS = (12, 11, 11, 11, 9, 11, 8, 12, 9)


def clean(text: str) -> str:
    """The text with every control and format character (line ends, escape sequences, direction marks) made a space."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") else c for c in text)


def width(text: str) -> int:
    """Columns that a text takes."""
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me") else 2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text
    )


def left(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))


def right(text: str, columns: int) -> str:
    return " " * (columns - width(text)) + text


def wrap(text: str, columns: int) -> list[str]:
    """The text cut into lines of at most that many columns, at any character, as Japanese is written; at least one line."""
    lines, used = [""], 0
    for c in clean(text):
        if used + width(c) > columns:
            lines.append("")
            used = 0
        lines[-1] += c
        used += width(c)
    return lines


def labelled(label: str, text: str, columns: int = COLUMNS, column: int = 18) -> Iterator[str]:
    """``label  text``, the text going on under itself."""
    for i, line in enumerate(wrap(text, columns - column - 2)):
        yield ("  " + (left(label, column) if i == 0 else " " * column) + line).rstrip()


def count_cells(line: FileLine) -> tuple[str, ...]:
    """What stands under COUNTS, ``-`` where there is nothing to say."""
    ratio = f"{line.ratio:.1%}" if line.ratio is not None else "-"
    previous = f"{line.previous:,}" if line.previous is not None else "-"
    return (f"{line.data:,}", *(f"{n:,}" for n in line.parts), line.balance or "-", previous, ratio)


def row(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Cells aligned to the right, each in its columns."""
    return "".join(right(cell, columns) for cell, columns in zip(cells, widths, strict=True))


def heading(title: str) -> Iterator[str]:
    yield ""
    yield left(f"【{title}】", COLUMNS).rstrip()


def files(sheet: ResultSheet) -> Iterator[str]:
    yield from heading("受入ファイル")
    if not sheet.files:
        yield "  ありません"
    for number, line in enumerate(sheet.files, 1):
        yield from labelled(f"{number:3} {line.result}", f"{line.name}（{line.title}）")
        if line.code or line.sentence:
            yield from labelled("", f"{line.code} {line.sentence}".strip())
        yield "    " + row(COUNTS, COUNT_WIDTHS)
        yield "    " + row(count_cells(line), COUNT_WIDTHS)


def outputs(sheet: ResultSheet) -> Iterator[str]:
    yield from heading("出力ファイル")
    if not sheet.outputs:
        yield "  ありません"
    for number, line in enumerate(sheet.outputs, 1):
        yield from labelled(f"{number:3} 版{line.version:02}", f"{line.name}（{line.title}）")
        yield from labelled("", f"{line.rows:,} 件  SHA-256 {line.sha256[:16]}")


def findings(sheet: ResultSheet) -> Iterator[str]:
    yield from heading("合格しなかった検証")
    if not sheet.findings:
        yield "  ありません"
    for number, line in enumerate(sheet.findings, 1):
        counts = f"{line.found:,} 件" + (f"（{line.total:,} 件中）" if line.total is not None else "")
        yield from labelled(f"{number:3} {line.word}", f"{line.label}  {counts}")
        if line.file:
            yield from labelled("", line.file)


def result_text(sheet: ResultSheet) -> str:
    """The whole sheet, lines ended by LF; the same sheet gives the same text."""
    lines = ["=" * COLUMNS, " " * ((COLUMNS - 10) // 2) + "処理結果表", "=" * COLUMNS]
    for label, text in sheet.facts:
        lines += labelled(label, text)
    if sheet.error:
        lines += labelled("中断の理由", sheet.error)
    for part in (files, outputs, findings):
        lines += part(sheet)
    return "\n".join([*lines, "=" * COLUMNS]) + "\n"
