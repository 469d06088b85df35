"""移転台帳: of a file that leaves, what the registry says of it now, and whom it tells of (P78)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.door.parcel import Parcel
from etl.edge import db

PERSON, DIGITS = "atena_no", 15


def keep(session: db.Session, parcel: Parcel, output_id: int) -> None:
    """In the transaction in which the file leaves. Who is asked about by 個人番号 alone has no 宛名番号 yet; his question is kept with the vault's
    id of it."""
    row, persons = (
        parcel.row,
        told_of(parcel.rows if parcel.chosen.persons is None else pa.table({PERSON: parcel.chosen.persons})),
    )
    session.run(
        "ledger/iten_kiroku_put", output_id=output_id, transfer_id=row.id, kind=row.kind, recipient=row.recipient, basis=list(row.basis),
        purpose=row.purpose, title=parcel.layout.title, items=parcel.rows.column_names, channel=row.channel.kind, partner=row.channel.to,
        permission_no=row.permission.no, row_sha256=row.sha256, persons=len(persons),
    )  # fmt: skip
    if len(persons):
        rows = pa.table({PERSON: persons, "output_id": pa.repeat(output_id, len(persons))})
        with session.copy_in("ledger.iten_soufu", rows.column_names) as copy:
            copy.write(db.csv_bytes(rows))


def told_of(rows: pa.Table) -> pa.Array:
    """The 宛名番号 of the rows, each once, in order: so the index grows at one place after the other. As numbers they sort ten times as fast."""
    if PERSON not in rows.column_names:
        return pa.array([], pa.string())
    numbers = np.unique(pc.cast(rows[PERSON].drop_null(), pa.int64()).to_numpy())
    return pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), DIGITS, "0")
