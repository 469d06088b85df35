"""登録: the changes that an approved result makes to the records. Pure; the table of the 届書 is here and nowhere else.

Sources: 国民年金法第8条・第9条 (取得・喪失), 法第87条の2 (付加), 法第88条の2–第90条の3 (免除), 規則第77条の8 (免除の取消し). 日本年金機構 decides, the city writes down: a result is never
judged again here. A result that fits no 資格 becomes an entry of the 確認リスト and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from etl.core.dates import month_after
from etl.core.law.kijitsu import kijitsu
from etl.core.law.todoke import todoke
from etl.core.states import Kekka

DEATH = "51"
CLAIMS = (*(str(n) for n in range(51, 59)), "63")
APPLIED, OF_A_CHILD = ("41", "42"), ("33", "34")  # 申請免除等; 産前産後, 育児


@dataclass(frozen=True)
class Result:
    """The decided items of one result."""

    todoke_code: str | None
    kekka_code: str | None
    gaitou_on: date | None = None
    jiyu_code: str | None = None
    shubetsu_code: str | None = None
    menjo_code: str | None = None
    from_month: date | None = None
    to_month: date | None = None


@dataclass(frozen=True)
class Effect:
    """One statement ``sql/approve/<name>.sql`` and its parameters; when it touches no row, nothing fits."""

    name: str
    params: dict[str, Any]


def effects(r: Result) -> tuple[Effect, ...] | None:
    """The changes, in order; empty when the result is recorded and changes nothing; None when an item it needs is missing."""
    if r.kekka_code == Kekka.HENREI:
        return ()
    if r.todoke_code in (*APPLIED, *OF_A_CHILD):
        return _exempted(r)
    if r.todoke_code in CLAIMS:
        return (Effect("kekka_saitei", {"group": todoke()[r.todoke_code].group, "kekka_code": r.kekka_code}),)
    make = _MAKERS.get(r.todoke_code or "")
    return () if make is None or r.kekka_code == Kekka.KYAKKA else make(r)


def _acquired(r: Result) -> tuple[Effect, ...] | None:
    if not (r.gaitou_on and r.shubetsu_code):
        return None
    kept = {"acquired_on": r.gaitou_on, "shubetsu_code": r.shubetsu_code, "shutoku_jiyu_code": r.jiyu_code or "09"}
    return Effect("kekka_kihon", {}), Effect("kekka_shutoku", kept)


def _lost(r: Result) -> tuple[Effect, ...] | None:
    return (_loss(r.gaitou_on, r.jiyu_code or "59"),) if r.gaitou_on else None


def _died(r: Result) -> tuple[Effect, ...] | None:
    """Lost on the day after (法第9条第1号)."""
    return (_loss(r.gaitou_on + timedelta(days=kijitsu().days("shibou", r.gaitou_on)), DEATH),) if r.gaitou_on else None


def _loss(lost_on: date, jiyu: str) -> Effect:
    return Effect("kekka_soushitsu", {"lost_on": lost_on, "soushitsu_jiyu_code": jiyu})


def _changed(r: Result) -> tuple[Effect, ...] | None:
    if not (r.gaitou_on and r.shubetsu_code):
        return None
    return (Effect("kekka_shubetsu", {"shubetsu_code": r.shubetsu_code, "shubetsu_henkou_on": r.gaitou_on}),)


def _joined(r: Result) -> tuple[Effect, ...] | None:
    return (Effect("kekka_fuka", {"kanyu_on": r.gaitou_on}),) if r.gaitou_on else None


def _left(r: Result) -> tuple[Effect, ...] | None:
    return (Effect("kekka_fuka_dattai", {"dattai_on": r.gaitou_on}),) if r.gaitou_on else None


def _legal(r: Result) -> tuple[Effect, ...] | None:
    """Without 始期 from the month before 該当年月日 (法第89条第1項)."""
    first = r.from_month or (month_after(r.gaitou_on, -1) if r.gaitou_on else None)
    return (_exemption(r, todoke()["31"].menjo, first),) if first else None


def _legal_over(r: Result) -> tuple[Effect, ...] | None:
    return (Effect("kekka_menjo_shoumetsu", {"shoumetsu_on": r.gaitou_on}),) if r.gaitou_on else None


def _exempted(r: Result) -> tuple[Effect, ...] | None:
    """却下 is written to the application as it stands: its kind and months are those applied for. What a 届 stands for by itself (33, 34) has an
    end, or it is not whole."""
    if r.kekka_code == Kekka.KYAKKA:
        return (Effect("kekka_menjo_kyakka", {"kekka_code": r.kekka_code}),)
    own = todoke()[r.todoke_code or ""].menjo
    code = own or r.menjo_code
    if not (r.from_month and code and code != "00") or (own and not r.to_month):
        return None
    return (_exemption(r, code, r.from_month),)


def _exemption(r: Result, code: str | None, first: date) -> Effect:
    return Effect("kekka_menjo", {"menjo_code": code, "from_month": first, "to_month": r.to_month, "kekka_code": r.kekka_code})


def _cancelled(r: Result) -> tuple[Effect, ...] | None:
    """From the month before the 申請 on there is no exemption (規則第77条の8): its last month is the one before that."""
    return (Effect("kekka_menjo_torikeshi", {"last_month": month_after(r.gaitou_on, -2)}),) if r.gaitou_on else None


_MAKERS = {
    "01": _acquired, "07": _acquired, "02": _lost, "08": _lost, "03": _changed, "06": _died, "21": _joined, "22": _left,
    "31": _legal, "32": _legal_over, "35": _cancelled,
}  # fmt: skip
