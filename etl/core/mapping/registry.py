"""登録簿: jobs (``jobs.yaml`` and those that rows of ``transfers.yaml`` name), what is kept and goes (``hokan.yaml``), decisions of a second person
(``approvals.yaml``).

Each table is the only list of its kind: the jobs, the choices of the command line, 未決裁 in the status, the kinds that the database accepts
and the lists in the 手順書 are made from them. A registry that does not agree with the mappings is refused (``DefinitionError`` NP-1101).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal

from pydantic import Field as Attr
from pydantic import model_validator

from etl.core.errors import DefinitionError
from etl.core.mapping.fields import Frozen, Word
from etl.core.mapping.keep import Keep
from etl.core.mapping.layout import arriving, read_page, read_yaml
from etl.core.mapping.partners import giver
from etl.core.mapping.transfers import Span, Transfer, each_once, transfers
from etl.definitions import MAPPINGS

Step = Literal[
    "fetch", "land", "load", "check", "propose", "reconcile", "notify", "lists", "print", "ask", "place", "open", "make",
    "changes", "whole", "deliver", "build", "release", "archive", "expire", "retire", "shred", "backup", "verify", "prune", "reapply",
    "compare", "report",
]  # fmt: skip
#: what a job that takes files in may do between ``load`` and ``report``
After = Literal["check", "propose", "reconcile", "notify", "lists", "print"]


class Approval(Frozen):
    """A kind of decision of a second person, ``what`` it is about. It waits ``days``, or as long as ``days_of`` (dataset.keep) is kept.
    ``person``: it changes a person's records; ``settles``: a rejection is its end as well (so it is of those). ``locks``: datasets that must not
    be loaded meanwhile. ``step``: of the run, done with the approval."""

    label: str
    what: str
    days: int | None = Attr(None, ge=1)
    days_of: str | None = None
    person: bool = False
    settles: bool = False
    locks: tuple[Word, ...] = ()
    step: Literal["place", "make", "release", "shred"] | None = None

    @model_validator(mode="after")
    def _a_term(self) -> Approval:
        if (self.days is None) == (self.days_of is None):
            raise ValueError("days or days_of")
        if strange := set(self.locks) - set(arriving()):
            raise ValueError(f"locks: no inbound dataset {', '.join(sorted(strange))}")
        try:
            _ = self.term
        except KeyError as missing:
            raise ValueError(f"days_of: nothing is kept under {missing.args[0]}") from None
        return self

    @property
    def term(self) -> int:
        """How many days it waits."""
        if self.days is not None:
            return self.days
        dataset, _, what = (self.days_of or "").partition(".")
        return arriving()[dataset].keep[what].days


def _known(lists: tuple[str, ...], steps: tuple[str, ...]) -> None:
    """ValueError where lists are named without their step, or are none."""
    if bool(lists) != ("lists" in steps):
        raise ValueError("lists: named where the step is, and only there")
    if strange := set(lists) - set(read_yaml(MAPPINGS / "ichiran.yaml")):
        raise ValueError(f"lists: none called {', '.join(sorted(strange))}")


class Reading(Frozen):
    """A job that takes files in: its datasets in the order they are read, the steps after land and load. ``once``: not of every night."""

    title: str
    period: Span
    once: bool = False
    reads: tuple[Word, ...] = Attr(min_length=1)
    then: tuple[After, ...] = ()
    lists: tuple[Word, ...] = ()  # of ichiran.yaml, made by the step of this name

    @model_validator(mode="after")
    def _agrees(self) -> Reading:
        _known(self.lists, self.then)
        return self


class Job(Frozen):
    """A job: its Japanese name, its kind of period, its steps in order, and the datasets that it reads or sends (one of the house: neither)."""

    name: Word
    title: str
    period: Span
    steps: tuple[Step, ...]
    once: bool = False
    reads: tuple[Word, ...] = ()
    lists: tuple[Word, ...] = ()
    sends: tuple[str, ...] = ()


def _page(name: str, shape: Any) -> Any:
    return read_page(MAPPINGS / f"{name}.yaml", shape)


def _refuse(file: str, why: str, item: str | None = None) -> DefinitionError:
    return DefinitionError("NP-1101", file=f"{file}.yaml", item=item, why=why)


class HouseJob(Frozen):
    """A job of the house itself: it reads no file and sends none. ``once``: never by the clock."""

    title: str
    period: Span
    once: bool = False
    steps: tuple[Step, ...] = Attr(min_length=1)
    lists: tuple[Word, ...] = ()  # of ichiran.yaml, made by the step of this name

    @model_validator(mode="after")
    def _agrees(self) -> HouseJob:
        _known(self.lists, self.steps)
        return self


class Class(Frozen):
    """保存の区分: what is kept, how long where no mapping says it (``keep``), how it goes, and who says so."""

    title: str
    keep: Keep
    personal: Keep | None = None  # where it shows persons
    clear: Keep | None = None  # how long the clear one may lie beside the encrypted one
    goes: str
    by: Literal["nobody", "two", "policy", "people"]


class Backup(Frozen):
    """バックアップ: the weekday of the full one, what may be lost at most, and when its age is told."""

    full: int = Attr(ge=1, le=7)
    wal_minutes: int = Attr(ge=1, le=60)
    warn: int = Attr(ge=1)
    verify: int = Attr(ge=1)


class Hokan(Frozen):
    """``hokan.yaml``: the classes of what is kept, the rule of the backup, what the machine keeps of its work, and the jobs that see to it."""

    backup: Backup
    classes: dict[str, Class]
    platform: dict[Word, Keep]
    jobs: dict[Word, HouseJob] = Attr(default_factory=dict)


@cache
def hokan() -> Hokan:
    """What is kept and what goes (``hokan.yaml``). DefinitionError NP-1101."""
    found: Hokan = _page("hokan", Hokan)
    return found


@cache
def jobs() -> dict[str, Job]:
    """name -> job, in the order of a night, then the monthly ones: those of ``jobs.yaml``, those that rows of ``transfers.yaml`` name, and those
    of the house (``hokan.yaml``).

    DefinitionError NP-1101.
    """
    pages: dict[str, Reading] = _page("jobs", dict[Word, Reading])
    found = {
        name: Job(
            name=name, steps=(*_fetch(page), "land", "load", *page.then, "archive", "report"), **page.model_dump(exclude={"then"})
        )
        for name, page in pages.items()
    }
    read = [d for job in found.values() for d in job.reads]
    each_once("jobs", read, set(arriving()), "every inbound dataset is read by one job")
    for row in transfers().values():
        for made in _sending(row):
            old = found.get(made.name)
            found[made.name] = _together(old, made, row) if old else made
    for name, page in hokan().jobs.items():
        if name in found:
            raise _refuse("hokan", "another job has this name", name)
        found[name] = Job(name=name, **page.model_dump(exclude={"steps"}), steps=(*page.steps, "report"))
    return dict(sorted(found.items(), key=lambda item: item[1].period == "month"))


def _fetch(page: Reading) -> tuple[Step, ...]:
    """Where a partner gives what the job reads, it is fetched first."""
    return ("fetch",) if any(giver(dataset) for dataset in page.reads) else ()


def _sending(row: Transfer) -> Iterator[Job]:
    for job, steps in row.jobs.values():
        yield Job(steps=(*steps, "report"), sends=(row.id,), **job.model_dump(exclude={"needs"}))


def _together(old: Job, made: Job, row: Transfer) -> Job:
    """One job that sends several files. DefinitionError NP-1101."""
    both = made.model_copy(update={"sends": (*old.sends, row.id)})
    if old.model_copy(update={"sends": both.sends}) != both:
        raise _refuse("transfers", "two rows describe one job differently", made.name)
    if row.kind == "照会":
        raise _refuse("transfers", "a job of questions sends one file", made.name)
    return both


def sent_by(job: str) -> list[Transfer]:
    """The rows that a job sends, in the order of the registry."""
    return [transfers()[i] for i in jobs()[job].sends]


@cache
def approvals() -> dict[str, Approval]:
    """kind -> approval: those of ``approvals.yaml``, then those of later versions of files that leave. DefinitionError NP-1101."""
    found: dict[str, Approval] = _page("approvals", dict[Word, Approval])
    for row in transfers().values():
        if row.approval:
            made = Approval(
                label=row.approval.label, what=f"{row.job.title}の版 02 以降と、ひとりでに出せない最初の版", days=row.approval.days, step="release"
            )  # fmt: skip
            if found.setdefault(row.approval.kind, made) != made:
                raise _refuse("transfers", "two rows describe one approval differently", row.approval.kind)
    return found


def lists() -> dict[str, str]:
    """name -> title of the lists for people (``ichiran.yaml``), but those about one person."""
    return {name: about["title"] for name, about in read_yaml(MAPPINGS / "ichiran.yaml").items() if not about.get("person")}
