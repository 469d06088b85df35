"""異動の提案: changes of 資格 that follow from a file or from the calendar. ``core.law`` decides; here proposals are filed."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from etl.audit import record
from etl.core.law import shikaku
from etl.core.law.kijitsu import kijitsu
from etl.core.mapping import registry
from etl.core.states import Decision, Operation
from etl.edge import db
from etl.ingest.inbound import Inbound
from etl.ingest.staged import Followed, Staged
from etl.run import Run

LABEL = {"loss": "喪失", "correct": "喪失の訂正", "undo": "喪失の取消し"}


def follow(session: db.Session, run: Run, inbound: Inbound, file_id: int, _staged: Staged) -> Followed:
    """After the rows of a 住基 file entered: candidates, answered questions, worklists, proposals. In the load's transaction."""
    session.run("ingest/kouho", file_id=file_id, business_on=inbound.business_on, months=inbound.layout.keep["kouho"].months)
    if inbound.kubun == "3":
        session.run("ingest/answered", file_id=file_id)
    session.run("ingest/worklist_superseded", file_id=file_id)
    session.run("ingest/worklist", file_id=file_id, business_on=inbound.business_on, resets=inbound.resets)
    session.run("ingest/kouho_leave", business_on=run.day)
    superseded = [row["approval_id"] for row in session.rows("ingest/idou_of_superseded", file_id=file_id)]
    for approval_id in superseded:
        withdraw(session, run, approval_id)
    made, withdrawn = _decide(session, run, session.rows("ingest/idou_events", file_id=file_id))
    return Followed(made, withdrawn + len(superseded))


def _decide(session: db.Session, run: Run, events: list[dict[str, Any]]) -> tuple[int, int]:
    """Person by person, rows in file order. Returns (made, withdrawn)."""
    made = withdrawn = 0
    people = _people(session, sorted({e["atena_no"] for e in events}))
    for event in events:
        person = people[event.pop("atena_no")]
        decision = shikaku.decide(person, shikaku.Event(**event))
        for proposal in decision.withdrawn:
            withdraw(session, run, proposal.approval_id or 0)
        filed = {p: propose(session, run, person.atena_no, p) for p in decision.made}
        person.pending = [filed.get(p, p) for p in person.pending]
        made += len(decision.made)
        withdrawn += len(decision.withdrawn)
    return made, withdrawn


def _people(session: db.Session, numbers: list[str]) -> dict[str, shikaku.Person]:
    people = {n: shikaku.Person(n, []) for n in numbers}
    for row in session.rows("ingest/idou_shikaku", numbers=numbers):
        people[row.pop("atena_no")].shikaku.append(shikaku.Shikaku(**row))
    pending = session.rows("ingest/idou_pending", numbers=numbers)
    for atena_no, rows in groupby(sorted(pending, key=lambda r: (r["atena_no"], r["approval_id"])), key=lambda r: r["atena_no"]):
        people[atena_no].pending = [shikaku.Proposal(**{k: v for k, v in row.items() if k != "atena_no"}) for row in rows]
    return people


def propose(session: db.Session, run: Run, atena_no: str, p: shikaku.Proposal) -> shikaku.Proposal:
    """File a proposal. The subject names the kind, never the person."""
    subject = LABEL[p.action] + (f"（事由 {p.soushitsu_jiyu_code}）" if p.soushitsu_jiyu_code else "")
    digest = shikaku.content_hash(atena_no, p.shikaku_key, p.action, p.lost_on, p.soushitsu_jiyu_code)
    approval_id = session.value(
        "ledger/approval_put",
        kind="idou",
        run_id=run.run_id,
        subject=subject,
        content_hash=digest,
        maker=run.user_name,
        days=registry.approvals()["idou"].term,
    )
    session.run(
        "ingest/idou_propose", approval_id=approval_id, atena_no=atena_no, shikaku_key=p.shikaku_key, action=p.action, lost_on=p.lost_on,
        soushitsu_jiyu_code=p.soushitsu_jiyu_code, atena_id=p.atena_id,
    )  # fmt: skip
    record(session, run, Operation.IDOU_KIAN, subject, {"approval_id": approval_id}, atena_no=atena_no)
    return shikaku.Proposal(p.shikaku_key, p.action, p.lost_on, p.soushitsu_jiyu_code, p.atena_id, approval_id)


def withdraw(session: db.Session, run: Run, approval_id: int, reason: str = "後の異動による") -> None:
    session.run("ledger/approval_decide", approval_id=approval_id, decision=Decision.WITHDRAWN, checker=None, reason=reason)
    record(session, run, Operation.TORISAGE, "idou", {"approval_id": approval_id})


def renew(session: db.Session, run: Run) -> int:
    """Proposals whose term ended undecided are put before the second person again."""
    with session.transaction():
        expired = session.rows("ingest/idou_expired")
        for row in expired:
            withdraw(session, run, row["approval_id"], "期限切れ")
            propose(session, run, row.pop("atena_no"), shikaku.Proposal(**row))
    return len(expired)


def sixty(session: db.Session, run: Run) -> int:
    """60歳到達 by the calendar, on the first run on or after the day (also on days without a 住基 file)."""
    made = 0
    with session.transaction():
        for row in session.rows("ingest/sixty", business_on=run.day, age=kijitsu().age("soushitsu", run.day)):
            day = shikaku.lost_at_sixty(row["birth_on"], row["acquired_on"], run.day)
            if day:
                propose(session, run, row["atena_no"], shikaku.Proposal(row["key"], "loss", day, shikaku.SIXTY))
                made += 1
        record(session, run, Operation.ROKUJU_KAKUNIN, run.period, {"made": made})
    return made
