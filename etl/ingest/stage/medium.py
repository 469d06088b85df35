"""Media of 日本年金機構: 処理結果."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from etl.core.codec.codedays import untimely
from etl.core.codec.decode import Decoder, row_errors
from etl.edge import db
from etl.ingest import arrive
from etl.ingest.hide import secret, without_kojin_no
from etl.ingest.inbound import Inbound
from etl.ingest.staged import Staged, check_read
from etl.site import Site


def read(session: db.Session, site: Site, inbound: Inbound) -> Staged:
    """Every good record with the codes of its day is staged; the 突合 finds out later whom it is about. Without a key each is a row of its
    own, so nothing is suspect. SourceError NP-2002 when it is not what arrived."""
    layout = inbound.layout
    medium, again, _ = arrive.read_medium(inbound)
    check_read(inbound, again)
    decoder, hidden = Decoder(layout.data), secret(site)
    staged = Staged(data=medium.count, suspects=bool(layout.key))
    columns = [*(f.name for f in layout.columns if f.name != "kojin_no"), "kojin_hmac", "kojin_cipher", "line"]
    with session.copy_in(f"staging.{layout.dataset}", columns) as copy:
        for lines, block in medium.blocks():
            found = decoder.check(block)
            good = np.setdiff1d(np.arange(len(block)), [row for row, _, _ in found])
            batch = decoder.decode(block, good)
            late = untimely(batch, layout, inbound.business_on)
            kept = np.setdiff1d(np.arange(len(good)), [at for at, _, _ in late])
            found, good = [*found, *((int(good[at]), name, kind) for at, name, kind in late)], good[kept]
            staged.set_aside(inbound, [e._replace(line=int(lines[e.line])) for e in row_errors(0, found)])
            staged.staged += len(good)
            batch = batch.take(pa.array(kept)).append_column("line", pa.array(lines[good]))
            copy.write(db.csv_bytes(without_kojin_no(batch, hidden).select(columns)))
    session.commit()
    return staged
