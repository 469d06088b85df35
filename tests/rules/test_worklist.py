"""確認リスト: 自動では何も決めない異動を職員の目に入れる。表の1行が1人（異動ファイルの1行）。"""

from __future__ import annotations

from datetime import date
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl.site import Site

# 資格: 続（喪失日なし）・失（喪失済み）・空（年金基本だけ）。免除: 「始期 終期 消滅日」、- は設定なし。後に「裁定結果」「種類」。異動年月日は9月20日
PEOPLE = kit.table("""
| 事例                                 | 資格 | 免除                         | 事由 | 状態 | 削除 | 確認リスト     |
|--------------------------------------|------|------------------------------|------|------|------|----------------|
| 職権消除26_資格が続く人              | 続   |                              | 26   | 9    | 0    | 要確認         |
| 職権消除26_資格を失った人            | 失   |                              | 26   | 9    | 0    | 要確認         |
| 職権消除26_年金基本だけの人          | 空   |                              | 26   | 9    | 0    | 要確認         |
| 最新の行の削除フラグ                 | 続   |                              | 41   | 1    | 1    | 要確認         |
| 最新の行の削除フラグ_年金基本だけ    | 空   |                              | 41   | 1    | 1    | 要確認         |
| 転居41                               | 続   |                              | 41   | 1    | 0    | 住所変更       |
| 転居41_資格を失った人                | 失   |                              | 41   | 1    | 0    |                |
| 旧氏の記載54                         | 続   |                              | 54   | 1    | 0    | 氏名変更       |
| 旧氏の変更55                         | 続   |                              | 55   | 1    | 0    | 氏名変更       |
| 旧氏の削除56                         | 続   |                              | 56   | 1    | 0    | 氏名変更       |
| 通称の記載57                         | 続   |                              | 57   | 1    | 0    | 氏名変更       |
| 通称の削除58                         | 続   |                              | 58   | 1    | 0    | 氏名変更       |
| 通称の削除58_資格を失った人          | 失   |                              | 58   | 1    | 0    |                |
| 軽微な修正42                         | 続   |                              | 42   | 1    | 0    |                |
| 個人番号の変更45                     | 続   |                              | 45   | 1    | 0    |                |
| 世帯分離50_免除なし                  | 続   |                              | 50   | 1    | 0    |                |
| 世帯分離50_終期のない免除            | 続   | 2024-07-01 - -               | 50   | 1    | 0    | 免除再確認     |
| 世帯合併51_終期が来月                | 続   | 2024-07-01 2025-10-01 -      | 51   | 1    | 0    | 免除再確認     |
| 世帯変更52_終期が当月                | 続   | 2024-07-01 2025-09-01 -      | 52   | 1    | 0    | 免除再確認     |
| 世帯主変更53_終期が先月              | 続   | 2024-07-01 2025-08-01 -      | 53   | 1    | 0    |                |
| 世帯変更_終期が異動の前の月          | 続   | 2024-07-01 2025-08-01 - 02   | 52   | 1    | 0    |                |
| 世帯変更_始期が後の免除              | 続   | 2026-07-01 2027-06-01 -      | 52   | 1    | 0    | 免除再確認     |
| 世帯変更_始期が当月の免除            | 続   | 2025-09-01 - - 02            | 52   | 1    | 0    | 免除再確認     |
| 世帯変更_一部承認                    | 続   | 2024-07-01 - - 03            | 52   | 1    | 0    | 免除再確認     |
| 世帯変更_却下                        | 続   | 2024-07-01 - - 04            | 52   | 1    | 0    |                |
| 世帯変更_取消                        | 続   | 2024-07-01 - - 06            | 52   | 1    | 0    |                |
| 世帯変更_納付猶予                    | 続   | 2024-07-01 - - 02 30         | 50   | 1    | 0    | 免除再確認     |
| 世帯変更_消滅した免除                | 続   | 2024-07-01 - 2025-05-01      | 52   | 1    | 0    |                |
| 世帯変更_資格を失った人              | 失   | 2024-07-01 - -               | 52   | 1    | 0    |                |
| 転居と免除は住所だけ                 | 続   | 2024-07-01 - -               | 41   | 1    | 0    | 住所変更       |
""")
for number, person in enumerate(PEOPLE, 1):
    person["no"] = no(number)


def _exemption(atena_no: str, begins: str, ends: str, gone: str, kekka: str | None = None, menjo: str = "10") -> dict[str, Any]:
    months = {
        name: None if w == "-" else kit.day(w) for name, w in (("from_month", begins), ("to_month", ends), ("shoumetsu_on", gone))
    }
    return {"kiso_nenkin_no": kit.kiso(atena_no), "menjo_code": menjo, "saitei_kekka_code": kekka, **months}


@pytest.fixture(scope="module")
def listed(town: Site) -> dict[str, list[str]]:
    """宛名番号 -> open entries."""
    kit.ikou(town, "ikou_nenkin_kihon", [{"atena_no": p["no"], "kiso_nenkin_no": kit.kiso(p["no"])} for p in PEOPLE])
    shikaku = {"shubetsu_code": "1", "acquired_on": date(2015, 4, 1), "shutoku_jiyu_code": "01"}
    lost = {"lost_on": date(2024, 4, 1), "soushitsu_jiyu_code": "54"}
    kit.ikou(
        town, "ikou_shikaku",
        [{"atena_no": p["no"], "kiso_nenkin_no": kit.kiso(p["no"]), **shikaku, **(lost if p["資格"] == "失" else {})} for p in PEOPLE if p["資格"] != "空"],
    )  # fmt: skip
    exempt = [_exemption(p["no"], *p["免除"].split()) for p in PEOPLE if p["免除"]]
    kit.ikou(town, "ikou_menjo", exempt)
    kit.run(town, "ikou_once", DAY)
    kit.juki(town, [{"atena_no": p["no"]} for p in PEOPLE], kubun="1")
    rows = [
        {
            "atena_no": p["no"],
            "rireki_no": 2,
            "idou_jiyu_code": p["事由"],
            "idou_on": date(2025, 9, 20),
            "jumin_jotai_code": p["状態"],
            "sakujo_flag": p["削除"] == "1",
        }
        for p in PEOPLE
    ]
    kit.juki(town, rows, on=date(2025, 9, 25), seq=2)
    for on in (DAY, "2025-09-25"):
        result = kit.run(town, "juki_daily", on)
        assert (result["error"], result["proposals"]) == (None, 0)
    found: dict[str, list[str]] = {p["no"]: [] for p in PEOPLE}
    for atena_no, kind in kit.query(town, "select atena_no, kind from pension.worklist where closed_at is null order by kind"):
        found[atena_no].append(kind)
    return found


@pytest.mark.parametrize("person", PEOPLE, ids=[p["事例"] for p in PEOPLE])
def test_確認リストに載る異動(listed: dict[str, list[str]], person: dict[str, Any]) -> None:
    assert listed[person["no"]] == [k for k in (person["確認リスト"],) if k]


def test_26は資格を自動では変えない(town: Site, listed: Any) -> None:
    assert kit.query(town, "select count(*) from pension.shikaku where superseded_at is not null") == [(0,)]
    assert kit.query(town, "select count(*) from pension.idou_proposal") == [(0,)]


def test_遅れて来た低い削除フラグの行は最新ではない(site: Site) -> None:
    kit.insured(site, [{"atena_no": no(1)}])
    kit.juki(site, [{"atena_no": no(1), "rireki_no": 5}], kubun="1")
    kit.run(site, "juki_daily", DAY)
    kit.juki(site, [{"atena_no": no(1), "rireki_no": 2, "sakujo_flag": True}], on=date(2025, 9, 25), seq=2)
    kit.run(site, "juki_daily", "2025-09-25")
    assert kit.query(site, "select count(*) from pension.worklist") == [(0,)]


# 次: 第2夜（9月29日）の異動「事由 異動年月日」、「予」は転出先区分の予定。その次: 第3夜（9月30日）
LEAVES = kit.table("""
| 事例                                 | 次           | その次   | 第2夜の後 | 候補   |
|--------------------------------------|--------------|----------|-----------|--------|
| 何も来ない                           |              |          | 残る      | 残る   |
| 転居しても候補のまま                 | 41 09-28     |          | 残る      | 残る   |
| 異動の取消し(増)09                   | 09 09-28     |          | 外れる    | 外れる |
| 国内転出21                           | 21 09-28     |          | 外れる    | 外れる |
| 国内転出21_業務日当日                | 21 09-29     |          | 外れる    | 外れる |
| 国外転出22                           | 22 09-28     |          | 外れる    | 外れる |
| 死亡23                               | 23 09-28     |          | 外れる    | 外れる |
| 職権消除26                           | 26 09-28     |          | 外れる    | 外れる |
| 資格が登録される                     | 資格         |          | 外れる    | 外れる |
| 転出予定（先の日付）                 | 21 10-15     |          | 残る      | 残る   |
| 国外転出の予定（先の日付）           | 22 10-15     |          | 残る      | 残る   |
| 転出予定の区分（日付は過ぎた）       | 21 09-28 予  |          | 残る      | 残る   |
| 転出予定の後に確定                   | 21 09-30 予  | 21 09-30 | 残る      | 外れる |
| 転出予定の日が来る（区分なし）       | 21 09-30     | 41 09-30 | 残る      | 外れる |
| 転出予定の取消し28                   | 21 10-15     | 28 09-30 | 残る      | 残る   |
| 転出した後の取消し28                 | 21 09-28     | 28 09-30 | 外れる    | 残る   |
| 国外転出した後の取消し28             | 22 09-28     | 28 09-30 | 外れる    | 残る   |
| 死亡の取消し28                       | 23 09-28     | 28 09-30 | 外れる    | 残る   |
| 28は職権消除26を戻さない             | 26 09-28     | 28 09-30 | 外れる    | 外れる |
| 28は増の取消し09を戻さない           | 09 09-28     | 28 09-30 | 外れる    | 外れる |
""")
NIGHTS = {"次": (date(2025, 9, 29), 2, 4), "その次": (date(2025, 9, 30), 3, 5)}  # day, 履歴番号, 連番
STATE = {"21": "2", "22": "2", "23": "3", "26": "9"}


def _row(i: int, cell: str, rireki_no: int) -> dict[str, Any]:
    jiyu, on, *planned = cell.split()
    state = "1" if planned else STATE.get(jiyu, "1")
    kbn = {"tenshutsu_saki_kbn": "1"} if planned else {}
    return {
        "atena_no": no(600 + i), "rireki_no": rireki_no, "idou_jiyu_code": jiyu, "idou_on": date.fromisoformat(f"2025-{on}"),
        "jumin_jotai_code": state, **kbn,
    }  # fmt: skip


def _open(site: Site) -> set[str]:
    return {n for (n,) in kit.query(site, "select atena_no from pension.worklist where kind = '取得候補' and closed_at is null")}


@pytest.fixture(scope="module")
def candidates(town: Site, listed: Any) -> list[set[str]]:
    """宛名番号 of those on the list after the second night, and after the third."""
    on = date(2025, 9, 26)
    entry = {"idou_jiyu_code": "02", "idou_on": date(2025, 9, 20)}
    kit.juki(town, [{"atena_no": no(600 + i), **entry} for i in range(len(LEAVES))], on=on, seq=3)
    kit.run(town, "juki_daily", on)
    insured = [
        {"atena_no": no(600 + i), "acquired_on": date(2025, 9, 20), "shutoku_jiyu_code": "02"}
        for i, c in enumerate(LEAVES)
        if c["次"] == "資格"
    ]
    kit.insured(town, insured, on=date(2025, 9, 29))
    found = []
    for night, (on, rireki_no, seq) in NIGHTS.items():
        kit.juki(
            town, [_row(i, c[night], rireki_no) for i, c in enumerate(LEAVES) if c[night] not in (None, "資格")], on=on, seq=seq
        )
        assert kit.run(town, "juki_daily", on)["error"] is None
        found.append(_open(town))
    return found


@pytest.mark.parametrize("i", range(len(LEAVES)), ids=[c["事例"] for c in LEAVES])
def test_取得候補がリストから外れるときと戻るとき(candidates: list[set[str]], i: int) -> None:
    assert ["残る" if no(600 + i) in night else "外れる" for night in candidates] == [LEAVES[i]["第2夜の後"], LEAVES[i]["候補"]]


def test_外れた理由が残る(town: Site, candidates: Any) -> None:
    reasons = kit.query(
        town, "select close_reason, count(*) from pension.worklist where closed_at is not null group by 1 order by 1"
    )
    assert dict(reasons) == {"異動により対象外": sum(c["候補"] == "外れる" for c in LEAVES) - 1, "資格あり": 1}


def test_資格が登録されれば候補はすぐに外れる(site: Site) -> None:
    """With the approval of the result, not with the next 住基 file."""
    kit.juki(site, [{"atena_no": no(n), "idou_jiyu_code": "02", "idou_on": date(2025, 9, 20)} for n in (1, 2)])
    kit.run(site, "juki_daily", DAY)
    kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1), "kiso_nenkin_no": kit.kiso(1), "jotai_code": "4"}])
    kit.run(site, "uketsuke_daily", DAY)
    kit.kekka(site, [{"uketsuke_no": no(1), "kiso_nenkin_no": kit.kiso(1), "shubetsu_code": "1", "jiyu_code": "02"}])
    assert kit.run(site, "kikou_kekka", DAY)["error"] is None
    assert _open(site) == {no(1), no(2)}
    kit.approve_all(site, "kikou_kekka")
    assert _open(site) == {no(2)}
