"""登録: approved results are written to 資格, 付加, 免除, 裁定受付 and 年金基本, each as a new version (decisions are ``core.law.touroku``'s)."""

from __future__ import annotations

from typing import Any

from etl.core.errors import Refused
from etl.core.law import touroku
from etl.core.states import Kekka
from etl.edge import db

#: table -> its columns that are content; a 取消 brings the version before back
TABLES = {
    "nenkin_kihon": "atena_no, kiso_nenkin_no, tel_no, kyu_nenkin_no",
    "shikaku": "atena_no, kiso_nenkin_no, shubetsu_code, acquired_on, shutoku_jiyu_code, shubetsu_henkou_on, lost_on, soushitsu_jiyu_code, "
    "soushitsu_riyu",
    "menjo": "kiso_nenkin_no, menjo_code, from_month, to_month, saitei_kekka_code, shoumetsu_on, soufu_on, gakko_name, kettei_flag, uketsuke_no",
    "fuka": "kiso_nenkin_no, kanyu_on, dattai_on, kettei_flag, uketsuke_no",
    **dict.fromkeys(
        ("saitei_rorei", "saitei_shogai", "saitei_izoku", "saitei_rofuku"),
        "atena_no, kiso_nenkin_no, shousho_no, todoke_code, nenkin_code, uketsuke_on, seikyusha_name, shibou_on, shindansho_flag, kekka_code, "
        "kettei_flag, uketsuke_no",
    ),
}
WITHOUT_A_TRACE = ("kekka_kihon", "kekka_menjo_kyakka")  # nothing is amiss when these find nothing to do


def found(session: db.Session, item: dict[str, Any]) -> dict[str, Any]:
    """The result of an approval. Refused NP-2032 when it, or what the 突合 found, is not what was put before the second person."""
    result = session.one("approve/kekka", approval_id=item["id"]) or {}
    if result.get("content_hash") != item["content_hash"]:
        raise Refused("NP-2032")
    return result


def register(session: db.Session, approval_id: int, result: dict[str, Any]) -> None:
    """Write one approved result. What fits nowhere goes on the 確認リスト (処理結果) and changes nothing else."""
    if result["action"] == "confirm":  # the next 突合 takes the candidate as its intake
        return
    given = {**result, "approval_id": approval_id}
    fits = _undo(session, given) if result["kekka_code"] == Kekka.TORIKESHI else _apply(session, given)
    if not fits:
        session.run("approve/kekka_note", **given)


def _apply(session: db.Session, given: dict[str, Any]) -> bool:
    items = touroku.Result(**{name: given[name] for name in touroku.Result.__dataclass_fields__})
    effects = touroku.effects(items)
    if effects is None:
        return False
    fits = True
    for effect in effects:
        names = {"group": effect.params["group"]} if "group" in effect.params else None
        touched = session.run(f"approve/{effect.name}", names=names, **{**given, **effect.params})
        fits = fits and (touched > 0 or effect.name in WITHOUT_A_TRACE)
    return fits


def _undo(session: db.Session, given: dict[str, Any]) -> bool:
    """取消: whatever the registration that it takes back has written and what still stands."""
    target = session.value("approve/kekka_target", **given)
    if target is None:
        return False
    ended = 0
    for table, columns in TABLES.items():
        same = "p.row_key = g.row_key" + (" or p.uketsuke_no = g.uketsuke_no" if "uketsuke_no" in columns else "")
        ended += session.value("approve/kekka_undo", names={"table": table, "columns": columns, "same": same}, target=target, **given)
    return ended > 0
