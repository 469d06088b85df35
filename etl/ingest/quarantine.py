"""隔離: bad rows are kept by line, items and kinds; the record itself only of persons held, and only encrypted."""

from __future__ import annotations

import numpy as np

from etl.core.codec.csvtext import cell_of, records_at
from etl.core.codec.decode import RowError
from etl.core.law import scope
from etl.core.mapping import tables
from etl.edge import inbox
from etl.edge.db import Session
from etl.ingest import held
from etl.ingest.inbound import Inbound
from etl.ingest.staged import Staged
from etl.site import Site


def put(
    session: Session, site: Site, inbound: Inbound, staged: Staged, contradictions: list[RowError], file_id: int
) -> list[RowError]:
    """The bad rows of a file that entered, and those that contradict what is held. In the load's transaction, after the file's ledger row.
    Returns them in the order of the file."""
    errors = staged.errors + contradictions
    lines = [e.line for e in (errors if inbound.layout.file.format == "csv" else contradictions)]
    key_id, cipher = site.keys.current_id("row"), site.keys.cipher("row")
    ciphers = staged.ciphers | {line: cipher.encrypt(record) for line, record in _records(session, inbound, lines).items()}
    session.many(
        "ledger/quarantine_put",
        [
            {"file_id": file_id, "line": e.line, "fields": list(e.fields), "kinds": list(e.kinds), "row_cipher": ciphers.get(e.line),
             "key_id": key_id if e.line in ciphers else None}
            for e in errors
        ],
    )  # fmt: skip
    return sorted(errors)


def _records(session: Session, inbound: Inbound, lines: list[int]) -> dict[int, bytes]:
    """The records of these lines, read again, of persons held. Of fixed ones only 矛盾 are left, whose person is held for sure."""
    if not lines:
        return {}
    if inbound.layout.file.format != "csv":
        with inbox.open_fixed(inbound.path, inbound.layout) as opened:
            return {line: opened.record(line) for line in lines}
    if not tables.of_persons(inbound.layout):
        return {}
    with inbox.opened(inbound.path) as source:
        records = records_at(source, inbound.name, lines)
    named = [cell_of(record, inbound.layout, "atena_no") or "" for record in records.values()]
    numbers = np.array([int(n) if n.isascii() and n.isdigit() and len(n) <= 15 else -1 for n in named], np.int64)
    known = scope.is_member(numbers, held.persons(session, numbers))
    return {line: record for (line, record), keep in zip(records.items(), known, strict=True) if keep}
