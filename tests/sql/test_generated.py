"""What is made of a mapping runs: the key of a row as PostgreSQL computes it, for keys of each kind."""

from __future__ import annotations

import kit
import psycopg
import pytest

from etl.core.mapping import tables
from tests.core.test_tables import layout

KEYS = kit.table("""
| 事例                       | キー          | 番号 | 改訂番号 | row_key      |
|----------------------------|---------------|------|----------|--------------|
| 文字は受け入れたまま       | no            | 0012 | 1        | 0012         |
| 文字と数字                 | no rev        | 0012 | 007      | 0012-7       |
| 数字だけ                   | rev           | 0012 | 007      | 7            |
| 無い数字                   | no rev        | 0012 |          | 0012-        |
| 数字が先                   | rev no        | 0012 | 10       | 10-0012      |
| 日付は受け入れた文字       | no born_on    | 0012 | 1        | 0012-1990-01-01 |
| 一つの項目                 | atena_no      | 0012 | 1        | 1            |
| キーが無い                 |               | 0012 | 1        |              |
""")


@pytest.mark.parametrize("case", KEYS, ids=[c["事例"] for c in KEYS])
def test_キー(owner_url: str, case: dict[str, str | None]) -> None:
    tiny = layout(key=(case["キー"] or "").split())
    with psycopg.connect(owner_url) as owner:
        owner.execute(tables.pension_table(tiny, "tiny").encode())
        for statement in tables.generated(tiny):
            owner.execute(statement.encode())
        owner.execute(
            "insert into staging.tiny (line, no, rev, city_code, atena_no, born_on, kouho) values (2, %s, %s, '141305', '1', '1990-01-01', 't')",
            (case["番号"], case["改訂番号"]),
        )
        assert owner.execute("select row_key, target, pg_typeof(row_key)::text from staging.tiny_entering").fetchall() == [
            (case["row_key"], "tiny", "text")
        ]
        owner.rollback()
