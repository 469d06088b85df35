"""照会: 住基照会 — persons whose register row the office needs but does not hold. ask → place."""

from __future__ import annotations

import hashlib
from datetime import datetime, time
from typing import Any

import pyarrow as pa

from etl.core.decode import Decoder, split
from etl.core.encode import encode_fixed, end_file, totals
from etl.core.errors import DefinitionError, Refused
from etl.core.layout import layouts
from etl.core.names import format_name, parse_name
from etl.edge import db, failpoint, files, suites
from etl.run import Run, record
from etl.site import Site, city

DATASET = "juki_shoukai"
MADE_AT = time(4, 0)  # 作成日時 of the business day: an input of the file, not of the clock


def ask(site: Site, run: Run) -> dict[str, Any]:
    """How many persons would be asked for now, by reason."""
    with site.session() as session:
        rows = _rows(session, run)
    reasons = rows.column("shoukai_jiyu_code").value_counts().to_pylist()
    return {"questions": rows.num_rows, "reasons": {r["values"]: r["counts"] for r in reasons}}


def place(site: Site, run: Run) -> dict[str, Any]:
    """The file, then in one transaction its questions and its ledger row; nothing to ask makes no file. Again: the same files."""
    with site.session() as session, db.locked(session, "pension:shared", DATASET):
        rows = _rows(session, run)
        session.commit()
        files.sweep(site.outbox / DATASET)
        if rows.num_rows:
            _place(session, site, run, rows)
        made = session.rows("ledger/outputs", dataset=DATASET, period=run.period)
    folder = site.outbox / DATASET / run.period
    return {
        "outputs": [
            {"dataset": DATASET, "path": str(folder / v["name"]), "rows": v["rows"], "sha256": v["sha256"], "version": v["version"]} for v in made
        ]
    }


def _rows(session: db.Session, run: Run) -> pa.Table:
    return session.table("inquire/juki_shoukai", Decoder(layouts()[DATASET].data).schema, business_on=run.day)


def _place(session: db.Session, site: Site, run: Run, rows: pa.Table) -> None:
    layout = layouts()[DATASET]
    seq = session.value("ledger/output_next_seq", dataset=DATASET)
    session.commit()
    name = format_name(layout.file.name, city=city()["code"], business_on=run.day, seq=seq, version=1)
    made_at = datetime.combine(run.day, MADE_AT)
    header = {"shichoson_code": city()["code"], "zenken_idou_kbn": "2", "business_on": run.day, "created_at": made_at, "seq": seq, "version": 1}
    data = encode_fixed(layout, header, rows, {"shichoson_code": city()["code"], **totals(rows)})
    path = site.outbox / DATASET / run.period / name
    if path.exists() and path.read_bytes() != data and path.with_name(f"{name}.end").exists():
        raise Refused("NP-2102", file=name)
    _check_number(site, seq, name)
    suites.require(DATASET, rows, name)
    files.place(path, data)
    failpoint.reached("questions placed")
    _read_back(path.read_bytes(), rows, name)
    digest = hashlib.sha256(data).hexdigest()
    with session.transaction():
        questions = rows.select(["shoukai_no", "atena_no", "shoukai_jiyu_code", "konkyo_no"]).to_pylist()
        session.many("inquire/ask", [{**q, "run_id": run.run_id, "asked_on": run.day} for q in questions])
        output_id = session.value(
            "ledger/output_put", run_id=run.run_id, dataset=DATASET, period=run.period, seq=seq, version=1, name=name, rows=rows.num_rows,
            sha256=digest, body_sha256=digest, created_on=run.day, known_at=run.started_at, reason=run.reason, approval_id=None,
        )  # fmt: skip
        session.run("ledger/output_release", output_id=output_id)
        record(session, run, "住基照会", name, {"questions": rows.num_rows})
        failpoint.reached("questions recorded")
        files.place(path.with_name(f"{name}.end"), end_file(name, data, rows.num_rows))
        failpoint.reached("questions released")


def _check_number(site: Site, seq: int, name: str) -> None:
    """Another file with this number has its manifest but no ledger row: its day is run again first (NP-2102), else two would have one number."""
    form = layouts()[DATASET].file.name
    for end in sorted((site.outbox / DATASET).rglob("*.end")):
        other = end.name.removesuffix(".end")
        if other != name and (parse_name(form, other) or {}).get("seq") == seq:
            raise Refused("NP-2102", file=other)


def _read_back(data: bytes, rows: pa.Table, name: str) -> None:
    """DefinitionError NP-2101 unless the file decodes to what was asked."""
    layout = layouts()[DATASET]
    found = split(data, layout, name)
    again = pa.Table.from_batches([Decoder(layout.data).decode(found.records)])
    if again != rows.combine_chunks():
        raise DefinitionError("NP-2101", file=name)
