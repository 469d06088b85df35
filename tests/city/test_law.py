"""法の定める日: whatever the seed and the size, a city has those who reach 60 in the week of a death, 65 in 任意加入, and parents of a child."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from city import synth
from city.chosen import MEETINGS
from city.city import HEAD, SPOUSE
from city.world import Plan, World
from etl.core.dates import add_years, reach
from etl.core.law.eigyoubi import business_days
from etl.core.mapping.layout import codes_on
from tests.city.reading import Made

FIRST, LAST = date(2026, 10, 23), date(2026, 10, 30)
NIGHTS = business_days(FIRST, LAST)
SIZES = [(300, 1), (300, 8), (301, 9), (3000, 7)]


def lived(residents: int, seed: int, tmp_path: Path, first: date = FIRST, last: date = LAST) -> tuple[World, Made]:
    synth(tmp_path, residents, seed, first, last)
    return World(Plan(residents, seed, first)), Made(tmp_path, {})


def atena(world: World, people: np.ndarray) -> list[str]:
    return [world.register.atena(p) for p in people.tolist()]


def opened(made: Made) -> dict[str, dict[str, str]]:
    return {r["atena_no"]: r for r in made.rows("ikou_shikaku") if not r["lost_on"]}


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(("residents", "seed"), SIZES)
def test_60歳到達の週に死亡か国外転出(residents: int, seed: int, tmp_path: Path) -> None:
    world, made = lived(residents, seed, tmp_path)
    register = {r["atena_no"]: r for r in made.rows("juki_idou", "1") if r["saishin_flag"] == "1"}
    nights = made.rows("juki_idou", "2")
    met = []
    for number, meeting in zip(atena(world, world.city.chosen.meeting), MEETINGS, strict=True):
        assert opened(made)[number]["shubetsu_code"] == "1"
        (row,) = [r for r in nights if r["atena_no"] == number]
        sixty = reach(day(register[number]["birth_on"]), 60)
        assert (row["idou_jiyu_code"], sixty, day(row["idou_on"])) == (
            meeting.code,
            NIGHTS[meeting.sixty],
            NIGHTS[meeting.event],
        )
        met.append((row["idou_jiyu_code"], day(row["idou_on"]) < sixty))
    assert {("23", False), ("23", True)} <= set(met)


@pytest.mark.parametrize(("residents", "seed"), SIZES)
def test_任意加入で65歳に達する人がいる(residents: int, seed: int, tmp_path: Path) -> None:
    world, made = lived(residents, seed, tmp_path)
    register = {r["atena_no"]: r for r in made.rows("juki_idou", "1") if r["saishin_flag"] == "1"}
    numbers = atena(world, world.city.chosen.older)
    assert {opened(made)[n]["shubetsu_code"] for n in numbers} == {"4"}
    assert [reach(day(register[n]["birth_on"]), 65) in NIGHTS for n in numbers] == [True] * len(numbers)


@pytest.mark.parametrize(("residents", "seed"), SIZES)
def test_産前産後と育児期間の届出は種別1の親から(residents: int, seed: int, tmp_path: Path) -> None:
    world, made = lived(residents, seed, tmp_path)
    mothers, fathers = (set(atena(world, world.city.chosen.parents[:, n])) for n in (0, 1))
    births = {day(r["birth_on"]) for r in made.rows("juki_idou") if r["birth_on"]}
    rows = [r for r in made.rows("uketsuke") if r["todoke_code"] in ("33", "34")]
    assert {r["atena_no"] for r in rows} >= mothers - {atena(world, world.city.chosen.parents[1:2, 0])[0]} | fathers
    for row in rows:
        first, last = (day(f"{row[m]}01") for m in ("menjo_from_month", "menjo_to_month"))
        assert day(row["gaitou_on"]) in births and opened(made)[row["atena_no"]]["shubetsu_code"] == "1"
        assert row["menjo_code"] == {"33": "50", "34": "60"}[row["todoke_code"]] and first <= last
        assert row["todoke_code"] == "34" or row["sex_code"] == "2"
        assert row["todoke_code"] == "33" or (first >= date(2026, 10, 1) and last < add_years(day(row["gaitou_on"]), 1))
    assert {r["juri_on"] >= "2026-10-01" for r in rows if r["todoke_code"] == "34"} == {True}


@pytest.mark.parametrize("first", [date(2025, 9, 22), date(2026, 9, 29), date(2026, 10, 1)])
def test_始まる前の日のコードは書かれない(first: date, tmp_path: Path) -> None:
    _, made = lived(600, 3, tmp_path, first, first + timedelta(days=6))
    rows = made.rows("uketsuke")
    for row in rows:
        assert row["todoke_code"] in codes_on("todoke", day(row["juri_on"]))
        assert (row["menjo_code"] or "00") in codes_on("menjo", day(row["juri_on"]))
    assert any(r["todoke_code"] == "34" for r in rows) == (first.year == 2026)


def test_親は夫婦で世帯の子は一歳に満たない() -> None:
    world = World(Plan(300, 4, FIRST))
    city, chosen = world.city, world.city.chosen
    assert set(city.role[chosen.parents].ravel().tolist()) == {HEAD, SPOUSE}
    assert (city.sex[chosen.parents] == [2, 1]).all()
    assert (city.household[chosen.parents] == city.household[chosen.babies][:, None]).all()
    assert (city.birth[chosen.babies[:2]] > city.day - 365).all()
