"""媒体通番: 001 to 999 of a 年金事務所, then 001 again; never given twice in a round, also by a database that has forgotten some (an older one was
restored): ``numbers/`` of the home knows what was given, in order.
"""

from __future__ import annotations

from etl.door import numbers
from etl.edge import db, failpoint
from etl.shintatsu.reports import Report
from etl.site import Site

SHELF, LAST = "shintatsu_bango", 999


def of(session: db.Session, site: Site, report: Report) -> int:
    """The number of what was fixed; the next one of the office is noted outside the database before it is kept there."""
    kept: int | None = session.value("shintatsu/number", approval_id=report.approval_id)
    if kept is None:
        kept = following(_given(session, site, report.jimusho_code))
        session.commit()
        numbers.give(site, SHELF, f"{report.jimusho_code}-{report.approval_id}-{kept:03}")
        failpoint.reached("number given")
        with session.transaction():
            session.run(
                "shintatsu/number_put", approval_id=report.approval_id, shintatsu_id=report.shintatsu_id, jimusho_code=report.jimusho_code,
                baitai_no=kept,
            )  # fmt: skip
    session.commit()
    return kept


def following(given: int | None) -> int:
    """The number after this one."""
    return 1 if given is None else given % LAST + 1


def _given(session: db.Session, site: Site, office: str) -> int | None:
    """The last number of the office: by the database, unless more were given than it knows."""
    known = [(row["approval_id"], row["baitai_no"]) for row in session.rows("shintatsu/numbers", jimusho_code=office)]
    noted = [
        (int(approval), int(no))
        for code, approval, no in (name.split("-") for name in numbers.given(site, SHELF))
        if code == office
    ]
    if noted and known and known[-1] not in noted:  # numbers/ began anew: what was fixed later was numbered later
        return int(max(noted[-1], known[-1])[1])
    last = noted or known
    return int(last[-1][1]) if last else None
