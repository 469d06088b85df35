"""確認: what is to be reported, with what speaks against each, and what stays out of one report (P84, P85)."""

from __future__ import annotations

from etl import run as runs
from etl.audit import acting
from etl.core.codec.digits import holds_kojin_no
from etl.core.errors import Refused
from etl.edge import db
from etl.run import Run
from etl.shintatsu import candidates, reports
from etl.shintatsu.candidates import Candidate
from etl.shintatsu.reports import LOCK, Report
from etl.site import Site


def listed(site: Site) -> list[Report]:
    """All reports, the newest first."""
    with site.session() as session:
        return reports.find(session)


def show(site: Site, office: str) -> tuple[Report, list[Candidate]]:
    """The report of an office and its candidates as they are now. Refused NP-4201."""
    with site.session() as session:
        report = reports.one(session, office)
        return report, candidates.look(session, report)


def leave_out(site: Site, run: Run, office: str, nos: list[str], why: str, *, out: bool = True) -> Report:
    """These 受付番号 stay out of this report (``out=False``: come back into it); the next one has them again. Refused NP-4201, NP-4202, NP-4207,
    NP-1002, NP-1016."""
    runs.check_reason(why)
    with site.session() as session, db.locked(session, LOCK):
        report = reports.one(session, office)
        known = {c.no for c in candidates.look(session, report)}
        session.commit()
        if strange := [no for no in nos if no not in known]:
            raise Refused("NP-4207", item="" if holds_kojin_no(strange[0]) else strange[0], n=len(strange))
        with session.transaction():
            for no in dict.fromkeys(nos):
                session.value(
                    "shintatsu/leave_out",
                    shintatsu_id=report.shintatsu_id,
                    uketsuke_no=no,
                    out=out,
                    why=why,
                    reason=run.reason,
                    **acting(run),
                )
    return report
