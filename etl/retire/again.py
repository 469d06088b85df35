"""再適用: after a restore, what was destroyed is destroyed again, by the ledger that is kept outside the database (``retired/``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from etl.audit import acting
from etl.core import shoukyo
from etl.core.shoukyo import Kind
from etl.edge import db, failpoint, retired, shred
from etl.retire import candidates
from etl.run import Run
from etl.site import Site


@dataclass(frozen=True)
class Again:
    """``rows``: of the database that said it was there (objects, persons); ``files``: objects and files of the inbox that lay there again."""

    rows: int
    files: int


def reapply(site: Site, run: Run) -> Again:
    """Destroy again whatever is there again; what is gone stays gone, so it may be called at any time. Unavailable NP-3225, NP-1021."""
    lines = list(retired.read(site.home))
    keys = [str(line["key"]) for line in lines if line["kind"] == Kind.OBJECT]
    with site.session() as session, db.locked(session, "shoukyo"):
        who = _persons(session, site, {line["key"] for line in lines if line["kind"] == Kind.KOUHO})
        with site.session("retire") as retiring, retiring.transaction():
            rows: int = retiring.value("retire/again", keys=keys, who=who, reason=run.reason, **acting(run))
        failpoint.reached("rows gone again")
        files = _objects(site, keys) + sum(_clear(site, line) for line in lines if line["kind"] == Kind.CLEAR)
    return Again(rows, files)


def _persons(session: db.Session, site: Site, sealed: set[str]) -> list[str]:
    """宛名番号 of the 取得候補 who are there again; the ledger outside knows keyed hashes."""
    if not sealed:
        return []
    rows = session.rows("retire/due_kouho", as_of=site.today)
    session.commit()
    return [row["atena_no"] for row in rows if site.keys.seal(shoukyo.person(row["atena_no"])) in sealed]


def _objects(site: Site, keys: Sequence[str]) -> int:
    """Keys, on the disk; then files. How many of these objects lay there, by their key or their file."""
    again: set[str] = set()
    for folder in (site.home / "keys" / "objects", site.home / "archive"):
        again |= {key for key in keys if shred.destroy(folder / key)}
        shred.sync([folder])
    return len(again)


def _clear(site: Site, line: dict[str, Any]) -> bool:
    """A file of the inbox that lies there as it did then. One that was sent again later is another."""
    path = candidates.found_at(site, str(line["key"]))
    if (
        path is None
        or shred.content_of(path) != line["sha256"]
        or path.lstat().st_mtime > datetime.fromisoformat(line["at"]).timestamp()
    ):
        return False
    shred.destroy(path)
    shred.sync([path.parent])
    return True
