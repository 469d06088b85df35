"""保全の解除: the hold ends with the approval of another person (the database looks that it has one)."""

from __future__ import annotations

from collections.abc import Sequence

from etl.approve.handler import Decided, Handler, Item, Subject
from etl.core.errors import Refused
from etl.core.shoukyo import hold_hash
from etl.core.states import Decision
from etl.edge import db
from etl.site import Site


def read(session: db.Session, items: Sequence[Item]) -> dict[int, Subject]:
    """The holds as they stand; one that was released meanwhile is none."""
    rows = session.rows("approve/hozen", approvals=[item.id for item in items])
    return {row["approval_id"]: Subject(row["atena_no"], row) for row in rows}


def apply(session: db.Session, site: Site, item: Item, subject: Subject) -> Decided:
    """Refused NP-2032 when it is another hold than was put before the second person."""
    if hold_hash(subject.content) != item.content_hash:
        raise Refused("NP-2032")
    session.run("approve/hozen_release", hold_id=subject.content["hold_id"], approval_id=item.id)
    return Decided(Decision.APPROVED)


HANDLER = Handler(read, apply)
