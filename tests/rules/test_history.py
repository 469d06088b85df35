"""宛名と履歴: 同じキーの行がもう一度来たとき。表の1行が1人。初めのファイル、次の連番のファイル、訂正（版02、承認後）を全員一緒に流す。

行: 「2 氏名」は履歴番号2で氏名が違う行。「／」で同じファイルに複数。区別: 変更なし・更新・矛盾（隔離）・新規。
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl import approve
from etl.core.mapping.layout import layouts
from etl.site import Site

OTHER: dict[str, dict[str, Any]] = {
    "氏名": {"name": "架空　二郎"}, "処理日時": {"shori_at": datetime(2025, 9, 24, 9, 0, 1)}, "最新フラグ": {"saishin_flag": False},
    "個人番号": {"kojin_no": kit.kojin_no(77)}, "番号なし": {"kojin_no": None}, "削除": {"sakujo_flag": True}, "区": {"ku_code": "141321"},
    "記号": {"name": "架空∪一郎"}, "記号の別の符号": {"name": "架空∪一郎"}, "日付ゼロ": {},
}  # fmt: skip

STORIES = kit.table("""
| 事例                                         | 初め           | 次                     | 次の区別       | 訂正                     | 訂正の区別       | 有効な行   | 旧版 |
|----------------------------------------------|----------------|------------------------|----------------|--------------------------|------------------|------------|------|
| 同じキー同じ内容                             | 1              | 1                      | 変更なし       |                          |                  | 1          | 0    |
| 最新フラグだけ違う                           | 1              | 1 最新フラグ           | 変更なし       |                          |                  | 1          | 0    |
| 処理日時だけ違う                             | 1              | 1 処理日時             | 矛盾           |                          |                  | 1          | 0    |
| 氏名が違う                                   | 1              | 1 氏名                 | 矛盾           |                          |                  | 1          | 0    |
| 区が違う                                     | 1              | 1 区                   | 矛盾           |                          |                  | 1          | 0    |
| 個人番号が違う                               | 1              | 1 個人番号             | 矛盾           |                          |                  | 1          | 0    |
| 個人番号がなくなる                           | 1 個人番号     | 1 番号なし             | 矛盾           |                          |                  | 1 個人番号 | 0    |
| 個人番号も同じ                               | 1 個人番号     | 1 個人番号             | 変更なし       |                          |                  | 1 個人番号 | 0    |
| 削除フラグが立つ                             | 1              | 1 削除                 | 矛盾           |                          |                  | 1          | 0    |
| 生の符号は違うが読めば同じ                   | 1 記号         | 1 記号の別の符号       | 変更なし       |                          |                  | 1          | 0    |
| 未設定の日付の書き方だけ違う                 | 1              | 1 日付ゼロ             | 変更なし       |                          |                  | 1          | 0    |
| 次の履歴番号                                 | 1              | 2                      | 更新           |                          |                  | 1、2       | 0    |
| 履歴番号の欠番                               | 1              | 7                      | 更新           |                          |                  | 1、7       | 0    |
| 遅れて来た低い履歴番号                       | 5              | 2                      | 更新           |                          |                  | 2、5       | 0    |
| 削除フラグの新しい行は残して印を付ける       | 1              | 2 削除                 | 更新           |                          |                  | 1、2 削除  | 0    |
| 一つのファイルに同じ行が二度                 | 1              | 2／2                   | 更新・変更なし |                          |                  | 1、2       | 0    |
| 一つのファイルに同じキーで違う内容           | 1              | 2／2 氏名              | 更新・矛盾     |                          |                  | 1、2       | 0    |
| 保有する行と違う行がどちらも矛盾             | 1              | 1 氏名／1 区           | 矛盾・矛盾     |                          |                  | 1          | 0    |
| 保有する行と同じ行・違う行                   | 1              | 1／1 氏名              | 変更なし・矛盾 |                          |                  | 1          | 0    |
| 訂正_同じ内容                                | 1              |                        |                | 1                        | 変更なし         | 1          | 0    |
| 訂正_最新フラグだけ                          | 1              |                        |                | 1 最新フラグ             | 変更なし         | 1          | 0    |
| 訂正_内容が違えば差し替える                  | 1              |                        |                | 1 氏名                   | 更新             | 1 氏名     | 1    |
| 訂正_個人番号だけ違っても差し替える          | 1              |                        |                | 1 個人番号               | 更新             | 1 個人番号 | 1    |
| 訂正_削除フラグを立てる                      | 1              |                        |                | 1 削除                   | 更新             | 1 削除     | 1    |
| 訂正_外された行は残る                        | 1／2           |                        |                | 1                        | 変更なし         | 1、2       | 0    |
| 訂正_行が増える                              | 1              |                        |                | 1／2                     | 変更なし・更新   | 1、2       | 0    |
| 訂正_同じ差替えが二度                        | 1              |                        |                | 1 氏名／1 氏名           | 更新・変更なし   | 1 氏名     | 1    |
| 訂正_違う差替えが二つ                        | 1              |                        |                | 1 氏名／1 区             | 更新・矛盾       | 1 氏名     | 1    |
| 訂正_差替えの後に元の内容                    | 1              |                        |                | 1 氏名／1                | 更新・矛盾       | 1 氏名     | 1    |
| 訂正_次のファイルで矛盾した行は訂正で入る    | 1              | 1 氏名                 | 矛盾           | 1 氏名                   | 更新             | 1 氏名     | 1    |
| 訂正_次のファイルが入れた行も版が上なら替わる | 1             | 2                      | 更新           | 2 氏名                   | 更新             | 1、2 氏名  | 1    |
""")
for number, story in enumerate(STORIES, 1):
    story["no"] = no(100 + number)
FILES = (("初め", DAY, 1, 1), ("次", date(2025, 9, 25), 2, 1), ("訂正", DAY, 1, 2))
STRANGERS, OUT = 1500, {"idou_jiyu_code": "41"}
COUNTS = {"変更なし": "unchanged", "更新": "updated", "矛盾": "quarantined", "新規": "new"}


def _cells(text: str) -> dict[str, Any]:
    rireki_no, *other = text.split()
    return {"rireki_no": int(rireki_no)} | (OTHER[other[0]] if other else {})


def _texts(story: dict[str, Any], file: str) -> list[str]:
    return (story[file] or "").split("／") if story[file] else []


def _put(site: Site, file: str, on: date, seq: int, version: int) -> list[tuple[str, str]]:
    """One file with the rows of all stories; (宛名番号, text) by record."""
    told = [(s["no"], text) for s in STORIES for text in _texts(s, file)]
    strangers = [{"atena_no": no(10_000 + i)} | OUT for i in range(STRANGERS)]  # so that the 矛盾 stay below 1 %
    data = bytearray(kit.juki_bytes([{"atena_no": n, **_cells(text)} for n, text in told] + strangers, on, seq, version))
    layout = layouts()["juki_idou"]
    for i, (_, text) in enumerate(told, 1):  # other bytes for the same text
        at = i * 822
        name, todokede = (
            slice(at + layout.data.field(f).slice.start, at + layout.data.field(f).slice.stop) for f in ("name", "todokede_on")
        )
        if text.endswith("記号の別の符号"):
            assert b"\x81\xbe" in data[name] or b"\x87\x9c" in data[name]
            data[name] = (
                bytes(data[name])
                .replace(b"\x81\xbe", b"\x00\x00")
                .replace(b"\x87\x9c", b"\x81\xbe")
                .replace(b"\x00\x00", b"\x87\x9c")
            )
        if text.endswith("日付ゼロ"):
            data[todokede] = b"00000000" if bytes(data[todokede]) == b" " * 8 else b" " * 8
    kit.put(site, "juki_idou", f"JUKIIDOU_{kit.CITY}_{on:%Y%m%d}_{seq:06}_{version:02}.dat", bytes(data), len(told) + STRANGERS)
    return told


@pytest.fixture(scope="module")
def results(town: Site) -> dict[str, tuple[dict[str, Any], list[tuple[str, str]]]]:
    """file -> (result, what stood in it)."""
    kit.ikou(town, "ikou_nenkin_kihon", [{"atena_no": s["no"], "kiso_nenkin_no": kit.kiso(s["no"])} for s in STORIES])
    kit.run(town, "ikou_once", DAY)
    found = {}
    for file, on, seq, version in FILES:
        told = _put(town, file, on, seq, version)
        result = kit.run(town, "juki_daily", on)
        if version > 1:
            assert [(f["outcome"], f["code"]) for f in result["files"]] == [("waiting", "NP-2022")]
            approve.decide(town, "teisei", None, "shounin01")
            result = kit.run(town, "juki_daily", on)
        assert result["error"] is None
        found[file] = result["files"][-1], told
    return found


@pytest.mark.parametrize("story", STORIES, ids=[s["事例"] for s in STORIES])
def test_履歴の規則(town: Site, results: dict[str, Any], story: dict[str, Any]) -> None:
    rows = kit.query(
        town,
        "select rireki_no, name, ku_code, sakujo_flag, kojin_id is not null, superseded_at is null from pension.atena where atena_no = :n",
        n=story["no"],
    )
    standing = {(r[0], *r[1:5]) for r in rows if r[5]}
    expected = {c["rireki_no"]: kit.RESIDENT | c for c in (_cells(t) for t in story["有効な行"].split("、"))}
    if story["初め"].endswith("記号"):
        expected[1] |= OTHER["記号"]
    assert standing == {(i, c["name"], c["ku_code"], c["sakujo_flag"], c["kojin_no"] is not None) for i, c in expected.items()}
    assert len(rows) - len(standing) == int(story["旧版"])


@pytest.mark.parametrize("file", ["次", "訂正"])
def test_件数の区別(town: Site, results: dict[str, Any], file: str) -> None:
    """Each verdict of the table is one of the counts; the equation holds."""
    result, told = results[file]
    wanted = [w for s in STORIES for w in (s[f"{file}の区別"] or "").split("・") if w]
    assert {k: result["counts"][k] for k in COUNTS.values()} == {k: wanted.count(w) for w, k in COUNTS.items()}
    assert result["counts"]["data"] == len(told) + STRANGERS == sum(v for k, v in result["counts"].items() if k != "data")
    assert result["counts"]["out_of_scope"] == STRANGERS


@pytest.mark.parametrize("file", ["次", "訂正"])
def test_矛盾の行は行番号と暗号文で隔離する(town: Site, results: dict[str, Any], file: str) -> None:
    result, told = results[file]
    wanted = [w for s in STORIES for w in (s[f"{file}の区別"] or "").split("・") if w]
    lines = [i for i, w in enumerate(wanted, 2) if w == "矛盾"]
    rows = kit.query(
        town,
        "select q.line, q.kinds, q.row_cipher, q.key_id from ledger.quarantine as q join ledger.file as f using (file_id) "
        "where f.name = :name order by 1",
        name=result["name"],
    )
    assert [(line, kinds) for line, kinds, _, _ in rows] == [(i, ["contradiction"]) for i in lines]
    assert len(told) == len(wanted)
    data = kit.original(town, result["name"])
    for line, _, cipher, key_id in rows:  # every person of the table is held, so each row is kept, encrypted
        assert town.keys.decrypt(key_id, bytes(cipher)) == data[(line - 1) * 822 : line * 822]


def test_旧版はいつ何により替わったかを残す(town: Site, results: dict[str, Any]) -> None:
    rows = kit.query(
        town,
        "select f.version, a.superseded_at >= f.received_at from pension.atena as a join ledger.file as f on f.file_id = a.superseded_by_file where a.superseded_at is not null",
    )
    assert rows
    assert {v for v, _ in rows} == {2}


def test_版02の行は別の版02では替わらない(site: Site) -> None:
    """Only a version higher than that of the file which brought the row: 02 does not supersede what a 02 brought."""
    kit.insured(site, [{"atena_no": no(1)}])
    kit.juki(site, [{"atena_no": no(1)}], version=2)
    kit.juki(site, [{"atena_no": no(1), "name": "架空　二郎"}], on=date(2025, 9, 25), seq=2, version=2)
    kit.run(site, "juki_daily", DAY)
    assert kit.only(kit.run(site, "juki_daily", "2025-09-25"))["counts"]["quarantined"] == 1


# ---- 訂正と提案 ------------------------------------------------------------------------------------------------------------------

TEISEI = kit.table("""
| 事例                                 | 初め     | 承認 | 訂正      | 提案                                                 |
|--------------------------------------|----------|------|-----------|------------------------------------------------------|
| 別の日の転出に訂正                   | 21 09-20 |      | 21 09-22  | loss 58 09-20 withdrawn; loss 58 09-22 None          |
| 同じ日だが他の内容が違う             | 21 09-20 |      | 21 09-20* | loss 58 09-20 withdrawn; loss 58 09-20 None          |
| 転居に訂正                           | 21 09-20 |      | 41 09-20  | loss 58 09-20 withdrawn                              |
| 死亡に訂正                           | 21 09-20 |      | 23 09-20  | loss 58 09-20 withdrawn; loss 51 09-21 None          |
| 削除フラグを立てる                   | 21 09-20 |      | 21 09-20削 | loss 58 09-20 withdrawn                             |
| 同じ内容                             | 21 09-20 |      | 21 09-20  | loss 58 09-20 None                                   |
| 訂正から外れた行の提案は残る         | 21 09-20 |      |           | loss 58 09-20 None                                   |
| 新たに転出に訂正                     | 41 09-20 |      | 21 09-20  | loss 58 09-20 None                                   |
| 承認後に別の日の転出に訂正           | 21 09-20 | 済   | 21 09-22  | loss 58 09-20 approved; correct 58 09-22 None        |
| 承認後に同じ日で他の内容が違う       | 21 09-20 | 済   | 21 09-20* | loss 58 09-20 approved                               |
| 承認後に転居に訂正                   | 21 09-20 | 済   | 41 09-20  | loss 58 09-20 approved; undo None                    |
| 承認後に死亡に訂正                   | 21 09-20 | 済   | 23 09-20  | loss 58 09-20 approved; correct 51 09-21 None        |
| 承認後に削除フラグを立てる           | 21 09-20 | 済   | 21 09-20削 | loss 58 09-20 approved; undo None                   |
""")


def _leave(story: dict[str, Any], i: int, cell: str) -> list[dict[str, Any]]:
    if not story[cell]:
        return []
    jiyu, on = story[cell].removesuffix("削").removesuffix("*").split()
    row = {
        "atena_no": no(500 + i),
        "idou_jiyu_code": jiyu,
        "idou_on": date.fromisoformat(f"2025-{on}"),
        "sakujo_flag": story[cell].endswith("削"),
    }
    return [row | ({"name": "架空　二郎"} if story[cell].endswith("*") else {})]


@pytest.fixture(scope="module")
def corrected(results: Any, town: Site) -> Site:
    day = date(2025, 9, 26)
    kit.insured(town, [{"atena_no": no(500 + i)} for i in range(len(TEISEI))], on=date(2025, 9, 25))
    kit.juki(town, [r for i, s in enumerate(TEISEI) for r in _leave(s, i, "初め")], on=day, seq=3)
    kit.run(town, "juki_daily", day)
    ids = [
        kit.query(town, "select approval_id from pension.idou_proposal where atena_no = :n", n=no(500 + i))[0][0]
        for i, s in enumerate(TEISEI)
        if s["承認"]
    ]
    approve.decide(town, "idou", ids, "shounin01")
    kit.juki(town, [r for i, s in enumerate(TEISEI) for r in _leave(s, i, "訂正")], on=day, seq=3, version=2)
    kit.run(town, "juki_daily", day)
    approve.decide(town, "teisei", None, "shounin01")
    assert kit.run(town, "juki_daily", day)["files"][-1]["outcome"] == "accepted"
    return town


@pytest.mark.parametrize("i", range(len(TEISEI)), ids=[s["事例"] for s in TEISEI])
def test_訂正で替わった行の提案(corrected: Site, i: int) -> None:
    rows = kit.query(
        corrected,
        "select p.action, p.soushitsu_jiyu_code, p.lost_on, a.decision from pension.idou_proposal as p join ledger.approval as a using (approval_id) "
        "where p.atena_no = :n order by p.approval_id",
        n=no(500 + i),
    )
    found = "; ".join(
        " ".join(w for w in (action, jiyu, f"{on:%m-%d}" if on else None, str(decision)) if w)
        for action, jiyu, on, decision in rows
    )
    assert found == (TEISEI[i]["提案"] or "")


def test_取得候補の行が訂正されれば候補も替わる(site: Site) -> None:
    """A corrected row takes the entry of the row it supersedes with it: one entry if it is still a candidate, none if not."""
    start = {"idou_jiyu_code": "01", "idou_on": date(2025, 9, 20)}
    kit.juki(site, [{"atena_no": no(n), **start} for n in (1, 2, 3)])
    kit.run(site, "juki_daily", DAY)
    kit.juki(
        site,
        [
            {"atena_no": no(1), **start, "name": "架空　二郎"},
            {"atena_no": no(2), "idou_jiyu_code": "41", "idou_on": date(2025, 9, 20)},
        ],
        version=2,
    )
    kit.run(site, "juki_daily", DAY)
    approve.decide(site, "teisei", None, "shounin01")
    kit.run(site, "juki_daily", DAY)
    assert kit.query(site, "select atena_no from pension.worklist where kind = '取得候補' and closed_at is null order by 1") == [
        (no(1),),
        (no(3),),
    ]


def test_外字は入った行だけ数える(site: Site) -> None:
    """Characters and rows; a row that is unchanged, contradictory or out of scope is not counted."""
    kit.insured(site, [{"atena_no": no(n)} for n in (1, 2)])
    strange = {"name": "架\ue000\ue001", "address": "架空町\ue002"}
    kit.juki(site, [{"atena_no": no(1), **strange}, {"atena_no": no(2)}, {"atena_no": no(9), "idou_jiyu_code": "41", **strange}])
    later = {"rireki_no": 2, "idou_jiyu_code": "41", **strange}
    rows = [
        {"atena_no": no(1), **strange},
        {"atena_no": no(2), **strange},
        {"atena_no": no(2), **later},
        {"atena_no": no(2), **later},
    ]
    kit.juki(site, rows, on=date(2025, 9, 25), seq=2)
    for on in (DAY, "2025-09-25"):
        kit.run(site, "juki_daily", on)
    assert kit.query(
        site, "select gaiji_characters, gaiji_rows from ledger.file where dataset = 'juki_idou' order by file_id"
    ) == [(3, 1), (3, 1)]
