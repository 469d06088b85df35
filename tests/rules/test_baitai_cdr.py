"""CD-R と端末の登録簿: CD-R はイメージを作り、焼いたものを比べて初めて渡せる。書ける媒体は端末ごとに決まっている。"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import kit
import psycopg
import pytest
from kit import code_of
from pydantic import ValidationError

from etl.baitai import hand, write
from etl.core.mapping.terminals import Terminal
from etl.edge import iso
from etl.site import Site
from tests import discs
from tests.conftest import After
from tests.rules import baitai
from tests.rules.baitai import HERE, outputs, run_of
from tests.rules.daichou import TODAY, enter


@pytest.fixture(autouse=True)
def _at_an_administrators(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKUNEN_TERMINAL", HERE)


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Path]:
    with baitai.mounted(tmp_path / "drive") as made:
        yield made


def to_disc(site: Site, owner: str) -> None:
    """The first file goes by CD-R."""
    with psycopg.connect(owner) as connection:
        connection.execute("update ledger.medium set kind = 'CD-R' where medium_no = (select min(medium_no) from ledger.medium)")
    enter(site, "baitai", 製造番号="CD-1", 種類="CD-R")


def test_CD_Rはイメージを作り_焼いたものを比べて初めて渡せる(
    after: After, drive: Path, tmp_path: Path, owner_url_of: Callable[[Site], str]
) -> None:
    site = after(baitai.month)
    to_disc(site, owner_url_of(site))
    run, image = run_of(site), tmp_path / "a.iso"
    first = kit.query(site, "select archive_name from ledger.medium order by medium_no limit 1")[0][0]
    plan = write.plan(site, run, "CD-1", first)
    assert not write.write(site, run, plan, image=image) and not write.write(site, run, plan, image=image)
    assert set(iso.contents(image)) == {plan.archive.name, plan.slip.name}
    assert iso.contents(image)[plan.archive.name] == plan.sha256
    give = lambda: hand.hand(site, run_of(site, "baitai_hikiwatashi"), "CD-1", "医療保険課", "1", TODAY)  # noqa: E731
    assert code_of(give) == "NP-4154"
    assert code_of(lambda: write.write(site, run, plan, to=drive)) == "NP-4152" and list(drive.iterdir()) == []
    for path in plan.files:
        (drive / path.name).write_bytes(path.read_bytes())
    assert write.write(site, run, plan, to=drive) and code_of(give) is None


def test_焼いたディスクにほかのファイルは書けない(after: After, tmp_path: Path, owner_url_of: Callable[[Site], str]) -> None:
    site = after(baitai.month)
    to_disc(site, owner_url_of(site))
    with psycopg.connect(owner_url_of(site)) as connection:
        connection.execute("update ledger.medium set kind = 'CD-R'")
    run, (first, second) = run_of(site), outputs(site)
    write.write(site, run, write.plan(site, run, "CD-1", first), image=tmp_path / "a.iso")
    assert code_of(lambda: write.plan(site, run, "CD-1", first)) is None
    assert code_of(lambda: write.plan(site, run, "CD-1", second)) == "NP-4144"


def test_壊れたイメージは読めないか_違うと分かる(tmp_path: Path) -> None:
    source = tmp_path / "送受書.xlsx"
    source.write_bytes(os.urandom(70_000))
    iso.make(tmp_path / "a.iso", "SN-1", {source.name: source})
    whole, wanted = (tmp_path / "a.iso").read_bytes(), iso.contents(tmp_path / "a.iso")
    assert len(wanted) == 1
    for cut in (0, 100, 32_768, 40_000, len(whole) - 80_000):
        (tmp_path / "b.iso").write_bytes(whole[:cut])
        found = code_of(lambda: iso.contents(tmp_path / "b.iso"))
        assert found == "NP-4152" or iso.contents(tmp_path / "b.iso") != wanted, cut
    assert code_of(lambda: iso.contents(tmp_path / "nai.iso")) == "NP-1026"
    assert discs.shown("isoinfo", "-J", "-f", "-i", tmp_path / "a.iso").endswith(".xlsx\n")
    assert "送受書" in discs.shown("7z", "l", tmp_path / "a.iso")


# ---- 端末の登録簿 ---------------------------------------------------------------------------------------------------------------

PAGES = kit.table("""
| 事例           | 書ける媒体 | よい |
|----------------|------------|------|
| 台帳にある種類 | USB        | よい |
| ない種類       | MO         |      |
| 何も書けない   |            |      |
""")


@pytest.mark.parametrize("case", PAGES, ids=[str(c["事例"]) for c in PAGES])
def test_端末の登録簿(case: dict[str, str | None]) -> None:
    def made() -> Terminal:
        return Terminal(title="端末", place="本庁", writes=tuple(filter(None, [case["書ける媒体"]])))

    if case["よい"]:
        made()
    else:
        with pytest.raises(ValidationError):
            made()
