"""合成ファイルは正しい: every file decodes without an error, counts and totals agree, the same arguments give the same bytes."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import kit
import pytest

from city import synth
from etl.core.codec.records import Decoder
from etl.core.errors import Refused
from etl.core.mapping.layout import layouts
from etl.core.mapping.names import parse_name
from etl.edge.inbox import open_fixed
from tests.city.reading import FIRST, LAST, Made, read_end

DATASETS = ("ikou_fuka", "ikou_menjo", "ikou_nenkin_kihon", "ikou_saitei", "ikou_shikaku", "juki_idou", "uketsuke")


def tree(home: Path) -> dict[str, str]:
    return {str(p.relative_to(home)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(home.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("dataset", DATASETS)
def test_全ファイルが誤りなく読める(made: Made, dataset: str) -> None:
    layout = layouts()[dataset]
    for path in made.files(dataset):
        assert parse_name(layout.file.name, path.name)
        end = read_end(path)
        assert end == {
            "file": path.name,
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "count": end["count"],
        }
        if layout.file.format == "csv":
            read = kit.csv_file(path, layout)
            assert (read.errors, read.count) == ([], end["count"])
            continue
        decoder = Decoder(layout.data)
        with open_fixed(path, layout) as file:
            assert file.count == end["count"] == file.trailer["count"]
            blocks = [block.copy() for _, block in file.blocks()]
            total = sum(int(bytes(row[13:28])) for block in blocks for row in block)
            assert file.trailer["hash_total"] == total % 10**18
            assert [e for block in blocks for e in decoder.check(block)] == []


def test_業務日ごとに揃う(made: Made) -> None:
    days = [date(2026, 10, d) for d in (5, 6, 7, 8, 9, 13)]  # 12 October is スポーツの日
    assert made.told["days"] == [d.isoformat() for d in days]
    juki = [p.name for p in made.files("juki_idou")]
    assert juki == [f"JUKIIDOU_141305_{d:%Y%m%d}_{100 + n:06}_01.dat" for n, d in enumerate(days)]
    assert [p.name for p in made.files("uketsuke")] == [
        f"UKETSUKE_141305_{d:%Y%m%d}_{n:06}_01.csv" for n, d in enumerate(days, 1)
    ]


def test_同じ条件なら同じバイト(made: Made, tmp_path: Path) -> None:
    before = tree(made.home)
    synth(tmp_path, 3000, 7, FIRST, LAST)
    assert tree(tmp_path) == before
    synth(tmp_path, 3000, 7, FIRST, LAST)
    assert tree(tmp_path) == before


def test_期間を延ばしても前の日は変わらない(made: Made, tmp_path: Path) -> None:
    synth(tmp_path, 3000, 7, FIRST, LAST + timedelta(days=3))
    longer = tree(tmp_path / "inbox")
    assert {k: v for k, v in longer.items() if k in tree(made.home / "inbox")} == tree(made.home / "inbox")
    assert len(longer) == len(tree(made.home / "inbox")) + 3 * 5  # uketsuke and juki_idou with their .end, and a medium


def test_別の条件は断る(made: Made, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="NP-9102"):
        synth(made.home, 3000, 8, FIRST, LAST)
    with pytest.raises(Refused, match="NP-9101"):
        synth(tmp_path, 3000, 7, date(2026, 10, 3), date(2026, 10, 4))
    with pytest.raises(Refused, match="NP-9103"):
        synth(tmp_path, 20, 7, FIRST, LAST)


def test_壊れた行は数どおり(tmp_path: Path) -> None:
    synth(tmp_path, 3000, 7, FIRST, FIRST + timedelta(days=2), bad=10)
    layout = layouts()["juki_idou"]
    path = next((tmp_path / "inbox" / "juki_idou").glob("*.dat"))
    with open_fixed(path, layout) as file:
        errors = [
            (first + row, field) for first, block in file.blocks() for row, field, _ in Decoder(layout.data).check(block.copy())
        ]
        total = sum(int(bytes(row[13:28])) for _, block in file.blocks() for row in block)
        assert file.trailer["hash_total"] == total
    assert len({line for line, _ in errors}) == 10
    assert {field for _, field in errors} >= {"idou_on", "sex_code", "kojin_no", "filler", "name", "ku_code"}
