"""大きなCSV: 何件あっても一塊ずつ読む。"""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import kit
from kit import no

from etl.core.codec import csvtext
from etl.core.codec.csvtext import CsvFile
from etl.core.mapping.layout import layouts
from etl.site import Site


def _peak(path: Path) -> tuple[int, int]:
    """Rows, and the most memory that reading them took."""
    tracemalloc.start()
    try:
        with path.open("rb") as source:
            opened = CsvFile(source, path.name, layouts()["uketsuke"])
            rows = sum(table.num_rows for table, _ in opened.blocks())
        return rows, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_件数が十倍でも記憶は増えない(site: Site) -> None:
    path = kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1)}])
    head, row = path.read_bytes().split(b"\r\n")[:2]
    found = []
    for blocks in (2, 8):
        path.write_bytes(b"\r\n".join([head, *[row] * (blocks * csvtext._BATCH)]) + b"\r\n")
        found.append(_peak(path))
    (few, least), (many, most) = found
    assert (few, many) == (2 * csvtext._BATCH, 8 * csvtext._BATCH)
    assert most < least * 1.2 and most < 50 << 20, f"{least} {most}"
