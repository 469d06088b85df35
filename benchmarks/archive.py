"""保管: a loaded register leaves the inbox for the archive, against the load itself and against a plain copy that is compared.

The peer is what an office without a key would do: ``cp``, then ``sha256sum`` of both. Ours reads, hashes and encrypts once, reads,
decrypts and hashes once more, and tells the ledger. ``python -m benchmarks.archive [residents] [rounds]``: 1,550,000 residents are a file of 1.3 GB.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.load import FIRST, SEED
from benchmarks.measure import Cost, least, ratio, typical, worker
from benchmarks.office import open_house, open_office
from city import write_full
from etl import jobs
from etl.core.mapping import registry
from etl.core.receipts.house import Archived
from etl.hokan import reading
from etl.rights import SERVICE
from etl.site import Site

STEPS = registry.jobs()["juki_daily"].steps
BEFORE = STEPS[: STEPS.index("archive")]


def begin(site: Site, job: str) -> str:
    return jobs.start(site, job, FIRST.isoformat(), SERVICE, "計測")


def migrate(site: Site) -> None:
    """Who is insured; all of it."""
    run_id = begin(site, "ikou_once")
    for name in registry.jobs()["ikou_once"].steps:
        jobs.step(site, run_id, name)


def load(site: Site, run_id: str) -> None:
    """Everything before the archive."""
    for name in BEFORE:
        jobs.step(site, run_id, name)


def put_away(site: Site, run_id: str) -> int:
    """The step; how many originals were taken in."""
    done = jobs.step(site, run_id, "archive")
    assert isinstance(done, Archived)
    return done.originals


def plain(source: Path, target: Path) -> None:
    """A copy, and that it is one."""
    subprocess.run(["cp", source, target], check=True)
    subprocess.run(["sync", target], check=True)
    sums = subprocess.run(["sha256sum", source, target], check=True, capture_output=True, text=True).stdout.split()
    assert sums[0] == sums[2]
    target.unlink()


def one_round(house: Path, folder: Path, number: int, residents: int) -> tuple[Cost, Cost, Cost]:
    """The load, the archive in a process of its own (its memory is its own), the plain copy."""
    with open_office(house, folder / f"office{number}", f"bench_{number}") as site:
        write_full(site.inbox, residents, SEED, FIRST)
        (register,) = (site.inbox / "juki_idou").glob("*.dat")
        peer = least(3, plain, register, folder / "copy")
        with worker() as apart:
            apart(migrate, site)
            run_id = apart(begin, site, "juki_daily").result
            loading = apart(load, site, run_id, house=house)
        with worker(preload=False) as apart:
            ours = apart(put_away, site, run_id, house=house)
        assert ours.result == 1 and not register.exists()
        found = reading.verify(site, lambda *_: None)
        assert not found.amiss and found.objects
    return loading, ours, peer


def measure(house: Path, folder: Path, residents: int, rounds: int) -> None:
    """Rounds, all files below ``folder``; then the figures that are held to a limit."""
    loads, ours, peers = zip(*(one_round(house, folder, n, residents) for n in range(rounds)), strict=True)
    print(f"archive of {residents:,} residents: {typical(ours)}; load {typical(loads)}; cp and sha256sum {typical(peers)}")
    print(f"archive / load {ratio(ours, loads):.3f} x (at most 0.25)")
    print(f"archive / cp and sha256sum {ratio(ours, peers):.2f} x (at most 2)")
    print(f"peak memory of the archive {max(cost.peak_mb for cost in ours):.0f} MB (at most 200)")


def main(residents: int = 100_000, rounds: int = 3) -> None:
    with open_house() as house:
        (house / "files").mkdir()
        measure(house, house / "files", residents, rounds)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
