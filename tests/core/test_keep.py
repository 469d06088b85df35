"""保存期間: a period has a unit, and nobody takes days for months."""

from __future__ import annotations

from datetime import date, timedelta

import kit
import pytest

from etl.core.mapping.keep import Period
from etl.core.mapping.layout import layouts

PERIODS = kit.table("""
| 書き方    | 日  | 月 |
|-----------|-----|----|
| 90 days   | 90  |    |
| 1 days    | 1   |    |
| 3 months  |     | 3  |
| 2 years   |     | 24 |
| permanent |     |    |
""")


@pytest.mark.parametrize("case", PERIODS, ids=[c["書き方"] for c in PERIODS])
def test_単位で尋ねる(case: dict[str, str]) -> None:
    """Asked in a unit it is not said in, it does not answer."""
    period = Period.parse(case["書き方"])
    for unit, expected in (("days", case["日"]), ("months", case["月"])):
        if expected:
            assert getattr(period, unit) == int(expected)
        else:
            with pytest.raises(ValueError, match="asked for in"):
                getattr(period, unit)


LAST = kit.table("""
| 事例                       | 期間      | 初日       | 末日       |
|----------------------------|-----------|------------|------------|
| 1日                        | 1 days    | 2026-04-01 | 2026-04-01 |
| 30日                       | 30 days   | 2026-11-29 | 2026-12-28 |
| 1月                        | 1 months  | 2026-11-29 | 2026-12-28 |
| 月の初めから               | 1 months  | 2026-02-01 | 2026-02-28 |
| 応当日のない月は末日まで   | 1 months  | 2026-01-31 | 2026-02-28 |
| 閏年の2月                  | 1 months  | 2028-01-31 | 2028-02-29 |
| 31日から30日の月へ         | 6 months  | 2026-08-31 | 2027-02-28 |
| 年をまたぐ                 | 2 months  | 2026-12-15 | 2027-02-14 |
| 1年                        | 1 years   | 2025-03-01 | 2026-02-28 |
| 3月1日から閏年へ           | 1 years   | 2027-03-01 | 2028-02-29 |
| 2月29日から                | 1 years   | 2028-02-29 | 2029-02-28 |
| 2月29日から4年             | 4 years   | 2028-02-29 | 2032-02-28 |
| 年度の初めから5年          | 5 years   | 2026-04-01 | 2031-03-31 |
| 元号をまたぐ               | 1 years   | 2018-05-01 | 2019-04-30 |
| 終わりがない               | permanent | 2026-04-01 |            |
""")


@pytest.mark.parametrize("case", LAST, ids=[c["事例"] for c in LAST])
def test_期間の末日(case: dict[str, str]) -> None:
    """民法第143条: on the day after it the period is over."""
    before = date.fromisoformat(case["初日"]) - timedelta(days=1)
    assert Period.parse(case["期間"]).ends_on(before) == (kit.day(case["末日"]) or date.max)


@pytest.mark.parametrize(
    "text",
    ["90", "0 days", "-1 days", "1.5 years", "90 Days", "90  days", " 90 days", "90 days\n", "１ years", "5 weeks", "", None, 90],
)
def test_単位の無い期間は拒否(text: object) -> None:
    with pytest.raises(ValueError, match="days, months or years"):
        Period.parse(text)


def test_どのデータも消える時を言う() -> None:
    for layout in layouts().values():
        assert layout.keep["file"].days > 0 and "rows" in layout.keep
