"""順番: may a whole file enter now? The same bytes only once, in order of number, and a 訂正 or a keyed form only when it is approved."""

from __future__ import annotations

from typing import Any

from etl.audit import record
from etl.core.errors import Refused, SourceError
from etl.core.law import sequence
from etl.core.mapping import registry
from etl.core.states import Decision, Operation
from etl.edge.db import Session
from etl.ingest.inbound import Inbound
from etl.run import Run


def duplicate_of(session: Session, inbound: Inbound) -> dict[str, Any] | None:
    """The accepted file (``file_id``, ``name``) with the same bytes, whatever its name (F14)."""
    return session.one("ledger/file_same_bytes", sha256=inbound.arrival.sha256, **inbound.numbers)


def require(session: Session, run: Run, inbound: Inbound) -> None:
    """Returns when the file may be loaded now. Refused NP-2021/2022/2026: it waits; SourceError NP-2010/2011, Refused NP-2024: it is refused."""
    received = [
        sequence.Received(**row)
        for row in session.rows("ledger/file_received", dataset=inbound.layout.dataset, stream=inbound.stream)
    ]
    turn = sequence.judge(received, inbound.seq, inbound.version, inbound.business_on, inbound.resets)
    if turn.verdict == "wait":
        raise Refused(turn.code or "", file=inbound.name, **turn.facts)
    if turn.verdict == "refuse":
        raise SourceError(turn.code or "", file=inbound.name, **turn.facts)
    if turn.verdict == "correct" or inbound.keyed_by:
        _require_approval(session, run, inbound)


def _require_approval(session: Session, run: Run, inbound: Inbound) -> None:
    """A second person approved these very bytes (F15); if nobody was asked yet, it is put before one."""
    what = {**inbound.numbers, "stream": inbound.stream, "sha256": inbound.arrival.sha256}
    asked = session.one("ledger/teisei_find", **what)
    session.commit()
    if asked and asked["decision"] == Decision.APPROVED and not asked["expired"]:
        return
    if asked and asked["decision"] == Decision.REJECTED:
        raise Refused("NP-2024", file=inbound.name)
    if asked is None or asked["expired"]:
        _propose(session, run, inbound, what)
    raise Refused("NP-2026" if inbound.keyed_by else "NP-2022", file=inbound.name)


def _propose(session: Session, run: Run, inbound: Inbound, what: dict[str, Any]) -> None:
    with session.transaction():
        approval_id = session.value(
            "ledger/approval_put", kind="teisei", run_id=run.run_id, subject=inbound.name, content_hash=inbound.arrival.sha256,
            maker=inbound.keyed_by or run.user_name, days=registry.approvals()["teisei"].term,
        )  # fmt: skip
        session.run("ledger/teisei_put", approval_id=approval_id, **what)
        operation = Operation.NYURYOKU_KIAN if inbound.keyed_by else Operation.TEISEI_KIAN
        record(session, run, operation, inbound.name, {"approval_id": approval_id})
