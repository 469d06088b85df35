"""進達の後, for the tests: a report handed over, its receipt, what 日本年金機構 answers, what is to be reported now."""

from __future__ import annotations

from datetime import date
from typing import Any

import kit

from etl import hokan
from etl.core.states import Shintatsu
from etl.hokan.clear import Handed
from etl.shintatsu import after
from etl.shintatsu.reports import Report
from etl.site import Site
from tests import shintatsu
from tests.rules import baitai

SENT = date(2027, 11, 15)  # a file cannot be handed over before the day on which it left, by the clock of the database


def handed(site: Site, report: Report, on: date = SENT) -> Report:
    """The medium of a report is with 日本年金機構."""
    assert report.name
    hokan.hand_over(site, baitai.run_of(site, "archive_handed", on=on), [Handed(report.name, on, "川崎年金事務所", "受-1")])
    return shintatsu.now(site, report)


def reported(site: Site, opened: date, on: date = SENT, office: str = shintatsu.OFFICE) -> Report:
    """All that is to be reported to an office, opened, made and handed over on these days."""
    assert not shintatsu.opened(site, opened)["error"]
    return handed(site, shintatsu.made(site, office, opened), on)


def received(site: Site, report: Report, on: date = SENT, *, refused: bool = False) -> Report:
    assert report.name and report.state is Shintatsu.HANDED
    return after.received(site, shintatsu.run_of(site, on), report.name, "年管-1", on, refused=refused)


def answered(site: Site, results: list[dict[str, Any]], on: date, baitai_no: int = 1) -> dict[str, Any]:
    """A list of results of that day, compared with the intakes."""
    kit.kekka(site, results, on, baitai_no)
    found = kit.run(site, "kikou_kekka", on)
    assert found["error"] is None
    return found


def candidates(site: Site) -> dict[str, bool]:
    """受付番号 -> whether it goes again, of all that is to be reported now."""
    return dict(kit.query(site, "select uketsuke_no, again from pension.shintatsu_kouho order by 1"))
