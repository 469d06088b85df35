"""遅れて届いた全件: 計数器を戻さず、新しい異動を巻き戻さない。"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import kit
import pytest
from kit import no

from etl.core.receipts import Loaded
from etl.run import receipt
from etl.site import Site
from tests.conftest import After

D1, D2, D3, D4 = (date(2025, 9, d) for d in (24, 25, 26, 29))


def told(site: Site, result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(業務日, outcome, timing) of each file."""
    loaded = receipt(site, result["run_id"], Loaded) or Loaded()
    return [(f"{f.business_on:%m-%d}", str(f.outcome), str(f.timing)) for f in loaded.files]


EARLIER, LATER = datetime(2025, 9, 22, 9), datetime(2025, 9, 24, 9)


def test_新しい異動の後に届いた全件は計数器を戻さない(site: Site) -> None:
    """100 (全件) of D1 comes after 101 of D2 was taken in: the next is 102."""
    kit.insured(site, [{"atena_no": no(1)}])
    kit.juki(site, [{"atena_no": no(1), "rireki_no": 2, "idou_jiyu_code": "41"}], on=D2, seq=101)
    kit.run(site, "juki_daily", D2)
    kit.juki(site, [{"atena_no": no(1)}], on=D1, seq=100, kubun="1")
    late = kit.run(site, "juki_daily", D1, reason="最初に取り込んだ日より前の全件")
    assert told(site, late) == [("09-24", "accepted", "on_time")]
    kit.juki(site, [], on=D3, seq=102)
    assert told(site, kit.run(site, "juki_daily", D3)) == [("09-26", "accepted", "on_time")]
    kit.juki(site, [], on=D4, seq=104)
    assert kit.only(kit.run(site, "juki_daily", D4))["code"] == "NP-2021"


def test_全件で番号が始め直されても_古い順に取り込む(site: Site) -> None:
    """57 before the 全件 file 1, then 2: by number alone 57 would come last and never enter."""
    kit.juki(site, [], on=D1, seq=57)
    kit.juki(site, [], on=D2, seq=1, kubun="1")
    kit.juki(site, [], on=D3, seq=2)
    assert [f["name"].split("_")[3] for f in kit.run(site, "juki_daily", D3)["files"]] == ["000057", "000001", "000002"]
    kit.juki(site, [], on=D4, seq=3)
    assert told(site, kit.run(site, "juki_daily", D4)) == [("09-29", "accepted", "on_time")]


# 先: D2 の異動（履歴番号 事由 異動年月日）。全件: その後に届く D1 の全件
REWOUND = kit.table("""
| 事例                                   | 先                     | 全件        | 提案               |
|----------------------------------------|------------------------|-------------|--------------------|
| 古い転入の行は何も変えない             | 3 21 09-20             | 2 01 08-01  | 58 09-20           |
| 取り消された転出を提案し直さない       | 3 28 09-21             | 2 21 09-20  |                    |
| 後の確定より前の転出は日付を戻さない   | 3 21 09-22             | 2 21 09-20  | 58 09-22           |
| 後の転居があっても_転出は提案する      | 3 41 09-22             | 2 21 09-20  | 58 09-20           |
| 新しい行がなければ提案する             |                        | 2 21 09-20  | 58 09-20           |
""")


@pytest.fixture(scope="module")
def rewound(town: Site) -> Site:
    def row(i: int, cell: str) -> dict[str, Any]:
        rireki_no, jiyu, on = cell.split()
        return {
            "atena_no": no(i),
            "rireki_no": int(rireki_no),
            "idou_jiyu_code": jiyu,
            "idou_on": date.fromisoformat(f"2025-{on}"),
        }

    people = list(enumerate(REWOUND, 1))
    kit.insured(town, [{"atena_no": no(i)} for i, _ in people], on=D1)
    kit.juki(town, [row(i, s["先"]) for i, s in people if s["先"]], on=D2, seq=2)
    kit.run(town, "juki_daily", D2)
    kit.juki(town, [row(i, s["全件"]) for i, s in people if s["全件"]], on=D1, seq=1, kubun="1")
    assert told(town, kit.run(town, "juki_daily", D2))[0] == ("09-24", "accepted", "late")
    return town


@pytest.mark.parametrize("i", range(len(REWOUND)), ids=[s["事例"] for s in REWOUND])
def test_遅れて届いた全件は新しい異動を巻き戻さない(rewound: Site, i: int) -> None:
    found = kit.query(
        rewound, "select p.soushitsu_jiyu_code, p.lost_on from pension.idou_proposal as p join ledger.approval as a using (approval_id) "
        "where p.atena_no = :n and a.decision is null", n=no(i + 1),
    )  # fmt: skip
    assert " ".join(f"{jiyu} {on:%m-%d}" for jiyu, on in found) == (REWOUND[i]["提案"] or "")
    newest = kit.query(rewound, "select rireki_no from pension.atena_ima where atena_no = :n", n=no(i + 1))
    assert newest == [(3 if REWOUND[i]["先"] else 2,)]


def newer(site: Site) -> None:
    """The newer row of a person was taken in."""
    kit.insured(site, [{"atena_no": no(1)}])
    kit.juki(site, [{"atena_no": no(1), "name": "新", "shori_at": LATER}], on=D2, seq=2)
    kit.run(site, "juki_daily", D2)


@pytest.mark.parametrize(("version", "shori_at", "kept"), [(1, EARLIER, "新"), (2, EARLIER, "新"), (2, LATER, "古")])
def test_処理日時の古い全件の行は_同じ履歴番号の新しい行を替えない(
    after: After, version: int, shori_at: datetime, kept: str
) -> None:
    site = after(newer)
    kit.juki(site, [{"atena_no": no(1), "name": "古", "shori_at": shori_at}], on=D1, seq=1, version=version, kubun="1")
    result = kit.run(site, "juki_daily", D3)
    assert kit.only(result)["counts"]["quarantined"] == (kept == "新")
    assert kit.query(site, "select name from pension.atena_ima") == [(kept,)]
