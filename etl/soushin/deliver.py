"""送信: every file that has left and was not sent yet goes to its partner, oldest first; a later one never before an earlier one of its dataset."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from etl import aitesaki
from etl.aitesaki import OF_A_FILE, OF_A_PARTNER, Known, Server
from etl.audit import record
from etl.core.codec.encode import end_of
from etl.core.codec.juryou import SUFFIX
from etl.core.errors import KokunenError, Refused
from etl.core.law.eigyoubi import next_business_day
from etl.core.mapping import registry
from etl.core.mapping.transfers import Transfer
from etl.core.receipts.partners import Acknowledged, Delivered, Delivery
from etl.core.states import Operation
from etl.door import numbers
from etl.door.hantei import require_still
from etl.door.look import holds
from etl.door.parcel import folder
from etl.edge import db, failpoint
from etl.hokan import reading
from etl.run import Run
from etl.site import Site
from etl.soushin import juryou

SECONDS = 20.0  # for an answer
NOTED = "soushin"  # in ``numbers/``: what went, whatever the database knows after a restore


@dataclass
class Done:
    """What came of it so far."""

    sent: list[Delivery] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    unregistered: dict[str, int] = field(default_factory=dict)
    strangers: int = 0
    errors: list[KokunenError] = field(default_factory=list)


def deliver(site: Site, run: Run, seconds: float = SECONDS) -> Delivered:
    """Partner by partner: one that cannot be reached, or shows another key, gets nothing, and the others do. Where nobody has said where a partner's
    server is, its files stay here. Unavailable NP-1021 when another run is at the same datasets."""
    rows = [row for row in registry.sent_by(run.job) if row.channel.to]
    known, done = aitesaki.listed(site), Done()
    for partner, its in _by_partner(rows).items():
        try:
            _to_partner(site, run, known.get(partner), partner, its, done, seconds)
        except KokunenError as error:
            if error.code not in OF_A_PARTNER:
                raise
            done.errors.append(error)
    with site.session() as session:
        overdue = session.rows("soushin/mikakunin", datasets=[row.dataset for row in rows], today=site.today)
    return Delivered(
        tuple(done.sent), tuple(done.acknowledged), done.unregistered, done.strangers, len(overdue),
        tuple(error.to_json() for error in done.errors),
    )  # fmt: skip


def _by_partner(rows: Sequence[Transfer]) -> Mapping[str, list[Transfer]]:
    found: dict[str, list[Transfer]] = defaultdict(list)
    for row in rows:
        found[row.channel.to or ""].append(row)
    return found


def _to_partner(
    site: Site, run: Run, known: Known | None, partner: str, rows: Sequence[Transfer], done: Done, seconds: float
) -> None:
    datasets = [row.dataset for row in rows]
    with site.session() as session, db.locked(session, *(f"soushin {dataset}" for dataset in datasets)):
        queue = session.rows("soushin/waiting", datasets=datasets)
        ever = session.value("soushin/ever", datasets=datasets)
        session.commit()
        if known is None:
            done.unregistered |= {partner: len(queue)} if queue else {}
            return
        if not (queue or ever):
            return
        with aitesaki.connected(site, partner, seconds) as server:
            if any(one["approval_id"] for one in queue):  # what was said of the time before belongs to that one
                first = {one["name"] for one in queue if not one["approval_id"]}
                done.acknowledged += juryou.read(session, run, server, partner, rows, first)[0]
            went = set()
            for row in rows:
                with _of_a_file(done):
                    for one in (one for one in queue if one["dataset"] == row.dataset):
                        done.sent.append(_send(session, site, run, server, known, row, one))
                        went.add(one["name"])
            read, strangers = juryou.read(session, run, server, partner, rows, {one["name"] for one in queue} - went)
            done.acknowledged += read
            done.strangers += strangers
        juryou.hand_over(session, site, run, rows)


@contextmanager
def _of_a_file(done: Done) -> Iterator[None]:
    """What cannot go keeps back what comes after it in its dataset, and nothing else."""
    try:
        yield
    except KokunenError as error:
        if error.code not in OF_A_FILE:
            raise
        done.errors.append(error)


def _send(
    session: db.Session, site: Site, run: Run, server: Server, known: Known, row: Transfer, one: Mapping[str, Any]
) -> Delivery:
    """One file, with its ``.end``; what went before a cut is found and not sent again. Refused NP-4105, NP-4121, NP-4122, NP-4123; NotPermitted."""
    require_still(session, run, row.dataset, one["name"], row.recipient, site.today)
    soushin_id = one["soushin_id"]
    went = soushin_id is not None or _went(site, server, one)
    taken = went and not server.has(one["name"])
    if not taken:
        with _content(session, site, run, one) as path:
            server.put(path, one["name"], one["sha256"])
            failpoint.reached("file delivered")
            soushin_id = soushin_id or _placed(session, site, run, known, one)
            end = end_of(one["name"], path.stat().st_size, one["sha256"], one["rows"])
        server.lay(json.dumps(end, ensure_ascii=False).encode(), f"{one['name']}.end")
        failpoint.reached("manifest delivered")
    soushin_id = soushin_id or _placed(session, site, run, known, one)
    due_on = _due_on(run.day, row.acknowledged)
    with session.transaction():
        session.run("soushin/sent", soushin_id=soushin_id, due_on=due_on)
        about = {
            "attempt": one["attempt"],
            "sha256": one["sha256"],
            "partner": known.place.partner,
            "host_key": known.fingerprint,
        }
        record(session, run, Operation.SOUSHIN, one["name"], about | ({"found": True} if taken else {}))
    failpoint.reached("delivery recorded")
    return Delivery(row.dataset, one["name"], known.place.partner, one["attempt"], due_on, taken)


def _went(site: Site, server: Server, one: Mapping[str, Any]) -> bool:
    """Of a file that the database does not know to have gone: whether it did (an older database was restored). Refused NP-4123 when it did, and
    nothing there tells of it."""
    if one["attempt"] == 1 and server.has(f"{one['name']}{SUFFIX}"):
        return True
    noted = _note(one) in numbers.given(site, NOTED)
    if noted and not server.has(one["name"]):
        raise Refused("NP-4123", file=one["name"])
    return noted


def _placed(session: db.Session, site: Site, run: Run, known: Known, one: Mapping[str, Any]) -> int:
    """It lies there, and is noted here before anybody there may take it: in the database, and outside of it."""
    with session.transaction():
        soushin_id: int = session.value(
            "soushin/placed", output_id=one["output_id"], attempt=one["attempt"], approval_id=one["approval_id"], run_id=run.run_id,
            partner=known.place.partner, host_key=known.fingerprint, business_on=run.day,
        )  # fmt: skip
    numbers.give(site, NOTED, _note(one), one["sha256"])
    return soushin_id


def _note(one: Mapping[str, Any]) -> str:
    return f"{one['name']}#{one['attempt']}"


def _due_on(day: date, days: int | None) -> date | None:
    """The last day on which its recipient may say that it has it: so many business days after the run's."""
    if days is None:
        return None
    for _ in range(days):
        day = next_business_day(day + timedelta(days=1))
    return day


@contextmanager
def _content(session: db.Session, site: Site, run: Run, one: Mapping[str, Any]) -> Iterator[Path]:
    """The file as it left: where it lies, or for the block out of the archive. Refused NP-4122 (changed), NP-4121 (nowhere)."""
    path = folder(site, one["dataset"], one["period"]) / one["name"]
    if path.exists() and not holds(path, one["sha256"]):
        raise Refused("NP-4122", file=one["name"])
    if path.exists():
        yield path
        return
    with reading.lent(session, site, run, one["output_id"], one["name"]) as lent:
        if lent is None:
            raise Refused("NP-4121", file=one["name"])
        yield lent
