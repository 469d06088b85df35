"""都度の移転の歯止め: あて先の持つものの多くを取り消すファイルは、別の職員が承認するまで出ない。ほかのあて先へは届く。"""

from __future__ import annotations

from datetime import date

import kit
import pytest
from sqlalchemy import text

from etl import approve
from etl.core.mapping.layout import leaving
from etl.core.mapping.names import format_name
from etl.core.receipts import Changes
from etl.core.receipts.partners import Delivered
from etl.door import numbers
from etl.run import receipt
from etl.site import Site
from etl.transfer import hadome
from tests import iten

D1, D2, D3, D4 = date(2025, 9, 24), date(2025, 9, 25), date(2025, 9, 26), date(2025, 9, 29)
MANY = kit.table("""
| 事例                       | 持つもの | 削除   | 止まる |
|----------------------------|----------|--------|--------|
| 何も消えない               | 600000   | 0      |        |
| ふだんの喪失               | 600000   | 900    |        |
| ちょうど一割               | 600000   | 60000  |        |
| 一割を超える               | 600000   | 60001  | 止     |
| すべて                     | 600000   | 600000 | 止     |
| 百件までは割合によらない   | 100      | 100    |        |
| 百件を超え、すべて         | 101      | 101    | 止     |
""")


@pytest.mark.parametrize("case", MANY, ids=[str(c["事例"]) for c in MANY])
def test_止まる割合(case: dict[str, str]) -> None:
    assert hadome.stops(int(case["削除"]), int(case["持つもの"])) is bool(case["止まる"])


def lost(site: Site) -> None:
    """All that the house knows of anybody's 資格 is undone at once, whatever did it."""
    with iten.owner(site) as connection:
        connection.execute(text("update pension.shikaku set superseded_at = clock_timestamp() where superseded_at is null"))


def put(site: Site, persons: int) -> None:
    with iten.owner(site) as connection:
        connection.execute(
            text(
                "insert into pension.shikaku (atena_no, kiso_nenkin_no, shubetsu_code, acquired_on, shutoku_jiyu_code, row_key)"
                " select lpad(i::text, 15, '0'), '31' || lpad(i::text, 8, '0'), '1', '2015-04-01', '01', i::text from generate_series(1, :n) as i"
            ),
            {"n": persons},
        )


def files(site: Site) -> list[str]:
    return sorted(p.name[:8] for p in site.outbox.rglob("ITEN*.end"))


def test_すべてが消える日は承認を待ち_承認すれば出て_否認すれば出ない(site: Site) -> None:
    put(site, 120)
    assert kit.run(site, "iten_event", D1)["error"] is None
    before = files(site)
    lost(site)
    made = kit.run(site, "iten_event", D2)
    assert (made["error"].code, made["error"].facts) == ("NP-2115", {"n": 120, "held": 120})
    assert files(site) == before and made["outputs"] == []
    kit.run(site, "iten_event", D2, user="sousa02")
    waits = approve.pending(site, "iten_sakujo")
    assert len(waits) == 3, "each once"
    assert [r[0] for r in kit.query(site, "select count(*) from ledger.iten_jotai where ended_by is null")] == [360]
    assert kit.code_of(lambda: kit.approve_all(site, "iten_sakujo", "sousa01")) in ("NP-2030", "NP-1083")
    approve.decide(site, "iten_sakujo", [waits[0].id], "shounin01", "rejected", "誤り")
    assert kit.approve_all(site, "iten_sakujo")["approved"] == 2
    made = kit.run(site, "iten_event", D2)
    assert (made["error"].code, [o["rows"] for o in made["outputs"]]) == ("NP-2115", [120, 120])
    assert len(approve.pending(site, "iten_sakujo")) == 1, "asked again"
    assert len(files(site)) == len(before) + 2


def test_直せば承認なしに次の日が出る(site: Site) -> None:
    put(site, 120)
    kit.run(site, "iten_event", D1)
    lost(site)
    assert kit.run(site, "iten_event", D2)["error"].code == "NP-2115"
    put(site, 121)
    made = kit.run(site, "iten_event", D3)
    assert (made["error"], [o["rows"] for o in made["outputs"]]) == (None, [1, 1, 1])


def test_渡した記録が失われていれば_二度渡す前に承認を待つ(site: Site) -> None:
    """F30: the database of before was restored; the file was taken and its number stands in ``numbers/``."""
    put(site, 3)
    for dataset in ("iten_juminhyo", "iten_seiho", "iten_jidou"):
        numbers.give(
            site, dataset, format_name(leaving()[dataset].file.name, city=kit.CITY, business_on=D1, seq=1, version=1), "0" * 64
        )
    made = kit.run(site, "iten_event", D1)
    assert (made["error"].code, made["error"].facts, made["outputs"]) == ("NP-2116", {"n": 1}, [])
    assert kit.approve_all(site, "iten_sakujo")["approved"] == 3
    made = kit.run(site, "iten_event", D1)
    assert (made["error"], [o["rows"] for o in made["outputs"]]) == (None, [3, 3, 3])
    assert kit.query(site, "select distinct seq from ledger.output") == [(2,)]
    iten.act(site, "取得 9 2015-04-01")
    assert kit.run(site, "iten_event", D2)["error"] is None


def test_許可の終わったあて先があっても_ほかのあて先へは送る(site: Site) -> None:
    """Whatever is refused to one is told at the end; the step that sends is done before."""
    put(site, 1)
    with iten.owner(site) as connection:
        connection.execute(text("update ledger.tourokubo set sha256 = repeat('0', 64) where row_id = 'T01-JUMIN'"))
    made = kit.run(site, "iten_event", D1)
    assert (made["error"].code, len(made["outputs"])) == ("NP-4172", 2)
    delivered, told = receipt(site, made["run_id"], Delivered), receipt(site, made["run_id"], Changes)
    assert delivered and told
    assert delivered.unregistered == {"kiban-seiho": 1, "kiban-jidou": 1}
    assert [error["code"] for error in told.errors] == ["NP-4172"]
