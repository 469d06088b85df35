"""紙: the lists by which a report is looked through and fixed, and what goes with its medium: 進達帳票, 総括表, 送付書, label. Each is recorded
with what it belongs to; none shows a 個人番号, nor where somebody of a household under 支援措置 lives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from etl.audit import record
from etl.core.dates import wareki
from etl.core.mapping.houkoku import houkoku
from etl.core.mapping.layout import codes
from etl.core.paper import shintatsu, shintatsu_hyou
from etl.core.paper.cells import Cell
from etl.core.paper.shintatsu_hyou import Medium
from etl.core.receipts.house import List
from etl.core.states import Operation
from etl.door import papers
from etl.door.papers import Paper, Sheaf, Shelf
from etl.door.parcel import Parcel
from etl.edge import db, paper, pdf
from etl.edge.pdf.shintatsu import Office, chouhyou_pdf
from etl.run import Run
from etl.shintatsu.candidates import Candidate
from etl.shintatsu.reports import Report


def to_look_through(sheaf: Sheaf, run: Run, report: Report, found: Sequence[Candidate]) -> list[List]:
    """進達確認リスト of each 受付区 that has a candidate, what was changed since the report was opened by an earlier run, and what would be written in
    縮退 form. Nothing to report: none."""
    made = []
    for ku, part in groupby(sorted(found, key=lambda c: str(c.row["ku_code"])), key=lambda c: str(c.row["ku_code"])):
        of_ward = list(part)
        made.append(_checked(sheaf, run, report, shintatsu_hyou.CHECKED, of_ward, codes("uketsuke_ku")[ku]))
    changed = [_changed(sheaf, run, report)] if report.run_id != run.run_id else []
    return [*made, *changed, _reduced(sheaf, run, report, found)] if found else []


def as_fixed(sheaf: Sheaf, run: Run, report: Report, found: Sequence[Candidate]) -> list[List]:
    """What goes, what does not and why, what was changed in the review, what is written in 縮退 form: what the other person approves by."""
    going = [c for c in found if c.goes]
    rest = shintatsu_hyou.held(found, run.day)
    return [
        _checked(sheaf, run, report, shintatsu_hyou.FIXED, going),
        _listed(sheaf, run, report, shintatsu_hyou.HELD, shintatsu_hyou.HELD_HEADS, rest),
        _changed(sheaf, run, report),
        _reduced(sheaf, run, report, going, "確定"),
    ]


def _checked(sheaf: Sheaf, run: Run, report: Report, title: str, found: Sequence[Candidate], part: str = "") -> List:
    rows, told = shintatsu_hyou.checked(found, run.day), shintatsu_hyou.counts(found, run.day)
    notes = (told, *(shintatsu_hyou.NOTES if title == shintatsu_hyou.CHECKED else shintatsu_hyou.NOTES[-1:]))
    return _listed(sheaf, run, report, title, shintatsu_hyou.HEADS, rows, notes, part)


def _changed(sheaf: Sheaf, run: Run, report: Report) -> List:
    rows = shintatsu_hyou.changed(sheaf.session.rows("shintatsu/changes", shintatsu_id=report.shintatsu_id))
    return _listed(sheaf, run, report, shintatsu_hyou.CHANGED, shintatsu_hyou.CHANGED_HEADS, rows)


def _reduced(sheaf: Sheaf, run: Run, report: Report, found: Sequence[Candidate], part: str = "") -> List:
    rows, notes = shintatsu_hyou.reduced(found), (shintatsu_hyou.REDUCED_NOTE,)
    return _listed(sheaf, run, report, shintatsu_hyou.REDUCED, shintatsu_hyou.REDUCED_HEADS, rows, notes, part)


def _listed(
    sheaf: Sheaf, run: Run, report: Report, title: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]],
    notes: Sequence[str] = (), part: str = "",
) -> List:  # fmt: skip
    """A list as xlsx and PDF, with its record. One that was made before stays beside it."""
    name = "_".join(t for t in (title, report.office, part) if t)
    until = f"確認期間 {wareki(report.opened_on)} から {wareki(report.kakunin_until)} まで"
    head = papers.heading(run, "　".join(t for t in (report.addressee, part, until) if t))
    at = papers.at(sheaf.site, Shelf.SHINTATSU, run.period, f"{name}.xlsx")
    made = [
        sheaf.put(run, path, draw(title, heads, rows, notes, head, shintatsu_hyou.SIGNS), anew=True)
        for path, draw in ((at, paper.meisai), (at.with_suffix(".pdf"), pdf.meisai_pdf))
    ]
    told = {"report": report.shintatsu_id, "rows": len(rows), "sha256": [one.sha256 for one in made]}
    record(sheaf.session, run, Operation.ICHIRAN, f"{run.period}/{name}", told)
    return List(name, str(made[0].path), len(rows))


def of_medium(session: db.Session, run: Run, report: Report, parcel: Parcel) -> tuple[Medium, dict[str, bytes]]:
    """What goes with the medium of what was approved: what its sheets say (but the hash of an archive that is still to be made), and the forms by
    their name. Its record is that of the medium."""
    rows = session.rows("shintatsu/forms", approval_id=report.approval_id)
    session.commit()
    assert report.frozen_on
    stem = Path(parcel.name).stem
    medium = Medium(
        report.addressee, int(stem.rpartition("_")[2]), report.frozen_on, parcel.name, "", Counter(r["todoke_code"] for r in rows),
        Counter(r["ku_code"] for r in rows), sum(r["has_number"] for r in rows), sum(r["shokken"] for r in rows),
    )  # fmt: skip
    sender = houkoku().teishutsu
    office = Office(
        report.addressee, sender.meishou, sender.shozokuchou, wareki(report.frozen_on),
        f"{parcel.name}　媒体通番 {medium.number}　承認番号 {report.approval_id}",
    )  # fmt: skip
    pages = (shintatsu.page(row, (n, len(rows))) for n, row in enumerate(rows, 1))
    return medium, {f"{stem}_{shintatsu_hyou.FORMS}.pdf": chouhyou_pdf(f"{shintatsu_hyou.FORMS}　{parcel.name}", office, pages)}


def lay(sheaf: Sheaf, run: Run, medium: Medium, forms: dict[str, bytes], sha256: str) -> list[Paper]:
    """Aside, until the medium is recorded. ``sha256``: of the archive that is on it."""
    medium = replace(medium, sha256=sha256)
    sheets = {title: pdf.forms_pdf(title, [sheet(medium)]) for title, sheet in shintatsu_hyou.SHEETS.items()}
    made = forms | {f"{Path(medium.name).stem}_{title}.pdf": content for title, content in sheets.items()}
    return [
        sheaf.put(run, papers.at(sheaf.site, Shelf.SHINTATSU, run.period, name), content, anew=True)
        for name, content in made.items()
    ]
