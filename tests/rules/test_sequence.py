"""連番: ファイルの番が来たか。表の1行が1通の到着（受理済みの列が計数器の状態）。"""

from __future__ import annotations

from datetime import date
from typing import Any

import kit
import pytest

from etl.core.law.sequence import Received, judge

# 受理済: 「連番-版@日」（日は9月）。「全」は全件、「*」は最後の全件より前に受理したもの
CASES = kit.table("""
| 事例                                   | 受理済               | 連番 | 版 | 日 | 全件 | 判定   | コード  |
|----------------------------------------|----------------------|------|----|----|------|--------|---------|
| 最初のファイルが計数器を定める         |                      | 57   | 1  | 24 | 0    | accept |         |
| 最初のファイルは版02でもよい           |                      | 57   | 2  | 24 | 0    | accept |         |
| 次の番号                               | 11-1@22、12-1@24     | 13   | 1  | 25 | 0    | accept |         |
| 次の番号が版02で来る                   | 11-1@22              | 12   | 2  | 24 | 0    | accept |         |
| 番号が飛べば待つ                       | 11-1@22              | 13   | 1  | 25 | 0    | wait   | NP-2021 |
| 飛んだ番号は版02でも待つ               | 11-1@22              | 13   | 2  | 25 | 0    | wait   | NP-2021 |
| 最初の番号より前は拒否                 | 11-1@22              | 10   | 1  | 21 | 0    | refuse | NP-2011 |
| 最初の番号より前は版02でも拒否         | 11-1@22              | 10   | 2  | 21 | 0    | refuse | NP-2011 |
| 同じ番号・同じ版・別の内容             | 11-1@22、12-1@24     | 11   | 1  | 22 | 0    | refuse | NP-2010 |
| 同じ番号が別の業務日で来る             | 11-1@22、12-1@24     | 12   | 1  | 25 | 0    | refuse | NP-2010 |
| 訂正は承認が要る                       | 11-1@22、12-1@24     | 11   | 2  | 22 | 0    | correct |        |
| 訂正の訂正                             | 11-2@22、12-1@24     | 11   | 3  | 22 | 0    | correct |        |
| 訂正より低い版                         | 11-3@22              | 11   | 2  | 22 | 0    | refuse | NP-2010 |
| 版02の後の版01                         | 11-2@22              | 11   | 1  | 22 | 0    | refuse | NP-2010 |
| 全件は番号が飛んでも計数器を定める     | 11-1@22              | 50   | 1  | 24 | 1    | accept |         |
| 全件は前の番号でも計数器を定める       | 11-1@22              | 3    | 1  | 24 | 1    | accept |         |
| 全件は別の日の同じ番号でも定める       | 1-1@22、2-1@23       | 1    | 1  | 24 | 1    | accept |         |
| 同じ日の同じ番号の全件は繰返し         | 50-1@24              | 50   | 1  | 24 | 1    | refuse | NP-2010 |
| 全件の訂正は承認が要る                 | 50-1@24、51-1@25     | 50   | 2  | 24 | 1    | correct |        |
| 全件の次                               | 11-1@22*、50-1@24    | 51   | 1  | 25 | 0    | accept |         |
| 全件の後の飛び                         | 11-1@22*、50-1@24    | 52   | 1  | 25 | 0    | wait   | NP-2021 |
| 全件より前の、来なかった番号           | 11-1@22*、50-1@24    | 12   | 1  | 23 | 0    | refuse | NP-2011 |
| 全件より前に受理した番号の訂正         | 11-1@22*、50-1@24    | 11   | 2  | 22 | 0    | correct |        |
| 全件より前に受理した番号の繰返し       | 11-1@22*、50-1@24    | 11   | 1  | 22 | 0    | refuse | NP-2010 |
| 全件で番号が戻れば前の番号は新しい     | 11-1@22*、10-1@24    | 11   | 1  | 25 | 0    | accept |         |
| 番号のないデータは業務日で数える       | -1@22                |      | 1  | 24 | 0    | accept |         |
| 番号のないデータの同じ業務日           | -1@22                |      | 1  | 22 | 0    | refuse | NP-2010 |
""")


def _received(text: str | None) -> list[Received]:
    found = []
    for part in (text or "").split("、") if text else []:
        number, on = part.rstrip("*").split("@")
        seq, version = number.split("-")
        found.append(
            Received(int(seq) if seq else None, int(version), f"f{number}", date(2025, 9, int(on)), not part.endswith("*"))
        )
    return found


@pytest.mark.parametrize("case", CASES, ids=[c["事例"] for c in CASES])
def test_連番の規則(case: dict[str, Any]) -> None:
    turn = judge(
        _received(case["受理済"]),
        int(case["連番"]) if case["連番"] else None,
        int(case["版"]),
        date(2025, 9, int(case["日"])),
        case["全件"] == "1",
    )
    assert (turn.verdict, turn.code) == (case["判定"], case["コード"])
