"""移転: 60,000 changes of a month to the five recipients, as files (written, read back, checked), and as a whole: found, permitted, sealed, kept as
what the recipient has, and recorded besides.

The peer writes the same records with pandas ``to_csv`` from frames that are ready in memory; it neither looks for what changed, nor asks anybody,
nor reads again what it wrote, nor keeps anything. ``python -m benchmarks.transfer [persons] [rounds]``.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import psycopg
import pyarrow as pa

from benchmarks.measure import Cost, least, ratio, typical, worker
from benchmarks.office import admin_of, open_house, open_office, settle
from etl import jobs, transfer
from etl import run as runs
from etl.core.codec.columns import arrow_schema
from etl.core.codec.csvtext import read_again
from etl.core.codec.decode import Decoder, split
from etl.core.mapping.city import ZONE
from etl.core.mapping.layout import leaving
from etl.core.mapping.transfers import Transfer, row_of
from etl.core.receipts import Built
from etl.door.parcel import chosen, pack
from etl.door.place import read_back
from etl.edge import atomic, suites
from etl.rights import SERVICE
from etl.site import Site

FIRST, CHANGED, OVER = date(2025, 9, 29), date(2025, 9, 30), date(2025, 10, 1)
AT = datetime(2025, 9, 30, 6, tzinfo=ZONE)
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


def records(path: Path) -> tuple[Transfer, pa.Table]:
    """The records of a file, ready in memory."""
    row = row_of(path.parent.parent.name)
    layout = leaving()[row.dataset]
    if layout.file.format == "csv":
        return row, read_again(path.read_bytes(), path.name, layout)
    found = split(path.read_bytes(), layout, path.name).records
    return row, pa.Table.from_batches([Decoder(layout.data).decode(found)], schema=arrow_schema(layout.data))


def as_files(paths: list[Path], folder: Path) -> Cost:
    """What becomes of the records as files: the whole work of the door on them but for the seal and the ledger."""
    ready = [records(path) for path in paths]

    def work() -> None:
        for number, (row, rows) in enumerate(ready):
            parcel = pack(
                chosen(row, rows), period="2025-09", created_on=CHANGED, known_at=AT, version=1, seq=1, month=FIRST.replace(day=1)
            )
            suites.require(row.dataset, rows, parcel.name, None, day=CHANGED)
            path = folder / f"{number}.dat"
            atomic.write(path, parcel.content)
            read_back(parcel, path)

    return least(3, work)


def peer(paths: list[Path], folder: Path, persons: int) -> Cost:
    """The other's whole work."""
    frames: list[pd.DataFrame] = [rows.to_pandas() for _, rows in map(records, paths)]
    assert all(len(one) == persons for one in frames), [len(one) for one in frames]

    def work() -> None:
        for number, one in enumerate(frames):
            one.to_csv(folder / f"{number}.csv", index=False)

    return least(3, work)


def one_round(house: Path, folder: Path, number: int, persons: int) -> tuple[Cost, Cost, Cost]:
    """The whole in a process of its own; the same records as files, and the peer, there, too."""
    with open_office(house, folder / f"office{number}", f"bench_{number}") as site:
        url = admin_of(house, site)
        execute(url, SHIKAKU.format(persons=persons), ATENA.format(persons=persons))
        settle(url)
        with worker() as apart:
            before = apart(int).peak_mb  # of a process that has done nothing yet
            apart(tell, site, FIRST)
            execute(url, CHANGE.format(persons=persons))
            settle(url)
            parts = [apart(tell, site, CHANGED, house=house), apart(month, site, house=house)]
            execute(url, APPROVED)
            parts.append(apart(leave, site, parts[1].result, house=house))
            paths = [Path(p) for part in (parts[0], parts[2]) for p in part.result]
            assert len(paths) == 5
            files, theirs = apart(as_files, paths, folder).result, apart(peer, paths, folder, persons).result
    ours = Cost(sum(p.cpu for p in parts), sum(p.wall for p in parts), paths, max(p.peak_mb for p in parts) - before)
    return ours, files, theirs


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement.encode())


def measure(house: Path, folder: Path, persons: int, rounds: int) -> None:
    """Rounds, all files below ``folder``; then the figures that are held to a limit."""
    turns = [one_round(house, folder, number, persons) for number in range(rounds)]
    ours, files, peers = zip(*turns, strict=True)
    print(
        f"{persons:,} changes to five recipients: as a whole {typical(ours)}, as files {typical(files)}; pandas to_csv {typical(peers)}"
    )
    print(f"移転 as files / pandas to_csv {ratio(files, peers):.2f} x (at most 2)")
    print(f"移転 as a whole / pandas to_csv {ratio(ours, peers):.1f} x (at most 12)")
    print(f"memory besides the libraries {max(o.peak_mb for o in ours):.0f} MB (at most 300)")


def main(persons: int = 60_000, rounds: int = 2) -> None:
    with open_house() as house, tempfile.TemporaryDirectory() as kept:
        measure(house, Path(kept), persons, rounds)


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
