"""Airflow の整理: its own command takes old rows out of its database, and the tables in which it keeps what it took, too.

``airflow db clean`` asks a question unless it is told ``-y``, swallows what fails unless told otherwise, and leaves what it deletes in
tables of its own (``_airflow_deleted__*``) when it is killed. Cleaning runs takes their approvals of the page along (``hitl_detail``): ours
are in ``ledger.approval``.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import psycopg

from etl.core.errors import Unavailable
from etl.edge import atomic
from etl.edge.db import guarded
from etl.platform import airflow, postgres

#: table -> the column by which it is old; ``dag_run`` takes task instances, their history and their rendered fields along
WORK = {
    "xcom": "timestamp", "job": "latest_heartbeat", "import_error": "timestamp", "task_reschedule": "start_date", "session": "expiry",
    "revoked_token": "exp", "asset_event": "timestamp",
}  # fmt: skip
RUNS = {"dag_run": "start_date"}
LOG = {"log": "dttm"}
LEFT_BEHIND = "_airflow_deleted__"


def prepared(home: Path) -> bool:
    """Whether there is an Airflow at all: an installation may go by commands alone."""
    return (airflow.folder(home) / "began").exists()


def due(home: Path, before: datetime, tables: dict[str, str]) -> dict[str, int]:
    """table -> how many of its rows are older; those of which none is are not named. Unavailable NP-1020."""
    found = {}
    with guarded(), psycopg.connect(postgres.url(home, "kokunen_airflow")) as connection:
        for table, column in tables.items():
            statement = psycopg.sql.SQL("select count(*) from {} where {} < %s").format(
                psycopg.sql.Identifier(table), psycopg.sql.Identifier(column)
            )
            row = connection.execute(statement, (before,)).fetchone()
            if row and row[0]:
                found[table] = row[0]
    return found


def left_behind(home: Path) -> list[str]:
    """Tables in which deleted rows still lie. Unavailable NP-1020."""
    with guarded(), psycopg.connect(postgres.url(home, "kokunen_airflow")) as connection:
        rows = connection.execute("select tablename from pg_tables where starts_with(tablename, %s) order by 1", (LEFT_BEHIND,))
        return [name for (name,) in rows]


def export_log(home: Path, before: datetime, path: Path) -> int:
    """Airflow's log of who did what, up to this moment, as CSV (mode 600); how many lines. Unavailable NP-1020, NP-1026."""

    def write(out: BinaryIO) -> None:
        statement = psycopg.sql.SQL("copy (select * from log where dttm < {} order by id) to stdout (format csv, header)")
        with psycopg.connect(postgres.url(home, "kokunen_airflow")) as connection, connection.cursor() as cursor:
            with cursor.copy(statement.format(psycopg.sql.Literal(before))) as copy:
                for chunk in copy:
                    out.write(chunk)
            counts.append(cursor.rowcount)

    counts: list[int] = []
    with guarded():
        atomic.write(path, write, mode=0o600)
    return counts[0]


def clean(home: Path, before: datetime, tables: Sequence[str]) -> None:
    """Delete what is older from these tables. Unavailable NP-3233 (log in ``airflow/clean.log``)."""
    words = ["db", "clean", "--clean-before-timestamp", before.isoformat(), "-t", ",".join(tables), "-y", "--skip-archive"]
    _airflow(home, [*words, "--error-on-cleanup-failure"])


def drop_left_behind(home: Path) -> None:
    """And what earlier cleanings have kept of it. Unavailable NP-3233."""
    _airflow(home, ["db", "drop-archived", "-y"])


def _airflow(home: Path, words: Sequence[str]) -> None:
    log = airflow.folder(home) / "clean.log"
    with airflow.private(log) as out:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *words], env=airflow.environment(home), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            cwd=airflow.folder(home), check=False,
        )  # fmt: skip
    if done.returncode:
        raise Unavailable("NP-3233", item=words[1], log=str(log))
