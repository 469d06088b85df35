"""How fast a juki_idou file is decoded, against other ways, as ratios of one run: ``python -m benchmarks.decode [records] [rounds]``.

Every way reads the same synthetic file from the page cache, in a process of its own, so the peak memory is its own. The slow ways see
fewer records and are compared per record; polars and iconv do less than we do (no types, no checks).
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Cost, least, peak_mb, ratio, typical


def decode(path: Path, n: int) -> int:
    """Ours: every field of every record to Arrow, block by block."""
    from etl.core.codec.decode import Decoder
    from etl.core.mapping.layout import layouts
    from etl.edge.inbox import open_fixed

    layout = layouts()["juki_idou"]
    decoder = Decoder(layout.data, city="141305")
    with open_fixed(path, layout) as file:
        return sum(decoder.decode(block).num_rows for _, block in file.blocks())


def check(path: Path, n: int) -> int:
    """Ours: every field of every record checked, nothing decoded."""
    from etl.core.codec.decode import Decoder
    from etl.core.mapping.layout import layouts
    from etl.edge.inbox import open_fixed

    layout = layouts()["juki_idou"]
    decoder = Decoder(layout.data, city="141305")
    with open_fixed(path, layout) as file:
        return sum(len(block) for _, block in file.blocks() if not decoder.check(block))


def iconv(path: Path, n: int) -> int:
    """The whole file to UTF-8 and nothing else (that it comes to all lines is seen outside: nobody must wait for a reader)."""
    subprocess.run(["iconv", "-f", "CP932", "-t", "UTF-8", "-o", "/dev/null", str(path)], check=True)
    return n


def polars(path: Path, n: int) -> int:
    """Slices of binary records, undecoded."""
    import polars as pl

    from etl.core.mapping.layout import layouts

    data = path.read_bytes()
    lines = pl.Series("line", [data[i : i + 820] for i in range(822, 822 * (n + 1), 822)], dtype=pl.Binary)
    columns = [pl.col("line").bin.slice((f.at or 1) - 1, f.size).alias(f.name) for f in layouts()["juki_idou"].columns]
    return lines.to_frame().select(columns).height


def read_fwf(path: Path, n: int) -> int:
    """pandas.read_fwf, all as text, by characters (kinder to it than bytes)."""
    import pandas as pd

    from etl.core.mapping.layout import layouts

    with path.open("rb") as file:
        text = file.read(822 * (n + 1))[822:].decode("cp932")
    at, spans = 0, []
    for field in layouts()["juki_idou"].data.fields:
        width = (field.size or 0) // (2 if field.type == "zenkaku" else 1)
        spans.append((at, at + width))
        at += width
    return len(pd.read_fwf(io.StringIO(text), colspecs=spans, header=None, dtype=str))


WAYS = {f.__name__: f for f in (decode, check, iconv, polars, read_fwf)}
#: the slow ways see fewer records, once a round: theirs and ours are compared per record
FEWER = {"polars": 20_000, "read_fwf": 5_000}


def turn(way: str, path: Path, n: int) -> Cost:
    """Seconds per million records (the least of a few) and the peak memory, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.decode", "--way", way, str(path), str(min(n, FEWER.get(way, n)))]
    return Cost(*json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _run(way: str, path: Path, n: int) -> None:
    if way in FEWER:
        WAYS[way](path, 10)  # imports are not its work
    best = least(1 if way in FEWER else 3, WAYS[way], path, n)
    assert best.result == n, f"{way}: {best.result} of {n}"
    print(json.dumps([best.cpu * 1e6 / n, best.wall * 1e6 / n, n, peak_mb()]))


def measure(folder: Path, n: int, rounds: int) -> None:
    """One line per way, then the figures that are held to a limit."""
    path = folder / "JUKIIDOU_141305_20250922_000100_01.dat"
    subprocess.run([sys.executable, "-m", "benchmarks.records", str(path), str(n)], check=True)
    text = subprocess.run(["iconv", "-f", "CP932", "-t", "UTF-8", str(path)], check=True, capture_output=True).stdout
    assert text.count(b"\n") == n + 2  # header and trailer
    turns: dict[str, list[Cost]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way, found in turns.items():
            found.append(turn(way, path, n))
    ours = turns["decode"]
    print(f"juki_idou: {n:,} records of 822 bytes; per million")
    for way, found in turns.items():
        print(f"{way:9}{typical(found)} {ratio(found, ours):8.2f} x decode")
    print(f"decode / iconv {ratio(ours, turns['iconv']):.2f} x (at most 0.94)")
    print(f"check / iconv {ratio(turns['check'], turns['iconv']):.2f} x (at most 0.60)")
    print(f"polars / decode {ratio(turns['polars'], ours):.1f} x (at least 2.7)")
    print(f"pandas.read_fwf / decode {ratio(turns['read_fwf'], ours):.0f} x (at least 13)")
    print(f"peak memory of decode {max(found.peak_mb for found in ours):.0f} MB (at most 210)")


def main(n: int = 100_000, rounds: int = 3) -> None:
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), n, rounds)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--way"]:
        _run(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main(*map(int, sys.argv[1:]))
