"""消去: 候補から申請・承認・実行・検証・証明まで。消すと決めたものだけが消え、残すと決めたものは残る。"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import kit
import openpyxl
import pytest
from pypdf import PdfReader

from etl import approve, jobs, retire
from etl.core.errors import Unavailable
from etl.core.receipts.house import Shredded
from etl.edge import retired, shred
from etl.retire import hold
from etl.site import Site
from tests import kept

TODAY = date(2026, 11, 28)
DUE = TODAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKUNEN_TODAY", TODAY.isoformat())


def count(site: Site, name: str = "C", as_of: date = TODAY) -> int:
    return retire.plan(site, as_of, name)[0].count


def asked(site: Site, name: str = "C", user: str = "sousa01") -> str:
    """A request of a class; its run."""
    run = kept.run_of(site, user)
    assert retire.ask(site, run, (name,)).proposals == 1
    return run.run_id


def carried_out(site: Site, run_id: str) -> tuple[Any, ...]:
    kit.approve_all(site, "shoukyo")
    left = jobs.step(site, run_id, "shred")
    assert isinstance(left, Shredded)
    return left.done


def operations(site: Site) -> list[str]:
    return [op for (op,) in kit.query(site, "select operation from audit.event order by event_id")]


def test_期限の日はまだ残り_翌日から消える(site: Site) -> None:
    keys = [kept.put(site, TODAY + timedelta(days=n)) for n in (-1, 0, 1)]
    assert [count(site, as_of=TODAY + timedelta(days=n)) for n in (-1, 0, 1, 2)] == [0, 1, 2, 3]
    assert [(d.gone, d.held, d.changed) for d in carried_out(site, asked(site))] == [(1, 0, 0)]
    assert [kept.there(site, key) for key in keys] == [False, True, True]


def test_計画は何も変えず_実行と同じものを数える(site: Site) -> None:
    for n in range(3):
        kept.put(site, DUE - timedelta(days=n), size=100 * (n + 1))
    kept.put(site, DUE, "B")
    before = kit.query(site, "select count(*) from audit.event"), sorted(p.name for p in site.home.rglob("*"))
    first, again = retire.plan(site, TODAY), retire.plan(site, TODAY)
    assert first == again
    assert before == (kit.query(site, "select count(*) from audit.event"), sorted(p.name for p in site.home.rglob("*")))
    line = next(found for found in first if found.name == "C")
    (done,) = carried_out(site, asked(site))
    assert (line.count, line.bytes) == (done.gone, done.bytes) == (3, 600)
    assert (line.oldest, line.newest) == (DUE - timedelta(days=32), DUE - timedelta(days=30))
    assert line.backups_until == TODAY + timedelta(days=35) and not line.readable
    assert count(site) == 0 and count(site, "B") == 1


def test_矢印ごとに一つの記録(site: Site) -> None:
    kept.put(site, DUE)
    began = len(operations(site))
    carried_out(site, asked(site))
    assert operations(site)[began:] == ["消去申請", "承認", "消去", "消去検証", "消去証明"]


@pytest.mark.parametrize("name", ["A", "E", "F", "G", "H", "X"])
def test_二人で消す区分のほかは申請できない(site: Site, name: str) -> None:
    assert kit.code_of(lambda: retire.ask(site, kept.run_of(site), (name,))) == "NP-3226"


def test_何もなければ申請はなく_月次は緑(site: Site) -> None:
    made = kit.run(site, "retire_monthly", f"{TODAY:%Y-%m}")
    assert made["error"] is None and (made["proposals"], made["destroyed"]) == (0, 0)
    text = next(site.home.rglob("処理結果表_保存期間の管理*.txt")).read_text(encoding="utf-8")
    assert "保存期間の過ぎたものはありません" in text and "正常終了" in text


# ---- 承認 -----------------------------------------------------------------------------------------------------------------


def test_申請者は承認できない(site: Site) -> None:
    key = kept.put(site, DUE)
    run_id = asked(site, user="tanaka")
    assert kit.code_of(lambda: kit.approve_all(site, "shoukyo", "tanaka")) == "NP-2030"
    jobs.step(site, run_id, "shred")
    assert kept.there(site, key) and "消去" not in operations(site)


def test_期限の過ぎた申請は承認できず_次の申請が代わる(site: Site) -> None:
    kept.put(site, DUE)
    first = asked(site)
    owner(site, "update ledger.approval set expires_at = now() - interval '1 second'")
    assert kit.code_of(lambda: kit.approve_all(site, "shoukyo")) == "NP-2031"
    second = asked(site)
    assert second != first
    assert [d for (d,) in kit.query(site, "select decision from ledger.approval order by approval_id")] == ["superseded", None]
    (done,) = carried_out(site, second)
    assert (done.number, done.gone) == (2, 1)


@pytest.mark.parametrize(
    "change",
    [
        "update ledger.retirement_item set due_on = due_on - 1",
        "update ledger.retirement_item set sha256 = 'other'",
        "delete from ledger.retirement_item where item = 2",
        "update ledger.object set due_on = due_on - 1",
        "update ledger.object set sealed_sha256 = 'other'",
    ],
)
def test_一覧が変わったら承認できない(site: Site, change: str) -> None:
    keys = [kept.put(site, DUE), kept.put(site, DUE)]
    run_id = asked(site)
    owner(site, change)
    assert kit.code_of(lambda: kit.approve_all(site, "shoukyo")) == "NP-2032"
    jobs.step(site, run_id, "shred")
    assert all(kept.there(site, key) for key in keys)


def test_承認の後に変わった一覧は実行されない(site: Site) -> None:
    key = kept.put(site, DUE)
    run_id = asked(site)
    kit.approve_all(site, "shoukyo")
    owner(site, "update ledger.retirement set list_hash = 'other'")
    assert kit.code_of(lambda: jobs.step(site, run_id, "shred")) == "NP-3222"
    assert kept.there(site, key)


def test_否認されたものは消えず_また申請できる(site: Site) -> None:
    key = kept.put(site, DUE)
    run_id = asked(site)
    approve.decide(site, "shoukyo", None, "shounin01", "rejected", "まだ要る")
    jobs.step(site, run_id, "shred")
    assert kept.there(site, key) and count(site) == 1
    assert carried_out(site, asked(site))[0].gone == 1


def test_同じ一覧は二度申請されず_変われば新しい申請が代わる(site: Site) -> None:
    kept.put(site, DUE)
    first = retire.ask(site, kept.run_of(site), ("C",))
    assert retire.ask(site, kept.run_of(site), ("C",)).requests == first.requests
    kept.put(site, DUE)
    again = retire.ask(site, kept.run_of(site), ("C",))
    assert [(r.number, r.items) for r in (*first.requests, *again.requests)] == [(1, 1), (2, 2)]
    assert kit.query(site, "select count(*) from ledger.approval where decision is null") == [(1,)]


# ---- 実行 -----------------------------------------------------------------------------------------------------------------


def test_承認と実行の間に保全されたものは残る(site: Site) -> None:
    keys = [kept.put(site, DUE), kept.put(site, DUE)]
    run_id = asked(site)
    kit.approve_all(site, "shoukyo")
    (held_id,) = [n for (n,) in kit.query(site, f"select object_id from ledger.object where object_key = '{keys[0]}'")]
    hold.set_hold(site, kept.run_of(site, "sousa02"), hold.Wanted("訴訟", "係争中", TODAY, object_id=held_id))
    (done,) = jobs.step(site, run_id, "shred").done  # type: ignore[union-attr]
    assert (done.gone, done.held) == (1, 1) and [kept.there(site, key) for key in keys] == [True, False]
    assert count(site) == 0 and retire.plan(site, TODAY, "C")[0].held == 1


def test_申請の後に変わったファイルは残る(site: Site) -> None:
    keys = [kept.put(site, DUE), kept.put(site, DUE)]
    run_id = asked(site)
    kept.places(site, keys[0])[0].write_bytes(b"other")
    (done,) = carried_out(site, run_id)
    assert (done.gone, done.changed) == (1, 1) and [kept.there(site, key) for key in keys] == [True, False]


def test_ファイルだけが失われた保管物は_鍵を消す(site: Site) -> None:
    key = kept.put(site, DUE)
    kept.places(site, key)[0].unlink()
    assert carried_out(site, asked(site))[0].gone == 1
    assert not kept.places(site, key)[1].exists()


def test_消せなければ赤く_証明せず_直れば続きから(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [kept.put(site, DUE), kept.put(site, DUE)]
    run_id = asked(site)
    kit.approve_all(site, "shoukyo")
    real = shred.destroy

    def broken(path: Path, **more: Any) -> bool:
        if path.parent.name == "archive" and path.name == keys[1]:
            raise Unavailable("NP-3225", file=path.name, volume="archive・EIO")
        return real(path, **more)

    monkeypatch.setattr(shred, "destroy", broken)
    assert kit.code_of(lambda: jobs.step(site, run_id, "shred")) == "NP-3225"
    assert not any(path.exists() for key in keys for path in kept.places(site, key)[1:])  # the keys went first
    assert kit.query(site, "select count(*) from ledger.retirement where certified_at is not null") == [(0,)]
    assert not list(site.home.rglob("消去証明書*"))
    monkeypatch.setattr(shred, "destroy", real)
    (done,) = jobs.step(site, run_id, "shred").done  # type: ignore[union-attr]
    assert done.gone == 2 and not any(kept.there(site, key) for key in keys)


def test_残っているものがあれば証明しない(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    key = kept.put(site, DUE)
    run_id = asked(site)
    kit.approve_all(site, "shoukyo")
    left = kept.places(site, key)[0]
    monkeypatch.setattr(shred, "destroy", lambda *a, **b: True)
    assert kit.code_of(lambda: jobs.step(site, run_id, "shred")) == "NP-3224"
    assert left.exists() and not list(site.home.rglob("消去証明書*"))


# ---- 受信フォルダー -------------------------------------------------------------------------------------------------------------


def test_取り込まれない平文は_保存期間の後に消える(site: Site) -> None:
    old, young = TODAY - timedelta(days=31), TODAY - timedelta(days=30)
    refused = kept.aged(kit.put(site, "juki_idou", "JUKIIDOU_141305_20260901_000001_01.dat", b"x", 1), old)
    alone = kept.aged(kit.put(site, "juki_idou", "JUKIIDOU_141305_20260902_000002_01.dat", b"y", 1, end=False), old)
    strange = kept.aged(kit.put(site, "juki_idou", "架空太郎の届.txt", b"z", 1, end=False), old)
    fresh = kept.aged(kit.put(site, "juki_idou", "JUKIIDOU_141305_20260903_000003_01.dat", b"w", 1), young)
    assert count(site) == 3 and count(site, as_of=TODAY + timedelta(days=1)) == 4
    (done,) = carried_out(site, asked(site))
    assert done.gone == 3
    assert not any(p.exists() for p in (refused, alone, strange, refused.with_name(f"{refused.name}.end"))) and fresh.exists()
    assert not [p.name for p in site.home.rglob("*") if p.is_file() and "架空太郎".encode() in p.read_bytes()]


def test_取り込まれたファイルは候補にならない(site: Site) -> None:
    path = kept.aged(kit.put(site, "juki_idou", "JUKIIDOU_141305_20260901_000001_01.dat", b"x", 1), date(2026, 1, 1))
    row = {
        "run_id": kept.ended_run(site),
        "dataset": "juki_idou",
        "stream": "",
        "name": path.name,
        "business_on": DUE,
        "bytes": 1,
    }
    kept.insert(site, "ledger.file", {**row, "sha256": hashlib.sha256(b"x").hexdigest(), "outcome": "accepted"})
    assert count(site) == 0
    path.write_bytes(b"other")
    kept.aged(path, date(2026, 1, 1))
    assert count(site) == 1


def test_申請の後に置き換えられた平文は残る(site: Site) -> None:
    path = kept.aged(kit.put(site, "juki_idou", "JUKIIDOU_141305_20260901_000001_01.dat", b"x", 1), date(2026, 1, 1))
    run_id = asked(site)
    path.write_bytes(b"another")
    assert [(d.gone, d.changed) for d in carried_out(site, run_id)] == [(0, 1)]
    assert path.read_bytes() == b"another" and not list(site.home.rglob("消去証明書*"))


# ---- 証明書 ---------------------------------------------------------------------------------------------------------------

SIX = ("内容", "媒体名", "数量", "消去又は廃棄の方法", "処理日", "担当者名")


def test_証明書は六つの項目と申請_承認_検証_複製を言い_誰も名指さない(site: Site) -> None:
    kept.put(site, DUE)
    name = "JUKIIDOU_141305_20260901_000001_01.dat"
    kept.aged(kit.put(site, "juki_idou", name, b"x", 1), date(2026, 1, 1))
    (done,) = carried_out(site, asked(site))
    text = "".join(page.extract_text() for page in PdfReader(done.path or "").pages).replace("\n", "")
    for wanted in (*SIX, "第1号", "sousa01", "shounin01", "2 件", "試しの復号", "令和8年11月28日", "令和9年1月", "受信原本 30日"):
        assert wanted in text, wanted
    digest, head = kit.query(
        site,
        "select list_hash, (select encode(hash, 'hex') from audit.event where operation = '消去検証') from ledger.retirement",
    )[0]
    assert digest in text and head in text
    sheet = openpyxl.load_workbook(Path(done.path or "").with_name("消去一覧_第1号.xlsx")).active
    cells = [str(c.value) for row in sheet.iter_rows() for c in row if c.value is not None]
    assert cells.count("消去した") == 2 and name in cells


def test_全部が残った申請に証明書はない(site: Site) -> None:
    key = kept.put(site, DUE)
    run_id = asked(site)
    kept.places(site, key)[0].write_bytes(b"other")
    assert carried_out(site, run_id)[0].path is None
    assert retire.requests(site)[0]["state"] == "消去なし" and not list(site.home.rglob("消去証明書*"))


# ---- データベースの外の台帳、復元の後 -------------------------------------------------------------------------------------------


def test_台帳の控えは消す前に書かれ_復元の後に消し直す(site: Site) -> None:
    key = kept.put(site, DUE)
    files = {path: path.read_bytes() for path in kept.places(site, key)}
    carried_out(site, asked(site))
    (line,) = retired.read(site.home)
    assert (line["class"], line["kind"], line["key"], line["request"]) == ("C", "object", key, 1)
    owner(site, "update ledger.object set gone_at = null, key_gone_at = null, retirement_id = null")  # yesterday's database
    for path, content in files.items():
        path.write_bytes(content)
    run = kept.run_of(site)
    again = retire.reapply(site, run)
    assert (again.rows, again.files) == (1, 1) and not kept.there(site, key)
    assert (
        kit.query(site, "select count(*) from ledger.object where gone_at is null") == [(0,)] and operations(site)[-1] == "再消去"
    )
    assert retire.reapply(site, run) == retire.Again(0, 0)


def test_切れた行は読み飛ばす(tmp_path: Path) -> None:
    from datetime import datetime

    at = datetime(2026, 11, 28)
    retired.append(tmp_path, at, [{"key": "a"}])
    with (tmp_path / "retired" / "2026.jsonl").open("a") as file:
        file.write('{"key": "b"')
    retired.append(tmp_path, at, [{"key": "c"}])
    assert [line["key"] for line in retired.read(tmp_path)] == ["a", "c"]


def test_実演の終わりは_計画から証明書まで(site: Site) -> None:
    from demo.shoukyo import destroyed

    key, said = kept.put(site, TODAY + timedelta(days=30)), []
    path = destroyed(site, said.append)
    assert path.name == "消去証明書_第1号.pdf" and path.exists() and not kept.there(site, key)
    assert len(said) == 4 and "1 件消去し、検証しました" in said[-1] and site.today == TODAY


def owner(site: Site, statement: str) -> None:
    """Somebody with all rights changes something by hand."""
    from sqlalchemy import text

    with site.session("owner") as session:
        session.connection.execute(text(statement))
        session.commit()
