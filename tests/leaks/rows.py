"""Rows about canary people, as each sender would write them."""

from __future__ import annotations

from datetime import date
from typing import Any

from kit import no

from city.canary import Canary

BORN = date(1967, 11, 3)


def row(c: Canary, **cells: Any) -> dict[str, Any]:
    """A row of the register about a canary."""
    known = {"name": c.name, "name_kana": c.name_kana, "kojin_no": c.kojin_no, "address": c.address, "setainushi_name": c.name}
    return {"atena_no": no(1000 + c.number), "birth_on": BORN, **known, **cells}


def intake(c: Canary, **cells: Any) -> dict[str, Any]:
    atena_no = no(1000 + c.number)
    return {
        "uketsuke_no": atena_no,
        "atena_no": atena_no,
        "kojin_no": c.kojin_no,
        "name_kana": c.name_kana,
        "birth_on": BORN,
        **cells,
    }


def result(c: Canary, **cells: Any) -> dict[str, Any]:
    """A result of 日本年金機構 about a canary."""
    known = {
        "name": c.name,
        "name_kana": c.name_kana,
        "kojin_no": c.kojin_no,
        "kiso_nenkin_no": c.kiso_nenkin_no,
        "address": c.address,
    }
    return {"birth_on": BORN, **known, **cells}


def answer(c: Canary, **cells: Any) -> dict[str, Any]:
    """What the tax office says about a canary."""
    return {"atena_no": no(1000 + c.number), "name_kana": c.name_kana, "birth_on": BORN, "address": c.address, **cells}
