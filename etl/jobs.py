"""業務: the jobs, their steps and their runs. The command line and the DAGs both come through here."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

from etl import hokan, ichiran, ingest, inquire, kyohi, reconcile, retire, rights, shinseisho, shintatsu, soushin, transfer
from etl import result as results
from etl import run as runs
from etl.backup import check, prune, take, verify
from etl.core.errors import DefinitionError, KokunenError, Refused, Unavailable, from_json
from etl.core.mapping import registry
from etl.core.mapping.city import ZONE
from etl.core.period import Period, moment_not_after, not_after, period, within_eras
from etl.core.receipts import Built, Loaded, Receipt
from etl.core.states import FileOutcome, RunState
from etl.door import papers
from etl.edge import db, failpoint
from etl.run import Run
from etl.site import Site

log = logging.getLogger(__name__)
Step = Callable[[Site, Run], Receipt]


def _release(site: Site, run: Run) -> Receipt:
    built = runs.receipt(site, run.run_id, Built)
    if built is None:
        raise Refused("NP-1006")
    sent = transfer.release(site, run, built.plans)
    hokan.copies(site, run)  # here, too: a version that was approved later leaves after its run's report
    return sent


def _place(site: Site, run: Run) -> Receipt:
    """The questions; those that were approved when the run was over go to their partner at once. Raises what keeps them here."""
    sent = inquire.place(site, run)
    if run.finished_at:
        delivered = soushin.deliver(site, run)
        runs.put_receipt(site, run.run_id, "deliver", delivered)
        for error in delivered.errors:
            raise from_json(dict(error))
    return sent


def _make(site: Site, run: Run) -> Receipt:
    """The media of what this run fixed; of what it opened, by the runs that fixed it, where their approvals have not made them. What is refused
    to one office holds up no other; then the first refusal is raised."""
    made = shintatsu.make(site, run)
    refused = []
    for fixer in shintatsu.fixers(site, run.run_id):
        if fixer != run.run_id:
            try:
                step(site, fixer, "make")
            except KokunenError as error:
                refused.append(error)
    if refused:
        raise refused[0]
    hokan.copies(site, run)  # its run is over
    return made


def _report(site: Site, run: Run) -> Receipt:
    made = results.make_sheet(site, run, registry.jobs()[run.job].title)
    hokan.copies(site, run)
    return made


#: step -> what it does; which job has which, and in what order, is in the registries
STEPS: dict[registry.Step, Step] = {
    "fetch": soushin.fetch, "land": ingest.land, "load": ingest.load, "check": ingest.check, "propose": ingest.propose, "notify": ingest.notify,
    "reconcile": reconcile.reconcile, "lists": ichiran.of_job, "print": shinseisho.after_answers, "ask": inquire.ask,
    "place": _place, "open": shintatsu.opening, "make": _make, "changes": transfer.changes, "whole": transfer.whole, "deliver": soushin.deliver,
    "build": transfer.build, "release": _release, "archive": hokan.archive,
    "expire": retire.expire, "retire": retire.retire, "shred": retire.shred,
    "backup": take.nightly, "verify": verify.monthly, "prune": prune.prune, "reapply": check.reapply, "compare": check.compare,
    "report": _report,
}  # fmt: skip


def parse_period(job: registry.Job, text: str) -> Period:
    """The period of a run of this job. Refused NP-1005 (no day or no month), NP-1008 (outside the eras)."""
    return period(text, job.period)


def start(
    site: Site, job: str, text: str, user: str, reason: str | None, as_known_at: datetime | None = None, run_key: str | None = None,
    business_on: date | None = None,
) -> str:  # fmt: skip
    """Begin a run (or continue the one with this key) for the period ``text``. Returns its id.

    Refused NP-1002, NP-1005, NP-1007, NP-1008, NP-1009, NP-1050, NP-1051; DefinitionError NP-1024, NP-1029, NP-1049.
    """
    with site.session() as session:
        db.check_durability(session)
    kyohi.collect(site)
    papers.tidy(site)
    runs.check_staging(site, registry.jobs()[job].reads)
    about = parse_period(registry.jobs()[job], text)
    if job in registry.hokan().jobs:  # of the house: it is about the day on which it is done
        business_on = business_on or site.today
    if about.span == "month":
        business_on = business_on or transfer.business_day(site, about)
    day = business_on or about.first
    for asked in (about, Period("day", day, day)):
        within_eras(asked)
        not_after(asked, site.today)
    if as_known_at:
        as_known_at = _moment(job, as_known_at)
    return runs.start(
        site,
        job,
        about.text,
        user,
        reason or transfer.DEFAULT_REASON,
        business_on=day,
        as_known_at=as_known_at,
        run_key=run_key,
        apart=not (registry.jobs()[job].once or job in registry.hokan().jobs) and _is_apart(site, about, reason),
    )


def _moment(job: str, known_at: datetime) -> datetime:
    """基準時刻, without a zone in the time of the city. Refused NP-1008, NP-1050, and NP-1051 for a job that makes no earlier state again."""
    if "build" not in registry.jobs()[job].steps:
        raise Refused("NP-1051", item=job)
    known_at = known_at if known_at.tzinfo else known_at.replace(tzinfo=ZONE)
    within_eras(Period("day", known_at.date(), known_at.date()))
    moment_not_after(known_at, runs.now())
    return known_at


def _is_apart(site: Site, about: Period, reason: str | None) -> bool:
    """業務日が離れた実行: what it would let leave or propose waits for a second person. Refused NP-1009 without a 処理事由."""
    nightly = [dataset for job in registry.jobs().values() if not job.once for dataset in job.reads]
    with site.session() as session:
        taken = session.one("ledger/taken_in", datasets=nightly) or {}
    apart = about.apart(taken["first_on"], taken["last_on"])
    if apart and not reason:
        raise Refused("NP-1009", item=about.text, **taken)
    return apart


def step(site: Site, run_id: str, name: registry.Step) -> Receipt:
    """One step of a run; its receipt is kept. The last step ends the run, red with the first refusal if there was one; of a run
    that ended so it is a new look at the files, from their arrival on, or one more try at the partners."""
    run = runs.get(site, run_id)
    steps = registry.jobs()[run.job].steps
    with site.session() as session:
        rights.gate(session, rights.act_of(run.job))  # a run of before a restore came back with it
    if name == steps[-1] and _ended_red(site, run_id, name):
        _look_again(site, run_id, ("deliver",) if "deliver" in steps else steps[:-1])
    try:
        with runs.alive(site, run_id):
            if name not in ("reapply", "compare"):  # they tell of all that is missing, keys too
                runs.require_keys(site)
            receipt = STEPS[name](site, run)
    except KokunenError as error:
        _finish_failed(site, run_id, error)
        raise
    except OSError as error:
        raised = Unavailable("NP-1026", volume=_volume(error))
        _finish_failed(site, run_id, raised)
        raise raised from None
    except Exception as error:
        _finish_failed(site, run_id, DefinitionError("NP-1099", item=type(error).__name__))
        raise
    except BaseException:  # Ctrl-C, a task that is told to end
        _finish_failed(site, run_id, Refused("NP-1018"))
        raise
    failpoint.reached(f"{name} done")
    runs.put_receipt(site, run_id, name, receipt)
    for line in results.messages(site, run_id, name):  # for the log of a task; the command line has its own way to say it
        log.warning("%s", line)
    if name == steps[-1]:
        _end(site, run_id)
    return receipt


def waits(site: Site, run_id: str) -> bool:
    """Whether a report to 日本年金機構 that the run opened is still looked through, or waits for another person."""
    return shintatsu.waits(site, run_id)


def _volume(error: OSError) -> str:
    """The folder that cannot be read or written, and why."""
    folder = Path(str(error.filename)).parent.name if error.filename else type(error).__name__
    return f"{folder}・{errno.errorcode.get(error.errno or 0, 'EIO')}"


def _finish_failed(site: Site, run_id: str, error: KokunenError) -> None:
    """Best effort: when the database is what failed, the run's row stays as it was and the error still goes out."""
    try:
        runs.finish(site, run_id, RunState.FAILED, error.code)
    except KokunenError:
        return


def _look_again(site: Site, run_id: str, steps: Sequence[registry.Step]) -> None:
    """The steps once more. What this run took in the first time stays told as taken in, not as a duplicate of itself."""
    first = runs.receipt(site, run_id, Loaded) or Loaded()
    taken = {f.name: f for f in first.files if f.outcome == FileOutcome.ACCEPTED}
    for name in steps:
        step(site, run_id, name)
        if name == "load":
            again = runs.receipt(site, run_id, Loaded) or Loaded()
            fresh = tuple(f for f in again.files if f.name not in taken)
            runs.put_receipt(site, run_id, name, Loaded((*taken.values(), *fresh), again.proposals))


def _ended_red(site: Site, run_id: str, last: registry.Step) -> bool:
    """Whether its last step was done and told of a refused file, or of a partner that could not be reached."""
    kept = runs.receipts(site, run_id)
    return last in kept and bool(results.refused(kept))


def _end(site: Site, run_id: str) -> None:
    refused = results.refused(runs.receipts(site, run_id))
    runs.finish(site, run_id, RunState.FAILED if refused else RunState.DONE, refused[0].code if refused else None)
    if refused:
        raise refused[0]
