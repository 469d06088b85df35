"""その後を見る: what must still be reported and until when; what became of what was reported. Numbers and 受付番号, nobody's data."""

from __future__ import annotations

from datetime import date
from typing import Any

from etl.core.law.shintatsu import next_opened, review_ends
from etl.site import Site

UNSENT = ("uketsuke_no", "todoke_code", "juri_on", "due_on", "days_left", "stage", "state", "jimusho_code", "uketsuke_ku_code")


def due(site: Site) -> tuple[date, list[dict[str, Any]]]:
    """The day on which the next report by the calendar can go, and what is overdue or would be by then (規則第9条)."""
    next_report = review_ends(next_opened(site.today))
    with site.session() as session:
        rows = session.rows("ichiran/shintatsu_kigen", business_on=site.today, next_report=next_report)
    return next_report, [{name: row[name] for name in UNSENT} for row in rows]


def results(site: Site, first: date, last: date) -> list[dict[str, Any]]:
    """進達台帳 as it is today: of each report made in these days, by 届書 and as a whole (計), how long its records waited and what became of
    them."""
    with site.session() as session:
        return session.rows("ichiran/shintatsu_daichou", first_on=first, last_on=last, business_on=site.today)
