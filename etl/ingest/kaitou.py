"""所得照会の回答: the consequences of answers. Questions close, held answers wait for a second person, and the sender is told, by 照会番号
alone, which answers nobody had asked for."""

from __future__ import annotations

from etl.audit import acting, record
from etl.core.mapping import registry
from etl.core.receipts import Loaded, Notice, Notified
from etl.core.states import Operation
from etl.door import papers
from etl.door.papers import Shelf
from etl.edge import db, paper
from etl.ingest.inbound import Inbound
from etl.ingest.staged import Followed, Staged
from etl.run import Run, receipt
from etl.site import Site


def follow(session: db.Session, run: Run, inbound: Inbound, file_id: int, staged: Staged) -> Followed:
    """The questions that the file answered are closed, and each held row waits for a second person. In the load's transaction."""
    session.run("ingest/answered_shotoku", file_id=file_id)
    labels = inbound.layout.labels
    days = registry.approvals()[inbound.layout.dataset].term
    for line, fields, _ in (e for e in staged.errors if e.line in staged.horyuu):
        horyuu = staged.horyuu[line]
        subject = f"照会番号 {horyuu.shoukai_no}　相違：{'・'.join(labels[f] for f in fields)}　{inbound.name} 行{line}"
        approval_id = session.value(
            "ledger/approval_put", kind=inbound.layout.dataset, run_id=run.run_id, subject=subject, content_hash=horyuu.seal,
            maker=run.user_name, days=days,
        )  # fmt: skip
        session.run("ingest/horyuu_put", approval_id=approval_id, file_id=file_id, line=line, shoukai_no=horyuu.shoukai_no)
    return Followed(len(staged.horyuu), session.run("ingest/horyuu_withdraw", **acting(run)))


def notify(site: Site, run: Run) -> Notified:
    """A notice to the sender of each file with answers that nobody waited for: counts and 照会番号, nothing else. Files or not, held answers
    that nobody can take in any more are withdrawn."""
    with site.session() as session, session.transaction():
        session.run("ingest/horyuu_withdraw", **acting(run))
    made = []
    for file in (receipt(site, run.run_id, Loaded) or Loaded()).files:
        if not (refused := file.refused):
            continue
        counts, held = file.counts, file.counts.quarantined
        notes = (
            "次の照会番号の回答は、照会していないか、回答済みか、受付が終わっているため受け入れていません（内容は保存していません）。",
            f"データ件数 {counts.data:,} 件、受入 {counts.new + counts.updated:,} 件、保留 {held:,} 件。",
        )
        with site.session() as session, papers.recorded(session, site) as sheaf:
            head = papers.heading(run, file.name)
            sheet = paper.meisai("所得照会回答 受入結果通知", ("照会番号", "件数"), list(refused.items()), notes, head)
            at = papers.at(site, Shelf.SHOTOKU_TSUCHI, run.period, f"{file.name}_受入結果通知.xlsx")
            told = sheaf.put(run, at, sheet, anew=True)
            counts_told = {"refused": sum(refused.values()), "held": held, "sha256": told.sha256}
            record(session, run, Operation.TSUCHI, told.path.name, counts_told)
        made.append(Notice(str(told.path), sum(refused.values()), held))
    return Notified(tuple(made))
