"""出るもの: the rows of ``transfers.yaml``: what leaves, to whom, why, on which ground, with which permission, how.

Each outbound mapping has exactly one row. A page that does not agree with the mappings is refused (``DefinitionError`` NP-1101).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Literal

from pydantic import Field as Attr
from pydantic import model_validator

from etl.core.errors import DefinitionError
from etl.core.mapping.fields import Frozen, Word
from etl.core.mapping.layout import arriving, leaving, read_page
from etl.core.mapping.partners import PartnerName, partners
from etl.core.states import Operation
from etl.definitions import MAPPINGS, SQL

Kind = Literal["移転", "報告", "照会", "委託"]
Span = Literal["day", "month"]
Medium = Literal["sftp", "flash", "cd-r"]
#: (kind, period of the job) -> the steps between which a file is made; every 移転 by day has its job of the whole month as well
SENDING: dict[tuple[Kind, Span], tuple[str, ...]] = {
    ("移転", "day"): ("changes", "deliver"),
    ("移転", "month"): ("build", "release"),
    ("照会", "day"): ("ask", "place", "deliver"),
    ("報告", "day"): ("open", "make"),
}
WHOLE = ("whole", "deliver")
#: what the result of a run tells in any case (``etl.result``)
RESULT = (
    "run_id",
    "job",
    "period",
    "files",
    "outputs",
    "proposals",
    "late",
    "outcomes",
    "causes",
    "forms",
    "answers",
    "backup",
    "reports",
)


class Channel(Frozen):
    """``sftp``: over the システム連携基盤 to the server of a partner. ``flash``, ``cd-r``: sealed, with a 送受書."""

    kind: Medium
    to: PartnerName | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Channel:
        if (self.kind == "sftp") != (self.to is not None):
            raise ValueError("to: a partner where the channel is sftp, and only there")
        if self.to and self.to not in partners():
            raise ValueError(f"to: no partner {self.to}")
        return self


class SendingJob(Frozen):
    """The job that makes the file; rows with the same job must agree on it. ``needs``: inbound datasets of which every business day of a month
    must be in before its first version leaves by itself."""

    name: Word
    title: str
    period: Span
    needs: tuple[Word, ...] = ()


class Holds(Frozen):
    """A row without ``item`` cannot be written for this recipient: it is listed under ``title`` with its ``reason``, the others go."""

    item: Word
    reason: str
    title: str


class Versions(Frozen):
    """The approval that a later version of a file needs."""

    kind: Word
    label: str
    days: int = Attr(ge=1)


#: days before the end of a permission from which it is told
WARN = 60


class Permission(Frozen):
    """提供・移転の許可: its number, when it is in force (``until`` included), and when its content was checked (P81)."""

    no: str = Attr(min_length=1)
    since: date = Attr(alias="from")
    until: date | None = None
    checked_on: date

    def in_force(self, day: date) -> bool:
        """Whether something may leave on it on this day."""
        return self.since <= day <= (self.until or date.max)

    def ends_in(self, day: date) -> int | None:
        """Days that are left after this one, when its end has to be thought of (fewer than none: it is over)."""
        left = (self.until - day).days if self.until else None
        return left if left is not None and left <= WARN else None


class Transfer(Frozen):
    """One row of ``transfers.yaml``: a file that leaves, its recipient, purpose, legal ground, permission, channel and period.

    ``items`` are what was permitted; the columns of the mapping must be among them, so a change of either is seen. ``kojin_no`` must be said,
    and only where the file has it. ``operation``: how the chain of records calls it. ``select``: the statement under ``sql/`` that chooses the
    rows; its parameters are those of the kind. ``monthly``: the job that sends the whole, beside the one that sends what changed.
    ``acknowledged``: business days within which the recipient says that it has it. ``counts``: under which word the result of a run tells its rows.
    """

    id: str = Attr(pattern=r"^[A-Z][0-9]{2}-[A-Z]+$")
    dataset: Word
    select: str = Attr(pattern=r"^(transfer|inquire|shintatsu)/[a-z0-9_]+$")
    kind: Kind
    recipient: str
    basis: tuple[str, ...] = Attr(min_length=1)
    purpose: str
    subjects: Word
    items: tuple[Word, ...]
    kojin_no: bool = False
    job: SendingJob
    monthly: SendingJob | None = None
    channel: Channel
    acknowledged: int | None = Attr(None, ge=1)
    operation: Operation
    holds: Holds | None = None
    approval: Versions | None = None
    counts: Word | None = None
    permission: Permission
    promise: tuple[str, ...] = ()

    @property
    def jobs(self) -> dict[str, tuple[SendingJob, tuple[str, ...]]]:
        """name -> the job and its steps."""
        found = {self.job.name: (self.job, SENDING[self.kind, self.job.period])}
        return found | ({self.monthly.name: (self.monthly, WHOLE)} if self.monthly else {})

    @property
    def on_change(self) -> bool:
        """Whether its recipient is told what changed, and what it has is kept."""
        return self.kind == "移転" and self.job.period == "day"

    @property
    def sealed(self) -> bool:
        """Whether the file exists nowhere but in the encrypted archive that is on its medium: one with 個人番号 does."""
        return self.kojin_no and self.channel.kind != "sftp"

    @property
    def role(self) -> str:
        """The log-in that reads what this recipient may have, and nothing else; its view has the same name without the first word."""
        return f"kokunen_{self.view}"

    @property
    def view(self) -> str:
        """The view of schema ``iten`` that shows what this recipient may have."""
        return self.id.lower().replace("-", "_")

    @property
    def text(self) -> str:
        """What the page says of it, always written the same way: what two people agree to. An item that a later version of the program adds, and
        of which the page says nothing, changes nothing."""
        return json.dumps(self.model_dump(mode="json", by_alias=True, exclude_defaults=True), sort_keys=True, ensure_ascii=False)

    @property
    def sha256(self) -> str:
        """Of that text: what was permitted."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @model_validator(mode="after")
    def _agrees(self) -> Transfer:
        layout = leaving().get(self.dataset)
        if layout is None:
            raise ValueError(f"{self.id}: no outbound mapping {self.dataset}")
        names = {f.name for f in layout.columns}
        if strange := names - set(self.items):
            raise ValueError(f"{self.id}: not permitted: {', '.join(sorted(strange))}")
        if ("kojin_no" in names) != self.kojin_no:
            raise ValueError(f"{self.id}: kojin_no is said of a file that has it, and only there")
        if self.holds and self.holds.item not in names:
            raise ValueError(f"{self.id}: holds: no item {self.holds.item}")
        if (self.kind, self.job.period) not in SENDING:
            raise ValueError(f"{self.id}: no steps for {self.kind} by {self.job.period}")
        if self.monthly and not (self.on_change and self.monthly.period == "month"):
            raise ValueError(f"{self.id}: monthly: the whole of a month, of a recipient that is told what changed")
        if (self.kind == "移転" and not self.on_change) != (self.approval is not None):
            raise ValueError(f"{self.id}: approval of later versions belongs to 移転 by month, and only there")
        if len(set(self.items)) != len(self.items):
            raise ValueError(f"{self.id}: items: one stands twice")
        if strange := set(self.job.needs) - set(arriving()):
            raise ValueError(f"{self.id}: needs: no inbound dataset {', '.join(sorted(strange))}")
        if self.counts in RESULT:
            raise ValueError(f"{self.id}: counts: {self.counts} is a word of every result")
        if self.permission.until and self.permission.until < self.permission.since:
            raise ValueError(f"{self.id}: permission: until comes before from")
        if self.acknowledged and self.channel.kind != "sftp":
            raise ValueError(f"{self.id}: acknowledged: only what goes by sftp")
        if self.holds and (self.kind != "移転" or self.on_change):
            raise ValueError(f"{self.id}: holds belongs to 移転 by month: a question that is kept was asked")
        if (self.kind == "移転") != bool(self.promise):
            raise ValueError(f"{self.id}: promise: of a 移転, and only there")
        if self.kind == "移転" and not layout.key:
            raise ValueError(f"{self.id}: what was sent is compared by a key")
        if self.approval and not all(layout.data.field(name).required for name in layout.key):
            raise ValueError(f"{self.id}: versions are compared by a key of required items")
        if not (SQL / f"{self.select}.sql").is_file():
            raise ValueError(f"{self.id}: select: no statement {self.select}")
        return self


@cache
def transfers() -> dict[str, Transfer]:
    """id -> row of ``transfers.yaml``: each outbound mapping has exactly one. DefinitionError NP-1101."""
    rows: list[Transfer] = read_page(MAPPINGS / "transfers.yaml", list[Transfer])
    ids, datasets = [r.id for r in rows], [r.dataset for r in rows]
    each_once("transfers", ids, set(ids), "every id once")
    each_once("transfers", datasets, set(leaving()), "every outbound mapping has one row")
    return {r.id: r for r in rows}


def row_of(dataset: str) -> Transfer:
    """The row of an outbound dataset."""
    return next(r for r in transfers().values() if r.dataset == dataset)


def unagreed(agreed: Mapping[str, str]) -> list[str]:
    """The rows that are written otherwise than was agreed to (id -> ``text``)."""
    written = {row.id: row.text for row in transfers().values()}
    return [name for name in sorted({*written, *agreed}) if written.get(name) != agreed.get(name)]


def change_hash(rows: Mapping[str, str]) -> str:
    """Of some rows (id -> their hash, empty: taken out): what is agreed to, or what the registry is. ``ledger.tourokubo_put`` and
    ``ledger.tourokubo_hash`` say the same."""
    return hashlib.sha256("\n".join(f"{name} {sha256}" for name, sha256 in sorted(rows.items())).encode()).hexdigest()


def each_once(file: str, said: list[str], wanted: set[str], why: str) -> None:
    """DefinitionError NP-1101 that names the entries that are missing, unknown or repeated."""
    if wrong := sorted({name for name in said if said.count(name) > 1} | set(said) ^ wanted):
        raise DefinitionError("NP-1101", file=f"{file}.yaml", why=f"{why}: {', '.join(wrong)}")
