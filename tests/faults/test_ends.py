"""Whatever ends a command ends its row: killed, interrupted, or cut off; and what is still at work is left alone."""

from __future__ import annotations

import argparse
import os
import signal
from typing import Any

import kit
import psycopg
import pytest
from kit import DAY

from etl import jobs
from etl import run as runs
from etl.cli import lists
from etl.site import Site
from tests.faults import crash
from tests.faults.crash import NEXT


def states(site: Site) -> list[tuple[str, str | None, bool]]:
    """state, code, ended? of the runs, oldest first."""
    return kit.query(site, "select state, error_code, finished_at is not null from ledger.run order by started_at")


def begun(site: Site, job: str = "juki_daily", key: str | None = None) -> str:
    return jobs.start(site, job, str(NEXT), "sousa01", None, run_key=key)


INTERRUPTED = ("failed", "NP-1018", True)


def test_止められた実行は_次の実行が中断とする(site: Site) -> None:
    def killed() -> None:
        own = crash.fresh(site)
        with runs.alive(own, begun(own)):
            os.kill(os.getpid(), signal.SIGKILL)

    site.engine.dispose()
    assert crash.in_child(killed)[0] == -signal.SIGKILL
    assert states(site) == [("running", None, False)]
    begun(site)
    assert states(site) == [INTERRUPTED, ("running", None, False)]


def test_動いている実行は中断とされない(site: Site) -> None:
    run_id = begun(site)
    with runs.alive(crash.fresh(site), run_id), runs.alive(crash.fresh(site), run_id):
        assert runs.end_interrupted(site) == 0
        assert states(site) == [("running", None, False)]
    assert runs.end_interrupted(site) == 1 and runs.end_interrupted(site) == 0


def test_中断とされた実行も_続ければ終わる(site: Site) -> None:
    """The mark is a guess by a lock: what goes on after all ends as it ends."""
    run_id = begun(site)
    assert runs.end_interrupted(site) == 1
    for step in ("land", "load", "check", "propose", "report"):
        jobs.step(site, run_id, step)
    assert states(site) == [("done", None, True)]


SCHEDULED = kit.table("""
| 事例                                 | 受領証      | 承認待ち | 中断 |
|--------------------------------------|-------------|----------|------|
| 始まったばかり                       |             |          |      |
| 工程の間（一日未満）                 | 23 hours    |          |      |
| 何も起きないまま一日を過ぎた         | 25 hours    |          | ○   |
| 一日を過ぎたが承認を待っている       | 25 hours    | ○       |      |
""")


@pytest.mark.parametrize("case", SCHEDULED, ids=[str(c["事例"]) for c in SCHEDULED])
def test_画面の実行は工程の間には誰も持たない(site: Site, owner_url: str, case: dict[str, str | None]) -> None:
    run_id = begun(site, key="scheduled__1")
    with psycopg.connect(owner_url) as owner:
        if age := case["受領証"]:
            owner.execute("update ledger.run set started_at = now() - interval '3 days'")
            owner.execute(
                "insert into ledger.receipt (run_id, step, content, recorded_at) values (%s, 'land', '{}', now() - %s::interval)",
                (run_id, age),
            )
        if case["承認待ち"]:
            owner.execute(
                "insert into ledger.approval (kind, run_id, subject, content_hash, maker, expires_at)"
                " values ('idou', %s, 'x', 'x', 'sousa01', now() + interval '9 days')", (run_id,)
            )  # fmt: skip
    assert runs.end_interrupted(site) == (1 if case["中断"] else 0)


@pytest.mark.parametrize(("ending", "code"), [(KeyboardInterrupt, "NP-1018"), (SystemExit, "NP-1018"), (ValueError, "NP-1099")])
def test_工程がどう終わっても行は終わる(
    site: Site, monkeypatch: pytest.MonkeyPatch, ending: type[BaseException], code: str
) -> None:
    def ends(*_: Any) -> Any:
        raise ending

    monkeypatch.setitem(jobs.STEPS, "land", ends)
    run_id = begun(site)
    with pytest.raises(ending):
        jobs.step(site, run_id, "land")
    assert states(site) == [("failed", code, True)]


@pytest.mark.parametrize(("ending", "code"), [(KeyboardInterrupt, "NP-1018"), (ValueError, "NP-1099")])
def test_一覧の命令もどう終わっても行は終わる(
    site: Site, monkeypatch: pytest.MonkeyPatch, ending: type[BaseException], code: str
) -> None:
    monkeypatch.setattr("etl.cli.common.ready_site", lambda: site)
    args = argparse.Namespace(period=str(DAY), user="sousa01", reason=None)
    with pytest.raises(ending), lists.recorded("ichiran", args):
        raise ending
    assert states(site) == [("failed", code, True)]


def test_途中で落とされた日の行も_次の日には終わっている(copies: crash.Copies) -> None:
    """At any failpoint: nothing stays ``running`` for ever."""
    with copies() as site:
        before = len(states(site))
        site.engine.dispose()
        assert crash.kill_at(4, crash.run("juki_daily", NEXT), site)
        crash.run("juki_daily", NEXT)(site)
        assert states(site)[before:] == [INTERRUPTED, ("done", None, True)]
