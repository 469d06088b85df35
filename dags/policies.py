"""Common to every DAG here: when it may run, when it tries again, how a step is run and how a second person is asked.

A DAG lists the steps of its job in order; ``etl.jobs`` knows what each step does. Tasks pass on nothing but the run's id and
counts. Our own tables decide, never Airflow's: a task marked "success" by hand lets nothing through.
"""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import ExceptionRetryPolicy, Param, RetryAction, RetryRule, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from etl.core.errors import DefinitionError, KokunenError, Refused, Unavailable
from etl.core.law.eigyoubi import last_business_day
from etl.core.mapping.city import ZONE
from partitions import Partitions

if TYPE_CHECKING:
    from etl.core.mapping.registry import Step

log = logging.getLogger(__name__)

RETRY_DELAY = timedelta(seconds=float(os.environ.get("KOKUNEN_RETRY_SECONDS", "60")))

#: only ``Unavailable`` is worth another try; every other error is the same the next time
RETRY = ExceptionRetryPolicy(
    rules=[RetryRule(exception=Unavailable, action=RetryAction.RETRY, retry_delay=RETRY_DELAY)], default=RetryAction.FAIL
)


def reason() -> Param:
    """処理事由: needed for every run that a person starts; no 12 digits, which might be a 個人番号."""
    return Param(
        None, type=["null", "string"], maxLength=200, title="処理事由",
        description="人が始める実行には必ず書く。12桁の数字は書けない。",
    )  # fmt: skip


def period(unit: Literal["day", "month"]) -> Param:
    """対象期間: what every run is about. A run of the clock or of a backfill has it already."""
    today = datetime.now(ZONE).date()
    if unit == "day":
        shape = {"format": "date", "pattern": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"}
        return Param(
            last_business_day(today).isoformat(), type="string", title="対象期間", description="業務日（YYYY-MM-DD）。", **shape
        )
    shape = {"pattern": r"^\d{4}-(0[1-9]|1[0-2])$"}
    before = today.replace(day=1) - timedelta(days=1)
    return Param(f"{before:%Y-%m}", type="string", title="対象期間", description="対象年月（YYYY-MM）。", **shape)


def as_known_at() -> Param:
    """基準時刻: makes an earlier state again."""
    return Param(
        None,
        type=["null", "string"],
        format="date-time",
        title="基準時刻",
        description="その時点で分かっていた状態で作り直すとき（再現）だけ書く。",
    )


#: arguments of every DAG; there is no ``start_date``: with one, a run that names an earlier 論理日付 ends green without a task
DEFAULTS: dict[str, Any] = {
    "catchup": False,
    "max_active_runs": 100,
    "default_args": {"owner": "国民年金・福祉医療課", "retries": 5, "retry_delay": RETRY_DELAY, "retry_policy": RETRY},
    "tags": ["国民年金"],
}


def daily(cron: str, before: int = 0) -> Partitions:
    """One run per business day, keyed YYYY-MM-DD in the time of the city (``before=1``: the day of the tick before, in the morning after it);
    nothing is made up for ticks that are past."""
    return Partitions(cron, timezone=ZONE.key, key_format="%Y-%m-%d", run_offset=-before, run_immediately=timedelta(0))


def monthly(cron: str) -> Partitions:
    """One run per month, keyed YYYY-MM: the month before the tick."""
    return Partitions(cron, timezone=ZONE.key, key_format="%Y-%m", run_offset=-1, run_immediately=timedelta(0))


@contextmanager
def told() -> Iterator[None]:
    """An error in the log: code, sentence, remedy, never a value. An unknown error is named by its type only (NP-1099)."""
    try:
        yield
        return
    except KokunenError as known:
        error = known
    except Exception as unknown:
        place = traceback.extract_tb(unknown.__traceback__)[-1]
        error = DefinitionError("NP-1099", item=f"{type(unknown).__name__} {Path(place.filename).name}:{place.lineno}")
    log.error("%s", error)
    log.error("→ %s（docs/手順書.md 11章 %s）", error.remedy, error.code)
    raise error.with_traceback(None) from None  # its causes may hold values


def _run_id() -> str:
    run_id: str | None = get_current_context()["ti"].xcom_pull(task_ids="start")
    if not run_id:  # the first task was marked "success" by hand
        raise Refused("NP-1006")
    return run_id


def _period(run: Any, said: str | None) -> str:
    """The key of the run (the clock, a backfill), else 対象期間 as it was written. Refused NP-1005: neither, or two that differ."""
    key = run.partition_key
    if run.run_type in ("scheduled", "backfill"):  # a page that overrides the parameters sends the default of the form along
        return key or ""
    if key and said and key != said:
        raise Refused("NP-1005", item=key[:10])
    return key or said or ""


def start() -> XComArg:
    """The run's row in our ledger (once per Airflow run, so a cleared task continues it), in the name of whoever ordered it: the clock, or
    somebody of the register. Refused NP-1003 without a 処理事由, NP-9007 when somebody started it who did not say who he is."""

    @task(task_id="start", task_display_name="開始", show_return_value_in_logs=False)
    def begin() -> str:
        from etl import jobs
        from etl.core.mapping import registry
        from etl.rights import SERVICE
        from etl.site import open_site

        context = get_current_context()
        run, params = context["dag_run"], context["params"]
        user = SERVICE if run.run_type == "scheduled" else (run.triggering_user_name or "")
        said = (params.get("reason") or "").strip() or None
        if run.run_type == "backfill":  # the page sends what was written there only when its box is ticked
            said = said or f"バックフィル（指示 {user}）"
        known_at = params.get("as_known_at")
        with told():
            if run.run_type != "scheduled" and user in ("", SERVICE):
                raise Refused("NP-9007")
            if run.run_type != "scheduled" and not said:
                raise Refused("NP-1003")
            made_on = None
            if run.run_type == "scheduled" and registry.jobs()[run.dag_id].period == "month":
                made_on = run.run_after.astimezone(ZONE).date()  # the day of the tick: a file is made when the clock starts it
            return jobs.start(
                open_site(), run.dag_id, _period(run, (run.conf or {}).get("period")), user, said,
                as_known_at=datetime.fromisoformat(known_at) if known_at else None, run_key=f"{run.dag_id}/{run.run_id}",
                business_on=made_on,
            )  # fmt: skip

    return begin()


def step(name: Step, title: str, **settings: Any) -> XComArg:
    """One step of the job; its receipt in XCom is counts, names and hashes."""

    @task(task_id=name, task_display_name=title, show_return_value_in_logs=False, **settings)
    def run_step() -> dict[str, Any]:
        from etl import jobs
        from etl.core.receipts import for_airflow
        from etl.site import open_site

        with told():
            return for_airflow(jobs.step(open_site(), _run_id(), name))

    return run_step()


def fixed_and_approved() -> XComArg:
    """Waits, without a worker, as long as a report that the run opened is looked through or waits for another person. Our own table decides; of what
    was not approved no medium is made, whatever this is marked as."""

    @task.sensor(
        task_id="window",
        task_display_name="確定・承認待ち",
        mode="reschedule",
        poke_interval=RETRY_DELAY.total_seconds(),
        timeout=timedelta(days=60).total_seconds(),
    )
    def window() -> bool:
        from etl import jobs
        from etl.site import open_site

        with told():
            return not jobs.waits(open_site(), _run_id())

    return window()


class Asked(TriggerDagRunOperator):
    """Puts what waits for a second person before one: a run of ``shounin``, which may wait as long as it likes."""

    def __init__(self, *, kinds: tuple[str, ...], **settings: Any):
        # a cleared task asks again in the same run; there is nothing to wait for here
        super().__init__(
            trigger_dag_id="shounin", logical_date=None, reset_dag_run=True, openlineage_inject_parent_info=False, **settings
        )
        self.kinds = kinds

    def execute(self, context: Any) -> None:
        from etl import approve, asking
        from etl import run as runs
        from etl.site import open_site

        run_id = context["ti"].xcom_pull(task_ids="start")
        if not run_id:
            raise AirflowSkipException("始まらなかった実行です")
        with told():
            waiting = any(approve.pending(open_site(), kind, run_id) for kind in self.kinds)
            run = runs.get(open_site(), run_id)
        if not waiting:
            raise AirflowSkipException("承認を待つものはありません")
        asked = asking.question(run.job, run.period, run_id, self.kinds)
        self.trigger_run_id, self.conf = asked.name, asked.conf
        super().execute(context)


def approval(report: XComArg, *kinds: str) -> None:
    """The end of a run. What it let wait is put before a second person, however it ended; the run itself waits for nobody, and is
    as red as its report. The decision is the business of ``shounin``: our own table counts, never Airflow's."""
    ask = Asked(task_id="approval", task_display_name="承認の依頼", kinds=kinds, trigger_rule="all_done")

    @task(task_id="end", task_display_name="終了", trigger_rule="none_failed")
    def end() -> None:
        """As green as everything before it."""

    ended = end()
    report >> ask >> ended
    report >> ended
