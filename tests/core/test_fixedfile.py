"""The structure of fixed files: what refuses a file whole, with the place and never a value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from etl.core.codec.decode import Decoder, split
from etl.core.errors import SourceError
from etl.core.mapping.layout import layouts
from etl.edge.inbox import open_fixed

LAYOUT = layouts()["kokuho_shikaku_hoken"]
HEADER = b"1141305KOKUHOHK2025092025093001".ljust(100) + b"\r\n"
ROW = b"20000000120036090000000500018811413723100850006190508060173".ljust(73)[:57].ljust(73) + b"3" + b" " * 26 + b"\r\n"
TRAILER = b"3141305000000002000000000024007218".ljust(100) + b"\r\n"
FILE = HEADER + ROW * 2 + TRAILER


def write(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "KOKUHOHK_141305_202509_01.dat"
    path.write_bytes(data)
    return path


def read(path: Path) -> int:
    with open_fixed(path, LAYOUT) as file:
        return sum(len(block) for _, block in file.blocks(1))


def test_全体が正しければ読める(tmp_path: Path) -> None:
    path = write(tmp_path, FILE)
    with open_fixed(path, LAYOUT) as file:
        assert (file.count, file.trailer["count"], file.header["version"]) == (2, 2, 1)
        assert [(line, block.shape) for line, block in file.blocks(1)] == [(2, (1, 102)), (3, (1, 102))]
        assert [block.shape for _, block in file.blocks()] == [(2, 102)]  # again from the start
        assert Decoder(LAYOUT.data).check(next(file.blocks())[1]) == []


def test_最後の改行はなくてもよい(tmp_path: Path) -> None:
    assert read(write(tmp_path, FILE[:-2])) == 2


def test_データのないファイルも読める(tmp_path: Path) -> None:
    assert read(write(tmp_path, HEADER + TRAILER)) == 0
    assert split(HEADER + TRAILER, LAYOUT, "x").records.shape == (0, 102)


@pytest.mark.parametrize(("data", "code", "line"), [
    (b"", "NP-1113", None),
    (HEADER, "NP-1113", None),
    (FILE + b"\x1a", "NP-1111", None),
    (FILE + b"\r\n", "NP-1111", None),
    (FILE + b"x" * 50, "NP-1111", None),
    (FILE + ROW, "NP-1113", 5),
    (FILE[:-3], "NP-1110", None),
    (FILE[:-1], "NP-1110", None),
    (FILE[:150], "NP-1110", None),
    (HEADER + ROW + TRAILER[:100] + b"\n\r", "NP-1112", 3),
    (HEADER[:100] + b"\n\n" + ROW + TRAILER, "NP-1112", 1),
    (HEADER + ROW[:100] + b"\n " + ROW + TRAILER, "NP-1112", 2),
    (HEADER + ROW + ROW[:100] + b"  " + TRAILER, "NP-1112", 3),
    (ROW + ROW + TRAILER, "NP-1113", 1),
    (HEADER + ROW, "NP-1113", 2),
    (HEADER.replace(b"KOKUHOHK", b"KOKUHOSN") + TRAILER, "NP-1113", 1),
    (HEADER.replace(b"20250930", b"20250931") + TRAILER, "NP-1114", 1),
    (HEADER + TRAILER.replace(b"000000002", b"        2"), "NP-1114", 2),
    (HEADER[:-3] + b"x\r\n" + TRAILER, "NP-1114", 1),
    (FILE.replace(b"\r\n", b"\n"), "NP-1110", None),
    (b"\0" * 4096, "NP-1110", None),
    (b"\0" * 408, "NP-1112", 1),
])  # fmt: skip
def test_構造の誤りはファイルごと拒む(tmp_path: Path, data: bytes, code: str, line: int | None) -> None:
    path = write(tmp_path, data)
    with pytest.raises(SourceError) as refused:
        read(path)
    assert (refused.value.code, refused.value.line, refused.value.file) == (code, line, path.name)
    with pytest.raises(SourceError) as refused:
        split(data, LAYOUT, path.name)
    assert refused.value.code == code


def test_どこで切れても拒むか同じ件数になる(tmp_path: Path) -> None:
    for size in range(len(FILE)):
        try:
            split(FILE[:size], LAYOUT, "x")
        except SourceError:
            continue
        assert size == len(FILE) - 2


def test_配列からも分けられる() -> None:
    whole = split(np.frombuffer(FILE, np.uint8), LAYOUT, "x")
    assert whole.records.tobytes() == ROW * 2 and whole.trailer["hash_total"] == 24007218
    assert split(memoryview(FILE[:-2]), LAYOUT, "x").records.shape == (2, 102)
