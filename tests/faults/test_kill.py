"""SIGKILL at every failpoint, one after another until none is left (F01, F02). A plain re-run ends as if nothing had happened."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import kit
import pytest

from etl import approve
from etl.site import Site
from tests.faults import crash
from tests.faults.crash import NEXT, THIRD, run

ROOT = Path(__file__).resolve().parents[2]


def kill_everywhere(
    copies: crash.Copies, work: Callable[[Site], Any], prepare: Callable[[Site], Any] = lambda _: None
) -> list[str]:
    """The names of the failpoints at which ``work`` was killed; after each one a re-run ends like the undisturbed one."""
    names: list[str] = []
    with copies() as ready:
        prepare(ready)
        before = crash.picture(ready)

        def again(number: int) -> AbstractContextManager[Site]:
            return crash.copied(ready, ready.home.with_name(f"{ready.home.name}_{number}"))

        with again(0) as site:
            work(site)
            undisturbed = crash.picture(site)
            assert undisturbed != before
        for point in itertools.count(1):
            with again(point) as site:
                site.engine.dispose()
                name = crash.kill_at(point, work, site)
                if name is None:
                    return names
                names.append(name)
                crash.assert_sound(site)
                work(site)
                crash.same_as(site, undisturbed)
    raise AssertionError


LOAD = ["staging emptied", "rows sent", "staged", "rows entered", "validated", "ledger written", "before commit", "committed"]
LISTED = ["papers recorded", "papers placed"]
KILLED: set[str] = set()


def test_異動の取込は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, run("juki_daily", NEXT))
    after = ["checked", "check done", "propose done", *LISTED, "report done"]
    assert sorted(names) == sorted(["land done", *LOAD, "load done", *after])
    KILLED.update(names)


def test_遅れて届いたファイルの取込も何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    """The file of NEXT is taken in by the run of the day after, which itself has none."""
    names = kill_everywhere(copies, run("juki_daily", THIRD))
    assert {"land done", *LOAD, "load done", "report done"} <= set(names)


def test_受付の取込は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, run("uketsuke_daily", NEXT))
    assert sorted(names) == sorted(
        ["land done", *(p for p in LOAD if p != "rows sent"), "load done", "checked", "check done", *LISTED, "report done"]
    )
    KILLED.update(names)


def test_処理結果の取込は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, run("kikou_kekka", NEXT))
    assert {"land done", *(p for p in LOAD if p != "rows sent"), "load done", "report done"} <= set(names)
    KILLED.update(names)


def test_月次の移転は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, run("kokuho_monthly", "2025-09"), prepare=crash.agreed)
    one = ["file placed", "sealed", "release recorded", "manifest placed", "released"]
    assert names == ["build done", *one, *one, "release done", "report done"]
    KILLED.update(names)


def test_住基照会は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, run("juki_shoukai_daily", NEXT))
    assert names == ["ask done", "file placed", "release recorded", "manifest placed", "released", "place done", "report done"]
    KILLED.update(names)


def test_所得照会は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, run("shotoku_shoukai_daily", NEXT), prepare=crash.applied)
    assert names == ["ask done", "file placed", "release recorded", "manifest placed", "released", "place done", "report done"]
    KILLED.update(names)


def test_所得照会の回答の取込は何処で止まっても再実行で同じ結果になる(copies: crash.Copies) -> None:
    names = kill_everywhere(copies, run("shotoku_kaitou_daily", THIRD), prepare=crash.answered)
    printing = ["pages recorded", "forms printed", "print done"]
    after = ["papers recorded", "papers placed", "notify done", "lists done", *printing, "report done"]
    assert sorted(names) == sorted(["land done", *(p for p in LOAD if p != "rows sent"), "load done", *after])
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


def test_名のある場所の全部で止めた() -> None:
    """A failpoint that no test dies at would prove nothing. Runs after the tests above."""
    if not KILLED:
        pytest.skip("needs the tests above")
    assert named() <= {re.sub(r"^\w+ done$", "{name} done", n) for n in KILLED}


def named() -> set[str]:
    """The names of all failpoints in the source."""
    return {
        n
        for p in (ROOT / "etl").rglob("*.py")
        for n in re.findall(r'failpoint\.reached\(f?"(.+?)"\)', p.read_text(encoding="utf-8"))
    }
