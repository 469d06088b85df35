"""decode(encode(row)) == row, for every mapping; and the sample files decode cleanly and encode back to the byte."""

from __future__ import annotations

from pathlib import Path

import kit
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.core.codec.csvtext import read_again
from etl.core.codec.decode import Decoder, hash_total, split
from etl.core.codec.encode import encode_csv, encode_fixed, end_file, totals
from etl.core.mapping.layout import Layout, layouts
from etl.core.mapping.names import parse_name
from etl.edge.inbox import open_fixed
from tests.core.rows import cell, rows, table

SAMPLES = Path(__file__).resolve().parents[1] / "golden" / "samples"
FIXED = [x for x in layouts().values() if x.file.format == "fixed"]
CSV = [x for x in layouts().values() if x.file.format == "csv"]
SLOW = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def layout_of(path: Path) -> Layout | None:
    return next((x for x in layouts().values() if parse_name(x.file.name, path.name)), None)


def sample_files(kind: str) -> list[Path]:
    found = sorted(p for p in SAMPLES.rglob("*") if p.suffix in (".dat", ".csv"))
    return [p for p in found if (x := layout_of(p)) and x.file.format == kind]


@pytest.mark.parametrize("layout", FIXED, ids=lambda x: x.dataset)
@SLOW
@given(data=st.data())
def test_固定長は符号化して復号すると元の行に戻る(layout: Layout, data: st.DataObject) -> None:
    values = data.draw(rows(layout.data))
    header = data.draw(st.fixed_dictionaries({f.name: cell(f) for f in layout.header.stored}))
    trailer = data.draw(st.fixed_dictionaries({f.name: cell(f) for f in layout.trailer.stored}))
    written = split(encode_fixed(layout, header, table(layout.data, values), trailer), layout, "x")
    assert (written.header, written.trailer) == (header, trailer)
    decoder = Decoder(layout.data)
    assert decoder.check(written.records) == []
    assert decoder.decode(written.records).to_pylist() == values


@pytest.mark.parametrize("layout", CSV, ids=lambda x: x.dataset)
@SLOW
@given(data=st.data())
def test_CSVは符号化して復号すると元の行に戻る(layout: Layout, data: st.DataObject, tmp_path: Path) -> None:
    values = data.draw(rows(layout.data))
    path = tmp_path / "x.csv"
    written = table(layout.data, values)
    assert read_again(encode_csv(layout, written), "x", layout) == written
    path.write_bytes(encode_csv(layout, written, bom=layout.file.bom == "optional" and data.draw(st.booleans())))
    read = kit.csv_file(path, layout)
    assert read.errors == [] and read.count == len(values)
    assert read.table.drop_columns("line").to_pylist() == values
    assert read.table["line"].to_pylist() == list(range(2, len(values) + 2))


@pytest.mark.parametrize("path", sample_files("fixed"), ids=lambda p: p.name)
def test_見本の固定長は誤りなく読めて同じバイトに書ける(path: Path) -> None:
    layout = layout_of(path)
    decoder = Decoder(layout.data, city="141305")
    with open_fixed(path, layout) as file:
        blocks = [block for _, block in file.blocks()]
    assert [e for b in blocks for e in decoder.check(b)] == []
    rows = pa.Table.from_batches([decoder.decode(b) for b in blocks], schema=decoder.schema)
    rows.validate(full=True)
    assert {k: file.trailer[k] for k in ("count", "hash_total")} == totals(rows)
    assert file.trailer["hash_total"] == hash_total(np.concatenate([decoder.numbers(b, "atena_no") for b in blocks]))
    data = encode_fixed(layout, file.header, rows, file.trailer)
    assert data == path.read_bytes()
    if (end := path.with_name(path.name + ".end")).exists():
        assert end_file(path.name, data, file.count) == end.read_bytes()


@pytest.mark.parametrize("path", sample_files("csv"), ids=lambda p: p.name)
def test_見本のCSVは誤りなく読めて同じバイトに書ける(path: Path) -> None:
    layout = layout_of(path)
    read = kit.csv_file(path, layout)
    assert read.errors == [] and read.count == read.table.num_rows
    data = path.read_bytes()
    assert encode_csv(layout, read.table, bom=read.bom) == data.removesuffix(b"\r\n") + b"\r\n"  # one sample lacks the last CRLF


def test_見本は全て読まれている() -> None:
    assert len(sample_files("fixed")) >= 16 and len(sample_files("csv")) == 11
