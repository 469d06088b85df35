"""原子的な書込み: whatever breaks, what was there is there, whole, and nothing else is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import pytest

from etl.core.errors import Unavailable
from etl.edge import atomic


def test_書けない所は_種類だけを言う(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable) as caught:
        atomic.write(tmp_path / "file" / "p.pdf", "年金太郎".encode())
    assert caught.value.code == "NP-1026" and "年金太郎" not in str(caught.value) and str(tmp_path) not in str(caught.value)


def test_途中で満杯になったら_前のままで何も残らない(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out" / "s.xlsx"
    atomic.write(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable) as caught:
        atomic.write(path, b"new")
    assert caught.value.code == "NP-1026" and "ENOSPC" in str(caught.value)
    assert [p.name for p in path.parent.iterdir()] == ["s.xlsx"] and path.read_bytes() == b"old"


def test_書き手が途中で倒れても_前のままで何も残らない(tmp_path: Path) -> None:
    atomic.write(tmp_path / "x", b"old")

    def breaks(out: BinaryIO) -> None:
        out.write(b"half")
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        atomic.write(tmp_path / "x", breaks)
    assert [p.name for p in tmp_path.iterdir()] == ["x"] and (tmp_path / "x").read_bytes() == b"old"


def test_一度だけのものは上書きしない(tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        atomic.write(tmp_path / "x.key", content, mode=0o600, once=True)
    assert (tmp_path / "x.key").read_bytes() == b"first" and (tmp_path / "x.key").stat().st_mode & 0o777 == 0o600


def test_残りかすは掃除される(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".X.dat.1.ab.part").write_bytes(b"half")
    (tmp_path / "a" / "X.dat").write_bytes(b"whole")
    atomic.sweep(tmp_path)
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["X.dat"]
