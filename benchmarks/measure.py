"""What something costs. Ours and its peer take turns and are compared turn by turn, by processor time: other work on the machine
slows both down and enters neither. The seconds are only shown."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import psutil


class Cost(NamedTuple):
    """Seconds of processors (this process, what it started, the PostgreSQL of the house), seconds of the wall, and what came of it."""

    cpu: float
    wall: float
    result: Any
    peak_mb: float = 0


def cost(work: Callable[..., Any], *args: Any, house: Path | None = None) -> Cost:
    """Do it here, once."""
    began, used = time.perf_counter(), _used(house)
    result = work(*args)
    wall = time.perf_counter() - began
    return Cost(_used(house) - used, wall, result, peak_mb())


def least(times: int, work: Callable[..., Any], *args: Any, house: Path | None = None) -> Cost:
    """The least of a few, for what is short."""
    return min((cost(work, *args, house=house) for _ in range(times)), key=lambda found: found.cpu)


@contextmanager
def worker(preload: bool = True) -> Iterator[Callable[..., Cost]]:
    """``cost`` in a process of its own, so that the peak of the memory is its own; what a scheduler has preloaded is there, if it is wanted."""
    with get_context("spawn").Pool(
        1, initializer=_ready if preload else None
    ) as one:  # a fork would begin with the memory of this process
        yield lambda work, *args, house=None: one.apply(cost, (work, *args), {"house": house})
        one.close()
        one.join()


def _ready() -> None:
    from etl.edge import suites

    suites.preload()  # once per process, not once per file


def ratio(ours: Iterable[Cost], theirs: Iterable[Cost]) -> float:
    """Median over the turns."""
    return statistics.median(a.cpu / b.cpu for a, b in zip(ours, theirs, strict=True))


def typical(costs: Iterable[Cost]) -> str:
    """For people: the median of either time."""
    cpu, wall = (statistics.median(times) for times in zip(*((c.cpu, c.wall) for c in costs), strict=True))
    return f"{cpu:.2f} s of processor, {wall:.2f} s"


def peak_mb() -> float:
    """High-water mark of this process alone (getrusage remembers the parent's across fork and exec)."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _used(house: Path | None) -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime + (_server(house) if house else 0)


def _server(house: Path) -> float:
    """All that the server has used: itself, its backends, and those that have ended (read again when one ended meanwhile)."""
    leader = psutil.Process(int((house / "pg" / "data" / "postmaster.pid").read_text().split()[0]))
    while True:
        living, total = leader.children(), sum(leader.cpu_times()[:4])
        with suppress(psutil.NoSuchProcess):
            total += sum(sum(p.cpu_times()[:2]) for p in living)
            if leader.children() == living:
                return float(total)
