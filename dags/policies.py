"""Common to every DAG here: when it may run, when it tries again, how a step is run and how a second person decides.

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
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import (
    CronPartitionTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    TaskGroup,
    XComArg,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowSkipException

from etl.core.errors import DefinitionError, KokunenError, Refused, Unavailable
from etl.core.mapping.city import ZONE
from etl.core.states import Decision, RunState

if TYPE_CHECKING:
    from etl.core.mapping.registry import Step

log = logging.getLogger(__name__)

RETRY_DELAY = timedelta(seconds=float(os.environ.get("KOKUNEN_RETRY_SECONDS", "60")))
APPROVE, REJECT = "承認する", "否認する"
SHOWN = 300  # lines of the approval page
WAIT = timedelta(days=30)  # as long as a proposal is good for

#: only ``Unavailable`` is worth another try; every other error is the same the next time
RETRY = ExceptionRetryPolicy(
    rules=[RetryRule(exception=Unavailable, action=RetryAction.RETRY, retry_delay=RETRY_DELAY)], default=RetryAction.FAIL
)


def reason() -> Param:
    """処理事由: needed for every run that a person starts; no 12 digits, which might be a 個人番号."""
    return Param(
        None, type=["null", "string"], maxLength=200, title="処理事由",
        description="人が始める実行（手動・バックフィル）には必ず書く。12桁の数字は書けない。",
    )  # fmt: skip


def comment() -> Param:
    """決裁の理由: a remark of the second person, needed for a rejection (NP-2035)."""
    # a stricter schema would be checked only after the answer and lock the page; approve.decide looks for numbers itself
    return Param(None, type=["null", "string"], title="決裁の理由", description="否認するときは必ず書く。12桁の数字は書けない。")


def as_known_at() -> Param:
    """基準時刻: makes an earlier state again."""
    return Param(
        None,
        type=["null", "string"],
        format="date-time",
        title="基準時刻",
        description="その時点で分かっていた状態で作り直すとき（再現）だけ書く。",
    )


def _begins() -> datetime | None:
    """運用開始: nothing is scheduled by itself for a time before it (a backfill would else set the clock of the schedule back)."""
    day = os.environ.get("KOKUNEN_SCHEDULE_FROM")
    return datetime.fromisoformat(day) if day else None


#: arguments of every DAG; ``max_active_runs``: a night that waits for its approval must not hold up the next
DEFAULTS: dict[str, Any] = {
    "catchup": False,
    "start_date": _begins(),
    "max_active_runs": 100,
    "default_args": {"owner": "国民年金・福祉医療課", "retries": 5, "retry_delay": RETRY_DELAY, "retry_policy": RETRY},
    "tags": ["国民年金"],
}


def daily(cron: str) -> CronPartitionTimetable:
    """One run per business day, keyed YYYY-MM-DD in the time of the city; nothing is made up for ticks that are past."""
    return CronPartitionTimetable(cron, timezone=ZONE.key, key_format="%Y-%m-%d", run_immediately=timedelta(0))


def monthly(cron: str) -> CronPartitionTimetable:
    """One run per month, keyed YYYY-MM: the month before the tick."""
    return CronPartitionTimetable(cron, timezone=ZONE.key, key_format="%Y-%m", run_offset=-1, run_immediately=timedelta(0))


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


def start() -> XComArg:
    """The run's row in our ledger (once per Airflow run, so a cleared task continues it). Refused NP-1003 without a 処理事由."""

    @task(task_id="start", task_display_name="開始", show_return_value_in_logs=False)
    def begin() -> str:
        from etl import jobs
        from etl.core.mapping import registry
        from etl.site import open_site

        context = get_current_context()
        run, params = context["dag_run"], context["params"]
        said = (params.get("reason") or "").strip() or None
        known_at = params.get("as_known_at")
        with told():
            if run.run_type != "scheduled" and not said:
                raise Refused("NP-1003")
            made_on = None
            if run.run_type == "scheduled" and registry.jobs()[run.dag_id].period == "month":
                made_on = run.run_after.astimezone(ZONE).date()  # the day of the tick: a file is made when the clock starts it
            return jobs.start(
                open_site(), run.dag_id, run.partition_key or "", run.triggering_user_name or "airflow", said,
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


class SecondPerson(HITLOperator):
    """Asks for the decision of a second person, if anything of this run waits for one in our table."""

    def __init__(self, *, kinds: tuple[str, ...], **settings: Any):
        super().__init__(**settings)
        self.kinds = kinds

    def execute(self, context: Any) -> Any:
        from etl import approve
        from etl.site import open_site

        with told():
            waiting = {kind: found for kind in self.kinds if (found := approve.pending(open_site(), kind, _run_id()))}
        if not waiting:
            raise AirflowSkipException("承認を待つものはありません")
        context["ti"].xcom_push("shown", {kind: [w.id for w in found] for kind, found in waiting.items()})
        lines = [f"- {w.id}　{w.subject}　（起案 {w.maker}）" for found in waiting.values() for w in found]
        self.subject = f"{context['dag'].dag_display_name} {context['dag_run'].partition_key}: {len(lines)} 件の承認"
        more = [f"- ほか {len(lines) - SHOWN} 件（`kokunen approve` の `--list` で見られます）"] if len(lines) > SHOWN else []
        self.body = "\n".join(["起案者とは別の職員が決めてください。", "", *lines[:SHOWN], *more])
        return super().execute(context)


def approval(*kinds: str) -> TaskGroup:
    """ask (the page) → decide (their answer into our table) → require (our table, whatever Airflow says)."""
    with TaskGroup("shounin", group_display_name="承認", prefix_group_id=False) as group:

        @task(task_id="decide", task_display_name="決裁の記録", show_return_value_in_logs=False)
        def decide() -> dict[str, int]:
            from etl import approve
            from etl.site import open_site

            ti = get_current_context()["ti"]
            answer, shown = ti.xcom_pull(task_ids="approval") or {}, ti.xcom_pull(task_ids="approval", key="shown") or {}
            person = (answer.get("responded_by_user") or {}).get("name")
            if not person:  # marked "success" by hand: nobody decided
                log.warning("決裁の回答がありません。何も記録しません。")
                return {}
            decision = Decision.APPROVED if answer["chosen_options"] == [APPROVE] else Decision.REJECTED
            why = (answer.get("params_input") or {}).get("comment")
            with told():
                site, run_id, done = open_site(), _run_id(), []
                for kind, ids in shown.items():  # decisions made elsewhere meanwhile stay as they are
                    done.append(approve.decide(site, kind, ids, person, decision, why, run_id, leave_decided=True))
            return {k.value: sum(d[k] for d in done) for k in (Decision.APPROVED, Decision.REJECTED, Decision.SUPERSEDED)}

        @task(task_id="require", task_display_name="承認の確認", trigger_rule="none_failed", show_return_value_in_logs=False)
        def require() -> dict[str, Any]:
            from etl import approve
            from etl import run as runs
            from etl.site import open_site

            with told():
                site, run_id = open_site(), _run_id()
                try:
                    return approve.require(site, run_id)
                except Refused as refused:
                    runs.finish(site, run_id, RunState.FAILED, refused.code)
                    raise

        ask = SecondPerson(
            task_id="approval", task_display_name="承認待ち", kinds=kinds, subject="承認", options=[APPROVE, REJECT],
            params={"comment": comment()}, response_timeout=WAIT,
            retry_delay=timedelta(seconds=3),  # Airflow asks again when an answer comes before it has noticed that the task waits
        )  # fmt: skip
        ask >> decide() >> require()
    return group
