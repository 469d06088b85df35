"""How 日本年金機構 of the synthetic city writes down a result: the person as it knows them, the items of the intake, its characters."""

from __future__ import annotations

from datetime import date
from typing import Any

from city.register import Register, Row
from etl.core.codec.chars import unit_to_jis
from etl.core.codec.shukutai import shukutai
from etl.core.law.todoke import RESULT
from etl.core.mapping.layout import layouts

Values = dict[str, Any]
GETA = "〓"  # for characters that JIS X 0208 does not have


def about(register: Register, kiso: dict[int, int], person: int, day: date, todoke: str) -> Values:
    """A result about a person, before what was decided. ``kiso``: the 基礎年金番号 that the city holds."""
    known, fields = register.row(person), layouts()[RESULT].data
    return {
        "shichoson_code5": known["shichoson_code"][:5], "tsuchi_code": "70", "created_on": day,
        "kiso_nenkin_no": str(kiso[person]) if person in kiso else None,
        "birth_on": _day(known["birth_on"]), "sex_code": known["sex_code"],
        "name_kana": known["name_kana"][: fields.field("name_kana").size], "name": told(known["name"], "name"),
        "postal_code": known["postal_code"] or None, "address": told(known["address"], "address"),
        "todoke_code": todoke, "kekka_code": "01", "henrei_code": "00", "shori_on": day, "shokken_flag": False,
    }  # fmt: skip


def items(intake: Row) -> Values:
    """What the intake says, as a result repeats it."""
    text = {name: intake.get(name) or None for name in ("jiyu_code", "shubetsu_code", "menjo_code", "nenkin_code")}
    months = {"from_month": intake.get("menjo_from_month"), "to_month": intake.get("menjo_to_month")}
    days = {
        "gaitou_on": intake.get("gaitou_on", "").replace("-", ""),
        **{name: f"{m}01" if m else "" for name, m in months.items()},
    }
    return {**text, **{name: _day(day) for name, day in days.items()}}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def told(text: str, item: str) -> str:
    """A text as 日本年金機構 has it: the common form of each character, those outside JIS X 0208 as 〓, cut to its field."""
    size = (layouts()[RESULT].data.field(item).size or 0) // 2
    plain = text.translate(str.maketrans(*shukutai()))
    return "".join(c if unit_to_jis()[ord(c)] else GETA for c in plain)[:size]
