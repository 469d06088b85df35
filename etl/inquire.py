"""照会: ask → place. 住基照会: whose register row the office needs but does not hold; 所得照会: whose income an open application makes necessary.

Nobody is asked about without a ground, and what was asked is kept: only an answer to an open question is ever stored.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import datetime, time
from typing import Any

import pyarrow as pa

from etl.core.codec.columns import arrow_schema, from_values
from etl.core.codec.decode import Decoder, split
from etl.core.codec.encode import encode_fixed, end_file, totals
from etl.core.errors import DefinitionError, Refused
from etl.core.mapping.layout import Layout, layouts
from etl.core.mapping.names import format_name, parse_name
from etl.edge import db, failpoint, files, suites
from etl.run import Run, record
from etl.site import Site, city

#: job -> dataset of its questions
DATASETS = {"juki_shoukai_daily": "juki_shoukai", "shotoku_shoukai_daily": "shotoku_shoukai"}
#: dataset -> what a question is called in the record; the statement that keeps one
KEPT = {"juki_shoukai": ("住基照会", "inquire/ask_juki"), "shotoku_shoukai": ("所得照会", "inquire/ask_shotoku")}
NOT_KEPT = "kojin_no"
MADE_AT = time(4, 0)  # 作成日時 of the business day: an input of the file, not of the clock


def ask(site: Site, run: Run) -> dict[str, Any]:
    """How many questions there are now, by reason."""
    with site.session() as session:
        reasons = Counter(row["shoukai_jiyu_code"] for row in session.rows(f"inquire/{DATASETS[run.job]}"))
    return {"questions": reasons.total(), "reasons": dict(sorted(reasons.items()))}


def place(site: Site, run: Run) -> dict[str, Any]:
    """The file, then in one transaction its questions and its ledger row; nothing to ask makes no file. Again: the same files."""
    dataset = DATASETS[run.job]
    with site.session() as session, db.locked(session, "pension:shared", dataset):
        needed = _needed(session, site, run)
        files.sweep(site.outbox / dataset)
        if needed:
            _place(session, site, run, needed)
        made = session.rows("ledger/outputs", dataset=dataset, period=run.period)
    folder = site.outbox / dataset / run.period
    return {
        "outputs": [
            {"dataset": dataset, "path": str(folder / v["name"]), "rows": v["rows"], "sha256": v["sha256"], "version": v["version"]} for v in made
        ]
    }


def _needed(session: db.Session, site: Site, run: Run) -> list[dict[str, Any]]:
    """The questions in the order of the file, numbered. 住基: by 宛名番号, before them by 個人番号 those of results of nobody held."""
    dataset = DATASETS[run.job]
    with session.transaction():
        asked = session.rows(f"inquire/{dataset}")
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


def _place(session: db.Session, site: Site, run: Run, needed: list[dict[str, Any]]) -> None:
    dataset = DATASETS[run.job]
    layout, (title, keep) = layouts()[dataset], KEPT[dataset]
    columns = [from_values(f, [q[f.name] for q in needed]) for f in layout.data.stored]
    rows = pa.Table.from_arrays(columns, schema=arrow_schema(layout.data))
    seq = session.value("ledger/output_next_seq", dataset=dataset)
    session.commit()
    name = format_name(layout.file.name, city=city()["code"], business_on=run.day, seq=seq, version=1)
    made_at = datetime.combine(run.day, MADE_AT)
    header = {"shichoson_code": city()["code"], "zenken_idou_kbn": "2", "business_on": run.day, "created_at": made_at, "seq": seq, "version": 1}
    data = encode_fixed(layout, header, rows, {"shichoson_code": city()["code"], **totals(rows)})
    path = site.outbox / dataset / run.period / name
    if path.exists() and path.read_bytes() != data and path.with_name(f"{name}.end").exists():
        raise Refused("NP-2102", file=name)
    _check_number(site, dataset, seq, name)
    suites.require(dataset, rows, name)
    files.place(path, data)
    failpoint.reached("questions placed")
    _read_back(layout, path.read_bytes(), rows, name)
    digest = hashlib.sha256(data).hexdigest()
    with session.transaction():
        questions = [{k: v for k, v in q.items() if k != NOT_KEPT} for q in needed]
        session.many(keep, [{**q, "run_id": run.run_id, "asked_on": run.day} for q in questions])
        output_id = session.value(
            "ledger/output_put", run_id=run.run_id, dataset=dataset, period=run.period, seq=seq, version=1, name=name, rows=rows.num_rows,
            sha256=digest, body_sha256=digest, created_on=run.day, known_at=run.started_at, reason=run.reason, approval_id=None,
        )  # fmt: skip
        session.run("ledger/output_release", output_id=output_id)
        record(session, run, title, name, {"questions": rows.num_rows})
        failpoint.reached("questions recorded")
        files.place(path.with_name(f"{name}.end"), end_file(name, data, rows.num_rows))
        failpoint.reached("questions released")


def _check_number(site: Site, dataset: str, seq: int, name: str) -> None:
    """Another file with this number has its manifest but no ledger row: its day is run again first (NP-2102), else two would have one number."""
    form = layouts()[dataset].file.name
    for end in sorted((site.outbox / dataset).rglob("*.end")):
        other = end.name.removesuffix(".end")
        if other != name and (parse_name(form, other) or {}).get("seq") == seq:
            raise Refused("NP-2102", file=other)


def _read_back(layout: Layout, data: bytes, rows: pa.Table, name: str) -> None:
    """DefinitionError NP-2101 unless the file decodes to what was asked."""
    found = split(data, layout, name)
    again = pa.Table.from_batches([Decoder(layout.data).decode(found.records)])
    if again != rows.combine_chunks():
        raise DefinitionError("NP-2101", file=name)
