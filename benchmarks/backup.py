"""A full backup and a restore of a city, as an operator would run them, each against PostgreSQL's own without encryption: ``pg_basebackup`` into
a folder; that folder copied and its server started on the same WAL.

``python -m benchmarks.backup [residents] [rounds]``. What a backup costs however small it is (lists of files, counts, the keys) weighs less
with more residents, what each byte costs (a pipe, a hash, the cipher) weighs more. A real city of 1,550,000 (686 MB): a backup takes 4 to 6 s,
4.5 to 5.9 times the processor time of PostgreSQL's own and 2 to 3 times its seconds; a restore 1.2 times.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.load import FIRST, SEED, load
from benchmarks.measure import Cost, cost, ratio, typical, worker
from benchmarks.office import open_house
from city import write_full
from etl import run as runs
from etl.backup import catalog, rebuild, restore, take, wal
from etl.backup.restore import Wanted
from etl.platform import basebackup, logins, postgres, scratch
from etl.rights import SERVICE
from etl.site import Site, init, open_site


@contextmanager
def _wal_is_kept() -> Iterator[None]:
    """Whatever the environment said of it."""
    before = os.environ.get("KOKUNEN_WAL", "on")
    os.environ["KOKUNEN_WAL"] = "on"
    try:
        yield
    finally:
        os.environ["KOKUNEN_WAL"] = before


@contextmanager
def open_city(folder: Path, residents: int) -> Iterator[Site]:
    """A home of its own whose server keeps its WAL, with a whole city."""
    with _wal_is_kept(), open_house() as house:
        site = init(house)
        write_full(folder, residents, SEED, FIRST)
        shutil.copytree(folder, site.inbox, dirs_exist_ok=True)
        load(site, "ikou_once", FIRST)
        load(site, "juki_daily", FIRST)
        with psycopg.connect(postgres.ensure(house).admin_url, dbname="kokunen", autocommit=True) as admin:
            admin.execute("vacuum (freeze, analyze)")  # else the server does it meanwhile, and it counts as the backup's
        wal.seal(house)  # that of the load is a load's
        yield site
        site.engine.dispose()


def backup(home: Path) -> tuple[str, int]:
    """Ours, whole: encrypted, counted, with its WAL, in the chain of records; its id and its bytes."""
    site = open_site(home)
    about = site.today.isoformat()
    run_id = runs.start(site, "backup", about, SERVICE, "計測", business_on=site.today, as_known_at=None, run_key=None)
    made = take.take(site, runs.get(site, run_id), full=True)
    site.engine.dispose()
    return made.id, made.content


def plain_backup(home: Path, target: Path) -> None:
    """PostgreSQL's, into a folder."""
    shutil.rmtree(target, ignore_errors=True)
    command: list[str | Path] = [
        postgres.binaries() / "pg_basebackup",
        "-D",
        target,
        "-X",
        "none",
        "-c",
        "fast",
        "-h",
        "127.0.0.1",
        "-U",
        basebackup.ROLE,
    ]
    password = {"PGPASSWORD": logins.read(home / "keys", basebackup.ROLE)}
    subprocess.run([*command, "-p", str(postgres.port(home))], check=True, capture_output=True, env=os.environ | password)


def back(home: Path, new: Path) -> None:
    """Ours: a fresh home at the end of the WAL, compared with PostgreSQL's list of files, behind its gate."""
    restore.restore(Wanted(new, home / "backup", home / "keys"), lambda _: None)


def plain_back(home: Path, source: Path, place: scratch.Place) -> None:
    """The copied folder, and its server until the WAL (in clear already) has been read."""
    shutil.copytree(source, place.data)
    scratch.set_out(place, {})
    with scratch.server(place, {"archive_mode": "off"}) as server:
        server.settled(paused=False)


def one_round(apart: object, home: Path, folder: Path, number: int) -> dict[str, tuple[Cost, Cost]]:
    """what -> (ours, peer)."""
    plain, place = folder / "plain", rebuild.place_of(home, f"peer{number}")
    ours = apart(backup, home, house=home)  # type: ignore[operator]
    peer = cost(plain_backup, home, plain, house=home)
    shelf = catalog.shelf(home)
    wal.seal(home)
    last = catalog.known(shelf)[-1]
    place.make()
    for name in rebuild.segments(shelf, last, None)[0]:
        wal.unseal(shelf, name, place.wal)
    theirs = cost(plain_back, home, plain, place)
    place.clear()
    mine = apart(back, home, folder / f"new{number}")  # type: ignore[operator]
    shutil.rmtree(folder / f"new{number}")
    return {"backup": (ours, peer), "restore": (mine, theirs)}


def measure(folder: Path, residents: int, rounds: int) -> None:
    with open_city(folder / "files", residents) as site, worker() as apart:
        turns = [one_round(apart, site.home, folder, number) for number in range(rounds)]
        content = turns[-1]["backup"][0].result[1]
    against = {}
    for what in ("backup", "restore"):
        ours, peers = zip(*(turn[what] for turn in turns), strict=True)
        against[what] = ratio(ours, peers)
        print(f"{what} of {content:,} bytes: {typical(ours)}; PostgreSQL's own {typical(peers)}")
    peak = max(ours.peak_mb for turn in turns for ours, _ in turn.values())
    print(f"full backup / pg_basebackup {against['backup']:.2f} x (at most 3.0)")
    print(f"restore / copy and recovery {against['restore']:.2f} x (at most 5.0)")
    print(f"peak memory of a backup and a restore {peak:.0f} MB (at most 450)")


def main(residents: int = 50_000, rounds: int = 3) -> None:
    folder = Path(tempfile.mkdtemp(prefix="kokunen-bench-"))
    try:
        measure(folder, residents, rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
