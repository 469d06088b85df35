"""月次の版と再現: 同じ内容なら版を作らず、異なれば承認を経て次の版となり、どの時点の状態も1バイトまで再現する。"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import kit
import openpyxl
import psycopg
import pytest
from kit import no

from etl import approve, jobs, transfer
from etl import run as runs
from etl.attest.status import status
from etl.core.codec.decode import split
from etl.core.mapping.layout import layouts
from etl.core.receipts import Built
from etl.site import Site
from tests.conftest import After

DAY = date(2025, 9, 30)


def released(site: Site) -> None:
    """Three persons insured and resident; the month's first version is out; person 1 left (approved afterwards)."""
    kit.insured(site, [{"atena_no": no(n)} for n in (1, 2, 3)])
    kit.juki(site, [{"atena_no": no(n)} for n in (1, 2, 3)])
    kit.run(site, "juki_daily", kit.DAY)
    first = kit.month(site, business_on=DAY)
    assert [o["version"] for o in first["outputs"]] == [1, 1]
    leaves = {"rireki_no": 2, "idou_jiyu_code": "21", "idou_on": date(2025, 9, 25), "jumin_jotai_code": "2"}
    kit.juki(site, [{"atena_no": no(1), **leaves}], on=date(2025, 9, 25), seq=2)
    kit.run(site, "juki_daily", "2025-09-25")


def loss_decided(site: Site) -> None:
    """And a second person said yes to the loss."""
    kit.approve_all(site, "idou")


def second_asked(site: Site) -> None:
    """And the second version waits for a second person."""
    assert kit.run(site, "kokuho_monthly", "2025-09", reason="一度目")["proposals"] == 2


def _now(site: Site) -> Any:
    return kit.query(site, "select clock_timestamp()")[0][0]


def _bytes(result: dict[str, Any]) -> list[bytes]:
    return [Path(o["path"]).read_bytes() for o in result["outputs"]]


def test_承認前は前の状態のまま_同じ内容なら版を作らない(after: After) -> None:
    site = after(released)
    first = _bytes({"outputs": [{"path": p} for p in sorted((site.outbox).rglob("KOKUHO*_01.dat"))]})
    again = kit.run(site, "kokuho_monthly", "2025-09", business_on=date(2025, 10, 15), reason="確認")
    assert ([o["version"] for o in again["outputs"]], again["proposals"], again["error"]) == ([1, 1], 0, None)
    assert _bytes(again) == first  # 作成年月日 of the first version, not of the later run
    assert kit.query(site, "select count(*) from ledger.output where dataset like 'kokuho%'") == [(2,)]


def test_版02は事由と承認が要り_差異を一覧にする(after: After) -> None:
    site = after(released, loss_decided)
    refused = kit.run(site, "kokuho_monthly", "2025-09")
    assert (refused["error"].code, refused["error"].exit_status, refused["outputs"]) == ("NP-1003", 12, [])
    made = kit.run(site, "kokuho_monthly", "2025-09", reason="転出の承認後", business_on=date(2025, 10, 3))
    assert (made["outputs"], made["proposals"]) == ([], 2)
    assert not list(site.outbox.rglob("KOKUHO*_02.dat"))
    listed = list(site.outbox.rglob("KOKUHO*_02_差分一覧.xlsx"))
    assert len(listed) == 2
    assert cells(listed[0])[1:] == [
        (no(1), kit.kiso(1), "2015-04-01", "変更", "資格喪失日", "", "2025-09-25"),
        (no(1), kit.kiso(1), "2015-04-01", "変更", "喪失事由", "", "58 国内転出(市外)"),
        (no(1), kit.kiso(1), "2015-04-01", "変更", "変更区分", "3 継続", "4 喪失"),
    ]
    subjects = [w.subject for w in approve.pending(site, "kokuho")]
    assert all("差異 1 件" in s and "版02" in s for s in subjects)
    again = kit.run(site, "kokuho_monthly", "2025-09", reason="もう一度")
    assert (again["outputs"], len(approve.pending(site, "kokuho"))) == ([], 2)
    kit.approve_all(site, "kokuho")
    out = kit.run(site, "kokuho_monthly", "2025-09", reason="承認済みを出す", business_on=date(2025, 10, 6))
    assert [o["version"] for o in out["outputs"]] == [2, 2]
    for output in out["outputs"]:
        layout = layouts()[output["dataset"]]
        header = split(Path(output["path"]).read_bytes(), layout, "").header
        assert (header["version"], header["created_on"]) == (2, date(2025, 10, 3))
        assert [r["henkou_kbn"] for r in kit.rows_of(output)] == ["4", "3", "3"]


def cells(path: Path) -> list[tuple[Any, ...]]:
    """The rows of a list, from its heads on."""
    rows = [tuple(row) for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True)]
    return rows[next(i for i, row in enumerate(rows) if "差異" in row) :]


def _left(site: Site) -> list[str]:
    return [left.name[-6:] for left in status(site).unreleased]


def test_承認の後で止まった版は_次の承認の命令で出せる(after: After) -> None:
    """Half of it: one section has its 版 02, the other not. Nothing waits for a decision; ``status`` tells, the release of the run sends the rest."""
    site = after(released, loss_decided)
    made = kit.run(site, "kokuho_monthly", "2025-09", reason="転出の承認後")
    run = runs.get(site, made["run_id"])
    plans = (runs.receipt(site, run.run_id, Built) or Built((), 0)).plans
    kit.approve_all(site, "kokuho")
    assert _left(site) == ["02.dat", "02.dat"]
    transfer.release(site, run, plans[:1])
    assert (_left(site), approve.unreleased(site, "kokuho")) == (["02.dat"], [run.run_id])
    jobs.step(site, run.run_id, "release")
    assert (_left(site), len(list(site.outbox.rglob("KOKUHO*_02.dat")))) == ([], 2)


def test_承認の後で止まった版は_月が変わっていても次の実行でまず出る(after: After) -> None:
    """02 was approved and not sent; the state moved on: the run sends 02 and puts 03 before a second person."""
    site = after(released, loss_decided, second_asked)
    kit.approve_all(site, "kokuho")
    leaves = {"rireki_no": 2, "idou_jiyu_code": "23", "idou_on": date(2025, 9, 26), "jumin_jotai_code": "3"}
    kit.juki(site, [{"atena_no": no(2), **leaves}], on=date(2025, 9, 26), seq=3)
    kit.run(site, "juki_daily", "2025-09-26")
    kit.approve_all(site, "idou")
    made = kit.run(site, "kokuho_monthly", "2025-09", reason="二度目")
    assert ([o["version"] for o in made["outputs"]], made["proposals"], _left(site)) == ([2, 2], 2, [])
    kit.approve_all(site, "kokuho")
    assert [o["version"] for o in kit.run(site, "kokuho_monthly", "2025-09", reason="出す")["outputs"]] == [3, 3]


def test_承認の後で止まった版は_後の版が出ていれば出さない(after: After, owner_url_of: Callable[[Site], str]) -> None:
    site = after(released, loss_decided, second_asked)
    kit.approve_all(site, "kokuho")
    with psycopg.connect(owner_url_of(site)) as owner:
        owner.execute("update ledger.output set version = 3 where version = 1")
    assert (_left(site), approve.unreleased(site, "kokuho")) == ([], [])


def test_起案者は版02を承認できない(after: After) -> None:
    from etl.core.errors import Refused

    site = after(released, loss_decided, second_asked)
    with pytest.raises(Refused) as raised:
        kit.approve_all(site, "kokuho", "sousa01")
    assert raised.value.code == "NP-2030"


def test_追い越された版は番号を使い切る(after: After) -> None:
    """02 was made and not approved; the state moved on: the next one is 03, and 02 can no longer be approved."""
    site = after(released, loss_decided, second_asked)
    leaves = {"rireki_no": 2, "idou_jiyu_code": "23", "idou_on": date(2025, 9, 26), "jumin_jotai_code": "3"}
    kit.juki(site, [{"atena_no": no(2), **leaves}], on=date(2025, 9, 26), seq=3)
    kit.run(site, "juki_daily", "2025-09-26")
    kit.approve_all(site, "idou")
    kit.run(site, "kokuho_monthly", "2025-09", reason="二度目")
    decided = kit.query(
        site, "select o.version, a.decision from ledger.output as o join ledger.approval as a using (approval_id) order by 1"
    )
    assert decided[2:] == [(2, "superseded"), (2, "superseded"), (3, None), (3, None)]
    kit.approve_all(site, "kokuho")
    assert [o["version"] for o in kit.run(site, "kokuho_monthly", "2025-09", reason="出す")["outputs"]] == [3, 3]


def test_元の状態に戻れば版は要らない(after: After) -> None:
    """02 waits, then the loss is undone: nothing new, 02 is overtaken."""
    site = after(released, loss_decided, second_asked)
    kit.juki(
        site,
        [{"atena_no": no(1), "rireki_no": 3, "idou_jiyu_code": "28", "idou_on": date(2025, 9, 25)}],
        on=date(2025, 9, 26),
        seq=3,
    )
    kit.run(site, "juki_daily", "2025-09-26")
    kit.approve_all(site, "idou")
    back = kit.run(site, "kokuho_monthly", "2025-09", reason="二度目")
    assert ([o["version"] for o in back["outputs"]], back["proposals"]) == ([1, 1], 0)
    decided = kit.query(site, "select decision from ledger.approval where kind = 'kokuho' and subject like '%版02%'")
    assert {d for (d,) in decided} == {"superseded"}


def test_版を作る前の時点もその版として再現する(after: After) -> None:
    """A moment whose state a version shows is that version, though it was made later; its 作成年月日 and 版 are taken."""
    site = after(released)
    loaded = kit.query(site, "select max(received_at) from ledger.file where business_on = :on", on=kit.DAY)[0][0]
    kit.approve_all(site, "idou")
    approved = _now(site)
    kit.run(site, "kokuho_monthly", "2025-09", reason="転出", business_on=date(2025, 10, 3))
    kit.approve_all(site, "kokuho")
    second = _bytes(kit.run(site, "kokuho_monthly", "2025-09", reason="転出"))
    first = [p.read_bytes() for p in sorted(site.outbox.rglob("KOKUHO*_01.dat"))]
    for moment, wanted in ((loaded, first), (approved, second)):
        assert _bytes(kit.run(site, "kokuho_monthly", "2025-09", as_known_at=moment, business_on=date(2025, 12, 1))) == wanted


def test_その時点の状態を1バイトまで再現する(after: After) -> None:
    """Before and after an approval, and before and after a 訂正: any earlier moment gives the same bytes again."""
    site = after(released)
    moments = [_now(site)]
    first = [p.read_bytes() for p in sorted(site.outbox.rglob("KOKUHO*_01.dat"))]
    kit.approve_all(site, "idou")
    kit.run(site, "kokuho_monthly", "2025-09", reason="転出", business_on=date(2025, 10, 3))
    kit.approve_all(site, "kokuho")
    second = _bytes(kit.run(site, "kokuho_monthly", "2025-09", reason="転出"))
    moments.append(_now(site))
    moved = {"atena_no": no(3), "ku_code": "141330", "setai_no": no(77)}
    kit.juki(site, [{"atena_no": no(n)} for n in (1, 2)] + [moved], version=2)
    kit.run(site, "juki_daily", kit.DAY)
    kit.approve_all(site, "teisei")
    kit.run(site, "juki_daily", kit.DAY)
    kit.run(site, "kokuho_monthly", "2025-09", reason="訂正", business_on=date(2025, 10, 4))
    kit.approve_all(site, "kokuho")
    third = _bytes(kit.run(site, "kokuho_monthly", "2025-09", reason="訂正"))
    moments.append(_now(site))
    for moment, wanted in zip(moments, (first, second, third), strict=True):
        made = kit.run(site, "kokuho_monthly", "2025-09", as_known_at=moment, business_on=date(2025, 12, 1))
        assert _bytes(made) == wanted
    assert len({f[0] for f in (first, second, third)}) == 3
    assert kit.query(site, "select max(version) from ledger.output where dataset like 'kokuho%'") == [(3,)]


def test_月の途中でも作れる(site: Site) -> None:
    kit.insured(site, [{"atena_no": no(1)}])
    kit.juki(site, [{"atena_no": no(1)}])
    kit.run(site, "juki_daily", kit.DAY)
    early = kit.month(site, "2025-10", business_on=date(2025, 10, 2))
    assert [o["rows"] for o in early["outputs"]] == [1, 1]


def test_期限が切れた版は番号を使い切り次の版を起案する(after: After, owner_url_of: Callable[[Site], str]) -> None:
    site = after(released, loss_decided, second_asked)
    with psycopg.connect(owner_url_of(site)) as owner:
        owner.execute(
            "update ledger.approval set expires_at = now() - interval '1 second' where kind = 'kokuho' and decision is null"
        )
    assert kit.run(site, "kokuho_monthly", "2025-09", reason="二度目")["proposals"] == 2
    kit.approve_all(site, "kokuho")
    assert [o["version"] for o in kit.run(site, "kokuho_monthly", "2025-09", reason="出す")["outputs"]] == [3, 3]
