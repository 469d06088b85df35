"""異動の提案: changes of 資格 that follow from a file or from the calendar. ``core.law`` decides; here proposals are filed."""

from __future__ import annotations

from etl.audit import close, record
from etl.core.law import shikaku
from etl.core.law.kijitsu import kijitsu
from etl.core.law.soushitsu import MINASHI_BORN, Person, Proposal, Row, Shikaku
from etl.core.mapping import registry
from etl.core.states import Decision, Operation
from etl.edge import db
from etl.ingest.inbound import Inbound
from etl.ingest.staged import Followed, Staged
from etl.run import Run

LABEL = {"loss": "喪失", "correct": "喪失の訂正", "undo": "喪失の取消し"}
BY_IDOU, BY_AGE = "後の異動による", "年齢到達又は生年月日の訂正による"  # why a proposal is withdrawn


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
        withdraw(session, run, approval_id, BY_IDOU)
    made, withdrawn = _decide(session, run, file_id)
    return Followed(made, withdrawn + len(superseded))


def _decide(session: db.Session, run: Run, file_id: int) -> tuple[int, int]:
    """The rows of a file in its order, each seen by the next of the same person. Returns (made, withdrawn)."""
    made = withdrawn = 0
    rows = session.rows("ingest/idou_events", file_id=file_id)
    people = _people(session, sorted({row["atena_no"] for row in rows}), file_id)
    for row in rows:
        person = people[row.pop("atena_no")]
        decision = shikaku.decide(person, Row(**row), run.day)
        _file(session, run, person, decision, BY_IDOU)
        made += len(decision.made)
        withdrawn += len(decision.withdrawn)
    return made, withdrawn


def _file(session: db.Session, run: Run, person: Person, decision: shikaku.Decision, reason: str) -> None:
    """Put on file what was decided; the person then holds the proposals as they are there."""
    for proposal in decision.withdrawn:
        withdraw(session, run, proposal.approval_id or 0, reason)
    filed = {p: propose(session, run, person.atena_no, p) for p in decision.made}
    person.pending = [filed.get(p, p) for p in person.pending]


def _people(session: db.Session, numbers: list[str], file_id: int | None = None) -> dict[str, Person]:
    """What is known of these persons: with ``file_id``, the rows as they were before that file."""
    people = {n: Person(n) for n in numbers}
    for row in session.rows("ingest/idou_birth", numbers=numbers):
        people[row["atena_no"]].birth_on = row["birth_on"]
    for row in session.rows("ingest/idou_shikaku", numbers=numbers):
        people[row.pop("atena_no")].shikaku.append(Shikaku(**row))
    for row in session.rows("ingest/idou_proposals", numbers=numbers):
        person = people[row.pop("atena_no")]
        (person.rejected if row["decided_at"] else person.pending).append(Proposal(**row))
    for row in session.rows("ingest/idou_rows", numbers=numbers, file_id=file_id):
        people[row.pop("atena_no")].take(Row(**row))
    return people


def propose(session: db.Session, run: Run, atena_no: str, p: Proposal) -> Proposal:
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
    return Proposal(p.shikaku_key, p.action, p.lost_on, p.soushitsu_jiyu_code, p.atena_id, approval_id)


def withdraw(session: db.Session, run: Run, approval_id: int, reason: str) -> None:
    close(session, run, approval_id, Decision.WITHDRAWN, reason)


def renew(session: db.Session, run: Run) -> int:
    """Proposals whose term ended undecided are put before the second person again."""
    with session.transaction():
        expired = session.rows("ingest/idou_expired")
        for row in expired:
            withdraw(session, run, row["approval_id"], "期限切れ")
            propose(session, run, row.pop("atena_no"), Proposal(**row))
    return len(expired)


def ages(session: db.Session, run: Run) -> int:
    """By the calendar, on the first run on or after the day (also on days without a 住基 file): 60歳到達 is proposed, 任意加入 at the age of its
    end is put on the 確認リスト; what a birth date gave that is no longer so is taken back."""
    made = withdrawn = 0
    with session.transaction():
        numbers = session.rows("ingest/sixty", business_on=run.day, age=kijitsu().age("soushitsu", run.day))
        for person in _people(session, [row["atena_no"] for row in numbers]).values():
            decision = shikaku.review(person, run.day)
            _file(session, run, person, decision, BY_AGE)
            made += len(decision.made)
            withdrawn += len(decision.withdrawn)
        session.run("ingest/nini_leave", business_on=run.day)
        session.run("ingest/nini", business_on=run.day, minashi_born=MINASHI_BORN)
        record(session, run, Operation.ROKUJU_KAKUNIN, run.period, {"made": made, "withdrawn": withdrawn})
    return made
