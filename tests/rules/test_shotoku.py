"""所得照会の回答: どの回答を受け入れ、受け入れないものは何も残さない。"""

from __future__ import annotations

from datetime import date
from typing import Any

import kit
import openpyxl
import pytest
from kit import DAY, no

from etl.site import Site
from tests.rules.income import NEXT, THIRD, answers, ask, intake, stored, take

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


@pytest.mark.parametrize(("known", "held"), [({"birth_fusho_flag": True}, 0), ({}, 1)], ids=["不詳", "不詳でない"])
def test_宛名で不詳の生年月日は比べない(site: Site, known: dict[str, Any], held: int) -> None:
    ask(site, known)
    assert take(site, {"birth_on": date(1985, 5, 5)}) == {"stored": 1 - held, "refused": 0, "held": held}


def test_不詳でもほかの4情報は比べる(site: Site) -> None:
    ask(site, {"birth_fusho_flag": True})
    assert take(site, {"birth_on": date(1985, 5, 5), "sex_code": "2"})["held"] == 1
    [(fields,)] = kit.query(site, "select fields from ledger.quarantine")
    assert fields == ["sex_code"]


BROKEN = kit.table("""
| 事例                                     | 行             | 位置 | 値       | 拒否 | 隔離 |
|------------------------------------------|----------------|------|----------|------|------|
| 聞いた行の回答区分                       |                | 45   | 9        | 0    | 1    |
| 聞いていない行の回答区分                 | atena_no=2     | 45   | 9        | 1    | 0    |
| 聞いていない行の生年月日                 | atena_no=2     | 86   | 20251399 | 1    | 0    |
| 聞いていない行の金額                     | atena_no=2     | 213  | abc      | 1    | 0    |
| 聞いていない行の予備                     | atena_no=2     | 290  | x        | 1    | 0    |
| 照会番号が数字でない                     |                | 2    | A        | 1    | 0    |
| 相当年度が数字でない                     |                | 32   | 20x5     | 1    | 0    |
""")


@pytest.mark.parametrize("case", BROKEN, ids=lambda c: c["事例"])
def test_聞いていない行は項目の誤りがあっても対象外(site: Site, case: dict[str, str]) -> None:
    ask(site)
    path = answers(site, {"atena_no": no(2)} if case["行"] else {})
    data, at = bytearray(path.read_bytes()), 302 + int(case["位置"]) - 1
    data[at : at + len(case["値"])] = case["値"].encode()
    kit.put(site, "shotoku_kaitou", path.name, bytes(data), 1)
    counts = kit.only(kit.run(site, "shotoku_kaitou_daily", NEXT))["counts"]
    assert (counts["out_of_scope"], counts["quarantined"]) == (int(case["拒否"]), int(case["隔離"]))
    assert stored(site) == [] and kit.query(site, "select count(*) from ledger.quarantine") == [(int(case["隔離"]),)]


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
    assert [f["code"] for f in kit.run(site, "shotoku_kaitou_daily", NEXT)["files"]] == ["NP-2022"]
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
