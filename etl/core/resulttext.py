"""処理結果表 as plain text, at most 100 columns of a terminal, aligned by East Asian width."""

from __future__ import annotations

from collections.abc import Iterator

from etl.core.pages import NONE, OUTCOMES, FileLine, ResultSheet
from etl.core.width import left, lines, right, width

COLUMNS = 100
LABEL = 16
COUNTS = (("データ件数", 12), ("新規", 11), ("更新", 11), ("変更なし", 12), ("隔離", 9), ("対象外", 12), ("検算", 8), ("前回比", 13))
SEVERITIES = {"fail": "停止", "warn": "注意"}


def result_text(sheet: ResultSheet) -> str:
    """The whole page, ending with a line end."""
    return "\n".join(line.rstrip() for line in _page(sheet)) + "\n"


def _page(sheet: ResultSheet) -> Iterator[str]:
    title = "処　理　結　果　表"
    yield " " * ((COLUMNS - width(title)) // 2) + title
    yield "=" * COLUMNS
    for label, text in sheet.head:
        yield from _item(label, text)
    if sheet.error:
        yield from _item("エラー", sheet.error)
    yield from _files(sheet)
    yield from _outputs(sheet)
    yield from _findings(sheet)
    yield "-" * COLUMNS
    for label, text in (*sheet.foot, *(("備考", n) for n in sheet.notes)):
        yield from _item(label, text)


def _item(label: str, text: str) -> Iterator[str]:
    for number, line in enumerate(lines(text, COLUMNS - LABEL)):
        yield left("" if number else label, LABEL) + line


def _section(title: str, count: int) -> Iterator[str]:
    yield "-" * COLUMNS
    yield f"【{title}】 {'なし' if not count else f'{count:,} 件'}"


def _files(sheet: ResultSheet) -> Iterator[str]:
    yield from _section("受入ファイル", len(sheet.files))
    for number, file in enumerate(sheet.files, 1):
        yield f"{number:>3}. {OUTCOMES.get(file.outcome, file.outcome)}　{file.name}　{file.title}"
        if file.code or file.sentence:
            yield from ("     " + line for line in lines(" ".join(t for t in (file.code, file.sentence) if t), COLUMNS - 5))
        yield "     " + "".join(right(name, size) for name, size in COUNTS)
        yield "     " + "".join(right(text, size) for text, (_, size) in zip(_counts(file), COUNTS, strict=True))


def _counts(file: FileLine) -> tuple[str, ...]:
    return (f"{file.data:,}", *(f"{n:,}" for n in file.parts), file.balance, file.ratio)


def _outputs(sheet: ResultSheet) -> Iterator[str]:
    yield from _section("出力ファイル", len(sheet.outputs))
    for number, output in enumerate(sheet.outputs, 1):
        yield f"{number:>3}. {output.name}　第{output.version:02}版　{output.rows:,} 件　{output.title}"
        yield f"     SHA-256 {output.sha256}"


def _findings(sheet: ResultSheet) -> Iterator[str]:
    yield from _section("検証で該当したもの", len(sheet.failed))
    for f in sheet.failed:
        yield f"     {SEVERITIES[f.severity]}　{f.code or NONE:<8}{right(f'{f.unexpected:,}', 10)} / {f.checked:,} 件　{f.label}（{f.dataset}）"
