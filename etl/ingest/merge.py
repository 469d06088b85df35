"""取込の後半: staged rows become rows of the 国民年金情報ファイル. One transaction: rows, counts, proposals, ledger and record.

The key, the content and the table of a row are in the views ``staging.<dataset>_rows``, ``_held`` and ``_entering``, which are made from the
mapping; what else differs between datasets is its ``load:``.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from etl.core.codec.decode import RowError
from etl.core.errors import DefinitionError, SourceError
from etl.core.mapping import tables
from etl.edge import db, failpoint, files, suites
from etl.ingest import idou, kaitou
from etl.ingest.arrive import Inbound
from etl.ingest.stage import keep_raw, over_limit, uncount_gaiji
from etl.ingest.staged import Staged
from etl.run import Run, check_fence, record
from etl.site import Site

MANY = 5_000  # rows after which the planner must look again at what it has
#: ``load.then`` -> what follows the rows, in the same transaction
THEN = {"idou": idou.after_load, "kaitou": kaitou.after_load}


def validate(site: Site, inbound: Inbound, staged: Staged, last: int | None) -> list[suites.Finding]:
    """The suite of the dataset on what would change. SourceError NP-2013 when a ``fail`` expectation fails."""
    counts = {
        "data_count": staged.data, "last_data_count": last, "quarantined_count": len(staged.errors),
        "out_of_scope_count": staged.out_of_scope, "unchanged_count": staged.unchanged, "staged_count": staged.staged,
    }  # fmt: skip
    findings = suites.validate(site.url, inbound.layout.dataset, f"staging.{inbound.layout.dataset}", counts, day=inbound.business_on)
    failed = [f for f in findings if not f.passed and f.severity == "fail"]
    if failed:
        raise SourceError("NP-2013", file=inbound.name, failed="、".join(f"{f.label} {f.unexpected} 件" for f in failed))
    return findings


def merge(session: db.Session, site: Site, run: Run, inbound: Inbound, staged: Staged, fences: dict[str, int]) -> dict[str, Any]:
    """Returns counts, findings and the number of proposals. SourceError NP-2012 or NP-2013: nothing changes.

    The suite looks at the staged rows on a connection of its own while they are merged here; its word comes before the commit.
    """
    dataset = inbound.layout.dataset
    last = session.value("ledger/file_last_count", dataset=dataset, stream=inbound.stream, resets=inbound.resets)
    with ThreadPoolExecutor(1) as suite, session.transaction():
        checking = suite.submit(validate, site, inbound, staged, last)
        check_fence(session, fences)
        file_id = session.value("ledger/file_id")
        verdicts = _judge(session, inbound, staged)
        contradictions = [row["line"] for row in session.rows("ingest/contradictions")]
        _check_limit(inbound, staged, len(contradictions))
        if staged.gaiji_rows:
            uncount_gaiji(inbound, staged, [row["line"] for row in session.rows("ingest/not_stored")])
        entered = _enter(session, site, inbound, file_id)
        failpoint.reached("rows entered")
        findings = checking.result()
        failpoint.reached("validated")
        counts = _count(session, inbound, staged, verdicts, entered, len(contradictions), file_id)
        _put_file(session, run, inbound, staged, counts, file_id)
        keep_raw(session, site, inbound, staged, contradictions)
        _put_quarantine(session, site, staged, contradictions, file_id)
        files.check_unchanged(inbound.arrival)
        failpoint.reached("ledger written")
        proposals = THEN[then](session, run, inbound, file_id, staged) if (then := inbound.layout.load.then) else {"made": 0, "withdrawn": 0}
        record(session, run, "取込", inbound.name, {**counts, **proposals})
        failpoint.reached("before commit")
    failpoint.reached("committed")
    return {"counts": counts, "findings": findings, "last": last, **proposals}


def _names(dataset: str) -> dict[str, str]:
    return {"staged": f"staging.{dataset}_rows", "held": f"staging.{dataset}_held"}


def _judge(session: db.Session, inbound: Inbound, staged: Staged) -> dict[str, int]:
    """How many suspects of each verdict; the verdicts themselves stay in a temporary table until commit."""
    if not staged.suspects:
        session.run("ingest/verdict_none")
        return {}
    session.run("ingest/verdict", names=_names(inbound.layout.dataset), version=inbound.version)
    return {row["verdict"]: row["n"] for row in session.rows("ingest/verdict_counts")}


def _check_limit(inbound: Inbound, staged: Staged, contradictions: int) -> None:
    limit = inbound.layout.quarantine_limit
    if len(staged.errors) + contradictions > max(limit.rows, staged.data * limit.share):
        raise over_limit(inbound, staged, contradictions)


def _enter(session: db.Session, site: Site, inbound: Inbound, file_id: int) -> int:
    """Supersede, keep 個人番号 in the vault, insert. Returns the rows that entered."""
    dataset, load = inbound.layout.dataset, inbound.layout.load
    if load.versions:
        session.run("ingest/supersede", names={"table": load.table}, file_id=file_id)
    if tables.has_number(inbound.layout):
        vault = "ingest/vault" if tables.of_persons(inbound.layout) else "ingest/vault_of_nobody"
        session.run(vault, names=_names(dataset), key_id=site.keys.current_id("kojin-no"))
    columns = ", ".join(tables.stored(inbound.layout))
    entered = 0
    for table in load.into:
        entered += session.run(
            "ingest/enter", names={"dataset": dataset, "table": table, "columns": columns}, file_id=file_id, version=inbound.version
        )
    for table in load.into if entered > MANY else ():
        session.run("ingest/analyze", names={"table": f"pension.{table}"})
    return entered


def _count(
    session: db.Session, inbound: Inbound, staged: Staged, verdicts: dict[str, int], entered: int, contradictions: int, file_id: int
) -> dict[str, int]:
    """The balance of spec §3; checked again by the ledger's own constraint."""
    load = inbound.layout.load
    named = {"table": next(iter(load.into)), "column": load.new_by or ""}
    new = session.value("ingest/new_count", names=named, file_id=file_id) if load.new_by else entered
    counts = {
        "data": staged.data,
        "new": new,
        "updated": entered - new,
        "unchanged": staged.unchanged + verdicts.get("unchanged", 0),
        "quarantined": len(staged.errors) + contradictions,
        "out_of_scope": staged.out_of_scope,
    }
    found = sum(v for k, v in counts.items() if k != "data")
    if found != staged.data:
        raise DefinitionError("NP-2014", file=inbound.name, expected=staged.data, found=found)
    return counts


def _put_file(session: db.Session, run: Run, inbound: Inbound, staged: Staged, counts: dict[str, int], file_id: int) -> None:
    session.value(
        "ledger/file_put", run_id=run.run_id, stream=inbound.stream, resets=inbound.resets, name=inbound.name, bytes=inbound.arrival.bytes,
        sha256=inbound.arrival.sha256, outcome="accepted", code=None, facts="{}", first_file_id=None, data_count=counts["data"],
        new=counts["new"], updated=counts["updated"], unchanged=counts["unchanged"], quarantined=counts["quarantined"],
        out_of_scope=counts["out_of_scope"], gaiji_characters=staged.gaiji_characters, gaiji_rows=staged.gaiji_rows, file_id=file_id,
        **inbound.numbers,
    )  # fmt: skip


def _put_quarantine(session: db.Session, site: Site, staged: Staged, contradictions: list[int], file_id: int) -> None:
    key_id = site.keys.current_id("row")
    errors = staged.errors + [RowError(line, ("*",), ("contradiction",)) for line in contradictions]
    session.many(
        "ledger/quarantine_put",
        [
            {"file_id": file_id, "line": e.line, "fields": list(e.fields), "kinds": list(e.kinds), "row_cipher": staged.raw.get(e.line),
             "key_id": key_id if e.line in staged.raw else None}
            for e in errors
        ],
    )  # fmt: skip
