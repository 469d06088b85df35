"""免除等の事前審査: 令和3年7月の前と後の基準、公表された例、所得が増えて有利にはならないこと、範囲が正しい値を含むこと。"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import kit
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.core.errors import DefinitionError
from etl.core.law import menjo
from etl.core.law.menjo import APPLICANT, HEAD, SPOUSE, Missing, Person, Shotoku

PLAIN = Shotoku(0, 0, 0, 0, 0, False, 0, 0, "0", "0", False, 0, 0, 0, 0, 0)
JULY = date(2025, 7, 1)
NOW, BEFORE = menjo.kijun_of(JULY), menjo.kijun_of(date(2021, 6, 1))
assert NOW and BEFORE

LIMITS = kit.table("""
| 事例                          | 月         | 扶養                | 種類 | 限度額  |
|-------------------------------|------------|---------------------|------|---------|
| 単身の全額                    | 2025-07-01 |                     | 全額 | 670000  |
| 扶養2人の全額                 | 2025-07-01 | ippan=2             | 全額 | 1370000 |
| 配偶者と子の全額              | 2025-07-01 | haiguu=1 nensho=1   | 全額 | 1370000 |
| 扶養2人の4分の3               | 2025-07-01 | ippan=2             | 21   | 1640000 |
| 単身の半額                    | 2025-07-01 |                     | 22   | 1280000 |
| 単身の4分の1                  | 2025-07-01 |                     | 23   | 1680000 |
| 老人扶養は48万円              | 2025-07-01 | rojin=1             | 21   | 1360000 |
| 特定扶養は63万円              | 2025-07-01 | tokutei=1           | 21   | 1510000 |
| 単身の学生                    | 2025-04-01 |                     | 学生 | 1280000 |
| 改正前の単身の全額            | 2021-06-01 |                     | 全額 | 570000  |
| 改正前の4分の3                | 2021-06-01 |                     | 21   | 780000  |
| 改正前の4分の1                | 2021-06-01 |                     | 23   | 1580000 |
| 改正前の学生                  | 2021-06-01 |                     | 学生 | 1180000 |
""")


def with_fuyo(text: str | None) -> Shotoku:
    cells = dict(c.split("=") for c in (text or "").split())
    counts = {f"{k}_fuyo": int(v) for k, v in cells.items() if k != "haiguu"}
    return replace(PLAIN, **counts, koujo_haiguu_flag="haiguu" in cells)


@pytest.mark.parametrize("case", LIMITS, ids=lambda c: c["事例"])
def test_限度額(case: dict[str, str]) -> None:
    k, s = menjo.kijun_of(kit.day(case["月"]) or date.max), with_fuyo(case["扶養"])
    assert k
    found = (
        menjo.full_limit(k, s)
        if case["種類"] == "全額"
        else menjo.partial_limit(k, s, k.gakusei if case["種類"] == "学生" else k.ichibu[case["種類"]])
    )
    assert found == int(case["限度額"])


VERDICTS = kit.table("""
| 事例                                   | 種類 | 本人          | 配偶者    | 世帯主    | 年齢 | 結果         |
|----------------------------------------|------|---------------|-----------|-----------|------|--------------|
| 全員が限度額ちょうど                   | 20   | 670000        | 670000    | 670000    | 40   | 全額可       |
| 本人が1円超え                          | 20   | 670001        | 0         | 0         | 40   | 一部の可能性 |
| 世帯主だけ超え、50歳未満               | 20   | 0             | 0         | 670001    | 49   | 猶予可       |
| 世帯主だけ超え、50歳以上               | 20   | 0             | 0         | 670001    | 50   | 一部の可能性 |
| 納付猶予だけの申請は世帯主を見ない     | 30   | 0             | 0         |           | 30   | 猶予可       |
| 納付猶予だけの申請で全額にはしない     | 30   | 0             |           |           | 30   | 猶予可       |
| 納付猶予で配偶者が超え                 | 30   | 0             | 670001    |           | 30   | 不可         |
| 納付猶予で50歳以上                     | 30   | 0             |           |           | 50   | 不可         |
| 失業した本人の所得は見ない             | 20   | 9000000失業   | 0         | 0         | 40   | 全額可       |
| 障害者は135万円まで                    | 20   | 1350000障害   |           |           | 40   | 全額可       |
| 障害者で135万円超え                    | 20   | 1350001障害   |           |           | 55   | 一部の可能性 |
| 寡婦                                   | 20   | 1350000寡婦   |           |           | 40   | 全額可       |
| ひとり親                               | 20   | 1350000ひとり親 |         |           | 40   | 全額可       |
| 所得の回答がない                       | 20   | なし          |           |           | 40   | 判定不能     |
| 世帯主の回答がない                     | 20   | 0             |           | なし      | 40   | 判定不能     |
| 合計所得金額がない                     | 20   | 不明          |           |           | 40   | 判定不能     |
| 学生は本人だけ                         | 40   | 1280000       |           |           | 20   | 猶予可       |
| 学生で超えるが控除が分からない         | 40   | 1280001       |           |           | 20   | 判定不能     |
""")
SPECIAL = {"障害": {"honnin_shogai_code": "1"}, "寡婦": {"honnin_kafu_code": "1"}, "ひとり親": {"honnin_kafu_code": "2"}}


def person(kankei: str, text: str | None) -> list[Person]:
    if not text:
        return []
    if text in ("なし", "不明"):
        return [Person(kankei, None if text == "なし" else replace(PLAIN, goukei_shotoku_yen=None))]
    digits = "".join(c for c in text if c.isdigit())
    word = text.removeprefix(digits)
    return [Person(kankei, replace(PLAIN, goukei_shotoku_yen=int(digits), **SPECIAL.get(word, {})), word == "失業")]


@pytest.mark.parametrize("case", VERDICTS, ids=lambda c: c["事例"])
def test_事前審査(case: dict[str, str]) -> None:
    persons = [*person(APPLICANT, case["本人"]), *person(SPOUSE, case["配偶者"]), *person(HEAD, case["世帯主"])]
    assert menjo.precheck(case["種類"], tuple(persons), JULY, int(case["年齢"])).outcome == case["結果"]


def test_不足の項目が分かれば不可も言える() -> None:
    rich = Person(APPLICANT, replace(PLAIN, goukei_shotoku_yen=1_680_001))
    assert menjo.precheck("20", (rich,), JULY, 55).outcome == menjo.PARTLY
    assert menjo.precheck("20", (rich,), JULY, 55, Missing()).outcome == menjo.NO
    assert menjo.precheck("20", (rich,), JULY, 55, Missing(shoukibo_kyousai_yen=1)).outcome == menjo.PARTLY


def test_計算の各行に額と限度額がある() -> None:
    found = menjo.precheck(
        "20", (Person(APPLICANT, replace(PLAIN, goukei_shotoku_yen=1_000_000, shakai_hoken_koujo_yen=100_000)),), JULY, 55
    )
    assert [(x.what, x.figure, x.limit) for x in found.lines] == [
        ("全額・納付猶予", (1_000_000,) * 2, 670_000),
        ("4分の1免除", (0, 900_000), 1_680_000),
    ]


def test_基準のない昔の月は判定不能() -> None:
    assert menjo.kijun_of(date(2009, 6, 1)) is None
    assert menjo.precheck("20", (Person(APPLICANT, PLAIN),), date(2009, 6, 1), 30).outcome == menjo.UNKNOWN


def test_欠けた基準や順でない基準は断られる(tmp_path: Path) -> None:
    good = yaml.safe_load((menjo.MAPPINGS / "menjo_kijun.yaml").read_text(encoding="utf-8"))
    for n, bad in enumerate(
        (good[::-1], [{k: v for k, v in good[0].items() if k != "gakusei"}], [{**good[0], "ichibu": {"21": 1}}], [])
    ):
        path = tmp_path / f"{n}.yaml"
        path.write_text(yaml.safe_dump(bad), encoding="utf-8")
        with pytest.raises(DefinitionError, match="NP-1101"):
            menjo.kijun(path)


YEN, COUNT = st.integers(0, 5_000_000), st.integers(0, 4)
PEOPLE = st.builds(
    Shotoku, YEN, COUNT, COUNT, COUNT, COUNT, st.booleans(), COUNT, COUNT, st.sampled_from("012"), st.sampled_from("012"), st.booleans(), YEN, YEN, YEN,
    YEN, YEN,
)  # fmt: skip
KINDS, AGES = st.sampled_from(["20", "21", "22", "23", "30", "40"]), st.integers(20, 62)
ORDER = (menjo.FULL, menjo.DEFERRED, menjo.PARTLY, menjo.UNKNOWN, menjo.NO)


@settings(deadline=None)
@given(kind=KINDS, own=PEOPLE, other=PEOPLE, age=AGES, more=st.integers(1, 3_000_000))
def test_所得が増えて有利にはならない(kind: str, own: Shotoku, other: Shotoku, age: int, more: int) -> None:
    richer = replace(own, goukei_shotoku_yen=(own.goukei_shotoku_yen or 0) + more)
    before, after = (
        menjo.precheck(kind, (Person(APPLICANT, s), Person(HEAD, other)), JULY, age, Missing()).outcome for s in (own, richer)
    )
    assert ORDER.index(before) <= ORDER.index(after)


@settings(deadline=None)
@given(s=PEOPLE, missing=st.builds(Missing, YEN, YEN, YEN))
def test_範囲は不足の項目が分かったときの額を含む(s: Shotoku, missing: Missing) -> None:
    bounds, exact = menjo.partial_figure(NOW, s), menjo.partial_figure(NOW, s, missing)  # type: ignore[arg-type]
    assert bounds and exact and bounds.low <= exact.low == exact.high <= bounds.high


@settings(deadline=None)
@given(s=PEOPLE, name=st.sampled_from(list(Shotoku.__dataclass_fields__)))
def test_必要な項目が一つでもなければ範囲も言わない(s: Shotoku, name: str) -> None:
    lacking = replace(s, **{name: None})
    found = menjo.precheck(
        "20", (Person(APPLICANT, replace(lacking, goukei_shotoku_yen=None if name == "goukei_shotoku_yen" else 10**9)),), JULY, 55
    )
    assert found.outcome == menjo.UNKNOWN
