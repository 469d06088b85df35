"""所得照会への回答: the tax office of the same city answers what was asked, and what was not; through our own doors."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import kit
import pytest

from city import answer, answer_income, synth
from etl.site import Site
from tests.city.reading import read_end, rows_of

ASKED, ANSWERED = date(2026, 10, 5), date(2026, 10, 6)
RESIDENTS = 20_000  # enough applications for every kind of answer


@pytest.fixture(scope="module")
def asked(town: Site) -> Site:
    """The first night of a city: everything that is asked for."""
    synth(town.home, RESIDENTS, 1, ASKED, date(2026, 10, 8))
    for job in ("ikou_once", "uketsuke_daily", "juki_daily", "juki_shoukai_daily", "shotoku_shoukai_daily"):
        assert kit.run(town, job, ASKED)["error"] is None
    answer(town.home, ASKED, ANSWERED)
    return town


def test_聞いたことと聞いていない一行が返る(asked: Site) -> None:
    path = answer_income(asked.home, ASKED, ANSWERED)
    assert path and path.name == "SHOTOKKT_141305_20261006_000001_01.dat"
    rows = list(rows_of(path, "shotoku_kaitou", "3"))
    known = {r[0] for r in kit.query(asked, "select shoukai_no from pension.shotoku_shoukai")}
    got = [r["shoukai_no"] for r in rows]
    assert read_end(path)["count"] == len(rows) and len(set(got)) == len(got)
    assert sum(n not in known for n in got) == 1 and len(got) >= len(known) - 3
    assert {r["kaitou_code"] for r in rows} <= set("12") and all(r["goukei_shotoku_yen"] for r in rows if r["kaitou_code"] == "1")


def test_同じ問いには同じ答え_次の日は次の連番(asked: Site) -> None:
    path = answer_income(asked.home, ASKED, ANSWERED)
    assert path
    before = path.read_bytes()
    assert answer_income(asked.home, ASKED, ANSWERED) == path and path.read_bytes() == before
    assert answer_income(asked.home, date(2026, 10, 4), date(2026, 10, 7)) is None
    later = answer_income(asked.home, ASKED, date(2026, 10, 7))
    assert later and later.name == "SHOTOKKT_141305_20261007_000002_01.dat"
    later.unlink()
    Path(f"{later}.end").unlink()


def test_私たちの入口を通り_受入と拒否と保留になる(asked: Site) -> None:
    answer_income(asked.home, ASKED, ANSWERED)
    for job in ("uketsuke_daily", "juki_daily"):
        kit.run(asked, job, ANSWERED)
    result = kit.run(asked, "shotoku_kaitou_daily", ANSWERED)
    assert result["error"] is None and kit.only(result)["outcome"] == "accepted"
    assert all(result["answers"][kind] for kind in ("stored", "refused", "held"))
    assert kit.query(asked, "select * from pension.shotoku_unasked") == []
    assert list((asked.outbox / "shinseisho").rglob("*.pdf"))
