"""申請できる期間: 納付期限から2年を過ぎない月から、申請した年度の終わりの月まで。"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import kit
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from etl.core.dates import month_range
from etl.core.law.eigyoubi import noufu_kigen
from etl.core.law.shinsei import NENDO, SPOKEN_OF, kikan, spans, until

KIKAN = kit.table("""
| 事例                                               | 届 | 受理年月日 | 始め    | 終わり  |
|----------------------------------------------------|----|------------|---------|---------|
| 納付期限2024-12-02の前年の月末までは9月分から      | 41 | 2026-10-31 | 2024-09 | 2027-06 |
| 2024-09の期限2024-10-31から2年の翌日               | 41 | 2026-11-01 | 2024-10 | 2027-06 |
| 2024-11-30は土曜なので期限は12-02                  | 41 | 2026-12-01 | 2024-10 | 2027-06 |
| 期限からちょうど2年の日                            | 41 | 2026-12-02 | 2024-10 | 2027-06 |
| その翌日                                           | 41 | 2026-12-03 | 2024-11 | 2027-06 |
| 大みそかの期限は年始の休みの後_2023-01-04から2年   | 41 | 2025-01-04 | 2022-11 | 2025-06 |
| その翌日                                           | 41 | 2025-01-05 | 2022-12 | 2025-06 |
| 連休の期限_2023-05-01から2年                       | 41 | 2025-05-01 | 2023-03 | 2025-06 |
| その翌日                                           | 41 | 2025-05-02 | 2023-04 | 2025-06 |
| 十連休の期限_2019-05-07から2年                     | 41 | 2021-05-07 | 2019-03 | 2021-06 |
| その翌日                                           | 41 | 2021-05-08 | 2019-04 | 2021-06 |
| うるう日の期限2024-02-29から2年                    | 41 | 2026-02-28 | 2024-01 | 2026-06 |
| その翌日                                           | 41 | 2026-03-01 | 2024-02 | 2026-06 |
| 期限2022-02-28から2年はうるう日まで                | 41 | 2024-02-29 | 2022-01 | 2024-06 |
| その翌日                                           | 41 | 2024-03-01 | 2022-02 | 2024-06 |
| 6月末日はその年の6月まで                           | 41 | 2026-06-30 | 2024-05 | 2026-06 |
| 7月1日は翌年の6月まで_2024-06-30は日曜             | 41 | 2026-07-01 | 2024-05 | 2027-06 |
| 12月末日                                           | 41 | 2026-12-31 | 2024-11 | 2027-06 |
| 1月1日はその年の6月まで_期限は年始の休みの後       | 41 | 2027-01-01 | 2024-11 | 2027-06 |
| 学生は3月末日ならその年の3月まで                   | 42 | 2026-03-31 | 2024-02 | 2026-03 |
| 学生は4月1日なら翌年の3月まで_2024-03-31は日曜     | 42 | 2026-04-01 | 2024-02 | 2027-03 |
| 学生の12月末日                                     | 42 | 2026-12-31 | 2024-11 | 2027-03 |
| 学生の1月1日                                       | 42 | 2027-01-01 | 2024-11 | 2027-03 |
| 学生も期限からちょうど2年の日まで                  | 42 | 2026-12-02 | 2024-10 | 2027-03 |
| その翌日                                           | 42 | 2026-12-03 | 2024-11 | 2027-03 |
""")

days = st.dates(*SPOKEN_OF)
todoke = st.sampled_from(sorted(NENDO))
TABLE = spans()


@pytest.mark.parametrize("case", KIKAN, ids=lambda c: f"{c['届']} {c['受理年月日']} {c['事例']}")
def test_申請できる期間(case: dict[str, str]) -> None:
    found = kikan(case["届"], date.fromisoformat(case["受理年月日"]))
    assert tuple(f"{month:%Y-%m}" for month in found) == (case["始め"], case["終わり"])


@given(todoke, days)
@example("41", date(2024, 2, 29))
def test_始めの月は期限から2年を過ぎない一番前の月(code: str, juri_on: date) -> None:
    first, _ = kikan(code, juri_on)
    before = (first - timedelta(days=1)).replace(day=1)
    assert (until(first).year, until(before).year) == (noufu_kigen(first).year + 2, noufu_kigen(before).year + 2)
    assert until(before) < juri_on <= until(first)


@given(todoke, days)
def test_終わりの月は受理の月から1年より先でなく年度の終わり(code: str, juri_on: date) -> None:
    first, last = kikan(code, juri_on)
    assert last.month == {"41": 6, "42": 3}[code] and first < juri_on <= month_range(last)[1]
    assert (last.year - juri_on.year) * 12 + last.month - juri_on.month < 12


@given(todoke, days)
def test_後の日ほど前の月はできなくなる(code: str, juri_on: date) -> None:
    today, tomorrow = kikan(code, juri_on), kikan(code, juri_on + timedelta(days=1))
    assert today.first <= tomorrow.first and today.last <= tomorrow.last


@given(todoke, days)
def test_表は関数のとおり(code: str, juri_on: date) -> None:
    assert [s[3:] for s in TABLE if s.todoke_code == code and s.from_on <= juri_on <= s.until_on] == [kikan(code, juri_on)]


def test_表はすき間も重なりもない() -> None:
    for code in NENDO:
        mine = [s for s in TABLE if s.todoke_code == code]
        assert (mine[0].from_on, mine[-1].until_on) == SPOKEN_OF
        assert all(a.until_on + timedelta(days=1) == b.from_on and a[3:] != b[3:] for a, b in pairwise(mine))


@pytest.mark.parametrize("code", ["01", "31", "52", ""])
def test_申請でない届書に期間はない(code: str) -> None:
    with pytest.raises(KeyError):
        kikan(code, date(2026, 12, 1))
