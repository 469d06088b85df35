"""What the kill test of media does: an archive goes onto a drive, which is handed over, comes back and is counted; each goes on where it was cut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import kit

from etl import approve, hokan
from etl.baitai import count, hand, held, write
from etl.core.states import Daichou
from etl.daichou import register
from etl.site import Site
from tests.rules.baitai import outputs, run_of
from tests.rules.daichou import TODAY, enter, now


def left(site: Site) -> None:
    """The month has left; a drive is in the register."""
    kit.month(site)
    enter(site, "baitai", 製造番号="SN-0001")


def onto(drive: Path) -> Callable[[Site], None]:
    """Work: the archive onto the drive of this Site (each has a folder of its own), handed over, back, counted and closed."""

    def work(site: Site) -> None:
        mount = drive / site.home.name
        mount.mkdir(exist_ok=True)
        if not gone_out(site):
            plan = write.plan(site, run_of(site), "SN-0001", outputs(site)[0])
            write.write(site, run_of(site), plan, to=mount)
            assert {p.name for p in mount.iterdir()} == {path.name for path in plan.files}
            hand.hand(site, run_of(site, "baitai_hikiwatashi"), "SN-0001", "医療保険課", "R9-12", TODAY)
        if now(site, 1, "baitai").state == Daichou.OUT:
            hand.back(site, run_of(site, "daichou"), "SN-0001", TODAY)
        if not kit.query(site, "select 1 from ledger.tanaoroshi"):
            count.propose(site, run_of(site, "tanaoroshi"), "2027-12", ["SN-0001"])
        approve.decide(site, "tanaoroshi", None, "shounin01")
        if not kit.query(site, "select 1 from ledger.tsukijime"):
            count.close_month(site, run_of(site, "tsukijime"), "2027-12")
        assert register.of(site, held.REGISTER, 1).state == Daichou.HELD
        hokan.copies(site, run_of(site))  # as every command does at its end

    return work


def gone_out(site: Site) -> bool:
    return bool(kit.query(site, "select 1 from ledger.daichou_ido where act = 'out'"))
