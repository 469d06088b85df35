"""申請: what is due is frozen as a list; its hash is what another person approves (P53). The same list that waits already waits on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from etl.audit import close, record
from etl.core.dates import wareki
from etl.core.errors import DefinitionError
from etl.core.mapping import registry
from etl.core.mapping.layout import layouts
from etl.core.paper import shoukyo as sheets
from etl.core.receipts.house import Request
from etl.core.shoukyo import Kind, list_hash
from etl.core.states import Decision, Operation
from etl.door import papers
from etl.door.papers import Shelf
from etl.edge import db, failpoint, paper, pdf, suites
from etl.retire import candidates
from etl.retire.candidates import Candidate
from etl.retire.plan import chosen
from etl.run import Run
from etl.site import Site

KIND = "shoukyo"  # of approval


def request(site: Site, run: Run, name: str, as_of: date) -> Request | None:
    """The request of a class; None when nothing of it is due. Unavailable NP-1021 when somebody asks or destroys meanwhile; DefinitionError NP-3232
    when the list is not what one may be."""
    with site.session() as session, db.locked(session, "shoukyo"):
        waiting = session.rows("retire/waiting", name=name)
        session.commit()
        found = candidates.due(session, site, name, as_of)
        asked = {w["approval_id"] for w in waiting if not w["expired"]}
        going = chosen(_without(session, found, asked))
        _require(name, going, as_of)
        digest = list_hash(c.thing for c in going)
        same = next((w for w in waiting if w["list_hash"] == digest and not w["expired"]), None)
        if same:
            return _receipt(name, same["retirement_id"], going, found)
        return _put(session, site, run, name, as_of, going, found, [w["approval_id"] for w in waiting])


def _without(session: db.Session, found: Sequence[Candidate], asked: set[int]) -> list[Candidate]:
    """What only waits for its decision is asked for anew with the rest: one list of a class waits at a time."""
    named = {row["key"] for approval in asked for row in session.rows("retire/keys_of_approval", approval_id=approval)}
    session.commit()
    return [replace(c, asked=c.asked and c.thing.key not in named) for c in found]


def _require(name: str, going: Sequence[Candidate], as_of: date) -> None:
    """The suite of what a deletion selects, before anybody is asked."""
    if going:
        found = suites.validate_frame("shoukyo_taishou", selected(name, going, as_of), day=as_of)
        if failed := [f for f in found if not f.passed]:
            raise DefinitionError("NP-3232", item=f"区分{name}", failed="、".join(f"{f.label} {f.unexpected} 件" for f in failed))


def selected(name: str, going: Sequence[Candidate], as_of: date) -> pa.Table:
    """The rows that ``expectations/shoukyo_taishou.yaml`` speaks of, one a thing."""
    things = [c.thing for c in going]
    texts = {column: [str(getattr(t, column)) for t in things] for column in ("kind", "key", "sha256", "dataset")}
    marks = {
        "known": ["1" if any(c.row.values()) else None for c in going],
        "person": ["1" if t.kind == Kind.KOUHO else None for t in things],
        "stays": ["1" if c.held or c.asked else None for c in going],
    }
    days = {"kept_from": [t.kept_from for t in things], "due_on": [t.due_on for t in things]}
    return pa.table(
        {k: pa.array(v, pa.string()) for k, v in {"class": [name] * len(things), **texts, **marks}.items()}
        | {k: pa.array(v, pa.date32()) for k, v in {**days, "over_on": [as_of - timedelta(days=1)] * len(things)}.items()}
    )


def _put(
    session: db.Session, site: Site, run: Run, name: str, as_of: date, going: Sequence[Candidate], found: Sequence[Candidate],
    overtaken: Sequence[int],
) -> Request | None:  # fmt: skip
    """The list, its approval, its sheet and its record, in one transaction with the end of those that it overtakes."""
    things = [c.thing for c in going]
    digest, total = list_hash(things), sum(t.bytes for t in things)
    with papers.recorded(session, site) as sheaf:
        for approval in overtaken:
            close(session, run, approval, Decision.SUPERSEDED, "後の申請による")
        if not going:
            return None
        approval = session.value(
            "ledger/approval_put", kind=KIND, run_id=run.run_id, content_hash=digest, maker=run.user_name,
            days=registry.approvals()[KIND].term, subject=_subject(name, as_of, going),
        )  # fmt: skip
        number = session.value(
            "retire/request_put", name=name, as_of=as_of, policy=candidates.policy_of(name), items=len(things), bytes=total,
            approval_id=approval, run_id=run.run_id, list_hash=digest,
        )  # fmt: skip
        session.many("retire/item_put", [_item(number, n, c) for n, c in enumerate(going, 1)])
        made = _sheets(sheaf, run, number, name, as_of, going)
        counts: dict[str, Any] = {"class": name, "items": len(things), "bytes": total, "list_hash": digest, "sha256": made}
        record(session, run, Operation.SHOUKYO_SHINSEI, f"retirement/{number}", counts)
        failpoint.reached("request written")
    return _receipt(name, number, going, found)


def _item(number: int, at: int, c: Candidate) -> dict[str, Any]:
    t = c.thing
    return {
        "retirement_id": number, "item": at, "kind": t.kind, "key": t.key, "object_id": None, "atena_no": None, "dataset": t.dataset,
        "sha256": t.sha256, "bytes": t.bytes, "kept_from": t.kept_from, "due_on": t.due_on, **c.row,
    }  # fmt: skip


def _subject(name: str, as_of: date, going: Sequence[Candidate]) -> str:
    """What is put before the second person, in one line: nobody is named."""
    title, days = registry.hokan().classes[name].title, [c.thing.kept_from for c in going]
    span = f"{wareki(min(days))}から{wareki(max(days))}まで"
    return (
        f"区分{name}　{title}　{len(going):,} 件　{sum(c.thing.bytes for c in going):,} バイト　{span}"
        f"（{candidates.policy_of(name)}、基準日 {wareki(as_of)}）"
    )


def _sheets(sheaf: papers.Sheaf, run: Run, number: int, name: str, as_of: date, going: Sequence[Candidate]) -> list[str]:
    """消去対象一覧, for whoever decides: as xlsx and as PDF."""
    title = f"消去対象一覧_第{number}号"
    rows = [sheets.listed(n, c.thing, layouts(), c.name) for n, c in enumerate(going, 1)]
    about = f"申請番号 第{number}号　区分{name}　{candidates.policy_of(name)}　基準日 {wareki(as_of)}"
    head, made = papers.heading(run, about), []
    for suffix, form in (("xlsx", paper.meisai), ("pdf", pdf.meisai_pdf)):
        at = papers.at(sheaf.site, Shelf.SHOUKYO, run.period, f"{title}.{suffix}")
        made.append(sheaf.put(run, at, form("消去対象一覧", sheets.HEADS, rows, sheets.LIST_NOTES, head)).sha256)
    return made


def _receipt(name: str, number: int, going: Sequence[Candidate], found: Sequence[Candidate]) -> Request:
    return Request(name, number, len(going), sum(c.thing.bytes for c in going), sum(c.held for c in found))
