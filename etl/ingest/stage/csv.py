"""CSV: 移行, 受付."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from etl.core.codec.codedays import untimely
from etl.core.codec.csvtext import gaiji
from etl.core.codec.decode import RowError, row_errors
from etl.core.mapping.layout import Layout
from etl.edge import db, inbox
from etl.ingest.hide import secret, without_kojin_no
from etl.ingest.inbound import Inbound
from etl.ingest.staged import Staged, check_count, check_read
from etl.site import Site


def read(session: db.Session, site: Site, inbound: Inbound) -> Staged:
    """Every good record with the codes of its day is staged, block by block; without a key each is a row of its own, so nothing is suspect."""
    layout, hidden = inbound.layout, secret(site)
    staged, columns = Staged(suspects=bool(layout.key)), list(_columns(layout))
    with inbox.open_csv(inbound.path, layout) as opened, session.copy_in(f"staging.{layout.dataset}", columns) as copy:
        for rows, errors in opened.blocks():
            good, late = _timely(inbound, rows)
            staged.set_aside(inbound, sorted(errors + late))
            staged.staged += good.num_rows
            staged.count_gaiji(good["line"].to_numpy(), gaiji(good, layout))
            copy.write(db.csv_bytes(without_kojin_no(good, hidden).select(columns)))
        staged.data = opened.count
        check_count(inbound, opened.count)
        check_read(inbound, opened)
    session.commit()
    return staged


def _columns(layout: Layout) -> Iterator[str]:
    yield "line"
    for name in (f.name for f in layout.columns):
        yield from ("kojin_hmac", "kojin_cipher") if name == "kojin_no" else (name,)


def _timely(inbound: Inbound, rows: pa.Table) -> tuple[pa.Table, list[RowError]]:
    """The rows with the codes of their day, and the errors of the others."""
    late = row_errors(0, untimely(rows, inbound.layout, inbound.business_on))
    if not late:
        return rows, []
    kept = np.setdiff1d(np.arange(rows.num_rows), [e.line for e in late])
    return rows.take(pa.array(kept)), [e._replace(line=rows["line"][e.line].as_py()) for e in late]
