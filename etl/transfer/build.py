"""比較: each file of the month against its last version. Another content is put before a second person."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from etl.audit import close, record
from etl.core.errors import Refused
from etl.core.mapping import registry
from etl.core.mapping.registry import Transfer
from etl.core.receipts import Built, Plan
from etl.core.states import Decision, Operation, PlanState
from etl.door.parcel import Chosen
from etl.door.send import beside, put
from etl.door.slip import key_labels, shown
from etl.edge import db, paper
from etl.run import Run
from etl.site import Site
from etl.transfer.month import DEFAULT_REASON, Month, Version, select, versions_of


def build(site: Site, run: Run) -> Built:
    """What each file of the month would be (``PlanState``). Holds ``pension`` alone while it chooses its moment. Unavailable NP-1021."""
    rows = registry.sent_by(run.job)
    with site.session() as session, db.locked(session, "pension", *(r.dataset for r in rows)):
        known_at = run.as_known_at or session.value("transfer/clock")
        session.commit()
        plans = tuple(_plan(session, site, run, row, known_at) for row in rows)
    return Built(plans, sum(p.state == PlanState.CANDIDATE for p in plans))


def _plan(session: db.Session, site: Site, run: Run, row: Transfer, known_at: datetime) -> Plan:
    month = select(session, row, run.period, known_at)
    versions = versions_of(session, row, run.period)
    released = [v for v in versions if v.released_at]
    if run.as_known_at:
        like = _like(released, known_at, month.chosen.body_sha256)
        return _as(month, PlanState.REPRODUCED, like.version if like else 1, like.created_on if like else run.day)
    if not released:
        return _as(month, PlanState.FIRST, 1, run.day)
    waiting = [v for v in versions if v.waits]
    if released[-1].body_sha256 == month.chosen.body_sha256:
        _overtake(session, run, waiting)
        return _as(month, PlanState.SAME, released[-1].version, run.day)
    same = [v for v in waiting if v.body_sha256 == month.chosen.body_sha256 and not v.expired]
    _overtake(session, run, [v for v in waiting if v not in same])
    version = same[-1].version if same else _candidate(session, site, run, month, versions, released[-1])
    return _as(month, PlanState.CANDIDATE, version, run.day)


def _as(month: Month, state: PlanState, version: int, created_on: date) -> Plan:
    chosen = month.chosen
    return Plan(
        dataset=chosen.row.dataset, known_at=month.known_at.isoformat(), rows=chosen.rows.num_rows, held=chosen.held.num_rows,
        body_sha256=chosen.body_sha256, created_on=created_on.isoformat(), state=state, version=version,
    )  # fmt: skip


def _like(released: list[Version], known_at: datetime, body_sha256: str) -> Version | None:
    """The version that the state of a moment is: of the same content, made by then if there is one; else the last one made by then."""
    by_then = [v for v in released if v.known_at <= known_at]
    same = [v for v in [*reversed(by_then), *released] if v.body_sha256 == body_sha256]
    return next(iter(same or by_then[-1:]), None)


def _overtake(session: db.Session, run: Run, waiting: list[Version]) -> None:
    """Candidates that a later state made pointless: they keep their number and are never released."""
    undecided = [v for v in waiting if v.decision is None]
    if not undecided:
        return
    with session.transaction():
        for v in undecided:
            close(session, run, v.approval_id or 0, Decision.SUPERSEDED, "後の状態による")


def _candidate(session: db.Session, site: Site, run: Run, month: Month, versions: list[Version], last: Version) -> int:
    """Put a later version before a second person, its differences listed. Refused NP-1003 without a 処理事由 of its own."""
    if run.reason == DEFAULT_REASON:
        raise Refused("NP-1003", file=last.name)
    row, version = month.chosen.row, max(v.version for v in versions) + 1
    needs = row.approval
    assert needs
    parcel = month.parcel(version, run.day)
    listed = _differences(select(session, row, run.period, last.known_at).chosen, month.chosen)
    subject = f"{parcel.name}（{run.period} 版{version:02}、差異 {len(listed)} 件）"
    with session.transaction():
        approval = session.value(
            "ledger/approval_put", kind=needs.kind, run_id=run.run_id, subject=subject, content_hash=month.chosen.body_sha256,
            maker=run.user_name, days=needs.days,
        )  # fmt: skip
        put(session, run, parcel, approval)
        record(session, run, Operation.ITEN_KIAN, parcel.name, {"differences": len(listed), "rows": parcel.rows.num_rows})
    beside(site, parcel, "差分一覧", paper.meisai(f"差分一覧　{parcel.name}", (*key_labels(parcel.layout), "差異"), listed))
    return version


def _differences(before: Chosen, after: Chosen) -> list[tuple[str, ...]]:
    """Rows that were added, left out or changed between two states: their key, and which of the three."""
    old, new = _by_key(before), _by_key(after)
    kinds = {
        k: "追加" if k not in old else "削除" if k not in new else "変更"
        for k in old.keys() | new.keys()
        if old.get(k) != new.get(k)
    }
    return [(*map(shown, key), kind) for key, kind in sorted(kinds.items())]


def _by_key(chosen: Chosen) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    names = chosen.rows.column_names
    at = [names.index(n) for n in chosen.layout.key]
    columns = [chosen.rows.column(n).to_pylist() for n in names]
    return {tuple(row[i] for i in at): row for row in zip(*columns, strict=True)}
