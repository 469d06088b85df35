"""進達の作成から受領まで: どこで止めても、二度止めても、同じ命令の続きで同じ結果になる。番号も媒体も一つだけ。"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import code_of

from city import todoke_reader
from etl.core.states import Shintatsu
from etl.door import numbers
from etl.edge import atomic
from etl.shintatsu import bango, freeze
from etl.site import Site
from tests import discs
from tests import shintatsu as reports
from tests.conftest import After
from tests.faults import crash, shintatsu
from tests.faults.test_kill import again
from tests.rules.baitai import HERE
from tests.shintatsu import OFFICE


@pytest.fixture(autouse=True)
def _at_an_administrators(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKUNEN_TERMINAL", HERE)
    monkeypatch.setattr("etl.edge.mount.os.path.ismount", lambda _: True)
    monkeypatch.setattr("pathlib.Path.is_mount", lambda _: True)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (made := tmp_path / "images").mkdir()
    return made


@pytest.fixture(autouse=True)
def _known(house: Path) -> None:
    crash.know(house)


MADE = ["shintatsu frozen", "number given", "sealed", "release recorded", "manifest placed", "released", "make done"]
WENT = ["medium begun", "medium written", "medium recorded", "handed over", "clear gone"]


def test_確定から受領まで_どこで二度止まっても再実行で同じ結果になる(after: After, place: Path) -> None:
    work, ready = shintatsu.out(place), after(shintatsu.opened)
    names: list[str] = []
    with again(ready, 0) as site, pytest.MonkeyPatch.context() as patch:
        reached = crash.at(patch, "", lambda: None)
        work(site)
        undisturbed = crash.picture(site)
    for point, _ in enumerate(reached, 1):
        with again(ready, point) as site:
            names.append(crash.kill_at(point, work, site) or "")
            crash.assert_sound(site)
            crash.kill_at(1 + point // 2, work, site)  # where the rest has so many points
            work(site)
            crash.same_as(site, undisturbed)
            assert one_medium(site, place)
    assert names == reached and {*MADE, *WENT} <= set(names)


def one_medium(site: Site, place: Path) -> bool:
    """One number was given, one medium made: the image that went is read by somebody else."""
    (report,) = reports.reports_of(site, OFFICE)
    assert report.state is Shintatsu.RECEIVED and report.baitai_no == 1
    assert [n.rsplit("-", 1)[1] for n in numbers.given(site, bango.SHELF)] == ["001"]
    ((key,),) = kit.query(site, "select key_name from ledger.medium")
    image = place / site.home.name / f"KNTODOKE_{OFFICE}_001.iso"
    return len(todoke_reader.read(image, password(site, key)).records) == 2


def password(site: Site, key: str) -> str:
    """What was told on the other route: from here, or from the archive when it went there."""
    here = site.keys.folder / "media" / key
    return here.read_text() if here.is_file() else kit.original(site, key).decode()


DISTURBED = kit.table("""
| 事例                     | 所                | 何が     |
|--------------------------|-------------------|----------|
| 確定の中で接続が切れる   | shintatsu frozen  | 接続     |
| 番号を控えて接続が切れる | number given      | 接続     |
| 封をして接続が切れる     | sealed            | 接続     |
| 出す前に接続が切れる     | release recorded  | 接続     |
| 控えた後に接続が切れる   | manifest placed   | 接続     |
| 封をして取り消される     | sealed            | 取消し   |
| 控えた後に取り消される   | manifest placed   | 取消し   |
""")


@pytest.mark.parametrize("case", DISTURBED, ids=[str(c["事例"]) for c in DISTURBED])
def test_途中で接続が切れても取り消されても_半分のものはできない(
    after: After, monkeypatch: pytest.MonkeyPatch, case: dict[str, str | None]
) -> None:
    site, point = after(shintatsu.opened), str(case["所"])

    def cancelled() -> None:
        assert code_of(lambda: freeze.thaw(crash.fresh(site), reports.run_of(site), OFFICE)) == "NP-1021"

    disturb: Callable[[], Any] = (lambda: crash.terminate(site)) if case["何が"] == "接続" else cancelled
    seen = crash.at(monkeypatch, point, disturb)
    found = code_of(lambda: shintatsu.made(site))
    assert point in seen and (found == "NP-1020" if case["何が"] == "接続" else found is None)
    crash.assert_sound(site)
    shintatsu.made(site)
    crash.assert_sound(site)
    (one,) = discs.media(site)
    assert one["rows"] == 2 and [n.rsplit("-", 1)[1] for n in numbers.given(site, bango.SHELF)] == ["001"]


@pytest.mark.parametrize("point", ["number given", "sealed", "manifest placed"])
def test_書けなくなっても_書けるようになれば続きから終わる(after: After, point: str) -> None:
    site = after(shintatsu.opened)

    def full() -> None:
        raise atomic.unavailable(OSError(28, "No space left on device"), site.outbox)

    with pytest.MonkeyPatch.context() as patch:
        crash.at(patch, point, full)
        assert code_of(lambda: shintatsu.made(site)) == "NP-1026"
    crash.assert_sound(site)
    shintatsu.made(site)
    crash.assert_sound(site)
    assert len(discs.media(site)) == 1
