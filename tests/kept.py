"""保管物 of the tests: an object with its row, its file and its key, as the archive leaves them, of any class and any age."""

from __future__ import annotations

import hashlib
import os
import secrets
from datetime import date
from pathlib import Path
from typing import Any

import kit

from etl import jobs
from etl import run as runs
from etl.core.mapping.keep import Period
from etl.core.states import RunState
from etl.hokan import store
from etl.run import Run
from etl.site import Site


def run_of(site: Site, user: str = "sousa01", reason: str = "試験") -> Run:
    """A run of retire_monthly of this user, for the month of today."""
    return runs.get(site, jobs.start(site, "retire_monthly", f"{site.today:%Y-%m}", user, reason))


def put(site: Site, due_on: date, kind: str = "C", *, name: str | None = None, size: int = 1000, **cells: Any) -> str:
    """An object that is over on the day after ``due_on``; its object_key."""
    key, content = secrets.token_hex(16), os.urandom(size)
    for path, data in ((site.home / "archive" / key, content), (site.home / "keys" / "objects" / key, secrets.token_bytes(60))):
        path.parent.mkdir(exist_ok=True, mode=0o700)
        path.write_bytes(data)
        path.chmod(0o600)
    row = {
        "object_key": key, "class": kind, "dataset": "juki_idou", "period": due_on.isoformat(), "personal": True, "file_id": None,
        "name": name or f"JUKIIDOU_141305_{due_on:%Y%m%d}_{int(key[:4], 16):06}_01.dat", "origin": "inbox/juki_idou", "bytes": size,
        "sha256": hashlib.sha256(content).hexdigest(), "sealed_bytes": size, "sealed_sha256": hashlib.sha256(content).hexdigest(),
        "kept_from": date.fromordinal(due_on.toordinal() - 30), "due_on": due_on, "run_id": ended_run(site), **cells,
    }  # fmt: skip
    insert(site, "ledger.object", row)
    return key


def sealed(site: Site, kept_from: date, count: int) -> None:
    """Originals that really lie in the archive, encrypted, kept since that day."""
    run, things = runs.get(site, ended_run(site)), []
    for n in range(count):
        path = site.home / "aside" / f"original{n}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content := f"original {n}".encode())
        things.append(
            store.Thing(
                path=path, kind="C", dataset="juki_idou", period=kept_from.isoformat(), name=path.name, personal=True,
                sha256=hashlib.sha256(content).hexdigest(), kept_from=kept_from, keep=Period(30, "days"),
            )
        )  # fmt: skip
    with site.session() as session:
        ids = store.keep(session, site, run, things)
        for thing in things:
            thing.path.unlink()
        store.cleared(session, ids)


def ended_run(site: Site) -> str:
    """A run that is over."""
    run_id = runs.start(site, "ichiran", "2025-09", "sousa01", "試験", business_on=kit.DAY, as_known_at=None, run_key=None)
    runs.finish(site, run_id, RunState.DONE)
    return run_id


def insert(site: Site, table: str, row: dict[str, Any]) -> None:
    """A row as the jobs would insert it."""
    from sqlalchemy import text

    with site.session() as session:
        names = ", ".join(row)
        session.connection.execute(text(f"insert into {table} ({names}) values ({', '.join(f':{n}' for n in row)})"), row)
        session.commit()


def places(site: Site, key: str) -> tuple[Path, Path]:
    """Where an object and its key lie."""
    return site.home / "archive" / key, site.home / "keys" / "objects" / key


def there(site: Site, key: str) -> bool:
    """Whether object and key are both there; never one alone after a whole run."""
    found = {path.exists() for path in places(site, key)}
    assert len(found) == 1
    return found.pop()


def aged(path: Path, day: date) -> Path:
    """A file that has lain there since that day."""
    from datetime import datetime, time

    from etl.core.mapping.city import ZONE

    moment = datetime.combine(day, time(12), ZONE).timestamp()
    os.utime(path, (moment, moment))
    return path
