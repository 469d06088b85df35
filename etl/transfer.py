"""移転: the monthly files of the rows of ``transfers.yaml`` of one job. build → (approval of a later version) → release.

A version is a month, a moment (``known_at``) and a 作成年月日: from these three the same bytes can be made at any time, so nothing
personal waits on disk for its approval. What leaves goes through ``etl.door``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl import door
from etl.audit import record
from etl.core.dates import month_range
from etl.core.errors import Refused
from etl.core.mapping import registry
from etl.core.mapping.layout import Layout, layouts
from etl.core.mapping.registry import Transfer
from etl.core.states import Operation
from etl.edge import db, files, paper
from etl.run import Run
from etl.site import Site

DEFAULT_REASON = "定期処理"


@dataclass(frozen=True)
class Month:
    """The rows of one recipient for one month as known at a moment."""

    row: Transfer
    period: str
    first: date
    known_at: datetime
    rows: pa.Table
    held: pa.Table

    @property
    def layout(self) -> Layout:
        return layouts()[self.row.dataset]

    @property
    def body_sha256(self) -> str:
        return hashlib.sha256(door.body(self.layout, self.rows)).hexdigest()

    def parcel(self, version: int, created_on: date) -> door.Parcel:
        return door.pack(
            self.row, self.rows, self.held, period=self.period, created_on=created_on, known_at=self.known_at, version=version, month=self.first
        )


def rows_of(run: Run) -> list[Transfer]:
    return [registry.transfers()[i] for i in registry.jobs()[run.job].sends]


def select(session: db.Session, row: Transfer, period: str, known_at: datetime) -> Month:
    """The month ``YYYY-MM`` as known at a moment (spec §5)."""
    first, last = month_range(date.fromisoformat(f"{period}-01"))
    return Month(row, period, first, known_at, *door.choose(session, row, month_first=first, month_last=last, known_at=known_at))


def business_day(site: Site, period: str) -> date:
    """The day a monthly run is about unless given: the latest business day taken in, else the month's last."""
    with site.session() as session:
        return session.value("transfer/business_day") or month_range(date.fromisoformat(f"{period}-01"))[1]


# ---- build -----------------------------------------------------------------------------------------------------------------


def build(site: Site, run: Run) -> dict[str, Any]:
    """Compare the month with its last version. ``state``: first, same, candidate (needs approval) or reproduced."""
    with site.session() as session, db.locked(session, "pension", *(r.dataset for r in rows_of(run))):
        known_at = run.as_known_at or session.value("transfer/clock")
        session.commit()
        plans = [_plan(session, site, run, row, known_at) for row in rows_of(run)]
    return {"plans": plans, "proposals": sum(p["state"] == "candidate" for p in plans)}


def _plan(session: db.Session, site: Site, run: Run, row: Transfer, known_at: datetime) -> dict[str, Any]:
    dataset, month = row.dataset, select(session, row, run.period, known_at)
    versions = session.rows("ledger/outputs", dataset=dataset, period=run.period)
    session.commit()
    released = [v for v in versions if v["released_at"]]
    plan = {"id": row.id, "dataset": dataset, "known_at": known_at.isoformat(), "rows": month.rows.num_rows, "held": month.held.num_rows}
    plan |= {"body_sha256": month.body_sha256, "created_on": run.day.isoformat()}
    if run.as_known_at:
        like = _like(released, known_at, month.body_sha256)
        created_on = like["created_on"] if like else run.day
        return plan | {"state": "reproduced", "version": like["version"] if like else 1, "created_on": created_on.isoformat()}
    waiting = [v for v in versions if not v["released_at"] and v["decision"] in (None, "approved")]
    if released and released[-1]["body_sha256"] == plan["body_sha256"]:
        _overtake(session, run, waiting)
        return plan | {"state": "same", "version": released[-1]["version"]}
    if not released:
        return plan | {"state": "first", "version": 1}
    same = [v for v in waiting if v["body_sha256"] == plan["body_sha256"] and not v["expired"]]
    _overtake(session, run, [v for v in waiting if v not in same])
    version = same[-1]["version"] if same else _candidate(session, site, run, month, versions, released[-1])
    return plan | {"state": "candidate", "version": version}


def _like(released: list[dict[str, Any]], known_at: datetime, body_sha256: str) -> dict[str, Any] | None:
    """The version that the state of a moment is: of the same content, made by then if there is one; else the last one made by then."""
    by_then = [v for v in released if v["known_at"] <= known_at]
    same = [v for v in [*reversed(by_then), *released] if v["body_sha256"] == body_sha256]
    return next(iter(same or by_then[-1:]), None)


def _overtake(session: db.Session, run: Run, waiting: list[dict[str, Any]]) -> None:
    """Candidates that a later state made pointless: they keep their number and are never released."""
    undecided = [v for v in waiting if v["decision"] is None]
    if undecided:
        with session.transaction():
            for v in undecided:
                session.run("ledger/approval_decide", approval_id=v["approval_id"], decision="superseded", checker=None, reason="後の状態による")
                record(session, run, Operation.SHIKKOU, v["name"], {"approval_id": v["approval_id"]})


def _candidate(
    session: db.Session, site: Site, run: Run, month: Month, versions: list[dict[str, Any]], last: dict[str, Any]
) -> int:
    """Put a later version before a second person, its differences listed. Refused NP-1003 without a 処理事由 of its own."""
    if run.reason == DEFAULT_REASON:
        raise Refused("NP-1003", file=last["name"])
    version = max(v["version"] for v in versions) + 1
    parcel = month.parcel(version, run.day)
    listed = _differences(select(session, month.row, run.period, last["known_at"]), month)
    subject = f"{parcel.name}（{run.period} 版{version:02}、差異 {len(listed)} 件）"
    needs = month.row.approval
    assert needs
    with session.transaction():
        approval = session.value(
            "ledger/approval_put", kind=needs.kind, run_id=run.run_id, subject=subject, content_hash=month.body_sha256,
            maker=run.user_name, days=needs.days,
        )  # fmt: skip
        door.put(session, run, parcel, approval)
        record(session, run, Operation.ITEN_KIAN, parcel.name, {"differences": len(listed), "rows": month.rows.num_rows})
    heads = (*(label for _, label in door.key_of(month.layout)), "差異")
    paper.meisai(parcel.folder(site) / f"{Path(parcel.name).stem}_差分一覧.xlsx", f"差分一覧　{parcel.name}", heads, listed)
    return version


def _differences(before: Month, after: Month) -> list[tuple[str, ...]]:
    """Rows that were added, left out or changed between two states: their key, and which of the three."""
    old, new = (_by_key(m) for m in (before, after))
    kinds = {k: "追加" if k not in old else "削除" if k not in new else "変更" for k in old.keys() | new.keys() if old.get(k) != new.get(k)}
    return [(*(door.shown(v) for v in k), kind) for k, kind in sorted(kinds.items())]


def _by_key(month: Month) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    names = month.rows.column_names
    at = [names.index(n) for n in month.layout.key]
    columns = [month.rows.column(n).to_pylist() for n in names]
    return {tuple(row[i] for i in at): row for row in zip(*columns, strict=True)}


# ---- release ---------------------------------------------------------------------------------------------------------------


def release(site: Site, run: Run, plans: list[dict[str, Any]]) -> dict[str, Any]:
    """Send what may go: first versions, approved later ones, reproductions. A candidate without approval stays where it is."""
    outputs = []
    with site.session() as session, db.locked(session, *(p["dataset"] for p in plans)):
        for plan in plans:
            files.sweep(site.outbox / plan["dataset"])
            outputs += _release(session, site, run, plan)
    return {"outputs": outputs}


def _release(session: db.Session, site: Site, run: Run, plan: dict[str, Any]) -> list[dict[str, Any]]:
    row, version = registry.transfers()[plan["id"]], plan["version"]
    if plan["state"] == "reproduced":
        return [_reproduce(session, site, run, row, plan)]
    known = [v for v in session.rows("ledger/outputs", dataset=row.dataset, period=run.period) if v["version"] == version]
    session.commit()
    if known and known[0]["released_at"]:
        path = site.outbox / row.dataset / run.period / known[0]["name"]
        return [{"dataset": row.dataset, "path": str(path), "rows": known[0]["rows"], "sha256": known[0]["sha256"], "version": version}]
    if plan["state"] == "candidate" and (not known or known[0]["decision"] != "approved"):
        return []
    known_at = known[0]["known_at"] if known else datetime.fromisoformat(plan["known_at"])
    created_on = known[0]["created_on"] if known else date.fromisoformat(plan["created_on"])
    month = select(session, row, run.period, known_at)
    if month.body_sha256 != (known[0]["body_sha256"] if known else plan["body_sha256"]):
        raise Refused("NP-2032", file=known[0]["name"] if known else row.dataset)
    counts = {"rows": month.rows.num_rows, "held": month.held.num_rows, "version": version}
    output_id = known[0]["output_id"] if known else None
    return [door.send(session, site, run, month.parcel(version, created_on), row.operation, counts, output_id=output_id)]


def _reproduce(session: db.Session, site: Site, run: Run, row: Transfer, plan: dict[str, Any]) -> dict[str, Any]:
    """An earlier state made again (``as_known_at``): beside the outbox, never a version, recorded as an output."""
    month = select(session, row, run.period, datetime.fromisoformat(plan["known_at"]))
    parcel = month.parcel(plan["version"], date.fromisoformat(plan["created_on"]))
    path = parcel.folder(site) / f"reproduced-{month.known_at.strftime('%Y%m%dT%H%M%S')}" / parcel.name
    files.place(path, parcel.content)
    with session.transaction():
        record(session, run, Operation.SAIGEN, parcel.name, {"rows": month.rows.num_rows, "known_at": plan["known_at"]})
    return door.output(parcel, path)
