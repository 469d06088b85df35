"""一年: twelve simulated months of originals, papers and files that were refused. Every month is asked for, approved, destroyed; nothing is ever overdue."""

from __future__ import annotations

from datetime import date, timedelta

import kit
import pytest

from etl import jobs, retire
from etl.core.dates import month_after
from etl.core.mapping.keep import Period
from etl.core.receipts.house import Shredded
from etl.retire.candidates import BY_TWO
from etl.site import Site
from tests import kept

FIRST = date(2027, 4, 1)  # a 年度 with a 29 February


def test_一年の月次で_期限を過ぎたものは残らない(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    month, year = Period(30, "days"), Period(1, "years")
    gone = 0
    for number in range(13):
        first = month_after(FIRST, number)
        for day in (first, first + timedelta(days=14), month_after(first, 1) - timedelta(days=1)):
            kept.put(site, month.ends_on(day), "C", size=10, kept_from=day)
        kept.put(site, year.ends_on(first), "B", size=10, kept_from=first)
        refused = kit.put(site, "uketsuke", f"UKETSUKE_141305_{first:%Y%m%d}_{number + 1:04}_01.csv", b"x", 1)
        kept.aged(refused, first)
        today = month_after(first, 1) + timedelta(days=4)  # the 5th of the next month
        monkeypatch.setenv("KOKUNEN_TODAY", today.isoformat())
        run = kept.run_of(site)
        asked = retire.ask(site, run, BY_TWO)
        if asked.requests:
            kit.approve_all(site, "shoukyo")
            left = jobs.step(site, run.run_id, "shred")
            assert isinstance(left, Shredded)
            gone += sum(d.gone for d in left.done)
        assert [line.name for line in retire.plan(site, today) if line.count or line.asked] == []
    assert gone == kit.query(site, "select count(*) from ledger.retirement_item where gone_at is not null")[0][0] > 40
    overdue = kit.query(site, f"select count(*) from ledger.object where due_on < '{today}' and gone_at is null")
    assert overdue == [(0,)] and len(list(site.inbox.rglob("*.csv"))) <= 2
    certified = kit.query(site, "select count(*), count(certified_at) from ledger.retirement")[0]
    assert certified[0] == certified[1] >= 13
