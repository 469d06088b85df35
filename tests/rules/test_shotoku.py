"""所得照会: 誰のどの年度を尋ね、どの回答を受け入れ、受け入れないものは何も残さない。"""

from __future__ import annotations

from datetime import date
from typing import Any

import kit
import openpyxl
import pytest
from kit import DAY, no

from etl.site import Site
from tests.rules.income import NEXT, THIRD, answers, ask, intake, stored, take

ASKED = kit.table("""
| 事例                                     | 届 | 受付                                                                       | 尋ねる（関係-人-年度）        | 事由 |
|------------------------------------------|----|----------------------------------------------------------------------------|-------------------------------|------|
| 免除は本人と配偶者と世帯主               | 41 | menjo_from_month=2025-07-01 menjo_to_month=2026-06-01                      | 1-1-2025 2-2-2025 3-3-2025    | 01   |
| 納付猶予に世帯主は要らない               | 41 | menjo_code=30 menjo_from_month=2025-07-01 menjo_to_month=2026-06-01        | 1-1-2025 2-2-2025             | 02   |
| 世帯主である本人は一度だけ               | 41 | menjo_from_month=2025-07-01 setainushi_atena_no=1                          | 1-1-2025 2-2-2025             | 01   |
| 世帯主である配偶者は配偶者として         | 41 | menjo_from_month=2025-07-01 setainushi_atena_no=2                          | 1-1-2025 2-2-2025             | 01   |
| 6月までは前の年度                        | 41 | menjo_from_month=2025-06-01 setainushi_atena_no= haiguusha_atena_no=       | 1-1-2024                      | 01   |
| 年度をまたぐ                             | 41 | menjo_from_month=2024-06-01 menjo_to_month=2025-07-01 setainushi_atena_no= haiguusha_atena_no= | 1-1-2023 1-1-2024 1-1-2025 | 01 |
| 2年1か月より前の月は尋ねない             | 41 | menjo_from_month=2020-07-01 menjo_to_month=2026-06-01 setainushi_atena_no= haiguusha_atena_no= | 1-1-2023 1-1-2024 1-1-2025 | 01 |
| 受理が8月なら2年1か月前は7月             | 41 | juri_on=2025-08-20 menjo_from_month=2020-07-01 menjo_to_month=2026-06-01 setainushi_atena_no= haiguusha_atena_no= | 1-1-2023 1-1-2024 1-1-2025 | 01 |
| 受理が7月なら前の年度も                  | 41 | juri_on=2025-07-20 menjo_from_month=2020-07-01 menjo_to_month=2026-06-01 setainushi_atena_no= haiguusha_atena_no= | 1-1-2022 1-1-2023 1-1-2024 1-1-2025 | 01 |
| 一度に4年度まで                          | 41 | juri_on=2025-07-20 menjo_from_month=2020-07-01 menjo_to_month=2030-06-01 setainushi_atena_no= haiguusha_atena_no= | 1-1-2022 1-1-2023 1-1-2024 1-1-2025 | 01 |
| 終期がなければ始期の年度                 | 41 | menjo_from_month=2025-07-01 setainushi_atena_no= haiguusha_atena_no=       | 1-1-2025                      | 01   |
| 始期も終期もなければ免除年度             | 41 | menjo_year=2024 setainushi_atena_no= haiguusha_atena_no=                   | 1-1-2024                      | 01   |
| 学生は本人だけ                           | 42 | menjo_code=40 menjo_from_month=2025-04-01 menjo_to_month=2026-03-01        | 1-1-2025                      | 03   |
| 学生の年度は4月から                      | 42 | menjo_code=40 menjo_from_month=2025-03-01 menjo_to_month=2025-04-01        | 1-1-2024 1-1-2025             | 03   |
| 障害基礎の裁定請求                       | 52 |                                                                            | 1-1-2025                      | 04   |
| 6月に受理した裁定請求                    | 52 | juri_on=2025-06-30                                                         | 1-1-2024                      | 04   |
| 7月に受理した現況届                      | 60 | juri_on=2025-07-01                                                         | 1-1-2025                      | 05   |
| 取得届は尋ねない                         | 01 |                                                                            |                               |      |
| 法定免除は尋ねない                       | 31 | menjo_from_month=2025-07-01                                                |                               |      |
| 老齢の裁定は尋ねない                     | 51 |                                                                            |                               |      |
| 未確認は尋ねない                         | 41 | menjo_from_month=2025-07-01 kakunin_user=                                  |                               |      |
| 審査中は尋ねる                           | 41 | menjo_from_month=2025-07-01 jotai_code=2 setainushi_atena_no= haiguusha_atena_no= | 1-1-2025                 | 01   |
| 返戻は尋ねる                             | 41 | menjo_from_month=2025-07-01 jotai_code=5 setainushi_atena_no= haiguusha_atena_no= | 1-1-2025                 | 01   |
| 取下げは尋ねない                         | 41 | menjo_from_month=2025-07-01 jotai_code=3                                   |                               |      |
| 進達済は尋ねない                         | 41 | menjo_from_month=2025-07-01 jotai_code=4                                   |                               |      |
| 結果登録済は尋ねない                     | 41 | menjo_from_month=2025-07-01 jotai_code=6                                   |                               |      |
""")


@pytest.fixture(scope="module")
def questions(town: Site) -> list[tuple[Any, ...]]:
    """All cases in one file; what was asked."""
    kit.uketsuke(town, [intake(100 * n, case["届"] or "", case["受付"]) for n, case in enumerate(ASKED, 1)])
    assert kit.run(town, "uketsuke_daily", DAY)["error"] is None
    asked = kit.run(town, "shotoku_shoukai_daily", DAY)
    rows = kit.query(
        town,
        "select uketsuke_no, kankei_code, atena_no, soutou_year, shoukai_jiyu_code, shoukai_no from pension.shotoku_shoukai order by shoukai_no",
    )
    assert asked["error"] is None and asked["requested"] == len(rows)
    return rows


@pytest.mark.parametrize("n", range(1, len(ASKED) + 1), ids=[c["事例"] or "" for c in ASKED])
def test_誰のどの年度を尋ねるか(questions: list[tuple[Any, ...]], n: int) -> None:
    found = [q for q in questions if q[0] == no(100 * n)]
    assert " ".join(f"{q[1]}-{int(q[2]) - 100 * n}-{q[3]}" for q in found) == (ASKED[n - 1]["尋ねる（関係-人-年度）"] or "")
    assert {q[4] for q in found} <= {ASKED[n - 1]["事由"]}


def test_照会番号は業務日と連番で_受付番号と関係と年度の順(questions: list[tuple[Any, ...]]) -> None:
    assert [q[5] for q in questions] == [f"{DAY:%Y%m%d}{n:07}" for n in range(1, len(questions) + 1)]
    assert [q[:2] + q[3:4] for q in questions] == sorted(q[:2] + q[3:4] for q in questions)


def test_改訂は新しい分だけを尋ねる(site: Site) -> None:
    alone = {"setainushi_atena_no": None, "haiguusha_atena_no": None}
    for rev, on, month in ((1, DAY, 7), (2, NEXT, 6)):
        kit.uketsuke(
            site,
            [intake(0, menjo_from_month=date(2025, month, 1), menjo_to_month=date(2026, 6, 1), rev=rev, **alone)],
            on=on,
            seq=rev,
        )
        kit.run(site, "uketsuke_daily", on)
        kit.run(site, "shotoku_shoukai_daily", on)
    assert kit.query(site, "select soutou_year, asked_on::text from pension.shotoku_shoukai order by shoukai_no") == [
        (2025, DAY.isoformat()), (2024, NEXT.isoformat()),
    ]  # fmt: skip
    again = kit.run(site, "shotoku_shoukai_daily", NEXT)
    assert again["requested"] == 1 and len(list((site.outbox / "shotoku_shoukai").rglob("*.dat"))) == 2


# ---- answers ---------------------------------------------------------------------------------------------------------------

TAKEN = kit.table("""
| 事例                                   | 行                                | 受入 | 拒否 | 保留 |
|----------------------------------------|-----------------------------------|------|------|------|
| 聞いたとおりの行                       |                                   | 1    | 0    | 0    |
| 遅れて賦課された年度                   | fuka_year=2026                    | 1    | 0    | 0    |
| 課税資料なし                           | kaitou_code=2                     | 1    | 0    | 0    |
| 照会番号が違う                         | shoukai_no=202509240000002        | 0    | 1    | 0    |
| 別の人                                 | atena_no=2                        | 0    | 1    | 0    |
| 別の年度                               | soutou_year=2024                  | 0    | 1    | 0    |
| 氏名フリガナが宛名と違う               | name_kana=ｶｸｳ                     | 0    | 0    | 1    |
| 生年月日が宛名と違う                   | birth_on=1990-01-02               | 0    | 0    | 1    |
| 性別が宛名と違う                       | sex_code=2                        | 0    | 0    | 1    |
| 住所が宛名と違う                       | address=神奈川県川崎市            | 0    | 0    | 1    |
| 与えられない項目は比べない             | birth_on= address=                | 1    | 0    | 0    |
""")


@pytest.mark.parametrize("case", TAKEN, ids=lambda c: c["事例"])
def test_受け入れる行と受け入れない行(site: Site, case: dict[str, str]) -> None:
    ask(site)
    cells: dict[str, Any] = {}
    for cell in (case["行"] or "").split():
        name, value = cell.split("=")
        cells[name] = (
            no(value)
            if name == "atena_no"
            else int(value)
            if name.endswith("year")
            else kit.day(value)
            if name == "birth_on"
            else value or None
        )
    answers(site, cells)
    result = kit.run(site, "shotoku_kaitou_daily", NEXT)
    assert result["answers"] == {k: int(case[v]) for k, v in {"stored": "受入", "refused": "拒否", "held": "保留"}.items()}
    assert len(stored(site)) == int(case["受入"]) and kit.query(site, "select * from pension.shotoku_unasked") == []
    assert (kit.query(site, "select answered_at is not null from pension.shotoku_shoukai") == [(True,)]) == (case["受入"] == "1")


def test_閉じた照会への後の回答は拒否する(site: Site) -> None:
    ask(site)
    assert take(site, {}) == {"stored": 1, "refused": 0, "held": 0}
    assert take(site, {"rireki_no": 2, "fuka_year": 2026}, on=THIRD, seq=2) == {"stored": 0, "refused": 1, "held": 0}
    assert stored(site) == [(2025, 2025, "1", 670_000)]


@pytest.mark.parametrize("jotai", ["3", "4", "6"], ids=["取下げ", "進達済", "結果登録済"])
def test_受付が終わった照会への回答は拒否する(site: Site, jotai: str) -> None:
    ask(site)
    kit.uketsuke(site, [intake(0, menjo_from_month=date(2025, 7, 1), rev=2, jotai_code=jotai)], on=NEXT, seq=2)
    kit.run(site, "uketsuke_daily", NEXT)
    assert take(site, {}) == {"stored": 0, "refused": 1, "held": 0}
    assert stored(site) == []


def test_宛名が直った後の回答は受け入れる(site: Site) -> None:
    ask(site)
    assert take(site, {"sex_code": "2"})["held"] == 1
    kit.juki(site, [{"atena_no": no(1), "rireki_no": 2, "sex_code": "2", "idou_jiyu_code": "59"}], on=NEXT, seq=2)
    kit.run(site, "juki_daily", NEXT)
    assert take(site, {"sex_code": "2"}, on=THIRD, seq=2)["stored"] == 1


def test_同じキーが二度ならたたみ_食い違えば隔離する(site: Site) -> None:
    ask(site)
    assert take(site, {}, {}) == {"stored": 2, "refused": 0, "held": 0}
    assert len(stored(site)) == 1


def test_食い違う二行は先の行だけ入る(site: Site) -> None:
    ask(site)
    assert take(site, {}, {"goukei_shotoku_yen": 1}) == {"stored": 1, "refused": 0, "held": 1}
    assert stored(site) == [(2025, 2025, "1", 670_000)]


def test_訂正は承認を経て置き換わり前の行も残る(site: Site) -> None:
    ask(site)
    take(site, {})
    answers(site, {"goukei_shotoku_yen": 680_000}, version=2)
    assert [f["code"] for f in kit.run(site, "shotoku_kaitou_daily", NEXT)["files"]] == ["NP-2023", "NP-2022"]
    kit.approve_all(site, "teisei")
    assert kit.run(site, "shotoku_kaitou_daily", NEXT)["answers"]["stored"] >= 1
    assert stored(site) == [(2025, 2025, "1", 680_000)]
    assert kit.query(site, "select count(*) from pension.shotoku") == [(2,)]


def test_通知には件数と照会番号だけがある(site: Site) -> None:
    ask(site)
    take(
        site,
        {},
        {"atena_no": no(2), "name_kana": "ﾀﾆﾝ", "shoukai_no": f"{DAY:%Y%m%d}0000009"},
        {"atena_no": no(3), "shoukai_no": "999999999999999"},
    )
    [path] = (site.outbox / "shotoku_tsuchi" / NEXT.isoformat()).glob("*.xlsx")
    said = "\n".join(
        str(v) for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True) for v in row if v is not None
    )
    assert f"{DAY:%Y%m%d}0000009" in said and "照会番号の形でない" in said
    assert not any(word in said for word in (no(2), no(3), "ﾀﾆﾝ", "999999999999999", "670"))


def test_聞いていない行ばかりでもファイルは受け入れる(site: Site) -> None:
    ask(site)
    rows = [{"atena_no": no(n), "shoukai_no": f"{DAY:%Y%m%d}{n:07}"} for n in range(2, 60)]
    assert take(site, *rows) == {"stored": 0, "refused": 58, "held": 0}


@pytest.mark.parametrize(
    ("who", "code", "flagged"),
    [(1, "50", True), (2, "51", True), (3, "52", True), (2, "41", False), (9, "50", False)],
    ids=["本人の世帯変更", "配偶者の世帯変更", "世帯主の世帯変更", "住所の変更", "関係のない人"],
)  # fmt: skip
def test_申請の後の世帯の変更は再確認になる(site: Site, who: int, code: str, flagged: bool) -> None:
    kit.uketsuke(site, [intake(0, menjo_from_month=date(2025, 7, 1)), {"uketsuke_no": no(90), "atena_no": no(9)}])
    kit.run(site, "uketsuke_daily", DAY)
    kit.juki(site, [{"atena_no": no(n)} for n in (1, 2, 3, 9)])
    kit.run(site, "juki_daily", DAY)
    kit.juki(site, [{"atena_no": no(who), "rireki_no": 2, "idou_jiyu_code": code, "idou_on": NEXT}], on=NEXT, seq=2)
    assert kit.run(site, "juki_daily", NEXT)["error"] is None
    found = kit.query(site, "select atena_no, row_key from pension.worklist where kind = '免除再確認' and closed_at is null")
    assert found == ([(no(who), f"受付-{no(0)}")] if flagged else [])
