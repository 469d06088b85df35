"""保全: what must stay, whatever its period says. One person sets a hold, two release it; past its review date it is told, and holds on.

A hold is of one object, of a person, of days, or of a person within days. Nobody is named outside the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from etl.audit import close, record, shimei4
from etl.core.dates import wareki
from etl.core.errors import Refused
from etl.core.mapping import registry
from etl.core.shoukyo import hold_hash
from etl.core.states import Decision, Operation
from etl.edge import db, failpoint
from etl.run import Run, check_keys
from etl.site import Site

KIND = "hozen"  # of approval
LARGEST = 2**63  # numbers of the database are smaller
KINDS = ("訴訟", "開示請求", "監査", "事故")


@dataclass(frozen=True)
class Wanted:
    """What is to be held, why, and by when somebody looks whether it still must be."""

    kind: str
    reason: str
    review_on: date
    object_id: int | None = None
    atena_no: str | None = None
    first_on: date | None = None
    last_on: date | None = None


def set_hold(site: Site, run: Run, wanted: Wanted) -> int:
    """A hold; its number. It stands when this returns: what was not begun before it stays. Refused NP-3228 (nothing to hold), NP-3229 (a
    review that is past)."""
    if wanted.review_on < site.today:
        raise Refused("NP-3229", item=wanted.review_on.isoformat())
    with site.session() as session, session.transaction():
        session.value("retire/hozen_lock")
        if wanted.object_id and not session.value("retire/object_known", object_id=wanted.object_id):
            raise Refused("NP-3228", item=str(wanted.object_id))
        about = {k: getattr(wanted, k) for k in ("kind", "object_id", "atena_no", "first_on", "last_on", "reason", "review_on")}
        hold_id: int = session.value("retire/hold_put", run_id=run.run_id, **about)
        who = wanted.atena_no
        if who:
            check_keys(session, site)  # the 4情報 of the record are encrypted
        counts = {"kind": wanted.kind, "object_id": wanted.object_id, "review_on": wanted.review_on.isoformat(), **_days(wanted)}
        signs = shimei4(session, site, [who]) if who else {}
        record(session, run, Operation.HOZEN, f"hold/{hold_id}", counts, atena_no=who, shimei4=signs.get(who or ""))
        failpoint.reached("hold written")
    return hold_id


def _days(wanted: Wanted) -> dict[str, str]:
    return {k: day.isoformat() for k in ("first_on", "last_on") if (day := getattr(wanted, k))}


def ask_release(site: Site, run: Run, hold_id: int) -> int:
    """The release of a hold, put before another person; the approval. It overtakes one that waits. Refused NP-3230 when no such hold stands."""
    if not 0 < hold_id < LARGEST:
        raise Refused("NP-3230", item=str(hold_id))
    with site.session() as session, session.transaction():
        session.value("retire/hozen_lock")
        row = session.one("retire/holds", hold_id=hold_id, today=site.today)
        if row is None or row["released_at"]:
            raise Refused("NP-3230", item=str(hold_id))
        for waiting in session.rows("retire/releases", hold_id=hold_id):
            close(session, run, waiting["approval_id"], Decision.SUPERSEDED, "後の申請による")
        approval: int = session.value(
            "ledger/approval_put", kind=KIND, run_id=run.run_id, maker=run.user_name, days=registry.approvals()[KIND].term,
            content_hash=hold_hash(row), subject=f"{said(row)}の解除　理由 {run.reason}（保全番号 {hold_id}）",
        )  # fmt: skip
        record(session, run, Operation.HOZEN_KAIJO_SHINSEI, f"hold/{hold_id}", {"approval": approval})
    return approval


def said(row: dict[str, Any]) -> str:
    """A hold in a few words."""
    days = f"{wareki(row['first_on'])}から{wareki(row['last_on'])}まで" if row["first_on"] else ""
    what = f"保管物{row['object_id']}" if row["object_id"] else "ある人" if row["of_person"] else ""
    return f"保全（{row['kind']}）{'　'.join(part for part in (what, days) if part)}"


def holds(site: Site, session: db.Session | None = None) -> list[dict[str, Any]]:
    """The holds that stand, oldest first; ``overdue``: nobody has looked by its review date."""
    if session:
        return session.rows("retire/holds", hold_id=None, today=site.today)
    with site.session() as own:
        return holds(site, own)
