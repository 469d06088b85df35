"""保存期間の報告: once a month, what went by the policy, what was asked for, what is held and whose review is overdue. Counts, nobody's data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from etl.audit import record
from etl.core.mapping import registry
from etl.core.paper.cells import Cell
from etl.core.paper.pages import wareki_period
from etl.core.receipts.house import Expired, List, Request
from etl.core.states import Operation
from etl.door import papers
from etl.door.papers import Shelf
from etl.edge import paper, pdf
from etl.retire import hold
from etl.retire.candidates import policy_of
from etl.run import Run
from etl.site import Site

TITLE = "保存期間の管理の報告"
HEADS = ("区分", "対象", "保存期間・期限", "件数", "バイト", "保全", "扱い")
NOTES = (
    "区分 E・F は定めにより自動で消します。区分 A2・B・C・D は申請し、別の職員が承認してから消します。",
    "「期限切れ」の保全は見直しの期限を過ぎています。解除するまで対象は残ります（kokunen hold list）。",
)


def make(site: Site, run: Run, expired: Expired, requests: Sequence[Request]) -> List:
    """The report of a run, as xlsx and PDF, with its record."""
    with site.session() as session:
        rows = [*_gone(expired), *map(_asked, requests), *_held(site)]
        with papers.recorded(session, site) as sheaf:
            made = [
                sheaf.put(
                    run, papers.at(site, Shelf.SHOUKYO, run.period, f"{TITLE}_{run.period}_{run.run_id[:8]}.{suffix}"),
                    form(TITLE, HEADS, rows, NOTES, papers.heading(run, f"対象年月 {wareki_period(run.period)}")),
                )
                for suffix, form in (("xlsx", paper.meisai), ("pdf", pdf.meisai_pdf))
            ]  # fmt: skip
            record(
                session, run, Operation.ICHIRAN, f"{run.period}/{TITLE}", {"rows": len(rows), "sha256": [m.sha256 for m in made]}
            )
    return List(TITLE, str(made[0].path), len(rows))


def _gone(expired: Expired) -> Iterator[tuple[Cell, ...]]:
    for g in expired.gone:
        yield (g.name, g.title, "定め", g.count, g.bytes, g.held, g.note or "消去した")


def _asked(r: Request) -> tuple[Cell, ...]:
    title = registry.hokan().classes[r.name].title
    return (r.name, title, policy_of(r.name), r.items, r.bytes, r.held, f"申請 第{r.number}号（承認待ち）")


def _held(site: Site) -> Iterator[tuple[Cell, ...]]:
    for h in hold.holds(site):
        yield (
            "保全",
            f"保全番号 {h['hold_id']}　{hold.said(h)}",
            h["review_on"],
            None,
            None,
            h["objects"],
            "期限切れ" if h["overdue"] else "継続",
        )
