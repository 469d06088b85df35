"""Airflow の整理: old rows go by Airflow's own command from its real database, with the tables in which it keeps them; its log only into the archive."""

from __future__ import annotations

import csv
import io

import psycopg

from etl import jobs
from etl import run as runs
from etl.hokan import store
from etl.platform import clean, postgres
from etl.retire import kiban
from tests.dags.office import Office

OLD = "now() - interval '500 days'"


def test_古い行と残った控えの表が消え_操作の記録は保管庫へ移ってから消える(office: Office) -> None:
    site = office.site
    with psycopg.connect(postgres.url(office.home, "kokunen_airflow"), autocommit=True) as airflow:
        airflow.execute(f"insert into log (dttm, event) values ({OLD}, 'old'), (now(), 'young')")
        airflow.execute(f"insert into import_error (timestamp, filename) values ({OLD}, 'old')")
        airflow.execute(f"create table {clean.LEFT_BEHIND}xcom__20250101 as select 1 as a")
        runs_before = airflow.execute("select count(*) from dag_run").fetchone()
        run = runs.get(site, jobs.start(site, "retire_monthly", f"{site.today:%Y-%m}", "sousa01", "試験"))
        told = {due.title: due.count for due in kiban.due(site, run.day) if due.count}
        gone = {g.title: (g.count, g.note) for g in kiban.clean(site, run)}
        assert {title: count for title, (count, _) in gone.items()} == told
        assert gone == {"Airflow の作業用の行（XCom など）": (1, ""), kiban.TABLES["log"][1]: (1, "")}
        assert airflow.execute("select count(*) from import_error").fetchone() == (0,)
        assert airflow.execute("select array_agg(event) from log where event in ('old', 'young')").fetchone() == (["young"],)
        assert airflow.execute("select count(*) from dag_run").fetchone() == runs_before and clean.left_behind(office.home) == []
    with site.session() as session:
        from sqlalchemy import text

        row = dict(session.connection.execute(text("select * from ledger.object where dataset = 'airflow_log'")).mappings().one())
    assert row["class"] == "B" and row["cleared_at"] and not (office.home / row["origin"]).exists()
    copy = office.home / "copy.csv"
    store.open_sealed(site, row, copy)
    assert [line["event"] for line in csv.DictReader(io.StringIO(copy.read_text(encoding="utf-8")))] == ["old"]
    assert list(kiban.clean(site, run)) == []


def test_保存期間の管理は画面から動き_消すものがなければ緑で終わる(office: Office) -> None:
    run = office.start("retire_monthly", "2025-09")
    assert office.operator.wait("retire_monthly", run) == "success"
    assert {"expire", "retire", "shred", "lists", "report"} <= {
        t for t, s in office.operator.tasks("retire_monthly", run).items() if s == "success"
    }
