"""消去の承認: what is approved is the list as it was asked for. Where something of it has changed since, it is refused; what was held since stays
by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from etl.approve.handler import Decided, Handler, Item, Subject
from etl.core import shoukyo
from etl.core.errors import Refused
from etl.core.shoukyo import Kind, Thing
from etl.core.states import Decision
from etl.edge import db
from etl.site import Site


def read(session: db.Session, items: Sequence[Item]) -> dict[int, Subject]:
    """The lists with what each thing of them is now. Files of the inbox are looked at when they are destroyed."""
    found = {}
    for item in items:
        rows = session.rows("approve/shoukyo", approval_id=item.id)
        if rows:
            found[item.id] = Subject(content={"rows": rows})
    return found


def apply(session: db.Session, site: Site, item: Item, subject: Subject) -> Decided:
    """Nothing but the decision: it is carried out by the step ``shred``. Refused NP-2032 when the list is another one now."""
    rows = subject.content["rows"]
    asked, now = shoukyo.list_hash(map(_asked, rows)), shoukyo.list_hash(_now(site, row) for row in rows)
    if {asked, now} != {item.content_hash}:
        raise Refused("NP-2032")
    return Decided(Decision.APPROVED)


def _asked(row: Mapping[str, Any]) -> Thing:
    return Thing(Kind(row["kind"]), *(row[k] for k in ("key", "sha256", "dataset", "bytes", "kept_from", "due_on")))


def _now(site: Site, row: Mapping[str, Any]) -> Thing:
    """A thing of the list as it is now; one that is not due any more, or was destroyed already, has another content."""
    content = row["sha256_now"] or ""
    if row["kind"] == Kind.KOUHO:
        still = row["atena_no"] and row["rows_now"] is not None
        content = site.keys.seal(shoukyo.of_kouho(row["atena_no"], row["due_now"], row["rows_now"])) if still else ""
    return Thing(
        Kind(row["kind"]), row["key"], content, row["dataset"], row["bytes"], row["kept_from"], row["due_now"] or row["due_on"]
    )


HANDLER = Handler(read, apply)
