"""バックアップ (P69, P88, class H): what is taken, what its files say and do not say, what is found when one of them is not as it was written."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import canary
import kit
import pytest

from etl.backup import box, catalog, prune, rebuild, take, verify, wal
from etl.backup.catalog import Shelf
from etl.cli.main import main
from etl.core.errors import Refused, Unavailable
from etl.core.states import Operation
from etl.edge.keys import Keys
from tests.backup.conftest import CANARY, Kept, a_run


def test_曜日の規則で全体か増分を取り_一覧に出る(
    kept: Kept, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOKUNEN_HOME", str(kept.site.home))
    full, second = catalog.known(catalog.shelf(kept.site.home))[:2]
    assert (full.id, full.kind, full.parent) == (kept.full, "full", None)
    assert (second.id, second.kind, second.parent) == (kept.second, "incremental", kept.full)
    assert second.content < full.content / 2
    assert second.counts["ledger.run"] > full.counts["ledger.run"] > 0 and second.head[0] > full.head[0]
    assert main(["backup", "list"]) == 0
    told = capsys.readouterr().out
    assert f"{kept.full} からの増分" in told and "未検証" in told and f"{full.kept_until(35)} まで保存" in told
    assert kit.query(kept.site, "select object from audit.event where operation = 'バックアップ' order by event_id")[:2] == [
        (kept.full,),
        (kept.second,),
    ]


def test_保存先に平文はない(kept: Kept) -> None:
    """Neither of persons nor of keys: the files are encrypted, and what is beside them in clear names tables and counts."""
    needles = [CANARY["name"], CANARY["address"], CANARY["kojin_no"], "秘匿町"]
    secrets = [p.read_text().strip() for p in (kept.site.home / "keys").rglob("*") if p.is_file()]
    files = [p for p in kept.folder.rglob("*") if p.is_file()]
    assert len(files) > 10
    for path in (*files, kept.keys):
        content = path.read_bytes()
        assert not canary.found_in(content, needles + secrets), path
        assert path.stat().st_mode & 0o077 == 0


def test_試しに復元して件数と記録の末尾を比べる(kept: Kept) -> None:
    said: list[str] = []
    found = verify.verify(kept.site, a_run(kept.site), said.append, kept.second)
    assert (found.id, found.chain) == (kept.second, 2) and found.tables > 50 and found.rows > 100
    assert len(said) >= 5
    known = {b.id: b for b in catalog.known(catalog.shelf(kept.site.home))}
    assert known[kept.second].verified and not known[kept.full].verified
    assert not (kept.site.home / "pg" / "verify").exists()
    assert kit.query(kept.site, "select count(*) from audit.event where operation = 'バックアップ検証'") == [(1,)]


def test_中身が違えば検証に合格しない(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a table had lost a row on the way."""
    right = catalog.known(catalog.shelf(kept.site.home))
    wrong = [type(b)(**{**b.__dict__, "counts": {**b.counts, "pension.atena": 99}}) for b in right]
    monkeypatch.setattr(catalog, "known", lambda _: wrong)
    with pytest.raises(Refused) as raised:
        verify.verify(kept.site, a_run(kept.site), lambda _: None, kept.full)
    assert (raised.value.code, raised.value.item) == ("NP-3269", "pension.atena")
    assert not (kept.site.home / "pg" / "verify").exists()


@pytest.fixture
def copy(kept: Kept, tmp_path: Path) -> Shelf:
    """The backup folder and the keys, to be damaged."""
    shutil.copytree(kept.folder, tmp_path / "backup")
    shutil.copytree(kept.site.home / "keys", tmp_path / "keys")
    return Shelf(tmp_path / "backup", Keys(tmp_path / "keys"))


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("at", [0, 40, 5_000, 1_500_000, -1])
def test_一バイトでも変われば読まない(copy: Shelf, kept: Kept, at: int) -> None:
    path = copy.base(kept.full)
    flip(path, at)
    with pytest.raises(Refused) as raised:
        box.check(copy.keys, path)
    assert raised.value.code in ("NP-3251", "NP-3252")


def test_目録も変えられない(copy: Shelf, kept: Kept) -> None:
    record = copy.record(kept.full)
    record.write_text(record.read_text().replace('"kind": "full"', '"kind": "fulk"'))
    with pytest.raises(Refused) as raised:
        catalog.known(copy)
    assert raised.value.code == "NP-3254"


def test_入れ替えたファイルは使わない(copy: Shelf, kept: Kept, tmp_path: Path) -> None:
    shutil.copy(copy.base(kept.second), copy.base(kept.full))
    known = catalog.known(copy)
    place = rebuild.place_of(kept.site.home, "swapped")
    with pytest.raises(Refused) as raised:
        rebuild.rebuild(copy, place, known[:1], [], lambda _: None)
    place.clear()
    assert raised.value.code == "NP-3251"
    one, other = wal.names(copy)[:2]
    shutil.copy(copy.wal / one, copy.wal / other)
    with pytest.raises(Refused) as raised:
        wal.unseal(copy, other, tmp_path)
    assert raised.value.code == "NP-3251"


def test_鍵が違う_無い(copy: Shelf, kept: Kept) -> None:
    key = copy.keys.folder / "backup-01.key"
    other = (copy.keys.folder / "row-01.key").read_bytes()
    key.write_bytes(other)
    with pytest.raises(Refused) as raised:
        box.check(copy.keys, copy.base(kept.full))
    assert (raised.value.code, raised.value.item) == ("NP-3252", "backup-01")
    key.unlink()
    with pytest.raises(Unavailable) as lost:
        box.check(copy.keys, copy.base(kept.full))
    assert (lost.value.code, lost.value.item) == ("NP-1031", "backup-01")


def test_途中のWALが欠けていれば言う(copy: Shelf, kept: Kept) -> None:
    last = catalog.known(copy)[0]
    whole, reached = rebuild.segments(copy, last, None)
    assert whole and reached >= last.moment
    (copy.wal / last.first_wal).unlink()
    with pytest.raises(Refused) as raised:
        rebuild.segments(copy, last, None)
    assert (raised.value.code, raised.value.item) == ("NP-3266", last.first_wal)


def test_WALの届かない時点は断り_どこまで戻せるかを言う(copy: Shelf) -> None:
    last = catalog.known(copy)[0]
    _, reached = rebuild.segments(copy, last, None)
    with pytest.raises(Refused) as raised:
        rebuild.segments(copy, last, reached + timedelta(seconds=1))
    assert raised.value.code == "NP-3267" and f"{reached:%H:%M}"[3:] in raised.value.sentence
    assert rebuild.segments(copy, last, reached)[1] == reached


def test_WALは暗号化した写しができてから_置き場を去る(kept: Kept, tmp_path: Path) -> None:
    """A second time changes nothing; another segment under a name that is there is refused, and stays where it lies."""
    home = kept.site.home
    spool = home / "pg" / "wal"
    wal.seal(home)
    name = wal.names(catalog.shelf(home))[0]
    wal.unseal(catalog.shelf(home), name, spool)  # as if it had been cut off between the two
    assert wal.seal(home) == 1 and not (spool / name).exists()
    (spool / name).write_bytes(b"another")
    with pytest.raises(Refused) as raised:
        wal.seal(home)
    assert raised.value.code == "NP-3263" and (spool / name).exists()
    (spool / name).unlink()


def test_期限の過ぎたものは部品ごと消え_記録に残る(kept: Kept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KOKUNEN_BACKUP", str(tmp_path / "elsewhere"))
    shutil.copytree(kept.folder, tmp_path / "elsewhere")
    site, shelf = kept.site, catalog.shelf(kept.site.home)
    assert shelf.folder == tmp_path / "elsewhere"
    known = catalog.known(shelf)
    last = known[-1].kept_until(35)
    first = prune.prune(site, a_run(site), last)
    assert (first.backups, first.objects) == (0, 0) and wal.names(shelf)[0] == known[0].first_wal
    orphan = shelf.base("20260101T000000")
    orphan.write_bytes(b"cut off")
    third = take.take(site, a_run(site), full=True)
    found = prune.prune(site, a_run(site), last + timedelta(days=1))
    assert found.backups == len(known) and found.segments > 0
    assert [b.id for b in catalog.known(shelf)] == [third.id]
    assert {p.stem for p in (shelf.folder / "base").iterdir()} == {third.id}
    told = kit.query(site, f"select count(*) from audit.event where operation = '{Operation.BACKUP_KIGEN}'")
    assert told == [(len(known),)]
    assert verify.verify(site, a_run(site), lambda _: None).id == third.id
