"""Loading, as an operator would run it (without Airflow): first 全件, 全件 again, a busy night; against ``\\copy`` of the same rows.

The peer is ``psql \\copy`` of a ready CSV with every row of the file into a plain logged table of the same types without keys, on the
same server. Every part of a load counts: .end, SHA-256, decoding, scope, 個人番号, suites, merge, ledger, records.

``python benchmarks/load.py [residents]`` (default 1,550,000).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.csv as pacsv

from etl.core.codec.decode import Decoder
from etl.core.mapping.layout import layouts
from etl.edge.inbox import open_fixed
from etl.platform import postgres
from etl.site import init

FIRST, AGAIN, NIGHT = date(2025, 9, 22), date(2025, 9, 24), date(2025, 9, 25)
SEED = 20250922
TYPES = {"string": "text", "int64": "integer", "date32[day]": "date", "timestamp[s]": "timestamp", "bool": "boolean"}


def measured(work: Any, *args: Any) -> tuple[float, float, Any]:
    """(seconds, peak MB of a process of its own, result)."""
    spawn = get_context("spawn")  # a fork would begin with the memory of this process
    queue = spawn.Queue()
    process = spawn.Process(target=_child, args=(queue, work, args))
    process.start()
    seconds, result = queue.get()
    process.join()
    peak = queue.get()
    return seconds, peak, result


def _child(queue: Any, work: Any, args: tuple[Any, ...]) -> None:
    from etl.edge import suites

    suites.preload()  # once per process, not once per file
    began = time.perf_counter()
    result = work(*args)
    queue.put((time.perf_counter() - began, result))
    queue.put(peak_mb())


def peak_mb() -> float:
    """High-water mark of this process alone (getrusage remembers the parent's across fork and exec)."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def load(home: Path, job: str, day: str) -> dict[str, Any]:
    """A whole run of a job."""
    from etl import jobs
    from etl.core.mapping import registry
    from etl.result import result
    from etl.site import open_site

    site = open_site(home)
    run_id = jobs.start(site, job, day, "bench", "計測")
    for name in registry.jobs()[job].steps:
        jobs.step(site, run_id, name)
    files = result(site, run_id)["files"]
    assert all(f["outcome"] == "accepted" for f in files), files
    counts: dict[str, Any] = files[-1]["counts"]
    return counts


def write(home: Path, residents: int, what: str) -> None:
    """Files of the synthetic city for one day (``again``: the same city, 0.3 % of its rows newer)."""
    from city import write_full, write_idou

    inbox = home / "inbox"
    if what == "first":
        write_full(inbox, residents, SEED, FIRST)
    elif what == "again":
        write_full(inbox, residents, SEED, AGAIN, seq=101, changed_share=0.003, city_on=FIRST)
    else:
        write_idou(inbox, residents, SEED, NIGHT, seq=102, city_on=FIRST)


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


def copy_csv(url: str, source: Path) -> None:
    """``\\copy`` of the ready CSV into an empty table without keys, of the types that the rows have in the end, committed."""
    columns = [f"{f.name} {TYPES[str(f.type)]}" for f in Decoder(layouts()["juki_idou"].data).schema]
    with psycopg.connect(url) as connection:
        connection.execute("drop table if exists public.peer")
        connection.execute(f"create table public.peer ({', '.join(columns)})")
        connection.commit()
    psql = postgres.binaries() / "psql"
    subprocess.run([psql, "-q", "-d", url, "-c", rf"\copy public.peer from '{source}' (format csv)"], check=True)


def settle(home: Path) -> None:
    """What the server would do in its own time is done before a measurement, not in the middle of one."""
    url = postgres.ensure(home).admin_url.rsplit("/", 1)[0] + "/kokunen"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("vacuum (analyze)")
        admin.execute("checkpoint")


def main(residents: int) -> None:
    home = Path(tempfile.mkdtemp(prefix="kokunen-bench-"))
    try:
        init(home)
        write(home, residents, "first")
        load(home, "ikou_once", FIRST.isoformat())
        source = next((home / "inbox" / "juki_idou").glob("*.dat"))
        rows = as_csv(source, home / "peer.csv")
        settle(home)
        peer, _, _ = measured(copy_csv, postgres.urls(home)["owner"], home / "peer.csv")
        print(f"\\copy csv of {rows:,} rows: {peer:.1f} s")
        (home / "peer.csv").unlink()
        settle(home)
        first, first_peak, counts = measured(load, home, "juki_daily", FIRST.isoformat())
        print(f"first 全件: {first:.1f} s, {counts}")
        write(home, residents, "again")
        settle(home)
        again, again_peak, counts = measured(load, home, "juki_daily", AGAIN.isoformat())
        print(f"全件 again, 0.3 % changed: {again:.1f} s, {counts}")
        write(home, residents, "night")
        settle(home)
        night, night_peak, counts = measured(load, home, "juki_daily", NIGHT.isoformat())
        print(f"night: {night:.2f} s, {counts}")
        print(f"first 全件 / \\copy csv {first / peer:.2f} x (at most 2.0); 全件 again / \\copy csv {again / peer:.2f} x (at most 1.0)")
        print(f"nightly 異動 of 5,000 rows {night:.2f} s (at most 3.0)")
        print(f"peak memory {max(first_peak, again_peak, night_peak):.0f} MB (at most 500)")
    finally:
        postgres.stop(home)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_550_000)
