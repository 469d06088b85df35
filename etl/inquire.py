"""照会: who is to be asked about, the file that asks, and what is kept of it. ask (how many, by reason) → place (the file).

What 業務日が離れた実行 would ask waits for a second person between the two; their yes brings the file out.

Nobody is asked about without a ground, and what was asked is kept: only an answer to an open question may enter (評価書 Ⅲ-2 リスク1).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

import pyarrow as pa

from etl.audit import close, record
from etl.core.codec.columns import arrow_schema, from_values
from etl.core.errors import Refused
from etl.core.mapping import registry, views
from etl.core.mapping.layout import leaving
from etl.core.mapping.transfers import Transfer
from etl.core.receipts import Asked, Output, Sent
from etl.core.states import Decision, Operation
from etl.door import in_clear
from etl.door.numbers import next_seq
from etl.door.parcel import chosen, folder, pack
from etl.door.seen import seen
from etl.door.send import send
from etl.edge import atomic, db
from etl.run import Run
from etl.site import Site

KIND = "shoukai"  # of approval
NUMBER = "kojin_no"  # stands in the file, never in what is kept of the question


def ask(site: Site, run: Run) -> Asked:
    """How many questions there are now, by reason. What an earlier run of the job left waiting for a second person is overtaken."""
    row = _row(run)
    with site.session() as session, db.locked(session, "pension:shared", row.dataset), session.transaction():
        asked = _asked(site, row)
        wanted = _hash(asked) if run.apart and asked else None
        waits = _overtake(session, run, wanted)
        if wanted and not waits:
            _put_before_second_person(session, run, row, wanted, len(asked))
    reasons = Counter(q["shoukai_jiyu_code"] for q in asked)
    return Asked(reasons.total(), dict(sorted(reasons.items())), int(wanted is not None))


def _asked(site: Site, row: Transfer) -> list[dict[str, Any]]:
    """Who is to be asked about, as the row's own log-in sees it."""
    with seen(site, row) as session:
        return session.rows("transfer/permitted", names=views.names(row))


def _hash(asked: list[dict[str, Any]]) -> str:
    """What a second person approves: who is asked about, and why."""
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def _overtake(session: db.Session, run: Run, wanted: str | None) -> bool:
    """Undecided questions of the job end, but this run's own of the same content. Returns whether it is there."""
    waiting = session.rows("inquire/waiting", kind=KIND, job=run.job)
    own = [w for w in waiting if w["run_id"] == run.run_id and w["content_hash"] == wanted]
    for w in waiting:
        if w not in own:
            close(session, run, w["approval_id"], Decision.SUPERSEDED, "後の照会による")
    return bool(own)


def _put_before_second_person(session: db.Session, run: Run, row: Transfer, wanted: str, questions: int) -> None:
    session.value(
        "ledger/approval_put", kind=KIND, run_id=run.run_id, subject=f"{leaving()[row.dataset].title}（{run.period}、{questions:,} 件）",
        content_hash=wanted, maker=run.user_name, days=registry.approvals()[KIND].term,
    )  # fmt: skip
    record(session, run, Operation.SHOUKAI_KIAN, f"{row.dataset}/{run.period}", {"questions": questions})


def place(site: Site, run: Run) -> Sent:
    """The file, then in one transaction its questions and its ledger row; nothing to ask makes no file. Again: the same files.

    Refused NP-2032 when other questions were approved than there are now.
    """
    row, made = _row(run), None
    with site.session() as session, db.locked(session, "pension:shared", row.dataset):
        needed = _needed(session, site, run, row) if _may_leave(session, site, run, row) else []
        atomic.sweep(folder(site, row.dataset))
        if needed:
            made = _send(session, site, run, row, needed, _hash(_asked(site, row)))
        kept = session.rows("ledger/outputs", dataset=row.dataset, period=run.period)
    outputs = (
        Output(row.dataset, str(folder(site, row.dataset, run.period) / v["name"]), v["rows"], v["sha256"], v["version"])
        for v in kept
    )
    return Sent(tuple(made if made and made.path == o.path else o for o in outputs))


def _row(run: Run) -> Transfer:
    """The one row that a job of questions sends."""
    (row,) = registry.sent_by(run.job)
    return row


def _may_leave(session: db.Session, site: Site, run: Run, row: Transfer) -> bool:
    """Whether the run's questions may go: at once, or with the approval of a second person, and then once."""
    if not run.apart:
        return True
    found = session.one("inquire/approved", kind=KIND, run_id=run.run_id)
    session.commit()
    asked = _asked(site, row)
    if found is None or found["released"] or not asked:
        return False
    if found["content_hash"] != _hash(asked):
        raise Refused("NP-2032", file=row.dataset)
    return True


def _needed(session: db.Session, site: Site, run: Run, row: Transfer) -> list[dict[str, Any]]:
    """The questions in the order of the file, numbered. 住基: by 宛名番号, before them by 個人番号 those of results of nobody held."""
    with session.transaction():
        asked = _asked(site, row)
        last = session.value("inquire/last_number", names={"table": row.dataset}, business_on=run.day)
    if row.kojin_no:
        numbers = in_clear.numbers(site, run, [q["kojin_id"] for q in asked], row.operation)
        asked = [{**q, NUMBER: number} for q, number in zip(asked, numbers, strict=True)]
        asked.sort(key=lambda q: (q["atena_no"] or "", q[NUMBER] or ""))
    return [{**q, "shoukai_no": f"{run.day:%Y%m%d}{number:07}"} for number, q in enumerate(asked, last + 1)]


def _send(session: db.Session, site: Site, run: Run, row: Transfer, needed: list[dict[str, Any]], content: str) -> Output:
    data = leaving()[row.dataset].data
    rows = pa.Table.from_arrays([from_values(f, [q[f.name] for q in needed]) for f in data.stored], schema=arrow_schema(data))
    seq = next_seq(site, row.dataset, run.period, session.value("ledger/output_next_seq", dataset=row.dataset))
    session.commit()
    parcel = pack(chosen(row, rows), period=run.period, created_on=run.day, known_at=run.started_at, version=1, seq=seq)
    questions = [{**{k: v for k, v in q.items() if k != NUMBER}, "run_id": run.run_id, "asked_on": run.day} for q in needed]
    return send(
        session,
        site,
        run,
        parcel,
        {"questions": rows.num_rows},
        also=lambda _: session.many(f"inquire/keep_{row.dataset}", questions),
        content=content,
    )
