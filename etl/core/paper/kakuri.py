"""隔離・注意一覧 of a file, and 訂正依頼, the sheet for the office that sent it: lines, items and kinds, never a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from etl.core.codec.kinds import KINDS, RowError
from etl.core.errors import KokunenError, catalogue
from etl.core.mapping.layout import layouts
from etl.core.paper.cells import Cell
from etl.core.suite.findings import Finding

HEADS = ("区分", "行", "項目", "項目名", "番号", "内容", "すること")
ASKED = ("行", "項目", "番号", "内容")
OURS = frozenset({"shimei4", "not_expressible"})  # kinds that are ours to look into, not the sender's to mend
WHOLE = "行の全体"
LINES = (
    "行番号は、固定長ではヘッダーを1、CSV では項目名の行を1、媒体（.DTA）では前文の次のレコードを1と数えます。値は載せません。"
)
#: 訂正依頼 of a file that entered, and of one that was refused
PLEASE = {
    False: "次の行は、書かれた理由で取り込めませんでした（ほかの行は取り込みました）。内容を確かめ、訂正した行を再送してください。",
    True: "次の行などのため、ファイル全体を取り込めませんでした。内容を確かめ、作り直して同じ名前で再送してください。",
}


def notes(rows: Sequence[RowError], error: KokunenError | None) -> tuple[str, ...]:
    """What a reader must know of the lines: how they are counted; of a refused file (NP-2012), whether more were wrong."""
    cut = error is not None and error.facts.get("quarantined", 0) > len(rows)
    return (LINES, f"正しくない行が多いため、はじめの {len(rows):,} 件だけを載せました。") if cut else (LINES,)


def listed(
    dataset: str, rows: Sequence[RowError], findings: Sequence[Finding], gaiji: tuple[int, int], error: KokunenError | None
) -> list[tuple[Cell, ...]]:
    """The rows of 隔離・注意一覧: why the file was refused, its bad items line by line, what else somebody should look at."""
    found: list[tuple[Cell, ...]] = []
    if error:
        found.append(("拒否", None, "ファイル", "", error.code, error.sentence, error.remedy))
    for line, name, kind in _items(rows):
        said = catalogue()[KINDS[kind]]
        found.append(("隔離", line, _label(dataset, name), name.strip("*"), KINDS[kind], said["sentence"], said["remedy"]))
    for f in (f for f in findings if not f.passed):
        text = f"該当 {f.unexpected:,} 件（検証 {f.checked:,} 件中）"
        found.append(("注意", None, f.label, "", "", text, "検証結果を見て、理由を確かめてください。"))
    if gaiji[0]:
        text = f"{gaiji[0]:,} 文字（{gaiji[1]:,} 行）"
        found.append(("注意", None, "外字", "", "", text, "字形は印刷や送付の前に確かめてください。"))
    return found


def asked(dataset: str, rows: Sequence[RowError]) -> list[tuple[Cell, ...]]:
    """The rows of 訂正依頼: what the sender can mend."""
    mendable = ((line, name, KINDS[kind]) for line, name, kind in _items(rows) if kind not in OURS)
    return [(line, _label(dataset, name), number, catalogue()[number]["sentence"]) for line, name, number in mendable]


def said(dataset: str, row: RowError) -> str:
    """A row for the log of a task: line, items, kinds."""
    items = "、".join(
        f"{_label(dataset, name)} {name}".removesuffix(" *") + f": {kind} {catalogue()[KINDS[kind]]['sentence']}"
        for _, name, kind in _items([row])
    )
    return f"行{row.line} {items}"


def _items(rows: Sequence[RowError]) -> Iterator[tuple[int, str, str]]:
    return ((row.line, name, kind) for row in rows for name, kind in zip(row.fields, row.kinds, strict=True))


def _label(dataset: str, name: str) -> str:
    return layouts()[dataset].labels.get(name, WHOLE)
