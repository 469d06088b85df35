"""処理結果一覧の受領: 媒体ごとに受け入れるか、丸ごと拒むか、行だけを隔離するか。同じ結果が二度あれば二度とも受け入れる。"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import kit
import psycopg
import pytest
from kit import DAY, kiso, no

from etl.core.mapping.layout import layouts
from etl.site import Site
from tests import canary
from tests.conftest import After

NEXT = date(2025, 9, 25)
DATA = layouts()["kikou_kekka"].data
PEOPLE = [{"kiso_nenkin_no": kiso(n), "uketsuke_no": no(n), "kojin_no": kit.kojin_no(n)} for n in range(1, 5)]


def run(site: Site, on: date = DAY) -> dict[str, Any]:
    return kit.run(site, "kikou_kekka", on)


def outcomes(result: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(f["name"][11:-4], f["outcome"], f["code"]) for f in result["files"]]


def held(site: Site) -> list[tuple[Any, ...]]:
    """Every result held, by medium and line."""
    return kit.query(
        site,
        "select f.name, k.line, k.kiso_nenkin_no, k.name from pension.kikou_kekka as k join ledger.file as f using (file_id) order by 1, 2",
    )


def counts(data: int, quarantined: int = 0) -> dict[str, int]:
    return {"data": data, "new": data - quarantined, "updated": 0, "unchanged": 0, "quarantined": quarantined, "out_of_scope": 0}


def spoil(path: Path, cells: list[tuple[int, str, bytes]]) -> None:
    """Other bytes in fields of data records (1, 2, …; the header is line 1, so they are line 2, 3, …)."""
    data = bytearray(path.read_bytes())
    for row, field, content in cells:
        start = 96 + row * 500 + DATA.field(field).slice.start
        data[start : start + len(content)] = content
    path.write_bytes(bytes(data))


def test_良い媒体は全件が新規(site: Site, owner_url: str) -> None:
    path = kit.kekka(site, PEOPLE)
    result = run(site)
    assert (result["error"], outcomes(result), kit.only(result)["counts"]) == (
        None,
        [("20250924_001", "accepted", None)],
        counts(4),
    )
    assert held(site) == [(path.name, n + 1, kiso(n), "架空　一郎") for n in range(1, 5)]
    with psycopg.connect(owner_url) as owner:
        stored = owner.execute("select key_id, cipher from vault.kojin_no").fetchall()
    assert {site.keys.decrypt(k, bytes(c)).decode() for k, c in stored} == {p["kojin_no"] for p in PEOPLE}
    assert kit.query(site, "select count(*) from staging.kikou_kekka") == [(0,)]


def test_0件の媒体は成功で0と示す(site: Site) -> None:
    kit.kekka(site, [])
    result = run(site)
    assert (result["error"], kit.only(result)["outcome"], kit.only(result)["counts"]) == (None, "accepted", counts(0))


def test_拒んだ後の良い媒体は同じ名前で受け入れる(site: Site) -> None:
    path = kit.kekka(site, PEOPLE)
    good = path.read_bytes()
    path.write_bytes(good[:-1])
    refused = run(site)
    assert (outcomes(refused), refused["error"].exit_status, held(site)) == ([("20250924_001", "refused", "NP-1140")], 10, [])
    path.write_bytes(good)
    assert (outcomes(run(site)), len(held(site))) == ([("20250924_001", "accepted", None)], 4)


def taken(site: Site) -> None:
    """A good medium was taken in."""
    kit.kekka(site, PEOPLE)
    assert outcomes(run(site)) == [("20250924_001", "accepted", None)]


def test_同じ媒体をもう一度_重複受信(after: After) -> None:
    site = after(taken)
    before = held(site)
    kit.kekka(site, PEOPLE)
    again = run(site)
    assert (outcomes(again), again["error"], held(site)) == ([("20250924_001", "duplicate", "NP-2023")], None, before)


def test_同じバイトを別の媒体通番の名前で_前文と食い違うので拒む(after: After) -> None:
    site = after(taken)
    path = kit.kekka(site, PEOPLE)
    path.rename(path.with_name("KIKOUKEKKA_20250924_002.DTA"))
    refused = run(site)
    assert outcomes(refused) == [("20250924_002", "refused", "NP-2007")]
    assert len(held(site)) == 4


def test_同じ行を別の媒体通番で_別の媒体なので全て新規(site: Site) -> None:
    """What a result says twice the 突合 sees; here each medium stands alone."""
    for number in (1, 2):
        kit.kekka(site, PEOPLE, baitai_no=number)
    result = run(site)
    assert outcomes(result) == [("20250924_001", "accepted", None), ("20250924_002", "accepted", None)]
    assert [f["counts"] for f in result["files"]] == [counts(4), counts(4)]
    assert len(held(site)) == 8 and kit.query(site, "select count(*) from vault.kojin_no") == [(4,)]


def test_受け入れた名前で内容が違えば拒む(after: After) -> None:
    site = after(taken)
    before = held(site)
    kit.kekka(site, [{**PEOPLE[0], "name": "架空　二郎"}])
    refused = run(site)
    assert (outcomes(refused), refused["error"].exit_status) == ([("20250924_001", "refused", "NP-2010")], 10)
    assert "KIKOUKEKKA_20250924_001.DTA" in refused["error"].sentence and held(site) == before


@pytest.mark.parametrize(
    ("on", "number", "field", "numbers"), [(NEXT, 1, "business_on", "2025-09-24 2025-09-25"), (DAY, 7, "seq", "1 7")]
)
def test_名前と前文が食い違えば拒む(site: Site, on: date, number: int, field: str, numbers: str) -> None:
    """The name says day 24 and 媒体通番 001."""
    path = kit.kekka(site, PEOPLE, on=on, baitai_no=number)
    path.rename(path.with_name("KIKOUKEKKA_20250924_001.DTA"))
    refused = run(site)
    assert (outcomes(refused), held(site)) == ([("20250924_001", "refused", "NP-2007")], [])
    assert all(n in refused["error"].sentence for n in (field, *numbers.split()))


def test_媒体通番002が001より先でも両方受け入れる(site: Site) -> None:
    for number in (2, 1):
        kit.kekka(site, [PEOPLE[number]], baitai_no=number)
        assert (f"20250924_{number:03}", "accepted", None) in outcomes(run(site))
    kit.kekka(site, [PEOPLE[3]], on=NEXT, baitai_no=1)  # numbers begin anew with each day
    assert outcomes(run(site, NEXT)) == [("20250925_001", "accepted", None)]
    assert [h[0][11:-4] for h in held(site)] == ["20250924_001", "20250924_002", "20250925_001"]


BAD: list[tuple[int, str, bytes, str]] = [
    (1, "gaitou_on", b"20250931", "not_a_day"), (2, "kekka_code", b"99", "unknown_code"), (3, "kojin_no", b"000000000001", "check_digit"),
    (4, "name", b"\x29\x21", "bad_char"), (5, "kiso_nenkin_no", b"31X", "not_number"), (6, "from_month", b"202513", "not_a_day"),
]  # fmt: skip


def test_誤りのある行だけを行と項目と種類で隔離する(site: Site) -> None:
    path = kit.kekka(site, [{"kiso_nenkin_no": kiso(n), "kojin_no": kit.kojin_no(n)} for n in range(1, 9)])
    spoil(path, [b[:3] for b in BAD])
    file = kit.only(run(site))
    assert (file["outcome"], file["counts"]) == ("accepted", counts(8, len(BAD)))
    wanted = [(row + 1, [field], [kind]) for row, field, _, kind in BAD]
    assert kit.query(site, "select line, fields, kinds from ledger.quarantine order by 1") == wanted
    told = kit.query(site, "select content -> 'files' -> 0 -> 'quarantined' from ledger.receipt where step = 'load'")
    assert told == [([list(w) for w in wanted],)]
    assert [h[1] for h in held(site)] == [8, 9]


@pytest.mark.parametrize(("bad", "outcome"), [(10, "accepted"), (11, "refused")])
def test_隔離が上限を超えれば媒体ごと拒む(site: Site, bad: int, outcome: str) -> None:
    path = kit.kekka(site, [{"kiso_nenkin_no": kiso(n)} for n in range(1, 51)])
    spoil(path, [(n, "sex_code", b"7") for n in range(1, bad + 1)])
    result = run(site)
    assert (kit.only(result)["outcome"], len(held(site))) == (outcome, 40 if outcome == "accepted" else 0)
    if outcome == "refused":
        assert (result["error"].code, result["error"].exit_status) == ("NP-2012", 10)
        assert "データ 50 件中 隔離 11 件、上限 10 件" in result["error"].sentence
        assert kit.query(site, "select count(*) from ledger.quarantine") == [(0,)]


def test_一つの媒体に同じ行が二度あれば二度とも新規(site: Site) -> None:
    path = kit.kekka(site, [PEOPLE[0], PEOPLE[1], PEOPLE[0]])
    assert kit.only(run(site))["counts"] == counts(3)
    assert [h[1:3] for h in held(site)] == [(2, kiso(1)), (3, kiso(2)), (4, kiso(1))]
    data = kit.original(site, path.name)
    assert data[596:1096] == data[1596:2096]


def test_値はどの文にも台帳にも出ない(site: Site) -> None:
    """A bad row, a refused file, a contradiction of names: lines, items and kinds are told, never a value."""
    person = {
        "kiso_nenkin_no": "3177735301", "uketsuke_no": "777353017773530", "kojin_no": kit.kojin_no(9_994_271), "name": "金糸雀台　一",
        "name_kana": "ｶﾅﾘﾔﾀﾞｲ ｲﾁ", "address": "神奈川県川崎市金糸雀町７", "birth_on": date(1967, 11, 3),
    }  # fmt: skip
    said: dict[str, str] = {}

    def go(about: str, on: date, cells: list[tuple[int, str, bytes]], cut: int | None = None, other: int = 1) -> None:
        path = kit.kekka(site, [person] * 12, on=on, baitai_no=other)
        spoil(path, cells)
        path.write_bytes(path.read_bytes()[:cut])
        result = run(site, on)
        said[about] = repr(result)
        if result["error"]:
            said.update({f"{about} {k}": v for k, v in canary.said(result["error"]).items()})

    go("bad row", DAY, [(1, "birth_on", b"19671399"), (2, "kojin_no", b"000099942710"), (3, "name", b"\x29\x21")])
    go("other bytes", DAY, [])
    go("too many", NEXT, [(n, "birth_on", b"19671399") for n in range(1, 13)], other=2)
    go("cut", NEXT, [], cut=-700, other=3)
    go("shift", NEXT, [(5, "ki1", b"   ")], other=4)
    codes = {r[0] for r in kit.query(site, "select coalesce(code, outcome) from ledger.file")}
    assert codes >= {"accepted", "NP-2010", "NP-2012", "NP-1140", "NP-1146"}
    told = kit.query(site, "select t::text from ledger.file t union all select t::text from ledger.receipt t union all select t::text from audit.event t"
                           " union all select t::text from ledger.quarantine t union all select t::text from ledger.run t")  # fmt: skip
    said["ledger"] = "\n".join(r[0] for r in told)
    needles = [str(v) for k, v in person.items() if k != "birth_on"] + [
        "金糸雀",
        "19671399",
        "000099942710",
        *canary.dates(person["birth_on"]),
    ]
    canary.assert_clean(needles, texts=said)
