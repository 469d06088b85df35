"""件数: データ件数 = 新規 + 更新 + 変更なし + 隔離 + 対象外。隔離は max(10件, 1%) を超えたらファイルごと拒否し、何も変えない。"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl.core.mapping.layout import layouts
from etl.site import Site

FIRST = date(2025, 1, 6)
HELD = 40  # persons 1 … 40 are held, all others strangers
WIDTH = 822

LIMITS = kit.table("""
| 事例                           | 良い行 | 他人の誤り | 保有者の誤り | 矛盾 | 結果     | 上限 |
|--------------------------------|--------|------------|--------------|------|----------|------|
| 誤りなし                       | 100    | 0          | 0            | 0    | accepted |      |
| 100件中10件                    | 90     | 10         | 0            | 0    | accepted |      |
| 100件中11件                    | 89     | 11         | 0            | 0    | refused  | 10   |
| 10件すべて                     | 0      | 10         | 0            | 0    | accepted |      |
| 11件すべて                     | 0      | 11         | 0            | 0    | refused  | 10   |
| 1100件中11件は1%を超えない     | 1089   | 11         | 0            | 0    | accepted |      |
| 1099件中11件は1%を超える       | 1088   | 11         | 0            | 0    | refused  | 10   |
| 1500件中15件                   | 1485   | 15         | 0            | 0    | accepted |      |
| 1500件中16件                   | 1484   | 16         | 0            | 0    | refused  | 15   |
| 他人と保有者の誤りを合わせて   | 89     | 6          | 5            | 0    | refused  | 10   |
| 誤りと矛盾を合わせて10件       | 90     | 3          | 3            | 4    | accepted |      |
| 誤りと矛盾を合わせて11件       | 89     | 3          | 3            | 5    | refused  | 10   |
| 矛盾だけで11件                 | 89     | 0          | 0            | 11   | refused  | 10   |
""")


def _bytes(case: dict[str, Any], on: date, seq: int) -> tuple[bytes, int]:
    """Strangers' good rows, then wrong rows (異動事由 99) of strangers and of persons held, then contradictions."""
    good, strange, held, other = (int(case[k]) for k in ("良い行", "他人の誤り", "保有者の誤り", "矛盾"))
    rows = [{"atena_no": no(50_000 + i)} for i in range(good + strange)]
    rows += [{"atena_no": no(1 + i), "rireki_no": 9} for i in range(held)]
    rows += [{"atena_no": no(20 + i), "name": "架空　二郎"} for i in range(other)]
    data = bytearray(kit.juki_bytes(rows, on, seq, kubun="1"))
    at = layouts()["juki_idou"].data.field("idou_jiyu_code").slice
    for i in range(good, good + strange + held):
        data[(i + 1) * WIDTH + at.start : (i + 1) * WIDTH + at.stop] = b"99"
    return bytes(data), len(rows)


@pytest.fixture(scope="module")
def results(town: Site) -> list[dict[str, Any]]:
    kit.insured(town, [{"atena_no": no(n)} for n in range(1, HELD + 1)], on=FIRST)
    kit.juki(town, [{"atena_no": no(n)} for n in range(1, HELD + 1)], on=FIRST, kubun="1")
    kit.run(town, "juki_daily", FIRST)
    found = []
    for i, case in enumerate(LIMITS, 1):
        on = FIRST + timedelta(days=i)
        data, count = _bytes(case, on, 100 * i)
        kit.put(town, "juki_idou", f"JUKIIDOU_{kit.CITY}_{on:%Y%m%d}_{100 * i:06}_01.dat", data, count)
        found.append(kit.run(town, "juki_daily", on))
    return found


@pytest.mark.parametrize("i", range(len(LIMITS)), ids=[c["事例"] for c in LIMITS])
def test_隔離の上限(results: list[dict[str, Any]], i: int) -> None:
    case, result = LIMITS[i], results[i]
    file, bad = kit.only(result), sum(int(case[k]) for k in ("他人の誤り", "保有者の誤り", "矛盾"))
    assert file["outcome"] == case["結果"]
    if case["結果"] == "accepted":
        assert (file["counts"]["quarantined"], file["counts"]["out_of_scope"]) == (bad, int(case["良い行"]))
        assert file["counts"]["data"] == sum(v for k, v in file["counts"].items() if k != "data")
    else:
        error = result["error"]
        assert (error.code, error.exit_status, file["code"]) == ("NP-2012", 10, "NP-2012")
        assert f"隔離 {bad} 件、上限 {case['上限']} 件" in error.sentence


def test_拒否されたファイルは何も変えない(town: Site, results: list[dict[str, Any]]) -> None:
    accepted = [c for c in LIMITS if c["結果"] == "accepted"]
    kept = sum(int(c[k]) for c in accepted for k in ("他人の誤り", "保有者の誤り", "矛盾"))
    assert kit.query(town, "select count(*) from ledger.quarantine") == [(kept,)]
    assert kit.query(town, "select count(*), count(distinct atena_no) from pension.atena") == [(HELD, HELD)]


def test_隔離した行そのものは保有者の行だけを暗号化して残す(town: Site, results: list[dict[str, Any]]) -> None:
    """Line, fields and kinds of every row; the record itself only of persons held, and only encrypted."""
    case = next(c for c in LIMITS if c["事例"] == "誤りと矛盾を合わせて10件")
    name = kit.only(results[LIMITS.index(case)])["name"]
    rows = kit.query(
        town,
        "select q.line, q.fields, q.kinds, q.row_cipher, q.key_id from ledger.quarantine as q join ledger.file as f using (file_id) "
        "where f.name = :n and f.outcome = 'accepted' order by 1",
        n=name,
    )
    first = 2 + int(case["良い行"])
    assert [r[0] for r in rows] == list(range(first, first + 10))
    assert {(tuple(r[1]), tuple(r[2])) for r in rows[:6]} == {(("idou_jiyu_code",), ("unknown_code",))}
    assert [r[3] is not None for r in rows] == [False] * 3 + [True] * 7
    data = kit.original(town, name)
    for line, _, _, cipher, key_id in rows[3:]:
        assert "架空".encode("cp932") not in bytes(cipher)
        assert town.keys.decrypt(key_id, bytes(cipher)) == data[(line - 1) * WIDTH : line * WIDTH]


def test_新規は人の最初の行_更新はその後の行(site: Site) -> None:
    kit.insured(site, [{"atena_no": no(n)} for n in (1, 2, 3)])
    later = {"idou_jiyu_code": "41"}
    kit.juki(site, [{"atena_no": no(1)}, {"atena_no": no(1), "rireki_no": 2, **later}, {"atena_no": no(2)}])
    first = kit.only(kit.run(site, "juki_daily", DAY))["counts"]
    assert (first["new"], first["updated"]) == (2, 1)
    rows = [
        {"atena_no": no(2)},
        {"atena_no": no(2), "rireki_no": 2, **later},
        {"atena_no": no(3), "rireki_no": 4},
        {"atena_no": no(9)},
    ]
    kit.juki(site, rows, on=date(2025, 9, 25), seq=2, kubun="1")
    assert kit.only(kit.run(site, "juki_daily", "2025-09-25"))["counts"] == {
        "data": 4, "new": 1, "updated": 1, "unchanged": 1, "quarantined": 0, "out_of_scope": 1,
    }  # fmt: skip


def test_受付は最初の改訂が新規_その後は更新(site: Site) -> None:
    kit.uketsuke(
        site,
        [
            {"uketsuke_no": no(1), "atena_no": no(1)},
            {"uketsuke_no": no(1), "atena_no": no(1), "rev": 2},
            {"uketsuke_no": no(2), "atena_no": no(1)},
        ],
    )
    first = kit.only(kit.run(site, "uketsuke_daily", DAY))["counts"]
    assert (first["new"], first["updated"]) == (2, 1)
    again = {"uketsuke_no": no(1), "atena_no": no(1)}
    kit.uketsuke(
        site, [{**again, "rev": 2}, {**again, "rev": 3}, {**again, "rev": 1, "jotai_code": "2"}], on=date(2025, 9, 25), seq=2
    )
    assert kit.only(kit.run(site, "uketsuke_daily", "2025-09-25"))["counts"] == {
        "data": 3, "new": 0, "updated": 1, "unchanged": 1, "quarantined": 1, "out_of_scope": 0,
    }  # fmt: skip


# キー: 年金基本 (宛名番号, 基礎年金番号)、資格 (＋取得日)、免除 (番号, 種類, 始期)、付加 (番号, 加入日)、裁定 (宛名番号, 届書種別, 受付日, 証書番号)
BASE: dict[str, dict[str, Any]] = {
    "ikou_nenkin_kihon": {"atena_no": no(1), "kiso_nenkin_no": kit.kiso(1)},
    "ikou_shikaku": {
        "atena_no": no(1),
        "kiso_nenkin_no": kit.kiso(1),
        "shubetsu_code": "1",
        "acquired_on": date(2015, 4, 1),
        "shutoku_jiyu_code": "01",
    },
    "ikou_menjo": {"kiso_nenkin_no": kit.kiso(1), "menjo_code": "10", "from_month": date(2024, 7, 1)},
    "ikou_fuka": {"kiso_nenkin_no": kit.kiso(1), "kanyu_on": date(2020, 4, 1)},
    "ikou_saitei": {"atena_no": no(1), "todoke_code": "51", "uketsuke_on": date(2025, 1, 1)},
}
KEYS: list[tuple[str, str, dict[str, Any], str]] = [
    ("年金基本_電話番号だけ違う", "ikou_nenkin_kihon", {"tel_no": "000"}, "矛盾"),
    ("年金基本_別の基礎年金番号", "ikou_nenkin_kihon", {"kiso_nenkin_no": kit.kiso(2)}, "新規"),
    ("資格_種別だけ違う", "ikou_shikaku", {"shubetsu_code": "4"}, "矛盾"),
    ("資格_別の取得日", "ikou_shikaku", {"acquired_on": date(2020, 4, 1)}, "新規"),
    ("免除_終期だけ違う", "ikou_menjo", {"to_month": date(2025, 6, 1)}, "矛盾"),
    ("免除_別の始期", "ikou_menjo", {"from_month": date(2023, 7, 1)}, "新規"),
    ("付加_脱退日だけ違う", "ikou_fuka", {"dattai_on": date(2024, 4, 1)}, "矛盾"),
    ("付加_別の加入日", "ikou_fuka", {"kanyu_on": date(2022, 4, 1)}, "新規"),
    ("裁定_請求者だけ違う", "ikou_saitei", {"seikyusha_name": "架空　花子"}, "矛盾"),
    ("裁定_証書番号が付く", "ikou_saitei", {"shousho_no": "1"}, "新規"),
    ("裁定_別の届書", "ikou_saitei", {"todoke_code": "53"}, "新規"),
    ("裁定_同じ届書の別の受付日", "ikou_saitei", {"uketsuke_on": date(2025, 1, 2)}, "新規"),
]


@pytest.fixture(scope="module")
def moved(town: Site, results: Any) -> dict[str, dict[str, int]]:
    """dataset -> counts of a file with the base row twice and the variants."""
    found = {}
    for dataset, base in BASE.items():
        kit.ikou(
            town, dataset, [base, base, *({**base, **cells} for _, d, cells, _ in KEYS if d == dataset)], on=date(2025, 6, 2)
        )
    for file in kit.run(town, "ikou_once", "2025-06-02")["files"]:
        found[file["dataset"]] = file["counts"]
    return found


@pytest.mark.parametrize("dataset", BASE)
def test_移行データのキー(moved: dict[str, dict[str, int]], dataset: str) -> None:
    held = dataset in ("ikou_nenkin_kihon", "ikou_shikaku")  # person 1 was migrated before, with this very row
    wanted = [w for _, d, _, w in KEYS if d == dataset]
    counts = moved[dataset]
    assert counts["new"] == wanted.count("新規") + (not held)
    assert (counts["unchanged"], counts["quarantined"]) == (1 + held, wanted.count("矛盾"))


def test_検証は規則が受け入れるものを拒まない(site: Site) -> None:
    """A head of household out of scope, a key that stands twice, days in a strange order, a file ten times larger: warnings at most."""
    kit.insured(site, [{"atena_no": no(n)} for n in range(1, 31)])
    kit.juki(site, [{"atena_no": no(1), "setainushi_atena_no": no(999), "zokugara_code": "20000000"}])
    strange = {
        "birth_on": date(2026, 1, 1),
        "jumin_on": date(2025, 1, 1),
        "jusho_on": date(2024, 1, 1),
        "todokede_on": date(2026, 1, 1),
    }
    rows = [{"atena_no": no(n), **strange} for n in range(2, 31)]
    kit.juki(site, [*rows, *rows[:3]], on=date(2025, 9, 25), seq=2)
    kit.juki(site, [], on=date(2025, 9, 26), seq=3)
    for on, new in ((DAY, 1), ("2025-09-25", 29), ("2025-09-26", 0)):
        result = kit.run(site, "juki_daily", on)
        assert (result["error"], kit.only(result)["outcome"], kit.only(result)["counts"]["new"]) == (None, "accepted", new)
