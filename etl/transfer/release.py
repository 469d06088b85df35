"""出力: what may go goes through the door: first versions, approved later ones, reproductions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from etl.core.errors import Refused
from etl.core.mapping.transfers import row_of
from etl.core.receipts import Output, Plan, Sent
from etl.core.states import Decision, PlanState
from etl.door.hantei import each
from etl.door.parcel import folder
from etl.door.send import reproduce, send
from etl.edge import atomic, db
from etl.run import Run
from etl.site import Site
from etl.transfer.month import select, versions_of


def release(site: Site, run: Run, plans: tuple[Plan, ...]) -> Sent:
    """Send what may go, first what was approved and then left (stopped in between); a candidate without its approval stays where it is.
    Unavailable NP-1021, and what ``door.send`` refuses."""
    with site.session() as session, db.locked(session, *(p.dataset for p in plans)):
        left = [found for plan in plans for found in _left(session, site, run, plan)]
        made, refused = each((*left, *plans), lambda plan: _release(session, site, run, plan))
    if refused:
        raise refused[0]
    return Sent(tuple(output for outputs in made for output in outputs))


def _left(session: db.Session, site: Site, run: Run, plan: Plan) -> list[Plan]:
    """Approved versions of the month besides the planned one that were not sent, unless a later one was, or what was approved can no longer
    be made (its month is planned anew, and ``status`` tells of it)."""
    row = row_of(plan.dataset)
    versions = versions_of(session, row, run.period) if plan.state != PlanState.REPRODUCED else []
    newest = max((v.version for v in versions if v.released_at), default=0)
    found = [v for v in versions if v.decision == Decision.APPROVED and v.version > newest and v.version != plan.version]
    return [
        replace(
            plan, known_at=v.known_at.isoformat(), created_on=v.created_on.isoformat(), rows=v.rows, body_sha256=v.body_sha256,
            state=PlanState.CANDIDATE, version=v.version,
        )
        for v in found if select(site, row, run.period, v.known_at).chosen.body_sha256 == v.body_sha256
    ]  # fmt: skip


def _release(session: db.Session, site: Site, run: Run, plan: Plan) -> list[Output]:
    atomic.sweep(folder(site, plan.dataset))
    row = row_of(plan.dataset)
    known_at, created_on = datetime.fromisoformat(plan.known_at), date.fromisoformat(plan.created_on)
    if plan.state == PlanState.REPRODUCED:
        return [reproduce(session, site, run, select(site, row, run.period, known_at).parcel(plan.version, created_on))]
    known = next((v for v in versions_of(session, row, run.period) if v.version == plan.version), None)
    if known and known.released_at:
        path = folder(site, row.dataset, run.period) / known.name
        return [Output(row.dataset, str(path), known.rows, known.sha256, plan.version)]
    if plan.state == PlanState.CANDIDATE and (known is None or known.decision != Decision.APPROVED):
        return []
    if known:
        known_at, created_on = known.known_at, known.created_on
    month = select(site, row, run.period, known_at)
    if month.chosen.body_sha256 != (known.body_sha256 if known else plan.body_sha256):
        raise Refused("NP-2032", file=known.name if known else row.dataset)
    counts = {"rows": month.chosen.rows.num_rows, "held": month.chosen.held.num_rows, "version": plan.version}
    return [
        send(session, site, run, month.parcel(plan.version, created_on), counts, output_id=known.output_id if known else None)
    ]
