"""進達の承認: what is approved is the report as it was fixed. Where another revision of a 届書 has come since, it is fixed anew."""

from __future__ import annotations

from collections.abc import Sequence

from etl.approve.handler import Decided, Handler, Item, Subject
from etl.core.errors import Refused
from etl.core.states import Decision
from etl.edge import db
from etl.site import Site


def read(session: db.Session, items: Sequence[Item]) -> dict[int, Subject]:
    """What of each report is no candidate any more as it was fixed; a report that was opened again since is none."""
    rows = session.rows("approve/shintatsu", approvals=[item.id for item in items])
    return {row["approval_id"]: Subject(content={"changed": row["changed"]}) for row in rows}


def apply(session: db.Session, site: Site, item: Item, subject: Subject) -> Decided:
    """Nothing but the decision: the medium is made by the step ``make``. Refused NP-2032."""
    if subject.content["changed"]:
        raise Refused("NP-2032")
    return Decided(Decision.APPROVED)


HANDLER = Handler(read, apply)
