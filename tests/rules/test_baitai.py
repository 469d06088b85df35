"""媒体への書込み: 登録した管理者端末で、台帳にある媒体に、出した暗号化ファイルだけを書き、媒体から読み戻して比べる。パスワードは媒体に入らない。"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kit
import psycopg
import pytest
from kit import code_of, no

from etl import approve
from etl.baitai import hand, held, write
from etl.daichou import entries as e
from etl.daichou import register
from etl.edge import db, media, mount
from etl.site import Site
from tests import canary
from tests.conftest import After
from tests.rules import baitai
from tests.rules.baitai import HERE, outputs, run_of, written
from tests.rules.daichou import REPORT, TODAY, enter


@pytest.fixture(autouse=True)
def _at_an_administrators(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKUNEN_TERMINAL", HERE)


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Path]:
    with baitai.mounted(tmp_path / "drive") as made:
        yield made


def test_書いて読み戻し_台帳と記録に結び付く(after: After, drive: Path) -> None:
    site = after(baitai.month)
    plan = written(site, drive)
    assert {p.name for p in drive.iterdir()} == {plan.archive.name, plan.slip.name}
    assert (drive / plan.archive.name).read_bytes() == plan.archive.read_bytes()
    assert media.opens(drive / plan.archive.name, plan.key)
    listed, waiting = held.listed(site, "sousa01")
    assert [[on.archive_name for on in one.on] for one in listed] == [[plan.archive.name], []]
    assert listed[0].on[0].verified and [one.name for one in waiting] == outputs(site)[1:]
    told = kit.query(site, "select operation, object, terminal from audit.event where operation like '媒体%' order by event_id")
    assert told == [("媒体書込", "daichou/baitai/1", HERE), ("媒体照合", "daichou/baitai/1", HERE)]


def test_媒体にも記録にもパスワードがなく_媒体に読める個人の情報がない(after: After, drive: Path) -> None:
    site = after(baitai.month)
    plan = written(site, drive)
    needles = [kit.kojin_no(1), no(1), kit.kiso(1), "架空"]
    assert canary.in_paths([plan.archive.with_suffix(".dat")], needles) and not canary.in_paths([drive], needles)
    password = plan.key.read_bytes()
    assert not [p for p in drive.iterdir() if password in p.read_bytes() or p.name == plan.key.name]
    assert not kit.query(site, f"select 1 from audit.event as e where e::text like '%{password.decode()}%'")


def test_もう一度書いても_比べるだけで記録は増えない(after: After, drive: Path) -> None:
    site = after(baitai.month)
    written(site, drive)
    before = {p.name: p.stat().st_mtime_ns for p in drive.iterdir()}
    written(site, drive)
    assert {p.name: p.stat().st_mtime_ns for p in drive.iterdir()} == before
    assert kit.query(site, "select count(*) from audit.event where operation like '媒体%'") == [(2,)]


def test_確かめるだけなら_台帳も媒体も変わらない(after: After, drive: Path) -> None:
    site = after(baitai.month)
    plan = write.plan(site, run_of(site), "ｓｎ-0001", outputs(site)[0])
    write.try_out(plan, drive)
    assert plan.as_json()["archive"] == plan.archive.name and plan.as_json()["key"] == plan.key.name
    assert list(drive.iterdir()) == [] and kit.query(site, "select count(*) from ledger.baitai_kakikomi") == [(0,)]


# ---- 断るもの -----------------------------------------------------------------------------------------------------------------

REFUSED = kit.table("""
| 事例                         | 端末            | 製造番号 | ファイル | 先に               | 結果    |
|------------------------------|-----------------|----------|----------|--------------------|---------|
| 管理者端末                   | NENKIN-KANRI-1  | SN-0001  | 0        |                    |         |
| もう一つの管理者端末         | NENKIN-KANRI-2  | SN-0001  | 0        |                    |         |
| 登録のない端末               | NENKIN-01       | SN-0001  | 0        |                    | NP-4141 |
| 似た名前の端末               | nenkin-kanri-1  | SN-0001  | 0        |                    | NP-4141 |
| その種類に書けない端末       | NENKIN-KANRI-2  | CD-1     | 0        | CD-R               | NP-4142 |
| 台帳にない製造番号           | NENKIN-KANRI-1  | SN-9999  | 0        |                    | NP-4143 |
| 持出中                       | NENKIN-KANRI-1  | SN-0001  | 0        | out                | NP-4144 |
| 戻った                       | NENKIN-KANRI-1  | SN-0001  | 0        | out in             |         |
| 廃棄の確認待ち               | NENKIN-KANRI-1  | SN-0001  | 0        | gone               | NP-4144 |
| 廃棄済                       | NENKIN-KANRI-1  | SN-0001  | 0        | gone yes           | NP-4144 |
| 廃棄の報告が否認された       | NENKIN-KANRI-1  | SN-0001  | 0        | gone no            |         |
| 取消し                       | NENKIN-KANRI-1  | SN-0001  | 0        | void yes           | NP-4144 |
| 訂正の承認待ち               | NENKIN-KANRI-1  | SN-0001  | 0        | void               | NP-3283 |
| 消去して再使用               | NENKIN-KANRI-1  | SN-0001  | 0        | wipe yes           |         |
| 消去の確認待ち               | NENKIN-KANRI-1  | SN-0001  | 0        | wipe               | NP-4144 |
| 種類の違う媒体               | NENKIN-KANRI-1  | CD-1     | 0        | CD-R               | NP-4145 |
| ほかのあて先のものが残る     | NENKIN-KANRI-1  | SN-0001  | 0        | other              | NP-4146 |
| 戻ったがほかのあて先のもの   | NENKIN-KANRI-1  | SN-0001  | 0        | other hand in      | NP-4146 |
| ほかのあて先のものを消した   | NENKIN-KANRI-1  | SN-0001  | 0        | other hand in wipe yes |     |
| 消去の報告が否認された       | NENKIN-KANRI-1  | SN-0001  | 0        | other hand in wipe no  | NP-4146 |
| 書く前の日の消去             | NENKIN-KANRI-1  | SN-0001  | 0        | other early yes    | NP-4146 |
| 別の媒体にある               | NENKIN-KANRI-1  | SN-0002  | 0        | same               | NP-4147 |
| 別の媒体が壊れたと確認した   | NENKIN-KANRI-1  | SN-0002  | 0        | same gone yes      |         |
| 別の媒体を消した             | NENKIN-KANRI-1  | SN-0002  | 0        | same wipe yes      |         |
| 別の媒体の故障の確認待ち     | NENKIN-KANRI-1  | SN-0002  | 0        | same gone          | NP-4147 |
| 出していないファイル         | NENKIN-KANRI-1  | SN-0001  | NAI      |                    | NP-4148 |
""")


def acts(site: Site, drive: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], Any]]:
    def report(method: str, done_on: str = "2027-12-31", *, reuse: bool = False) -> None:
        run = run_of(site, "daichou")
        register.report(
            site, run, "baitai", 1, {**REPORT, e.METHOD: method, e.DONE_ON: done_on, e.RECEIVED: "2027-12-31"}, None, reuse=reuse
        )

    def on_drive(which: int) -> None:
        written(site, drive, which=which)
        for path in drive.iterdir():
            path.unlink()

    return {
        "CD-R": lambda: enter(site, "baitai", 製造番号="CD-1", 種類="CD-R"), "same": lambda: on_drive(0), "other": lambda: on_drive(1),
        "out": lambda: register.move(site, run_of(site, "daichou"), 1, "out", TODAY, "医療保険課", None),
        "in": lambda: register.move(site, run_of(site, "daichou"), 1, "in", TODAY, None, None),
        "hand": lambda: hand.hand(site, run_of(site, "baitai_hikiwatashi"), "SN-0001", "収納管理課", "第1号", TODAY),
        "gone": lambda: report("Destroy"), "wipe": lambda: report("Clear", reuse=True), "early": lambda: report("Clear", "2027-12-30", reuse=True),
        "void": lambda: register.correct(site, run_of(site, "daichou"), "baitai", 1, {}, void=True),
        "yes": lambda: approve.decide(site, "haiki", None, "shounin01"),
        "no": lambda: approve.decide(site, "haiki", None, "shounin01", "rejected", "証明書がない"),
    }  # fmt: skip


@pytest.mark.parametrize("case", REFUSED, ids=[str(c["事例"]) for c in REFUSED])
def test_書けるものと書けないもの(
    after: After, drive: Path, monkeypatch: pytest.MonkeyPatch, case: dict[str, str | None]
) -> None:
    site = after(baitai.month)
    can = acts(site, drive, monkeypatch)
    for act in (case["先に"] or "").split():
        can[act]()
    monkeypatch.setenv("KOKUNEN_TERMINAL", str(case["端末"]))
    events = kit.query(site, "select count(*) from audit.event where operation = '媒体書込'")

    def work() -> None:
        run = run_of(site)
        which = outputs(site)[0] if case["ファイル"] == "0" else "NAI.dat"
        write.write(site, run, write.plan(site, run, str(case["製造番号"]), which), to=drive)

    assert code_of(work) == case["結果"]
    after_it = kit.query(site, "select count(*) from audit.event where operation = '媒体書込'")
    assert (after_it == events, list(drive.iterdir()) == []) == ((case["結果"] is not None,) * 2)
    refusals = kit.query(site, "select object from audit.event where operation = '拒否'")
    assert len(refusals) == (case["結果"] in ("NP-4141", "NP-4142"))


# ---- つないだ媒体 ---------------------------------------------------------------------------------------------------------------

LYING = kit.table("""
| 事例                         | 媒体に               | 結果    |
|------------------------------|----------------------|---------|
| 空                           |                      |         |
| 知らないファイル             | file:memo.txt        | NP-4151 |
| 隠しファイル                 | file:.hidden         | NP-4151 |
| 知らないフォルダー           | dir:old              | NP-4151 |
| ファイルシステムのフォルダー | dir:lost+found       |         |
| Windows のフォルダー         | dir:System Volume Information | |
| その名前のファイル           | file:lost+found      | NP-4151 |
| 同じ名前の別の中身           | archive              | NP-4151 |
| 同じ名前のフォルダー         | archive-dir          | NP-4151 |
| 同じ名前のリンク             | archive-link         | NP-4151 |
| 止まった書込みの残り         | part                 |         |
| 別の名前の書込みの残り       | file:.x.1.part       | NP-4151 |
""")


@pytest.mark.parametrize("case", LYING, ids=[str(c["事例"]) for c in LYING])
def test_媒体にあってよいもの(after: After, drive: Path, case: dict[str, str | None]) -> None:
    site, lies = after(baitai.month), case["媒体に"] or ""
    plan = write.plan(site, run_of(site), "SN-0001", outputs(site)[0])
    kind, _, name = lies.partition(":")
    target = drive / plan.archive.name
    {
        "file": lambda: (drive / name).write_bytes(b"x"), "dir": lambda: (drive / name).mkdir(), "archive": lambda: target.write_bytes(b"x"),
        "archive-dir": target.mkdir, "archive-link": lambda: target.symlink_to(plan.archive), "": lambda: None,
        "part": lambda: (drive / f".{plan.archive.name}.12.ab.part").write_bytes(b"half"),
    }[kind]()  # fmt: skip
    before = sorted(p.name for p in drive.iterdir())
    assert code_of(lambda: write.write(site, run_of(site), plan, to=drive)) == case["結果"]
    mine = {plan.archive.name, plan.slip.name}
    there = sorted(p.name for p in drive.iterdir())
    assert there == before if case["結果"] else set(there) == mine | ({name} if kind == "dir" else set())


def test_つないでいないフォルダーには書かない(after: After, tmp_path: Path) -> None:
    site = after(baitai.month)
    plan = write.plan(site, run_of(site), "SN-0001", outputs(site)[0])
    for folder in (tmp_path, tmp_path / "nai"):
        assert code_of(lambda to=folder: write.write(site, run_of(site), plan, to=to)) == "NP-4149"
    with baitai.mounted(tmp_path / "drive") as drive:
        (tmp_path / "link").symlink_to(drive)
        assert code_of(lambda: write.write(site, run_of(site), plan, to=tmp_path / "link")) == "NP-4149"
    assert kit.query(site, "select count(*) from ledger.baitai_kakikomi") == [(0,)]


def test_空きが足りなければ何も書かず_途中で足りなくなっても次で終わる(
    after: After, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = after(baitai.month)
    plan = write.plan(site, run_of(site), "SN-0001", outputs(site)[0])
    with baitai.mounted(tmp_path / "drive", "8k") as drive:
        assert code_of(lambda: write.write(site, run_of(site), plan, to=drive)) == "NP-4150"
        assert kit.query(site, "select count(*) from ledger.baitai_kakikomi") == [(0,)] and list(drive.iterdir()) == []
        monkeypatch.setattr("etl.edge.mount.SPARE", -(1 << 20))
        monkeypatch.setattr("etl.edge.mount.os.statvfs", os.statvfs)
        (drive / plan.slip.name).write_bytes(plan.slip.read_bytes()[:4096])
        assert code_of(lambda: write.write(site, run_of(site), plan, to=drive)) == "NP-4151"
        (drive / plan.slip.name).unlink()
        assert code_of(lambda: write.write(site, run_of(site), plan, to=drive)) == "NP-1026"
        assert not any(p.name == plan.archive.name for p in drive.iterdir())
        assert not held.listed(site, "sousa01")[0][0].on[0].verified
        subprocess.run(["mount", "-o", "remount,size=1m", drive], check=True)
        assert write.write(site, run_of(site), plan, to=drive)


def test_ほかの書込みの間は待つ(after: After, drive: Path) -> None:
    site = after(baitai.month)
    with site.session() as session, db.locked(session, "baitai"):
        assert code_of(lambda: written(site, drive)) == "NP-1021"
    assert list(drive.iterdir()) == []


def test_別の媒体をつないでも_同じ製造番号では書かない(after: After, tmp_path: Path) -> None:
    site = after(baitai.month)
    with baitai.mounted(tmp_path / "drive") as drive:
        plan = written(site, drive)
    with baitai.mounted(tmp_path / "another") as another:
        assert code_of(lambda: written(site, another)) == "NP-4147" and list(another.iterdir()) == []
    assert plan.archive.exists()


BENT = kit.table("""
| 事例                       | 何を               | 結果    |
|----------------------------|--------------------|---------|
| 暗号化ファイルが変わった   | archive            | NP-4148 |
| 暗号化ファイルがない       | no-archive         | NP-4148 |
| 名前を変えたファイル       | renamed            | NP-4148 |
| 平文のファイル             | plain              | NP-4148 |
| パスワードの控えがない     | no-key             | NP-4153 |
| 別のパスワードの控え       | key                | NP-4153 |
| 送受書がない               | no-slip            | NP-4159 |
""")


@pytest.mark.parametrize("case", BENT, ids=[str(c["事例"]) for c in BENT])
def test_出たとおりでないものは書かない(after: After, tmp_path: Path, drive: Path, case: dict[str, str]) -> None:
    site = after(baitai.month)
    plan = write.plan(site, run_of(site), "SN-0001", outputs(site)[0])
    plain = plan.archive.with_suffix(".dat")
    given = {"renamed": plan.archive.rename(tmp_path / "a.zip") if case["何を"] == "renamed" else None, "plain": plain}.get(
        case["何を"]
    )
    {
        "archive": lambda: plan.archive.write_bytes(b"x"), "no-archive": plan.archive.unlink, "no-key": plan.key.unlink,
        "key": lambda: plan.key.write_bytes(b"A" * 24), "no-slip": plan.slip.unlink,
    }.get(case["何を"], lambda: None)()  # fmt: skip
    which = given.name if given else outputs(site)[0]
    assert code_of(lambda: write.plan(site, run_of(site), "SN-0001", which, given)) == case["結果"]


def test_確かめた後に変わったファイルは書かない(after: After, drive: Path) -> None:
    site = after(baitai.month)
    plan = write.plan(site, run_of(site), "SN-0001", outputs(site)[0])
    plan.archive.write_bytes(plan.archive.read_bytes()[:-1] + b"\x00\x01")
    assert code_of(lambda: write.write(site, run_of(site), plan, to=drive)) == "NP-4148" and list(drive.iterdir()) == []
    assert kit.query(site, "select count(*) from ledger.baitai_kakikomi") == [(0,)]


def test_読み戻したものが違えば_渡せない(after: After, drive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = after(baitai.month)
    plan = write.plan(site, run_of(site), "SN-0001", outputs(site)[0])
    put = mount.put

    def bent(folder: Path, source: Path) -> None:
        put(folder, source)
        with (folder / source.name).open("r+b") as file:
            file.write(b"\x00")

    monkeypatch.setattr(mount, "put", bent)
    assert code_of(lambda: write.write(site, run_of(site), plan, to=drive)) == "NP-4152"
    assert code_of(lambda: hand.hand(site, run_of(site, "baitai_hikiwatashi"), "SN-0001", "医療保険課", "1", TODAY)) == "NP-4154"


def test_渡した後に書き直すのは_別の職員が承認した一度だけ(after: After, tmp_path: Path, drive: Path) -> None:
    site = after(baitai.month)
    plan = written(site, drive)
    kept = {path: path.read_bytes() for path in (*plan.files, plan.key)}
    hand.hand(site, run_of(site, "baitai_hikiwatashi"), "SN-0001", "医療保険課", "第1号", TODAY)
    for path, content in kept.items():  # as they are read again out of the archive
        path.write_bytes(content)
    with baitai.mounted(tmp_path / "another") as another:
        assert code_of(lambda: written(site, another, "SN-0002")) == "NP-4147"
        write.again(site, run_of(site, "baitai_kakinaoshi"), plan.archive.name)
        (item,) = approve.pending(site, "kakinaoshi")
        assert plan.archive.name in item.subject and "引渡し済み" in item.subject
        assert code_of(lambda: approve.decide(site, "kakinaoshi", None, "sousa01")) == "NP-2030"
        assert code_of(lambda: written(site, another, "SN-0002")) == "NP-4147"
        approve.decide(site, "kakinaoshi", None, "shounin01")
        written(site, another, "SN-0002")
        hand.hand(site, run_of(site, "baitai_hikiwatashi"), "SN-0002", "医療保険課", "第2号", TODAY)
    told = kit.query(site, "select counts::json ->> 'receipt_no' from audit.event where operation = '引渡し' order by event_id")
    assert told == [("第1号",), ("第2号",)]
    enter(site, "baitai", 製造番号="SN-0003")
    with baitai.mounted(tmp_path / "third") as third:
        assert code_of(lambda: written(site, third, "SN-0003")) == "NP-4147"
    assert code_of(lambda: write.again(site, run_of(site, "baitai_kakinaoshi"), "nai.zip")) == "NP-4148"


def test_データベースは_命令を通らない書込みの記録を拒む(after: After) -> None:
    site = after(baitai.month)
    with psycopg.connect(site.url, autocommit=True) as jobs:
        for statement in (
            "insert into ledger.baitai_kakikomi (event_id, number, medium_no, written_on) values (1, 1, 1, now())",
            "update ledger.baitai_kakikomi set verified_at = now()", "delete from ledger.baitai_kakikomi",
            "insert into ledger.tsukijime (month) values ('2027-12')", "update ledger.tanaoroshi set missing = '{}'",
        ):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                jobs.execute(statement)
