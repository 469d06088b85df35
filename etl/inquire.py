"""照会: who is to be asked about, the file that asks, and what is kept of it. ask (how many, by reason) → place (the file).

Nobody is asked about without a ground, and what was asked is kept: only an answer to an open question may enter (評価書 Ⅲ-2 リスク1).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa

from etl.core.codec.columns import arrow_schema, from_values
from etl.core.mapping import registry
from etl.core.mapping.layout import leaving
from etl.core.mapping.registry import Transfer
from etl.core.receipts import Asked, Output, Sent
from etl.door.numbers import next_seq
from etl.door.parcel import chosen, folder, pack
from etl.door.send import send
from etl.edge import atomic, db
from etl.run import Run
from etl.site import Site

NUMBER = "kojin_no"  # stands in the file, never in what is kept of the question


def ask(site: Site, run: Run) -> Asked:
    """How many questions there are now, by reason."""
    with site.session() as session:
        reasons = Counter(q["shoukai_jiyu_code"] for q in session.rows(_row(run).select))
    return Asked(reasons.total(), dict(sorted(reasons.items())))


def place(site: Site, run: Run) -> Sent:
    """The file, then in one transaction its questions and its ledger row; nothing to ask makes no file. Again: the same files."""
    row, made = _row(run), None
    with site.session() as session, db.locked(session, "pension:shared", row.dataset):
        needed = _needed(session, site, run, row)
        atomic.sweep(folder(site, row.dataset))
        if needed:
            made = _send(session, site, run, row, needed)
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


def _needed(session: db.Session, site: Site, run: Run, row: Transfer) -> list[dict[str, Any]]:
    """The questions in the order of the file, numbered. 住基: by 宛名番号, before them by 個人番号 those of results of nobody held."""
    with session.transaction():
        asked = session.rows(row.select)
        last = session.value("inquire/last_number", names={"table": row.dataset}, business_on=run.day)
        if row.kojin_no:
            asked = [{**q, NUMBER: _in_clear(session, site, run, q["kojin_id"])} for q in asked]
            asked.sort(key=lambda q: (q["atena_no"] or "", q[NUMBER] or ""))
    return [{**q, "shoukai_no": f"{run.day:%Y%m%d}{number:07}"} for number, q in enumerate(asked, last + 1)]


def _in_clear(session: db.Session, site: Site, run: Run, kojin_id: int | None) -> str | None:
    """For the file alone; the vault records who read it and why."""
    if kojin_id is None:
        return None
    who = {"user_name": run.user_name, "unit": run.unit, "terminal": run.terminal}
    row = session.one("inquire/kojin_no", kojin_id=kojin_id, run_id=run.run_id, **who) or {}
    return site.keys.decrypt(row["key_id"], bytes(row["cipher"])).decode("ascii")


def _send(session: db.Session, site: Site, run: Run, row: Transfer, needed: list[dict[str, Any]]) -> Output:
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
        also=lambda: session.many(f"inquire/keep_{row.dataset}", questions),
    )
