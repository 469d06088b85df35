"""バックアップ (P69, P88, class H): what is taken, what its files say and do not say, what is found when one of them is not as it was written."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import canary
import kit
import pytest

from etl import service
from etl.backup import besides, box, catalog, rebuild, verify, wal
from etl.backup.catalog import Shelf
from etl.backup.look import look
from etl.cli.main import main
from etl.core.errors import Refused, Unavailable
from etl.core.mapping.city import ZONE
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
    shutil.copy(copy.record(kept.second), record)
    with pytest.raises(Refused) as raised:
        catalog.known(copy)
    assert raised.value.code == "NP-3254", "another one's record"


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


@pytest.mark.parametrize("other", ["manifest", "besides", "base"])
def test_WALの名前で置かれた別の種類のファイルも_壊れていると言う(copy: Shelf, kept: Kept, tmp_path: Path, other: str) -> None:
    last = catalog.known(copy)[0]
    shutil.copy(getattr(copy, other)(kept.second), copy.wal / wal.names(copy)[1])
    for work in (
        lambda: wal.unseal(copy, wal.names(copy)[1], tmp_path),
        lambda: rebuild.segments(copy, last, None),
        lambda: wal.finished_at(copy, wal.names(copy)[1]),
    ):
        assert kit.code_of(work) == "NP-3251"


def test_失われた保管物の写しは残り_消した保管物の写しは期限まで退く(tmp_path: Path) -> None:
    """The archive of the home may be lost, or its disk not be there: then the copies are all there is."""
    home, shelf = tmp_path / "home", Shelf(tmp_path / "backup", Keys(tmp_path / "keys"))
    (home / "archive").mkdir(parents=True)
    for name in ("a", "b"):
        (home / "archive" / name).write_bytes(b"sealed")
    day = date(2026, 11, 28)
    assert besides.mirror(shelf, home, day, ()) == 2
    shutil.rmtree(home / "archive")
    assert besides.mirror(shelf, home, day, {"a"}) == 0
    assert sorted(p.relative_to(shelf.archive).as_posix() for p in shelf.archive.rglob("*") if p.is_file()) == [
        "b",
        "gone/2026-11-28/a",
    ]


def test_鍵が違う_無い(copy: Shelf, kept: Kept) -> None:
    key = copy.keys.folder / "backup-01.key"
    other = (copy.keys.folder / "row-01.key").read_bytes()
    key.write_bytes(other)
    with pytest.raises(Refused) as raised:
        box.check(copy.keys, copy.base(kept.full))
    assert (raised.value.code, raised.value.item) == ("NP-3252", "backup-01")
    with pytest.raises(Refused) as raised:
        catalog.known(copy)
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


def test_立ち上げている間はWALが数秒で暗号化される(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """What keeps it from its place is noted once; the next try takes what lies there."""
    home, shelf = kept.site.home, catalog.shelf(kept.site.home)
    monkeypatch.setattr(service, "SEAL_SECONDS", 0.05)
    name, noted = wal.names(shelf)[-1], []
    with service._wal_sealed(home, noted.append):
        (shelf.wal / name).rename(shelf.folder / "aside")
        shelf.wal.rename(shelf.folder / "away")
        shelf.wal.touch()  # the place cannot be written
        (home / "pg" / "wal" / name).write_bytes(b"segment")
        assert soon(lambda: noted != [])
        assert len(set(noted)) == 1 and noted[0].endswith(" wal")
        shelf.wal.unlink()
        (shelf.folder / "away").rename(shelf.wal)
        assert soon(lambda: (shelf.wal / name).exists() and not (home / "pg" / "wal" / name).exists())
    (shelf.folder / "aside").rename(shelf.wal / name)


def soon(done: Callable[[], bool]) -> bool:
    """Whether it comes true within a few seconds."""
    deadline = time.monotonic() + 5
    while not done() and time.monotonic() < deadline:
        time.sleep(0.02)
    return done()


STATES = kit.table("""
| 題                                        | 後の日数 | 言うこと                       |
|-------------------------------------------|----------|--------------------------------|
| 取ったばかり                              | 0        |                                |
| 2日まで                                   | 2        |                                |
| 2日を過ぎると言う                         | 3        | 最後のバックアップから 3 日    |
| 検証のないまま35日を過ぎると言う          | 37       | 検証が                         |
""")


@pytest.mark.parametrize("row", STATES, ids=lambda row: row["題"])
def test_今の状態は古いバックアップと検証を言う(kept: Kept, row: dict[str, str]) -> None:
    last = catalog.known(catalog.shelf(kept.site.home))[-1]
    with kept.site.session() as session:
        found = look(kept.site, session, last.moment + timedelta(days=int(row["後の日数"])))
    assert found and found.last == last.moment and "検証" in found.line()
    said = [w for w in found.warnings if "バックアップ" in w or "検証" in w]
    assert bool(said) == bool(row["言うこと"]) and any((row["言うこと"] or "") in w for w in said or [""])


def test_今の状態はWALが移らないことを言う(kept: Kept) -> None:
    waits = kept.site.home / "pg" / "wal" / ("0" * 23 + "9")
    waits.write_bytes(b"")
    try:
        with kept.site.session() as session:
            now = datetime.now(ZONE)
            assert not [w for w in look(kept.site, session, now).warnings if "移って" in w]
            late = look(kept.site, session, now + timedelta(minutes=16))
        assert late and late.wal_waiting == 1 and [w for w in late.warnings if "WAL 1 本" in w]
    finally:
        waits.unlink()


def test_今の状態の頁と_JSON(kept: Kept, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKUNEN_HOME", str(kept.site.home))
    assert main(["status"]) == 0 and "バックアップ: 20" in capsys.readouterr().out
    assert main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["backup"]["own"] is False


def test_夜の業務は取り_検証し_期限切れを消し_処理結果表に言う(kept: Kept) -> None:
    """A run of the clock; once more in the month nothing is tried."""
    for tried in catalog.shelf(kept.site.home).folder.rglob("*.verified"):
        tried.unlink()
    for verified in (True, False):
        done = kit.run(kept.site, "backup_daily", kept.site.today, user="airflow")
        assert done["error"] is None and done["backup"]["verified"] is verified
    sheet = sorted((kept.site.outbox / "shori_kekka").rglob("*バックアップ*第2回.txt"))[0].read_text(encoding="utf-8")
    assert "バックアップ 20" in sheet and "今日の予定ではない" in sheet


def test_命令で取り_検証し_消し_鍵を写す(
    kept: Kept, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOKUNEN_HOME", str(kept.site.home))
    said = {
        ("backup",): "バックアップしました: 20",
        ("backup", "verify", "--id", kept.full): f"検証しました: {kept.full}（1 個から復元",
        ("backup", "prune"): "期限切れ: バックアップ 0 個",
        ("backup", "keys", "--to", str(tmp_path_factory.mktemp("usb"))): "この一度だけ表示します",
    }
    for words, wanted in said.items():
        user = "kanri01" if "keys" in words else "sousa01"
        assert main([*words, "--as", user]) == 0, words
        assert wanted in capsys.readouterr().out
    assert main(["backup", "wal", "--json"]) == 0 and "segments" in capsys.readouterr().out
    assert main(["backup", "--as", "kansa01"]) == 12 and "NP-1083" in capsys.readouterr().err
    assert main(["backup", "verify", "--id", "20000101T000000", "--as", "sousa01"]) == 12
    assert "NP-3268" in capsys.readouterr().err
