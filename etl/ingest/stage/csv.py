"""CSV: 移行, 受付."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from etl.core.codec.codedays import untimely
from etl.core.codec.csvtext import gaiji
from etl.core.codec.decode import RowError, row_errors
from etl.edge import db, inbox
from etl.ingest.hide import secret, without_kojin_no
from etl.ingest.inbound import Inbound
from etl.ingest.staged import Staged, check_count
from etl.site import Site


def read(session: db.Session, site: Site, inbound: Inbound) -> Staged:
    """Every good record with the codes of its day is staged; without a key each is a row of its own, so nothing is suspect."""
    rows = inbox.read_csv(inbound.path, inbound.layout)
    check_count(inbound, rows.count)
    good, errors = _timely(inbound, rows.table)
    table = without_kojin_no(good, secret(site))
    with session.copy_in(f"staging.{inbound.layout.dataset}", table.column_names) as copy:
        copy.write(db.csv_bytes(table))
    session.commit()
    suspects = bool(inbound.layout.key)
    staged = Staged(
        data=rows.count, staged=good.num_rows, errors=sorted(rows.errors + errors), starts=rows.starts, suspects=suspects
    )
    staged.count_gaiji(good["line"].to_numpy(), gaiji(good, inbound.layout))
    return staged


def _timely(inbound: Inbound, rows: pa.Table) -> tuple[pa.Table, list[RowError]]:
    """The rows with the codes of their day, and the errors of the others."""
    late = row_errors(0, untimely(rows, inbound.layout, inbound.business_on))
    if not late:
        return rows, []
    kept = np.setdiff1d(np.arange(rows.num_rows), [e.line for e in late])
    return rows.take(pa.array(kept)), [e._replace(line=rows["line"][e.line].as_py()) for e in late]
