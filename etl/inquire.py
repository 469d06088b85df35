"""照会: ask → place. 住基照会: whose register row the office needs but does not hold; 所得照会: whose income an open application makes necessary.

Nobody is asked about without a ground, and what was asked is kept: only an answer to an open question is ever stored.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa

from etl import door
from etl.core.codec.columns import arrow_schema, from_values
from etl.core.mapping import registry
from etl.core.mapping.layout import layouts
from etl.core.mapping.registry import Transfer
from etl.edge import db, files
from etl.run import Run
from etl.site import Site

#: dataset -> the statement that keeps a question
KEPT = {"juki_shoukai": "inquire/ask_juki", "shotoku_shoukai": "inquire/ask_shotoku"}
NOT_KEPT = "kojin_no"


def row_of(run: Run) -> Transfer:
    (only,) = registry.jobs()[run.job].sends
    return registry.transfers()[only]


def ask(site: Site, run: Run) -> dict[str, Any]:
    """How many questions there are now, by reason."""
    with site.session() as session:
        reasons = Counter(row["shoukai_jiyu_code"] for row in session.rows(row_of(run).select))
    return {"questions": reasons.total(), "reasons": dict(sorted(reasons.items()))}


def place(site: Site, run: Run) -> dict[str, Any]:
    """The file, then in one transaction its questions and its ledger row; nothing to ask makes no file. Again: the same files."""
    row = row_of(run)
    dataset = row.dataset
    with site.session() as session, db.locked(session, "pension:shared", dataset):
        needed = _needed(session, site, run)
        files.sweep(site.outbox / dataset)
        if needed:
            _place(session, site, run, row, needed)
        made = session.rows("ledger/outputs", dataset=dataset, period=run.period)
    folder = site.outbox / dataset / run.period
    return {
        "outputs": [
            {"dataset": dataset, "path": str(folder / v["name"]), "rows": v["rows"], "sha256": v["sha256"], "version": v["version"]} for v in made
        ]
    }


def _needed(session: db.Session, site: Site, run: Run) -> list[dict[str, Any]]:
    """The questions in the order of the file, numbered. 住基: by 宛名番号, before them by 個人番号 those of results of nobody held."""
    row = row_of(run)
    dataset = row.dataset
    with session.transaction():
        asked = session.rows(row.select)
        last = session.value("inquire/last_number", names={"table": dataset}, business_on=run.day)
        if dataset == "juki_shoukai":
            asked = [{**row, "kojin_no": _kojin_no(session, site, run, row["kojin_id"])} for row in asked]
            asked.sort(key=lambda q: (q["atena_no"] or "", q["kojin_no"] or ""))
    return [{**q, "shoukai_no": f"{run.day:%Y%m%d}{number:07}"} for number, q in enumerate(asked, last + 1)]


def _kojin_no(session: db.Session, site: Site, run: Run, kojin_id: int | None) -> str | None:
    """In clear, for the file alone; the vault records who read it and why."""
    if kojin_id is None:
        return None
    who = {"user_name": run.user_name, "unit": run.unit, "terminal": run.terminal}
    row = session.one("inquire/kojin_no", kojin_id=kojin_id, run_id=run.run_id, **who) or {}
    return site.keys.decrypt(row["key_id"], bytes(row["cipher"])).decode("ascii")


def _place(session: db.Session, site: Site, run: Run, row: Transfer, needed: list[dict[str, Any]]) -> None:
    layout, keep = layouts()[row.dataset], KEPT[row.dataset]
    columns = [from_values(f, [q[f.name] for q in needed]) for f in layout.data.stored]
    rows = pa.Table.from_arrays(columns, schema=arrow_schema(layout.data))
    seq = session.value("ledger/output_next_seq", dataset=row.dataset)
    session.commit()
    parcel = door.pack(row, *door.parted(row, rows), period=run.period, created_on=run.day, known_at=run.started_at, version=1, seq=seq)
    questions = [{**{k: v for k, v in q.items() if k != NOT_KEPT}, "run_id": run.run_id, "asked_on": run.day} for q in needed]
    door.send(session, site, run, parcel, row.operation, {"questions": rows.num_rows}, also=lambda: session.many(keep, questions))
