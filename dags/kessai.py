"""決裁: how a second person decides about what a run let wait: ask (the page) → decide (their answer into our table) → require (our
table, whatever Airflow says) → what goes out with its approval. The run itself has ended long ago and keeps its colour."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from etl.core.errors import Refused
from etl.core.states import Decision
from policies import told

log = logging.getLogger(__name__)

APPROVE, REJECT = "承認する", "否認する"
SHOWN = 300  # lines of the approval page
WAIT = timedelta(days=30)  # then it is looked at again: what waits has its own term


def _asked() -> dict[str, Any]:
    """run_id (of our ledger), kinds, title: what the run that proposed has handed over. Refused NP-1006 without."""
    run = get_current_context()["dag_run"]
    conf: dict[str, Any] = run.conf or {}
    if run.run_type != "operator_triggered" or not conf.get("run_id"):  # nobody words a question by hand
        raise Refused("NP-1006")
    return conf


class SecondPerson(HITLOperator):
    """Asks for the decision of a second person, if anything of that run still waits for one in our table."""

    def execute(self, context: Any) -> Any:
        from etl import approve
        from etl.site import open_site

        with told():
            asked = _asked()
            waiting = {k: found for k in asked["kinds"] if (found := approve.pending(open_site(), k, asked["run_id"]))}
        if not waiting:
            raise AirflowSkipException("承認を待つものはありません")
        context["ti"].xcom_push("shown", {kind: [w.id for w in found] for kind, found in waiting.items()})
        lines = [f"- {w.id}　{w.subject}　（起案 {w.maker}）" for found in waiting.values() for w in found]
        self.subject = f"{asked['title']}: {len(lines)} 件の承認"
        more = [f"- ほか {len(lines) - SHOWN} 件（`kokunen approve` の `--list` で見られます）"] if len(lines) > SHOWN else []
        self.body = "\n".join(["起案者とは別の職員が決めてください。", "", *lines[:SHOWN], *more])
        return super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """The answer; or its time is up, or what waits has changed (``etl.asking``), and it is looked at again. Refused NP-2031: every
        proposal's term is over."""
        if event.get("error_type") != "timeout":
            return super().execute_complete(context, event)
        from etl import approve
        from etl.site import open_site

        with told():
            asked = _asked()
            found = [w for kind in asked["kinds"] for w in approve.pending(open_site(), kind, asked["run_id"])]
            if found and all(w.expired for w in found):
                raise Refused("NP-2031")
        return self.execute(context)


def second_person() -> SecondPerson:
    # a stricter schema would be checked only after the answer and lock the page; approve.decide looks for numbers itself
    comment = Param(
        None, type=["null", "string"], title="決裁の理由", description="否認するときは必ず書く。12桁の数字は書けない。"
    )
    return SecondPerson(
        task_id="approval", task_display_name="承認待ち", subject="承認", options=[APPROVE, REJECT],
        params={"comment": comment}, response_timeout=WAIT,
        retry_delay=timedelta(seconds=3),  # Airflow asks again when an answer comes before it has noticed that the task waits
    )  # fmt: skip


def decide() -> XComArg:
    """The answer into our table, which asks the register. Refused NP-1083, and recorded, when it came from somebody who is no 承認者 today:
    whoever may change the pages' roles may have made itself one."""

    @task(task_id="decide", task_display_name="決裁の記録", show_return_value_in_logs=False)
    def write() -> dict[str, int]:
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
            site, done = open_site(), []
            for kind, ids in shown.items():  # decisions made elsewhere meanwhile stay as they are
                done.append(approve.decide(site, kind, ids, person, decision, why, _asked()["run_id"], leave_decided=True))
        return {k.value: sum(d[k] for d in done) for k in (Decision.APPROVED, Decision.REJECTED, Decision.SUPERSEDED)}

    return write()


def require() -> XComArg:
    @task(task_id="require", task_display_name="承認の確認", trigger_rule="none_failed", show_return_value_in_logs=False)
    def look() -> dict[str, Any]:
        from etl import approve
        from etl.site import open_site

        with told():
            return approve.require(open_site(), _asked()["run_id"])

    return look()


def released() -> XComArg:
    """An approved version or inquiry goes out with its approval, and the 処理結果表 of its run tells of it."""

    @task(task_id="release", task_display_name="承認したものの出力", show_return_value_in_logs=False)
    def send() -> None:
        from etl import jobs
        from etl.core.mapping import registry
        from etl.site import open_site

        with told():
            asked = _asked()
            for step in dict.fromkeys(registry.approvals()[kind].step for kind in asked["kinds"]):
                if step:
                    jobs.step(open_site(), asked["run_id"], step)
                    jobs.step(open_site(), asked["run_id"], "report")

    return send()
