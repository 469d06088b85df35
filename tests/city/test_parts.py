"""部品: ages by columns, rows as text and bytes, and the benchmark files."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from city import pension, people, rows, write_full, write_idou
from city.city import NOT_SET, days, reach
from city.register import record, text_of
from etl.core import dates
from etl.core.codec.records import Decoder
from etl.core.mapping.layout import layouts
from etl.edge.inbox import open_fixed
from tests.city.reading import rows_of


@pytest.mark.parametrize("age", [20, 60])
def test_列の年齢到達日は核の規則と同じ(age: int) -> None:
    births = [
        date(1964, 2, 29),
        date(2004, 2, 29),
        date(1965, 5, 1),
        date(2005, 4, 1),
        date(1970, 1, 1),
        date(1999, 12, 31),
        date(1966, 3, 1),
    ]
    births += [date(1940, 1, 1) + timedelta(days=37 * n) for n in range(800)]
    got = reach(np.array([days(b) for b in births]), age)
    assert got.tolist() == [days(dates.reach(b, age)) for b in births]


def test_行を文字にして戻すと同じバイト() -> None:
    city = people.build(3, 500, date(2025, 9, 22))
    everyone = np.arange(500)
    for one in rows.build(city, everyone, rows.last_stage(city, everyone)):
        assert record(text_of(one.tobytes())) + b"\r\n" == one.tobytes()


@pytest.mark.parametrize("seed", range(5))
def test_資格は重ならず順に並ぶ(seed: int) -> None:
    city = people.build(seed, 30_000, date(2025, 3, 3))
    held = pension.build(city)
    over = held.q_to != NOT_SET
    assert (held.q_to > held.q_from)[over].all() and (held.q_to <= city.day)[over].all() and (held.q_from < city.day).all()
    same = held.q_row[1:] == held.q_row[:-1]
    assert (
        over[:-1][same].all()
        and (held.q_from[1:] >= held.q_to[:-1])[same].all()
        and (held.q_from[1:] > held.q_from[:-1])[same].all()
    )
    changed = held.q_changed != NOT_SET
    assert changed.any() and (held.q_changed > held.q_from)[changed].all()
    assert (held.q_changed <= np.where(over, held.q_to, city.day))[changed].all()
    assert (held.q_from >= reach(city.birth[held.person], 20)[held.q_row]).all()
    assert {52, 53, 54, 55, 58} <= set(held.q_lost[over].tolist()) <= {51, 52, 53, 54, 55, 58}
    assert 0.112 < len(held.open_persons) / city.residents < 0.12 and 0.24 < len(held.person) / city.residents < 0.26
    numbers = city.kojin(np.arange(city.residents + 1000))
    assert len(np.unique(numbers)) == len(numbers) and numbers.max() < 99_900_000


def test_計測用の全件ともう一度(tmp_path: Path) -> None:
    day, later = date(2025, 9, 22), date(2025, 9, 24)
    first = write_full(tmp_path / "a", 2000, 5, day, held_share=0.3)
    again = write_full(tmp_path / "b", 2000, 5, later, seq=101, changed_share=0.05, city_on=day)
    assert first["juki_idou"]["rows"] >= 2000 and 550 < first["ikou_nenkin_kihon"]["rows"] < 650
    before = {
        (r["atena_no"], r["rireki_no"]): r for r in rows_of(tmp_path / "a/juki_idou" / first["juki_idou"]["name"], "juki_idou")
    }
    after = {
        (r["atena_no"], r["rireki_no"]): r for r in rows_of(tmp_path / "b/juki_idou" / again["juki_idou"]["name"], "juki_idou")
    }
    fresh = set(after) - set(before)
    assert 70 <= len(fresh) <= 130
    same = Counter(
        {k: v for k, v in before[k].items() if k != "saishin_flag"} == {k: v for k, v in after[k].items() if k != "saishin_flag"}
        for k in set(before) & set(after)
    )
    assert same[False] == 0


def test_計測用の異動(tmp_path: Path) -> None:
    info = write_idou(tmp_path, 5000, 5, date(2025, 9, 24), 101, rows=300)
    layout = layouts()["juki_idou"]
    with open_fixed(tmp_path / "juki_idou" / info["name"], layout) as file:
        assert file.count == info["rows"] == 300
        assert [e for _, block in file.blocks() for e in Decoder(layout.data).check(block.copy())] == []
