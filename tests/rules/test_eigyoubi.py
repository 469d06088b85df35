"""営業日と納付期限: 祝日（移された日、振替休日、国民の休日）、土日、年末年始は休み。期限は次の営業日に移る。"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import kit
import pytest
import yaml

from etl.core.errors import DefinitionError
from etl.core.law.eigyoubi import business_days, is_business_day, kyuujitsu, last_business_day, next_business_day, noufu_kigen
from etl.definitions import MAPPINGS

# 内閣府「国民の祝日」: 一年のすべての日（月-日）
SHUKUJITSU = kit.table("""
| 年   | 祝日                                                                                                                                |
|------|-------------------------------------------------------------------------------------------------------------------------------------|
| 2019 | 01-01 01-14 02-11 03-21 04-29 04-30 05-01 05-02 05-03 05-04 05-05 05-06 07-15 08-11 08-12 09-16 09-23 10-14 10-22 11-03 11-04 11-23 |
| 2020 | 01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-23 07-24 08-10 09-21 09-22 11-03 11-23                         |
| 2021 | 01-01 01-11 02-11 02-23 03-20 04-29 05-03 05-04 05-05 07-22 07-23 08-08 08-09 09-20 09-23 11-03 11-23                               |
| 2022 | 01-01 01-10 02-11 02-23 03-21 04-29 05-03 05-04 05-05 07-18 08-11 09-19 09-23 10-10 11-03 11-23                                     |
| 2023 | 01-01 01-02 01-09 02-11 02-23 03-21 04-29 05-03 05-04 05-05 07-17 08-11 09-18 09-23 10-09 11-03 11-23                               |
| 2024 | 01-01 01-08 02-11 02-12 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-15 08-11 08-12 09-16 09-22 09-23 10-14 11-03 11-04 11-23       |
| 2025 | 01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-21 08-11 09-15 09-23 10-13 11-03 11-23 11-24                   |
| 2026 | 01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 11-03 11-23                         |
| 2027 | 01-01 01-11 02-11 02-23 03-21 03-22 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-23 10-11 11-03 11-23                               |
""")
NENMATSU_NENSHI = {"12-29", "12-30", "12-31", "01-01", "01-02", "01-03"}


@pytest.mark.parametrize("case", SHUKUJITSU, ids=[str(c["年"]) for c in SHUKUJITSU])
def test_一年の休みは土日と祝日と年末年始(case: dict[str, Any]) -> None:
    closed = {*case["祝日"].split(), *NENMATSU_NENSHI}
    first = date(int(case["年"]), 1, 1)
    year = [day for n in range(366) if (day := first + timedelta(days=n)).year == first.year]
    assert [d for d in year if is_business_day(d)] == [d for d in year if d.isoweekday() < 6 and f"{d:%m-%d}" not in closed]


ITSU = kit.table("""
| 事例                               | 日         | 次の営業日 |
|------------------------------------|------------|------------|
| 開庁日はその日                     | 2025-09-22 | 2025-09-22 |
| 祝日は翌日                         | 2025-09-23 | 2025-09-24 |
| 土曜日は月曜日                     | 2025-09-27 | 2025-09-29 |
| 三連休の初日                       | 2025-10-11 | 2025-10-14 |
| 仕事納めの日はその日               | 2025-12-26 | 2025-12-26 |
| 年末年始と土日を越える             | 2025-12-27 | 2026-01-05 |
| 1月3日が金曜日                     | 2025-01-03 | 2025-01-06 |
| 国民の休日を含む五連休             | 2026-09-19 | 2026-09-24 |
| 即位の十連休                       | 2019-04-27 | 2019-05-07 |
| 振替休日が祝日を越える             | 2026-05-03 | 2026-05-07 |
| 五輪で移った海の日・スポーツの日   | 2020-07-23 | 2020-07-27 |
| 移る前の海の日（2020年）は開庁     | 2020-07-20 | 2020-07-20 |
| 移る前の体育の日（2020年）は開庁   | 2020-10-12 | 2020-10-12 |
| 五輪で移った山の日とその振替       | 2021-08-07 | 2021-08-10 |
| 移る前の山の日（2021年）は開庁     | 2021-08-11 | 2021-08-11 |
""")


@pytest.mark.parametrize("case", ITSU, ids=[c["事例"] for c in ITSU])
def test_次の営業日(case: dict[str, Any]) -> None:
    assert str(next_business_day(date.fromisoformat(case["日"]))) == case["次の営業日"]


MAE = kit.table("""
| 事例                     | 日         | 前の営業日 |
|--------------------------|------------|------------|
| 開庁日はその日           | 2026-11-27 | 2026-11-27 |
| 土曜日は金曜日           | 2026-11-28 | 2026-11-27 |
| 日曜日は金曜日           | 2026-11-29 | 2026-11-27 |
| 祝日は前の営業日         | 2026-11-23 | 2026-11-20 |
| 年末年始と土日を越える   | 2027-01-03 | 2026-12-28 |
| 五連休の終わり           | 2026-09-23 | 2026-09-18 |
""")


@pytest.mark.parametrize("case", MAE, ids=lambda c: c["事例"])
def test_様式の対象期間は今日か前の営業日(case: dict[str, Any]) -> None:
    assert last_business_day(date.fromisoformat(case["日"])) == date.fromisoformat(case["前の営業日"])


KIGEN = kit.table("""
| 事例                             | 月      | 納付期限   |
|----------------------------------|---------|------------|
| 翌月の末日                       | 2025-09 | 2025-10-31 |
| 末日が土曜日                     | 2024-10 | 2024-12-02 |
| 末日が日曜日                     | 2025-07 | 2025-09-01 |
| 12月31日は年を越える             | 2025-11 | 2026-01-05 |
| 12月31日から土日も越える         | 2019-11 | 2020-01-06 |
| 12月分は翌年1月の末日            | 2025-12 | 2026-02-02 |
| 2月の末日                        | 2026-01 | 2026-03-02 |
| うるう年の2月29日                | 2024-01 | 2024-02-29 |
| 即位の休日（4月30日）            | 2019-03 | 2019-05-07 |
| 2027年の境                       | 2027-11 | 2028-01-04 |
""")


@pytest.mark.parametrize("case", KIGEN, ids=[c["事例"] for c in KIGEN])
def test_納付期限は翌月の末日で_休みなら次の営業日(case: dict[str, Any]) -> None:
    assert str(noufu_kigen(date.fromisoformat(f"{case['月']}-01"))) == case["納付期限"]


def test_業務日の列は両端を含む() -> None:
    assert [d.day for d in business_days(date(2025, 9, 20), date(2025, 9, 30))] == [22, 24, 25, 26, 29, 30]
    assert business_days(date(2025, 9, 23), date(2025, 9, 23)) == []


PAGE = yaml.safe_load((MAPPINGS / "calendar.yaml").read_text(encoding="utf-8"))
BAD: dict[str, dict[str, Any]] = {
    "根拠がない": {**PAGE, "basis": ""}, "曜日でない数": {**PAGE, "weekly": [0]}, "毎日が休み": {**PAGE, "weekly": list(range(1, 8))},
    "月日でない": {**PAGE, "yearly": [{"first": "13-01", "last": "01-03"}]}, "知らない項目": {**PAGE, "note": "架空"},
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_整わない表は断られる(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "calendar.yaml"
    path.write_text(yaml.safe_dump(BAD[bad], allow_unicode=True), encoding="utf-8")
    with pytest.raises(DefinitionError, match="NP-1101"):
        kyuujitsu(path)


def test_市がただ一日だけ休む日(tmp_path: Path) -> None:
    path = tmp_path / "calendar.yaml"
    path.write_text(yaml.safe_dump({**PAGE, "single": [date(2026, 7, 1)]}), encoding="utf-8")
    assert date(2026, 7, 1) in kyuujitsu(path) and date(2027, 7, 1) not in kyuujitsu(path)
