"""その後: the receipt of 日本年金機構, or that it did not take the medium; and a report that is given up before it goes."""

from __future__ import annotations

from datetime import date

from etl import run as runs
from etl.core.errors import Refused
from etl.core.period import Period, not_after
from etl.core.states import Koui, Shintatsu
from etl.edge import db
from etl.run import Run
from etl.shintatsu import reports
from etl.shintatsu.reports import LOCK, Report
from etl.site import Site


def received(site: Site, run: Run, name: str, number: str, on: date, *, refused: bool = False) -> Report:
    """What 日本年金機構 said of the file of this name, with its number. Refused NP-4204 (no such file), NP-4202 (not handed over), NP-1007, NP-3285,
    NP-1002, NP-1016."""
    runs.check_reason(number)
    not_after(Period("day", on, on), site.today)
    with site.session() as session, db.locked(session, LOCK):
        report = next((r for r in reports.find(session) if r.name == name), None)
        if report is None:
            raise Refused("NP-4204", file=name)
        with session.transaction():
            reports.act(
                session, run, report, Koui.REFUSE if refused else Koui.RECEIVE, on, number=number, counts={"number": number}
            )
        return reports.find(session, shintatsu_id=report.shintatsu_id)[0]


def cancel(site: Site, run: Run, office: str) -> Report:
    """The report is given up; what it would have told of is to be reported again. Refused NP-4201, NP-4202."""
    with site.session() as session, db.locked(session, LOCK):
        report = _not_gone(session, office)
        with session.transaction():
            reports.act(session, run, report, Koui.CANCEL, run.day)
            reports.withdraw(session, run, report)
        return reports.find(session, shintatsu_id=report.shintatsu_id)[0]


def _not_gone(session: db.Session, office: str) -> Report:
    """The report that is under way, or whose medium lies here."""
    found = [r for r in reports.find(session) if r.jimusho_code == office]
    here = next((r for r in found if r.state in (Shintatsu.OPENED, Shintatsu.FROZEN, Shintatsu.APPROVED, Shintatsu.MADE)), None)
    return here or reports.one(session, office)
