"""判定: what the registry answers to a parcel, with what it is asked by, and its record. A refusal is written at once and stays; 許可 is written
with what leaves (P81, P82)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import NoReturn, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from etl.audit import record
from etl.core.errors import KokunenError
from etl.core.mapping.transfers import Transfer, transfers
from etl.core.states import Decision, Hantei, Operation
from etl.door.parcel import Parcel
from etl.door.permit import NUMBER, Answer, Approval, Facts, NotPermitted, permit, still
from etl.edge import db
from etl.run import Run

#: view of ``subjects`` -> what it knows a person by; of these a file has at least one
PERSONS = {"hihokensha": ("atena_no", "kiso_nenkin_no"), "shintatsu_taisho": ("uketsuke_no",)}
#: errors of the records of one recipient: those of the others can go
OF_A_RECIPIENT = ("NP-1130", "NP-2101", "NP-2102", "NP-2104", "NP-2108", "NP-2111", "NP-2113", "NP-2115", "NP-2116")
ATENA = ("atena_no",)
K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True)
class About:
    """What was asked about: a file for a recipient, and the row that it goes by, if there is one."""

    row: Transfer | None
    dataset: str
    name: str
    recipient: str


@dataclass(frozen=True)
class Permitted:
    """A parcel that may leave, with what the answer rests on."""

    parcel: Parcel
    facts: Facts

    def keep(self, session: db.Session, run: Run, output_id: int) -> None:
        """許可, and that its file is sent: in the caller's transaction."""
        _put(session, run, _about(self.parcel), Answer(Hantei.KYOKA), self.facts.registry, output_id)
        session.run("ledger/output_release", output_id=output_id, registry_sha256=self.facts.registry)


def require(
    session: db.Session,
    run: Run,
    parcel: Parcel,
    output_id: int | None = None,
    content: str | None = None,
    approval_id: int | None = None,
) -> Permitted:
    """Ask before anything is written. ``output_id``: of a version that was put before a second person; ``content``: what was, unless the
    records; ``approval_id``: the approval, where neither says which. NotPermitted, recorded in a transaction of its own."""
    facts = _facts(session, run, parcel, _approval(session, run, parcel, output_id, approval_id), content)
    answer = permit(parcel, facts)
    session.commit()
    if answer.code:
        _refuse(session, run, _about(parcel), answer, facts.registry)
    return Permitted(parcel, facts)


def require_still(session: db.Session, run: Run, dataset: str, name: str, recipient: str, today: date) -> None:
    """Ask once more when what the door let out goes onto a line or a medium, perhaps on another day. NotPermitted, recorded."""
    page = _written(dataset)
    agreed = session.one("door/agreed", row_id=page.id if page else "", day=run.day, dataset=dataset, period="") or {}
    session.commit()
    answer = still(page, recipient, run.day, today, agreed["sha256"])
    if answer.code:
        _refuse(session, run, About(page, dataset, name, recipient), answer, agreed["registry_sha256"])


def _refuse(session: db.Session, run: Run, about: About, answer: Answer, registry: str | None) -> NoReturn:
    with session.transaction():
        _put(session, run, about, answer, registry, None)
        told = {"answer": answer.hantei, "code": answer.code, **({"row": about.row.id} if about.row else {})}
        record(session, run, Operation.SOUSHUTSU_KYOHI, about.name, told)
    raise NotPermitted(answer.code or "", file=about.name, **answer.said)


def _about(parcel: Parcel) -> About:
    row = parcel.row
    return About(row if row.id in transfers() else None, row.dataset, parcel.name, row.recipient)


def _written(dataset: str) -> Transfer | None:
    """The row of the page."""
    return next((row for row in transfers().values() if row.dataset == dataset), None)


def each(things: Iterable[K], send: Callable[[K], T]) -> tuple[list[T], list[KokunenError]]:
    """One after another: what the registry refuses, or is wrong with one recipient's records, holds up no other. What was done, and what was not."""
    done, refused = list[T](), list[KokunenError]()
    for thing in things:
        try:
            done.append(send(thing))
        except KokunenError as error:
            if not (isinstance(error, NotPermitted) or error.code in OF_A_RECIPIENT):
                raise
            refused.append(error)
    return done, refused


def _facts(session: db.Session, run: Run, parcel: Parcel, approval: Approval | None, content: str | None) -> Facts:
    page = _written(parcel.row.dataset)
    of = {"row_id": parcel.row.id, "day": run.day, "dataset": parcel.row.dataset, "period": parcel.period}
    agreed = session.one("door/agreed", **of) or {}
    return Facts(
        day=run.day, period=run.period, job=run.job, apart=run.apart, row=page, agreed=agreed["sha256"], agreed_from=agreed["from_on"],
        registry=agreed["registry_sha256"], sent=agreed["sent"], strangers=_strangers(session, parcel), approval=approval,
        content=content or (parcel.chosen.body_sha256 if approval else ""),
    )  # fmt: skip


def _approval(session: db.Session, run: Run, parcel: Parcel, output_id: int | None, approval_id: int | None) -> Approval | None:
    """Of a version its own; of questions that of their run; of a report the one that it was fixed with."""
    kind = "shoukai" if parcel.row.kind == "照会" else None
    found = session.one("door/approval", approval_id=approval_id, output_id=output_id, run_id=run.run_id, kind=kind)
    return Approval(**{**found, "decision": found["decision"] and Decision(found["decision"])}) if found else None


def _strangers(session: db.Session, parcel: Parcel) -> int:
    """How many persons of the file are none of ``subjects``; a row that names nobody is of a stranger, too, but for a question by number."""
    rows = parcel.rows
    names = [name for name in PERSONS.get(parcel.row.subjects, ATENA) if name in rows.column_names]
    if not names:
        return int(rows.num_rows)
    if parcel.row.kind == "照会" and parcel.row.kojin_no and NUMBER in rows.column_names:
        rows = rows.filter(pc.is_null(rows[NUMBER]))
    columns = [pc.fill_null(pc.cast(rows[name], pa.string()), "") for name in names]
    persons = pc.unique(pc.binary_join_element_wise(*columns, "|"))
    if not len(persons):
        return 0
    said = pc.binary_join(pa.ListArray.from_arrays([0, len(persons)], persons), "\n")[0].as_py()  # one text: no list of Python's
    found: int = session.value(
        "door/strangers", names={"subjects": parcel.row.subjects, "columns": ", ".join(names)}, persons=said
    )
    return found


def _put(session: db.Session, run: Run, about: About, answer: Answer, registry: str | None, output_id: int | None) -> None:
    row = about.row
    session.run(
        "door/hantei_put", run_id=run.run_id, dataset=about.dataset, name=about.name, recipient=about.recipient, answer=answer.hantei,
        code=answer.code, business_on=run.day, registry_sha256=registry, output_id=output_id, row_id=row.id if row else None,
        row_sha256=row.sha256 if row else None,
    )  # fmt: skip
