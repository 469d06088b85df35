"""Rows of the sample city in staging tables, as the jobs put them there, and a row of counts about them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import kit
import pyarrow as pa
from sqlalchemy import text

from etl.core.codec.decode import Decoder
from etl.core.mapping.layout import layouts
from etl.edge import db
from etl.edge.inbox import open_fixed
from etl.site import Site

DAY = date(2025, 9, 30)  # of the samples
SAMPLES = Path(__file__).resolve().parents[1] / "golden" / "samples"
INBOUND = [d for d, layout in layouts().items() if layout.direction == "in"]
OUTBOUND = {
    "kokuho_shikaku_hoken": "kokuho_202509/KOKUHOHK_141305_202509_01.dat",
    "kokuho_shikaku_shunou": "kokuho_202509/KOKUHOSN_141305_202509_01.dat",
    "juki_shoukai": "requests/juki_shoukai/JUKISHOK_141305_20250930_000005_01.dat",
}


def fixed_rows(path: Path, dataset: str) -> pa.Table:
    decoder = Decoder(layouts()[dataset].data)
    with open_fixed(path, layouts()[dataset]) as opened:
        return pa.Table.from_batches([decoder.decode(block) for _, block in opened.blocks()])


def medium_rows(path: Path, dataset: str) -> pa.Table:
    decoder = Decoder(layouts()[dataset].data)
    return pa.Table.from_batches([decoder.decode(block) for _, block in kit.medium(path).blocks()])


def csv_rows(path: Path, dataset: str) -> pa.Table:
    return kit.csv_file(path, layouts()[dataset]).table


def sample_rows(dataset: str) -> pa.Table:
    """The first sample file of an inbound dataset, without 個人番号, with line numbers."""
    path = sorted(p for p in (SAMPLES / "inbox" / dataset).iterdir() if p.suffix != ".end")[0]
    layout = layouts()[dataset]
    rows = {"fixed": fixed_rows, "jps500": medium_rows, "csv": csv_rows}[layout.file.format](path, dataset)
    names = [n for n in rows.column_names if n not in ("kojin_no", "line")]
    lines = pa.array(range(2, rows.num_rows + 2), pa.int32())
    return rows.select(names).append_column("line", lines)


def put(session: db.Session, dataset: str, rows: pa.Table, **counts: int | None) -> tuple[str, dict[str, int | None]]:
    """Stage the rows; returns their table and the counts of the file."""
    run(session, f"truncate staging.{dataset}")
    with session.copy_in(f"staging.{dataset}", rows.column_names) as copy:
        copy.write(db.csv_bytes(rows))
    session.commit()
    return f"staging.{dataset}", counted(**{"data_count": rows.num_rows, "staged_count": rows.num_rows, **counts})


def counted(**counts: int | None) -> dict[str, int | None]:
    return {"quarantined_count": 0, "out_of_scope_count": 0, "unchanged_count": 0, "last_data_count": None, **counts}


def run(session: db.Session, statement: str, **params: object) -> None:
    session.connection.execute(text(statement), params)
    session.commit()


def connections(site: Site) -> int:
    """How many connections the suites have left open."""
    with site.session() as session:
        mine = "select count(*) from pg_stat_activity where application_name = 'kokunen-suite' and datname = current_database()"
        return session.connection.execute(text(mine)).scalar()
