"""免除等の所得基準: 月ごとの限度額とその幅、引かれるものの始まる月、表の決まり。改正は一つの項を足すだけ。"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import kit
import pytest
import yaml

from etl.core.errors import DefinitionError
from etl.core.law import menjo
from etl.core.law.kijun import kijun, kijun_of
from etl.definitions import MAPPINGS
from tests.core.incomes import NONE_MORE, PLAIN, with_fuyo

LIMITS = kit.table("""
| 事例                             | 月         | 扶養                | 種類 | 下限    | 上限    |
|----------------------------------|------------|---------------------|------|---------|---------|
| 単身の全額                       | 2025-07-01 |                     | 全額 | 670000  | 670000  |
| 扶養2人の全額                    | 2025-07-01 | ippan=2             | 全額 | 1370000 | 1370000 |
| 配偶者と子の全額                 | 2025-07-01 | haiguu=1 nensho=1   | 全額 | 1370000 | 1370000 |
| 一般扶養2人は16～18歳かもしれない | 2025-07-01 | ippan=2             | 21   | 1640000 | 2140000 |
| 16～18歳がいないと分かる         | 2025-07-01 | ippan=2 若年=0      | 21   | 1640000 | 1640000 |
| 16～18歳が1人と分かる            | 2025-07-01 | ippan=2 若年=1      | 21   | 1890000 | 1890000 |
| 16～18歳は一般扶養より多くない   | 2025-07-01 | ippan=2 若年=3      | 21   | 2140000 | 2140000 |
| 配偶者は70歳以上かもしれない     | 2025-07-01 | haiguu=1            | 22   | 1660000 | 1760000 |
| 配偶者が70歳以上と分かる         | 2025-07-01 | haiguu=1 老配=1     | 22   | 1760000 | 1760000 |
| 配偶者が70歳未満と分かる         | 2025-07-01 | haiguu=1 老配=0     | 22   | 1660000 | 1660000 |
| 配偶者がいなければ年齢は効かない | 2025-07-01 | 老配=1              | 22   | 1280000 | 1280000 |
| 一方だけ分かれば他方の幅が残る   | 2025-07-01 | ippan=1 haiguu=1 若年=1 | 23 | 2690000 | 2790000 |
| 単身の半額                       | 2025-07-01 |                     | 22   | 1280000 | 1280000 |
| 単身の4分の1                     | 2025-07-01 |                     | 23   | 1680000 | 1680000 |
| 老人扶養は48万円                 | 2025-07-01 | rojin=1             | 21   | 1360000 | 1360000 |
| 特定扶養は63万円                 | 2025-07-01 | tokutei=1           | 21   | 1510000 | 1510000 |
| 16歳未満は38万円                 | 2025-07-01 | nensho=1            | 21   | 1260000 | 1260000 |
| 単身の学生                       | 2025-04-01 |                     | 学生 | 1280000 | 1280000 |
| 学生の一般扶養にも幅がある       | 2025-04-01 | ippan=1             | 学生 | 1660000 | 1910000 |
| 学生は令和3年4月から             | 2021-04-01 |                     | 学生 | 1280000 | 1280000 |
| その前の月                       | 2021-03-01 |                     | 学生 | 1180000 | 1180000 |
| 改正前の単身の全額               | 2021-06-01 |                     | 全額 | 570000  | 570000  |
| 改正前の4分の3                   | 2021-06-01 |                     | 21   | 780000  | 780000  |
| 改正前の4分の1                   | 2021-06-01 |                     | 23   | 1580000 | 1580000 |
| 改正した月の4分の1               | 2021-07-01 |                     | 23   | 1680000 | 1680000 |
| 令和8年7月も同じ額               | 2026-07-01 |                     | 21   | 880000  | 880000  |
""")


@pytest.mark.parametrize("case", LIMITS, ids=lambda c: c["事例"])
def test_限度額(case: dict[str, str]) -> None:
    k, (s, papers) = kijun_of(kit.day(case["月"]) or date.max), with_fuyo(case["扶養"])
    assert k
    if case["種類"] == "全額":
        assert menjo.full_limit(k, s) == int(case["下限"])
    else:
        base = k.gakusei if case["種類"] == "学生" else k.ichibu[case["種類"]]
        assert menjo.partial_limit(k, s, base, papers) == (int(case["下限"]), int(case["上限"]))


SHINZOKU = kit.table("""
| 事例                                   | 月         | 種類    | 書類にある | 下限   | 上限    |
|----------------------------------------|------------|---------|------------|--------|---------|
| 一部免除は令和8年6月まで引かない       | 2026-06-01 | ichibu  | 450000     | 900000 | 900000  |
| 一部免除は令和8年7月から引く           | 2026-07-01 | ichibu  | 450000     | 450000 | 450000  |
| 学生は令和8年3月まで引かない           | 2026-03-01 | gakusei | 450000     | 900000 | 900000  |
| 学生は令和8年4月から引く               | 2026-04-01 | gakusei | 450000     | 450000 | 450000  |
| 学生は令和8年7月からも引く             | 2026-07-01 | gakusei | 450000     | 450000 | 450000  |
| 分からなくても令和8年6月までは正しい値 | 2026-06-01 | ichibu  |            | 900000 | 900000  |
| 分からなければ令和8年7月からは上限だけ | 2026-07-01 | ichibu  |            | 0      | 900000  |
| 分からなければ学生は令和8年4月から     | 2026-04-01 | gakusei |            | 0      | 900000  |
| 額が所得を超えても0円まで              | 2026-07-01 | ichibu  | 900001     | 0      | 0       |
""")


@pytest.mark.parametrize("case", SHINZOKU, ids=lambda c: c["事例"])
def test_特定親族特別控除は始まりの月から引く(case: dict[str, str]) -> None:
    k, part = kijun_of(kit.day(case["月"]) or date.max), case["種類"]
    papers = NONE_MORE._replace(tokutei_shinzoku_yen=int(case["書類にある"]) if case["書類にある"] else None)
    assert k and (part == "ichibu" or part == "gakusei")
    found = menjo.partial_figure(k, replace(PLAIN, goukei_shotoku_yen=900_000), part, papers)
    assert found == (int(case["下限"]), int(case["上限"]))


GOOD = yaml.safe_load((MAPPINGS / "menjo_kijun.yaml").read_text(encoding="utf-8"))
BAD: dict[str, list[dict[str, Any]]] = {
    "順でない": [GOOD[0], GOOD[2], GOOD[1]], "初めに足りない": [{k: v for k, v in GOOD[0].items() if k != "gakusei"}],
    "一部免除が足りない": [{**GOOD[0], "ichibu": {"21": 1}}], "何もない": [], "何も変えない": [GOOD[0], {"from": "2027-07", "basis": "架空法第1条"}],
    "根拠がない": [GOOD[0], {"from": "2027-07", "gakusei": 1}], "月がない": [GOOD[0], {"basis": "架空法第1条", "gakusei": 1}],
    "知らない定数": [GOOD[0], {"from": "2027-07", "basis": "架空法第1条", "shuuwai": 1}], "月でない": [{**GOOD[0], "from": "2009-13"}],
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_欠けた基準や順でない基準は断られる(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "menjo_kijun.yaml"
    path.write_text(yaml.safe_dump(BAD[bad]), encoding="utf-8")
    with pytest.raises(DefinitionError, match="NP-1101"):
        kijun(path)


def test_改正は一つの項を足すだけで_言わないものはそのまま続く(tmp_path: Path) -> None:
    new = {"from": "2027-07", "basis": "架空法第1条", "zengaku": {"per_person": 360_000, "base": 330_000}, "gakusei": 1_300_000}
    path = tmp_path / "menjo_kijun.yaml"
    path.write_text(yaml.safe_dump([*GOOD, new]), encoding="utf-8")
    before, after = (kijun_of(month, kijun(path)) for month in (date(2027, 6, 1), date(2027, 7, 1)))
    assert before and after
    assert (menjo.full_limit(before, PLAIN), menjo.full_limit(after, PLAIN)) == (670_000, 690_000)
    assert (before.gakusei, after.gakusei) == (1_280_000, 1_300_000)
    same = {"ichibu", "shogai_kafu", "fuyo", "koujo", "tokutei_shinzoku"}
    assert before.model_dump(include=same) == after.model_dump(include=same)
    assert before == kijun_of(date(2027, 6, 1))
