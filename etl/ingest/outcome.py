"""結果: the end of a file's way. Its ledger row, its record and its result are written here, whether it entered or not."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from etl.audit import record
from etl.core.codec.kinds import RowError
from etl.core.errors import KokunenError, Refused, SourceError, Unavailable
from etl.core.receipts import Counts, FileResult
from etl.core.states import FileOutcome, Operation
from etl.core.suite.findings import Finding
from etl.edge.db import Session
from etl.edge.inbox import Seen
from etl.ingest.inbound import Candidate, Inbound
from etl.ingest.staged import Followed, TooMuchWrong
from etl.run import Run

WAITS = ("NP-2020", "NP-2021", "NP-2022", "NP-2026")
SHOWN = 20  # quarantined rows named in the result of a file that entered; all are in the database
OPERATION = {
    FileOutcome.REFUSED: Operation.UKEIRE_KYOHI, FileOutcome.WAITING: Operation.UKEIRE_TAIKI, FileOutcome.DUPLICATE: Operation.JUUFUKU_JUSHIN,
}  # fmt: skip
#: of a ledger row, unless there is something to say
NOTHING = {"code": None, "facts": "{}", "first_file_id": None, "gaiji_characters": 0, "gaiji_rows": 0, "file_id": None}


@dataclass(frozen=True)
class Entered:
    """The effect of an accepted file's rows. ``gaiji``: characters and rows; ``last``: the count of the file before it; ``refused``: answers
    that nobody waited for, by 照会番号, which the sender is still to be told of."""

    counts: Counts
    gaiji: tuple[int, int]
    last: int | None
    findings: tuple[Finding, ...]
    refused: Mapping[str, int]


def not_loaded(
    session: Session, run: Run, file: Candidate, error: Exception, seen: Seen | None = None, look: Mapping[str, Any] | None = None
) -> FileResult:
    """Refused, or waiting: nothing of it is in; ``seen``: by what a file that was not taken is known again; ``look``: what was found when it was
    looked at last. In a transaction of its own; a file that waits as it did then is not written down once more."""
    said = _said(file, error)
    became = FileOutcome.WAITING if said.code in WAITS else FileOutcome.REFUSED
    traces = seen._asdict() if seen else {}
    now = (became, said.code, traces.get("sha256", file.as_row["sha256"]), traces.get("end_sha256", file.as_row["end_sha256"]))
    if became == FileOutcome.WAITING and look and now == tuple(look[k] for k in ("outcome", "code", "sha256", "end_sha256")):
        return _result(file, became, said)
    return _changed_nothing(session, run, file, became, said, **traces)


def ends_the_run(error: Exception) -> bool:
    """Whether it is no matter of one file: another run took over, or what all files need is not there (database, keys)."""
    return isinstance(error, KokunenError) and (
        error.code == "NP-1025" or (isinstance(error, Unavailable) and error.code != "NP-1026")
    )


def _said(file: Candidate, error: Exception) -> KokunenError:
    """The error with the file's name. Of one that nobody thought of its kind and where it arose, never its message, which may hold a value."""
    if isinstance(error, KokunenError):
        error.file = error.file or file.name
        return error
    where = traceback.extract_tb(error.__traceback__)[-1]
    return SourceError("NP-2027", file=file.name, kind=f"{type(error).__name__} {Path(where.filename).name}:{where.lineno}")


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
    return _result(file, outcome, error)


def _result(file: Candidate, outcome: FileOutcome, error: KokunenError) -> FileResult:
    return FileResult(
        file.layout.dataset, file.name, outcome, error.code, error.to_json(), Counts(data=file.as_row["data_count"]),
        quarantined=_lines(error.rows) if isinstance(error, TooMuchWrong) else (),
    )  # fmt: skip


def _lines(rows: Sequence[RowError]) -> tuple[tuple[int, tuple[str, ...], tuple[str, ...]], ...]:
    return tuple((e.line, e.fields, e.kinds) for e in rows)


def put_accepted(session: Session, run: Run, inbound: Inbound, entered: Entered, file_id: int) -> None:
    """The ledger row of a file that enters. In the load's transaction."""
    characters, rows = entered.gaiji
    facts = json.dumps({"refused": entered.refused} if entered.refused else {})
    _put(
        session, run, inbound, FileOutcome.ACCEPTED, entered.counts, gaiji_characters=characters, gaiji_rows=rows, file_id=file_id,
        facts=facts,
    )  # fmt: skip


def accepted(
    session: Session, run: Run, inbound: Inbound, errors: list[RowError], entered: Entered, followed: Followed
) -> FileResult:
    """The record of a file that enters, and its result with the first of its quarantined rows. In the load's transaction."""
    record(session, run, Operation.TORIKOMI, inbound.name, {**asdict(entered.counts), **asdict(followed)})
    return FileResult(
        inbound.layout.dataset, inbound.name, FileOutcome.ACCEPTED, counts=entered.counts, last=entered.last, made=followed.made,
        withdrawn=followed.withdrawn, findings=entered.findings, gaiji=entered.gaiji, refused=entered.refused,
        quarantined=_lines(errors[:SHOWN]),
    )  # fmt: skip


def _put(session: Session, run: Run, file: Candidate, outcome: FileOutcome, counts: Counts, **more: Any) -> None:
    """The database holds the counts of a file that entered against each other (``counts_balance``)."""
    parts = {part: n for part, n in asdict(counts).items() if part != "data"}
    session.value("ledger/file_put", run_id=run.run_id, outcome=outcome, **{**NOTHING, **file.as_row, **parts, **more})
