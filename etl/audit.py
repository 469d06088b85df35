"""記録: the chain of records. What is done and its record are one transaction: if the record cannot be written, the work is not done."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from etl.core.states import Decision, Operation
from etl.edge.db import Session
from etl.run import Run
from etl.site import Site


@dataclass(frozen=True)
class Event:
    """One event of the chain. ``user`` and ``reason`` are those of the run unless another person acts on what it made."""

    run: Run
    operation: Operation
    obj: str
    counts: dict[str, Any] = field(default_factory=dict)
    atena_no: str | None = None
    shimei4: bytes | None = None
    user: str | None = None
    reason: str | None = None

    @property
    def params(self) -> dict[str, Any]:
        return {
            "run_id": self.run.run_id, "user_name": self.user or self.run.user_name, "unit": self.run.unit, "terminal": self.run.terminal,
            "reason": self.reason or self.run.reason, "atena_no": self.atena_no, "shimei4": self.shimei4, "operation": self.operation,
            "object": self.obj, "counts": json.dumps(self.counts, sort_keys=True, ensure_ascii=False),
        }  # fmt: skip


def close(session: Session, run: Run, approval_id: int, decision: Decision, reason: str) -> None:
    """A proposal that a run withdraws or overtakes, and its event, in the caller's transaction."""
    session.run(
        "ledger/approval_decide",
        approval_id=approval_id,
        decision=decision,
        reason=reason,
        atena_no=None,
        shimei4=None,
        content_hash=None,
        **acting(run),
    )


def acting(run: Run) -> dict[str, Any]:
    """The run, its user, unit and terminal, as the functions of the database that write their own event want them."""
    return {"run_id": run.run_id, "user_name": run.user_name, "unit": run.unit, "terminal": run.terminal}


def record(
    session: Session, run: Run, operation: Operation, obj: str, counts: dict[str, Any] | None = None, *,
    atena_no: str | None = None, shimei4: bytes | None = None,
) -> None:  # fmt: skip
    """One event, in the caller's transaction (spec 10)."""
    record_all(session, [Event(run, operation, obj, counts or {}, atena_no, shimei4)])


def record_all(session: Session, events: Sequence[Event]) -> None:
    """Several, in this order."""
    session.many("ledger/audit", [event.params for event in events])


def shimei4(session: Session, site: Site, atena_nos: Iterable[str]) -> dict[str, bytes]:
    """宛名番号 -> 4情報 for a record (氏名・生年月日・性別・住所), encrypted under the row key; without a 宛名 there are none (P66)."""
    rows = session.rows("ledger/shimei4", atena_nos=sorted(set(atena_nos)))
    if not rows:
        return {}
    cipher = site.keys.cipher("row")
    texts = [
        "\t".join("" if row[n] is None else str(row[n]) for n in ("name", "birth_on", "sex_code", "address")) for row in rows
    ]
    kept = cipher.encrypt_many([text.encode("utf-8") for text in texts])
    return {row["atena_no"]: cipher.key_id.encode() + b":" + blob for row, blob in zip(rows, kept, strict=True)}
