"""所得附票: the annex to an application for 免除等 with the income that its review reads (評価書 Ⅰ-2 機能4②). One file per 受付区, a page per
application.

Every page is recorded (who, when, why, 宛名番号, which answers) before it is made: no record, no page. What was recorded and then did not
reach its file is printed, and recorded, again.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from itertools import groupby
from typing import Any

from etl.audit import record, shimei4
from etl.core.errors import Refused
from etl.core.mapping.city import ZONE
from etl.core.mapping.layout import codes
from etl.core.paper.shinseisho import form
from etl.core.receipts import Printed, PrintedFile
from etl.core.states import Operation
from etl.door import numbers, papers
from etl.door.papers import Shelf
from etl.edge import db, failpoint, pdf
from etl.run import Run, check_keys
from etl.site import Site

NEVER = date.max


def after_answers(site: Site, run: Run) -> Printed:
    """The pages whose income is whole and that were not printed yet as they are now: its last answer came, was accepted or corrected, or
    a revision changed what is asked for."""
    _print(site, run, due=True)
    return Printed(tuple(_made(site, run)))


def of_period(site: Site, run: Run, first_on: date, last_on: date, ku: str | None = None) -> list[PrintedFile]:
    """The pages of open applications accepted in this period whose income is whole."""
    _print(site, run, first_on=first_on, last_on=last_on, ku=ku)
    return _made(site, run)


def of_applications(site: Site, run: Run, uketsuke_nos: list[str]) -> list[PrintedFile]:
    """These pages, whatever is still missing. Refused NP-2202 when one is no open, confirmed application for 免除等 that needs income."""
    _print(site, run, uketsuke_nos=uketsuke_nos)
    return _made(site, run)


def _made(site: Site, run: Run) -> list[PrintedFile]:
    """path, 受付区 and pages of the files of a run."""
    with site.session() as session:
        rows = session.rows("shinseisho/of_run", run_id=run.run_id)
    at = partial(papers.at, site, Shelf.SHINSEISHO, run.period)
    return [PrintedFile(str(at(r["file_name"])), codes("uketsuke_ku")[r["uketsuke_ku_code"]], r["pages"]) for r in rows]


def _print(
    site: Site, run: Run, *, uketsuke_nos: list[str] | None = None, first_on: date = NEVER, last_on: date = NEVER,
    due: bool = False, ku: str | None = None,
) -> None:  # fmt: skip
    """A file per 受付区 on its shelf, by period: its records, then the file. Unavailable NP-1021 if somebody prints already."""
    chosen: dict[str, Any] = {"uketsuke_nos": uketsuke_nos or [], "first_on": first_on, "last_on": last_on, "due": due}
    with site.session() as session, db.locked(session, "pension:shared", "shinseisho"):
        with session.transaction():
            check_keys(session, site)  # the 4情報 of the records are encrypted
            rows = session.rows("shinseisho/menjo_shinseisho", **chosen)
            if lacking := set(uketsuke_nos or ()) - {r["uketsuke_no"] for r in rows}:
                raise Refused("NP-2202", item=min(lacking))
            wards = [(w, list(part)) for w, part in groupby(rows, lambda r: r["uketsuke_ku_code"]) if ku in (None, w)]
            files = [_name(session, site, ward) for ward, _ in wards]
            for name, (_, part) in zip(files, wards, strict=True):
                for page, row in enumerate(part, 1):
                    _record(session, site, run, name, page, row)
        failpoint.reached("pages recorded")
        for name, (_, part) in zip(files, wards, strict=True):
            pages = pdf.shinseisho_pdf(form(row, run.started_at.astimezone(ZONE).date()) for row in part)
            numbers.give(site, Shelf.SHINSEISHO, name)
            papers.put(site, Shelf.SHINSEISHO, run.period, name, pages)
            failpoint.reached("forms printed")
            with session.transaction():
                session.run("shinseisho/printed_placed", file_name=name)


def _name(session: db.Session, site: Site, ward: str) -> str:
    """A name of its own for every file, above all that lie there or were given: what was printed is never written over."""
    given = numbers.highest(site, Shelf.SHINSEISHO)
    number = session.value("shinseisho/print_no", steps=1)
    if number <= given:
        number = session.value("shinseisho/print_no", steps=given - number + 1)
    return f"所得附票_{codes('uketsuke_ku')[ward]}_{number:06}.pdf"


def _record(session: db.Session, site: Site, run: Run, name: str, page: int, row: dict[str, Any]) -> None:
    """Whose page it is, whose data stand on it besides, and which answers."""
    same = {k: row[k] for k in ("uketsuke_no", "uketsuke_ku_code", "atena_no", "content_hash")}
    session.run("shinseisho/printed_put", run_id=run.run_id, page=page, file_name=name, **same)
    answers = [p["income"]["shotoku_id"] for y in row["years"] for p in y["persons"] if p["answered"]]
    what = {
        "file": name,
        "page": page,
        "shotoku_id": answers,
        "others": [p["atena_no"] for p in row["people"][1:]],
        "kojin_no": 0,
    }
    who = row["atena_no"]
    record(
        session,
        run,
        Operation.INSATSU,
        f"所得附票/{row['uketsuke_no']}",
        what,
        atena_no=who,
        shimei4=shimei4(session, site, [who]).get(who),
    )
