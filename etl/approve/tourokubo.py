"""登録簿の承認: what is agreed to is the registry as it is written; it is in force from the business day after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from etl import run as runs
from etl.approve.handler import Decided, Handler, Item, Subject
from etl.core.errors import Refused
from etl.core.law.eigyoubi import next_business_day
from etl.core.mapping.transfers import change_hash, transfers
from etl.core.states import Decision
from etl.edge import db
from etl.site import Site


def read(session: db.Session, items: Sequence[Item]) -> dict[int, Subject]:
    """The rows of each change with the hash of what was proposed (empty: taken out)."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for row in session.rows("approve/tourokubo", approvals=[item.id for item in items]):
        found[row["approval_id"]][row["row_id"]] = row["sha256"]
    return {approval: Subject(content=rows) for approval, rows in found.items()}


def apply(session: db.Session, site: Site, item: Item, subject: Subject) -> Decided:
    """Refused NP-2032 when the registry is written otherwise now."""
    written = {name: transfers()[name].sha256 if name in transfers() else "" for name in subject.content}
    if written != dict(subject.content) or change_hash(written) != item.content_hash:
        raise Refused("NP-2032")
    session.run("approve/tourokubo_from", approval_id=item.id, from_on=next_business_day(runs.now().date() + timedelta(days=1)))
    return Decided(Decision.APPROVED)


HANDLER = Handler(read, apply)
