"""許可: whether a parcel may leave, by its row of the registry: 許可, 拒否 or 未登録, with a code of its own for each reason.

Nothing is looked up here: what is known is in ``Facts`` (``door.hantei`` finds it, and records the answer). The first reason that applies is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from etl.core.codec import users
from etl.core.codec.digits import is_kojin_no
from etl.core.dates import month_range
from etl.core.errors import Refused
from etl.core.law.eigyoubi import last_business_day
from etl.core.mapping.transfers import Transfer
from etl.core.states import Decision, Hantei
from etl.door.parcel import Parcel

NUMBER, PERSON = "kojin_no", "atena_no"
TEXTS = ("text", "text3", "hankaku", "zenkaku", "jis")  # types of an item that may say anything
_TWELVE = r"(^|[^0-9])[0-9]{12}($|[^0-9])"


class NotPermitted(Refused):
    """The registry lets it not leave. It holds up no other file."""


@dataclass(frozen=True)
class Approval:
    """What a second person has said of what is to leave; ``created_on``: 作成年月日 of the version that it is about."""

    decision: Decision | None
    maker: str
    started_by: str
    checker: str | None
    late: bool
    content_hash: str
    made_on: date
    created_on: date | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of a parcel besides itself: the run (``apart``: 業務日が離れた実行), the row of the page for its dataset, the hash of the row
    that two people agreed to and since when (None: from the beginning), the hash of the registry, whether a version of the period was ``sent``,
    how many persons are none of ``subjects``, the approval that it rests on and the hash of what that should be about."""

    day: date
    period: str
    job: str
    apart: bool
    row: Transfer | None
    agreed: str | None
    agreed_from: date | None
    registry: str | None
    sent: bool
    strangers: int
    approval: Approval | None
    content: str


@dataclass(frozen=True)
class Answer:
    """The answer of the registry; ``said``: what its sentence names."""

    hantei: Hantei
    code: str | None = None
    said: dict[str, Any] = field(default_factory=dict)


#: what a reason names in its sentence, None where it does not apply
Said = dict[str, Any] | None


def permit(parcel: Parcel, facts: Facts) -> Answer:
    """The answer."""
    for code, reason in REASONS.items():
        if (said := reason(parcel, facts)) is not None:
            known = facts.row is not None and facts.agreed is not None
            return Answer(Hantei.KYOHI if known else Hantei.MITOUROKU, code, said)
    return Answer(Hantei.KYOKA)


def still(row: Transfer | None, recipient: str, day: date, today: date, agreed: str | None) -> Answer:
    """The answer to a file that the door let out, for a recipient, when it is about to go: as far as it can have changed since. ``today``: also of a
    run whose business day is over, for a permission ends with its last day."""
    if row is None:
        return Answer(Hantei.MITOUROKU, "NP-4161")
    if recipient != row.recipient:
        return Answer(Hantei.KYOHI, "NP-4162")
    if not row.permission.in_force(day):
        return Answer(Hantei.KYOHI, "NP-4164" if day < row.permission.since else "NP-4165", {"item": row.permission.no})
    if today > (row.permission.until or date.max):
        return Answer(Hantei.KYOHI, "NP-4165", {"item": row.permission.no})
    if row.sha256 != agreed:
        return Answer(Hantei.KYOHI, "NP-4172", {"item": row.id})
    return Answer(Hantei.KYOKA)


def _when(applies: bool, **said: Any) -> Said:
    return said if applies else None


def _unregistered(parcel: Parcel, facts: Facts) -> Said:
    return _when(facts.row is None or facts.row.id != parcel.row.id)


def _another_channel(parcel: Parcel, facts: Facts) -> Said:
    assert facts.row
    return _when(parcel.row.channel.kind != facts.row.channel.kind, item=parcel.row.channel.kind)


def _another_recipient(parcel: Parcel, facts: Facts) -> Said:
    assert facts.row
    ours, theirs = facts.row, parcel.row
    return _when((theirs.recipient, theirs.channel.to) != (ours.recipient, ours.channel.to))


def _with_number(parcel: Parcel, _: Facts) -> Said:
    """個人番号 where the row does not say so; a question has it only where nobody's 宛名番号 is known; no text holds one."""
    rows = parcel.rows
    if NUMBER in rows.column_names:
        both = PERSON in rows.column_names and pc.any(pc.and_(pc.is_valid(rows[NUMBER]), pc.is_valid(rows[PERSON]))).as_py()
        if not parcel.row.kojin_no or (parcel.row.kind == "照会" and both):
            return {"item": NUMBER}
    found = [name for name in _texts(parcel) if _holds_number(rows[name])]
    return _when(bool(found), item="・".join(found))


def _texts(parcel: Parcel) -> Iterator[str]:
    """Columns that may say anything; what the mapping does not know is one of them."""
    known = {f.name: f.type for f in parcel.layout.columns}
    for name in parcel.rows.column_names:
        if pa.types.is_string(parcel.rows.schema.field(name).type) and known.get(name, TEXTS[0]) in TEXTS:
            yield name


def _holds_number(texts: pa.ChunkedArray) -> bool:
    values = pc.unique(texts)
    found = values.filter(pc.fill_null(pc.match_substring_regex(values, _TWELVE), False)).to_pylist()
    return any(is_kojin_no(piece) for text in found for piece in _pieces(text))


def _pieces(text: str) -> list[str]:
    return "".join(c if c.isdigit() else " " for c in text).split()


def _another_column(parcel: Parcel, _: Facts) -> Said:
    strange = set(parcel.rows.column_names) - set(parcel.row.items)
    return _when(bool(strange), item="・".join(sorted(strange)))


def _not_yet(parcel: Parcel, facts: Facts) -> Said:
    return _when(facts.day < parcel.row.permission.since, item=parcel.row.permission.no)


def _no_longer(parcel: Parcel, facts: Facts) -> Said:
    return _when(facts.day > (parcel.row.permission.until or date.max), item=parcel.row.permission.no)


def _another_day(parcel: Parcel, facts: Facts) -> Said:
    """Of another period than the run's, or made on another day; a version that was approved keeps the day on which it was put forward, the whole of
    a month is of its last business day."""
    days = {facts.day, facts.approval.created_on if facts.approval else None}
    if parcel.row.monthly and parcel.month:
        days.add(last_business_day(month_range(parcel.month)[1]))
    return _when(parcel.period != facts.period or parcel.created_on not in days, item=parcel.created_on.isoformat())


def _another_job(parcel: Parcel, facts: Facts) -> Said:
    return _when(facts.job not in parcel.row.jobs, item=facts.job)


def _strangers(_: Parcel, facts: Facts) -> Said:
    return _when(facts.strangers > 0, count=facts.strangers)


def _unapproved(parcel: Parcel, facts: Facts) -> Said:
    """A report, a later version, what a run apart from the present asks or makes, and whatever was put before a second person at all. A first one
    has a higher number where candidates before it were overtaken."""
    said, row = facts.approval, parcel.row
    later = parcel.version > 1 and (facts.sent or row.approval is None)
    needed = row.kind == "報告" or later or said is not None or (facts.apart and (row.approval is not None or row.kind == "照会"))
    return _when(needed and (said is None or said.decision is not Decision.APPROVED or said.late))


def _self_approved(_: Parcel, facts: Facts) -> Said:
    said = facts.approval
    return _when(said is not None and any(users.same(said.checker or "", who) for who in (said.maker, said.started_by)))


def _changed(_: Parcel, facts: Facts) -> Said:
    return _when(facts.approval is not None and facts.approval.content_hash != facts.content)


def _registry_changed(parcel: Parcel, facts: Facts) -> Said:
    """The row in force came into force after what it permits was put forward."""
    since, said = facts.agreed_from, facts.approval
    return _when(said is not None and since is not None and since > said.made_on, item=parcel.row.id)


def _not_agreed(parcel: Parcel, facts: Facts) -> Said:
    """The row is not word for word the one in force."""
    assert facts.row
    return _when({parcel.row.sha256, facts.row.sha256} != {facts.agreed}, item=parcel.row.id)


#: code -> whether it is so, in the order in which they are asked
REASONS: dict[str, Callable[[Parcel, Facts], Said]] = {
    "NP-4161": _unregistered, "NP-4163": _another_channel, "NP-4162": _another_recipient, "NP-4173": _with_number, "NP-2105": _another_column,
    "NP-4164": _not_yet, "NP-4165": _no_longer, "NP-4174": _another_job, "NP-4167": _another_day, "NP-4166": _strangers,
    "NP-4168": _unapproved, "NP-4169": _self_approved, "NP-4170": _changed, "NP-4171": _registry_changed, "NP-4172": _not_agreed,
}  # fmt: skip
