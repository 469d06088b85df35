"""所得照会の回答: the consequences of answers. Questions close, held answers wait for a second person, and the sender is told, by 照会番号
alone, which answers nobody had asked for."""

from __future__ import annotations

from typing import Any

from etl.audit import acting, record
from etl.core.mapping import registry
from etl.core.receipts import Notice, Notified
from etl.core.states import Operation
from etl.door import papers
from etl.door.papers import Shelf
from etl.edge import db, paper
from etl.ingest.inbound import Inbound
from etl.ingest.staged import Followed, Staged
from etl.run import Run
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
    """A notice to the sender of each file with answers that nobody waited for: counts and 照会番号, nothing else. Also of files that a run which
    was stopped took in. Files or not, held answers that nobody can take in any more are withdrawn."""
    with site.session() as session:
        with session.transaction():
            session.run("ingest/horyuu_withdraw", **acting(run))
        files = session.rows("ingest/untold", datasets=list(registry.jobs()[run.job].reads), run_id=run.run_id)
        session.commit()
        return Notified(tuple(_told(session, site, run, file) for file in files))


def _told(session: db.Session, site: Site, run: Run, file: dict[str, Any]) -> Notice:
    """The notice about a file, made now unless this run has made it."""
    refused, held = dict(sorted(file["refused"].items())), file["held"]
    if file["path"]:
        return Notice(str(papers.at(site, *file["path"].split("/"))), sum(refused.values()), held)
    notes = (
        "次の照会番号の回答は、照会していないか、回答済みか、受付が終わっているため受け入れていません（内容は保存していません）。",
        f"データ件数 {file['data']:,} 件、受入 {file['entered']:,} 件、保留 {held:,} 件。",
    )
    head = papers.heading(run, file["name"])
    sheet = paper.meisai("所得照会回答 受入結果通知", ("照会番号", "件数"), list(refused.items()), notes, head)
    at = papers.at(site, Shelf.SHOTOKU_TSUCHI, run.period, f"{file['name']}_受入結果通知.xlsx")
    with papers.recorded(session, site) as sheaf:
        told = sheaf.put(run, at, sheet, anew=True)
        counts = {"refused": sum(refused.values()), "held": held, "sha256": told.sha256}
        record(session, run, Operation.TSUCHI, told.path.name, counts)
    return Notice(str(told.path), sum(refused.values()), held)
