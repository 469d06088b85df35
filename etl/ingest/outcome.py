"""結果: the end of a file's way. Its ledger row, its record and its result are written here, whether it entered or not."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from etl.audit import record
from etl.core.errors import KokunenError, Refused
from etl.core.receipts import Counts, FileResult
from etl.core.states import FileOutcome, Operation
from etl.core.suite.findings import Finding
from etl.edge.db import Session
from etl.edge.inbox import Seen
from etl.ingest.inbound import Candidate, Inbound
from etl.ingest.staged import Followed, Staged
from etl.run import Run

WAITS = ("NP-2020", "NP-2021", "NP-2022", "NP-2026")
SHOWN = 20  # quarantined rows named in a result
OPERATION = {
    FileOutcome.REFUSED: Operation.UKEIRE_KYOHI, FileOutcome.WAITING: Operation.UKEIRE_TAIKI, FileOutcome.DUPLICATE: Operation.JUUFUKU_JUSHIN,
}  # fmt: skip
#: of a ledger row, unless there is something to say
NOTHING = {"code": None, "facts": "{}", "first_file_id": None, "gaiji_characters": 0, "gaiji_rows": 0, "file_id": None}


@dataclass(frozen=True)
class Entered:
    """The effect of an accepted file's rows. ``gaiji``: characters and rows; ``last``: the count of the file before it."""

    counts: Counts
    gaiji: tuple[int, int]
    last: int | None
    findings: tuple[Finding, ...]


def not_loaded(session: Session, run: Run, file: Candidate, error: KokunenError, seen: Seen | None = None) -> FileResult:
    """Refused, or waiting: nothing of it is in; ``seen``: by what a file that was not taken is known again. In a transaction of its own."""
    traces = seen._asdict() if seen else {}
    return _changed_nothing(
        session, run, file, FileOutcome.WAITING if error.code in WAITS else FileOutcome.REFUSED, error, **traces
    )


def duplicate(session: Session, run: Run, file: Inbound, first: dict[str, Any]) -> FileResult:
    """重複受信 of the bytes of ``first`` (``file_id``, ``name``). In a transaction of its own."""
    error = Refused("NP-2023", file=file.name, first=first["name"])
    return _changed_nothing(session, run, file, FileOutcome.DUPLICATE, error, first_file_id=first["file_id"])


def _changed_nothing(
    session: Session, run: Run, file: Candidate, outcome: FileOutcome, error: KokunenError, **more: Any
) -> FileResult:
    facts = json.dumps({k: str(v) for k, v in error.facts.items()}, ensure_ascii=False)
    with session.transaction():
        _put(session, run, file, outcome, Counts(), code=error.code, facts=facts, **more)
        record(session, run, OPERATION[outcome], file.name, {"code": error.code})
    return FileResult(
        file.layout.dataset, file.name, outcome, error.code, error.to_json(), Counts(data=file.as_row["data_count"])
    )


def put_accepted(session: Session, run: Run, inbound: Inbound, entered: Entered, file_id: int) -> None:
    """The ledger row of a file that enters. In the load's transaction."""
    characters, rows = entered.gaiji
    _put(
        session, run, inbound, FileOutcome.ACCEPTED, entered.counts, gaiji_characters=characters, gaiji_rows=rows, file_id=file_id
    )


def accepted(session: Session, run: Run, inbound: Inbound, staged: Staged, entered: Entered, followed: Followed) -> FileResult:
    """The record of a file that enters, and its result. In the load's transaction."""
    record(session, run, Operation.TORIKOMI, inbound.name, {**asdict(entered.counts), **asdict(followed)})
    return FileResult(
        inbound.layout.dataset, inbound.name, FileOutcome.ACCEPTED, counts=entered.counts, last=entered.last, made=followed.made,
        withdrawn=followed.withdrawn, findings=entered.findings, gaiji=entered.gaiji, refused=dict(sorted(staged.refused.items())),
        quarantined=tuple((e.line, e.fields, e.kinds) for e in staged.errors[:SHOWN]),
    )  # fmt: skip


def _put(session: Session, run: Run, file: Candidate, outcome: FileOutcome, counts: Counts, **more: Any) -> None:
    """The database holds the counts of a file that entered against each other (``counts_balance``)."""
    parts = {part: n for part, n in asdict(counts).items() if part != "data"}
    session.value("ledger/file_put", run_id=run.run_id, outcome=outcome, **{**NOTHING, **file.as_row, **parts, **more})
