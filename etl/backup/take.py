"""バックアップの取得: the cluster (both databases, one moment) into an encrypted file, then what lies outside of it.

The record in the catalog is written last, and the event after it: cut off anywhere before, there is no backup and the next one begins anew;
cut off between the two, the next one writes the event.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from etl import run as runs
from etl.audit import record
from etl.backup import besides, box, catalog, keys, wal
from etl.backup.catalog import Shelf
from etl.core import backup as rules
from etl.core.backup import Backup
from etl.core.errors import Refused, Unavailable
from etl.core.mapping import registry
from etl.core.receipts.house import BackedUp
from etl.core.states import Operation
from etl.edge import atomic, db, failpoint, retired
from etl.platform import basebackup, postgres
from etl.platform import wal as spool
from etl.run import Run
from etl.site import Site

PURPOSE = "backup"
PATIENCE = 120  # seconds until the server has handed over a segment
TRIES = 200  # for a moment in which no transaction ends


def take(site: Site, run: Run, *, full: bool = False) -> BackedUp:
    """One backup: of the kind that is due, or a ``full`` one. Refused NP-3260 (an office's own server), NP-3261 (WAL is not kept);
    Unavailable NP-1021 (another one is being taken), NP-3255, NP-3262 (WAL is not handed over), NP-1026 (the disk)."""
    require(site)
    shelf = catalog.shelf(site.home)
    catalog.prepare(shelf)
    with site.session() as session, db.locked(session, "backup"):
        atomic.sweep(shelf.folder)
        wal.seal(site.home)
        _tell_last(site, session, run, catalog.known(shelf))
        made = _take(site, shelf, full)
        catalog.put(shelf, made)
        failpoint.reached("backup known")
        _tell(session, run, made)
    return BackedUp(made.id, made.kind, made.bytes, made.content, made.besides)


def nightly(site: Site, run: Run) -> BackedUp:
    """The one of the night; of an office's own server none (``BackedUp`` without an id): its backups are the office's, the keys are ours."""
    if postgres.own_data(site.home):
        return take(site, run)
    keys.mirror(site.home, _destroyed(site))
    return BackedUp()


def _destroyed(site: Site) -> set[str]:
    """The objects that were destroyed, by either ledger: of others a copy is kept, whatever became of them here."""
    with site.session() as session:
        known = {row["object_key"] for row in session.rows("backup/objects") if row["gone"]}
    return known | {str(line["key"]) for line in retired.read(site.home) if line["kind"] == "object"}


def _tell(session: db.Session, run: Run, made: Backup) -> None:
    counts = {"kind": made.kind, "bytes": made.bytes, "sha256": made.sha256, "head": made.head[0], "objects": made.besides}
    with session.transaction():
        record(session, run, Operation.BACKUP, made.id, counts)


def _tell_last(site: Site, session: db.Session, run: Run, known: Sequence[Backup]) -> None:
    """The event of a backup that was cut off before it; of a database that was restored to before it there is none, and none is written."""
    last = max(known, key=lambda b: b.started_at, default=None)
    head = session.one("backup/head") or {}
    if last is None or last.head[0] > head["event_id"]:
        return
    with site.session("audit") as asking:
        told = asking.value("backup/told", head=last.head[0], backup=last.id)
    if not told:
        _tell(session, run, last)


def require(site: Site) -> None:
    """Our own server, which hands over its WAL. Refused NP-3260, NP-3261."""
    if not postgres.own_data(site.home):
        raise Refused("NP-3260")
    with site.session(PURPOSE) as session:
        if (session.one("backup/server") or {})["archive_mode"] != "on":
            raise Refused("NP-3261")


def _take(site: Site, shelf: Shelf, full: bool) -> Backup:
    with site.session(PURPOSE) as session:
        server = session.one("backup/server") or {}
    if server["failing"]:  # else PostgreSQL would wait for ever
        raise Unavailable("NP-3262")
    started, known = runs.now(), catalog.known(shelf)
    rule = registry.hokan().backup
    whole = full or server["version"] < spool.SUMMARIES * 10_000
    parent = None if whole else rules.parent(known, started.date(), rule.full, server["system"], server["timeline"])
    backup_id = _new_id(shelf, started)
    base, taken = _base(site, shelf, backup_id, parent)
    failpoint.reached("base written")
    if parent and base is None:
        parent = None
        base, taken = _base(site, shelf, backup_id, None)
    assert base and taken
    box.write(
        shelf.keys, shelf.manifest(backup_id), {"kind": "manifest", "name": backup_id}, lambda out: out.write(taken.manifest)
    )
    destroyed = _destroyed(site)
    objects = besides.mirror(shelf, site.home, started.date(), destroyed)
    keys.mirror(site.home, destroyed)
    with site.session() as session:
        besides.take(shelf, site.home, backup_id, session.rows("backup/objects"))
    failpoint.reached("besides written")
    moment = _moment(site, backup_id)
    _handed_over(site.home, moment.segment)
    wal.seal(site.home)
    failpoint.reached("wal of backup sealed")
    return Backup(
        id=backup_id, kind="incremental" if parent else "full", parent=parent.id if parent else None, started_at=started, moment=moment.at,
        point=moment.point, system=server["system"], timeline=taken.timeline, first_wal=taken.first_wal, last_wal=moment.segment,
        version=server["version"], bytes=base.bytes, sha256=base.sha256, content=base.content, key=shelf.keys.current_id(box.PURPOSE),
        counts=moment.counts, head=moment.head, besides=objects,
    )  # fmt: skip


def _new_id(shelf: Shelf, at: datetime) -> str:
    """By its moment, to be read by people; what was left of one that was cut off in the same second goes."""
    found = at.strftime("%Y%m%dT%H%M%S")
    if shelf.record(found).exists():
        time.sleep(1)
        return _new_id(shelf, runs.now())
    return found


def _base(site: Site, shelf: Shelf, backup_id: str, parent: Backup | None) -> tuple[box.Sealed | None, basebackup.Taken | None]:
    """The cluster as PostgreSQL gives it. Nothing when it does not give it on this parent (what changed since is no longer known)."""
    before = None
    if parent:
        before = site.home / "pg" / "manifest.part"
        atomic.write(before, box.read(shelf.keys, shelf.manifest(parent.id)), mode=0o600)
    found: list[basebackup.Taken] = []
    about = {"kind": "base", "name": backup_id, "parent": parent.id if parent else None}
    try:
        sealed = box.write(
            shelf.keys,
            shelf.base(backup_id),
            about,
            lambda out: found.append(basebackup.take(site.home, f"kokunen {backup_id}", before, out)),
        )
    except Unavailable as error:
        if parent and error.code == "NP-3255":
            return None, None
        raise
    finally:
        if before:
            before.unlink(missing_ok=True)
    return sealed, found[0]


@dataclass(frozen=True)
class Moment:
    """A state of the databases that the WAL can be read up to, and what is in it."""

    at: datetime
    point: str
    segment: str
    counts: dict[str, int]
    head: tuple[int, str]


def _moment(site: Site, backup_id: str) -> Moment:
    """A named point between two transactions, with the rows and the head of the chain of that very state. Unavailable NP-3264 when the
    databases never stand still for as long as that takes (a millisecond)."""
    for attempt in range(TRIES):
        name = f"kokunen {backup_id} {attempt}"
        with site.session(PURPOSE) as session, session.transaction():
            session.run("backup/steady")
            seen = session.value("backup/snapshot")
            made = session.one("backup/point", name=name) or {}
            with site.session(PURPOSE) as other:
                still = other.value("backup/snapshot") == seen
            if still:
                counts, head = session.rows("backup/counts"), session.one("backup/head") or {}
                found = Moment(
                    made["moment"],
                    name,
                    made["segment"],
                    {row["name"]: row["n"] for row in counts},
                    (head["event_id"], head["hash"]),
                )
                session.value("backup/switch")
                return found
    raise Unavailable("NP-3264")


def _handed_over(home: Path, segment: str, patience: Callable[[], float] = time.monotonic) -> None:
    """Wait for a segment, in the spool or encrypted already. Unavailable NP-3262."""
    deadline = patience() + PATIENCE
    places = (spool.folder(home) / segment, catalog.shelf(home).wal / segment)
    while not any(path.exists() for path in places):
        if patience() > deadline:
            raise Unavailable("NP-3262")
        time.sleep(0.05)


def listed(home: Path) -> list[dict[str, Any]]:
    """All backups, newest first, as ``--json`` tells them."""
    days = registry.hokan().classes["H"].keep.days
    return [catalog.as_json(b, days) for b in reversed(catalog.known(catalog.shelf(home)))]
