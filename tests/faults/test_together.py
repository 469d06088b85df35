"""F04, F23, F25: two at once, the one that woke up too late, and yesterday's day again."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl import approve, cli
from etl.core.errors import Refused, Unavailable
from etl.run import take_fences
from etl.site import Site
from tests.faults import crash
from tests.faults.crash import NEXT

RUNNING = "既に処理中です"


def busy(work: Callable[[], Any]) -> None:
    """``work`` is told that another is at it: exit 13."""
    with pytest.raises(Unavailable) as raised:
        work()
    assert (raised.value.code, raised.value.exit_status) == ("NP-1021", 13) and RUNNING in str(raised.value)


def job(site: Site, name: str, period: date | str) -> Callable[[], Any]:
    def work() -> None:
        error = kit.run(crash.fresh(site), name, period)["error"]
        if error:
            raise error

    return work


def test_取込中は同じ取込も月次も始まらず_別の取込と承認はできる(copies: crash.Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    with copies() as site:
        before = crash.business(site)
        with crash.paused(monkeypatch, "rows entered", lambda: kit.run(crash.fresh(site), "juki_daily", NEXT)) as finish:
            busy(job(site, "juki_daily", NEXT))
            busy(job(site, "juki_daily", DAY))
            busy(job(site, "kokuho_monthly", "2025-09"))
            assert crash.business(site) == before, "a reader sees nothing of it before it is committed (I3)"
            approve.decide(crash.fresh(site), "idou", None, "shounin01")
            loaded = finish()
        assert [f["outcome"] for f in loaded["files"]] == ["accepted"]
        job(site, "kokuho_monthly", "2025-09")()
        crash.assert_sound(site)


def test_受付と住基は同時に取り込める(copies: crash.Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    with copies() as site:
        with crash.paused(monkeypatch, "staging emptied", lambda: kit.run(crash.fresh(site), "juki_daily", NEXT)) as finish:
            job(site, "uketsuke_daily", NEXT)()
            assert [f["outcome"] for f in finish()["files"]] == ["accepted"]
        crash.assert_sound(site)


def test_月次は同時に二つ作られない(copies: crash.Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    with copies() as site:
        job(site, "juki_daily", NEXT)()
        crash.agreed(site)
        with crash.paused(monkeypatch, "sealed", lambda: kit.run(crash.fresh(site), "kokuho_monthly", "2025-09")) as finish:
            busy(job(site, "kokuho_monthly", "2025-09"))
            assert len(finish()["outputs"]) == 2
        crash.assert_sound(site)
        media = kit.query(site, "select count(*), count(distinct output_id) from ledger.medium")
        assert media == [(2, 2)]


def test_二つの端末で同時に承認しても一度だけ(copies: crash.Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    with copies() as site:
        job(site, "juki_daily", NEXT)()
        made = kit.query(site, "select count(*) from pension.idou_proposal")[0][0]
        with crash.paused(
            monkeypatch, "approvals written", lambda: approve.decide(crash.fresh(site), "idou", None, "shounin01")
        ) as finish:
            busy(lambda: approve.decide(crash.fresh(site), "idou", None, "shounin02"))
            assert finish()["approved"] == made
        assert approve.decide(site, "idou", None, "shounin02")["approved"] == 0
        assert kit.query(site, "select count(*) from pension.shikaku where approval_id is not null") == [(made,)]
        crash.assert_sound(site)


def test_二つのプロセスを同時に始めても一度だけ入る(copies: crash.Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two real processes, no pause: whichever way the race goes, the file is in once and the loser says why."""
    with copies() as site:
        site.engine.dispose()
        statuses = _race(site, monkeypatch)
        assert sorted(statuses) in ([0, 0], [0, 13])
        assert kit.query(site, "select count(*) from ledger.file where outcome = 'accepted' and business_on = :d", d=NEXT) == [
            (1,)
        ]
        crash.assert_sound(site)


def _race(site: Site, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    children = []
    monkeypatch.setattr("etl.cli.common.ready_site", lambda: crash.fresh(site))
    for _ in range(2):
        child = os.fork()
        if child == 0:
            status = 99
            try:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                status = cli.main(["run", "juki_daily", "--period", NEXT.isoformat(), "--as", "sousa01"])
            finally:
                os._exit(status)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def test_止められていた古い実行の書込みは拒否される(copies: crash.Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    """F04: the first copy stood still, another took over; what the first then writes is refused by its token."""
    with copies() as site:
        before = crash.business(site)

        def take_over() -> None:
            with crash.fresh(site).session() as session:
                take_fences(session, ["juki_idou"])

        crash.at(monkeypatch, "staged", take_over)
        error = kit.run(site, "juki_daily", NEXT)["error"]
        assert isinstance(error, Refused) and error.code == "NP-1025"
        assert crash.business(site) == before
        monkeypatch.undo()
        job(site, "juki_daily", NEXT)()


def test_古い日をもう一度実行しても巻き戻らない(copies: crash.Copies) -> None:
    """F25: newer data is in; the old day again changes nothing, also when its file comes again under another name."""
    with copies() as site:
        kit.run(site, "juki_daily", NEXT)
        kit.juki(site, [{"atena_no": no(1), "rireki_no": 3, "idou_jiyu_code": "41"}], on=date(2025, 9, 26), seq=3)
        job(site, "juki_daily", date(2025, 9, 26))()
        newest = crash.picture(site)
        names = dict(
            kit.query(site, "select business_on, name from ledger.file where dataset = 'juki_idou' and outcome = 'accepted'")
        )
        for day in (DAY, NEXT, DAY):
            kit.come_again(site, names[day])
            again = kit.run(site, "juki_daily", day)
            assert again["error"] is None and {f["outcome"] for f in again["files"]} == {"duplicate"}
        assert crash.picture(site) == newest
