"""The sample city, day by day through the use cases: counts, proposals, questions and monthly files as expected, to the byte."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import kit
import pytest

from etl.site import Site
from tests.conftest import copied

SAMPLES = Path(__file__).parents[1] / "golden" / "samples"
EXPECTED = json.loads((SAMPLES / "expected_counts.json").read_text(encoding="utf-8"))
COUNTS = ("data", "new", "updated", "unchanged", "quarantined", "out_of_scope")


def bring(site: Site, day: str) -> None:
    """The files of one day, into the inbox."""
    for folder in (SAMPLES / "inbox").iterdir():
        (site.inbox / folder.name).mkdir(exist_ok=True)
        for path in folder.glob(f"*_{day.replace('-', '')}*"):
            shutil.copy(path, site.inbox / folder.name)


def run_day(site: Site, day: dict) -> list[dict]:
    period = day["business_day"]
    bring(site, period)
    jobs = (["ikou_once"] if day is EXPECTED["days"][0] else []) + [
        "uketsuke_daily",
        "juki_daily",
        "shotoku_kaitou_daily",
        "kikou_kekka",
    ]
    return [f for job in jobs for f in kit.run(site, job, period)["files"]]


def check_day(site: Site, day: dict) -> None:
    """One day run, and all of it as expected: counts, outcomes, persons held, both inquiries to the byte."""
    check_counts(site, day)
    for dataset in ("juki_shoukai", "shotoku_shoukai"):
        made, expected = asked(site, dataset, day)
        assert [path.read_bytes() for path in made] == [path.read_bytes() for path in expected]


def check_counts(site: Site, day: dict) -> None:
    """One day run: counts, outcomes and persons held as expected."""
    found = run_day(site, day)
    assert [{"name": f["name"], **{c: f["counts"][c] for c in COUNTS}} for f in found] == day["files"]
    assert {f["outcome"] for f in found} == {"accepted"}
    outcomes = kit.run(site, "kikou_kekka", day["business_day"])["outcomes"]
    assert {k: n for k, n in outcomes.items() if k not in ("not_sent", "waiting", "overdue")} == day.get("result_outcomes", {})
    held = kit.query(site, "select count(distinct atena_no) from pension.atena")[0][0]
    assert held == day["persons_held"], day["business_day"]


def asked(site: Site, dataset: str, day: dict) -> tuple[list[Path], list[Path]]:
    """The files of questions that a day makes, and those that it should."""
    made = kit.run(site, f"{dataset}_daily", day["business_day"])["outputs"]
    expected = sorted((SAMPLES / "requests" / dataset).glob(f"*_{day['business_day'].replace('-', '')}_*.dat"))
    return [Path(o["path"]) for o in made], expected


def check_again(site: Site, days: list[dict]) -> None:
    """The same days once more: every file comes again and is a duplicate, nothing is proposed, no row changes."""
    before = _everything(site)
    for day in days:
        bring(site, day["business_day"])
        jobs = ("ikou_once", "uketsuke_daily", "juki_daily", "shotoku_kaitou_daily", "kikou_kekka")
        results = [kit.run(site, job, day["business_day"]) for job in jobs]
        assert {f["outcome"] for r in results for f in r["files"]} == {"duplicate"}
        assert not sum(r["proposals"] for r in results)
    assert _everything(site) == before


def _everything(site: Site) -> dict[str, list]:
    """All business rows."""
    tables = kit.query(
        site,
        "select table_name from information_schema.tables where table_schema = 'pension' and table_type = 'BASE TABLE' order by 1",
    )
    return {t: kit.query(site, f"select * from pension.{t} order by 1") for (t,) in tables}


@pytest.fixture(scope="module")
def days(town: Site) -> Site:
    """All days run, each compared with what is expected."""
    for day in EXPECTED["days"]:
        check_day(town, day)
    return town


@pytest.fixture
def city(house: Path, days: Site, tmp_path: Path) -> Iterator[Site]:
    """A copy of it."""
    with copied(house, days, tmp_path / "city") as made:
        yield made


def test_見本の市_件数と提案と月次ファイルが期待どおり(city: Site) -> None:
    made = dict(kit.query(city, "select soushitsu_jiyu_code, count(*) from pension.idou_proposal group by 1"))
    expected: dict[str, int] = {}
    for day in EXPECTED["days"]:
        for jiyu, n in day["proposals_by_soushitsu_jiyu"].items():
            expected[jiyu] = expected.get(jiyu, 0) + n
    assert made == expected
    withdrawn = kit.query(city, "select count(*) from ledger.approval where decision = 'withdrawn'")[0][0]
    assert withdrawn == sum(d["proposals_withdrawn"] for d in EXPECTED["days"])
    kit.approve_all(city)
    outputs = kit.month(city)["outputs"]
    for output in outputs:
        path = Path(output["path"])
        assert path.read_bytes() == (SAMPLES / "kokuho_202509" / path.name).read_bytes()
    assert [o["rows"] for o in outputs] == [EXPECTED["kokuho_202509"]["rows"]] * 2


def test_二度流しても何も変わらない(city: Site) -> None:
    check_again(city, EXPECTED["days"])
