"""保留した回答の受入れ: a second person confirms that an answer belongs to the person asked for although its 4情報 differ from 宛名 (spec 6)."""

from __future__ import annotations

import json
from collections.abc import Sequence

from etl.approve.handler import Decided, Handler, Item, Subject
from etl.core.codec.decode import decode_one
from etl.core.errors import Refused
from etl.core.mapping.layout import arriving
from etl.core.mapping.tables import stored
from etl.core.states import Decision
from etl.edge import db
from etl.site import Site

DATASET = "shotoku_kaitou"


def read(session: db.Session, items: Sequence[Item]) -> dict[int, Subject]:
    """The held answers; each with its record, encrypted, while it can still be taken in."""
    answers = session.rows("approve/horyuu", approvals=[item.id for item in items])
    return {a["approval_id"]: Subject(a["atena_no"], a) for a in answers}


def apply(session: db.Session, site: Site, item: Item, subject: Subject) -> Decided:
    """Store it and close its question; ``superseded`` when it was answered, corrected or closed meanwhile. The 4情報 are not stored."""
    answer, layout = subject.content, arriving()[DATASET]
    if answer["row_cipher"] is None:
        return Decided(Decision.SUPERSEDED)
    record = site.keys.decrypt(answer["key_id"], bytes(answer["row_cipher"]))
    if site.keys.seal(record) != item.content_hash:
        raise Refused("NP-2032")
    items = json.dumps(decode_one(layout.data, record), default=str)
    session.run("approve/horyuu_answered", shoukai_no=answer["shoukai_no"], file_id=answer["file_id"])
    place = {k: answer[k] for k in ("file_id", "line", "version")}
    session.run("approve/horyuu_store", names={"columns": ", ".join(stored(layout))}, items=items, approval_id=item.id, **place)
    return Decided(Decision.APPROVED)


HANDLER = Handler(read, apply)
