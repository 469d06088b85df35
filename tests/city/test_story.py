"""実演の語り: titles stand in columns, counts in one line, a late file waits aside for a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import pytest

from demo.story import COLUMNS, deliver, padded, told
from etl.core.mapping import registry

NOTHING: dict[str, Any] = {"files": [], "proposals": 0, "outputs": []}
COUNTS = dict.fromkeys(("new", "updated", "unchanged", "quarantined", "out_of_scope"), 0)


@pytest.mark.parametrize("title", [job.title for job in registry.jobs().values()])
def test_業務の名前は同じ幅(title: str) -> None:
    assert sum(2 if east_asian_width(c) in "WFA" else 1 for c in padded(title)) == COLUMNS


@pytest.mark.parametrize(("result", "line"), [
    ({}, "対象なし"),
    ({"files": [{"outcome": "accepted", "counts": COUNTS | {"new": 1200, "quarantined": 1}}], "proposals": 3}, "新規 1,200　隔離 1　起案 3"),
    ({"files": [{"outcome": "duplicate", "counts": COUNTS}], "outputs": [{"rows": 4}, {"rows": 5}]}, "重複受信 1ファイル　出力 9行"),
])  # fmt: skip
def test_件数は一行(result: dict[str, Any], line: str) -> None:
    assert told(NOTHING | result) == line


def test_遅れるファイルは翌日に届く(tmp_path: Path) -> None:
    inbox, late = tmp_path / "inbox" / "uketsuke", date(2026, 10, 27)
    inbox.mkdir(parents=True)
    names = [f"UKETSUKE_141305_202610{day}_00000{day - 25}_01.csv{end}" for day in (26, 27, 28) for end in ("", ".end")]
    for name in names:
        (inbox / name).touch()
    assert list(deliver(tmp_path, late, date(2026, 10, 26))) == [] and len(list(inbox.iterdir())) == 6
    assert len(list(deliver(tmp_path, late, late))) == 1
    assert sorted(p.name for p in inbox.iterdir()) == names[:2] + names[4:]
    assert len(list(deliver(tmp_path, late, date(2026, 10, 28)))) == 1
    assert sorted(p.name for p in inbox.iterdir()) == names
