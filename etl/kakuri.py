"""隔離・注意一覧: of each file of a run what was held back or should be looked at, and 訂正依頼, the sheet for the office that sent it.

They name lines, items and kinds, never a value, and outlast the screen of whoever ran the job.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from etl.audit import record
from etl.core.codec.kinds import RowError
from etl.core.errors import from_json
from etl.core.mapping.layout import arriving
from etl.core.paper import kakuri
from etl.core.paper.cells import Cell
from etl.core.receipts import FileResult
from etl.core.receipts.house import List
from etl.core.states import FileOutcome, Operation
from etl.door import papers
from etl.door.papers import Shelf
from etl.edge import paper, pdf
from etl.run import Run
from etl.site import Site

LISTED, ASKED = "隔離・注意一覧", "訂正依頼"


@dataclass(frozen=True)
class _Sheet:
    shelf: Shelf
    name: str
    title: str
    operation: Operation
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str]
    head: Sequence[str]


def of_run(site: Site, run: Run, files: Sequence[FileResult]) -> list[List]:
    """Make the sheets of the files that have something to list, also of those that a run which was stopped took in. They are placed when
    their records are committed."""
    held: dict[tuple[str, str], list[RowError]] = defaultdict(list)
    with site.session() as session, papers.recorded(session, site) as sheaf:
        for row in session.rows("ledger/quarantined", run_id=run.run_id):
            held[row["dataset"], row["name"]].append(RowError(row["line"], tuple(row["fields"]), tuple(row["kinds"])))
        looked = [f for f in files if f.outcome in (FileOutcome.ACCEPTED, FileOutcome.REFUSED)]
        taken = held.keys() - {(f.dataset, f.name) for f in looked}
        looked += [FileResult(dataset, name, FileOutcome.ACCEPTED) for dataset, name in sorted(taken)]
        sheets = [sheet for file in looked for sheet in _sheets(run, file, held[file.dataset, file.name])]
        return [_put(sheaf, run, sheet) for sheet in sheets]


def _sheets(run: Run, file: FileResult, rows: list[RowError]) -> Iterator[_Sheet]:
    error, about = from_json(file.error) if file.error else None, arriving()[file.dataset]
    if error:
        rows = [RowError(*row) for row in file.quarantined]
    notes = kakuri.notes(rows, error)
    head = papers.heading(run, f"{about.title}　{file.name}")
    if listed := kakuri.listed(file.dataset, rows, file.findings, file.gaiji, error):
        name = f"{file.name}_{LISTED}"
        yield _Sheet(Shelf.SHORI_KEKKA, name, LISTED, Operation.ICHIRAN, kakuri.HEADS, listed, notes, head)
    if asked := kakuri.asked(file.dataset, rows):
        told = (f"{about.sender} あて", kakuri.PLEASE[error is not None], *notes)
        yield _Sheet(Shelf.TEISEI_IRAI, f"{file.name}_{ASKED}", ASKED, Operation.TSUCHI, kakuri.ASKED, asked, told, head)


def _put(sheaf: papers.Sheaf, run: Run, sheet: _Sheet) -> List:
    """Both forms of a sheet, with their record."""
    made = []
    for suffix, form in (("xlsx", paper.meisai), ("pdf", pdf.meisai_pdf)):
        path = papers.at(sheaf.site, sheet.shelf, run.period, f"{sheet.name}.{suffix}")
        made.append(sheaf.put(run, path, form(sheet.title, sheet.heads, sheet.rows, sheet.notes, sheet.head)))
    counts = {"rows": len(sheet.rows), "sha256": [one.sha256 for one in made]}
    record(sheaf.session, run, sheet.operation, f"{run.period}/{sheet.name}", counts)
    return List(sheet.title, str(made[0].path), len(sheet.rows))
