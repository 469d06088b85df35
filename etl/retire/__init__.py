"""消去: what is due goes, in a way that can be shown.

    候補抽出 (``plan``) → 申請 (``request``: a frozen list and its hash) → 承認 (another person, ``etl.approve``) → 実行・検証 (``execute``) →
    消去証明書 (``certify``) → 再適用 after a restore (``again``)

作業域 and 基盤 go by the policy alone (``expire``). What must stay whatever its period says is held (``hold``). 国民年金情報ファイル never goes: the
database refuses it.
"""

from __future__ import annotations

from etl.core.receipts.house import Expired, Retiring, Shredded
from etl.door import papers
from etl.edge import db
from etl.retire import candidates, report
from etl.retire.again import Again, reapply
from etl.retire.certify import certify, requests
from etl.retire.execute import execute, open_requests
from etl.retire.expire import expire
from etl.retire.plan import Line, plan
from etl.retire.request import request
from etl.run import Run, receipt
from etl.site import Site

__all__ = ["Again", "Line", "ask", "expire", "plan", "reapply", "requests", "retire", "shred"]


def retire(site: Site, run: Run) -> Retiring:
    """申請: a list of each class of which something is due, and the monthly report."""
    return ask(site, run, candidates.BY_TWO, receipt(site, run.run_id, Expired) or Expired())


def ask(site: Site, run: Run, classes: tuple[str, ...], expired: Expired | None = None) -> Retiring:
    """The requests of these classes; with what went by the policy, the report of it all. Refused NP-3226."""
    made = tuple(found for name in classes if (found := request(site, run, candidates.check_class(name), run.day)))
    lists = (report.make(site, run, expired, made),) if expired else ()
    return Retiring(made, lists, proposals=len(made))


def shred(site: Site, run: Run) -> Shredded:
    """実行: whatever is approved and not certified, also what was stopped. Unavailable NP-1021 when somebody asks or destroys meanwhile."""
    papers.tidy(site)
    with site.session() as session, db.locked(session, "shoukyo"):
        waiting = list(open_requests(session))
        session.commit()
        for number, done in waiting:
            if not done:
                execute(site, run, number)
        return Shredded(tuple(certify(site, run, number) for number, _ in waiting))
