"""媒体通番: 001 to 999 of a 年金事務所, then 001 again; never given twice in a round, also by a database that has forgotten some (an older one was
restored), or when ``numbers/`` of the home was lost. What says which number was given last: the database, ``numbers/``, the names of the files
that left. Each may have forgotten some; none invents any: the one that is furthest in the round is right.
"""

from __future__ import annotations

from functools import reduce

from etl.core.mapping.layout import leaving
from etl.core.mapping.names import parse_name
from etl.door import given, numbers
from etl.edge import db, failpoint
from etl.shintatsu.reports import Report
from etl.site import Site

SHELF, DATASET, LAST = "shintatsu_bango", "shintatsu", 999


def of(session: db.Session, site: Site, report: Report) -> int:
    """The number of what was fixed and approved; the next one of the office is noted outside the database before it is kept there. A run that was
    killed between the two goes on with the number that it has noted. Refused NP-4222, NP-4223."""
    kept: int | None = session.value("shintatsu/number", approval_id=report.approval_id)
    if kept is None:
        noted = _noted(site, report)
        kept = following(_last(session, site, report.jimusho_code)) if noted is None else noted
        session.commit()
        numbers.give(site, SHELF, f"{_mark(report)}{kept:03}", _decision(report))
        failpoint.reached("number given")
        with session.transaction():
            session.run(
                "shintatsu/number_put", approval_id=report.approval_id, shintatsu_id=report.shintatsu_id, jimusho_code=report.jimusho_code,
                baitai_no=kept,
            )  # fmt: skip
    session.commit()
    return kept


def following(last: int | None) -> int:
    """The number after this one."""
    return 1 if last is None else last % LAST + 1


def later(one: int | None, other: int | None) -> int | None:
    """Of two numbers the one that comes after the other within half a round."""
    if one is None or other is None:
        return other if one is None else one
    return other if 0 < (other - one) % LAST <= LAST // 2 else one


def _mark(report: Report) -> str:
    return f"{report.jimusho_code}-{report.approval_id}-"


def _decision(report: Report) -> str:
    """Which decision it is: after a restore another approval may have the same number, but not the same moment."""
    assert report.decided_at
    return f"{report.decided_at.timestamp():.6f}"


def _noted(site: Site, report: Report) -> int | None:
    """The number that was noted for this very decision."""
    found = [
        name
        for name, decision in numbers.given(site, SHELF).items()
        if name.startswith(_mark(report)) and decision == _decision(report)
    ]
    return int(found[-1].rsplit("-", 1)[1]) if found else None


def _last(session: db.Session, site: Site, office: str) -> int | None:
    """The last number of the office."""
    noted = [int(name.rsplit("-", 1)[1]) for name in numbers.given(site, SHELF) if name.startswith(f"{office}-")]
    known: int | None = session.value("shintatsu/number_last", jimusho_code=office)
    return reduce(later, (known, noted[-1] if noted else None, _of_files(site, office)))


def _of_files(site: Site, office: str) -> int | None:
    """The last number by the names of the files that left: of those of their last day the one whose next is not among them."""
    said = [parse_name(leaving()[DATASET].file.name, name) for dataset, name in given.files(site) if dataset == DATASET]
    days = [(s["created_on"], int(str(s["baitai_no"]))) for s in said if s and s["jimusho"] == int(office)]
    last = {no for day, no in days if day == max(days)[0]}
    return next((no for no in sorted(last) if following(no) not in last), None)
