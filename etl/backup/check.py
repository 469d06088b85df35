"""復旧の確認: the way through the gate of a restored database (F30).

(1) What had been destroyed is destroyed again. (2) What lies outside of the database is compared with it: originals to be taken in
again, files that were handed over and are never sent again by themselves, records that followed the restored head. (3) Another person than
who restored reads the list and accepts it: an approval of the kind ``fukkyu``. Until then every step and every command that changes
something is refused (``rights.gate``).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from etl import retire
from etl import run as runs
from etl.audit import close, record
from etl.backup import besides, originals
from etl.core.errors import Refused
from etl.core.mapping import registry
from etl.core.mapping.city import ZONE
from etl.core.mapping.layout import arriving
from etl.core.paper import fukkyu
from etl.core.paper.fukkyu import Entry, Kind
from etl.core.receipts.house import Compared, List, Reapplied
from etl.core.states import Decision, Operation
from etl.door import given, papers
from etl.door.papers import Shelf
from etl.edge import db, paper, pdf, retired
from etl.run import Run
from etl.site import Site, keys_used

KIND = "fukkyu"
OWN = "自庁"


def restored_elsewhere(site: Site, moment: datetime, user: str | None) -> None:
    """An office's own server was put back by its own means: from now on nothing runs here until that is accepted."""
    with site.session("backup") as session, session.transaction():
        session.value(
            "backup/restored", user_name=runs.check_user(user or "自庁の担当"), backup=OWN, moment=moment, **runs.here()
        )


def reapply(site: Site, run: Run) -> Reapplied:
    """What the ledger outside of the database (``retired/``) says was destroyed is destroyed again; then the objects that lie in the
    archive and that the newest backup knew of are taken up again. Idempotent."""
    listed, again = sum(1 for _ in retired.read(site.home)), retire.reapply(site, run)
    with site.session() as session:
        return Reapplied(listed, again.files, originals.adopt(site, session, run))


def compare(site: Site, run: Run) -> Compared:
    """The list of what is missing, as xlsx and PDF, put before another person. Refused NP-3277 where nothing was restored."""
    with site.session() as session, papers.recorded(session, site) as sheaf:
        standing = session.rows("backup/open")
        if not standing:
            raise Refused("NP-3277")
        found = entries(site, session)
        digest = hashlib.sha256(json.dumps([e.cells for e in found], ensure_ascii=False).encode()).hexdigest()
        head = papers.heading(run, "、".join(f"{row['moment']:%Y-%m-%d %H:%M:%S} の状態（{row['backup']}）" for row in standing))
        rows, made = [e.cells for e in found], []
        for suffix, form in (("xlsx", paper.meisai), ("pdf", pdf.meisai_pdf)):
            path = papers.at(site, Shelf.ICHIRAN, run.period, f"{fukkyu.TITLE}.{suffix}")
            made.append(sheaf.put(run, path, form(fukkyu.TITLE, fukkyu.HEADS, rows, fukkyu.NOTES, head), anew=True))
        for row in session.rows("backup/waiting", kind=KIND):
            close(session, run, row["approval_id"], Decision.SUPERSEDED, "照合し直したため")
        for row in standing:
            session.value(
                "ledger/approval_put", kind=KIND, run_id=run.run_id, subject=f"{fukkyu.TITLE} {len(found):,} 件（復旧番号 {row['fukkyu_id']}）",
                content_hash=digest, maker=row["restored_by"], days=registry.approvals()[KIND].term,
            )  # fmt: skip
        kinds = dict(Counter(e.kind.value for e in found))
        record(
            session,
            run,
            Operation.FUKKYU_SHOUGOU,
            fukkyu.TITLE,
            {"kinds": kinds, "hash": digest, "sha256": [m.sha256 for m in made]},
        )
    return Compared(kinds, (List(fukkyu.TITLE, str(made[0].path), len(found)),), len(standing))


def entries(site: Site, session: db.Session) -> list[Entry]:
    """Everything that is known outside and not inside, in the order of the list."""
    return fukkyu.in_order(
        [*_originals(site, session), *_inbox(site, session), *_sent(site, session), *_events(site), *_keys(site, session)]
    )


def _originals(site: Site, session: db.Session) -> Iterator[Entry]:
    """Originals that are kept and not in; objects of which nobody knows any more what they are."""
    for one in originals.not_in(session):
        yield Entry(Kind.LOAD, one.dataset, one.name, f"{one.period} 分")
    for path in originals.unknown(site, session):
        stored = datetime.fromtimestamp(path.stat().st_mtime, ZONE)
        yield Entry(Kind.STRAY, "", path.name, f"{stored:%Y-%m-%d %H:%M} に保管")


def _inbox(site: Site, session: db.Session) -> Iterator[Entry]:
    """Files of the inbox that are not in."""
    taken = {(row["dataset"], row["name"]) for row in session.rows("backup/taken_in")}
    for dataset in arriving():
        for path in sorted((site.inbox / dataset).glob("*")):
            if path.is_file() and path.suffix != ".end" and not path.name.startswith(".") and (dataset, path.name) not in taken:
                yield Entry(Kind.LIES, dataset, path.name, "受信フォルダーにある")


def _sent(site: Site, session: db.Session) -> Iterator[Entry]:
    known = {(row["dataset"], row["name"]) for row in session.rows("backup/sent")}
    for dataset, name in given.files(site) - known:
        yield Entry(Kind.SENT, dataset, name, "渡した記録が、データベースの外にだけある")


def _events(site: Site) -> Iterator[Entry]:
    """Heads of the chain that people or backups have, and that are not in it."""
    told = {digest: (event, f"バックアップ {backup}") for event, digest, backup in besides.heads(site.home)}
    told |= {head.hash: (head.event_id, head.sheet) for head in given.heads(site)}
    with site.session("audit") as session:
        there = {row["hash"] for row in session.rows("backup/events", hashes=list(told))}
    missing = [(event, place) for digest, (event, place) in told.items() if digest not in there and event]
    if missing:
        event, place = max(missing)
        yield Entry(
            Kind.EVENTS,
            "",
            f"第{event:,}号まで",
            f"{place} による。ほかに {len(missing) - 1} 件の記録の末尾" if len(missing) > 1 else place,
        )


def _keys(site: Site, session: db.Session) -> Iterator[Entry]:
    """Keys that were used and are not there, or are others; objects without a key."""
    for key_id in site.keys.lost(keys_used(session)):
        yield Entry(Kind.KEY, "", f"{key_id}.key", READS.get(key_id[:-3], ""))
    for row in session.rows("backup/objects"):
        if not row["gone"] and not (site.home / "keys" / "objects" / row["object_key"]).exists():
            yield Entry(Kind.KEY, row["dataset"], row["name"], f"{row['period']} 分の保管物が読めない")


#: purpose of a key -> what nobody can read without it
READS = {
    "kojin-no": "個人番号が読めない", "kojin-no-hmac": "個人番号の照合ができない", "row": "隔離した行と記録の4情報が読めない",
    "row-hash": "変更の有無と承認の内容が照合できない", "archive": "保管物が読めない", "backup": "その鍵で暗号化したバックアップが開けない",
}  # fmt: skip
