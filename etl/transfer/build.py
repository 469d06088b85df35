"""比較: each file of the month against its last version. Another content is put before a second person, and so is a first one that may not leave by
itself (``alone``)."""

from __future__ import annotations

from datetime import date, datetime

from etl.audit import close, record
from etl.core.errors import Refused
from etl.core.mapping import registry
from etl.core.mapping.transfers import Transfer
from etl.core.receipts import Built, Plan
from etl.core.states import Decision, Operation, PlanState
from etl.core.suite.findings import Finding
from etl.door import papers
from etl.door.papers import Paper, Sheaf
from etl.door.parcel import Parcel
from etl.door.send import beside, hashed, list_held, put
from etl.door.slip import key_labels
from etl.edge import db, paper, suites
from etl.run import Run
from etl.site import Site
from etl.transfer.alone import why_not
from etl.transfer.differ import differences
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
    month = select(site, row, run.period, known_at)
    versions = versions_of(session, row, run.period)
    released = [v for v in versions if v.released_at]
    body = month.chosen.body_sha256
    if run.as_known_at:
        like = _like(released, known_at, body)
        return _as(month, PlanState.REPRODUCED, like.version if like else 1, like.created_on if like else run.day)
    waiting = [v for v in versions if v.waits]
    if released and released[-1].body_sha256 == body:
        _overtake(session, run, waiting)
        return _as(month, PlanState.SAME, released[-1].version, run.day)
    return _leaving(session, site, run, month, versions, [v for v in waiting if v.body_sha256 == body and not v.expired])


def _leaving(session: db.Session, site: Site, run: Run, month: Month, versions: list[Version], same: list[Version]) -> Plan:
    """What is to leave: by itself, or with an approval; ``same`` waits for it already (or has it). A number is never used twice."""
    released, waiting = [v for v in versions if v.released_at], [v for v in versions if v.waits]
    next_version = max((v.version for v in versions), default=0) + 1
    findings = _checked(session, month.parcel(next_version, run.day))
    why: tuple[str, ...] = ()
    if not released and not any(v.decision for v in waiting):  # one that was approved and is still to leave is the first
        why = why_not(session, run, month, versions, findings)
        if not why:
            _overtake(session, run, waiting)
            return _as(month, PlanState.FIRST, next_version, run.day)
    _overtake(session, run, [v for v in waiting if v not in same])
    version = same[-1].version if same else next_version
    last = released[-1] if released else None
    if not same:
        _candidate(session, site, run, month.parcel(version, run.day), last, why)
    elif last:
        _list_again(session, site, run, month.parcel(version, same[-1].created_on), last)
    return _as(month, PlanState.CANDIDATE, version, run.day, why, tuple(f for f in findings if not f.passed))


def _checked(session: db.Session, parcel: Parcel) -> list[Finding]:
    """The suite of what would leave, with the rows of the month before it. DefinitionError NP-2104."""
    last = session.value("ledger/output_last_count", dataset=parcel.row.dataset, period=parcel.period)
    session.commit()
    return suites.require(parcel.row.dataset, parcel.rows, parcel.name, last, day=parcel.created_on)


def _as(
    month: Month, state: PlanState, version: int, created_on: date, why: tuple[str, ...] = (), findings: tuple[Finding, ...] = ()
) -> Plan:
    chosen = month.chosen
    return Plan(
        dataset=chosen.row.dataset, known_at=month.known_at.isoformat(), rows=chosen.rows.num_rows, held=chosen.held.num_rows,
        body_sha256=chosen.body_sha256, created_on=created_on.isoformat(), state=state, version=version,
        why=why, findings=findings,
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


def _candidate(session: db.Session, site: Site, run: Run, parcel: Parcel, last: Version | None, why: tuple[str, ...]) -> None:
    """Put a version before a second person: a later one with its differences, a first one with the reasons why it may not leave by itself.

    Refused NP-1003 when a later one has no 処理事由 of its own.
    """
    if last and run.reason == DEFAULT_REASON:
        raise Refused("NP-1003", file=last.name)
    chosen, needs, counts = parcel.chosen, parcel.row.approval, {"rows": parcel.rows.num_rows}
    assert needs
    said = f"最初の版、{parcel.rows.num_rows:,} 件。{'。'.join(why)}"
    listed: list[tuple[str, ...]] = []
    if last:
        records, listed = _differences(site, run, parcel, last)
        said, counts = f"差異 {records:,} 件", {"differences": records, **counts}
    with papers.recorded(session, site) as sheaf:
        approval = session.value(
            "ledger/approval_put", kind=needs.kind, run_id=run.run_id, content_hash=chosen.body_sha256, maker=run.user_name, days=needs.days,
            subject=f"{parcel.name}（{run.period} 版{parcel.version:02}、{said}）",
        )  # fmt: skip
        put(session, run, parcel, approval)
        made = [_list_differences(sheaf, run, parcel, listed)] if last else []
        made += list_held(sheaf, run, parcel)
        record(session, run, Operation.ITEN_KIAN, parcel.name, {**counts, **hashed(made)})


def _differences(site: Site, run: Run, parcel: Parcel, last: Version) -> tuple[int, list[tuple[str, ...]]]:
    return differences(select(site, parcel.row, run.period, last.known_at).chosen, parcel.chosen)


def _list_differences(sheaf: Sheaf, run: Run, parcel: Parcel, listed: list[tuple[str, ...]]) -> Paper:
    """差分一覧, item by item. Its record is the caller's."""
    heads = (*key_labels(parcel.layout), "差異", "項目", "前", "後")
    sheet = paper.meisai("差分一覧", heads, listed, head=papers.heading(run, parcel.name))
    return sheaf.put(run, beside(sheaf.site, parcel, "差分一覧"), sheet, anew=True)


def _list_again(session: db.Session, site: Site, run: Run, parcel: Parcel, last: Version) -> None:
    """The 差分一覧 of a version that waits already, when it was lost before it could be placed."""
    at = beside(site, parcel, "差分一覧")
    there = papers.known(session, site, at)
    session.commit()
    if there:
        return
    records, listed = _differences(site, run, parcel, last)
    with papers.recorded(session, site) as sheaf:
        made = _list_differences(sheaf, run, parcel, listed)
        record(session, run, Operation.ICHIRAN, f"{run.period}/{at.stem}", {"differences": records, "sha256": made.sha256})
