"""確定: what will be reported is fixed, record by record, and put before another person as its hash. Opened again, it needs both anew (P85)."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from etl.core.errors import Refused
from etl.core.mapping import registry
from etl.core.mapping.layout import leaving
from etl.core.mapping.names import format_name
from etl.core.states import Koui, Shintatsu
from etl.door import numbers, papers
from etl.edge import db, failpoint
from etl.run import Run
from etl.shintatsu import candidates, kami, reports
from etl.shintatsu.candidates import Candidate
from etl.shintatsu.reports import LOCK, Report
from etl.site import Site

KIND = DATASET = "shintatsu"
LEFT_OUT = "left_out"


def freeze(site: Site, run: Run, office: str) -> Report:
    """The candidates that neither are held nor were left out, in the order of the file, and the lists of what goes, what does not and what is written
    otherwise. Refused NP-4202 (not in this state), NP-4203 (nothing to report), Unavailable NP-1021, NP-1026."""
    with site.session() as session, db.locked(session, "pension:shared", LOCK):
        report = reports.one(session, office)
        found = candidates.look(session, report)
        session.commit()
        going = [c for c in found if c.goes]
        if report.state is Shintatsu.OPENED and not going:
            raise Refused("NP-4203", item=report.title)
        with papers.recorded(session, site) as sheaf:
            counts = {"records": len(going), "held": sum(c.held for c in found), "left_out": sum(c.left_out for c in found)}
            approval_id = session.value(
                "ledger/approval_put", kind=KIND, run_id=run.run_id, subject=_subject(report, counts),
                content_hash=candidates.content_hash(going), maker=run.user_name, days=registry.approvals()[KIND].term,
            )  # fmt: skip
            reports.act(
                session, run, report, Koui.FREEZE, run.day, approval_id=approval_id, counts={"approval": approval_id, **counts}
            )
            reports.withdraw(session, run, report)  # nobody approved the one before in its term
            _keep(session, approval_id, going)
            session.many("shintatsu/held_put", [h for c in found if not c.goes for h in _held(approval_id, c)])
            kami.as_fixed(sheaf, run, report, found)
            failpoint.reached("shintatsu frozen")
        return reports.find(session, shintatsu_id=report.shintatsu_id)[0]


def _subject(report: Report, counts: dict[str, int]) -> str:
    return f"{report.title} 開始の進達（{counts['records']:,} 件、保留 {counts['held']:,} 件、除外 {counts['left_out']:,} 件）"


def _keep(session: db.Session, approval_id: int, going: list[Candidate]) -> None:
    from_row = ("uketsuke_id", "idou_approval_id", "atena_no", "ku_code", "due_on", "shien_flag")
    rows = [
        {"approval_id": approval_id, "place": place, **{name: c.row[name] for name in from_row}, **c.record}
        for place, c in enumerate(going, 1)
    ]
    table = pa.Table.from_pylist(rows)
    with session.copy_in("pension.shintatsu_kiroku", table.column_names) as copy:
        copy.write(db.csv_bytes(table))


def _held(approval_id: int, candidate: Candidate) -> list[dict[str, Any]]:
    """Why it did not go, once for each item."""
    of = {"approval_id": approval_id, **{n: candidate.row[n] for n in ("uketsuke_no", "uketsuke_id", "idou_approval_id")}}
    if candidate.left_out:
        return [{**of, "item": "", "kind": LEFT_OUT}]
    said: dict[str, list[str]] = {}
    for point in candidate.points:
        if point.holds:
            said.setdefault(point.item, []).append(point.said)
    return [{**of, "item": item, "kind": "、".join(each)} for item, each in said.items()]


def thaw(site: Site, run: Run, office: str) -> Report:
    """What was fixed is opened again. Refused NP-4202, NP-4206 (its medium was begun: it is finished first), Unavailable NP-1021."""
    with site.session() as session, db.locked(session, LOCK):
        report = reports.one(session, office)
        if report.state is Shintatsu.APPROVED:
            _require_not_begun(session, site, report)
        with session.transaction():
            reports.act(session, run, report, Koui.THAW, run.day, counts={"approval": report.approval_id})
            reports.withdraw(session, run, report)
        return reports.find(session, shintatsu_id=report.shintatsu_id)[0]


def _require_not_begun(session: db.Session, site: Site, report: Report) -> None:
    """A run that was killed between the manifest and its commit is finished first: the name was given."""
    session.commit()
    if report.baitai_no is None or report.frozen_on is None:
        return
    template, office = leaving()[DATASET].file.name, int(report.jimusho_code)
    name = format_name(template, jimusho=office, created_on=report.frozen_on, baitai_no=report.baitai_no)
    if name in numbers.given(site, DATASET):
        raise Refused("NP-4206", item=report.title)
