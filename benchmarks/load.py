"""Loading, as an operator would run it (without Airflow): first 全件, 全件 again, a busy night; each against ``\\copy`` of 全件.

The peer is ``psql \\copy`` of a ready CSV with every row of 全件 into a plain logged table of the same types without keys, on the
same server, in turns. Every part of a load counts: .end, SHA-256, decoding, scope, 個人番号, suites, merge, ledger, records; the archive
has a page of its own.

``python -m benchmarks.load [residents] [rounds]``. What a file costs however small it is weighs less with more residents, so the
limits hold for a larger city too (1,550,000 is a real one).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path

import psycopg
import pyarrow.csv as pacsv

from benchmarks.measure import Cost, least, ratio, typical, worker
from benchmarks.office import admin_of, open_house, open_office, settle
from city import write_full, write_idou
from etl import jobs
from etl.core.codec.decode import Decoder
from etl.core.mapping import registry
from etl.core.mapping.layout import layouts
from etl.edge.inbox import open_fixed
from etl.platform import postgres
from etl.result import result
from etl.rights import SERVICE
from etl.site import Site

FIRST, AGAIN, NIGHT = date(2025, 9, 22), date(2025, 9, 24), date(2025, 9, 25)
DAYS = {"first": FIRST, "again": AGAIN, "night": NIGHT}
PEERS = {
    "first": "first",
    "again": "again",
    "night": "again",
}  # the 5,000 rows of a night alone would be copied in no time at all
SEED = 20250922
TYPES = {"string": "text", "int64": "integer", "date32[day]": "date", "timestamp[s]": "timestamp", "bool": "boolean"}


def load(site: Site, job: str, day: date) -> int:
    """A whole run of a job; the data rows of its last file, all of them accounted for (the ledger sees to that)."""
    run_id = jobs.start(site, job, day.isoformat(), SERVICE, "計測")
    for name in (step for step in registry.jobs()[job].steps if step != "archive"):  # which has a page of its own
        jobs.step(site, run_id, name)
    files = result(site, run_id)["files"]
    assert all(f["outcome"] == "accepted" for f in files), files
    rows: int = files[-1]["counts"]["data"]
    return rows


def write(folder: Path, residents: int) -> dict[str, int]:
    """The three files, each in an inbox of its own with its CSV beside it; what -> rows.

    ``again`` is the same city with 0.3 % of its rows newer, ``night`` its 異動 of one night (5,000 in a city of size).
    """
    write_full(folder / "first", residents, SEED, FIRST)
    write_full(folder / "again", residents, SEED, AGAIN, seq=101, changed_share=0.003, city_on=FIRST)
    for migration in (folder / "again").glob("ikou_*"):
        shutil.rmtree(migration)
    write_idou(folder / "night", residents, SEED, NIGHT, seq=102, city_on=FIRST, rows=min(5_000, residents // 10))
    return {what: as_csv(next((folder / what / "juki_idou").glob("*.dat")), folder / f"{what}.csv") for what in DAYS}


def as_csv(source: Path, target: Path) -> int:
    """Every data row of a 住民異動連携 file as CSV, the peer's ready-made input."""
    layout = layouts()["juki_idou"]
    decoder, rows = Decoder(layout.data), 0
    with open_fixed(source, layout) as opened, target.open("wb") as out:
        writer = pacsv.CSVWriter(out, decoder.schema, write_options=pacsv.WriteOptions(include_header=False))
        for _, block in opened.blocks():
            writer.write_batch(decoder.decode(block))
            rows += len(block)
        writer.close()
    return rows


def empty_peer(url: str) -> None:
    """A table without keys, of the types that the rows have in the end."""
    columns = [f"{f.name} {TYPES[str(f.type)]}" for f in Decoder(layouts()["juki_idou"].data).schema]
    with psycopg.connect(url) as connection:
        connection.execute("drop table if exists public.peer")
        connection.execute(f"create table public.peer ({', '.join(columns)})")


def copy_csv(url: str, source: Path) -> int:
    """``\\copy`` of the ready CSV, committed; its rows."""
    psql = [str(postgres.binaries() / "psql"), "-X", "-d", url, "-c", rf"\copy public.peer from '{source}' (format csv)"]
    return int(subprocess.run(psql, check=True, capture_output=True, text=True).stdout.removeprefix("COPY "))


def one_round(
    apart: Callable[..., Cost], house: Path, folder: Path, number: int, rows: dict[str, int]
) -> dict[str, tuple[Cost, Cost]]:
    """what -> (ours, peer), in an office that has migrated and loaded nothing else."""
    found = {}
    with open_office(house, folder / f"office{number}", f"bench_{number}") as site:
        url = admin_of(house, site)
        for what, day in DAYS.items():
            shutil.copytree(folder / what, site.inbox, dirs_exist_ok=True)
            if what == "first":
                apart(load, site, "ikou_once", day)
            empty_peer(url)
            settle(url)
            peer = least(3, copy_csv, url, folder / f"{PEERS[what]}.csv", house=house)
            ours = apart(load, site, "juki_daily", day, house=house)
            assert (ours.result, peer.result) == (rows[what], rows[PEERS[what]]), (what, ours.result, peer.result)
            found[what] = ours, peer
    return found


def measure(house: Path, folder: Path, residents: int, rounds: int) -> None:
    """Rounds of ours and the peer, all files below ``folder``; then the figures that are held to a limit."""
    rows = write(folder, residents)
    turns: dict[str, list[tuple[Cost, Cost]]] = defaultdict(list)
    with worker() as apart:
        for number in range(rounds):
            for what, pair in one_round(apart, house, folder, number, rows).items():
                turns[what].append(pair)
    against = {}
    for what, pairs in turns.items():
        ours, peers = zip(*pairs, strict=True)
        against[what] = ratio(ours, peers)
        print(f"{what} {rows[what]:,} rows: {typical(ours)}; \\copy csv {typical(peers)}")
    print(f"first 全件 / \\copy csv {against['first']:.2f} x (at most 5.9)")
    print(f"全件 again / \\copy csv {against['again']:.2f} x (at most 2.9)")
    print(f"nightly 異動 / \\copy csv of 全件 {against['night']:.2f} x (at most 5.5)")
    print(f"peak memory of a load {_peak(turns):.0f} MB (at most 450)")


def _peak(turns: dict[str, list[tuple[Cost, Cost]]]) -> float:
    return max(ours.peak_mb for pairs in turns.values() for ours, _ in pairs)


def main(residents: int = 50_000, rounds: int = 3) -> None:
    with open_house() as house:
        measure(house, house / "files", residents, rounds)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
