"""期限切れ (class H): backups that are over go, with their parts; nothing that something younger rests on, and never the newest whole one.
WAL goes that no backup that is left begins with, and so do the copies of archived objects that were destroyed longer ago than that.

The record of a backup goes first: cut off in between, it is no backup any more, and the next run takes the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from etl import run as runs
from etl.audit import record
from etl.backup import besides, catalog, wal
from etl.backup.catalog import Shelf
from etl.core import backup as rules
from etl.core.backup import Backup
from etl.core.mapping import registry
from etl.core.receipts.house import Pruned
from etl.core.states import Operation
from etl.edge import db, failpoint
from etl.run import Run
from etl.site import Site


def prune(site: Site, run: Run, today: date | None = None) -> Pruned:
    """Unavailable NP-1021 while a backup is being taken. Each backup that went is an event."""
    today, days = today or runs.now().date(), registry.hokan().classes["H"].keep.days
    shelf = catalog.shelf(site.home)
    with site.session() as session, db.locked(session, "backup"):
        known = catalog.known(shelf)
        over = rules.expired(known, today, days)
        for backup in over:
            with session.transaction():
                record(session, run, Operation.BACKUP_KIGEN, backup.id, {"kind": backup.kind, "sha256": backup.sha256})
            for path in shelf.parts(backup.id):
                path.unlink(missing_ok=True)
                failpoint.reached("part pruned")
        left = [b for b in known if b not in over]
        _orphans(shelf, left)
        return Pruned(len(over), _wal(shelf, left), besides.expire(shelf, today, days))


def _orphans(shelf: Shelf, left: Sequence[Backup]) -> None:
    """Parts without a record: of a backup that was cut off, or that went half."""
    known = {path for backup in left for path in shelf.parts(backup.id)}
    for name in ("base", "manifest", "besides"):
        for path in (shelf.folder / name).glob("*"):
            if path not in known and path.suffix in (".base", ".manifest", ".tar", ".verified"):
                path.unlink(missing_ok=True)


def _wal(shelf: Shelf, left: Sequence[Backup]) -> int:
    """WAL of before the first segment that a backup needs. Without a backup all of it stays."""
    if not left:
        return 0
    first = min((b.first_wal for b in left), key=lambda name: rules.number(name) or 0)
    names = rules.before(wal.names(shelf), first)
    for name in names:
        (shelf.wal / name).unlink(missing_ok=True)
    return len(names)
