"""取込: land → load (stage, validate, merge: one transaction per file) → check → propose. A run takes its files from the inbox.

A file's way: ``arrive`` (by its name, then whole) → ``turn`` (may it enter now) → ``stage`` (its records) → ``merge`` → ``outcome``.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

from etl import run as runs
from etl.core.errors import SourceError
from etl.core.mapping import registry
from etl.core.receipts import FileResult, FoundFile, Landed, Loaded, Proposed
from etl.core.states import FileOutcome
from etl.edge import db
from etl.ingest import arrive, idou, merge, outcome, stage, turn
from etl.ingest.inbound import Candidate, Inbound
from etl.ingest.kaitou import notify
from etl.ingest.uketsuke import check
from etl.run import Run, check_keys, take_fences
from etl.site import Site

__all__ = ["check", "land", "load", "notify", "propose"]


def land(site: Site, run: Run) -> Landed:
    """List the files that are there. Nothing is moved or opened: the inbox stays as the sender left it."""
    datasets = registry.jobs()[run.job].reads
    with site.session() as session:
        found = [arrive.candidates(session, site, dataset, run.day) for dataset in datasets]
        taken = session.rows("ledger/days_taken_in", datasets=list(datasets), business_on=run.day)
    files, left = (tuple(map(_found, chain.from_iterable(part))) for part in ((f.due for f in found), (f.left for f in found)))
    misnamed = {dataset: arrive.misnamed(site, dataset) for dataset in datasets}
    return Landed(files, misnamed, left, tuple(row["dataset"] for row in taken))


def _found(file: Candidate) -> FoundFile:
    return FoundFile(file.layout.dataset, file.name, arrive.arrived(file), file.business_on)


def load(site: Site, run: Run) -> Loaded:
    """Each file in its turn; a refused one leaves everything as it was and the next goes on, whatever is wrong with it. Unavailable NP-1021 if
    one is being loaded, NP-1020 without a database."""
    datasets = registry.jobs()[run.job].reads
    with site.session() as session, db.locked(session, "pension:shared", *datasets):
        with session.transaction():
            check_keys(session, site)
        fences = take_fences(session, list(datasets))
        landed = runs.receipt(site, run.run_id, Landed) or Landed()
        files = [file for dataset in datasets for file in _load_dataset(session, site, run, dataset, fences, landed)]
    return Loaded(tuple(files), sum(file.made for file in files))


def _load_dataset(
    session: db.Session, site: Site, run: Run, dataset: str, fences: dict[str, int], landed: Landed
) -> list[FileResult]:
    """Take what lies there, then load in the order of the counters. Of a file of another day that waits as before nothing is said."""
    found = arrive.candidates(session, site, dataset, run.day)
    whole: list[Inbound] = []
    missing = arrive.gone(session, site, dataset, (f.name for f in landed.files if f.dataset == dataset))
    done: list[tuple[Candidate, FileResult]] = [(f, outcome.not_loaded(session, run, f, SourceError("NP-2028"))) for f in missing]
    with stage.emptied(session, dataset):
        for file in found.due:
            session.commit()
            taken = _take(session, run, file, found)
            if isinstance(taken, Inbound):
                whole.append(taken)
            else:
                done.append((file, taken))
        done += [(file, _load_file(session, site, run, file, fences, found)) for file in arrive.in_order(whole)]
    return [
        replace(result, business_on=file.business_on, timing=arrive.timing(file, run.day, found.looked))
        for file, result in done
        if result.outcome != FileOutcome.WAITING or file.business_on == run.day or not _waited(found, file, result)
    ]


def _waited(found: arrive.Found, file: Candidate, result: FileResult) -> bool:
    look = found.looked.get(file.name)
    return look is not None and look["code"] == result.code


def _take(session: db.Session, run: Run, file: Candidate, found: arrive.Found) -> Inbound | FileResult:
    """The whole file, or what became of it: whatever happens while it is opened and read refuses this file, and no other."""
    before = arrive.stamps(file)
    try:
        return arrive.take(file)
    except Exception as error:
        return outcome.not_loaded(session, run, file, error, arrive.seen(file, before), found.looked.get(file.name))


def _load_file(
    session: db.Session, site: Site, run: Run, inbound: Inbound, fences: dict[str, int], found: arrive.Found
) -> FileResult:
    first = turn.duplicate_of(session, inbound)
    session.commit()
    if first:
        return outcome.duplicate(session, run, inbound, first)
    site = site.with_keys_of_now()  # what is staged under a key is entered under it
    try:
        turn.require(session, run, inbound)
        staged = stage.fill(session, site, inbound)
        return merge.enter(session, site, run, inbound, staged, fences)
    except Exception as error:
        if outcome.ends_the_run(error):
            raise
        return outcome.not_loaded(session, run, inbound, error, look=found.looked.get(inbound.name))


def propose(site: Site, run: Run) -> Proposed:
    """Proposals from the calendar (ages that are reached), whether or not a file came; those that nobody decided in time are made again."""
    with site.session() as session, db.locked(session, "pension:shared", "juki_idou"):
        return Proposed(idou.renew(session, run) + idou.ages(session, run))
