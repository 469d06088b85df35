"""都市の中身: numbers, shares, dates and households are what the contract of the synthetic data says."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise

from etl.core.codec.digits import is_kojin_no
from etl.core.dates import reach
from etl.core.mapping.layout import codes_on
from tests.city.reading import FIRST, Made

ALWAYS = "01 02 03 04 05 06 09 21 22 23 24 25 26 28 41 42 43 44 45 46 48 49 50 51 52 53 54 55 56 58 59"


def day(text: str) -> date:
    return date.fromisoformat(text)


def everybody(made: Made) -> dict[str, list[dict[str, str]]]:
    """宛名番号 -> rows of all files in order of 履歴番号."""
    people = defaultdict(list)
    for row in made.rows("juki_idou"):
        people[row["atena_no"]].append(row)
    return {k: sorted(v, key=lambda r: r["rireki_no"]) for k, v in people.items()}


def open_ones(made: Made) -> set[str]:
    return {r["atena_no"] for r in made.rows("ikou_shikaku") if not r["lost_on"]}


def test_個人番号は0000で始まり検査数字が正しく一人一つ(made: Made) -> None:
    owners = defaultdict(set)
    for row in made.rows("juki_idou") + made.rows("uketsuke"):
        if row["kojin_no"]:
            owners[row["kojin_no"]].add(row["atena_no"])
            assert row["kojin_no"].startswith("0000") and is_kojin_no(row["kojin_no"])
    assert len(owners) > 3000 and all(len(o) == 1 for o in owners.values())


def test_宛名番号と世帯番号の検査数字(made: Made) -> None:
    for row in made.rows("juki_idou"):
        for number in (row["atena_no"], row["setai_no"], row["setainushi_atena_no"]):
            total = sum(int(d) * (2 + n % 6) for n, d in enumerate(reversed(number[:14])))
            assert len(number) == 15 and (11 - total % 11) % 11 == int(number[14])


def test_履歴は番号とともに進み同じ鍵は同じ内容(made: Made) -> None:
    for rows in everybody(made).values():
        assert len({r["rireki_no"] for r in rows}) == len(rows)
        dates = [r["idou_on"] for r in rows if r["tenshutsu_saki_kbn"] != "1"]  # a 予定 may be called off before its day
        assert dates == sorted(dates)
        assert sum(r["saishin_flag"] == "1" for r in rows) >= 1
        assert all(not r["birth_on"] or r["birth_on"] <= r["jumin_on"] <= r["idou_on"] for r in rows)


def test_並びは宛名番号と履歴番号(made: Made) -> None:
    for kind in "12":
        keys = [(r["atena_no"], r["rireki_no"]) for r in made.rows("juki_idou", kind)]
        assert kind == "2" or keys == sorted(keys)


def test_あらゆる異動事由がある(made: Made) -> None:
    rows = made.rows("juki_idou", "2")
    codes = Counter(r["idou_jiyu_code"] for r in rows)
    assert set(ALWAYS.split()) - set(codes) == set()
    assert {r["tenshutsu_saki_kbn"] for r in rows if r["idou_jiyu_code"] == "21"} == {"1", "2"}
    assert {r["jumin_jotai_code"] for r in rows} == {"1", "2", "3", "9"}


def test_損失は資格のある人にも起こる(made: Made) -> None:
    held = open_ones(made)
    hit = Counter(r["idou_jiyu_code"] for r in made.rows("juki_idou", "2") if r["atena_no"] in held)
    assert all(hit[code] for code in ("21", "22", "23", "26", "28", "41", "42", "50", "53", "54"))


def test_区をまたぐ転居は宛名番号そのまま世帯番号が新しい(made: Made) -> None:
    across = within = 0
    for rows in everybody(made).values():
        for before, after in pairwise(rows):
            if after["idou_jiyu_code"] == "41" and after["rireki_no"] == f"{int(before['rireki_no']) + 1:05}":
                assert (before["ku_code"] == after["ku_code"]) == (before["setai_no"] == after["setai_no"])
                across += before["ku_code"] != after["ku_code"]
                within += before["ku_code"] == after["ku_code"]
    assert across and within


def test_取消しは前の状態に戻す(made: Made) -> None:
    for rows in everybody(made).values():
        for at, row in enumerate(rows):
            if row["idou_jiyu_code"] == "28":
                assert rows[at - 1]["idou_jiyu_code"] in ("21", "22", "23")
                assert (row["jumin_jotai_code"], row["shoujo_on"], row["tenshutsu_saki_kbn"]) == ("1", "", "")
            if row["idou_jiyu_code"] == "09":
                assert row["jumin_jotai_code"] == "9"


def test_世帯主は世帯の人(made: Made) -> None:
    heads = {(r["setai_no"], r["atena_no"]) for r in made.rows("juki_idou", "1") if r["zokugara_code"].startswith("02")}
    rows = [r for r in made.rows("juki_idou", "1") if r["saishin_flag"] == "1"]
    assert all((r["setai_no"], r["setainushi_atena_no"]) in heads for r in rows)
    assert len({r["setai_no"] for r in rows if r["zokugara_code"][:2] in ("11", "12")}) > 500


def test_資格の割合と日付(made: Made) -> None:
    newest = {k: v[-1] for k, v in everybody(made).items()}
    rows = made.rows("ikou_shikaku")
    assert 0.11 <= len(open_ones(made)) / 3000 <= 0.125
    assert len({(r["atena_no"], r["acquired_on"]) for r in rows}) == len(rows)
    assert {r["shubetsu_code"] for r in rows} >= {"1", "4"} or {r["shubetsu_code"] for r in rows} >= {"1", "5"}
    for row in rows:
        if row["atena_no"] in newest:
            born = date.fromisoformat(newest[row["atena_no"]]["birth_on"])
            assert row["shubetsu_code"] != "1" or reach(born, 20) <= day(row["acquired_on"]) <= reach(born, 60)
        assert not row["lost_on"] or row["acquired_on"] < row["lost_on"]
        assert bool(row["lost_on"]) == bool(row["soushitsu_jiyu_code"])
        assert not row["shubetsu_henkou_on"] or row["acquired_on"] < row["shubetsu_henkou_on"] <= (row["lost_on"] or "2026-10-05")


def test_期間中に60歳になる人がいる(made: Made) -> None:
    newest = {k: v[-1] for k, v in everybody(made).items()}
    days = [reach(date.fromisoformat(newest[a]["birth_on"]), 60) for a in open_ones(made) & set(newest) if newest[a]["birth_on"]]
    for wanted in range(5, 12):
        assert date(2026, 10, wanted) in days


def test_移行にあって全件にない人がいる(made: Made) -> None:
    register = {r["atena_no"] for r in made.rows("juki_idou")}
    assert 1 <= len({r["atena_no"] for r in made.rows("ikou_nenkin_kihon")} - register) <= 5


def test_免除の種類(made: Made) -> None:
    codes = Counter(r["menjo_code"] for r in made.rows("ikou_menjo"))
    assert all(codes[c] for c in ("10", "20", "21", "22", "23", "30", "40"))
    known = {r["kiso_nenkin_no"] for r in made.rows("ikou_nenkin_kihon")}
    assert len(known) == len(made.rows("ikou_nenkin_kihon"))
    for dataset in ("ikou_menjo", "ikou_fuka", "ikou_shikaku"):
        assert {r["kiso_nenkin_no"] for r in made.rows(dataset)} <= known


def test_受付(made: Made) -> None:
    rows = made.rows("uketsuke")
    assert {r["todoke_code"] for r in rows} == set(codes_on("todoke", FIRST))
    assert len({(r["uketsuke_no"], r["rev"]) for r in rows}) == len(rows)
    assert {r["rev"] for r in rows} > {"1"} and any(r["haiguusha_atena_no"] for r in rows if r["todoke_code"] == "41")
    assert all(r["setainushi_atena_no"] for r in rows if r["todoke_code"] in ("41", "42"))
    held = {r["atena_no"] for r in made.rows("ikou_nenkin_kihon")}
    assert any(r["atena_no"] not in held for r in rows)


def test_難しい文字がある(made: Made) -> None:
    text = "".join(r["name"] + r["katagaki"] + r["tsusho"] for r in made.rows("juki_idou", "1"))
    assert all(c in text for c in "㈱①Ⅱ髙﨑～") and any("\ue000" <= c <= "\uf8ff" for c in text)
    assert any(r["tsusho"] for r in made.rows("juki_idou", "1"))


def test_転入者には取得候補の年齢の人がいる(made: Made) -> None:
    rows = [r for r in made.rows("juki_idou", "2") if r["idou_jiyu_code"] in ("01", "02", "06") and r["birth_on"]]
    days = [(date.fromisoformat(r["birth_on"]), date.fromisoformat(r["idou_on"])) for r in rows]
    assert sum(reach(birth_on, 20) <= idou_on < reach(birth_on, 60) for birth_on, idou_on in days) > 5
