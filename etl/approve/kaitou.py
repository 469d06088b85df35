"""保留した回答の受入れ: a second person says that an answer is of the person asked for although its 4情報 differ from 宛名 (spec 6)."""

from __future__ import annotations

import json
from typing import Any

from etl.core.codec.decode import decode_one
from etl.core.errors import Refused
from etl.core.mapping.layout import layouts
from etl.edge import db
from etl.site import Site


def accept(session: db.Session, site: Site, item: dict[str, Any], answer: dict[str, Any]) -> str:
    """Store it and close its question; ``superseded`` when it was answered, corrected or closed meanwhile. The 4情報 are not stored.

    Refused NP-2032 when it is not what was put before the second person.
    """
    if answer["row_cipher"] is None:
        return "superseded"
    record = site.keys.decrypt(answer["key_id"], bytes(answer["row_cipher"]))
    if site.keys.seal(record) != item["content_hash"]:
        raise Refused("NP-2032")
    items = json.dumps(decode_one(layouts()["shotoku_kaitou"].data, record), default=str)
    session.run("approve/horyuu_answered", shoukai_no=answer["shoukai_no"], file_id=answer["file_id"])
    place = {k: answer[k] for k in ("file_id", "line", "version")}
    session.run("approve/horyuu_store", items=items, approval_id=item["id"], **place)
    return "approved"
