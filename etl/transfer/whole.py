"""全件: the whole of a month for a recipient that is told what changed: all that it has after the last business day of the month.

It is compared with the sum of the files of the days before it leaves: a record more, less or other stops it (P37, P38). Day and moment are those
of that last day (of the next one that was done, where it was overtaken), so the same bytes can be made again at any time.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from etl.core.codec.columns import arrow_schema
from etl.core.dates import month_range, wareki
from etl.core.errors import DefinitionError, Refused
from etl.core.law.eigyoubi import business_days
from etl.core.mapping import registry, views
from etl.core.mapping.city import city
from etl.core.mapping.layout import leaving
from etl.core.mapping.transfers import Transfer
from etl.core.receipts import Output, Whole
from etl.door.hantei import each
from etl.door.numbers import next_seq
from etl.door.parcel import chosen, folder, pack
from etl.door.seen import seen
from etl.door.send import send
from etl.edge import atomic, db
from etl.run import Run
from etl.site import Site
from etl.transfer.changes import ADDED


def whole(site: Site, run: Run) -> Whole:
    """One file for each recipient, once. Refused NP-2112 (the last business day was not sent yet), NP-2114 (業務日が離れた実行), Unavailable NP-1021.
    What is refused of one recipient (NP-2113: other than the sum of the days) makes the run red when the others have theirs."""
    if run.apart:
        raise Refused("NP-2114", item=run.period)
    rows = registry.sent_by(run.job)
    with site.session() as session, db.locked(session, *(r.dataset for r in rows)):
        made, refused = each(rows, lambda row: _month(session, site, run, row))
    outputs = tuple(output for output, _, _ in made if output)
    return Whole(outputs, {dataset: n for _, dataset, n in made}, tuple(error.to_json() for error in refused))


def _month(session: db.Session, site: Site, run: Run, row: Transfer) -> tuple[Output | None, str, int]:
    """The file, its dataset, and how many records are other than what was told: 0, or nothing leaves."""
    last = business_days(*month_range(date.fromisoformat(f"{run.period}-01")))[-1]
    day = session.one("transfer/day_of_month", dataset=row.dataset, last=last)
    kept = session.rows("ledger/outputs", dataset=row.dataset, period=run.period)
    session.commit()
    if day is None:
        raise Refused("NP-2112", item=wareki(last))
    atomic.sweep(folder(site, row.dataset))
    with seen(site, row, day=day["business_on"], known_at=day["known_at"], shichoson_code=city()["code"]) as recipient:
        differences: int = recipient.value("transfer/differences", names=views.names(row), day=day["business_on"])
        rows = recipient.table(
            "transfer/whole", arrow_schema(leaving()[row.dataset].data), names=views.names(row), koshin_kbn=ADDED
        )
    if differences:
        raise DefinitionError("NP-2113", item=row.id, n=differences)
    if kept:
        path = folder(site, row.dataset, run.period) / kept[-1]["name"]
        return Output(row.dataset, str(path), kept[-1]["rows"], kept[-1]["sha256"], kept[-1]["version"]), row.dataset, differences
    return (_send(session, site, run, row, rows, last, day) if rows.num_rows else None), row.dataset, differences


def _send(session: db.Session, site: Site, run: Run, row: Transfer, rows: pa.Table, last: date, day: dict[str, Any]) -> Output:
    seq = next_seq(site, row.dataset, run.period, session.value("ledger/output_next_seq", dataset=row.dataset))
    session.commit()
    parcel = pack(
        chosen(row, rows),
        period=run.period,
        created_on=last,
        known_at=day["known_at"],
        version=1,
        month=last.replace(day=1),
        seq=seq,
    )
    return send(session, site, run, parcel, {"rows": rows.num_rows, "differences": 0})
