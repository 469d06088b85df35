"""大きなCSVは何件あっても一塊ずつ、媒体はいくつあっても一つずつ読む。"""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import kit
import pytest
from kit import no

from etl.core.codec import csvtext
from etl.core.codec.csvtext import CsvFile
from etl.core.mapping.layout import layouts
from etl.ingest import arrive, turn
from etl.ingest.inbound import Inbound
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


def test_媒体はいくつあっても一つ分の記憶で読む(site: Site) -> None:
    rows = 4_000
    for n in (1, 2, 3, 4):
        whole = kit.kekka(site, [{"kiso_nenkin_no": kit.kiso(1)}] * rows, baitai_no=n).stat().st_size
    tracemalloc.start()
    try:
        taken = [arrive.take(file) for file in arrive.named(site, "kikou_kekka")]
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [file.arrival.count for file in taken] == [rows] * 4
    assert held < whole / 2 and most < 2.5 * whole, f"{held} {most} {whole}"


def test_確かめた後に差し替えられた媒体は取り込まない(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    path, other = (kit.kekka(site, [{"kiso_nenkin_no": kit.kiso(n)}], baitai_no=n) for n in (1, 2))
    exchanged = path.read_bytes().replace(kit.kiso(1).encode(), kit.kiso(3).encode())

    def exchange(_: object, __: object, inbound: Inbound) -> None:
        if inbound.path == path:
            path.write_bytes(exchanged)

    monkeypatch.setattr(turn, "require", exchange)
    files = {f["name"]: f["code"] for f in kit.run(site, "kikou_kekka", kit.DAY)["files"]}
    assert files == {path.name: "NP-2002", other.name: None}
    assert kit.query(site, "select kiso_nenkin_no from pension.kikou_kekka") == [(kit.kiso(2),)]
