"""バックアップの検証: a trial restore. The backup is decrypted, put together, compared by PostgreSQL with its list of files, started as a server and
read up to its moment; then the rows of every table and the head of the chain of records must be those that were written down with it.

A backup that was never restored is a hope. So the age of the last trial is red in the status after ``verify`` days (``hokan.yaml``).
"""

from __future__ import annotations

from etl import run as runs
from etl.audit import record
from etl.backup import catalog, rebuild
from etl.backup.rebuild import Say
from etl.core import backup as rules
from etl.core.backup import Backup
from etl.core.errors import Refused
from etl.core.receipts.house import Verified
from etl.core.states import Operation
from etl.edge import db, failpoint
from etl.platform import postgres, scratch
from etl.run import Run
from etl.site import Site

FOLDER = "verify"


def verify(site: Site, run: Run, say: Say, backup_id: str | None = None) -> Verified:
    """The newest backup, or that one. Refused NP-3260, NP-3268 (there is none), NP-3269 (it holds something else), and what ``rebuild`` and
    its server raise. What was decrypted is gone when this returns."""
    if not postgres.own_data(site.home):
        raise Refused("NP-3260")
    shelf = catalog.shelf(site.home)
    place = rebuild.place_of(site.home, FOLDER)
    with site.session() as session, db.locked(session, "backup verify"):
        known = catalog.known(shelf)
        chosen = rules.by_id(known).get(backup_id) if backup_id else rules.newest(known)
        if chosen is None:
            raise Refused("NP-3268", item=backup_id)
        try:
            chain = rebuild.chain_of(known, chosen)
            rebuild.rebuild(shelf, place, chain, rebuild.up_to(shelf, chosen), say)
            _compare(site, place, chosen, say)
        finally:
            place.clear()
        failpoint.reached("backup tried")
        catalog.put_verified(shelf, chosen, runs.now())
        told = {"tables": len(chosen.counts), "rows": sum(chosen.counts.values()), "head": chosen.head[0], "chain": len(chain)}
        with session.transaction():
            record(session, run, Operation.BACKUP_KENSHOU, chosen.id, told)
    return Verified(chosen.id, len(chain), len(chosen.counts), sum(chosen.counts.values()), chosen.head[0])


def monthly(site: Site, run: Run) -> Verified:
    """The newest backup, once a month; nothing on the other days (``Verified`` without an id)."""
    tried = [b.verified for b in catalog.known(catalog.shelf(site.home)) if b.verified]
    if not postgres.own_data(site.home) or any((at.year, at.month) == (runs.now().year, runs.now().month) for at in tried):
        return Verified()
    return verify(site, run, lambda _: None)


def _compare(site: Site, place: scratch.Place, chosen: Backup, say: Say) -> None:
    """Start it, read its WAL up to its moment, ask it."""
    say("試しのサーバーで復元")
    scratch.set_out(place, {"recovery_target_name": chosen.point, "recovery_target_action": "pause"})
    with scratch.server(place, scratch.SMALL) as server:
        server.settled(paused=True)
        say("件数と記録の末尾の比較")
        tried = Site(site.home, server.url("kokunen_app"))
        with tried.session("backup") as session:
            counts = {row["name"]: row["n"] for row in session.rows("backup/counts")}
            head = session.one("backup/head") or {}
    wrong = sorted(name for name in {*counts, *chosen.counts} if counts.get(name) != chosen.counts.get(name))
    if (head["event_id"], head["hash"]) != tuple(chosen.head):
        wrong.append("audit.head")
    if wrong:
        raise Refused("NP-3269", item="、".join(wrong))
