"""免除等の事前審査: 申請ごと年度ごとに、どの月を審査し、何が確実で、何が可能で、何が分からないか。"""

from __future__ import annotations

from datetime import date
from typing import Any

import kit
import openpyxl
import pytest
from kit import DAY, no

from etl import ichiran
from etl.run import get
from etl.site import Site
from tests.conftest import After, Once
from tests.rules.income import NEXT, THIRD, ask, given, intake, question, take

COUNTS: dict[str, Any] = {
    **dict.fromkeys(("ippan_fuyo", "rojin_fuyo", "tokutei_fuyo", "shogai_fuyo", "tokubetsu_shogai_fuyo", "nensho_fuyo"), 0),
    **dict.fromkeys(("jun_sonshitsu_yen", "zasson_koujo_yen", "iryohi_koujo_yen", "shakai_hoken_koujo_yen", "haiguu_tokubetsu_koujo_yen"), 0),
    "koujo_haiguu_flag": False, "honnin_gakusei_flag": False, "honnin_shogai_code": "0", "honnin_kafu_code": "0", "mishinkoku_flag": False,
}  # fmt: skip


def reviewed(
    site: Site, first_on: date = date(2025, 9, 1), last_on: date = date(2025, 9, 30), on: date = THIRD
) -> list[dict[str, str]]:
    """The rows of the list of these days, by label; what is empty is not in them."""
    run = get(site, kit.run(site, "shotoku_kaitou_daily", on)["run_id"])
    [made] = ichiran.make(site, run, "menjo_shinsa", first_on, last_on)
    rows = list(openpyxl.load_workbook(made.path).active.iter_rows(values_only=True))
    [at] = [n for n, r in enumerate(rows) if r[0] == "受付番号"]
    return [{str(k): v for k, v in zip(rows[at], r, strict=True) if v} for r in rows[at + 1 :]]


def test_事前審査は計算とともに出て_決定は何も変えない(after: After) -> None:
    site = after(ask)
    take(site, {**COUNTS, "goukei_shotoku_yen": 670_000})
    [row] = reviewed(site)
    assert (row["相当年度"], row["事前審査"]) == ("令和7年度", "判定不能") and "世帯主" in row["備考"]  # the head is not named
    assert "計算" not in row
    alone = {"setainushi_atena_no": no(1), "haiguusha_atena_no": None}
    kit.uketsuke(site, [intake(0, menjo_from_month=date(2025, 7, 1), rev=2, **alone)], on=NEXT, seq=2)
    kit.run(site, "uketsuke_daily", NEXT)
    [row] = reviewed(site)
    assert row["事前審査"] == "全額可" and "備考" not in row
    assert row["計算"] == "本人 全額・納付猶予\n　所得 670,000 ≦ 限度 670,000\n　差 0"
    assert kit.query(site, "select kettei_flag from pension.menjo where superseded_at is null") == []  # not even a 受付


def test_一部免除の計算は幅を示す(site: Site) -> None:
    born: dict[str, Any] = {"birth_on": date(1970, 1, 1)}  # too old for 納付猶予
    kit.uketsuke(
        site, [intake(0, menjo_from_month=date(2025, 7, 1), **born) | {"setainushi_atena_no": no(1), "haiguusha_atena_no": None}]
    )
    kit.run(site, "uketsuke_daily", DAY)
    kit.juki(site, [{"atena_no": no(1), **born}])
    kit.run(site, "juki_daily", DAY)
    kit.run(site, "shotoku_shoukai_daily", DAY)
    take(site, {**COUNTS, **born, "goukei_shotoku_yen": 1_500_000, "ippan_fuyo": 1})
    [row] = reviewed(site)
    assert (row["事前審査"], row["4分の3"], row["半額"], row["4分の1"]) == ("一部の可能性", "可能", "確実", "確実")
    assert row["計算"].split("\n") == [
        "本人 全額・納付猶予", "　所得 1,500,000 ＞ 限度 1,020,000", "　差 -480,000",
        "本人 一部免除", "　所得 0～1,500,000", "　4分の3 ？ 1,260,000～1,510,000", "　半額 ≦ 1,660,000", "　4分の1 ≦ 2,060,000",
    ]  # fmt: skip


def test_尋ねた後に要らなくなった年度の回答も受け入れ_審査には要る年度だけ(after: After) -> None:
    site = after(ask)
    alone = {"setainushi_atena_no": no(1), "haiguusha_atena_no": None}
    later = intake(0, menjo_from_month=date(2024, 7, 1), menjo_to_month=date(2025, 6, 1), rev=2) | alone
    kit.uketsuke(site, [later], on=NEXT, seq=2)
    kit.run(site, "uketsuke_daily", NEXT)
    assert kit.run(site, "shotoku_shoukai_daily", NEXT)["requested"] == 1
    assert take(site, {**COUNTS, "goukei_shotoku_yen": 670_000}) == {"stored": 1, "refused": 0, "held": 0}
    assert [(row["相当年度"], row["備考"]) for row in reviewed(site)] == [("令和6年度", "本人：回答待ち")]
    outside = intake(0, menjo_from_month=date(2020, 7, 1), menjo_to_month=date(2021, 6, 1), rev=3) | alone
    kit.uketsuke(site, [outside], on=THIRD, seq=3)
    kit.run(site, "uketsuke_daily", THIRD)
    [row] = reviewed(site)
    assert (row["事前審査"], row["申請できない月"]) == ("審査せず", "令和2年7月から\n令和3年6月まで") and "相当年度" not in row
    assert kit.run(site, "shotoku_shoukai_daily", THIRD)["requested"] == 0
    assert kit.query(site, "select * from pension.shotoku_unasked") == []


UNCLEAR: list[tuple[dict[str, Any] | None, str]] = [
    ({"kaitou_code": "2"}, "本人：課税資料なし"),
    ({**COUNTS, "mishinkoku_flag": True}, "本人：未申告"),
    (None, "本人：回答待ち"),
]


def leave_unclear(site: Site) -> None:
    """An application of each case, with its answer if there is one."""
    ask(site, *({} for _ in UNCLEAR))
    said = {at: cells for at, (cells, _) in enumerate(UNCLEAR) if cells}
    take(site, *({"shoukai_no": question(at), "atena_no": no(10 * at + 1), **cells} for at, cells in said.items()))


@pytest.fixture(scope="module")
def unclear(once: Once) -> dict[str, dict[str, str]]:
    """The rows of the list by 受付番号."""
    rows = reviewed(once(leave_unclear))
    assert len(rows) == len(UNCLEAR)
    return {row["受付番号"]: row for row in rows}


@pytest.mark.parametrize(("cells", "remark"), UNCLEAR)
def test_分からないときは判定不能(unclear: dict[str, dict[str, str]], cells: dict[str, Any] | None, remark: str) -> None:
    row = unclear[no(10 * UNCLEAR.index((cells, remark)))]
    assert row["事前審査"] == "判定不能" and remark in row["備考"]


CASES = kit.table("""
| 事例                           | 届 | 受付                                                        | 生年月日   | 所得（人=円）        | 年度      | 申請できない月                | 事前審査                    | 一部     | 備考 |
|--------------------------------|----|-------------------------------------------------------------|------------|----------------------|-----------|-------------------------------|-----------------------------|----------|------|
| 猶予は50歳に達する月の前の月まで | 41 | menjo_code=30 menjo_from_month=2026-07-01 menjo_to_month=2027-06-01 | 1976-12-01 | 1=0 2=0 | 令和8年度 |                               | 猶予可（令和8年10月まで）   |          | 納付猶予：令和8年10月まで（50歳に達する月の前の月） |
| 生まれが1日遅ければ1月長い     | 41 | menjo_code=30 menjo_from_month=2026-07-01 menjo_to_month=2027-06-01 | 1976-12-02 | 1=0 2=0 | 令和8年度 |                               | 猶予可（令和8年11月まで）   |          | 納付猶予：令和8年11月まで（50歳に達する月の前の月） |
| 申請がそこまでなら終わりを言わない | 41 | menjo_code=30 menjo_from_month=2026-07-01 menjo_to_month=2026-10-01 | 1976-12-01 | 1=0 2=0 | 令和8年度 |                            | 猶予可                      |          |      |
| 猶予の後の月は一部免除による   | 41 | menjo_from_month=2026-07-01 menjo_to_month=2027-06-01       | 1976-12-01 | 1=0 2=0 3=900000     | 令和8年度 |                               | 猶予可（令和8年10月まで）   | 可能 確実 確実 | 納付猶予：令和8年10月まで（50歳に達する月の前の月） |
| 納付期限から2年を過ぎた月は審査しない | 41 | menjo_code=30 menjo_from_month=2024-07-01 menjo_to_month=2025-06-01 | 1990-01-01 | 1=0 2=0 | 令和6年度 | 令和6年7月から令和6年9月まで | 猶予可               |          |      |
| 申請できる月がなければ審査しない | 41 | menjo_from_month=2023-07-01 menjo_to_month=2024-06-01     | 1990-01-01 |                      |           | 令和5年7月から令和6年6月まで  | 審査せず                    |          |      |
| まだ先の年度の月は審査しない   | 41 | menjo_code=30 menjo_from_month=2027-06-01 menjo_to_month=2027-08-01 | 1990-01-01 | 1=0 2=0 | 令和8年度 | 令和9年7月から令和9年8月まで  | 猶予可                      |          |      |
| 学生は3月まで                  | 42 | menjo_code=40 menjo_from_month=2027-03-01 menjo_to_month=2027-04-01 | 2005-01-01 | 1=1280000 | 令和8年度 | 令和9年4月                    | 猶予可                      |          |      |
| 学生の免除年度は4月から        | 42 | menjo_code=40 menjo_year=2026                               | 2005-01-01 | 1=1280000            | 令和8年度 |                               | 猶予可                      |          |      |
| 学生が超えても控除が分からない | 42 | menjo_code=40 menjo_year=2026                               | 2005-01-01 | 1=1280001            | 令和8年度 |                               | 判定不能                    |          |      |
| 申請する期間がない             | 41 |                                                             | 1990-01-01 |                      |           |                               | 審査せず                    |          | 申請する期間が分かりません（免除始期・終期・免除年度） |
| 失業、誰も除かずに全額         | 41 | menjo_year=2026 shitsugyo_flag=1                            | 1970-01-01 | 1=670000 2=0 3=0     | 令和8年度 |                               | 全額可                      |          |      |
| 失業、配偶者が超える           | 41 | menjo_year=2026 shitsugyo_flag=1                            | 1970-01-01 | 1=0 2=9000000 3=0    | 令和8年度 |                               | 判定不能                    | 可能 可能 可能 | 失業特例：誰の失業かを確認（本人なら一部の可能性、配偶者なら全額可、世帯主なら一部の可能性） |
| 失業、世帯主が超えても猶予は可 | 41 | menjo_year=2026 shitsugyo_flag=1                            | 1990-01-01 | 1=0 2=0 3=9000000    | 令和8年度 |                               | 猶予可                      | 可能 可能 可能 | 失業特例：誰の失業かを確認（本人なら猶予可、配偶者なら猶予可、世帯主なら全額可） |
| 失業、納付猶予で配偶者が超える | 41 | menjo_code=30 menjo_year=2026 shitsugyo_flag=1              | 1990-01-01 | 1=0 2=670001         | 令和8年度 |                               | 判定不能                    |          | 失業特例：誰の失業かを確認（本人なら不可、配偶者なら猶予可） |
| 失業、除いたときの猶予もいつまでかを言う | 41 | menjo_year=2026 shitsugyo_flag=1                  | 1976-12-01 | 1=9000000 2=0 3=9000000 | 令和8年度 |                            | 判定不能                    | 可能 可能 可能 | 失業特例：誰の失業かを確認（本人なら猶予可（令和8年10月まで）、配偶者なら一部の可能性、世帯主なら一部の可能性） |
| 失業でも50歳に達した月からの猶予はない | 41 | menjo_code=30 menjo_year=2026 shitsugyo_flag=1       | 1976-07-01 | 1=0 2=0              | 令和8年度 |                               | 判定不能                    |          | 納付猶予：なし（50歳に達する月の前の月まで）失業特例：誰の失業かを確認（本人なら不可、配偶者なら不可） |
| 50歳に達した月からの猶予は不可 | 41 | menjo_code=30 menjo_from_month=2026-11-01 menjo_to_month=2027-06-01 | 1976-12-01 | 1=0 2=0 | 令和8年度 |  | 不可 |  | 納付猶予：なし（50歳に達する月の前の月まで） |
| 失業でなければ不可             | 41 | menjo_code=30 menjo_year=2026                               | 1990-01-01 | 1=0 2=670001         | 令和8年度 |                               | 不可                        |          |      |
""")
LATE = date(2026, 12, 1)


@pytest.fixture(scope="module")
def late(town: Site) -> dict[str, list[dict[str, str]]]:
    """All cases, received on 2026-12-01 and answered the day after: the rows of the list by 受付番号."""
    rows = [
        intake(100 * n, case["届"] or "", juri_on=LATE, birth_on=kit.day(case["生年月日"]))
        | {"shitsugyo_flag": None} | given(case["受付"], 100 * n)
        for n, case in enumerate(CASES, 1)
    ]  # fmt: skip
    births = {n: kit.day(case["生年月日"]) for n, case in enumerate(CASES, 1)}
    kit.uketsuke(town, [r | {"shitsugyo_flag": r["shitsugyo_flag"] == "1"} for r in rows], on=LATE)
    assert kit.run(town, "uketsuke_daily", LATE)["error"] is None
    kit.juki(town, [{"atena_no": no(100 * n + k), "birth_on": born} for n, born in births.items() for k in (1, 2, 3)], on=LATE)
    assert kit.run(town, "juki_daily", LATE)["error"] is None
    assert kit.run(town, "shotoku_shoukai_daily", LATE)["error"] is None
    yen = {
        no(100 * n + int(k)): int(v)
        for n, case in enumerate(CASES, 1)
        for k, v in (cell.split("=") for cell in (case["所得（人=円）"] or "").split())
    }
    asked = kit.query(town, "select shoukai_no, atena_no, soutou_year from pension.shotoku_shoukai order by shoukai_no")
    assert {who for _, who, _ in asked} == set(yen)  # whose income is not given is not asked for
    kit.kaitou(town, [
        COUNTS | {"shoukai_no": q, "atena_no": who, "birth_on": births[int(who) // 100], "soutou_year": year, "goukei_shotoku_yen": yen[who]}
        for q, who, year in asked
    ], on=date(2026, 12, 2))  # fmt: skip
    found: dict[str, list[dict[str, str]]] = {}
    for row in reviewed(town, LATE, LATE, on=date(2026, 12, 2)):
        found.setdefault(row["受付番号"], []).append(row)
    return found


@pytest.mark.parametrize("number", range(1, len(CASES) + 1), ids=lambda n: CASES[n - 1]["事例"])
def test_申請できる月だけを審査する(late: dict[str, list[dict[str, str]]], number: int) -> None:
    case, [row] = CASES[number - 1], late[no(100 * number)]
    for label, head in (("相当年度", "年度"), ("申請できない月",) * 2, ("事前審査",) * 2, ("備考",) * 2):
        assert (row.get(label) or "").replace("\n", "") == (case[head] or ""), label
    assert " ".join(row[k] for k in ("4分の3", "半額", "4分の1") if k in row) == (case["一部"] or "")
