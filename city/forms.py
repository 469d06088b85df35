"""The items of each 届書種別 beyond the person: dates, reasons, exemption years, claims. One small function per family of forms."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from city import words
from city.homes import a_name
from city.migration import exemption_year
from city.pension import DEFER, FULL, LEGAL, SCHOOL
from city.register import Row
from etl.core.dates import add_years, month_range

Rng = np.random.Generator
DATED = ("01", "02", "03", "04", "05", "06", "07", "08", "21", "22", "23", "31", "32", "35")  # 該当年月日 is given
REASONS = {
    "01": ("03", "04"),
    "02": ("54", "55"),
    "03": ("03", "04"),
    "06": ("51",),
    "07": ("05",),
    "08": ("57",),
    "31": ("71", "72", "73"),
    "32": ("74", "75", "76"),
}
PENSIONS = {
    "51": ("1150",), "52": ("5350", "5350", "6350"), "53": ("6450",), "54": ("5950",), "56": ("5350", "6450"), "58": ("5350",),
    "59": ("5350", "6350", "2650", "6450", "5950"), "60": ("5350", "6350"), "61": ("6350", "2650"), "62": ("5350", "6450", "1150"),
}  # fmt: skip
KINDS = {"01": "1", "02": "1", "03": "1", "07": "4", "08": "4"}  # 被保険者種別
OF_THE_DEAD = ("06", "53", "54", "55", "56")  # somebody else claims
BEFORE_20 = ("6350", "2650")  # 障害 of somebody who was not 20 at 初診日 (法第30条の4)


def details(rng: Rng, kind: str, person: int, known: Row, accepted: date) -> Row:
    """The items of an intake of this kind, accepted on this day, for the person of this register row."""
    before = accepted - timedelta(days=0 if kind == "35" else int(rng.integers(1, 15)))
    out: Row = {"gaitou_on": before.isoformat()} if kind in DATED else {}
    if kind in REASONS:
        out["jiyu_code"] = REASONS[kind][int(rng.integers(len(REASONS[kind])))]
    if kind in KINDS:
        out["shubetsu_code"] = KINDS[kind]
    if kind == "31":  # from the month before (法第89条); also said, also left to 該当年月日
        out |= {"menjo_code": f"{LEGAL}", "menjo_from_month": "" if person % 2 else _month(_first_before(before))}
    if kind == "32":
        out |= {"menjo_code": f"{LEGAL}", "menjo_to_month": _month(before)}
    if kind == "36":
        out |= {"menjo_from_month": _month(accepted), "menjo_to_month": _month(add_years(accepted.replace(day=1), 1))}
    if kind in ("41", "42"):
        out |= _exemption(rng, kind, person, known, accepted)
    if kind in OF_THE_DEAD:
        out |= _claimant(rng, known) | {"shibou_on": before.isoformat()}
    if kind == "04":
        out |= {"new_name": known["name"], "new_name_kana": known["name_kana"]}
    return out | _claim(rng, kind, person, known, accepted)


def _month(day: date) -> str:
    return f"{day:%Y%m}"


def _first_before(day: date) -> date:
    """The month before that of this day."""
    return month_range(day.replace(day=1) - timedelta(days=1))[0]


def _claimant(rng: Rng, known: Row) -> Row:
    family, given = known["name"].split("\u3000")[0], a_name(rng, 2)[0].split("\u3000")[1]
    return {"seikyusha_name": f"{family}\u3000{given}", "seikyusha_zokugara": "妻"}


def _claim(rng: Rng, kind: str, person: int, known: Row, accepted: date) -> Row:
    """年金コード, 証書番号, 診断書, 初診日 of the 裁定請求 family."""
    out: Row = {"nenkin_code": PENSIONS[kind][int(rng.integers(len(PENSIONS[kind])))]} if kind in PENSIONS else {}
    if kind in ("57", "59", "61", "62"):
        out["shousho_no"] = f"{9_000_000 + person % 900_000}"
    if kind in ("52", "58", "60"):
        out["shindansho_flag"] = "1"
    if kind == "52":
        young = out["nenkin_code"] in BEFORE_20 and known["birth_on"]
        birth = date.fromisoformat(known["birth_on"]) if young else accepted
        seen = add_years(birth, 17) if young else accepted
        out["shoshin_on"] = (seen - timedelta(days=600 + int(rng.integers(1500)))).isoformat()
    return out


def granted(code: int, year_of: date) -> Row:
    """An exemption for the whole year that this day is in."""
    year, first = exemption_year(year_of, code), 4 if code == SCHOOL else 7
    return {"menjo_code": str(code), "menjo_from_month": f"{year}{first:02}", "menjo_to_month": f"{year + 1}{first - 1:02}"}


def _exemption(rng: Rng, kind: str, person: int, known: Row, accepted: date) -> Row:
    """41 免除・納付猶予, 42 学生納付特例: kind, year, months, 世帯主. 継続 holds only for 全額 and 納付猶予, and not with 失業特例."""
    code = SCHOOL if kind == "42" else int(rng.choice([20, 21, 22, 23, 30], p=[0.6, 0.1, 0.08, 0.07, 0.15]))
    out = granted(code, accepted) | {
        "menjo_year": str(exemption_year(accepted, code)),
        "setainushi_atena_no": known["setainushi_atena_no"],
    }
    if kind == "42":
        return {**out, "gakko_name": words.SCHOOLS[person % len(words.SCHOOLS)]}
    unemployed = rng.random() < 0.1
    goes_on = code in (FULL, DEFER) and not unemployed and rng.random() < 0.6
    return {**out, "keizoku_flag": str(int(goes_on)), "shitsugyo_flag": str(int(unemployed))}
