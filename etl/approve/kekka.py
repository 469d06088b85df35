"""登録: approved results are written to 資格, 付加, 免除, 裁定受付 and 年金基本, each as a new version (decisions are ``core.law.touroku``'s)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from etl.approve.handler import Decided, Handler, Item, Subject
from etl.core.errors import Refused
from etl.core.law import touroku
from etl.core.law.todoke import Group
from etl.core.mapping.layout import arriving
from etl.core.mapping.tables import stored
from etl.core.states import Decision, Kekka
from etl.edge import db
from etl.site import Site

GROUPS: tuple[str, ...] = get_args(Group)
TABLES = ("nenkin_kihon", "shikaku", *GROUPS)  # what a registration writes to
OF_INTAKE = ("kettei_flag", "uketsuke_no")  # what a row of a 受付 group says besides: decided or not, which intake
WITHOUT_A_TRACE = ("kekka_kihon", "kekka_menjo_kyakka")  # nothing is amiss when these find nothing to do


def read(session: db.Session, items: Sequence[Item]) -> dict[int, Subject]:
    """The results as they stand now."""
    results = session.rows("approve/kekka", approvals=[item.id for item in items])
    return {r["approval_id"]: Subject(r["atena_no"], r) for r in results}


def apply(session: db.Session, site: Site, item: Item, subject: Subject) -> Decided:
    """Write one result. What fits nowhere goes on the 確認リスト (処理結果) and changes nothing else."""
    result = subject.content
    if result["content_hash"] != item.content_hash:  # the result, or what the 突合 found
        raise Refused("NP-2032")
    if result["action"] != "confirm":  # else the next 突合 takes the candidate as its intake
        fits = _undo(session, result) if result["kekka_code"] == Kekka.TORIKESHI else _write(session, result)
        if not fits:
            session.run("approve/kekka_note", **result)
    return Decided(Decision.APPROVED)


def columns(table: str) -> tuple[str, ...]:
    """The columns of a table that are content: those that its migration fills, and those of its intake."""
    layout = next(layout for layout in arriving().values() if table in layout.load.into)
    return stored(layout) + (OF_INTAKE if table in GROUPS else ())


def _write(session: db.Session, result: Mapping[str, Any]) -> bool:
    items = touroku.Result(**{name: result[name] for name in touroku.Result.__dataclass_fields__})
    effects = touroku.effects(items)
    if effects is None:
        return False
    fits = True
    for effect in effects:
        names = {"group": effect.params["group"]} if "group" in effect.params else None
        touched = session.run(f"approve/{effect.name}", names=names, **{**result, **effect.params})
        fits = fits and (touched > 0 or effect.name in WITHOUT_A_TRACE)
    return fits


def _undo(session: db.Session, result: Mapping[str, Any]) -> bool:
    """取消: whatever the registration that it takes back has written and what still stands; the version before comes back as a new row."""
    target = session.value("approve/kekka_target", **result)
    if target is None:
        return False
    ended = 0
    for table in TABLES:
        same = "p.row_key = g.row_key" + (" or p.uketsuke_no = g.uketsuke_no" if table in GROUPS else "")
        names = {"table": table, "columns": ", ".join(columns(table)), "same": same}
        ended += session.value("approve/kekka_undo", names=names, target=target, **result)
    return ended > 0


HANDLER = Handler(read, apply)
