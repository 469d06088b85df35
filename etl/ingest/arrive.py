"""受領: which files of the inbox are a run's, whether each is whole, and whether its turn has come."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from etl.audit import record
from etl.core.codec.decode import open_fixed
from etl.core.errors import KokunenError, Refused, SourceError
from etl.core.law import sequence
from etl.core.mapping import registry
from etl.core.mapping.layout import Arriving, arriving
from etl.core.mapping.names import parse_name
from etl.core.states import FileOutcome, Operation
from etl.edge import files
from etl.edge.db import Session
from etl.edge.form import open_medium
from etl.run import Run
from etl.site import Site, city

#: outcome of a file that changed nothing -> its record
NOT_ENTERED = {
    FileOutcome.REFUSED: Operation.UKEIRE_KYOHI, FileOutcome.WAITING: Operation.UKEIRE_TAIKI, FileOutcome.DUPLICATE: Operation.JUUFUKU_JUSHIN,
}  # fmt: skip


@dataclass(frozen=True)
class Inbound:
    """One whole file whose name, header and ``.end`` agree."""

    layout: Arriving
    arrival: files.Arrival
    business_on: date
    seq: int | None
    version: int
    stream: str
    resets: bool  # a 全件 file: sets the counter
    kubun: str | None  # 全件異動区分
    keyed_by: str | None = None  # who keyed a paper list: another person approves it

    @property
    def name(self) -> str:
        return self.arrival.path.name

    @property
    def numbers(self) -> dict[str, Any]:
        return {"dataset": self.layout.dataset, "business_on": self.business_on, "seq": self.seq, "version": self.version}


def slots_of(layout: Arriving, name: str) -> dict[str, Any]:
    """What a file name tells, by our words for it; empty if it is no name of the dataset."""
    told = parse_name(layout.file.name, name) or (parse_name(layout.file.form, name) if layout.file.form else None) or {}
    return {layout.numbers.get(slot, slot): value for slot, value in told.items()}


def day_of(dataset: str, name: str) -> date | None:
    """The business day that a name tells, None if it is no name of the dataset."""
    return slots_of(arriving()[dataset], name).get("business_on")


def arrived(site: Site, dataset: str, name: str) -> bool:
    """Whether the file is complete: its ``.end`` lies beside it. A medium has none: it is whole or refused."""
    return arriving()[dataset].file.format == "jps500" or files.arrived(site.inbox / dataset / name)


def candidates(session: Session, site: Site, dataset: str, day: date) -> list[str]:
    """Names of the inbox that belong to the business day, then those that waited in an earlier run, if they still lie there."""
    here = files.names(site.inbox / dataset)
    ours = [n for n in here if day_of(dataset, n) == day]
    waited = {row["name"] for row in session.rows("ledger/file_waiting", dataset=dataset)}
    return ours + [n for n in here if n in waited and n not in ours]


def misnamed(site: Site, dataset: str) -> int:
    """How many files of a dataset's inbox have a name that no file of it can have (the names themselves are not repeated)."""
    return sum(not slots_of(arriving()[dataset], n) for n in files.names(site.inbox / dataset))


def open_file(site: Site, dataset: str, name: str) -> Inbound:
    """Check one file against its ``.end``, its name, our city and its header. SourceError says what disagrees."""
    layout = arriving()[dataset]
    path = site.inbox / dataset / name
    slots = slots_of(layout, name)
    if slots.get("city", city()["code"]) != city()["code"]:
        raise SourceError("NP-2006", file=name, expected=city()["code"], found=slots["city"])
    if layout.file.format == "jps500":
        return _open_medium(layout, path, slots)
    arrival = files.receive(path)
    stream, resets, kubun = "main", False, None
    if layout.file.format == "fixed":
        header = open_fixed(path, layout).header
        _agree(name, slots, header)
        if layout.stream:
            kubun = header[layout.stream.by]
            stream, resets = layout.stream.names[kubun], kubun in layout.stream.resets
    return Inbound(layout, arrival, slots["business_on"], slots.get("seq"), slots.get("version", 1), stream, resets, kubun)


def _open_medium(layout: Arriving, path: Path, slots: dict[str, Any]) -> Inbound:
    """A media file of 日本年金機構 (or the form that stands for one): whole by its own preamble and trailers. Each medium stands alone, so
    it always sets its counter."""
    keyed_by: str | None = None

    def records(of: Path) -> int:
        nonlocal keyed_by
        opened, keyed_by = open_medium(of, layout, city()["code"][:5])
        _agree(of.name, slots, {layout.numbers.get(k, k): v for k, v in opened.preamble.items()})
        return opened.count

    arrival = files.receive_alone(path, records)
    return Inbound(layout, arrival, slots["business_on"], slots["seq"], 1, "main", True, None, keyed_by)


def _agree(name: str, slots: dict[str, Any], header: dict[str, Any]) -> None:
    """Name and header say the same city, day, number and version; the message shows both."""
    for slot, field in (("city", "shichoson_code"), ("business_on", "business_on"), ("seq", "seq"), ("version", "version")):
        if slot in slots and field in header and slots[slot] != header[field]:
            raise SourceError("NP-2007", file=name, field=field, expected=slots[slot], found=header[field])


def in_order(inbound: Iterable[Inbound]) -> list[Inbound]:
    """Counter by counter (異動 before 照会回答), by number and version; without numbers by day."""
    return sorted(inbound, key=lambda f: (f.stream != "idou", f.stream, f.seq or 0, f.version, f.business_on, f.name))


def duplicate_of(session: Session, inbound: Inbound) -> dict[str, Any] | None:
    """The accepted file with the same bytes, whatever its name (F14)."""
    return session.one("ledger/file_same_bytes", sha256=inbound.arrival.sha256, **inbound.numbers)


def turn(session: Session, run: Run, inbound: Inbound) -> None:
    """Returns when the file may be loaded now. Refused NP-2021/2022: it waits; SourceError NP-2010/2011: it is refused."""
    received = [sequence.Received(**row) for row in session.rows("ledger/file_received", dataset=inbound.layout.dataset, stream=inbound.stream)]
    verdict = sequence.judge(received, inbound.seq, inbound.version, inbound.business_on, inbound.resets)
    if verdict.verdict == "wait":
        raise Refused(verdict.code or "", file=inbound.name, **verdict.facts)
    if verdict.verdict == "refuse":
        raise SourceError(verdict.code or "", file=inbound.name, **verdict.facts)
    if verdict.verdict == "correct" or inbound.keyed_by:
        _need_approval(session, run, inbound)


def _need_approval(session: Session, run: Run, inbound: Inbound) -> None:
    """A 訂正, and what somebody keyed, enters only after a second person approved these very bytes (F15)."""
    what = {**inbound.numbers, "stream": inbound.stream, "sha256": inbound.arrival.sha256}
    known = session.one("ledger/teisei_find", **what)
    session.commit()
    if known and known["decision"] == "approved" and not known["expired"]:
        return
    if known and known["decision"] == "rejected":
        raise Refused("NP-2024", file=inbound.name)
    if known is None or known["expired"]:
        with session.transaction():
            approval = session.value(
                "ledger/approval_put", kind="teisei", run_id=run.run_id, subject=inbound.name,
                content_hash=inbound.arrival.sha256, maker=inbound.keyed_by or run.user_name, days=registry.approvals()["teisei"].term,
            )  # fmt: skip
            session.run("ledger/teisei_put", approval_id=approval, **what)
            record(session, run, Operation.NYURYOKU_KIAN if inbound.keyed_by else Operation.TEISEI_KIAN, inbound.name, {"approval_id": approval})
    raise Refused("NP-2026" if inbound.keyed_by else "NP-2022", file=inbound.name)


def put_outcome(session: Session, run: Run, dataset: str, name: str, outcome: str, error: KokunenError | None, **known: Any) -> None:
    """The ledger row and the record of a file that changed nothing (refused, waiting, 重複受信)."""
    inbound: Inbound | None = known.pop("inbound", None)
    slots = slots_of(arriving()[dataset], name)
    facts = {k: str(v) for k, v in error.facts.items()} if error else {}
    with session.transaction():
        session.value(
            "ledger/file_put", run_id=run.run_id, dataset=dataset, stream=inbound.stream if inbound else "-", resets=bool(inbound and inbound.resets),
            name=name, business_on=slots.get("business_on", run.day), seq=slots.get("seq"), version=slots.get("version", 1),
            bytes=inbound.arrival.bytes if inbound else 0, sha256=inbound.arrival.sha256 if inbound else "", outcome=outcome,
            code=error.code if error else None, facts=json.dumps(facts, ensure_ascii=False), first_file_id=known.get("first_file_id"),
            data_count=inbound.arrival.count if inbound else 0, new=0, updated=0, unchanged=0, quarantined=0, out_of_scope=0,
            gaiji_characters=0, gaiji_rows=0, file_id=None,
        )  # fmt: skip
        record(session, run, NOT_ENTERED[FileOutcome(outcome)], name, {"code": error.code if error else None})
