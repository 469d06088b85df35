"""SIGKILL at every failpoint, one after another until none is left (F01, F02). A plain re-run ends as if nothing had happened."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Any

import kit
import pytest

from etl import approve, hokan, kagi
from etl import run as runs
from etl.hokan import Handed, keys
from etl.run import Run
from etl.site import Site
from tests.faults import baitai, crash, daichou, shoukyo
from tests.faults.crash import NEXT, THIRD, run
from tests.rules.baitai import HERE

ROOT = Path(__file__).resolve().parents[2]


def kill_everywhere(copies: crash.Copies, work: Callable[[Site], Any], prepare: Callable[[Site], Any] | None = None) -> list[str]:
    """The names of the failpoints at which ``work`` was killed; after each one a re-run ends like the undisturbed one."""
    names: list[str] = []
    with copies(prepare) as ready:
        before = crash.picture(ready)
        with again(ready, 0) as site, pytest.MonkeyPatch.context() as patch:
            reached = crash.at(patch, "", lambda: None)
            work(site)
            undisturbed = crash.picture(site)
            assert undisturbed != before
        for point, _ in enumerate(reached, 1):
            with again(ready, point) as site:
                names.append(name := crash.kill_at(point, work, site) or "")
                assert name, "as many as when nothing was disturbed"
                crash.assert_sound(site)
                work(site)
                crash.same_as(site, undisturbed)
    return names


def again(ready: Site, number: int) -> AbstractContextManager[Site]:
    """What everything is prepared in, once more."""
    return crash.copied(ready, ready.home.with_name(f"{ready.home.name}_{number}"))


LOAD = ["staging emptied", "rows sent", "staged", "rows entered", "validated", "ledger written", "before commit", "committed"]
LISTED = ["papers recorded", "papers placed"]
COPIED = ["objects verified", "objects recorded"]
ARCHIVED = [*COPIED, "original cleared", "archive done"]
ASKED = [
    "ask done", "file placed", "release recorded", "manifest placed", "released", "place done", "deliver done", *COPIED, "report done",
]  # fmt: skip
KILLED: set[str] = set()


def test_異動の取込は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, run("juki_daily", NEXT))
    after = ["checked", "check done", "propose done", *ARCHIVED, *LISTED, *COPIED, "report done"]
    assert sorted(names) == sorted(["fetch done", "land done", *LOAD, "load done", *after])
    KILLED.update(names)


def test_遅れて届いたファイルの取込も何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    """The file of NEXT is taken in by the run of the day after, which itself has none."""
    names = kill_everywhere(copies, run("juki_daily", THIRD))
    assert {"land done", *LOAD, "load done", *ARCHIVED, "report done"} <= set(names)


def test_受付の取込は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, run("uketsuke_daily", NEXT))
    assert sorted(names) == sorted(
        [
            "land done",
            *(p for p in LOAD if p != "rows sent"),
            "load done",
            "checked",
            "check done",
            *ARCHIVED,
            *LISTED,
            *COPIED,
            "report done",
        ]
    )
    KILLED.update(names)


def test_処理結果の取込は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, run("kikou_kekka", NEXT))
    assert {"land done", *(p for p in LOAD if p != "rows sent"), "load done", "report done"} <= set(names)
    KILLED.update(names)


def test_月次の移転は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, run("kokuho_monthly", "2025-09"), prepare=crash.agreed)
    one = ["file placed", "sealed", "release recorded", "manifest placed", "released"]
    assert names == ["build done", *one, *one, *COPIED, "release done", *COPIED, "report done"]
    KILLED.update(names)


SENT = ["file placed", "release recorded", "manifest placed", "released"]


def test_都度の移転は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, run("iten_event", kit.DAY))
    assert names == ["day fixed", *SENT * 3, "changes done", "deliver done", *COPIED, "report done"]
    KILLED.update(names)


def test_月次の全件は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, run("iten_monthly", "2025-09"), prepare=run("iten_event", date(2025, 9, 30)))
    assert names == [*SENT * 2, "whole done", "deliver done", *COPIED, "report done"]
    KILLED.update(names)


def test_住基照会は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, run("juki_shoukai_daily", NEXT))
    assert names == ASKED
    KILLED.update(names)


def test_所得照会は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, run("shotoku_shoukai_daily", NEXT), prepare=crash.applied)
    assert names == ASKED
    KILLED.update(names)


def test_所得照会の回答の取込は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, run("shotoku_kaitou_daily", THIRD), prepare=crash.answered)
    printing = ["pages recorded", "forms printed", "print done"]
    after = ["papers recorded", "papers placed", "notify done", "lists done", *printing, *ARCHIVED, *COPIED, "report done"]
    assert sorted(names) == sorted(["fetch done", "land done", *(p for p in LOAD if p != "rows sent"), "load done", *after])
    KILLED.update(names)


def test_承認は途中で止まっても半分だけにはならない(copies: crash.Copies) -> None:
    def work(site: Site) -> None:
        approve.decide(site, "idou", None, "shounin01")

    names = kill_everywhere(copies, work, prepare=run("juki_daily", NEXT))
    assert names == ["approvals written"]
    KILLED.update(names)


def test_保留した回答の受入れは途中で止まっても半分だけにはならない(copies: crash.Copies) -> None:
    def held(site: Site) -> None:
        crash.answered(site, sex_code="0")
        run("shotoku_kaitou_daily", THIRD)(site)

    def work(site: Site) -> None:
        assert approve.decide(site, "shotoku_kaitou", None, "shounin01")["approved"] == 1

    assert kill_everywhere(copies, work, prepare=held) == ["approvals written"]


def _acting(site: Site) -> Run:
    """A run of the job, for what is done by a command of its own."""
    return runs.get(
        site, runs.start(site, "archive_run", "2025-09-25", "sousa01", "試験", business_on=NEXT, as_known_at=None, run_key=None)
    )


def test_引渡しは途中で止まっても_次の保管が片付ける(copies: crash.Copies) -> None:
    """The registration is once; what it lets go, goes with the next run."""

    def work(site: Site) -> None:
        names = [name for (name,) in kit.query(site, "select name from ledger.output where released_at is not null order by 1")]
        handed = {name for (name,) in kit.query(site, "select name from ledger.output join ledger.hikiwatashi using (output_id)")}
        hokan.hand_over(site, _acting(site), [Handed(n, site.today, "国保年金課", "1") for n in names if n not in handed])

    names = kill_everywhere(copies, work, prepare=kit.month)
    assert names == [*["handed over", "clear gone"] * 2]
    KILLED.update(names)


def test_鍵の更新は途中で止まっても_続きから終わる(copies: crash.Copies) -> None:
    def work(site: Site) -> None:
        keys.rotate(site, _acting(site), lambda *_: None)

    with copies(run("uketsuke_daily", NEXT)) as ready:
        for point in itertools.count(1):
            with again(ready, point) as site:
                name = crash.kill_at(point, work, site)
                crash.assert_sound(site)
                work(site)
                crash.assert_sound(site)
                assert {site.keys.wrapped_by(one) for one in site.keys.objects()} == {site.keys.current_id("archive")}
                assert not [p.name for p in (site.keys.folder / "objects").glob(".*")]
            if name is None:
                break
            KILLED.add(name)
    assert set(KILLED) >= {"key made", "key wrapped", "keys wrapped"}


def test_承認された版は_出力の前に止まっても次の実行で一度だけ出る(copies: crash.Copies) -> None:
    """The approval is recorded, the file not yet placed: the next run of the month places it, without asking again."""

    def ready(site: Site) -> None:
        kit.month(site)
        run("juki_daily", NEXT)(site)
        approve.decide(site, "idou", None, "shounin01")
        assert kit.run(site, "kokuho_monthly", "2025-09", reason="資格の変更")["proposals"] == 2
        approve.decide(site, "kokuho", None, "shounin01")

    with copies() as site:
        ready(site)
        site.engine.dispose()
        name = crash.kill_at(4, run("kokuho_monthly", "2025-09"), site)
        assert name == "release recorded"
        crash.assert_sound(site)
        run("kokuho_monthly", "2025-09")(site)
        run("kokuho_monthly", "2025-09")(site)
        crash.assert_sound(site)
        released = kit.query(site, "select dataset, version from ledger.output where released_at is not null order by 1, 2")
        assert released == [(d, v) for d in ("kokuho_shikaku_hoken", "kokuho_shikaku_shunou") for v in (1, 2)]
        assert kit.query(site, "select count(*) from ledger.approval where kind = 'kokuho' and decision = 'approved'") == [(4,)]


def change_keys(site: Site) -> None:
    """A new key for 個人番号, two batches of it; done once, however often it was cut off."""
    run_id = runs.start(site, "keys_rotate", str(NEXT), "kanri01", "年次", business_on=NEXT, as_known_at=None, run_key=None)
    kagi.rotate(site, runs.get(site, run_id), "kojin-no")


def kill_keys(
    copies: crash.Copies, work: Callable[[Site], Any], prepare: Callable[[Site], Any] | None, end: list[str]
) -> list[str]:
    """The same for keys, which are random: after a re-run these are the keys of 個人番号, and every number can be read."""
    names: list[str] = []
    with copies(prepare) as ready:
        for point in itertools.count(1):
            with again(ready, point) as site:
                name = crash.kill_at(point, work, site)
                if name is None:
                    return names
                names.append(name)
                crash.assert_sound(site)
                numbers(site)
                work(site)
                crash.assert_sound(site)
                assert (site.keys.ids("kojin-no"), numbers(site)) == (end, {"kojin-no-02"})
    raise AssertionError


def numbers(site: Site) -> set[str]:
    """The keys under which numbers are; each can be read."""
    rows = kit.query(site, "select key_id, cipher from vault.kojin_no")
    assert len(rows) > 4 and all(site.keys.decrypt(key_id, bytes(cipher)).startswith(b"0000") for key_id, cipher in rows)
    return {key_id for key_id, _ in rows}


def test_鍵の更新は何処で止まっても_もう一度で終わり_どの番号も読める(
    copies: crash.Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kagi, "MANY", 4)
    names = kill_keys(copies, change_keys, None, ["kojin-no-01", "kojin-no-02"])
    assert names == ["key made", *["batch read", "batch written"] * 2]
    KILLED.update(names)


def test_鍵を手放すことは途中で止まっても_もう一度で終わる(copies: crash.Copies) -> None:
    def give_up(site: Site) -> None:
        run_id = runs.start(site, "keys_retire", str(NEXT), "kanri01", "年次", business_on=NEXT, as_known_at=None, run_key=None)
        kagi.retire(site, runs.get(site, run_id), "kojin-no-01", 0)

    def agreed(site: Site) -> None:
        change_keys(site)
        give_up(site)
        assert approve.decide(site, "kagi", None, "shounin01")["approved"] == 1

    names = kill_keys(copies, give_up, agreed, ["kojin-no-02"])
    assert names == ["key given up"]
    KILLED.update(names)


def test_消去は何処で止まっても続きから終わり_二重に消さず_消えたものだけを証明する(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, shoukyo.destroy, prepare=shoukyo.approved)
    written = ["looked at", "destruction written", "destruction noted", "keys gone", "files gone", "destroyed"]
    assert names == [*written, "verified", "verification written", "certificate written", *LISTED, "shred done"]
    KILLED.update(names)


def kill_and_go_on(
    copies: crash.Copies, prepare: Callable[[Site], Any] | None, work: Callable[[Site], Any], then: Callable[[Site], Any]
) -> None:
    """Killed at each point, then done again: ``then`` looks. For work whose every run makes something of its own."""
    with copies(prepare) as ready:
        for point in itertools.count(1):
            with again(ready, point) as site:
                name = crash.kill_at(point, work, site)
                work(site)
                crash.assert_sound(site)
                then(site)
            if name is None:
                break
            KILLED.add(name)


def test_保存期間の月次は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    """A run of its own makes its own report, and the archive takes that of the one before: what waits for a second person is the same."""
    kill_and_go_on(copies, shoukyo.due, run("retire_monthly", "2027-11"), shoukyo.waits)
    assert {"expiry recorded", "expired", "request written", *LISTED} <= KILLED


def test_復元の後の再消去も保全も_途中で止まってもう一度で終わる(copies: crash.Copies) -> None:
    kill_and_go_on(copies, shoukyo.put_back, shoukyo.again, shoukyo.gone)
    kill_and_go_on(copies, None, shoukyo.held, lambda site: None)
    assert {"rows gone again", "hold written"} <= KILLED


def test_台帳の登録も報告も確認も_途中で止まれば無かったことになり_もう一度で終わる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, daichou.kept)
    assert names == [*["register written"] * 4, "approvals written"]
    KILLED.update(names)


def test_媒体への書込みから棚卸しまで_何処で止まっても再実行で同じ結果になる(
    copies: crash.Copies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder stands for the drive: whoever runs the tests may not be one who mounts."""
    monkeypatch.setenv("KOKUNEN_TERMINAL", HERE)
    monkeypatch.setattr("etl.edge.mount.os.path.ismount", lambda _: True)
    (drive := tmp_path / "drives").mkdir()
    names = kill_everywhere(copies, baitai.onto(drive), prepare=baitai.left)
    written = ["medium begun", "medium written", "medium written", "medium recorded"]
    assert names == [*written, "handed over", "clear gone", "register written", "approvals written"]
    KILLED.update(names)


def test_名のある場所の全部で止めた() -> None:
    """A failpoint that no test dies at would prove nothing. Runs after the tests above."""
    if not KILLED:
        pytest.skip("needs the tests above")
    assert named() <= {re.sub(r"^\w+ done$", "{name} done", n) for n in KILLED}


def named() -> set[str]:
    """The names of all failpoints in the source, but those that ``tests/backup``, ``tests/partners`` and ``test_shintatsu`` die at."""
    return {
        n
        for p in (ROOT / "etl").rglob("*.py")
        if p.parent.name not in ("backup", "soushin", "shintatsu")
        for n in re.findall(r'failpoint\.reached\(f?"(.+?)"\)', p.read_text(encoding="utf-8"))
    }
