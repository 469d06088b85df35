"""平文の消去: the clear ones go: of a file that left when it was handed over, of a paper some days after, of what somebody let himself be given, too."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from etl.audit import record
from etl.core.errors import Refused
from etl.core.mapping import registry
from etl.core.mapping.city import ZONE
from etl.core.period import Period, not_after
from etl.core.states import Operation
from etl.edge import db, failpoint, inbox
from etl.hokan import store
from etl.run import Run, check_reason
from etl.site import Site


@dataclass(frozen=True)
class Handed:
    """A file that was handed over: when, to whom, the number of the 送受書 or of the receipt."""

    name: str
    handed_on: date
    receiver: str
    receipt_no: str


@dataclass(frozen=True)
class Lying:
    """A clear file that goes by the policy alone: where it lies, how large it is, since when."""

    path: Path
    bytes: int
    since: date


def hand_over(session: db.Session, site: Site, run: Run, told: Handed) -> None:
    """Record it, then let the clear parts go; those of what is kept count from that day. Under the lock ``hokan``, when all copies are taken.

    Refused NP-3208 (no file of this name has left), NP-3210 (handed over already), NP-1007 (a day to come), NP-3213 (one before it
    left), NP-1002, NP-1016.
    """
    hand_over_with(session, site, run, [told], lambda: None)


def hand_over_with(session: db.Session, site: Site, run: Run, told: Sequence[Handed], also: Callable[[], None]) -> None:
    """The same for several files, with something else, in one transaction: all of it or nothing."""
    found = [(one, _handing(session, site, one)) for one in told]
    with session.transaction():
        for one, output_id in found:
            _put(session, run, one, output_id)
        also()
    failpoint.reached("handed over")
    handed(session, site)


def _handing(session: db.Session, site: Site, told: Handed) -> int:
    """The output that is handed over."""
    for said in (told.receiver, told.receipt_no):
        check_reason(said)
    found = session.one("hokan/handing", name=told.name)
    if found is None:
        raise Refused("NP-3208", item=told.name)
    if found["handed_on"]:
        raise Refused("NP-3210", file=told.name, handed_on=found["handed_on"])
    not_after(Period("day", told.handed_on, told.handed_on), site.today)
    if told.handed_on < found["released_on"]:
        raise Refused("NP-3213", file=told.name, left_on=found["released_on"])
    output_id: int = found["output_id"]
    return output_id


def _put(session: db.Session, run: Run, told: Handed, output_id: int) -> None:
    """Its row, its period and its record. In the caller's transaction."""
    due_on = registry.hokan().classes["D"].keep.ends_on(told.handed_on)
    about: dict[str, Any] = {"receiver": told.receiver, "receipt_no": told.receipt_no}
    session.run("hokan/handed_put", output_id=output_id, handed_on=told.handed_on, run_id=run.run_id, **about)
    session.run("hokan/handed_due", output_id=output_id, kept_from=told.handed_on, due_on=due_on)
    record(session, run, Operation.HIKIWATASHI, told.name, {**about, "handed_on": told.handed_on.isoformat()})


def handed(session: db.Session, site: Site) -> int:
    """The clear parts of what was handed over go."""
    return _clear(session, site, session.rows("hokan/handed_lying"))


def papers(session: db.Session, site: Site, today: date) -> list[Lying]:
    """The clear papers whose days beside their encrypted copies are over."""
    rows = ((site.home / row["origin"], row) for row in session.rows("hokan/papers_lying", until=_until(today, "B")))
    return [Lying(path, row["bytes"], row["kept_from"]) for path, row in rows if path.exists()]


def clear_papers(session: db.Session, site: Site, today: date) -> int:
    """They go; how many. Under the lock ``hokan``."""
    return _clear(session, site, session.rows("hokan/papers_lying", until=_until(today, "B")))


def given(site: Site, today: date) -> list[Lying]:
    """What somebody let himself be given out of the archive, when its days are over; it is nobody's record."""
    tops = [(sorted(top.rglob("*")) if _is_folder(top) else [top], since) for top, since in _given(site, today)]
    files = [(path, since) for paths, since in tops for path in paths if not _is_folder(path)]
    return [Lying(path, path.lstat().st_size, since) for path, since in files]


def clear_given(site: Site, today: date) -> None:
    """It goes, with the folders that were made for it, and what else somebody has put beside them."""
    for path, _ in _given(site, today):
        if _is_folder(path):
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _given(site: Site, today: date) -> list[tuple[Path, date]]:
    since = (
        (path, datetime.fromtimestamp(path.lstat().st_mtime, ZONE).date()) for path in sorted((site.home / "yomidashi").glob("*"))
    )
    return [(path, day) for path, day in since if day <= _until(today, "E")]


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _until(today: date, name: str) -> date:
    """The last day whose clear ones go today."""
    keep = registry.hokan().classes[name].clear
    assert keep
    return today - timedelta(days=keep.days + 1)


def _clear(session: db.Session, site: Site, rows: Sequence[dict[str, Any]]) -> int:
    """Each clear file that is still as it was kept goes, with its ``.end``; one that was changed stays, and is told of elsewhere. One whose object
    was lost stays, too: Unavailable NP-3202, NP-3201 when the others are gone."""
    session.commit()
    if not rows:
        return 0
    lost = {row["object_id"]: error for row in rows if (error := store.lost(site, row["object_key"], row["name"]))}
    gone = [row["object_id"] for row in rows if row["object_id"] not in lost and _goes(site.home / row["origin"], row["sha256"])]
    failpoint.reached("clear gone")
    store.cleared(session, gone)
    for error in lost.values():
        raise error
    return len(gone)


def _goes(path: Path, sha256: str) -> bool:
    before = inbox.stamps(path)
    if before[0] is not None and inbox.hashed(path) != sha256:
        return False
    end = inbox.end_of(path)
    inbox.clear(end, inbox.stamps(end))  # first: no manifest points to nothing
    inbox.clear(path, before)
    return True
