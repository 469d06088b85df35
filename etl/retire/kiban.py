"""基盤: what Airflow keeps of its runs. Its rows go by its own command, its task logs as files, its log of who did what only after it was exported."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from etl.audit import record
from etl.core.errors import KokunenError
from etl.core.mapping import registry
from etl.core.mapping.city import ZONE
from etl.core.mapping.keep import Period
from etl.core.receipts.house import Gone
from etl.core.shoukyo import Due
from etl.core.states import Operation
from etl.edge import db, inbox, shred
from etl.hokan import store
from etl.platform import clean as airflow
from etl.platform import server_log
from etl.retire.candidates import in_words
from etl.run import Run
from etl.site import Site

#: what of Airflow's is kept how long (``platform`` of mappings/hokan.yaml), which tables that is, and what people call it
TABLES = {
    "rows": (airflow.WORK, "Airflow の作業用の行（XCom など）"),
    "runs": (airflow.RUNS, "Airflow の実行の記録"),
    "log": (airflow.LOG, "Airflow の操作の記録（log）"),
}


def task_logs(site: Site) -> Iterator[Path]:
    """The logs of tasks, as files."""
    folder = site.home / "airflow" / "logs"
    yield from sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def server_logs(site: Site) -> Iterator[Path]:
    """What our own PostgreSQL said in the months before."""
    yield from server_log.earlier(site.home / "pg" / "server.log")


def before(day: datetime, keep: Period) -> datetime:
    """The moment before which everything is over on this day: a period that ends on a day is over on the next."""
    found = day.date()
    while keep.ends_on(found) >= day.date():
        found -= timedelta(days=1)
    return datetime.combine(found + timedelta(days=1), time(), ZONE)


def due(site: Site, as_of: date) -> Iterator[Due]:
    """What of Airflow's rows would go on this day. Unavailable NP-1020."""
    if airflow.prepared(site.home):
        for name, (tables, title) in TABLES.items():
            found = airflow.due(site.home, _before(as_of, name), tables)
            yield Due("F", title, in_words(registry.hokan().platform[name]), sum(found.values()), 0, None, None)


def clean(site: Site, run: Run) -> Iterator[Gone]:
    """What went from Airflow's database. What could not go is told, and goes the next time."""
    if not airflow.prepared(site.home):
        return
    try:
        for name in ("rows", "runs"):
            yield from _clean(site, run, name)
        if airflow.left_behind(site.home):
            airflow.drop_left_behind(site.home)
        yield from _log(site, run, _before(run.day, "log"))
    except KokunenError as error:
        yield Gone("F", "Airflow の整理", 0, 0, note=str(error))


def _log(site: Site, run: Run, moment: datetime) -> Iterator[Gone]:
    """Who did what in the pages: exported into the archive first (class B), then cleaned."""
    if not airflow.due(site.home, moment, airflow.LOG):
        return
    name = f"airflow_log_{moment:%Y%m%d}.csv"
    path = site.home / "airflow" / name
    airflow.export_log(site.home, moment, path)
    thing = store.Thing(
        path=path, kind="B", dataset="airflow_log", period=f"{moment:%Y-%m-%d}", name=name, personal=False, sha256=inbox.hashed(path),
        kept_from=run.day, keep=registry.hokan().classes["B"].keep,
    )  # fmt: skip
    with site.session() as session, db.locked(session, "hokan"):
        kept = store.keep(session, site, run, [thing])
        shred.destroy(path)
        store.cleared(session, kept)
    yield from _clean(site, run, "log")


def _clean(site: Site, run: Run, name: str) -> Iterator[Gone]:
    (tables, title), moment = TABLES[name], _before(run.day, name)
    due = airflow.due(site.home, moment, tables)
    if not due:
        return
    with site.session() as session, session.transaction():
        record(session, run, Operation.KIGEN_SHOUKYO, title, {"class": "F", "rows": due})
    airflow.clean(site.home, moment, list(due))
    yield Gone("F", title, sum(due.values()), 0)


def _before(day: date, name: str) -> datetime:
    return before(datetime.combine(day, time(), ZONE), registry.hokan().platform[name])
