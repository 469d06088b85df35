"""The sample city through the real scheduler, twice; approvals, backfills, and what happens when somebody pulls a plug."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import psycopg
import pytest

from etl import approve
from etl.core.codec.encode import end_file
from etl.core.mapping.city import ZONE
from etl.platform import logins, postgres
from etl.result import result as result_of
from etl.run import get
from etl.shokuin import proof
from tests.dags.office import BY_COMMAND, DAYS, EXPECTED, ROOT, SAMPLES, Office, join

COUNTS = ("data", "new", "updated", "unchanged", "quarantined", "out_of_scope")
pytestmark = pytest.mark.timeout(900)


def files(city: Office, dag: str, day: str, which: int = 0) -> list[dict]:
    run_id = city.commanded.get((dag, day)) or city.kokunen_run(dag, city.runs[dag, day][which])
    return result_of(city.site, run_id)["files"]


def test_見本の市の件数が期待どおり(city: Office) -> None:
    for day in EXPECTED["days"]:
        period = day["business_day"]
        dags = (["ikou_once"] if period == DAYS[0] else []) + ["uketsuke_daily", "juki_daily"]
        dags += ["shotoku_kaitou_daily"] if period == DAYS[2] else []
        found = [{"name": f["name"], **{c: f["counts"][c] for c in COUNTS}} for dag in dags for f in files(city, dag, period)]
        assert found == [f for f in day["files"] if not f["name"].startswith(("SHOTOKKT_141305_20250929", "KIKOUKEKKA"))]


def test_承認待ちは翌日の取込を止めない(city: Office) -> None:
    """Several nights wait at the same time; the runs that proposed are done and green."""
    nights = [city.runs["juki_daily", d][0] for d in DAYS if d not in BY_COMMAND]
    asked = [a for run in nights if (a := city.operator.asked("juki_daily", run))]
    assert [city.operator.tasks("shounin", a)["approval"] for a in asked].count("awaiting_input") > 1
    assert {city.operator.run("juki_daily", run)["state"] for run in nights} == {"success"}


def test_承認の工程を成功にしても何も通らない(city: Office) -> None:
    day = DAYS[1]
    run = city.runs["juki_daily", day][0]
    run_id = city.kokunen_run("juki_daily", run)
    before, asked = approve.pending(city.site, "idou", run_id), city.operator.asked("juki_daily", run)
    assert before and asked and city.mark("shounin", asked, "approval", "success")[0] == 200
    assert city.operator.wait("shounin", asked) == "failed"
    tasks = city.operator.tasks("shounin", asked)
    assert (tasks["decide"], tasks["require"]) == ("success", "failed")
    assert "[NP-2033]" in city.log("shounin", asked, "require")
    assert approve.pending(city.site, "idou", run_id) == before
    assert city.operator.run("juki_daily", run)["state"] == "success", "the run that proposed keeps its colour"


def test_起案者は自分の起案を承認できず_別の職員の決裁は画面の外でも数える(city: Office) -> None:
    run = city.runs["juki_daily", DAYS[1]][0]
    run_id = city.kokunen_run("juki_daily", run)
    with pytest.raises(Exception, match="NP-1083"):  # no 承認者
        approve.decide(city.site, "idou", None, "sousa01", run_id=run_id)
    join(city.site, "ryouhou02", "操作者", "承認者")
    for starter in ("ryouhou02", "sousa01"):
        with psycopg.connect(postgres.urls(city.home)["owner"]) as owner:
            owner.execute("update ledger.run set user_name = %s where run_id = %s", (starter, run_id))
        if starter == "ryouhou02":  # an 承認者 who started the run himself
            with pytest.raises(Exception, match="NP-2030"):
                approve.decide(city.site, "idou", None, starter, run_id=run_id)
    assert approve.decide(city.site, "idou", None, "shounin01", run_id=run_id)["approved"] > 0
    asked = city.operator.asked("juki_daily", run)
    assert asked
    city.clear("shounin", asked, "require")
    assert city.operator.wait("shounin", asked) == "success"


def test_月次ファイルが見本と一バイトも違わない(city: Office) -> None:
    for day in DAYS:
        if day in BY_COMMAND:
            approve.decide(city.site, "idou", None, "shounin01", run_id=city.commanded["juki_daily", day])
        else:
            assert day == DAYS[1] or city.approve("juki_daily", city.runs["juki_daily", day][0]) == "success"
    assert approve.pending(city.site, "idou") == []
    first = city.start("kokuho_monthly", "2025-09")  # on the last day of the month: the month is not over
    assert city.approve("kokuho_monthly", first) == "success"
    assert monthly_files(city) == {p.name: p.read_bytes() for p in (SAMPLES / "kokuho_202509").glob("*.dat")}


def monthly_files(city: Office) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in city.site.outbox.glob("kokuho_*/2025-09/*.dat")}


def test_二度流しても同じ(city: Office) -> None:
    before = {p: p.read_bytes() for p in city.site.outbox.rglob("*") if p.is_file() and p.suffix in (".dat", ".end", ".zip")}
    city.bring(DAYS[0])  # its files come again: what was taken in has left the inbox
    assert city.run("ikou_once", DAYS[0]) == "success"
    for day in (DAYS[0], DAYS[-1]):  # every day of them: tests/journeys/test_sample_city.py
        city.bring(day)
        started = {dag: city.start(dag, day) for dag in ("uketsuke_daily", "juki_daily", "juki_shoukai_daily")}
        assert {city.operator.wait(dag, run) for dag, run in started.items()} == {"success"}
        assert {f["outcome"] for dag in ("uketsuke_daily", "juki_daily") for f in files(city, dag, day, -1)} == {"duplicate"}
    assert city.run("kokuho_monthly", "2025-09") == "success"
    assert {
        p: p.read_bytes() for p in city.site.outbox.rglob("*") if p.is_file() and p.suffix in (".dat", ".end", ".zip")
    } == before


def test_バックフィルは前の実行を残して新しい実行を足す(city: Office) -> None:
    before = runs_of(city, "kokuho_monthly")
    body = {
        "dag_id": "kokuho_monthly",
        "from_date": "2025-09-01T00:00:00Z",
        "to_date": "2025-09-30T00:00:00Z",
        "reprocess_behavior": "completed",
    }
    city.operator.post("/backfills", {**body, "dag_run_conf": {"reason": "バックフィルの試験"}})
    added = set(runs_of(city, "kokuho_monthly")) - set(before)
    assert len(added) == 1 and set(before) < set(runs_of(city, "kokuho_monthly"))
    run = added.pop()
    assert city.operator.wait("kokuho_monthly", run) == "success"
    found = city.operator.run("kokuho_monthly", run)
    assert (found["partition_key"], found["run_type"], found["triggering_user_name"]) == ("2025-09", "backfill", "sousa01")
    assert {r: s for r, s in runs_of(city, "kokuho_monthly").items() if r in before} == before


def backfill(city: Office, dag: str, first: str, last: str) -> list[dict]:
    """As the page calls it: two days chosen in Japan (sent as moments), no box ticked. Returns the runs that were added."""
    moment = "%Y-%m-%dT%H:%M:%S.000Z"
    begin = datetime.fromisoformat(first).replace(tzinfo=ZONE).astimezone(UTC)
    end = (datetime.fromisoformat(last) + timedelta(days=1, seconds=-1)).replace(tzinfo=ZONE).astimezone(UTC)
    body = {
        "dag_id": dag, "dag_run_conf": None, "from_date": begin.strftime(moment), "max_active_runs": 1, "reprocess_behavior": "completed",
        "run_backwards": False, "run_on_latest_version": None, "to_date": end.strftime(moment),
    }  # fmt: skip
    open_ones = "select count(*) from backfill where dag_id = %s and completed_at is null"
    with psycopg.connect(postgres.urls(city.home)["airflow"], autocommit=True) as airflow:
        while airflow.execute(open_ones, (dag,)).fetchone() != (0,):
            time.sleep(0.2)  # one at a time for each job; the scheduler closes the last one a moment after its runs
    before = set(runs_of(city, dag))
    dry = city.operator.post("/backfills/dry_run", body)
    city.operator.post("/backfills", body)
    added = [city.operator.run(dag, r) for r in set(runs_of(city, dag)) - before]
    assert len(added) == dry["total_entries"]
    return sorted(added, key=lambda r: r["partition_key"])


def test_画面のバックフィルは二つの日付だけで動き_選んだ日になる(city: Office) -> None:
    added = backfill(city, "uketsuke_daily", DAYS[1], DAYS[2])
    assert [r["partition_key"] for r in added] == DAYS[1:3]
    for run in added:
        assert city.operator.wait("uketsuke_daily", run["dag_run_id"]) == "success"
        own = get(city.site, city.kokunen_run("uketsuke_daily", run["dag_run_id"]))
        assert (own.user_name, own.period, own.reason) == ("sousa01", run["partition_key"], "バックフィル（指示 sousa01）")


def test_月のバックフィルも月の初日から末日(city: Office) -> None:
    (run,) = backfill(city, "kokuho_monthly", "2025-09-01", "2025-09-30")
    assert run["partition_key"] == "2025-09" and city.operator.wait("kokuho_monthly", run["dag_run_id"]) == "success"


def test_命令行のバックフィルも新しい実行を足す(city: Office) -> None:
    before = set(runs_of(city, "juki_shoukai_daily"))
    token = proof.log_in(city.site, "sousa01", city.operator.password)[0]
    done = subprocess.run(
        [sys.executable, "-m", "etl.cli", "airflow", "backfill", "create", "--dag-id", "juki_shoukai_daily", "--from-date", DAYS[-1],
         "--to-date", "2025-10-01", "--reprocess-behavior", "completed", "--dag-run-conf", json.dumps({"reason": "命令行から"})],
        env={**os.environ, "KOKUNEN_HOME": str(city.home), "KOKUNEN_TOKEN": token, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
    added = set(runs_of(city, "juki_shoukai_daily")) - before
    assert len(added) == 1 and city.operator.wait("juki_shoukai_daily", run := added.pop()) == "success"
    assert get(city.site, city.kokunen_run("juki_shoukai_daily", run)).user_name == "sousa01", "whoever proved to be typing"


def runs_of(city: Office, dag: str) -> dict[str, str]:
    return {r["dag_run_id"]: r["conf"] for r in city.operator.get(f"/dags/{dag}/dagRuns?limit=100")["dag_runs"]}


def test_処理結果は画面の承認で登録され_移転済みの月に訂正版が起案される(city: Office) -> None:
    run = city.runs["kikou_kekka", DAYS[-1]][0]
    result = result_of(city.site, city.kokunen_run("kikou_kekka", run))
    assert {k: n for k, n in result["outcomes"].items() if k not in ("not_sent", "waiting")} == EXPECTED["days"][-1][
        "result_outcomes"
    ]
    assert result["proposals"] > 0 and city.approve("kikou_kekka", run) == "success"
    assert approve.pending(city.site, "kikou_kekka") == []
    monthly = city.start("kokuho_monthly", "2025-09", "処理結果の登録")
    assert city.approve("kokuho_monthly", monthly) == "success"
    made = result_of(city.site, city.kokunen_run("kokuho_monthly", monthly))["outputs"]
    assert {o["version"] for o in made} == {2}


def test_処理事由のない手動の実行は断られ_記録に番号と直し方が出る(city: Office) -> None:
    run = city.start("juki_shoukai_daily", DAYS[0], None)
    assert city.operator.wait("juki_shoukai_daily", run) == "failed"
    log = city.log("juki_shoukai_daily", run, "start")
    assert "[NP-1003]" in log and "手順書" in log


def test_拒否されたファイルがあれば処理結果表を作って赤くなる(city: Office) -> None:
    day = "2025-10-01"
    good = next((SAMPLES / "inbox" / "uketsuke").glob("*_20250930_*.csv"))
    name = good.name.replace("20250930_000006", "20251001_000007")
    (city.site.inbox / "uketsuke" / name).write_bytes(good.read_bytes())
    (city.site.inbox / "uketsuke" / f"{name}.end").write_text('{"file": "x"}')
    assert city.run("uketsuke_daily", day) == "failed"
    run = city.runs["uketsuke_daily", day][0]
    assert city.operator.tasks("uketsuke_daily", run)["report"] == "failed"
    assert "[NP-2001]" in city.log("uketsuke_daily", run, "report")
    assert list((city.site.outbox / "shori_kekka" / day).glob("*.txt"))
    city.clear("uketsuke_daily", run, "report")
    assert city.operator.wait("uketsuke_daily", run) == "failed", "nothing has been mended"
    data = good.read_bytes()
    (city.site.inbox / "uketsuke" / f"{name}.end").write_bytes(end_file(name, data, data.count(b"\r\n") - 1))
    city.clear("uketsuke_daily", run, "report")
    assert city.operator.wait("uketsuke_daily", run) == "success", "clearing looks at the file again"


def test_承認を待つものがあっても拒否されたファイルは赤い(city: Office) -> None:
    """A 訂正 waits for a second person, a broken file beside it is refused: red at once, and the question is put all the same."""
    day = "2025-10-02"
    good = next((SAMPLES / "inbox" / "uketsuke").glob("*_20250930_*.csv"))
    place = city.site.inbox / "uketsuke"
    data = b"".join(good.read_bytes().splitlines(keepends=True)[:-1])
    mended = good.name.replace("000006_01", "000006_02")
    broken = re.sub(r"_\d{8}_\d+_", "_20251002_000009_", good.name)
    for name in (mended, broken):
        (place / name).write_bytes(data)
    (place / f"{broken}.end").write_text('{"file": "x"}')
    (place / f"{mended}.end").write_bytes(end_file(mended, data, data.count(b"\r\n") - 1))
    run = city.start("uketsuke_daily", day)
    assert city.operator.wait("uketsuke_daily", run, seconds=60) == "failed"
    asked = city.operator.asked("uketsuke_daily", run)
    assert asked and city.operator.wait("shounin", asked, task="approval", states=("awaiting_input",)) == "awaiting_input"


def test_F05_データベースを_kill_9_しても立ち直る(city: Office) -> None:
    run = city.start("juki_daily", DAYS[-1])
    city.operator.wait("juki_daily", run, task="load", states=("running", "success"))
    postmaster = int((city.home / "pg" / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    assert city.operator.wait("juki_daily", run, seconds=180) == "success"
    assert postgres.running(city.home)
    assert city.healthy()


def test_スケジューラーを_kill_9_しても立ち直り_孤児を残さない(city: Office) -> None:
    old = city.pid("scheduler")
    run = city.start("juki_daily", DAYS[-1])
    os.kill(old, signal.SIGKILL)
    assert city.operator.wait("juki_daily", run, seconds=180) == "success"
    assert city.pid("scheduler") != old
    assert not in_session(old)


def in_session(leader: int) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except (OSError, psutil.Error):
            continue
    return found


def test_個人番号と氏名は_Airflow_のどこにもない(city: Office) -> None:
    secrets = personal()
    with psycopg.connect(postgres.urls(city.home)["airflow"]) as connection:
        columns = connection.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'public' "
            "and data_type in ('text', 'character varying', 'json', 'jsonb', 'bytea')"
        ).fetchall()
        for table, column in columns:
            text = connection.execute(f'select string_agg("{column}"::text, chr(10)) from "{table}"').fetchone()[0] or ""
            assert not [1 for s in secrets if s in text], f"{table}.{column}"
    for path in (city.home / "airflow").rglob("*"):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "replace")
            assert not [1 for s in secrets if s in text], path.name


def personal() -> set[str]:
    """個人番号, 氏名 and 住所 of the sample's register."""
    from etl.core.codec.decode import Decoder
    from etl.core.mapping.layout import layouts
    from etl.edge.inbox import open_fixed

    layout, found = layouts()["juki_idou"], set()
    decoder = Decoder(layout.data)
    for path in (SAMPLES / "inbox" / "juki_idou").glob("*.dat"):
        with open_fixed(path, layout) as opened:
            batches = [decoder.decode(block) for _, block in opened.blocks(16384)]
        for batch in batches:
            for name in ("kojin_no", "name", "address"):
                found |= {v for v in batch.column(batch.schema.names.index(name)).to_pylist() if v and len(v) > 3}
    assert len(found) > 500
    return found


def test_部品はどれも業務データベースの接続先を知らない(city: Office) -> None:
    words = [logins.read(city.home / "keys", role) for role in ("kokunen_app", "kokunen_owner", "admin")]
    for component in ("scheduler", "dag-processor", "api-server"):
        environment = Path(f"/proc/{city.pid(component)}/environ").read_bytes().decode()
        assert not [w for w in words if w in environment], component


def test_鍵と記録は本人しか読めない(city: Office) -> None:
    for path in [
        *(city.home / "keys").glob("*"),
        *(city.home / "airflow").glob("*.log"),
        *(city.home / "airflow" / "logs").rglob("*.log"),
    ]:
        if path.is_file():
            assert path.stat().st_mode & 0o077 == 0, path


def test_Ctrl_C_の後に何も残らない(city: Office) -> None:
    leaders = {city.pid(c) for c in ("scheduler", "dag-processor", "api-server")}
    city.site.engine.dispose()
    city.process.send_signal(signal.SIGINT)
    city.process.wait(60)
    time.sleep(0.5)
    assert not [p for leader in leaders for p in in_session(leader)]
    assert not postgres.running(city.home)
