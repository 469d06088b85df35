"""回: a report of one 年金事務所 as it is now, and what is done to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from etl.audit import acting, close
from etl.core.errors import Refused
from etl.core.mapping.houkoku import houkoku
from etl.core.mapping.layout import codes
from etl.core.states import Decision, Koui, Shintatsu
from etl.edge import db
from etl.run import Run

LOCK = "shintatsu"


@dataclass(frozen=True)
class Report:
    """One row of ``ledger.shintatsu_ima``: which report it is, its state, what was fixed, made, handed over and received."""

    shintatsu_id: int
    run_id: str
    jimusho_code: str
    opened_on: date
    kakunin_until: date
    state: Shintatsu
    approval_id: int | None
    frozen_on: date | None
    content_hash: str | None
    maker: str | None
    checker: str | None
    decided_at: datetime | None
    expires_at: datetime | None
    baitai_no: int | None
    output_id: int | None
    name: str | None
    rows: int | None
    sha256: str | None
    made_at: datetime | None
    medium_no: int | None
    handed_on: date | None
    receiver: str | None
    receipt_no: str | None
    received_on: date | None
    received_no: str | None

    @property
    def office(self) -> str:
        """The name of the 年金事務所, without its wards."""
        return codes("nenkin_jimusho")[self.jimusho_code].split("（")[0]

    @property
    def addressee(self) -> str:
        return houkoku().jimusho[self.jimusho_code].atesaki

    @property
    def title(self) -> str:
        """How people call it: the office and the day on which it was opened."""
        return f"{self.office} {self.opened_on.isoformat()}"


def find(
    session: db.Session, *, shintatsu_id: int | None = None, run_id: str | None = None, approval_id: int | None = None, under_way: bool = False
) -> list[Report]:  # fmt: skip
    """Reports, the newest first."""
    rows = session.rows(
        "shintatsu/reports", shintatsu_id=shintatsu_id, run_id=run_id, approval_id=approval_id, under_way=under_way
    )
    return [Report(**{**row, "state": Shintatsu(row["state"]), "run_id": str(row["run_id"])}) for row in rows]


def one(session: db.Session, office: str) -> Report:
    """The report of an office (its code) that is under way, else its newest. Refused NP-4201 when it has none."""
    of_office = [r for r in find(session) if r.jimusho_code == office]
    under_way = [r for r in of_office if r.state in (Shintatsu.OPENED, Shintatsu.FROZEN, Shintatsu.APPROVED)]
    found = next(iter(under_way or of_office), None)
    if found is None:
        raise Refused("NP-4201", item=codes("nenkin_jimusho").get(office, office))
    return found


def act(
    session: db.Session, run: Run, report: Report, koui: Koui, done_on: date, *, approval_id: int | None = None,
    output_id: int | None = None, number: str | None = None, counts: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """In the caller's transaction. Refused NP-4202 when it is not possible in the state that the report has now, NP-3285 for an earlier day."""
    session.value(
        "shintatsu/act", shintatsu_id=report.shintatsu_id, act=koui, done_on=done_on, approval_id=approval_id, output_id=output_id,
        number=number, counts=json.dumps(counts or {}, ensure_ascii=False), reason=run.reason, **acting(run),
    )  # fmt: skip


def withdraw(session: db.Session, run: Run, report: Report) -> None:
    """What was fixed and nobody has decided on, in its term or not, is put before nobody any more. In the caller's transaction. Refused NP-2003 when
    somebody decides at this moment."""
    if report.approval_id and report.decided_at is None:
        close(session, run, report.approval_id, Decision.WITHDRAWN, run.reason)
