"""見直し: a file that has left and was changed is told each time, a missing one once; nothing is sent again by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kit
import pytest

from etl.attest.status import status
from etl.core.receipts import Reported
from etl.run import receipt
from etl.site import Site
from tests.faults import crash

DATASET = "kokuho_shikaku_hoken"


@pytest.fixture
def sent(copies: crash.Copies) -> Iterator[Site]:
    """September was handed over."""
    with copies() as site:
        crash.agreed(site)
        crash.run("kokuho_monthly", "2025-09")(site)
        yield site


def part(site: Site, name: str) -> Path:
    (file,) = (site.outbox / DATASET / "2025-09").glob("*.dat")
    places = {"本体": file, ".end": Path(f"{file}.end"), "暗号化ファイル": file.with_suffix(".zip")}
    return places.get(name) or site.keys.folder / "media" / f"{file.stem}.key"


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def changed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def again(site: Site) -> tuple[str, dict[str, Any]]:
    """The month once more: its 処理結果表, its result."""
    result = kit.run(site, "kokuho_monthly", "2025-09")
    assert result["error"] is None
    sheet = receipt(site, result["run_id"], Reported)
    assert sheet
    return Path(sheet.text).read_text(encoding="utf-8"), result


def test_渡したままなら何も言わない(sent: Site) -> None:
    assert status(sent).sent == () and "NP-21" not in again(sent)[0]


@pytest.mark.parametrize("name", ["本体", ".end", "暗号化ファイル", "パスワード"])
@pytest.mark.parametrize(("spoil", "code"), [(cut, "NP-2109"), (changed, "NP-2109"), (Path.unlink, "NP-2110")])
def test_変わったものは毎回_無くなったものは一度だけ言う(sent: Site, name: str, spoil: Callable[[Path], None], code: str) -> None:
    spoil(part(sent, name))
    left = {p: p.read_bytes() for p in sent.outbox.joinpath(DATASET).rglob("*") if p.is_file()}
    assert [(a.dataset, a.part, a.error.code) for a in status(sent).sent] == [(DATASET, name, code)]
    told = [again(sent)[0].count(code) for _ in range(2)]
    assert told == ([1, 1] if code == "NP-2109" else [1, 0])
    assert len(status(sent).sent) == (1 if code == "NP-2109" else 0)
    assert {p: p.read_bytes() for p in sent.outbox.joinpath(DATASET).rglob("*") if p.is_file()} == left


def test_持ち去られて戻ってきたものが違えば言う(sent: Site) -> None:
    kept = part(sent, "本体").read_bytes()
    path = part(sent, "本体")
    path.unlink()
    assert "NP-2110" in again(sent)[0]
    path.write_bytes(kept + b"x")
    assert "NP-2109" in again(sent)[0]
    path.write_bytes(kept)
    assert "NP-21" not in again(sent)[0]
