"""The items of each 届書種別 beyond the person: dates, reasons, exemption years, claims. One small function per family of forms."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from city import words
from city.homes import a_name
from city.migration import exemption_year
from city.pension import SCHOOL
from city.register import Row

Rng = np.random.Generator
DATED = ("01", "02", "03", "04", "05", "06", "07", "08", "21", "22", "31", "32")  # 該当年月日 is given
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
PENSIONS = {"51": "1150", "52": "5350", "53": "6450", "54": "5950", "58": "5350", "59": "1150", "60": "5350"}
KINDS = {"01": "1", "02": "1", "03": "1", "07": "4", "08": "4"}  # 被保険者種別
OF_THE_DEAD = ("06", "53", "54", "55", "56")  # somebody else claims


def details(rng: Rng, kind: str, person: int, known: Row, accepted: date) -> Row:
    """The items of an intake of this kind, accepted on this day, for the person of this register row."""
    before = (accepted - timedelta(days=int(rng.integers(1, 15)))).isoformat()
    out: Row = {"gaitou_on": before} if kind in DATED else {}
    if kind in REASONS:
        out["jiyu_code"] = REASONS[kind][int(rng.integers(len(REASONS[kind])))]
    if kind in KINDS:
        out["shubetsu_code"] = KINDS[kind]
    if kind in ("31", "32"):
        out |= {"menjo_code": "10", "menjo_from_month" if kind == "31" else "menjo_to_month": f"{accepted:%Y%m}"}
    if kind in ("41", "42"):
        out |= _exemption(rng, kind, person, known, accepted)
    if kind in OF_THE_DEAD:
        out |= _claimant(rng, known) | {"shibou_on": before}
    if kind == "04":
        out |= {"new_name": known["name"], "new_name_kana": known["name_kana"]}
    return out | _claim(rng, kind, person, accepted)


def _claimant(rng: Rng, known: Row) -> Row:
    family, given = known["name"].split("\u3000")[0], a_name(rng, 2)[0].split("\u3000")[1]
    return {"seikyusha_name": f"{family}\u3000{given}", "seikyusha_zokugara": "妻"}


def _claim(rng: Rng, kind: str, person: int, accepted: date) -> Row:
    """年金コード, 証書番号, 診断書, 初診日 of the 裁定請求 family."""
    out: Row = {"nenkin_code": PENSIONS[kind]} if kind in PENSIONS else {}
    if kind in ("57", "59"):
        out["shousho_no"] = f"{9_000_000 + person % 900_000}"
    if kind in ("52", "58", "60"):
        out["shindansho_flag"] = "1"
    if kind == "52":
        out["shoshin_on"] = (accepted - timedelta(days=600 + int(rng.integers(1500)))).isoformat()
    return out


def _exemption(rng: Rng, kind: str, person: int, known: Row, accepted: date) -> Row:
    """41 免除・納付猶予, 42 学生納付特例: kind, year, months, 世帯主."""
    code = SCHOOL if kind == "42" else int(rng.choice([20, 21, 22, 23, 30], p=[0.6, 0.1, 0.08, 0.07, 0.15]))
    year, first = exemption_year(accepted, code), 4 if kind == "42" else 7
    out = {
        "menjo_code": str(code),
        "menjo_year": str(year),
        "menjo_from_month": f"{year}{first:02}",
        "menjo_to_month": f"{year + 1}{first - 1:02}",
        "setainushi_atena_no": known["setainushi_atena_no"],
    }
    if kind == "42":
        return {**out, "gakko_name": words.SCHOOLS[person % len(words.SCHOOLS)]}
    return {**out, "keizoku_flag": str(int(rng.integers(2))), "shitsugyo_flag": str(int(rng.random() < 0.1))}
