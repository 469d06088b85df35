"""要対応項目: the questions that Airflow's page puts before a second person, as its own database knows them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from etl.core.errors import Unavailable
from etl.edge.db import guarded
from etl.platform import airflow, postgres

ASKED = """
select r.run_id, r.conf, coalesce(t.state = 'awaiting_input', false), coalesce(x.value, '{}')
from dag_run r
left join task_instance t on t.dag_id = r.dag_id and t.run_id = r.run_id and t.task_id = 'approval'
left join xcom x on x.dag_id = r.dag_id and x.run_id = r.run_id and x.task_id = 'approval' and x.key = 'shown'
where r.dag_id = 'shounin' and r.run_type = 'operator_triggered' and (t.state = 'awaiting_input' or r.conf ->> 'run_id' = any(%s))
"""
#: as if its time were over: the scheduler takes the task up again, and the task looks at what waits (``kessai.SecondPerson``). What the page
#: showed goes now: a task that asks again words nothing anew, and nobody shall decide what was decided
AGAIN = """
with again as (
    update task_instance set trigger_timeout = now()
    where dag_id = 'shounin' and task_id = 'approval' and state = 'awaiting_input' and trigger_timeout > now() and run_id = any(%s)
    returning id
)
delete from hitl_detail using again where ti_id = again.id
"""


@dataclass(frozen=True)
class Question:
    """A run of ``shounin``: its name, what it was handed (run_id of our ledger, kinds, title), what its page shows (kind -> ids)."""

    name: str
    conf: dict[str, Any]
    open: bool = False
    shown: dict[str, list[int]] = field(default_factory=dict)


def questions(home: Path, run_ids: Sequence[str]) -> list[Question]:
    """Those that are open, and those about these runs of ours however they stand."""
    with guarded(), psycopg.connect(postgres.urls(home)["airflow"]) as connection:
        return [Question(*row) for row in connection.execute(ASKED, [list(run_ids)]).fetchall()]


def look_again(home: Path, names: Sequence[str]) -> None:
    if names:
        with guarded(), psycopg.connect(postgres.urls(home)["airflow"]) as connection:
            connection.execute(AGAIN, [list(names)])


def ask(home: Path, fresh: Sequence[Question]) -> None:
    """New runs of ``shounin``. Unavailable NP-9001 when Airflow does not take them (log in ``airflow/ask.log``)."""
    log = airflow.folder(home) / "ask.log"
    with airflow.private(log) as out:
        done = subprocess.run(
            [sys.executable, airflow.DAGS / "ask.py"], input=json.dumps([asdict(q) for q in fresh]).encode(),
            env=airflow.environment(home), stdout=out, stderr=out, cwd=airflow.folder(home),
        )  # fmt: skip
    if done.returncode:
        raise Unavailable("NP-9001", item="shounin", log=str(log))
