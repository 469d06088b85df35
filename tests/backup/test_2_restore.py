"""復旧 (F30): a fresh home as it was at a moment; nothing runs there until what was destroyed is destroyed again, what is missing is listed,
and another person has accepted it."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl import approve, jobs
from etl.backup import catalog, check, keys, originals, restore, take, wal
from etl.backup.restore import Restored, Wanted
from etl.cli.main import main
from etl.core.errors import KokunenError, Refused
from etl.edge import atomic
from etl.platform import postgres
from etl.site import Site, init
from tests.backup.conftest import WORD, Kept, a_run
from tests.faults import crash
from tests.faults.crash import NEXT, THIRD

GONE = "0" * 31 + "1"  # an object that was destroyed, and lies there again


def wanted(kept: Kept, home: Path, **more: Any) -> Wanted:
    return Wanted(
        **{
            "home": home,
            "source": kept.folder,
            "keys": kept.keys,
            "password": WORD,
            "until": kept.before,
            "user": "kanri01",
            **more,
        }
    )


def code_of(work: Any) -> str:
    with pytest.raises(KokunenError) as raised:
        work()
    return raised.value.code


@pytest.fixture(scope="module")
def back(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Restored]]:
    """Yesterday's state, beside what is of today outside of the database."""
    home = tmp_path_factory.mktemp("new") / "home"
    try:
        found = restore.restore(wanted(kept, home), lambda _: None)
        site = init(home)
        shutil.copytree(kept.site.outbox / "shori_kekka", site.outbox / "shori_kekka")  # from the old disk
        (home / "retired").mkdir()
        (home / "retired" / "2026.jsonl").write_text(json.dumps({"kind": "object", "key": GONE}) + '\n{"kind": "obj')
        for folder in (home / "archive", home / "keys" / "objects"):
            folder.mkdir(exist_ok=True)
            (folder / GONE).write_bytes(b"sealed")
        (home / "archive" / ("a" * 32)).write_bytes(b"sealed")
        kit.juki(site, [{"atena_no": no(9)}], on=THIRD, seq=3)
        yield site, found
    finally:
        postgres.stop(home)


def test_指定の時点の状態に戻る(kept: Kept, back: tuple[Site, Restored]) -> None:
    site, found = back
    assert (found.backup, found.moment) == (kept.full, kept.before)
    assert kit.query(site, "select distinct business_on from ledger.file where outcome = 'accepted'") == [(DAY,)]
    assert kit.query(site, "select count(*) from pension.atena") == [(3,)]
    assert kit.query(site, "select count(*) from ledger.output") == [(0,)]
    assert kit.query(site, "select user_name, object from audit.event where operation = '復旧'") == [("kanri01", kept.full)]


def test_確認が終わるまで_業務も記録を変える命令も始まらない(
    kept: Kept, back: tuple[Site, Restored], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _ = back
    monkeypatch.setenv("KOKUNEN_HOME", str(site.home))
    for work in (
        lambda: jobs.start(site, "juki_daily", str(NEXT), "sousa01", "試験"),
        lambda: jobs.start(site, "juki_daily", str(NEXT), "airflow", None),  # the clock's
        lambda: jobs.start(site, "kokuho_monthly", "2025-09", "sousa01", "試験"),
        lambda: jobs.step(site, kit.query(site, "select run_id::text from ledger.run where job = 'juki_daily'")[0][0], "load"),
        lambda: approve.decide(site, "idou", None, "shounin01"),
    ):
        assert code_of(work) == "NP-3276"
    for words in (
        ["run", "juki_daily", "--period", str(NEXT)],
        ["list", "uketsuke_shoribo", "--period", "2025-09"],
        ["approve", "idou", "--all"],
    ):
        assert main([*words, "--as", "sousa01", "--reason", "試験"]) == 12
    assert main(["people", "end", "sousa02", "--as", "kanri01"]) == 12
    assert (
        kit.query(site, "select count(*) from ledger.run where job <> 'backup' and started_at > now() - interval '5 seconds'")
        is not None
    )


def test_消したものをもう一度消し_足りないものを一覧にし_別の者が認める(
    kept: Kept, back: tuple[Site, Restored], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site, _ = back
    monkeypatch.setenv("KOKUNEN_HOME", str(site.home))
    assert main(["restore", "accept", "--as", "shounin01"]) == 0 and "認めるものがありません" in capsys.readouterr().out
    assert main(["restore", "check", "--as", "sousa01"]) == 0
    assert "復旧の照合" in capsys.readouterr().out
    assert not (site.home / "archive" / GONE).exists() and not (site.home / "keys" / "objects" / GONE).exists()
    with site.session() as session:
        listed = [(e.kind.value, e.dataset, e.name) for e in check.entries(site, session)]
    month = [("渡している", d, n) for d, n in kit.query(kept.site, "select dataset, name from ledger.output order by 1, 2")]
    assert [e for e in listed if e[0] == "渡している"] == month and len(month) == 2
    assert ("届いている", "juki_idou", next((site.inbox / "juki_idou").glob("*.dat")).name) in listed
    assert [e[:2] for e in listed if e[0] == "取り込み直す"] == [("取り込み直す", "juki_idou")]
    assert [e[2] for e in listed if e[0] == "何か分からない保管物"] == ["a" * 32]
    events = [e for e in listed if e[0] == "記録が続いていた"]
    assert len(events) == 1 and events[0][2].endswith("号まで")
    made = sorted(p.name for p in (site.outbox / "ichiran").rglob("復旧の照合*"))
    assert made == ["復旧の照合.pdf", "復旧の照合.xlsx"]
    assert main(["restore", "accept", "--as", "sousa01"]) == 12  # who looked
    assert main(["restore", "accept", "--as", "kanri01"]) == 12  # who restored, and no approver
    assert main(["run", "juki_daily", "--period", str(NEXT), "--as", "sousa01"]) == 12
    capsys.readouterr()
    assert main(["restore", "accept", "--as", "shounin01", "--reason", "一覧を読んだ"]) == 0
    assert "業務を再び始められます" in capsys.readouterr().out
    told = [o for (o,) in kit.query(site, "select operation from audit.event order by event_id")]
    assert told.index("復旧") < told.index("再消去") < told.index("復旧の照合") < told.index("承認", told.index("復旧の照合"))


def test_保管している原本を戻して_取り込み直す(
    kept: Kept, back: tuple[Site, Restored], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The night that the database has forgotten comes from the archive, byte by byte, and is not listed any more."""
    site, _ = back
    monkeypatch.setenv("KOKUNEN_HOME", str(site.home))
    site.engine.dispose()
    assert crash.kill_at(1, lambda own: originals.put_back(own, a_run(own)), site) == "original put back"
    assert main(["restore", "originals", "--as", "sousa01"]) == 0
    [put] = [p for p in (site.inbox / "juki_idou").glob("*.dat") if f"{NEXT:%Y%m%d}" in p.name]
    assert put.name in capsys.readouterr().out
    assert kit.query(kept.site, "select sha256 from ledger.object where name = :name", name=put.name) == [
        (hashlib.sha256(put.read_bytes()).hexdigest(),)
    ]
    assert main(["restore", "originals", "--as", "sousa01"]) == 0 and "原本 0 個" in capsys.readouterr().out
    done = kit.run(site, "juki_daily", NEXT)
    assert done["error"] is None and [f["outcome"] for f in done["files"]] == ["accepted"]
    with site.session() as session:
        assert not [e for e in check.entries(site, session) if e.kind.value == "取り込み直す"]


def test_認めた後は業務が始まり_渡した名前は二度と使わない(kept: Kept, back: tuple[Site, Restored]) -> None:
    """Nothing is sent again by itself; another content than was handed over does not get its name."""
    site, _ = back
    assert kit.query(site, "select * from ledger.fukkyu_open") == []
    kit.insured(site, [{"atena_no": no(9)}], on=NEXT)
    assert kit.run(site, "juki_daily", THIRD)["error"] is None
    given = {n for (n,) in kit.query(kept.site, "select name from ledger.output")}
    assert len(given) == 2 and not [p for p in site.outbox.rglob("*") if p.name in given]
    waits = kit.run(site, "kokuho_monthly", "2025-09", reason="復旧の後")
    assert (waits["error"], waits["proposals"]) == (None, 2)
    kit.approve_all(site, "kokuho")
    assert code_of(lambda: jobs.step(site, waits["run_id"], "release")) == "NP-2108"
    assert not [p for p in site.outbox.rglob("*") if p.name in given]


def test_戻した環境の最初のバックアップは全体になる(back: tuple[Site, Restored]) -> None:
    site, _ = back
    made = take.take(site, a_run(site))
    assert made.kind == "full" and wal.names(catalog.shelf(site.home))


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "バックアップより前": ({"until": "long ago"}, "NP-3274"),
    "WALの先": ({"until": "tomorrow"}, "NP-3267"),
    "鍵のパスワードが違う": ({"password": "another word"}, "NP-3272"),
    "鍵のファイルが無い": ({"keys": Path("/nonexistent")}, "NP-3253"),
}


@pytest.mark.parametrize(("more", "code"), REFUSED.values(), ids=REFUSED)
def test_戻せないものは理由を言う(kept: Kept, tmp_path: Path, more: dict[str, Any], code: str) -> None:
    days = {"long ago": -300, "tomorrow": 1}
    if "until" in more:
        more = {"until": kept.before + timedelta(days=days[more["until"]])}
    assert code_of(lambda: restore.restore(wanted(kept, tmp_path / "home", **more), lambda _: None)) == code
    assert not (tmp_path / "home" / "pg" / "data").exists()


def test_動いている環境には戻さない(kept: Kept, tmp_path: Path) -> None:
    before = (kept.site.home / "pg" / "data" / "PG_VERSION").stat()
    assert code_of(lambda: restore.restore(wanted(kept, kept.site.home), lambda _: None)) == "NP-3273"
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "something").touch()
    assert code_of(lambda: restore.restore(wanted(kept, tmp_path / "home"), lambda _: None)) == "NP-3273"
    assert (kept.site.home / "pg" / "data" / "PG_VERSION").stat() == before and (tmp_path / "home" / "something").exists()


def test_壊れたバックアップと欠けたWALからは何も戻らない(kept: Kept, tmp_path: Path) -> None:
    shutil.copytree(kept.folder, tmp_path / "backup")
    base = tmp_path / "backup" / "base" / f"{kept.full}.base"
    content = bytearray(base.read_bytes())
    content[-100_000] ^= 1
    base.write_bytes(content)
    asked = wanted(kept, tmp_path / "home", source=tmp_path / "backup")
    assert code_of(lambda: restore.restore(asked, lambda _: None)) == "NP-3251"
    shutil.copy(kept.folder / "base" / base.name, base)
    first = catalog.known(catalog.shelf(kept.site.home))[0].first_wal
    (tmp_path / "backup" / "wal" / first).unlink()
    assert code_of(lambda: restore.restore(asked, lambda _: None)) == "NP-3266"
    assert not (tmp_path / "home" / "pg" / "data").exists()


def test_復旧は何処で止まっても環境にならず_もう一度で戻る(kept: Kept, tmp_path: Path) -> None:
    home, names = tmp_path / "home", []
    asked = wanted(kept, home)
    for point in range(1, 20):
        status, told = crash.in_child(lambda: restore.restore(asked, lambda _: None), point)
        if status == 0:
            break
        names.append(told.split("failpoint ")[1].splitlines()[0].strip())
        if names[-1] != "database placed":
            assert not (home / "pg" / "data").exists()
            continue
        assert code_of(lambda: restore.restore(asked, lambda _: None)) == "NP-3273"  # whole: it is a home
        shutil.rmtree(home)
    assert names == [
        "keys restored", "base unpacked", "base combined", "besides restored", "database recovered", "database placed"
    ]  # fmt: skip
    try:
        site = init(home)
        assert kit.query(site, "select max(business_on) from ledger.file where outcome = 'accepted'") == [(DAY,)]
        assert len(kit.query(site, "select * from ledger.fukkyu_open")) == 1
        site.engine.dispose()
    finally:
        postgres.stop(home)


def test_鍵のバックアップは鍵だけを_データとは別の所に持つ(kept: Kept, tmp_path: Path) -> None:
    site, run = kept.site, a_run(kept.site)
    for place in (site.home, site.home / "backup" / "x", catalog.place(site.home)):
        assert code_of(lambda place=place: keys.make(site, run, place, WORD)) == "NP-3270"
    assert code_of(lambda: keys.make(site, run, tmp_path, "short")) == "NP-3271"
    made = keys.make(site, run, tmp_path / "safe", None)
    assert made.password and keys.put_back(made.path, made.password, tmp_path / "keys")
    there = {p.relative_to(tmp_path / "keys").as_posix(): p.read_bytes() for p in (tmp_path / "keys").rglob("*") if p.is_file()}
    assert there == {
        p.relative_to(site.home / "keys").as_posix(): p.read_bytes() for p in (site.home / "keys").rglob("*") if p.is_file()
    }
    assert len(there) == made.keys and all(p.stat().st_mode & 0o077 == 0 for p in (tmp_path / "keys").rglob("*"))
    content = bytearray(made.path.read_bytes())
    content[-5] ^= 1
    atomic.write(tmp_path / "damaged.keys", bytes(content))
    assert code_of(lambda: keys.put_back(tmp_path / "damaged.keys", str(made.password), tmp_path / "other")) == "NP-3251"
    assert not (tmp_path / "other").exists()


def test_復旧していなければ確認するものはない(kept: Kept) -> None:
    run_id = jobs.start(kept.site, "fukkyu", kept.site.today.isoformat(), "sousa01", "試験")
    jobs.step(kept.site, run_id, "reapply")
    with pytest.raises(Refused) as raised:
        jobs.step(kept.site, run_id, "compare")
    assert raised.value.code == "NP-3277"


def test_命令で戻し_何も動かないと言う(
    kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The register that came back knows kanri01; whoever types has not proved to be him, and is written down as he said."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(WORD.encode() + b"\n")))
    home = tmp_path / "home"
    words = [
        "restore",
        "--to",
        "latest",
        "--home",
        str(home),
        "--from",
        str(kept.folder),
        "--keys",
        str(kept.keys),
        "--password-stdin",
    ]
    assert main([*words, "--as", "kanri01"]) == 0
    told = capsys.readouterr()
    assert "まだ何も動きません" in told.out and "WAL の適用" in told.err
    try:
        monkeypatch.setenv("KOKUNEN_HOME", str(home))
        init(home).engine.dispose()
        assert main(["status"]) == 0 and "復旧の確認が終わっていない" in capsys.readouterr().out
        assert main(["people", "list", "--as", "kanri01"]) == 0  # who looks may look
    finally:
        postgres.stop(home)
