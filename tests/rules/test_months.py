"""月次の移転（2025年9月分）: どの資格を書き、変更区分・世帯番号・区を何とするか。表の1行が1人の1資格。

履歴: 「2015-04-01 1」は異動年月日と住民状態（履歴番号は左から1, 2 …）。世・区はその行の世帯番号と行政区、削は削除フラグ。
出力: 変更区分。空は書かない、保留は宛名がないため保留一覧へ。
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import no

from etl.core.codec.decode import split
from etl.core.mapping.layout import layouts
from etl.core.mapping.transfers import transfers
from etl.site import Site
from etl.transfer.month import select

PEOPLE = kit.table("""
| 事例                                       | 取得日     | 喪失日     | 種別変更日 | 履歴                                      | 出力 | 世帯 | 区  |
|--------------------------------------------|------------|------------|------------|-------------------------------------------|------|------|-----|
| 続いている資格                             | 2015-04-01 |            |            | 2015-04-01 1                              | 3    | 1    | 131 |
| 月初めに取得                               | 2025-09-01 |            |            | 2015-04-01 1                              | 1    | 1    | 131 |
| 月末に取得                                 | 2025-09-30 |            |            | 2015-04-01 1                              | 1    | 1    | 131 |
| 翌月に取得                                 | 2025-10-01 |            |            | 2015-04-01 1                              |      |      |     |
| 月初めに喪失                               | 2015-04-01 | 2025-09-01 |            | 2015-04-01 1                              | 4    | 1    | 131 |
| 月末に喪失                                 | 2015-04-01 | 2025-09-30 |            | 2015-04-01 1                              | 4    | 1    | 131 |
| 前月末に喪失                               | 2015-04-01 | 2025-08-31 |            | 2015-04-01 1                              |      |      |     |
| 翌月に喪失（転出予定）は続いている         | 2015-04-01 | 2025-10-01 |            | 2015-04-01 1                              | 3    | 1    | 131 |
| 取得と喪失が同じ月                         | 2025-09-02 | 2025-09-20 |            | 2015-04-01 1                              | 4    | 1    | 131 |
| 月に取得し翌月に喪失                       | 2025-09-02 | 2025-10-20 |            | 2015-04-01 1                              | 1    | 1    | 131 |
| 種別変更がその月                           | 2015-04-01 |            | 2025-09-15 | 2015-04-01 1                              | 2    | 1    | 131 |
| 種別変更が前月                             | 2015-04-01 |            | 2025-08-31 | 2015-04-01 1                              | 3    | 1    | 131 |
| 種別変更が翌月                             | 2015-04-01 |            | 2025-10-01 | 2015-04-01 1                              | 3    | 1    | 131 |
| 取得と種別変更が同じ月なら取得             | 2025-09-02 |            | 2025-09-15 | 2015-04-01 1                              | 1    | 1    | 131 |
| 喪失と種別変更が同じ月なら喪失             | 2015-04-01 | 2025-09-20 | 2025-09-15 | 2015-04-01 1                              | 4    | 1    | 131 |
| 月初めの1日だけ住民                        | 2015-04-01 |            |            | 2015-04-01 1／2025-09-02 2                | 3    | 1    | 131 |
| 月初めに転出（前月末まで住民）             | 2015-04-01 |            |            | 2015-04-01 1／2025-09-01 2                |      |      |     |
| 月初めに転出し月初めに喪失                 | 2015-04-01 | 2025-09-01 |            | 2015-04-01 1／2025-09-01 2                | 4    | 1    | 131 |
| 月末の1日だけ住民                          | 2015-04-01 |            |            | 2025-09-30 1                              | 3    | 1    | 131 |
| 翌月から住民                               | 2015-04-01 |            |            | 2025-10-01 1                              |      |      |     |
| 前から転出者                               | 2015-04-01 |            |            | 2015-04-01 1／2020-04-01 2                |      |      |     |
| 月の中で1日だけ戻った人                    | 2015-04-01 |            |            | 2015-04-01 2／2025-09-10 1／2025-09-11 2  | 3    | 1    | 131 |
| 同じ日に戻りまた出た人は住民でない         | 2015-04-01 |            |            | 2015-04-01 2／2025-09-10 1／2025-09-10 2  |      |      |     |
| 死亡者でもその月に喪失                     | 2015-04-01 | 2025-09-02 |            | 2015-04-01 1／2025-08-31 3                | 4    | 1    | 131 |
| 先の日付の転出はまだ住民                   | 2015-04-01 |            |            | 2015-04-01 1／2025-10-05 2                | 3    | 1    | 131 |
| 世帯と区は月末の行                         | 2015-04-01 |            |            | 2015-04-01 1／2025-09-30 1 世2 区133      | 3    | 2    | 133 |
| 翌月の転居は使わない                       | 2015-04-01 |            |            | 2015-04-01 1／2025-10-01 1 世2 区133      | 3    | 1    | 131 |
| 月内に二度転居                             | 2015-04-01 |            |            | 2015-04-01 1／2025-09-05 1 世2 区133／2025-09-20 1 世3 区135 | 3 | 3 | 135 |
| 高い履歴番号の遅い日付より低い日付         | 2015-04-01 |            |            | 2025-09-20 1 世2 区133／2025-09-10 1 世3 区135 | 3 | 3 | 135 |
| 転出後も世帯と区は月末に有効な行           | 2015-04-01 | 2025-09-20 |            | 2015-04-01 1／2025-09-20 2 世2 区133      | 4    | 2    | 133 |
| 削除フラグの行は状態に使わない             | 2015-04-01 |            |            | 2015-04-01 1／2025-08-01 2 削             | 3    | 1    | 131 |
| 削除フラグの行は世帯と区に使わない         | 2015-04-01 |            |            | 2015-04-01 1／2025-09-10 1 世2 区133 削   | 3    | 1    | 131 |
| 宛名が全くない                             | 2015-04-01 |            |            |                                           | 保留 |      |     |
| 宛名が全くなく前月に喪失                   | 2015-04-01 | 2025-08-31 |            |                                           |      |      |     |
| 宛名が全くなく月に喪失                     | 2015-04-01 | 2025-09-10 |            |                                           | 保留 |      |     |
| 削除フラグの行しかない                     | 2015-04-01 |            |            | 2015-04-01 1 削                           | 保留 |      |     |
| 月末に有効な宛名がない月内の喪失           | 2015-04-01 | 2025-09-10 |            | 2025-10-01 2                              | 保留 |      |     |
""")
#: one person, several 資格: whoever lost one in the month and took up another
TWICE = kit.table("""
| 事例                       | 取得日     | 喪失日     | 出力 |
|----------------------------|------------|------------|------|
| 前の資格は前月までに喪失   | 2010-04-01 | 2025-08-01 |      |
| 月の中で喪失した資格       | 2025-08-02 | 2025-09-10 | 4    |
| 月の中で再び取得した資格   | 2025-09-15 |            | 1    |
""")
DAY = date(2025, 9, 30)
PERSON_TWICE, GONE_TWICE = no(500), no(501)  # the second is no resident: only what was lost in the month is written
for number, person in enumerate(PEOPLE, 1):
    person["no"] = no(number)


def _shikaku(atena_no: str, p: dict[str, Any]) -> dict[str, Any]:
    return {
        "atena_no": atena_no, "acquired_on": kit.day(p["取得日"]), "lost_on": kit.day(p["喪失日"]),
        "soushitsu_jiyu_code": "58" if p["喪失日"] else None, "shubetsu_henkou_on": kit.day(p.get("種別変更日")),
    }  # fmt: skip


def _history(atena_no: str, text: str | None) -> list[dict[str, Any]]:
    rows = []
    for i, part in enumerate((text or "").split("／") if text else [], 1):
        on, jotai, *marks = part.split()
        row = {
            "atena_no": atena_no,
            "rireki_no": i,
            "idou_on": kit.day(on),
            "jumin_jotai_code": jotai,
            "setai_no": no(1),
            "ku_code": "141313",
        }
        for mark in marks:
            row |= (
                {"sakujo_flag": True}
                if mark == "削"
                else {"setai_no": no(mark[1:])}
                if mark[0] == "世"
                else {"ku_code": _ku(mark[1:])}
            )
        rows.append(row)
    return rows


def _ku(short: str) -> str:
    """131 -> the code of that ward with its check digit."""
    from etl.core.mapping.layout import codes

    return next(c for c in codes("ku") if c.startswith(f"14{short}"))


@pytest.fixture(scope="module")
def month(town: Site) -> dict[str, Any]:
    """The run of the month: its outputs."""
    both = [_shikaku(n, t) for n in (PERSON_TWICE, GONE_TWICE) for t in TWICE]
    kit.insured(town, [_shikaku(p["no"], p) for p in PEOPLE] + both)
    rows = [r for p in PEOPLE for r in _history(p["no"], p["履歴"])]
    rows += _history(PERSON_TWICE, "2010-04-01 1") + _history(GONE_TWICE, "2010-04-01 1／2025-08-01 2")
    kit.juki(town, rows, on=DAY, kubun="1")
    assert kit.run(town, "juki_daily", DAY)["files"][0]["counts"]["new"] > 30
    result = kit.month(town)
    assert result["error"] is None
    return result


@pytest.fixture(scope="module")
def written(month: dict[str, Any]) -> list[dict[str, Any]]:
    return kit.rows_of(month["outputs"][0])


@pytest.mark.parametrize("person", PEOPLE, ids=[p["事例"] for p in PEOPLE])
def test_月次に書く資格(town: Site, written: list[dict[str, Any]], person: dict[str, Any]) -> None:
    found = [r for r in written if r["atena_no"] == person["no"]]
    if person["出力"] in (None, "保留"):
        assert found == []
        return
    (row,) = found
    assert (row["henkou_kbn"], row["setai_no"], row["ku_code"][2:5]) == (person["出力"], no(person["世帯"]), person["区"])
    assert (row["acquired_on"], row["lost_on"]) == (kit.day(person["取得日"]), kit.day(person["喪失日"]))
    assert (row["soushitsu_jiyu_code"], row["shubetsu_henkou_on"]) == (
        "58" if person["喪失日"] else None,
        kit.day(person["種別変更日"]),
    )


@pytest.mark.parametrize("case", TWICE, ids=[c["事例"] for c in TWICE])
def test_二つの資格は資格ごとに決める(written: list[dict[str, Any]], case: dict[str, Any]) -> None:
    for atena_no in (PERSON_TWICE, GONE_TWICE):
        found = [r["henkou_kbn"] for r in written if r["atena_no"] == atena_no and r["acquired_on"] == kit.day(case["取得日"])]
        lost_only = atena_no == GONE_TWICE and case["出力"] != "4"
        assert found == ([] if lost_only or not case["出力"] else [case["出力"]])


def test_宛名のない資格は保留一覧に載る(town: Site, month: dict[str, Any]) -> None:
    wanted = {p["no"] for p in PEOPLE if p["出力"] == "保留"}
    for row in (r for r in transfers().values() if r.approval):
        with town.session() as session:
            now = session.value("transfer/clock")
            assert set(select(town, row, "2025-09", now).chosen.held.column("atena_no").to_pylist()) == wanted
    for output in month["outputs"]:
        path = Path(output["path"])
        assert path.with_name(f"{path.stem}_保留一覧.xlsx").exists()


def test_並びと件数とトレーラー(month: dict[str, Any], written: list[dict[str, Any]]) -> None:
    keys = [(r["atena_no"], r["acquired_on"]) for r in written]
    assert keys == sorted(keys)
    for output in month["outputs"]:
        layout = layouts()[output["dataset"]]
        found = split(Path(output["path"]).read_bytes(), layout, "")
        assert (found.trailer["count"], output["rows"]) == (len(written), len(written))
        assert found.trailer["hash_total"] == sum(int(n) for n, _ in keys) % 10**18
        assert found.header["month"] == date(2025, 9, 1)
        assert (found.header["created_on"], found.header["version"]) == (DAY, 1)


def test_両課に同じ資格が別々のファイルと媒体で渡る(town: Site, month: dict[str, Any], written: list[dict[str, Any]]) -> None:
    hoken, shunou = month["outputs"]
    assert [o["dataset"] for o in month["outputs"]] == ["kokuho_shikaku_hoken", "kokuho_shikaku_shunou"]
    assert kit.rows_of(shunou) == written
    media = kit.query(town, "select recipient, archive_name, archive_sha256, key_name from ledger.medium order by medium_no")
    assert all(len({m[i] for m in media}) == 2 for i in range(4))
    for output in (hoken, shunou):
        path = Path(output["path"])
        assert {p.name for p in path.parent.iterdir()} >= {f"{path.name}.end", f"{path.stem}.zip", f"{path.stem}_送受書.xlsx"}
