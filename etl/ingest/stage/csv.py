"""CSV: 移行, 受付."""

from __future__ import annotations

from etl.core.codec.csvtext import gaiji
from etl.edge import db, inbox
from etl.ingest.hide import secret, without_kojin_no
from etl.ingest.inbound import Inbound
from etl.ingest.staged import Staged, check_count
from etl.site import Site


def read(session: db.Session, site: Site, inbound: Inbound) -> Staged:
    """Every good record is staged; without a key each is a row of its own, so nothing is suspect."""
    rows = inbox.read_csv(inbound.path, inbound.layout)
    check_count(inbound, rows.count)
    table = without_kojin_no(rows.table, secret(site))
    with session.copy_in(f"staging.{inbound.layout.dataset}", table.column_names) as copy:
        copy.write(db.csv_bytes(table))
    session.commit()
    suspects = bool(inbound.layout.key)
    staged = Staged(data=rows.count, staged=rows.table.num_rows, errors=rows.errors, starts=rows.starts, suspects=suspects)
    staged.count_gaiji(rows.table.column("line").to_numpy(), gaiji(rows, inbound.layout))
    return staged
