"""突合: match each result of 日本年金機構 with its intake and show where the two differ. Set operations; people decide what follows.

A run looks again at every result that nobody has decided yet, with the intakes as they are now: an intake that comes after its result is
found, a corrected one is compared anew. Nothing found is overwritten (``pension.totsugo`` keeps what was thought before), and running it
twice changes nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from etl.audit import acting, record
from etl.core.law.todoke import as_json, told
from etl.core.mapping import registry
from etl.core.receipts import Reconciled
from etl.core.states import Operation
from etl.edge import db, failpoint
from etl.run import Run
from etl.site import Site

MANY = 5_000  # rows after which the planner must look again at what it has


def reconcile(site: Site, run: Run) -> Reconciled:
    """Judge, store what is new, propose. Returns outcomes of the day's lists and of intakes without a result, and the number of proposals."""
    with site.session() as session, db.locked(session, "pension:shared", "kikou_kekka", "uketsuke"):
        with session.transaction():
            judge(session, run.day)
            changed = session.run("reconcile/end_changed")
            stored = session.run("reconcile/store", run_id=run.run_id)
            if stored > MANY:  # else what follows would be planned for the table as it was
                session.run("ingest/analyze", names={"table": "pension.totsugo"})
            withdrawn = session.run("reconcile/withdraw", **acting(run))
            proposed = session.run(
                "reconcile/propose", run_id=run.run_id, user_name=run.user_name, days=registry.approvals()["kikou_kekka"].term
            )
            failpoint.reached("reconciled")
            counts = {"stored": stored, "changed": changed, "withdrawn": withdrawn, "proposals": proposed}
            record(session, run, Operation.TOTSUGO, run.period, counts)
        outcomes, causes = counted(session, run.day)
        return Reconciled(**counts, outcomes=outcomes, causes=causes)


def export(site: Site, run: Run) -> list[dict[str, str]]:
    """kind, key (file:line, or 受付番号), outcome, items of every result of the day's lists and of every intake: no values. Recorded."""
    with site.session() as session, session.transaction():
        rows = session.rows("reconcile/export", business_on=run.day)
        record(session, run, Operation.FILE, "kikou_kekka_outcomes", {"rows": len(rows)})
    return rows


def judge(session: db.Session, business_on: Any) -> None:
    """Fill the temporary tables ``result``, ``intake``, ``tie`` and ``judged`` (dropped at commit) for results of days up to this one."""
    session.run("reconcile/results", business_on=business_on)
    session.run("reconcile/intakes")
    for table in ("result", "intake"):
        session.run("ingest/analyze", names={"table": table})
    session.run("reconcile/passes")
    session.run("ingest/analyze", names={"table": "tie"})
    session.run("reconcile/judge", todoke=as_json(business_on), told=list(told()))


def counted(session: db.Session, business_on: Any) -> tuple[dict[str, int], dict[str, int]]:
    """outcome -> number, of the results of the day's lists and of intakes without a result; cause -> number, of results without an intake."""
    rows = session.rows("reconcile/outcomes", business_on=business_on)
    outcomes: Counter[str] = Counter()
    for row in rows:
        outcomes[row["outcome"]] += row["n"]
    return dict(outcomes), {row["cause"]: row["n"] for row in rows if row["cause"]}
