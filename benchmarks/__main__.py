"""``make bench``: how fast, as ratios against ordinary tools on the same data in the same run. ``make bench ARGS=decode`` runs one part.

Each part is a script of its own process (so that its peak memory is its own) and prints what it measured; whatever it prints in the
form ``what 1.23 (at most 1.5)`` or ``what 31 (at least 20)`` comes again at the end, in one table with its verdict.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PARTS = ("decode", "load", "archive", "reconcile", "transfer", "forms", "backup", "keys")
GOAL = re.compile(r"([^;:\n]+?)\s+([\d,]+(?:\.\d+)?)\s*(x|s|MB)?\s*\((at most|at least) ([\d.,]+)\)")


class Measured(NamedTuple):
    """One figure with the limit it is held to."""

    part: str
    what: str
    value: float
    unit: str
    limit: str

    @property
    def good(self) -> bool:
        bound = float(self.limit.split()[-1].replace(",", ""))
        return self.value <= bound if self.limit.startswith("at most") else self.value >= bound


def run(part: str) -> list[Measured]:
    """Run one script, show its lines as they come, return its figures."""
    print(f"== {part}", flush=True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    environment.pop("KOKUNEN_DATABASE_URL", None)  # the processor time of another server cannot be seen
    found: list[Measured] = []
    with subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{part}"], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as script:
        for line in script.stdout or ():
            print(line, end="", flush=True)
            found += [
                Measured(part, m[1].strip(), float(m[2].replace(",", "")), m[3] or "", f"{m[4]} {m[5]}")
                for m in GOAL.finditer(line)
            ]
    if script.returncode:
        raise SystemExit(f"{part}: exit {script.returncode}")
    return found


def main() -> int:
    wanted = [a for a in sys.argv[1:] if not a.startswith("-")] or [p for p in PARTS if (HERE / f"{p}.py").exists()]
    if unknown := [p for p in wanted if not (HERE / f"{p}.py").exists()]:
        print(f"no benchmark {unknown[0]!r}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}")
    figures = [figure for part in wanted for figure in run(part)]
    print(f"\n{'part':8} {'what':60} {'value':>12}  {'to reach':18} reached")
    for f in figures:
        print(f"{f.part:8} {f.what:60} {f.value:>12,g}{f.unit and ' ' + f.unit:3} {f.limit:18} {'yes' if f.good else 'NO'}")
    return 0 if all(f.good for f in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
