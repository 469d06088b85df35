"""免除等の事前審査: 月ごとの基準、公表された例、分からない項目の幅、月による納付猶予、失業特例、所得が増えて有利にはならないこと。"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import kit
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.core.errors import DefinitionError
from etl.core.law import menjo
from etl.core.law.kijun import Part, kijun, kijun_of
from etl.core.law.menjo import APPLICANT, HEAD, SPOUSE, Missing, Person, Shotoku, Verdict
from etl.definitions import MAPPINGS

PLAIN = Shotoku(0, 0, 0, 0, 0, False, 0, 0, "0", "0", False, 0, 0, 0, 0, 0)
NONE_MORE = Missing(0, 0, 0, 0, 0, False)  # the papers show that there is nothing of what 別添2 lacks
JULY, JUNE = date(2025, 7, 1), date(2026, 6, 1)
NOW = kijun_of(JULY)
assert NOW


def check(
    kind: str, *persons: Person, age: int = 40, first: date = JULY, last: date | None = None, jobless: bool = False
) -> Verdict:
    """事前審査 of one month (or more) for an applicant who is so old in it."""
    return menjo.precheck(kind, persons, first, last or first, date(first.year - age, first.month, 1), jobless)


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
NAMES = {"若年": "koukousei_fuyo", "老配": "rojin_haiguu_flag"}


def with_fuyo(text: str | None) -> tuple[Shotoku, Missing]:
    cells = {k: int(v) for k, v in (c.split("=") for c in (text or "").split())}
    counts: dict[str, Any] = {f"{k}_fuyo": v for k, v in cells.items() if k not in ("haiguu", *NAMES)}
    papers: dict[str, Any] = {NAMES[k]: bool(v) if k == "老配" else v for k, v in cells.items() if k in NAMES}
    return replace(PLAIN, **counts, koujo_haiguu_flag="haiguu" in cells), Missing(**papers)


@pytest.mark.parametrize("case", LIMITS, ids=lambda c: c["事例"])
def test_限度額(case: dict[str, str]) -> None:
    k, (s, papers) = kijun_of(kit.day(case["月"]) or date.max), with_fuyo(case["扶養"])
    assert k
    if case["種類"] == "全額":
        assert menjo.full_limit(k, s) == int(case["下限"])
    else:
        base = k.gakusei if case["種類"] == "学生" else k.ichibu[case["種類"]]
        assert menjo.partial_limit(k, s, base, papers) == (int(case["下限"]), int(case["上限"]))


VERDICTS = kit.table("""
| 事例                                   | 種類 | 本人          | 配偶者    | 世帯主    | 年齢 | 結果         | 4分の3 | 半額 | 4分の1 |
|----------------------------------------|------|---------------|-----------|-----------|------|--------------|--------|------|--------|
| 全員が限度額ちょうど                   | 20   | 670000        | 670000    | 670000    | 40   | 全額可       |        |      |        |
| 全員が限度額の1円下                    | 20   | 669999        | 669999    | 669999    | 40   | 全額可       |        |      |        |
| 本人が1円超え                          | 20   | 670001        | 0         | 0         | 40   | 一部の可能性 | 確実   | 確実 | 確実   |
| 4分の3の限度額ちょうど                 | 20   | 880000        | 0         | 0         | 40   | 一部の可能性 | 確実   | 確実 | 確実   |
| 4分の3を1円超え                        | 20   | 880001        | 0         | 0         | 40   | 一部の可能性 | 可能   | 確実 | 確実   |
| 半額の限度額ちょうど                   | 20   | 1280000       | 0         | 0         | 40   | 一部の可能性 | 可能   | 確実 | 確実   |
| 半額を1円超え                          | 20   | 1280001       | 0         | 0         | 40   | 一部の可能性 | 可能   | 可能 | 確実   |
| 4分の1の限度額ちょうど                 | 20   | 1680000       | 0         | 0         | 40   | 一部の可能性 | 可能   | 可能 | 確実   |
| 4分の1を1円超え                        | 20   | 1680001       | 0         | 0         | 40   | 一部の可能性 | 可能   | 可能 | 可能   |
| 書類で分かれば4分の3だけ不可           | 20   | 880001書類    | 0         | 0         | 40   | 一部の可能性 | 不可   | 確実 | 確実   |
| 書類で分かれば4分の1ちょうど           | 20   | 1680000書類   | 0         | 0         | 40   | 一部の可能性 | 不可   | 不可 | 確実   |
| 書類で分かれば4分の1を1円超え          | 20   | 1680001書類   | 0         | 0         | 40   | 不可         | 不可   | 不可 | 不可   |
| 一人でも不可なら不可                   | 20   | 0             | 1680001書類 | 0       | 40   | 不可         | 不可   | 不可 | 不可   |
| 世帯主だけ超え、50歳未満               | 20   | 0             | 0         | 670001    | 49   | 猶予可       | 確実   | 確実 | 確実   |
| 世帯主だけ超え、50歳以上               | 20   | 0             | 0         | 670001    | 50   | 一部の可能性 | 確実   | 確実 | 確実   |
| 世帯主だけが不可、50歳未満             | 20   | 0             | 0         | 1680001書類 | 49 | 猶予可       | 不可   | 不可 | 不可   |
| 納付猶予だけの申請は世帯主を見ない     | 30   | 0             | 0         |           | 30   | 猶予可       |        |      |        |
| 納付猶予だけの申請で全額にはしない     | 30   | 0             |           |           | 30   | 猶予可       |        |      |        |
| 納付猶予で配偶者が超え                 | 30   | 0             | 670001    |           | 30   | 不可         |        |      |        |
| 納付猶予で50歳以上                     | 30   | 0             |           |           | 50   | 不可         |        |      |        |
| 障害者は135万円まで                    | 20   | 1350000障害   |           |           | 40   | 全額可       |        |      |        |
| 障害者で135万円超え                    | 20   | 1350001障害   |           |           | 55   | 一部の可能性 | 可能   | 確実 | 確実   |
| 寡婦                                   | 20   | 1350000寡婦   |           |           | 40   | 全額可       |        |      |        |
| ひとり親                               | 20   | 1350000ひとり親 |         |           | 40   | 全額可       |        |      |        |
| 世帯主が障害者なら一部免除でも135万円まで | 20 | 880000        |           | 1350000障害 | 55 | 一部の可能性 | 確実   | 確実 | 確実   |
| 障害者でない世帯主は4分の3を超える     | 20   | 880000        |           | 1350000   | 55   | 一部の可能性 | 可能   | 可能 | 確実   |
| 所得の回答がない                       | 20   | なし          |           |           | 40   | 判定不能     |        |      |        |
| 世帯主の回答がない                     | 20   | 0             |           | なし      | 40   | 判定不能     |        |      |        |
| 合計所得金額がない                     | 20   | 不明          |           |           | 40   | 判定不能     |        |      |        |
| 学生は本人だけ                         | 40   | 1280000       |           |           | 20   | 猶予可       |        |      |        |
| 学生で超えるが控除が分からない         | 40   | 1280001       |           |           | 20   | 判定不能     |        |      |        |
| 学生で超え、書類で分かる               | 40   | 1280001書類   |           |           | 20   | 不可         |        |      |        |
| 学生には年齢の限りがない               | 40   | 1280000       |           |           | 55   | 猶予可       |        |      |        |
""")
SPECIAL = {"障害": {"honnin_shogai_code": "1"}, "寡婦": {"honnin_kafu_code": "1"}, "ひとり親": {"honnin_kafu_code": "2"}}


def person(kankei: str, text: str | None) -> list[Person]:
    if not text:
        return []
    if text in ("なし", "不明"):
        return [Person(kankei, None if text == "なし" else replace(PLAIN, goukei_shotoku_yen=None))]
    digits = "".join(c for c in text if c.isdigit())
    word = text.removeprefix(digits)
    income = replace(PLAIN, goukei_shotoku_yen=int(digits), **SPECIAL.get(word, {}))
    return [Person(kankei, income, NONE_MORE if word == "書類" else Missing())]


def persons(case: dict[str, str]) -> list[Person]:
    return [*person(APPLICANT, case["本人"]), *person(SPOUSE, case["配偶者"]), *person(HEAD, case["世帯主"])]


@pytest.mark.parametrize("case", VERDICTS, ids=lambda c: c["事例"])
def test_事前審査(case: dict[str, str]) -> None:
    found = check(case["種類"], *persons(case), age=int(case["年齢"]))
    wanted = {code: case[name] for code, name in (("21", "4分の3"), ("22", "半額"), ("23", "4分の1")) if case[name]}
    assert (found.outcome, dict(found.parts)) == (case["結果"], wanted)


DEPENDANTS = kit.table("""
| 事例                                           | 合計所得 | 扶養     | 書類     | 4分の3 |
|------------------------------------------------|----------|----------|----------|--------|
| 低い方の限度額ちょうど                         | 1260000  | ippan=1  |          | 確実   |
| 低い方を1円超え                                | 1260001  | ippan=1  |          | 可能   |
| 16～18歳でなければ不可                         | 1260001  | ippan=1  | 若年=0   | 不可   |
| 16～18歳なら63万円                             | 1260001  | ippan=1  | 若年=1   | 確実   |
| 高い方の限度額ちょうど、ほかは書類で分かる     | 1510000  | ippan=1  | 控除なし | 可能   |
| 高い方を1円超え、ほかは書類で分かる            | 1510001  | ippan=1  | 控除なし | 不可   |
| 配偶者の低い方を1円超え、ほかは書類で分かる    | 1260001  | haiguu=1 | 控除なし | 可能   |
| 配偶者の高い方を1円超え、ほかは書類で分かる    | 1360001  | haiguu=1 | 控除なし | 不可   |
""")


@pytest.mark.parametrize("case", DEPENDANTS, ids=lambda c: c["事例"])
def test_限度額の幅で確実と可能と不可が分かれる(case: dict[str, str]) -> None:
    papers = {"若年=0": NONE_MORE, "若年=1": NONE_MORE._replace(koukousei_fuyo=1), "控除なし": Missing(0, 0, 0, 0)}
    income = replace(with_fuyo(case["扶養"])[0], goukei_shotoku_yen=int(case["合計所得"]))
    # somebody whose 全額 limit is passed by another one, so that the partial kinds are looked at
    other = Person(HEAD, replace(PLAIN, goukei_shotoku_yen=670_001), NONE_MORE)
    found = check("20", Person(APPLICANT, income, papers.get(case["書類"], Missing())), other, age=55)
    assert found.parts["21"] == case["4分の3"]


def test_不足の項目が分かれば不可も言える() -> None:
    rich = Person(APPLICANT, replace(PLAIN, goukei_shotoku_yen=1_680_001))
    assert check("20", rich, age=55).outcome == menjo.PARTLY
    assert check("20", rich._replace(papers=NONE_MORE), age=55).outcome == menjo.NO
    assert check("20", rich._replace(papers=NONE_MORE._replace(shoukibo_kyousai_yen=1)), age=55).parts["23"] == menjo.SURE


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


YUYO = kit.table("""
| 事例                                 | 生年月日   | 始期       | 終期       | 猶予の終わり |
|--------------------------------------|------------|------------|------------|--------------|
| 50歳に達する月の前の月まで           | 1976-12-01 | 2026-07-01 | 2027-06-01 | 2026-10-01   |
| 誕生日が1日遅ければ次の月まで        | 1976-12-02 | 2026-07-01 | 2027-06-01 | 2026-11-01   |
| 誕生日が1日早い                      | 1976-11-30 | 2026-07-01 | 2027-06-01 | 2026-10-01   |
| 達する月だけの申請は不可             | 1976-12-01 | 2026-11-01 | 2026-11-01 |              |
| 前の月だけの申請                     | 1976-12-01 | 2026-10-01 | 2026-10-01 | 2026-10-01   |
| 年度の間に達しない                   | 1977-07-02 | 2026-07-01 | 2027-06-01 | 2027-06-01   |
| 年度の終わりの月に達する             | 1977-07-01 | 2026-07-01 | 2027-06-01 | 2027-05-01   |
| 年度の初めの月に達する               | 1976-08-01 | 2026-07-01 | 2027-06-01 |              |
| 2月29日生まれは2月28日に達する       | 1976-02-29 | 2025-07-01 | 2026-06-01 | 2026-01-01   |
| 平成28年6月までは30歳                | 1986-07-02 | 2015-07-01 | 2016-06-01 | 2016-06-01   |
| 平成28年6月までに30歳に達する        | 1986-07-01 | 2015-07-01 | 2016-06-01 | 2016-05-01   |
| 平成28年7月からは50歳                | 1970-01-01 | 2016-07-01 | 2017-06-01 | 2017-06-01   |
| その前の月は30歳                     | 1970-01-01 | 2016-06-01 | 2016-06-01 |              |
| 令和17年6月まで                      | 2000-01-01 | 2034-07-01 | 2035-06-01 | 2035-06-01   |
| 令和17年7月からはない                | 2000-01-01 | 2035-07-01 | 2036-06-01 |              |
""")


@pytest.mark.parametrize("case", YUYO, ids=lambda c: c["事例"])
def test_納付猶予は年齢に達する月の前の月まで(case: dict[str, str]) -> None:
    born, first, last = (kit.day(case[k]) or date.max for k in ("生年月日", "始期", "終期"))
    found = menjo.precheck("30", (Person(APPLICANT, PLAIN),), first, last, born)
    assert (found.outcome, found.until) == ("猶予可" if case["猶予の終わり"] else "不可", kit.day(case["猶予の終わり"]))
    rich = Person(HEAD, replace(PLAIN, goukei_shotoku_yen=670_001))  # full exemption is out, the others' income is not
    assert menjo.precheck("20", (Person(APPLICANT, PLAIN), rich), first, last, born).until == found.until


JOBLESS = kit.table("""
| 事例                               | 種類 | 本人     | 配偶者      | 世帯主      | 年齢 | 結果     | 4分の1 |
|------------------------------------|------|----------|-------------|-------------|------|----------|--------|
| 誰も除かずに全額                   | 20   | 670000   | 670000      | 670000      | 40   | 全額可   |        |
| 本人が超え                         | 20   | 9000000  | 0           | 0           | 40   | 判定不能 | 可能   |
| 配偶者が超え                       | 20   | 0        | 9000000     | 0           | 40   | 判定不能 | 可能   |
| 世帯主が超え、猶予は誰も除かずに可 | 20   | 0        | 0           | 9000000     | 40   | 猶予可   | 可能   |
| 世帯主が超え、50歳以上             | 20   | 0        | 0           | 9000000書類 | 50   | 判定不能 | 可能   |
| 一部免除が確実なら確実のまま       | 20   | 670001   | 0           | 0           | 40   | 判定不能 | 確実   |
| 本人だけでも誰の失業かは分からない | 20   | 9000000書類 |          |             | 40   | 判定不能 | 可能   |
| 納付猶予で配偶者が超え             | 30   | 0        | 670001      |             | 40   | 判定不能 |        |
| 納付猶予が誰も除かずに可           | 30   | 670000   | 670000      |             | 40   | 猶予可   |        |
| 学生で超え                         | 40   | 9000000書類 |          |             | 20   | 判定不能 |        |
| 学生が誰も除かずに可               | 40   | 1280000  |             |             | 20   | 猶予可   |        |
| 回答がない                         | 20   | なし     | 0           | 0           | 40   | 判定不能 |        |
""")


@pytest.mark.parametrize("case", JOBLESS, ids=lambda c: c["事例"])
def test_失業特例は誰の失業か分からなければ何も否定しない(case: dict[str, str]) -> None:
    found = check(case["種類"], *persons(case), age=int(case["年齢"]), jobless=True)
    assert (found.outcome, found.parts.get("23", "")) == (case["結果"], case["4分の1"] or "")
    assert menjo.NO not in found.parts.values()


def test_計算の各行に額と限度額がある() -> None:
    income = replace(PLAIN, goukei_shotoku_yen=1_000_000, shakai_hoken_koujo_yen=100_000, koujo_haiguu_flag=True)
    found = check("20", Person(APPLICANT, replace(income, goukei_shotoku_yen=1_500_000)), age=55)
    assert [(x.what, x.figure, x.limit) for x in found.lines] == [
        ("全額・納付猶予", (1_500_000,) * 2, (1_020_000,) * 2),
        ("4分の3免除", (0, 1_400_000), (1_260_000, 1_360_000)),
        ("半額免除", (0, 1_400_000), (1_660_000, 1_760_000)),
        ("4分の1免除", (0, 1_400_000), (2_060_000, 2_160_000)),
    ]


def test_基準のない昔の月は判定不能() -> None:
    assert kijun_of(date(2009, 6, 1)) is None
    assert check("20", Person(APPLICANT, PLAIN), first=date(2009, 6, 1)).outcome == menjo.UNKNOWN


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


YEN, COUNT = st.integers(0, 5_000_000), st.integers(0, 4)
PEOPLE = st.builds(
    Shotoku, YEN, COUNT, COUNT, COUNT, COUNT, st.booleans(), COUNT, COUNT, st.sampled_from("012"), st.sampled_from("012"), st.booleans(), YEN, YEN, YEN,
    YEN, YEN,
)  # fmt: skip
KNOWN = st.builds(Missing, YEN, YEN, YEN, YEN, COUNT, st.booleans())
PAPERS = st.builds(Missing, *(st.none() | s for s in (YEN, YEN, YEN, YEN, COUNT, st.booleans())))
KINDS, AGES = st.sampled_from(["20", "21", "22", "23", "30", "40"]), st.integers(20, 62)
MONTHS = st.sampled_from([date(2020, 7, 1), date(2025, 7, 1), date(2026, 4, 1), date(2026, 7, 1)])
ORDER = (menjo.FULL, menjo.DEFERRED, menjo.PARTLY, menjo.UNKNOWN, menjo.NO)
WORDS = (menjo.SURE, menjo.POSSIBLE, menjo.NO)


@settings(deadline=None)
@given(
    kind=KINDS,
    own=PEOPLE,
    other=PEOPLE,
    papers=PAPERS,
    age=AGES,
    month=MONTHS,
    more=st.integers(1, 3_000_000),
    jobless=st.booleans(),
)
def test_所得が増えて有利にはならない(
    kind: str, own: Shotoku, other: Shotoku, papers: Missing, age: int, month: date, more: int, jobless: bool
) -> None:
    richer = replace(own, goukei_shotoku_yen=(own.goukei_shotoku_yen or 0) + more)
    before, after = (
        check(kind, Person(APPLICANT, s, papers), Person(HEAD, other), age=age, first=month, jobless=jobless)
        for s in (own, richer)
    )
    assert ORDER.index(before.outcome) <= ORDER.index(after.outcome)
    for code, word in after.parts.items():
        assert code not in before.parts or WORDS.index(before.parts[code]) <= WORDS.index(word)


@settings(deadline=None)
@given(kind=KINDS, own=PEOPLE, other=PEOPLE, papers=PAPERS, known=KNOWN, age=AGES, month=MONTHS)
def test_書類で分かっても言ったことは覆らない(
    kind: str, own: Shotoku, other: Shotoku, papers: Missing, known: Missing, age: int, month: date
) -> None:
    wider = Missing(*(k if p is None else p for p, k in zip(papers, known, strict=True)))
    before, after = (check(kind, Person(APPLICANT, own, p), Person(HEAD, other), age=age, first=month) for p in (papers, wider))
    if before.outcome in (menjo.FULL, menjo.DEFERRED, menjo.NO):
        assert after.outcome == before.outcome
    if before.outcome == menjo.PARTLY:
        assert after.outcome in (menjo.PARTLY, menjo.NO)
    assert before.parts.keys() == after.parts.keys()
    assert all(after.parts[code] == word for code, word in before.parts.items() if word != menjo.POSSIBLE)


@settings(deadline=None)
@given(kind=KINDS, own=PEOPLE, spouse=PEOPLE, head=PEOPLE, age=AGES, month=MONTHS)
def test_誰の失業でも言ったことは覆らない(kind: str, own: Shotoku, spouse: Shotoku, head: Shotoku, age: int, month: date) -> None:
    people = [Person(APPLICANT, own), Person(SPOUSE, spouse), Person(HEAD, head)]
    found = check(kind, *people, age=age, first=month, jobless=True)
    for one in people:
        true = check(kind, *(p for p in people if p is not one), age=age, first=month)
        assert found.outcome == menjo.UNKNOWN or ORDER.index(true.outcome) <= ORDER.index(found.outcome)
        assert all(word != menjo.SURE or true.parts.get(code, word) == word for code, word in found.parts.items())
    assert menjo.NO not in (found.outcome, *found.parts.values())


@settings(deadline=None)
@given(s=PEOPLE, papers=PAPERS, known=KNOWN, month=MONTHS, part=st.sampled_from(["ichibu", "gakusei"]), base=YEN)
def test_範囲は不足の項目が分かったときの額を含む(
    s: Shotoku, papers: Missing, known: Missing, month: date, part: Part, base: int
) -> None:
    k, all_known = kijun_of(month), Missing(*(p if p is not None else x for p, x in zip(papers, known, strict=True)))
    assert k
    for bounds, exact in (
        (menjo.partial_figure(k, s, part, papers), menjo.partial_figure(k, s, part, all_known)),
        (menjo.partial_limit(k, s, base, papers), menjo.partial_limit(k, s, base, all_known)),
    ):
        assert bounds and exact and bounds.low <= exact.low == exact.high <= bounds.high


@settings(deadline=None)
@given(s=PEOPLE, name=st.sampled_from(list(Shotoku.__dataclass_fields__)))
def test_必要な項目が一つでもなければ範囲も言わない(s: Shotoku, name: str) -> None:
    lacking = replace(s, **{name: None})
    income = replace(lacking, goukei_shotoku_yen=None if name == "goukei_shotoku_yen" else 10**9)
    found = check("20", Person(APPLICANT, income), age=55)
    assert (found.outcome, dict(found.parts)) == (menjo.UNKNOWN, {})
