"""How fast a juki_idou file is decoded, against other ways, as ratios of one run: ``python -m benchmarks.decode [records]``.

Every way reads the same synthetic file from the page cache, in a process of its own, so the peak memory is its own. pandas.read_fwf
sees 100,000 records and is compared per record; polars and iconv do less than we do (no types, no checks).
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLE = 100_000
REPEAT = 5  # best of, except for the slow ways


def decode(path: Path, n: int) -> None:
    """Ours: every field of every record to Arrow, block by block."""
    from etl.core.codec.decode import Decoder
    from etl.core.mapping.layout import layouts
    from etl.edge.inbox import open_fixed

    layout = layouts()["juki_idou"]
    decoder = Decoder(layout.data, city="141305")
    with open_fixed(path, layout) as file:
        assert sum(decoder.decode(block).num_rows for _, block in file.blocks()) == n


def check(path: Path, n: int) -> None:
    """Ours: every field of every record checked, nothing decoded."""
    from etl.core.codec.decode import Decoder
    from etl.core.mapping.layout import layouts
    from etl.edge.inbox import open_fixed

    layout = layouts()["juki_idou"]
    decoder = Decoder(layout.data, city="141305")
    with open_fixed(path, layout) as file:
        assert not any(decoder.check(block) for _, block in file.blocks())


def iconv(path: Path, n: int) -> None:
    """The whole file to UTF-8 and nothing else."""
    subprocess.run(["iconv", "-f", "CP932", "-t", "UTF-8", "-o", "/dev/null", str(path)], check=True)


def polars(path: Path, n: int) -> None:
    """Slices of binary records, undecoded."""
    import polars as pl

    from etl.core.mapping.layout import layouts

    data = path.read_bytes()
    lines = pl.Series("line", [data[i : i + 820] for i in range(822, 822 * (n + 1), 822)], dtype=pl.Binary)
    columns = [pl.col("line").bin.slice((f.at or 1) - 1, f.size).alias(f.name) for f in layouts()["juki_idou"].columns]
    assert lines.to_frame().select(columns).height == n


def read_fwf(path: Path, n: int) -> None:
    """pandas.read_fwf of the first records, all as text, by characters (kinder to it than bytes)."""
    import pandas as pd

    from etl.core.mapping.layout import layouts

    with path.open("rb") as file:
        text = file.read(822 * (min(n, SAMPLE) + 1))[822:].decode("cp932")
    at, spans = 0, []
    for field in layouts()["juki_idou"].data.fields:
        width = (field.size or 0) // (2 if field.type == "zenkaku" else 1)
        spans.append((at, at + width))
        at += width
    assert len(pd.read_fwf(io.StringIO(text), colspecs=spans, header=None, dtype=str)) == min(n, SAMPLE)


WAYS = {f.__name__: f for f in (decode, check, iconv, polars, read_fwf)}


def measure(way: str, path: Path, n: int) -> dict[str, float]:
    """Best seconds and the peak memory in MB, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.decode", "--way", way, str(path), str(n)]
    measured: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return measured


def _run(way: str, path: Path, n: int) -> None:
    times = []
    for _ in range(1 if way in ("polars", "read_fwf") else REPEAT):
        start = time.perf_counter()
        WAYS[way](path, n)
        times.append(time.perf_counter() - start)
    who = resource.RUSAGE_CHILDREN if way == "iconv" else resource.RUSAGE_SELF
    print(json.dumps({"seconds": min(times), "peak_mb": resource.getrusage(who).ru_maxrss / 1024}))


def main(n: int) -> None:
    """One line per way: seconds, per million records, ratio to ours, peak memory; then the figures that are held to a limit."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "JUKIIDOU_141305_20250922_000100_01.dat"
        subprocess.run([sys.executable, "-m", "benchmarks.records", str(path), str(n)], check=True)
        found = {way: measure(way, path, n) for way in WAYS}
    per = {way: f["seconds"] / (min(n, SAMPLE) if way == "read_fwf" else n) for way, f in found.items()}
    print(f"juki_idou: {n:,} records of 822 bytes")
    for way, f in found.items():
        times = per[way] / per["decode"]
        print(f"{way:9}{f['seconds']:8.3f} s {per[way] * 1e6:9.2f} s per million {times:8.2f} x decode {f['peak_mb']:7.0f} MB")
    print(f"decode against iconv {per['decode'] / per['iconv']:.2f} x (at most 1.5)")
    print(f"faster than pandas.read_fwf {per['read_fwf'] / per['decode']:.0f} x (at least 20)")
    print(f"check against decode {per['check'] / per['decode']:.2f} x (at most 1.0)")
    print(f"peak memory of decode {found['decode']['peak_mb']:.0f} MB (at most 250)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--way"]:
        _run(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)
