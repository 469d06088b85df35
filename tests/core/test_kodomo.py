"""産前産後免除・育児期間免除の月: 出産(予定)日、出生日（縁組日）から決まる月と、受付に書かれた月がそのどれかに合うか。"""

from __future__ import annotations

from datetime import date
from typing import Any

import kit
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import day

from etl.core.dates import month_after
from etl.core.law import kodomo
from etl.core.law.kodomo import FINDINGS, Months, Told, ikuji, sanzen_sango

GIVEN = kit.table("""
| 事例                                                   | 誰     | 日         | 産後の終わり | 始期    | 終期    |
|--------------------------------------------------------|--------|------------|--------------|---------|---------|
| 単胎は出産月の前月から四か月                           | 単胎   | 2026-11-05 |              | 2026-10 | 2027-01 |
| 多胎は三か月前から六か月                               | 多胎   | 2026-11-05 |              | 2026-08 | 2027-01 |
| 年をまたぐ                                             | 単胎   | 2026-01-01 |              | 2025-12 | 2026-03 |
| 月の末日の出産もその月                                 | 単胎   | 2027-01-31 |              | 2026-12 | 2027-03 |
| 施行（平成31年4月）前の月は含まない                    | 単胎   | 2019-02-01 |              | 2019-04 | 2019-04 |
| 施行前に終わるものはない                               | 単胎   | 2019-01-31 |              |         |         |
| 多胎も施行前の月は含まない                             | 多胎   | 2019-05-10 |              | 2019-04 | 2019-07 |
| 育児　母　施行前に生まれた子は令和8年10月から          | 母     | 2026-01-01 |              | 2026-10 | 2026-12 |
| 育児　母　産前産後の翌月が施行前なら令和8年10月から    | 母     | 2026-05-15 |              | 2026-10 | 2027-04 |
| 育児　母　産前産後の翌月から九か月                     | 母     | 2026-11-05 |              | 2027-02 | 2027-10 |
| 育児　父　生まれた月から一歳の誕生日の前月まで         | 父     | 2027-05-01 |              | 2027-05 | 2028-04 |
| 育児　父　誕生日の前日ではなく誕生日の月で数える       | 父     | 2027-04-30 |              | 2027-04 | 2028-03 |
| 育児　父　施行前に生まれた子は令和8年10月から          | 父     | 2026-05-15 |              | 2026-10 | 2027-04 |
| 育児　父　最後の一か月だけ残る                         | 父     | 2025-11-30 |              | 2026-10 | 2026-10 |
| 育児　父　一か月も残らない                             | 父     | 2025-10-31 |              |         |         |
| 育児　2月29日に生まれた子の一歳の誕生日は3月1日        | 父     | 2028-02-29 |              | 2028-02 | 2029-02 |
| 育児　2月28日に生まれた子                              | 父     | 2028-02-28 |              | 2028-02 | 2029-01 |
| 育児　母　2月29日に生まれた子も九か月まで              | 母     | 2028-02-29 |              | 2028-05 | 2029-01 |
| 育児　母　予定より早く生まれても終わりは動かない       | 母     | 2027-01-28 | 2027-04      | 2027-05 | 2027-12 |
| 育児　母　予定より遅く生まれても九か月まで             | 母     | 2027-01-05 | 2027-02      | 2027-03 | 2027-11 |
""")


def month(text: str | None) -> date | None:
    return date.fromisoformat(f"{text}-01") if text else None


def months(who: str | None, on: date, sango_until: date | None = None) -> Months | None:
    return sanzen_sango(on, who == "多胎") if who in ("単胎", "多胎") else ikuji(on, who == "母", sango_until)


@pytest.mark.parametrize("case", GIVEN, ids=lambda c: c["事例"])
def test_出産と子から決まる月(case: dict[str, Any]) -> None:
    on = day(case["日"])
    assert on
    found = months(case["誰"], on, month(case["産後の終わり"]))
    assert found == (Months(month(case["始期"]), month(case["終期"])) if case["始期"] else None)  # type: ignore[arg-type]


CHECKED = kit.table("""
| 事例                                                       | 届 | 性別 | 該当日     | 始期    | 終期    | 資格の始め | 資格の終わり | 産後の終わり | 合う |
|------------------------------------------------------------|----|------|------------|---------|---------|------------|--------------|--------------|------|
| 産前産後　単胎                                             | 33 | 2    | 2026-11-05 | 2026-10 | 2027-01 |            |              |              | 可   |
| 産前産後　多胎                                             | 33 | 2    | 2026-11-05 | 2026-08 | 2027-01 |            |              |              | 可   |
| 産前産後　始期が一月遅い                                   | 33 | 2    | 2026-11-05 | 2026-11 | 2027-01 |            |              |              |      |
| 産前産後　始期が単胎と多胎の間                             | 33 | 2    | 2026-11-05 | 2026-09 | 2027-01 |            |              |              |      |
| 産前産後　終期が一月早い                                   | 33 | 2    | 2026-11-05 | 2026-10 | 2026-12 |            |              |              |      |
| 産前産後　終期が一月遅い                                   | 33 | 2    | 2026-11-05 | 2026-10 | 2027-02 |            |              |              |      |
| 産前産後　終期がなければ始期だけ比べる                     | 33 | 2    | 2026-11-05 | 2026-10 |         |            |              |              | 可   |
| 産前産後　資格が途中で始まった月から                       | 33 | 2    | 2026-11-05 | 2026-11 | 2027-01 | 2026-11    |              |              | 可   |
| 産前産後　資格が途中で終わった月まで                       | 33 | 2    | 2026-11-05 | 2026-10 | 2026-12 |            | 2026-12      |              | 可   |
| 産前産後　資格が始まる月でも出産と関わりのない月           | 33 | 2    | 2026-11-05 | 2027-04 | 2027-07 | 2027-04    |              |              |      |
| 産前産後　施行前の出産は施行月から                         | 33 | 2    | 2019-02-15 | 2019-04 | 2019-04 |            |              |              | 可   |
| 育児　父                                                   | 34 | 1    | 2027-05-01 | 2027-05 | 2028-04 |            |              |              | 可   |
| 育児　父　終期が一月遅い                                   | 34 | 1    | 2027-05-01 | 2027-05 | 2028-05 |            |              |              |      |
| 育児　父　始期が一月早い                                   | 34 | 1    | 2027-05-01 | 2027-04 | 2028-04 |            |              |              |      |
| 育児　養父　終期は縁組日だけでは決まらない                 | 34 | 1    | 2027-05-01 | 2027-05 | 2027-09 |            |              |              | 可   |
| 育児　終期が始期より前                                     | 34 | 1    | 2027-05-01 | 2027-05 | 2027-04 |            |              |              |      |
| 育児　母                                                   | 34 | 2    | 2027-05-01 | 2027-08 | 2028-04 |            |              |              | 可   |
| 育児　母に父の月                                           | 34 | 2    | 2027-05-01 | 2027-05 | 2028-04 |            |              |              |      |
| 育児　養母                                                 | 34 | 2    | 2027-05-01 | 2027-05 | 2027-09 |            |              |              | 可   |
| 育児　母　登録された産前産後の翌月から                     | 34 | 2    | 2027-01-28 | 2027-05 | 2027-12 |            |              | 2027-04      | 可   |
| 育児　施行前の子　母も父も令和8年10月から                  | 34 | 2    | 2026-01-01 | 2026-10 | 2026-12 |            |              |              | 可   |
| 育児　施行前の月                                           | 34 | 1    | 2026-05-15 | 2026-09 | 2027-04 |            |              |              |      |
| 育児　残る月がない                                         | 34 | 1    | 2025-09-30 | 2026-10 | 2026-10 |            |              |              |      |
| 育児　資格が途中で始まった月から                           | 34 | 1    | 2027-05-01 | 2027-09 | 2028-04 | 2027-09    |              |              | 可   |
| 育児　性別不明なら父でも母でもよい                         | 34 | 0    | 2027-05-01 | 2027-05 | 2028-04 |            |              |              | 可   |
""")


@pytest.mark.parametrize("case", CHECKED, ids=lambda c: c["事例"])
def test_受付の月が合わなければ指摘になる(case: dict[str, Any]) -> None:
    begins, ends = ([month(case[c])] if case[c] else [] for c in ("資格の始め", "資格の終わり"))
    told = Told(
        case["届"], day(case["該当日"]), case["性別"], month(case["始期"]), month(case["終期"]), begins, ends, month(case["産後の終わり"])
    )  # type: ignore[arg-type]  # fmt: skip
    assert kodomo.finding(told) == (None if case["合う"] else FINDINGS[case["届"]])


DAYS = st.dates(date(2015, 1, 1), date(2060, 12, 31))
WHO = st.sampled_from(["単胎", "多胎", "父", "母"])


@given(on=DAYS, who=WHO)
def test_月は一日で書かれ_始めは終わりより後にならず_施行前にかからない(on: date, who: str) -> None:
    found, began = months(who, on), date(2026, 10, 1) if who in "父母" else date(2019, 4, 1)
    assert found is None or (began <= found.first <= found.last and found.first.day == found.last.day == 1)


@given(on=DAYS, who=WHO)
def test_同じ月に生まれれば同じ月(on: date, who: str) -> None:
    assert months(who, on.replace(day=1)) == months(who, on.replace(day=28))
    assert (on.month, on.day) == (2, 29) or months(who, on) == months(who, on.replace(day=1))


@given(on=DAYS)
def test_母の育児は産前産後に続き_父の月に含まれ_九か月まで(on: date) -> None:
    mother, father, birth = ikuji(on, True), ikuji(on, False), sanzen_sango(on, False)
    if mother:
        assert father and birth and mother.last <= father.last and mother.first >= father.first
        assert mother.first > birth.last and mother.last < month_after(mother.first, 9)


@given(on=DAYS, who=WHO, sex=st.sampled_from("012"))
def test_決まる月をそのまま書いた受付に指摘はない(on: date, who: str, sex: str) -> None:
    found = months(who, on)
    if found and not (who == "父" and sex == "2"):
        assert kodomo.finding(Told("33" if who in ("単胎", "多胎") else "34", on, sex, *found)) is None


@given(on=DAYS, sex=st.sampled_from("012"), first=DAYS, last=DAYS)
def test_子の一歳の誕生日の月から後は指摘になる(on: date, sex: str, first: date, last: date) -> None:
    last = max(month_after(last, 0), month_after(on, 13 if (on.month, on.day) == (2, 29) else 12))
    assert kodomo.finding(Told("34", on, sex, month_after(first, 0), last)) == FINDINGS["34"]
