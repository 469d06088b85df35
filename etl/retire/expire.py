"""期限消去: what goes by the policy alone (作業域 E, 基盤 F), told before it goes and reported every month. Two people are asked about nothing here, and
nothing here is the only copy of anything.

A way says what is due (``look``) and lets it go (``go``); the dry run asks the same. Its record is committed before anything goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from etl import hokan
from etl.audit import record
from etl.core.errors import Unavailable
from etl.core.mapping import registry
from etl.core.mapping.city import ZONE
from etl.core.mapping.keep import Period
from etl.core.mapping.layout import Arriving, arriving
from etl.core.receipts.house import Expired, Gone
from etl.core.shoukyo import Due
from etl.core.states import Operation
from etl.edge import db, failpoint, shred
from etl.hokan import clear
from etl.hokan.clear import Lying
from etl.retire import kiban
from etl.retire.candidates import in_words
from etl.run import Run
from etl.site import Site

HALF_WRITTEN = ".*.part"
NOT_OURS = ("pg", "airflow", "inbox")  # folders in which others write


@dataclass(frozen=True)
class Way:
    """A thing that goes by the policy. ``go`` raises Unavailable when it cannot go now."""

    due: Due
    go: Callable[[], object]


def look(session: db.Session, site: Site, as_of: date) -> list[Due]:
    """What would go on this day, and what is held back from it."""
    found = [*(way.due for way in _ways(session, site, as_of)), *kiban.due(site, as_of)]
    return [due for due in found if due.count or due.held]


def expire(site: Site, run: Run) -> Expired:
    """Everything that is due on the day of the run. What cannot go now (somebody loads) is told, and goes the next time."""
    hokan.copies(site, run)  # of papers: their clear ones may go
    gone = []
    with site.session() as session:
        for way in _ways(session, site, run.day):
            due, note = way.due, ""
            if due.count:
                with session.transaction():
                    counts = {"class": due.name, "count": due.count, "bytes": due.bytes, "held": due.held}
                    record(session, run, Operation.KIGEN_SHOUKYO, due.title, counts)
                failpoint.reached("expiry recorded")
                try:
                    way.go()
                except Unavailable as error:
                    note = str(error)
                session.commit()
                failpoint.reached("expired")
            if due.count or due.held or note:
                gone.append(Gone(due.name, due.title, due.count, due.bytes, due.held, note))
    return Expired((*gone, *kiban.clean(site, run)))


def _ways(session: db.Session, site: Site, as_of: date) -> Iterator[Way]:
    for layout in arriving().values():
        yield _staged(session, site, layout, as_of)
        yield _quarantined(session, site, layout, as_of)
    session.commit()
    classes = registry.hokan().classes
    papers, given = clear.papers(session, site, as_of), clear.given(site, as_of)
    session.commit()
    yield _lying("E", "控えのある帳票の平文", classes["B"].clear, papers, lambda: hokan.clear_papers(site, as_of))
    yield _lying("E", "読み出した控え", classes["E"].clear, given, lambda: clear.clear_given(site, as_of))
    yield _files("E", "書きかけのファイル", registry.hokan().platform["half_written"], _half_written(site), as_of)
    yield _files("F", "Airflow の業務記録（ファイル）", registry.hokan().platform["task_logs"], kiban.task_logs(site), as_of)
    yield _files("F", "PostgreSQL の記録（月ごと）", registry.hokan().platform["server_logs"], kiban.server_logs(site), as_of)


def _staged(session: db.Session, site: Site, layout: Arriving, as_of: date) -> Way:
    """Rows that a run which was killed has left in staging. They are locked while somebody loads."""
    keep, dataset = layout.keep["staging"], layout.dataset
    row = session.one("retire/staged_due", names={"dataset": dataset}, dataset=dataset) or {}
    over = row["n"] and (row["day"] is None or keep.ends_on(row["day"]) < as_of)
    due = Due("E", f"受入中の行　{layout.title}", in_words(keep), row["n"] if over else 0, 0, row["day"], row["day"])

    def go() -> None:
        with db.locked(session, dataset), session.transaction():
            session.run("ingest/clear", names={"dataset": dataset})

    return Way(due, go)


def _quarantined(session: db.Session, site: Site, layout: Arriving, as_of: date) -> Way:
    """隔離: the row itself, which is encrypted; its line, items and kinds are of the ledger and stay."""
    keep = layout.keep["quarantine"]
    before = as_of - timedelta(days=keep.days)
    row = session.one("retire/kakuri_due", dataset=layout.dataset, before=before) or {}
    due = Due(
        "E",
        f"隔離した行の暗号文　{layout.title}",
        in_words(keep),
        row["n"],
        row["bytes"],
        row["oldest"],
        row["newest"],
        row["held"],
    )

    def go() -> None:
        with site.session("retire") as retiring, retiring.transaction():
            retiring.value("retire/kakuri_kesu", dataset=layout.dataset, before=before)

    return Way(due, go)


# ---- files ------------------------------------------------------------------------------------------------------------------


def _half_written(site: Site) -> Iterator[Path]:
    """What killed writers left; nobody has written at one of them for days."""
    for folder in sorted(f for f in site.home.iterdir() if f.is_dir() and f.name not in NOT_OURS):
        yield from sorted(folder.rglob(HALF_WRITTEN))


def _files(name: str, title: str, keep: Period, paths: Iterator[Path], as_of: date) -> Way:
    """Files by their last change."""
    found: list[Lying] = []
    for path in paths:
        with suppress(FileNotFoundError):
            about = path.lstat()
            day = datetime.fromtimestamp(about.st_mtime, ZONE).date()
            if keep.ends_on(day) < as_of:
                found.append(Lying(path, about.st_size, day))

    def go() -> None:
        for one in found:
            shred.destroy(one.path)
        shred.sync(one.path.parent for one in found)

    return _lying(name, title, keep, found, go)


def _lying(name: str, title: str, keep: Period | None, found: Sequence[Lying], go: Callable[[], object]) -> Way:
    days, size = [one.since for one in found], sum(one.bytes for one in found)
    about = Due(name, title, in_words(keep) if keep else "", len(found), size, min(days, default=None), max(days, default=None))
    return Way(about, go)
