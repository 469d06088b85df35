"""CSV files: what refuses the file, what sets a record aside, and that lines are records."""

from __future__ import annotations

import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from etl.core.codec import csvtext
from etl.core.codec.kinds import RowError
from etl.core.errors import SourceError
from etl.core.mapping.layout import layouts

SAITEI = layouts()["ikou_saitei"]
LABELS = ",".join(f.label for f in SAITEI.data.fields).encode() + b"\r\n"
GOOD = "000000012003609,3100850006,,51,1150,2025-09-22,請求 花子,,1,02\r\n".encode()
NAMES = [f.name for f in SAITEI.columns]


def read(tmp_path: Path, data: bytes) -> csvtext.CsvRows:
    path = tmp_path / "IKOU_SAITEI_141305_20250922.csv"
    path.write_bytes(data)
    with path.open("rb") as source:
        return csvtext.read_csv(source, path.name, SAITEI)


def record(tmp_path: Path, line: int) -> bytes:
    with (tmp_path / "IKOU_SAITEI_141305_20250922.csv").open("rb") as source:
        return csvtext.records_at(source, "", [line])[line]


def test_正しい行は値になる(tmp_path: Path) -> None:
    rows = read(tmp_path, LABELS + GOOD)
    assert rows.count == 1 and rows.errors == [] and not rows.bom
    assert rows.table.to_pylist() == [{
        "line": 2, "atena_no": "000000012003609", "kiso_nenkin_no": "3100850006", "shousho_no": None, "todoke_code": "51",
        "nenkin_code": "1150", "uketsuke_on": date(2025, 9, 22), "seikyusha_name": "請求 花子", "shibou_on": None,
        "shindansho_flag": True, "kekka_code": "02",
    }]  # fmt: skip


@pytest.mark.parametrize(("data", "rows"), [
    (b"\xef\xbb\xbf" + LABELS + GOOD, 1),
    (LABELS + GOOD.removesuffix(b"\r\n"), 1),
    (LABELS, 0),
    (LABELS.removesuffix(b"\r\n"), 0),
    (b",".join(b'"' + c + b'"' for c in LABELS.strip().split(b",")) + b"\r\n" + GOOD, 1),
    (LABELS + b",".join(b'"' + c + b'"' for c in GOOD.strip().split(b",")) + b"\r\n", 1),
])  # fmt: skip
def test_BOMと最後の改行と引用符はあってもなくてもよい(tmp_path: Path, data: bytes, rows: int) -> None:
    assert read(tmp_path, data).table.num_rows == rows


@pytest.mark.parametrize(("data", "code", "line"), [
    (b"", "NP-1121", 1),
    (GOOD, "NP-1121", 1),
    (LABELS.replace("届書種別".encode(), "届出種別".encode()), "NP-1121", 1),
    (LABELS.strip() + b",\r\n", "NP-1121", 1),
    (LABELS.replace(b",", b", "), "NP-1121", 1),
    (b"\xef\xbb\xbf" * 2 + LABELS, "NP-1121", 1),
    (LABELS.decode().encode("cp932") + GOOD, "NP-1120", 1),
    (LABELS.decode().encode("utf-16"), "NP-1120", 1),
    (LABELS + GOOD + b"\xff\r\n", "NP-1120", 3),
    (LABELS + GOOD.replace(b"3100", b"31\x000"), "NP-1120", 2),
    (LABELS.replace(b"\r\n", b"\n") + GOOD, "NP-1122", 1),
    (LABELS + GOOD.replace(b"\r\n", b"\n") + GOOD, "NP-1122", 2),
    (LABELS + GOOD.replace(b"\r\n", b"\r") + GOOD, "NP-1122", 2),
    (LABELS + GOOD + b"\n", "NP-1122", 3),
    (LABELS + GOOD.replace(b",51,", b',5"1",'), "NP-1123", 2),
    (LABELS + GOOD.replace(b",51,", b',"5"1,'), "NP-1123", 2),
    (LABELS + GOOD + GOOD.replace(b",51,", b',"51,') + GOOD, "NP-1123", 3),
    (LABELS + GOOD + b'"', "NP-1123", 3),
])  # fmt: skip
def test_構造の誤りはファイルごと拒む(tmp_path: Path, data: bytes, code: str, line: int) -> None:
    with pytest.raises(SourceError) as refused:
        read(tmp_path, data)
    assert (refused.value.code, refused.value.line) == (code, line)
    assert "花子" not in str(refused.value) and "3100850006" not in str(refused.value)


@pytest.mark.parametrize(("before", "after", "fields", "kinds"), [
    (b",51,", b",,", ("todoke_code",), ("required",)),
    (b",51,", b",50,", ("todoke_code",), ("unknown_code",)),
    (b"2025-09-22", b"2025-02-29", ("uketsuke_on",), ("not_a_day",)),
    (b"2025-09-22", b"20250922", ("uketsuke_on",), ("not_a_day",)),
    (b"2025-09-22", b"0000-00-00", ("uketsuke_on",), ("required",)),
    (b"000000012003609", b"12003609", ("atena_no",), ("length",)),
    (b"000000012003609", b"               ", ("atena_no",), ("not_number",)),
    ("花子".encode(), b"\t", ("seikyusha_name",), ("control_char",)),
    (b",1,02", b",2,9", ("shindansho_flag", "kekka_code"), ("unknown_code", "unknown_code")),
    (b",1,02", b",1,02,", ("*",), ("columns",)),
    (b",1,02", b",1", ("*",), ("columns",)),
    (GOOD, b"\r\n", ("*",), ("columns",)),
])  # fmt: skip
def test_行の誤りはその行だけ(tmp_path: Path, before: bytes, after: bytes, fields: tuple, kinds: tuple) -> None:
    bad = GOOD.replace(before, after)
    rows = read(tmp_path, LABELS + GOOD + bad + GOOD)
    assert rows.errors == [RowError(3, fields, kinds)]
    assert rows.table["line"].to_pylist() == [2, 4] and rows.count == 3
    raw = record(tmp_path, 3)
    assert raw + b"\r\n" == bad
    assert csvtext.cell_of(raw, SAITEI, "kekka_code") == (bad.decode().strip("\r\n").split(",") + [None] * 10)[9]


def test_引用符の中の改行も一つの行と数える(tmp_path: Path) -> None:
    two = GOOD.replace("請求 花子".encode(), '"請求\r\n""花子"", 様"'.encode())
    rows = read(tmp_path, LABELS + two + GOOD + two)
    assert rows.errors == [RowError(line, ("seikyusha_name",), ("control_char",)) for line in (2, 4)]  # a line end is no name
    assert rows.table["line"].to_pylist() == [3]
    raw = record(tmp_path, 4)
    assert raw == two.removesuffix(b"\r\n")
    assert csvtext.cell_of(raw, SAITEI, "seikyusha_name") == '請求\r\n"花子", 様'


def test_何万件でも順に読む(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csvtext, "_BATCH", 7)
    rows = read(tmp_path, LABELS + GOOD * 50)
    assert rows.table["line"].to_pylist() == list(range(2, 52))


@pytest.mark.parametrize(("start", "filling", "code"), [
    (b"", b"x", "NP-1124"), (b'"', b"x" * 99 + b"\r\n", "NP-1124"), (b"", b"\r", "NP-1124"), (b"", b'""', "NP-1124"),
    (b"", b"\r\n", "NP-1125"),
])  # fmt: skip
def test_とても長い行や多すぎる誤りは少ない記憶で拒む(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: bytes, filling: bytes, code: str
) -> None:
    monkeypatch.setattr(csvtext, "MOST_ERRORS", 1000)
    path = tmp_path / "long.csv"
    path.write_bytes(LABELS + start + filling * (30_000_000 // len(filling)))
    tracemalloc.start()
    try:
        with path.open("rb") as source, pytest.raises(SourceError) as refused:
            for _ in csvtext.CsvFile(source, path.name, SAITEI).blocks():
                pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert refused.value.code == code and peak < 20_000_000
