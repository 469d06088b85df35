"""What the kill test of the registers does: acts that each are whole or not at all, and go on where they were cut off."""

from __future__ import annotations

import kit

from etl import approve
from etl.daichou import entries as e
from etl.daichou import register
from etl.site import Site
from tests.rules.daichou import GIVEN, REPORT, TODAY, enter, run_of


def kept(site: Site) -> None:
    """Two boxes of paper, one of which was destroyed before; a medium that goes out and comes back; another person's word."""
    boxes = [
        e.typed("kami", n, {**GIVEN["kami"], "箱番号": f"R3-届-0{n}", **more}, TODAY) for n, more in enumerate((REPORT, {}), 1)
    ]
    if not register.listed(site, "sousa01", "kami"):
        register.enter(site, run_of(site), boxes)
    if not register.listed(site, "sousa01", "baitai"):
        enter(site, "baitai")
    for act in ["out", "in"][moves(site) :]:
        register.move(site, run_of(site), 1, act, TODAY, "田中", None)
    approve.decide(site, "haiki", None, "shounin01")


def moves(site: Site) -> int:
    return kit.query(site, "select count(*) from ledger.daichou_ido")[0][0]
