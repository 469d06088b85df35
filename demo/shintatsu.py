"""実演の進達: a report that was opened is fixed by an operator and approved by another person; its disc is made, handed over and acknowledged."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from city import Kikou
from demo import people
from etl import approve, hokan, jobs
from etl.baitai import disc, write
from etl.core.states import Shintatsu
from etl.daichou import entries, register
from etl.run import Run
from etl.shintatsu import after, freeze, review
from etl.shintatsu.reports import Report
from etl.site import Site

WHY = "実演（進達）"
JOB, WORK, HANDED, REGISTER = "shintatsu", "shintatsu_sagyou", "archive_handed", "daichou"
TERMINAL = "NENKIN-KANRI-1"  # of mappings/terminals.yaml
IMAGES = "baitai"  # of the home: where the images for the writer of discs lie


def opened(site: Site, day: date) -> str:
    """A report begins by hand; the run that opened it."""
    run_id = jobs.start(site, JOB, day.isoformat(), "sousa01", WHY)
    for step in ("open", "report"):
        jobs.step(site, run_id, step)
    return run_id


def fixed(site: Site) -> Iterator[str]:
    """What each office is to be told is fixed, and another person agrees; a report of nothing is given up. Lines for people."""
    for report in _in(site, Shintatsu.OPENED):
        _, found = review.show(site, report.jimusho_code)
        held = sum(c.held for c in found)
        if not any(c.goes for c in found):
            with people.acting(site, WORK, "sousa01", WHY) as run:
                after.cancel(site, run, report.jimusho_code)
            yield f"{report.office}: 報告するものがないので、回を取り止めました（保留 {held:,} 件）"
            continue
        with people.acting(site, JOB, "sousa01", WHY) as run:
            freeze.freeze(site, run, report.jimusho_code)
        again = sum(c.row["again"] for c in found if c.goes)
        yield f"{report.office}: {len(found) - held:,} 件を確定しました（保留 {held:,} 件、返戻の後の再進達 {again:,} 件）"
    if approve.pending(site, JOB):
        done = approve.decide(site, JOB, None, "shounin01", reason=WHY)
        yield f"確定した進達 {done['approved']} 件を承認者が承認しました"


def handed(site: Site, kikou: Kikou) -> Iterator[str]:
    """Each file that was made goes onto a disc, which is handed over; 日本年金機構 reads it and gives a receipt. Lines for people."""
    for report in _in(site, Shintatsu.MADE):
        image, password = _image(site, report)
        with people.acting(site, HANDED, "sousa01", WHY) as run:
            hokan.hand_over(site, run, [hokan.Handed(report.name or "", site.today, report.addressee, f"第{report.medium_no}号")])
        number, medium = kikou.take(image, password, site.today)
        with people.acting(site, WORK, "sousa01", WHY) as run:
            after.received(site, run, report.name or "", number, site.today)
        yield f"{report.name} をディスクで渡しました。{report.office}が {len(medium.records):,} 件を読み、受領しました（{number}）"


def _in(site: Site, state: Shintatsu) -> list[Report]:
    return sorted((r for r in review.listed(site) if r.state is state), key=lambda r: r.jimusho_code)


def _image(site: Site, report: Report) -> tuple[Path, str]:
    """The image for the writer of discs, and its password, which goes another way."""
    serial = f"CD-{report.jimusho_code}-{report.baitai_no:03}"
    folder = site.home / IMAGES
    folder.mkdir(exist_ok=True)
    with _at_terminal(), people.acting(site, REGISTER, "sousa01", WHY) as run:
        number = _disc(site, run, serial)
        with people.acting(site, write.ACT, "sousa01", WHY) as writing:
            plan = write.plan(site, writing, serial, report.name or "")
            image = folder / str(disc.image_name(disc.prescribed(JOB, report.name or "")))
            write.write(site, writing, plan, image=image)
        register.move(site, run, number, "out", site.today, report.addressee, None)
    return image, plan.key.read_text().strip()


def _disc(site: Site, run: Run, serial: str) -> int:
    """An empty disc enters the register of media."""
    cells = {"製造番号": serial, entries.KIND: write.DISC, entries.ENTERED: str(site.today), entries.HOLDER: "庶務"}
    return register.enter(site, run, [entries.typed("baitai", 0, cells, site.today)]).numbers[0]


@contextmanager
def _at_terminal() -> Iterator[None]:
    """At the administrators' terminal, where media may be written."""
    before = os.environ.get("KOKUNEN_TERMINAL")
    os.environ["KOKUNEN_TERMINAL"] = TERMINAL
    try:
        yield
    finally:
        os.environ.pop("KOKUNEN_TERMINAL")
        if before is not None:
            os.environ["KOKUNEN_TERMINAL"] = before
