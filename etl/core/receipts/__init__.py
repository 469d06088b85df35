"""受領証: the result of a step, for later steps and for people. Counts, names and hashes; never a row.

One frozen type per step (``RECEIPTS``). ``as_json`` is what the ledger keeps and Airflow may see, ``of_json`` reads it back, also what an
older version of this program kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

from etl.core.errors import DefinitionError
from etl.core.receipts.house import (
    Archived,
    BackedUp,
    Compared,
    Expired,
    List,
    Listed,
    Pruned,
    Reapplied,
    Retiring,
    Shredded,
    Verified,
)
from etl.core.receipts.partners import Delivered, Fetched
from etl.core.states import FileOutcome, PlanState, Timing
from etl.core.suite.findings import Finding


@dataclass(frozen=True)
class Counts:
    """The data records of one file, counted by what was done with them. They balance, also in the database (``counts_balance``)."""

    data: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0
    out_of_scope: int = 0

    def check(self, file: str) -> Counts:
        """Itself; DefinitionError NP-2014 unless data = new + updated + unchanged + quarantined + out_of_scope (spec 3)."""
        found = self.new + self.updated + self.unchanged + self.quarantined + self.out_of_scope
        if found != self.data:
            raise DefinitionError("NP-2014", file=file, expected=self.data, found=found)
        return self


@dataclass(frozen=True)
class FoundFile:
    """A file of the inbox; ``arrived``: it is whole."""

    dataset: str
    name: str
    arrived: bool
    business_on: date | None = None


@dataclass(frozen=True)
class Landed:
    """``files``: those that the run takes. ``misnamed``: dataset -> files whose name no file of it can have. ``left``: files of earlier days
    that were refused and lie there unchanged. ``taken``: datasets of which an earlier run has taken in a file of this day."""

    files: tuple[FoundFile, ...] = ()
    misnamed: Mapping[str, int] = field(default_factory=dict)
    left: tuple[FoundFile, ...] = ()
    taken: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileResult:
    """The outcome of one inbound file. ``error``: the KokunenError as JSON. ``last``: the count of the file before it. ``made``,
    ``withdrawn``: proposals that followed. ``gaiji``: characters and rows. ``refused``: 照会番号 -> answers that nobody waited for.
    ``quarantined``: the first bad lines, with items and kinds (of a refused file, as many as are listed). ``timing``: whether it came on its
    own business day (``business_on``)."""

    dataset: str
    name: str
    outcome: FileOutcome
    code: str | None = None
    error: dict[str, Any] | None = None
    counts: Counts = Counts()
    last: int | None = None
    made: int = 0
    withdrawn: int = 0
    findings: tuple[Finding, ...] = ()
    gaiji: tuple[int, int] = (0, 0)
    refused: Mapping[str, int] = field(default_factory=dict)
    quarantined: tuple[tuple[int, tuple[str, ...], tuple[str, ...]], ...] = ()
    business_on: date | None = None
    timing: Timing = Timing.ON_TIME


@dataclass(frozen=True)
class Loaded:
    """``proposals``: how many decisions wait for a second person because of these files."""

    files: tuple[FileResult, ...] = ()
    proposals: int = 0


@dataclass(frozen=True)
class Checked:
    """突合1: intakes that were checked, those with findings, 受付 that began and ended."""

    checked: int
    with_findings: int
    begun: int
    ended: int


@dataclass(frozen=True)
class Proposed:
    """The proposals from the calendar."""

    proposals: int


@dataclass(frozen=True)
class Reconciled:
    """``outcomes``: word of ``Totsugo`` -> number; ``causes``: of results without an intake, word of ``UketsukeNashi`` -> number."""

    stored: int
    changed: int
    withdrawn: int
    proposals: int
    outcomes: Mapping[str, int]
    causes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Notice:
    """A notice to a sender: how many answers were refused and held."""

    path: str
    refused: int
    held: int


@dataclass(frozen=True)
class Notified:
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class PrintedFile:
    """The forms of one 受付区."""

    path: str
    ku: str
    pages: int


@dataclass(frozen=True)
class Printed:
    forms: tuple[PrintedFile, ...] = ()


@dataclass(frozen=True)
class Asked:
    """How many questions there are, by reason. ``proposals``: 1 when they wait for a second person."""

    questions: int
    reasons: Mapping[str, int]
    proposals: int = 0


@dataclass(frozen=True)
class Output:
    """A file that left (or was made again). ``findings``: the warnings of its suite, which did not stop it."""

    dataset: str
    path: str
    rows: int
    sha256: str
    version: int
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Sent:
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True)
class OpenedReport:
    """進達 of one office under review: until when, how many candidates, of them held, left out, with something to look at, and overdue."""

    number: int
    office: str
    until: date
    opened_on: date
    count: int
    held: int
    left_out: int
    alerts: int
    overdue: int


@dataclass(frozen=True)
class Opened:
    """``lists``: by which the reports are looked through."""

    reports: tuple[OpenedReport, ...] = ()
    lists: tuple[List, ...] = ()


@dataclass(frozen=True)
class Told:
    """What the file of a business day tells one recipient. ``overtaken``: nothing, for a later day was done before."""

    dataset: str
    added: int = 0
    changed: int = 0
    deleted: int = 0
    overtaken: bool = False


@dataclass(frozen=True)
class Changes:
    """都度の移転: files that left, and what each recipient was told, also where that was nothing. ``errors``: as JSON; what the registry refused."""

    outputs: tuple[Output, ...] = ()
    told: tuple[Told, ...] = ()
    errors: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Whole:
    """月次の全件. ``differences``: dataset -> records that are other than what the recipient had from the files of the days: always 0, else
    nothing leaves. ``errors``: as of ``Changes``."""

    outputs: tuple[Output, ...] = ()
    differences: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Plan:
    """A month of one dataset before it is sent. Month, ``known_at`` and ``created_on`` (ISO) make the same bytes again. ``why``: what keeps a first
    version from leaving by itself. ``findings``: of the suite of what waits."""

    dataset: str
    known_at: str
    rows: int
    held: int
    body_sha256: str
    created_on: str
    state: PlanState
    version: int
    why: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Built:
    """``proposals``: versions that wait for a second person."""

    plans: tuple[Plan, ...] = ()
    proposals: int = 0


@dataclass(frozen=True)
class Reported:
    """処理結果表, as xlsx and text."""

    sheet: str
    text: str


R = TypeVar("R")
Receipt = (
    Fetched | Landed | Loaded | Checked | Proposed | Reconciled | Listed | Notified | Printed | Asked | Opened | Sent | Changes
    | Whole | Delivered | Built | Archived | Expired | Retiring
    | Shredded | BackedUp | Verified | Pruned | Reapplied | Compared | Reported
)  # fmt: skip
#: step -> what it leaves
RECEIPTS: dict[str, type[Receipt]] = {
    "fetch": Fetched, "land": Landed, "load": Loaded, "check": Checked, "propose": Proposed, "reconcile": Reconciled,
    "lists": Listed, "notify": Notified,
    "print": Printed, "ask": Asked, "place": Sent, "open": Opened, "make": Sent, "changes": Changes,
    "whole": Whole, "deliver": Delivered, "build": Built, "release": Sent, "archive": Archived, "expire": Expired,
    "retire": Retiring, "shred": Shredded, "backup": BackedUp, "verify": Verified, "prune": Pruned, "reapply": Reapplied,
    "compare": Compared, "report": Reported,
}  # fmt: skip


#: of a type, made once: to read its fields costs more than to read a receipt
_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)


def as_json(receipt: Receipt | FileResult | Output) -> dict[str, Any]:
    """The form that the ledger keeps: plain texts, numbers, lists."""
    content: dict[str, Any] = _adapter(type(receipt)).dump_python(receipt, mode="json")
    return content


def of_json(shape: type[R], content: Mapping[str, Any]) -> R:
    """A receipt as it was left; items that an older one lacks get their default."""
    found: R = _adapter(shape).validate_python(content)
    return found


#: the items of a file, a list or an output that are safe in Airflow: everybody who may see a run can read them
SAFE = (
    "dataset",
    "name",
    "arrived",
    "outcome",
    "code",
    "counts",
    "rows",
    "version",
    "sha256",
    "state",
    "business_on",
    "timing",
    "number",
    "count",
    "bytes",
    "items",
    "gone",
    "held",
)


def for_airflow(receipt: Receipt) -> dict[str, Any]:
    """The parts of a receipt safe to store in Airflow: counts, names and hashes; of a plan nothing, the ledger has it."""
    kept = {name: value for name, value in as_json(receipt).items() if name != "plans"}
    return {
        name: [{k: x[k] for k in SAFE if k in x} for x in value] if isinstance(value, (list, tuple)) else value
        for name, value in kept.items()
    }
