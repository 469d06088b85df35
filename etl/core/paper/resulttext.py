"""処理結果表 as plain text, at most 100 columns of a terminal, aligned by East Asian width."""

from __future__ import annotations

from collections.abc import Iterator

from etl.core.paper.pages import NONE, FileLine, ResultSheet
from etl.core.paper.width import clean, left, lines, right, width

COLUMNS = 100
LABEL = 16
COUNTS = (
    ("データ件数", 12),
    ("新規", 11),
    ("更新", 11),
    ("変更なし", 11),
    ("隔離", 9),
    ("対象外", 11),
    ("検算", 8),
    ("前回件数", 12),
    ("前回比", 9),
)


def result_text(sheet: ResultSheet) -> str:
    """The whole page, ending with a line end."""
    return "\n".join(line.rstrip() for line in _page(sheet)) + "\n"


def _page(sheet: ResultSheet) -> Iterator[str]:
    title = "処　理　結　果　表"
    yield " " * ((COLUMNS - width(title)) // 2) + title
    yield "=" * COLUMNS
    for label, text in sheet.head:
        yield from _item(label, text)
    yield from _files(sheet)
    yield from _outputs(sheet)
    yield from _lists(sheet)
    yield from _findings(sheet)
    yield "-" * COLUMNS
    for label, text in (*sheet.foot, *(("備考", n) for n in sheet.notes)):
        yield from _item(label, text)


def _item(label: str, text: str) -> Iterator[str]:
    for number, line in enumerate(lines(clean(text), COLUMNS - LABEL)):
        yield left("" if number else label, LABEL) + line


def _entry(number: int | None, text: str) -> Iterator[str]:
    """A numbered line; the lines that belong to it have no number. Long texts go on below."""
    for n, line in enumerate(lines(clean(text), COLUMNS - 5)):
        yield (f"{number:>3}. " if number and not n else " " * 5) + line


def _section(title: str, count: int) -> Iterator[str]:
    yield "-" * COLUMNS
    yield f"【{title}】　{'なし' if not count else f'{count:,} 件'}"


def _files(sheet: ResultSheet) -> Iterator[str]:
    yield from _section("受入ファイル", len(sheet.files))
    for number, file in enumerate(sheet.files, 1):
        yield from _entry(number, f"{left(file.result, 8)}　{file.name}")
        yield from _entry(None, f"{file.dataset_title}　{file.why}".strip())
        yield "     " + "".join(right(name, size) for name, size in COUNTS)
        yield "     " + "".join(right(text, size) for text, (_, size) in zip(_counts(file), COUNTS, strict=True))


def _counts(file: FileLine) -> tuple[str, ...]:
    cells = (f"{file.data:,}", *(f"{n:,}" for n in file.parts), file.balance, file.last, file.ratio)
    return tuple("-" if cell == NONE else cell for cell in cells)  # some terminals draw the long dash in one column, some in two


def _outputs(sheet: ResultSheet) -> Iterator[str]:
    yield from _section("出力ファイル", len(sheet.outputs))
    for number, output in enumerate(sheet.outputs, 1):
        yield from _entry(number, f"第{output.version:02}版　  {output.name}")
        yield from _entry(None, f"{output.dataset_title}　{output.rows:,} 件")
        yield from _entry(None, f"SHA-256 {output.sha256}")


def _lists(sheet: ResultSheet) -> Iterator[str]:
    yield from _section("作成した一覧", len(sheet.lists))
    for number, made in enumerate(sheet.lists, 1):
        yield from _entry(number, f"{made.title}　{made.rows:,} 件")
        yield from _entry(None, made.name)


def _findings(sheet: ResultSheet) -> Iterator[str]:
    yield from _section("合格しなかった検証", len(sheet.failed))
    for number, f in enumerate(sheet.failed, 1):
        yield from _entry(number, f"{left(f.word, 8)}　{f.label}（{f.dataset}）")
        yield from _entry(None, f"該当 {f.unexpected:,} 件（検証 {f.checked:,} 件中）")
