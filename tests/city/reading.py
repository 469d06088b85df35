"""Reading the synthetic files by hands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from etl.core.mapping.layout import layouts

FIRST, LAST = date(2026, 10, 3), date(2026, 10, 13)  # from a Saturday: the first business day is Monday 5 October


class Made(NamedTuple):
    home: Path
    told: dict[str, Any]

    def files(self, dataset: str) -> list[Path]:
        return sorted(p for p in (self.home / "inbox" / dataset).iterdir() if p.suffix != ".end")

    def rows(self, dataset: str, kind: str = "") -> list[dict[str, str]]:
        """Every data row of a dataset's files as raw text; ``kind``: only juki_idou files of this 全件異動区分."""
        return [row for path in self.files(dataset) for row in rows_of(path, dataset, kind)]


def rows_of(path: Path, dataset: str, kind: str = "") -> Iterator[dict[str, str]]:
    """Rows read by hand."""
    layout, data = layouts()[dataset], path.read_bytes()
    if layout.file.format == "csv":
        lines = data.decode("utf-8-sig").split("\r\n")[1:-1]
        for line in lines:
            yield dict(zip((f.name for f in layout.columns), line.split(","), strict=True))
        return
    records = data.split(b"\r\n")
    if kind in ("", records[0][15:16].decode()):
        for record in records[1:-2]:
            yield {f.name: record[f.slice].decode("cp932").rstrip("\u3000 ") for f in layout.columns}


def read_end(path: Path) -> dict[str, Any]:
    return json.loads(path.with_name(path.name + ".end").read_text(encoding="utf-8"))
