"""免除等申請書: applications printed with the income that their review reads (評価書 Ⅰ-2 機能4②). One file per 受付区, a page per application.

Every page is recorded (who, when, why, 宛名番号, which answers) before it is made: no record, no page. What was recorded and then did not
reach its file is printed, and recorded, again.
"""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

from etl.core.errors import Refused
from etl.core.layout import codes
from etl.core.shinseisho import form
from etl.edge import db, failpoint, pdf
from etl.run import Run, check_keys, record, shimei4
from etl.site import Site

NEVER = date.max


def after_answers(site: Site, run: Run) -> dict[str, Any]:
    """The forms whose income is whole and that were not printed since its last answer came (or was accepted, or corrected)."""
    return {"forms": _print(site, run, due=True)}


def of_period(site: Site, run: Run, first_on: date, last_on: date, ku: str | None = None) -> list[dict[str, Any]]:
    """The forms of open applications accepted in this period whose income is whole."""
    return _print(site, run, first_on=first_on, last_on=last_on, ku=ku)


def of_applications(site: Site, run: Run, uketsuke_nos: list[str]) -> list[dict[str, Any]]:
    """These forms, whatever is still missing. Refused NP-2202 when one is no open, confirmed application for 免除等."""
    return _print(site, run, uketsuke_nos=uketsuke_nos)


def _print(
    site: Site, run: Run, *, uketsuke_nos: list[str] | None = None, first_on: date = NEVER, last_on: date = NEVER,
    due: bool = False, ku: str | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """path, 受付区 and pages of each file, under ``outbox/shinseisho/<period>/``."""
    chosen = {"uketsuke_nos": uketsuke_nos or [], "first_on": first_on, "last_on": last_on, "due": due}
    made = []
    with site.session() as session:
        with session.transaction():
            check_keys(session, site)  # the 4情報 of the records are encrypted
            rows = session.rows("shinseisho/menjo_shinseisho", **chosen)
            if lacking := set(uketsuke_nos or ()) - {r["uketsuke_no"] for r in rows}:
                raise Refused("NP-2202", item=min(lacking))
            wards = {w: list(part) for w, part in groupby(rows, lambda r: r["uketsuke_ku_code"]) if ku in (None, w)}
            for page, row in ((n, r) for part in wards.values() for n, r in enumerate(part, 1)):
                _record(session, site, run, page, row)
        failpoint.reached("pages recorded")
        for ward, part in wards.items():
            name = codes("uketsuke_ku")[ward]
            path = site.outbox / "shinseisho" / run.period / f"免除等申請書_{name}_{run.run_id[:8]}.pdf"
            pdf.shinseisho_pdf(path, (form(row, run.day) for row in part))
            made.append({"path": str(path), "ku": name, "pages": len(part)})
        failpoint.reached("forms printed")
        with session.transaction():
            session.run("shinseisho/printed_placed", run_id=run.run_id)
    return made


def _record(session: db.Session, site: Site, run: Run, page: int, row: dict[str, Any]) -> None:
    """Whose page it is, whose data stand on it besides, and which answers."""
    session.run("shinseisho/printed_put", run_id=run.run_id, uketsuke_no=row["uketsuke_no"], page=page)
    answers = [p["income"]["shotoku_id"] for y in row["years"] for p in y["persons"] if p["answered"]]
    what = {"page": page, "shotoku_id": answers, "others": [p["atena_no"] for p in row["people"][1:]], "kojin_no": 0}
    record(session, run, "印刷", f"免除等申請書/{row['uketsuke_no']}", what, atena_no=row["atena_no"], shimei4=shimei4(session, site, row["atena_no"]))
