"""異動 → 資格: an approved proposal becomes a new version of the 資格. Of several losses proposed for one 資格 the first approved wins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from etl.approve.handler import Decided, Handler, Item, Subject, Waiting
from etl.core.errors import Refused
from etl.core.law.shikaku import content_hash
from etl.core.states import Decision
from etl.edge import db
from etl.site import Site


def read(session: db.Session, items: Sequence[Item]) -> dict[int, Subject]:
    """The proposals with their 資格 as it is now, and the other losses proposed for it."""
    ids = [item.id for item in items]
    rivals: dict[int, list[Waiting]] = defaultdict(list)
    for row in session.rows("approve/rivals", approvals=ids):
        rivals[row.pop("approval_id")].append(Waiting(**row))
    proposals = session.rows("approve/proposals", approvals=ids)
    return {p["approval_id"]: Subject(p["atena_no"], p, tuple(rivals[p["approval_id"]])) for p in proposals}


def apply(session: db.Session, site: Site, item: Item, subject: Subject) -> Decided:
    """A new version; ``superseded`` when the 資格 is no longer open (loss) or no longer lost (correct, undo)."""
    p = subject.content
    if content_hash(p["atena_no"], p["shikaku_key"], p["action"], p["lost_on"], p["soushitsu_jiyu_code"]) != item.content_hash:
        raise Refused("NP-2032")
    if p["shikaku_id"] is None or (p["action"] == "loss") != (p["lost_now"] is None):
        return Decided(Decision.SUPERSEDED)
    session.run(
        "approve/shikaku_version", shikaku_id=p["shikaku_id"], approval_id=item.id, lost_on=p["lost_on"],
        soushitsu_jiyu_code=p["soushitsu_jiyu_code"],
    )  # fmt: skip
    return Decided(Decision.APPROVED, subject.rivals)


HANDLER = Handler(read, apply)
