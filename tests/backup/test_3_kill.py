"""SIGKILL at every failpoint of a backup, a trial restore, an expiry; a full disk (F07). What was there before stays good, and the next one
works. These come last: they take WAL to places that go with their test."""

from __future__ import annotations

import re
import resource
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import kit
import pytest

from etl.backup import catalog, prune, take, verify, wal
from etl.core.errors import Unavailable
from etl.platform import wal as spool
from etl.site import Site
from tests.backup.conftest import Kept, a_run
from tests.faults import crash

ROOT = Path(__file__).resolve().parents[2]
KILLED: set[str] = set()
RESTORE = {
    "keys restored",
    "base unpacked",
    "base combined",
    "besides restored",
    "database recovered",
    "database placed",
    "original put back",
}


def kill_all(site: Site, work: Callable[[Site], Any], after: Callable[[str], None]) -> list[str]:
    """Die at each point of ``work``, until there is none left; ``after`` looks at what was left behind."""
    names: list[str] = []
    for point in range(1, 30):
        wal.seal(site.home)  # so that each try begins alike
        name = crash.kill_at(point, work, site)
        if name is None:
            return names
        names.append(name)
        KILLED.add(name)
        after(name)
    raise AssertionError


def ids(site: Site) -> list[str]:
    return [b.id for b in catalog.known(catalog.shelf(site.home))]


def told(site: Site, operation: str = "バックアップ") -> list[str]:
    return [o for (o,) in kit.query(site, f"select object from audit.event where operation = '{operation}' order by event_id")]


@pytest.fixture
def elsewhere(kept: Kept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Site:
    """The same home with a copy of its backups to work on."""
    wal.seal(kept.site.home)
    shutil.copytree(kept.folder, tmp_path / "backup")
    monkeypatch.setenv("KOKUNEN_BACKUP", str(tmp_path / "backup"))
    kept.site.engine.dispose()
    return kept.site


def test_バックアップは何処で止まっても数えず_次が初めから取る(elsewhere: Site) -> None:
    site, before = elsewhere, ids(elsewhere)

    def after(name: str) -> None:
        assert ids(site) == before or (name == "backup known" and len(ids(site)) == len(before) + 1)

    names = kill_all(site, lambda own: take.take(own, a_run(own)), after)
    assert list(dict.fromkeys(names)) == ["base written", "besides written", "wal sealed", "wal of backup sealed", "backup known"]
    assert told(site)[-1] == ids(site)[-1] and set(ids(site)) <= set(told(site))
    shelf = catalog.shelf(site.home)
    assert not list(shelf.folder.rglob("*.part")) and not (site.home / "pg" / "manifest.part").exists()
    assert prune.prune(site, a_run(site)).backups == 0
    assert {p.stem for p in (shelf.folder / "base").iterdir()} == set(ids(site)), "what was cut off is swept away"
    assert verify.verify(site, a_run(site), lambda _: None).id == ids(site)[-1]


def test_検証は何処で止まっても何も残さず_次が行う(kept: Kept, elsewhere: Site) -> None:
    names = kill_all(elsewhere, lambda own: verify.verify(own, a_run(own), lambda _: None, kept.full), lambda _: None)
    assert names == ["base unpacked", "base combined", "backup tried"] and not (elsewhere.home / "pg" / "verify").exists()
    assert kept.full in [b.id for b in catalog.known(catalog.shelf(elsewhere.home)) if b.verified]


def test_期限の過ぎたものは部品ごと消え_記録に残る(elsewhere: Site) -> None:
    site, shelf = elsewhere, catalog.shelf(elsewhere.home)
    known = catalog.known(shelf)
    last = known[-1].kept_until(35)
    assert prune.prune(site, a_run(site), last).backups == 0 and wal.names(shelf)[0] == known[0].first_wal
    orphan = shelf.base("20260101T000000")
    orphan.write_bytes(b"cut off")
    third = take.take(site, a_run(site), full=True)
    found = prune.prune(site, a_run(site), last + timedelta(days=1))
    assert found.backups == len(known) and found.segments > 0
    assert ids(site) == [third.id] and {p.stem for p in (shelf.folder / "base").iterdir()} == {third.id}
    assert told(site, "バックアップ期限切れ") == [b.id for b in known]
    assert verify.verify(site, a_run(site), lambda _: None).id == third.id


def test_期限切れの消去は何処で止まっても_次が残りを消す(elsewhere: Site) -> None:
    site, shelf = elsewhere, catalog.shelf(elsewhere.home)
    newest = take.take(site, a_run(site), full=True).id
    late = max(b.moment for b in catalog.known(shelf)).date() + timedelta(days=36)
    names = kill_all(site, lambda own: prune.prune(own, a_run(own), late), lambda _: None)
    assert set(names) == {"part pruned"} and len(names) >= 2
    assert ids(site) == [newest] and {p.stem for p in (shelf.folder / "base").iterdir()} == {newest}
    assert newest not in told(site, "バックアップ期限切れ")


@pytest.mark.parametrize("limit", [2_000, 5_000_000], ids=["目録の途中", "本体の途中"])
def test_保存先が一杯なら何も残さず_場所を言い_次はできる(elsewhere: Site, limit: int) -> None:
    before = ids(elsewhere)

    def without_room() -> None:
        own = crash.fresh(elsewhere)
        run = a_run(own)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        with pytest.raises(Unavailable) as raised:
            take.take(own, run, full=True)
        assert raised.value.code == "NP-1026" and "EFBIG" in raised.value.facts["volume"], raised.value

    elsewhere.engine.dispose()
    assert crash.in_child(without_room) == (0, "")
    assert ids(elsewhere) == before and not list(catalog.shelf(elsewhere.home).folder.rglob("*.part"))
    kit.query(elsewhere, "select pg_current_snapshot()")


def test_保存先が一杯でもWALは失われない(elsewhere: Site) -> None:
    home, shelf = elsewhere.home, catalog.shelf(elsewhere.home)
    name = wal.names(shelf)[-1]
    wal.unseal(shelf, name, spool.folder(home))
    (shelf.wal / name).unlink()

    def without_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        with pytest.raises(Unavailable) as raised:
            wal.seal(home)
        assert raised.value.code == "NP-1026" and "wal" in raised.value.facts["volume"]

    assert crash.in_child(without_room) == (0, "")
    assert [p.name for p in spool.spooled(home)] == [name] and name not in wal.names(shelf)
    assert wal.seal(home) == 1 and name in wal.names(shelf)


def test_復元の場が一杯なら何も残さない(elsewhere: Site) -> None:
    def without_room() -> None:
        own = crash.fresh(elsewhere)
        run = a_run(own)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        with pytest.raises(Unavailable) as raised:
            verify.verify(own, run, lambda _: None)
        assert raised.value.code == "NP-1026" and "verify" in raised.value.facts["volume"]

    elsewhere.engine.dispose()
    assert crash.in_child(without_room) == (0, "")
    assert not (elsewhere.home / "pg" / "verify").exists()


def test_名のある場所の全部で止めた() -> None:
    if not KILLED:
        pytest.skip("needs the tests above")
    named = {
        n
        for p in (ROOT / "etl" / "backup").glob("*.py")
        for n in re.findall(r'reached\("(.+?)"\)', p.read_text(encoding="utf-8"))
    }
    assert named == KILLED | RESTORE
