"""自前のサーバー: an office's own is backed up and restored by the office. The commands say so; after its restore the same gate stands."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path

import kit
import psycopg
import pytest
from kit import DAY, no

from etl import approve
from etl.backup import check, keys, originals, restore, take, verify
from etl.cli.main import main
from etl.core.mapping.city import ZONE
from etl.hokan import key_copies
from etl.site import Site
from tests.backup.conftest import WORD, a_run


def test_バックアップは市の手順による(site: Site) -> None:
    run = a_run(site)
    assert kit.code_of(lambda: take.take(site, run)) == "NP-3260"
    assert kit.code_of(lambda: verify.verify(site, run, lambda _: None)) == "NP-3260"
    done = kit.run(site, "backup_daily", site.today, user="airflow")
    assert done["error"] is None and "backup" not in done
    sheet = next((site.outbox / "shori_kekka").rglob("*.txt")).read_text(encoding="utf-8")
    assert "市の手順で取る" in sheet


def test_鍵のバックアップは作れる(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    made = keys.make(site, a_run(site), tmp_path_factory.mktemp("safe"), WORD)
    assert made.keys > 5


def test_保管物の鍵は_別の媒体に写り_消したものは写しからも消える(
    site: Site, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert keys.mirror(site.home, ()) is None
    place, here = tmp_path_factory.mktemp("usb"), site.home / "keys" / "objects"
    monkeypatch.setenv("KOKUNEN_KEYS", str(place))
    here.mkdir(exist_ok=True)
    for name in ("a" * 32, "b" * 32):
        site.keys.wrap(name, b"0" * 32)
    assert keys.mirror(site.home, ()) == 2 and sorted(p.name for p in (place / "objects").iterdir()) == ["a" * 32, "b" * 32]
    site.keys.wrap("b" * 32, b"0" * 32)  # anew
    assert keys.mirror(site.home, ()) == 2
    assert (place / "objects" / ("b" * 32)).read_text() == (here / ("b" * 32)).read_text()
    (here / ("a" * 32)).unlink()
    assert keys.mirror(site.home, ["a" * 32]) == 1 and [p.name for p in (place / "objects").iterdir()] == ["b" * 32]
    monkeypatch.setenv("KOKUNEN_KEYS", str(site.home / "backup"))
    assert kit.code_of(lambda: keys.mirror(site.home, ())) == "NP-3270"


@pytest.mark.parametrize("lost", ["file", "folder", "empty", "other"])
def test_失われた保管物の鍵は_写しから消えない(
    site: Site, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """The copy is for just that; the night after must not take it, too."""
    monkeypatch.setenv("KOKUNEN_KEYS", str(tmp_path_factory.mktemp("usb")))
    here, name = site.home / "keys" / "objects", "a" * 32
    site.keys.wrap(name, b"0" * 32)
    assert take.nightly(site, a_run(site)).id == ""
    copy = key_copies.of_object(site.home, name)[1]
    kept = copy.read_bytes()
    match lost:
        case "file":
            (here / name).unlink()
        case "folder":
            shutil.rmtree(here)
        case "empty":
            (here / name).write_bytes(b"")
        case _:
            site.keys.wrap("b" * 32, b"1" * 32)
            (here / name).write_bytes((here / ("b" * 32)).read_bytes())
    take.nightly(site, a_run(site))
    assert copy.read_bytes() == kept


def test_復旧先の中の鍵や_ファイルの上には戻さず_何も失わない(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A restore that failed has left its mark: then the next one empties the home first."""
    place = tmp_path_factory.mktemp("place")
    made, new = keys.make(site, a_run(site), place / "safe", WORD).path, place / "new"
    (place / "backup").mkdir()

    def code(home: Path, from_keys: Path, source: Path = place / "backup") -> str | None:
        return kit.code_of(lambda: restore.restore(restore.Wanted(home, source, from_keys, WORD), lambda _: None))

    assert code(new, made) == "NP-3253", "no backup at all"
    there = sorted(p.name for p in (new / "keys").iterdir())
    assert len(there) > 5
    assert [code(new, new / "keys"), code(new, made, new / "backup"), code(made, made), code(made / "new", made)] == [
        "NP-3273"
    ] * 4
    assert sorted(p.name for p in (new / "keys").iterdir()) == there and made.is_file()


def test_台帳が知らない保管物は_自分の言うとおりに戻り_原本は取り込み直せる(site: Site, owner_url: str) -> None:
    """Of what came after the newest backup an older database knows nothing; the object itself says it, and is believed because it opens."""
    path = kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1)}])
    content, end = path.read_bytes(), path.with_name(f"{path.name}.end").read_bytes()
    kit.run(site, "uketsuke_daily", DAY)
    known = "object_key, class, dataset, period, name, origin, personal, bytes, sha256, sealed_bytes, sealed_sha256, kept_from, due_on"
    before = kit.query(site, f"select {known} from ledger.object where class = 'C'")
    with psycopg.connect(owner_url) as owner:
        owner.execute("delete from ledger.object")
        owner.execute("update ledger.file set outcome = 'refused'")
    (stray,), other = before[0][:1], site.home / "archive" / ("b" * 32)
    shutil.copy(site.home / "archive" / stray, other)  # under another name it has no key
    with site.session() as session:
        assert originals.adopt(site, session, a_run(site)) >= 1
        assert [p.name for p in originals.unknown(site, session)] == ["b" * 32]
    assert kit.query(site, f"select {known} from ledger.object where class = 'C'") == before
    assert [one.name for one in originals.put_back(site, a_run(site))] == [path.name]
    assert (path.read_bytes(), json.loads(path.with_name(f"{path.name}.end").read_bytes())) == (content, json.loads(end))


def test_市が戻したときも_別の者が認めるまで業務は始まらない(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    kit.insured(site, [{"atena_no": no(1)}])
    kit.juki(site, [{"atena_no": no(1)}], on=DAY)
    check.restored_elsewhere(site, datetime(2026, 10, 30, 14, tzinfo=ZONE), "kanri01")
    assert kit.code_of(lambda: kit.run(site, "juki_daily", DAY)) == "NP-3276"
    assert kit.run(site, "fukkyu", site.today)["proposals"] == 1
    assert kit.run(site, "fukkyu", site.today)["proposals"] == 1  # once more, after something was copied from the old disk
    assert len(approve.pending(site, "fukkyu")) == 1, "the list of before is overtaken"
    assert kit.code_of(lambda: approve.decide(site, "fukkyu", None, "sousa01")) == "NP-2030"
    assert approve.decide(site, "fukkyu", None, "shounin01")["approved"] == 1
    assert kit.run(site, "juki_daily", DAY)["error"] is None


def test_鍵を失ったら_何が読めなくなるかを言う(site: Site) -> None:
    """The list names each key and what nobody can read without it."""
    kit.insured(site, [{"atena_no": no(1)}])
    kit.juki(site, [{"atena_no": no(1), "kojin_no": kit.kojin_no(1)}], on=DAY)
    assert kit.run(site, "juki_daily", DAY)["error"] is None
    with site.session() as session:
        assert not [e for e in check.entries(site, session) if e.kind.value == "鍵がない"]
        (site.home / "keys" / "kojin-no-01.key").unlink()
        (site.home / "keys" / "row-01.key").write_bytes((site.home / "keys" / "row-hash-01.key").read_bytes())
        session.commit()
        lost = {e.name: e.known for e in check.entries(site, session) if e.kind.value == "鍵がない"}
    assert lost == {"kojin-no-01.key": "個人番号が読めない", "row-01.key": "隔離した行と記録の4情報が読めない"}


def test_命令は何が要るかを言う(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for words in (["restore"], ["restore", "--to", "latest", "--home", str(tmp_path / "new")], ["restore", "--to", "昨日"]):
        with pytest.raises(SystemExit) as raised:
            main(words)
        assert raised.value.code == 2
        assert "NP-1001" in capsys.readouterr().err
