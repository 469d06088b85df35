"""PostgreSQL の版: 公開日の表から、古い版と表にない版を警告する。"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import kit
import pytest

from etl.core.errors import DefinitionError
from etl.core.mapping.postgresql import postgres, releases
from etl.platform.postgres import of_the_wheel

CASES = kit.table("""
| 事例                   | 番号   | 今日       | 版    | 公開日     | 警告に出る語 |
|------------------------|--------|------------|-------|------------|--------------|
| 新しい                 | 180004 | 2026-05-14 | 18.4  | 2026-05-14 |              |
| ちょうど1年            | 180004 | 2027-05-14 | 18.4  | 2026-05-14 |              |
| 1年を超えた            | 180004 | 2027-05-15 | 18.4  | 2026-05-14 | 1年を超え    |
| 前のメジャー版も同じ   | 150018 | 2027-05-15 | 15.18 | 2026-05-14 | 1年を超え    |
| 表にないマイナー版     | 180099 | 2026-05-14 | 18.99 |            | 表           |
| 表にないメジャー版     | 140023 | 2026-05-14 | 14.23 |            | 表           |
""")


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["事例"])
def test_版の警告(case: dict[str, str | None]) -> None:
    found = postgres(int(case["番号"] or 0), "", "own", date.fromisoformat(case["今日"] or ""))
    assert (found.version, found.released_on) == (case["版"], date.fromisoformat(case["公開日"]) if case["公開日"] else None)
    assert bool(found.warning) == bool(case["警告に出る語"]) and (case["警告に出る語"] or "") in (found.warning or "")


def test_人が読む一行() -> None:
    assert postgres(180004, "", "bundled", date(2026, 6, 13)).line() == "18.4（同梱、2026-05-14 公開、30 日前）"
    assert postgres(180099, "", "own", date(2026, 6, 13)).line() == "18.99（自前、公開日不明）"


def test_値が残る設定も警告する() -> None:
    day = date(2026, 6, 13)
    assert "（log_statement）" in (postgres(180004, "log_statement", "own", day).warning or "")
    both = postgres(180099, "log_statement", "own", day).warning or ""
    assert both.startswith("PostgreSQL 18.99 は") and "（log_statement）" in both


def test_同梱の版は表にある() -> None:
    header = of_the_wheel()[0].parent / "include" / "pg_config.h"
    version = next(line.split('"')[1] for line in header.read_text().splitlines() if line.startswith("#define PG_VERSION "))
    assert version in releases()


@pytest.mark.parametrize(
    "text",
    ["released: {2026-05-14: [18]}", "released: {2026-05-14: ['18.4'], 2026-05-15: ['18.4']}", "released: {soon: ['18.4']}"],
)
def test_誤った表は断る(text: str, tmp_path: Path) -> None:
    page = tmp_path / "postgresql.yaml"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError, match="NP-1101"):
        releases(page)
