"""取込の後半: staged rows become rows of the 国民年金情報ファイル. One transaction: rows, counts, proposals, ledger and record.

The key, the content and the table of a row are in the views ``staging.<dataset>_rows``, ``_held`` and ``_entering``, which are made from the
mapping; every other difference between datasets is in its ``load:``.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from etl.core.codec.kinds import RowError
from etl.core.errors import SourceError
from etl.core.mapping import tables
from etl.core.mapping.load import Follow
from etl.core.receipts import Counts, FileResult
from etl.core.states import Verdict
from etl.core.suite.findings import Finding
from etl.edge import db, failpoint, inbox, suites
from etl.ingest import idou, kaitou, outcome, quarantine
from etl.ingest.inbound import Inbound
from etl.ingest.staged import Followed, Staged, check_limit
from etl.run import Run, check_fence
from etl.site import Site

MANY = 200  # rows after which the planner must look again: a table that it never saw is planned for as one row
#: ``load.then`` -> what follows the rows, in the same transaction
THEN: dict[Follow | None, Callable[[db.Session, Run, Inbound, int, Staged], Followed]] = {
    "idou": idou.follow, "kaitou": kaitou.follow, None: lambda *_: Followed(),
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """Staged rows compared with held ones by key: how many are identical, and which rows contradict what is held (矛盾)."""

    unchanged: int
    contradictions: list[RowError]


def enter(session: db.Session, site: Site, run: Run, inbound: Inbound, staged: Staged, fences: dict[str, int]) -> FileResult:
    """SourceError NP-2012 or NP-2013, Refused NP-1025: nothing changes.

    The suite looks at the staged rows on a connection of its own while they are merged here; its word comes before the commit.
    """
    last = session.value(
        "ledger/file_last_count", dataset=inbound.layout.dataset, stream=inbound.stream, resets=inbound.resets,
        business_on=inbound.business_on,
    )  # fmt: skip
    with ThreadPoolExecutor(1) as suite, session.transaction():
        checking = suite.submit(validate, site, inbound, staged, last)
        check_fence(session, fences)
        file_id = session.value("ledger/file_id")
        judged = _judge(session, inbound, staged)
        check_limit(inbound, [*staged.errors, *judged.contradictions])
        gaiji = _gaiji(session, staged)
        rows = _enter_rows(session, site, inbound, file_id)
        failpoint.reached("rows entered")
        findings = checking.result()
        failpoint.reached("validated")
        counts, refused = _count(session, inbound, staged, judged, rows, file_id), dict(sorted(staged.refused.items()))
        entered = outcome.Entered(counts, gaiji, last, tuple(findings), refused)
        outcome.put_accepted(session, run, inbound, entered, file_id)
        errors = quarantine.put(session, site, inbound, staged, judged.contradictions, file_id)
        inbox.check_unchanged(inbound.path, inbound.arrival)
        failpoint.reached("ledger written")
        followed = THEN[inbound.layout.load.then](session, run, inbound, file_id, staged)
        result = outcome.accepted(session, run, inbound, errors, entered, followed)
        failpoint.reached("before commit")
    failpoint.reached("committed")
    return result


def validate(site: Site, inbound: Inbound, staged: Staged, last: int | None) -> list[Finding]:
    """The suite of the dataset on what would change. SourceError NP-2013 when a ``fail`` expectation fails."""
    counts = {
        "data_count": staged.data, "last_data_count": last, "quarantined_count": len(staged.errors),
        "out_of_scope_count": staged.out_of_scope, "unchanged_count": staged.unchanged, "staged_count": staged.staged,
    }  # fmt: skip
    findings = suites.validate(
        site.url, inbound.layout.dataset, f"staging.{inbound.layout.dataset}", counts, day=inbound.business_on
    )
    failed = [f for f in findings if not f.passed and f.severity == "fail"]
    if failed:
        raise SourceError("NP-2013", file=inbound.name, failed="、".join(f"{f.label} {f.unexpected} 件" for f in failed))
    return findings


def _names(dataset: str) -> dict[str, str]:
    return {"staged": f"staging.{dataset}_rows", "held": f"staging.{dataset}_held"}


def _judge(session: db.Session, inbound: Inbound, staged: Staged) -> Judged:
    """The verdicts themselves stay in a temporary table until commit; without suspects every row is new."""
    if not staged.suspects:
        session.run("ingest/verdict_none")
        return Judged(0, [])
    load, names = inbound.layout.load, _names(inbound.layout.dataset)
    session.run("ingest/verdict", names=names, version=inbound.version)
    if load.newer_by:
        session.run("ingest/verdict_older", names={**names, "table": load.table, "newer_by": load.newer_by})
    verdicts = {row["verdict"]: row["n"] for row in session.rows("ingest/verdict_counts")}
    other = [RowError(row["line"], ("*",), (Verdict.CONTRADICTION.value,)) for row in session.rows("ingest/contradictions")]
    return Judged(verdicts.get(Verdict.UNCHANGED, 0), other)


def _gaiji(session: db.Session, staged: Staged) -> tuple[int, int]:
    """外字 of the rows that enter: characters, rows that have any. Staged rows that are held already, or contradict, do not count."""
    having = np.concatenate([np.empty((0, 2), np.int64), *staged.gaiji])
    if len(having):
        left_out = [row["line"] for row in session.rows("ingest/not_stored")]
        having = having[~np.isin(having[:, 0], left_out)]
    return int(having[:, 1].sum()), len(having)


def _enter_rows(session: db.Session, site: Site, inbound: Inbound, file_id: int) -> int:
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
            "ingest/enter",
            names={"dataset": dataset, "table": table, "columns": columns},
            file_id=file_id,
            version=inbound.version,
        )
    for table in load.into if entered > MANY else ():
        session.run("ingest/analyze", names={"table": f"pension.{table}"})
    return entered


def _count(session: db.Session, inbound: Inbound, staged: Staged, judged: Judged, entered: int, file_id: int) -> Counts:
    """The balance of spec 3; checked again by the ledger's own constraint."""
    load = inbound.layout.load
    named = {"table": load.table, "column": load.new_by or ""}
    new = session.value("ingest/new_count", names=named, file_id=file_id) if load.new_by else entered
    return Counts(
        data=staged.data,
        new=new,
        updated=entered - new,
        unchanged=staged.unchanged + judged.unchanged,
        quarantined=len(staged.errors) + len(judged.contradictions),
        out_of_scope=staged.out_of_scope,
    ).check(inbound.name)
