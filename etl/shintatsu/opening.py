"""開始: a report of each office begins, twice a month by the calendar or when somebody wants one; what is to be reported can be looked through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from etl.audit import acting
from etl.core.law.shintatsu import review_ends
from etl.core.mapping.houkoku import houkoku
from etl.core.receipts import Opened, OpenedReport
from etl.door import papers
from etl.edge import db
from etl.run import Run
from etl.shintatsu import candidates, kami, reports
from etl.shintatsu.candidates import Candidate
from etl.shintatsu.reports import LOCK
from etl.site import Site


def opening(site: Site, run: Run) -> Opened:
    """One report for each office; where one is under way, that one; and the lists by which they are looked through. Again: the same. Unavailable
    NP-1021, NP-1026."""
    until = review_ends(run.day)
    with site.session() as session, db.locked(session, "pension:shared", LOCK), papers.recorded(session, site) as sheaf:
        for office in houkoku().jimusho:
            session.value(
                "shintatsu/open", jimusho_code=office, opened_on=run.day, kakunin_until=until, reason=run.reason, **acting(run)
            )
        under_way = [r for r in reports.find(session) if r.state in ("opened", "frozen", "approved")]
        looked = [(r, candidates.look(session, r)) for r in sorted(under_way, key=lambda r: r.jimusho_code)]
        lists = [made for report, found in looked for made in kami.to_look_through(sheaf, run, report, found)]
        return Opened(tuple(_counted(report, found, run.day) for report, found in looked), tuple(lists))


def _counted(report: reports.Report, found: Sequence[Candidate], on: date) -> OpenedReport:
    return OpenedReport(
        report.shintatsu_id, report.jimusho_code, report.kakunin_until, report.opened_on, len(found), sum(c.held for c in found),
        sum(c.left_out for c in found), sum(bool(c.points) and not c.held for c in found), sum(c.row["due_on"] < on for c in found),
    )  # fmt: skip
