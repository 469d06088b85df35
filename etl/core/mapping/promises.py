"""約束: what the 評価書 promises (``mappings/promises.yaml``, P1–P98) and how it is kept, as rows and as the page ``docs/promises.md``."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field as Attr
from pydantic import TypeAdapter, ValidationError, model_validator

from etl.core.errors import DefinitionError
from etl.core.mapping.fields import Frozen
from etl.core.mapping.layout import read_yaml
from etl.core.mapping.statutes import statutes
from etl.definitions import MAPPINGS

LAST = 98
Kept = Literal["implemented", "organisational", "later"]
WORDS: dict[Kept, str] = {"implemented": "実装", "organisational": "運用", "later": "今後"}
_HEAD = """# 評価書の約束

{name}が約束することと、その守り方です。
`mappings/promises.yaml` から作ります（tools/write_docs.py）。
プログラムからは P53 のように番号で引きます。

- **実装**（{implemented} 件）: このシステムが守る。右の列のファイルと試験が示す。
- **運用**（{organisational} 件）: 職員と規程が守る。システムが助けるところは右の列に書く。
- **今後**（{later} 件）: まだ無いか、一部だけ。足りないところを書く。

| 番号 | 約束 | 評価書 | 守り方 | 示すもの |
|---|---|---|---|---|
"""


class Promise(Frozen):
    """One promise. ``section``: parts of the 評価書; ``where``: files that keep it and tests that hold it; ``note``: what is missing or who does it."""

    no: int
    promise: str = Attr(min_length=1)
    section: tuple[str, ...] = Attr(min_length=1)
    kept: Kept
    where: tuple[str, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _shown(self) -> Promise:
        if strange := [s for s in self.section if not statutes().hyoukasho.has(s)]:
            raise ValueError(f"no part of the 評価書: {', '.join(strange)}")
        if self.kept == "implemented" and not self.where:
            raise ValueError("implemented, but where?")
        if self.kept == "later" and not self.note:
            raise ValueError("later, but what is missing?")
        return self


@cache
def promises(path: Path = MAPPINGS / "promises.yaml") -> tuple[Promise, ...]:
    """P1 to P98 in order. DefinitionError NP-1101 for a row that is not whole, a number that is missing or stands twice."""
    try:
        found = TypeAdapter(tuple[Promise, ...]).validate_python(read_yaml(path))
    except ValidationError as error:
        at = ".".join(map(str, error.errors()[0]["loc"]))
        raise DefinitionError("NP-1101", file=path.name, item=at, why=error.errors()[0]["msg"]) from None
    if [p.no for p in found] != list(range(1, LAST + 1)):
        raise DefinitionError("NP-1101", file=path.name, why=f"not 1 to {LAST} in order")
    return found


def page() -> str:
    """docs/promises.md: how many are kept how, and one table."""
    counts = Counter(p.kept for p in promises())
    head = _HEAD.format(name=statutes().hyoukasho.name, **{kept: counts[kept] for kept in WORDS})
    return head + "".join(map(_row, promises()))


def _row(p: Promise) -> str:
    shown = "<br>".join([f"[{Path(w).name}](../{w})" for w in p.where] + [p.note] * bool(p.note))
    return f"| P{p.no} | {p.promise} | {'、'.join(p.section)} | {WORDS[p.kept]} | {shown} |\n"
