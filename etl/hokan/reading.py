"""参照: what is in the archive, whether it opens, and the clear copy that somebody with a reason lets himself be given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from etl.audit import record
from etl.core.errors import KokunenError, Refused
from etl.core.states import Operation
from etl.edge import db
from etl.hokan import store
from etl.run import Run
from etl.site import Site

NEVER = date.max


@dataclass(frozen=True)
class Kept:
    """An object, as people are told of it; ``due_on`` None: for good, or nobody knows yet (what left and was not handed over)."""

    object_id: int
    object_key: str
    kind: str
    dataset: str
    period: str
    name: str
    personal: bool
    bytes: int
    sha256: str
    sealed_sha256: str
    kept_from: date
    due_on: date | None
    archived_at: datetime
    clear: bool
    handed_on: date | None
    gone: bool

    @property
    def row(self) -> dict[str, Any]:
        return {"object_key": self.object_key, "dataset": self.dataset, "name": self.name, "sha256": self.sha256}


def listed(site: Site, dataset: str | None = None, period: str | None = None) -> list[Kept]:
    """What the archive has, and had; oldest first."""
    with site.session() as session:
        return _rows(session, dataset=dataset, period=period)


def _rows(session: db.Session, **which: Any) -> list[Kept]:
    rows = session.rows("hokan/objects", **{"dataset": None, "period": None, "object_id": None, "name": None, **which})
    session.commit()
    return [_kept(row) for row in rows]


def _kept(row: dict[str, Any]) -> Kept:
    said = (
        "object_id",
        "object_key",
        "dataset",
        "period",
        "name",
        "personal",
        "bytes",
        "sha256",
        "sealed_sha256",
        "kept_from",
        "archived_at",
    )
    return Kept(
        kind=row["class"], due_on=None if row["due_on"] == NEVER else row["due_on"], clear=row["cleared_at"] is None,
        handed_on=row["handed_on"], gone=row["key_gone_at"] is not None, **{name: row[name] for name in said},
    )  # fmt: skip


def find(session: db.Session, which: str) -> Kept:
    """By its number or its name. Refused NP-3208 (none), NP-3212 (several of this name that still are there), NP-3209 (it is gone)."""
    by_id = which.isascii() and which.isdigit() and len(which) < 12
    found = _rows(session, object_id=int(which)) if by_id else _rows(session, name=which)
    there = [kept for kept in found if not kept.gone]
    if not found:
        raise Refused("NP-3208", item=which)
    if not there:
        raise Refused("NP-3209", item=which)
    if len(there) > 1:
        raise Refused("NP-3212", item=which, found=len(there))
    return there[0]


def read(site: Site, run: Run, which: str) -> Path:
    """The clear copy, for whoever runs this alone (mode 600), in a folder of its own. Its record is committed first. Refused as above and NP-3203,
    Unavailable NP-3201, NP-3202, NP-1026, NP-1031."""
    with site.session() as session:
        kept = find(session, which)
        with session.transaction():
            record(
                session,
                run,
                Operation.HOKAN_SANSHOU,
                kept.name,
                {"object_id": kept.object_id, "class": kept.kind, "sha256": kept.sha256},
            )
    target = site.home / "yomidashi" / run.run_id / kept.name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    store.open_sealed(site, kept.row, target)
    return target


@contextmanager
def lent(session: db.Session, site: Site, run: Run, output_id: int, name: str) -> Iterator[Path | None]:
    """The clear copy of a file that left, for the block alone, recorded before it is there; None when the archive has none, or has it no more.
    As ``read``."""
    row = session.one("hokan/of_output", output_id=output_id, name=name)
    session.commit()
    if row is None or row["key_gone_at"]:
        yield None
        return
    with session.transaction():
        about = {"object_id": row["object_id"], "class": row["class"], "sha256": row["sha256"]}
        record(session, run, Operation.HOKAN_SANSHOU, name, about)
    target = site.home / "yomidashi" / run.run_id / name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        store.open_sealed(site, row, target)
        yield target
    finally:
        target.unlink(missing_ok=True)


@dataclass(frozen=True)
class Verified:
    """``amiss``: objects that do not open as they were written, with what is the matter."""

    objects: int
    bytes: int
    amiss: tuple[tuple[Kept, KokunenError], ...]


def verify(site: Site, tell: Callable[[int, int], None]) -> Verified:
    """Open every object that is still kept, and compare both its hashes. ``tell``: how many are done, of how many. Nothing clear is written."""
    rows = [kept for kept in listed(site) if not kept.gone]
    amiss: list[tuple[Kept, KokunenError]] = []
    for done, kept in enumerate(rows, 1):
        try:
            if store.open_sealed(site, kept.row).sealed_sha256 != kept.sealed_sha256:
                raise Refused("NP-3203", file=kept.name)
        except KokunenError as error:
            amiss.append((kept, error))
        tell(done, len(rows))
    return Verified(len(rows), sum(kept.bytes for kept in rows), tuple(amiss))
