"""移転: 60,000 changes of a month to the five recipients: found, permitted, checked, written, read back, sealed, recorded.

The peer writes the same records with pandas ``to_csv`` from frames that are ready in memory: it neither looks for what changed, nor asks anybody,
nor reads again what it wrote. ``python -m benchmarks.transfer [persons] [rounds]``.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path

import pandas as pd
import psycopg
import pyarrow as pa

from benchmarks.measure import Cost, cost, ratio, typical, worker
from benchmarks.office import admin_of, open_house, open_office, settle
from etl import jobs, transfer
from etl import run as runs
from etl.core.codec.columns import arrow_schema
from etl.core.codec.csvtext import read_csv
from etl.core.codec.decode import Decoder, split
from etl.core.mapping.layout import leaving
from etl.core.receipts import Built
from etl.rights import SERVICE
from etl.site import Site

FIRST, CHANGED, OVER = date(2025, 9, 29), date(2025, 9, 30), date(2025, 10, 1)
SHIKAKU = """
    insert into pension.shikaku (atena_no, kiso_nenkin_no, shubetsu_code, acquired_on, shutoku_jiyu_code, row_key)
    select lpad(i::text, 15, '0'), '31' || lpad(i::text, 8, '0'), '1', date '2010-04-01' + i % 5000, '01', i::text
    from generate_series(1, {persons}) as i
"""
ATENA = """
    insert into pension.atena (ku_code, atena_no, rireki_no, setai_no, jumin_shubetsu_code, jumin_jotai_code, idou_jiyu_code, idou_on, shori_at, name,
        name_kana, sex_code, birth_on, birth_fusho_flag, zokugara_code, setainushi_atena_no, address, shien_sochi_flag, shori_teishi_flag,
        sakujo_flag, row_hash, row_key, file_id, line)
    select '141313', lpad(i::text, 15, '0'), 1, lpad((i / 2)::text, 15, '0'), '1', '1', '11', '2010-04-01', '2010-04-01', 'x', 'x', '1', '1980-01-01',
        false, '02000000', lpad(i::text, 15, '0'), 'x', false, false, false, ''::bytea, i::text, 1, i
    from generate_series(1, {persons}) as i
"""
CHANGE = """
    with old as (update pension.shikaku set superseded_at = clock_timestamp() where superseded_at is null returning *)
    insert into pension.shikaku (atena_no, kiso_nenkin_no, shubetsu_code, acquired_on, shutoku_jiyu_code, row_key, shubetsu_henkou_on)
    select atena_no, kiso_nenkin_no, '4', acquired_on, shutoku_jiyu_code, row_key, date '2025-09-20' from old;
    insert into pension.menjo (kiso_nenkin_no, menjo_code, from_month, to_month, saitei_kekka_code, row_key)
    select '31' || lpad(i::text, 8, '0'), '20', '2025-07-01', '2026-06-01', '02', i::text from generate_series(1, {persons}) as i
"""
APPROVED = "update ledger.approval set decision = 'approved', checker = 'another', decided_at = now()"


def begin(site: Site, job: str, period: str, day: date) -> runs.Run:
    return runs.get(site, jobs.start(site, job, period, SERVICE, "計測", business_on=day))


def tell(site: Site, day: date) -> list[str]:
    """What changed, to the three that are told of it; the files."""
    return [o.path for o in transfer.changes(site, begin(site, "iten_event", day.isoformat(), day)).outputs]


def month(site: Site) -> str:
    """The month of the two others, compared and put before a second person; its run."""
    run = begin(site, "kokuho_monthly", f"{FIRST:%Y-%m}", OVER)
    runs.put_receipt(site, run.run_id, "build", transfer.build(site, run))
    return run.run_id


def leave(site: Site, run_id: str) -> list[str]:
    """And out."""
    built = runs.receipt(site, run_id, Built)
    assert built
    return [o.path for o in transfer.release(site, runs.get(site, run_id), built.plans).outputs]


def frame(path: Path) -> pd.DataFrame:
    """The records of a file, ready in memory."""
    layout = next(x for x in leaving().values() if path.parent.parent.name == x.dataset)
    if layout.file.format == "csv":
        with path.open("rb") as file:
            return read_csv(file, path.name, layout).table.drop_columns("line").to_pandas()
    records = split(path.read_bytes(), layout, path.name).records
    return pa.Table.from_batches([Decoder(layout.data).decode(records)], schema=arrow_schema(layout.data)).to_pandas()


def written(frames: list[pd.DataFrame], folder: Path) -> None:
    """The peer's whole work."""
    for number, one in enumerate(frames):
        one.to_csv(folder / f"{number}.csv", index=False)


def one_round(house: Path, folder: Path, number: int, persons: int) -> tuple[Cost, Cost]:
    """Ours in a process of its own, then the peer with the same records."""
    with open_office(house, folder / f"office{number}", f"bench_{number}") as site:
        url = admin_of(house, site)
        execute(url, SHIKAKU.format(persons=persons), ATENA.format(persons=persons))
        settle(url)
        with worker() as apart:
            apart(tell, site, FIRST)
            execute(url, CHANGE.format(persons=persons))
            settle(url)
            parts = [apart(tell, site, CHANGED, house=house), apart(month, site, house=house)]
            execute(url, APPROVED)
            parts.append(apart(leave, site, parts[1].result, house=house))
        paths = [Path(p) for part in (parts[0], parts[2]) for p in part.result]
        assert len(paths) == 5
        frames = [frame(p) for p in paths]
        assert all(len(one) == persons for one in frames), [len(one) for one in frames]
        theirs = cost(written, frames, folder)
    ours = Cost(sum(p.cpu for p in parts), sum(p.wall for p in parts), paths, max(p.peak_mb for p in parts))
    return ours, theirs


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement.encode())


def main(persons: int = 60_000, rounds: int = 2) -> None:
    with open_house() as house, tempfile.TemporaryDirectory() as kept:
        turns = [one_round(house, Path(kept), number, persons) for number in range(rounds)]
    ours, peers = zip(*turns, strict=True)
    print(f"{persons:,} changes to five recipients: ours {typical(ours)}; pandas to_csv {typical(peers)}")
    print(f"移転 / pandas to_csv {ratio(ours, peers):.2f} (at most 2)")
    print(f"peak memory {max(o.peak_mb for o in ours):,.0f} MB (at most 300)")


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
