"""What the fault tests of a report do: it is fixed, approved and made, its disc is burnt and compared, handed over and received; each goes on
where it was cut.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import kit

from etl import hokan
from etl.baitai import hand, write
from etl.core.states import Shintatsu
from etl.shintatsu import after, freeze
from etl.shintatsu.reports import Report
from etl.site import Site
from tests import discs, shintatsu
from tests.rules.baitai import run_of
from tests.rules.daichou import TODAY, enter
from tests.shintatsu import DAY, OFFICE, filed

SERIAL = "CD-1"


def opened(site: Site) -> None:
    """A report is under way; a disc is in the register."""
    people = [{"atena_no": kit.no(302), "kojin_no": kit.kojin_no(302)}]
    shintatsu.take_in(site, [filed(301), filed(302, kiso_nenkin_no=None)], people)
    assert not shintatsu.opened(site)["error"]
    enter(site, "baitai", 製造番号=SERIAL, 種類="CD-R")


def now(site: Site) -> Report:
    return shintatsu.reports_of(site, OFFICE)[0]


def made(site: Site) -> None:
    """Work: fixed, approved by another person, made."""
    if now(site).state is Shintatsu.OPENED:
        freeze.freeze(site, shintatsu.run_of(site, DAY), OFFICE)
    kit.approve_all(site, "shintatsu")
    shintatsu.made_now(site)
    assert now(site).state in (Shintatsu.MADE, Shintatsu.HANDED, Shintatsu.RECEIVED)


def out(place: Path) -> Callable[[Site], None]:
    """Work: an image is made, burnt and compared (each Site has a folder of its own), handed over and received."""

    def work(site: Site) -> None:
        made(site)
        folder = place / site.home.name
        (disc := folder / "disc").mkdir(parents=True, exist_ok=True)
        if now(site).state is Shintatsu.MADE:
            (one,) = discs.media(site)
            plan = write.plan(site, run_of(site), SERIAL, one["name"])
            write.write(site, run_of(site), plan, image=folder / (plan.image or ""))
            for name, what in plan.contents.items():
                (disc / name.lower()).write_bytes(what if isinstance(what, bytes) else what.read_bytes())
            assert write.write(site, run_of(site), plan, to=disc)
            hand.hand(site, run_of(site, "baitai_hikiwatashi"), SERIAL, "川崎年金事務所", "送1", TODAY)
        if now(site).state is Shintatsu.HANDED:
            after.received(site, run_of(site, "shintatsu_sagyou"), now(site).name or "", "受1", TODAY)
        hokan.copies(site, run_of(site))  # as every command does at its end
        assert {p.name for p in folder.iterdir()} == {"disc", f"KNTODOKE_{OFFICE}_001.iso"}

    return work
