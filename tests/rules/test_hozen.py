"""保全と、確認されなかった取得候補・作業域の期限: 保全は保存期間に優先し、一人で設定し二人で解く。候補は専用の役割がビューに見える者だけを消す。"""

from __future__ import annotations

import os
from datetime import date, timedelta
from typing import Any

import kit
import psycopg
import pytest

from etl import approve, jobs, retire
from etl.attest.status import status
from etl.retire import hold
from etl.retire.hold import Wanted
from etl.site import Site
from tests import kept
from tests.rules.test_shoukyo import asked, carried_out, operations, owner

TODAY = date(2026, 11, 28)
DUE = TODAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKUNEN_TODAY", TODAY.isoformat())


def held(site: Site, **about: Any) -> int:
    return hold.set_hold(site, kept.run_of(site), Wanted("監査", "会計検査", TODAY, **about))


def going(site: Site, name: str = "C") -> tuple[int, int]:
    line = retire.plan(site, TODAY, name)[0]
    return line.count, line.held


# ---- 保全 -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({"first_on": DUE - timedelta(days=30), "last_on": DUE - timedelta(days=30)}, (1, 1)),
        ({"first_on": DUE - timedelta(days=31), "last_on": DUE - timedelta(days=31)}, (1, 1)),
        ({"first_on": TODAY, "last_on": TODAY}, (2, 0)),
        ({"atena_no": kit.no(1)}, (0, 2)),
        ({"atena_no": kit.no(1), "first_on": TODAY, "last_on": TODAY}, (2, 0)),
    ],
    ids=["保存の始まりの日を含む期間", "別の日を含む期間", "どれも含まない期間", "疑わしければその人のもの", "期間を限った人"],
)
def test_保全は保存期間に優先する(site: Site, about: dict[str, Any], expected: tuple[int, int]) -> None:
    for n in (0, 1):
        kept.put(site, DUE - timedelta(days=n), period="")
    held(site, **about)
    assert going(site) == expected


def test_期限を過ぎた保全は赤く_なお残す(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.put(site, DUE)
    held(site, atena_no=kit.no(1))
    assert status(site).holds_overdue == 0
    monkeypatch.setenv("KOKUNEN_TODAY", (TODAY + timedelta(days=1)).isoformat())
    assert status(site).holds_overdue == 1 and going(site) == (0, 1)
    made = kit.run(site, "retire_monthly", f"{TODAY:%Y-%m}")
    assert made["proposals"] == 0
    assert kit.code_of(lambda: held(site, atena_no=kit.no(1))) == "NP-3229"


def test_設定は一人_解除は別の職員の承認(site: Site) -> None:
    kept.put(site, DUE)
    number = held(site, atena_no=kit.no(1))
    hold.ask_release(site, kept.run_of(site, reason="検査が終わった"), number)
    assert going(site) == (0, 1)
    assert kit.code_of(lambda: approve.decide(site, "hozen", None, "sousa01")) == "NP-2030"
    assert approve.pending(site, "hozen")[0].subject.startswith("保全（監査）ある人の解除")
    approve.decide(site, "hozen", None, "shounin01")
    assert going(site) == (1, 0) and hold.holds(site) == []
    assert [o for o in operations(site) if "保全" in o] == ["保全", "保全解除申請"]
    assert kit.code_of(lambda: hold.ask_release(site, kept.run_of(site), number)) == "NP-3230"


def test_保全の記録は宛名番号を持ち_一覧と起案は誰も名指さない(site: Site) -> None:
    held(site, atena_no=kit.no(7))
    assert kit.query(site, "select atena_no from audit.event where operation = '保全'") == [(kit.no(7),)]
    assert kit.no(7) not in str(hold.holds(site))


def test_承認なしに保全を解けない(site: Site) -> None:
    """With the code bypassed, as the log-in that decides."""
    number = held(site, atena_no=kit.no(1))
    run = kept.run_of(site)
    hold.ask_release(site, run, number)
    statement = "update ledger.hold set released_at = now(), approval_id = (select max(approval_id) from ledger.approval)"
    with psycopg.connect(site.url_of("decide"), autocommit=True) as decide, pytest.raises(psycopg.errors.Error) as refused:
        decide.execute(statement)
    assert refused.value.sqlstate == "KN041"
    with psycopg.connect(site.url) as jobs_login, pytest.raises(psycopg.errors.InsufficientPrivilege):
        jobs_login.execute("update ledger.hold set released_at = now()")


@pytest.mark.parametrize("object_id", [0, 99])
def test_ない保管物は保全できない(site: Site, object_id: int) -> None:
    assert kit.code_of(lambda: held(site, object_id=object_id or 1)) == "NP-3228"


# ---- 確認されなかった取得候補 -------------------------------------------------------------------------------------------------

ATENA = """insert into pension.atena (ku_code, atena_no, rireki_no, kojin_id, setai_no, jumin_shubetsu_code, jumin_jotai_code, idou_jiyu_code,
    idou_on, shori_at, name, name_kana, sex_code, birth_fusho_flag, zokugara_code, setainushi_atena_no, address, shien_sochi_flag,
    shori_teishi_flag, sakujo_flag, row_hash, row_key, file_id, line)
    select '', v.atena_no, 1, v.kojin_id, '', '', '', '01', '2025-09-20', now(), '架空　一郎', '', '1', false, '', v.atena_no, '', false, false, false, '',
    v.atena_no, 1, 1 from vault.kojin_no as v"""


@pytest.fixture
def kouho(site: Site) -> Site:
    """Two 取得候補 whose term was over long ago, each with a row of 宛名, a number and an entry of the 確認リスト."""
    for n in (1, 2):
        owner(
            site, f"insert into vault.kojin_no (atena_no, hmac, cipher, key_id) values ('{kit.no(n)}', '{n}', 'x', 'kojin-no-01')"
        )
        owner(site, f"insert into pension.kouho values ('{kit.no(n)}', 1, {n}, '2025-09-24', '2026-03-24')")
        owner(site, f"insert into pension.worklist (kind, atena_no, opened_on) values ('取得候補', '{kit.no(n)}', '2025-09-24')")
    owner(site, ATENA)
    return site


def test_確認されなかった候補は_宛名も個人番号も消える(kouho: Site) -> None:
    assert kit.query(kouho, "select count(*) from vault.kojin_no") == [(2,)]
    assert going(kouho, "A2") == (2, 0)
    (done,) = carried_out(kouho, asked(kouho, "A2"))
    assert (done.gone, done.needed) == (2, 0)
    for table in ("pension.atena", "pension.kouho", "pension.worklist", "vault.kojin_no"):
        assert kit.query(kouho, f"select count(*) from {table}") == [(0,)], table
    assert kit.query(kouho, "select count(*) from ledger.retirement_item where atena_no is not null") == [(0,)]
    kept_outside = (kouho.home / "retired").glob("*")
    assert not [p for p in kept_outside if kit.no(1) in p.read_text()]


def test_資格を得た人は_申請の後でも残る(kouho: Site) -> None:
    run_id = asked(kouho, "A2")
    kit.approve_all(kouho, "shoukyo")
    owner(
        kouho, f"insert into pension.nenkin_kihon (kiso_nenkin_no, atena_no, row_key) values ('3100000001', '{kit.no(1)}', 'k')"
    )
    (done,) = jobs.step(kouho, run_id, "shred").done  # type: ignore[union-attr]
    assert (done.gone, done.needed) == (1, 1)
    assert kit.query(kouho, "select distinct atena_no from pension.atena") == [(kit.no(1),)]


def test_人の保全はその候補も残す(kouho: Site) -> None:
    held(kouho, atena_no=kit.no(1))
    assert going(kouho, "A2") == (1, 1)


def test_承認された一覧になければ_専用の役割にも消せない(kouho: Site) -> None:
    """The code bypassed: a list of its own making, and a list that names somebody who is needed."""
    run_id = asked(kouho, "A2")
    with psycopg.connect(kouho.url_of("retire"), autocommit=True) as retiring:
        for statement in (
            "delete from pension.atena",
            "truncate pension.atena",
            "delete from vault.kojin_no",
            "select pension.kesu(array['000000000000001'])",
            "select ledger.shoukyo_gone(1, array[1, 2])",
            "update ledger.retirement_item set begun_at = now()",
            "update ledger.object set key_gone_at = now()",
        ):
            with pytest.raises(psycopg.errors.Error) as refused:
                retiring.execute(statement)
            assert refused.value.sqlstate in ("42501", "KN042"), statement
    kit.approve_all(kouho, "shoukyo")
    owner(kouho, "update pension.kouho set until_on = '2999-01-01'")
    (done,) = jobs.step(kouho, run_id, "shred").done  # type: ignore[union-attr]
    assert (done.gone, done.changed + done.needed) == (0, 2)
    assert kit.query(kouho, "select count(*) from pension.atena") == [(2,)]


def test_区分Aの申請はデータベースが拒む(site: Site) -> None:
    run = kept.run_of(site)
    row = {
        "run_id": run.run_id,
        "class": "A",
        "as_of": TODAY,
        "policy": "",
        "list_hash": "",
        "items": 1,
        "bytes": 0,
        "approval_id": 1,
    }
    with pytest.raises(Exception, match="retirement_class_check"):
        kept.insert(site, "ledger.retirement", row)


# ---- 期限消去 -------------------------------------------------------------------------------------------------------------


def test_隔離した行の暗号文だけが_期限で消える(site: Site) -> None:
    file = {"run_id": kept.ended_run(site), "dataset": "juki_idou", "stream": "", "bytes": 1, "outcome": "refused"}
    for n, day in enumerate((TODAY - timedelta(days=91), TODAY - timedelta(days=90)), 1):
        kept.insert(
            site, "ledger.file", {**file, "name": f"f{n}", "sha256": f"{n}", "business_on": day, "received_at": f"{day} 12:00+09"}
        )
    owner(site, "insert into ledger.quarantine select file_id, 1, '{idou_on}', '{not_a_day}', 'x', 'row-01' from ledger.file")
    assert next(line for line in retire.plan(site, TODAY) if "隔離" in line.title).count == 1
    made = kit.run(site, "retire_monthly", f"{TODAY:%Y-%m}")
    assert made["error"] is None and made["expired"] == 1
    assert kit.query(site, "select line, fields, row_cipher is null, key_id is null from ledger.quarantine order by file_id") == [
        (1, ["idou_on"], True, True), (1, ["idou_on"], False, False),
    ]  # fmt: skip


def test_書きかけと業務記録は期限で消え_報告に載る(site: Site) -> None:
    half = site.home / "outbox" / ".x.1.part"
    log = site.home / "airflow" / "logs" / "dag_id=x" / "attempt=1.log"
    for path, days in ((half, 8), (log, 401)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        kept.aged(path, TODAY - timedelta(days=days))
        os.utime(path)
    assert kit.run(site, "retire_monthly", f"{TODAY:%Y-%m}")["expired"] == 0 and half.exists() and log.exists()
    for path, days in ((half, 8), (log, 401)):
        kept.aged(path, TODAY - timedelta(days=days))
    made = kit.run(site, "retire_monthly", f"{TODAY:%Y-%m}")
    assert made["expired"] == 2 and not half.exists() and not log.exists()
    assert sorted(p.suffix for p in (site.home / "outbox" / "shoukyo").rglob("保存期間の管理の報告*")) == [
        ".pdf",
        ".pdf",
        ".xlsx",
        ".xlsx",
    ]
