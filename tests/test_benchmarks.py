"""計測: each benchmark runs at its smallest, so that it does not rot; how fast anything is, is never a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import archive, backup, decode, forms, keys, load, reconcile, transfer
from benchmarks.__main__ import GOAL, PARTS, Measured


def figures(printed: str) -> list[Measured]:
    return [Measured("", m[1], float(m[2].replace(",", "")), m[3] or "", f"{m[4]} {m[5]}") for m in GOAL.finditer(printed)]


def test_復号の計測(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    decode.measure(tmp_path, 300, 1)
    assert len(figures(capsys.readouterr().out)) == 5


def test_取込の計測(house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load.measure(house, tmp_path, 1_000, 1)
    assert len(figures(capsys.readouterr().out)) == 4


def test_保管の計測(house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive.measure(house, tmp_path, 1_000, 1)
    assert len(figures(capsys.readouterr().out)) == 3


def test_突合の計測(house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reconcile.measure(house, tmp_path, 100, 500, 1)
    assert len(figures(capsys.readouterr().out)) == 3


def test_移転の計測(house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    transfer.measure(house, tmp_path, 200, 1)
    assert len(figures(capsys.readouterr().out)) == 3


def test_進達帳票の計測(capsys: pytest.CaptureFixture[str]) -> None:
    forms.measure(40, 10, 1)
    assert len(figures(capsys.readouterr().out)) == 2


def test_バックアップの計測(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup.measure(tmp_path, 1_000, 1)
    assert len(figures(capsys.readouterr().out)) == 3


def test_鍵の更新の計測(house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys.measure(house, tmp_path, 50, 1)
    assert len(figures(capsys.readouterr().out)) == 1


def test_限度は比と記憶だけ() -> None:
    """A limit in seconds would be one of the machine, not ours."""
    here = Path(decode.__file__).parent
    for part in PARTS:
        units = re.findall(r"\} ?(\w*) \(at (?:most|least)", (here / f"{part}.py").read_text(encoding="utf-8"))
        assert units
        assert set(units) <= {"x", "MB"}, part


@pytest.mark.parametrize(
    ("line", "good"),
    [("a / b 1.10 x (at most 1.2)", True), ("a / b 1,300 x (at most 1.2)", False), ("a 20 x (at least 21)", False)],
)
def test_判定(line: str, good: bool) -> None:
    assert [f.good for f in figures(line)] == [good]
