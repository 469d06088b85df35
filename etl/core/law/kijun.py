"""免除等の所得基準: limits and deductions by the month applied for. The table is ``mappings/menjo_kijun.yaml``, nothing else.

An entry says what changes from its month on; whatever it does not name goes on as before. So a change of the law, of one kind or of all, is one
entry below the others.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from pydantic import Field as Attr
from pydantic import ValidationError

from etl.core.dates import parse_month
from etl.core.errors import DefinitionError
from etl.core.mapping.fields import Frozen
from etl.core.mapping.layout import read_yaml
from etl.definitions import MAPPINGS

#: 一部免除 from the strictest to the loosest
PARTS = ("21", "22", "23")
Part = Literal["ichibu", "gakusei"]


class Zengaku(Frozen):
    per_person: int
    base: int


class Fuyo(Frozen):
    ippan: int
    rojin: int
    tokutei: int


class Koujo(Frozen):
    shogai: int
    tokubetsu_shogai: int
    kafu: int
    hitorioya: int
    gakusei: int


class Kijun(Frozen):
    """All constants as they are from a month on (YYYY-MM), in yen. ``tokutei_shinzoku``: whose figure 特定親族特別控除 lowers."""

    starts: str = Attr(alias="from", pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    basis: str = Attr(min_length=1)
    zengaku: Zengaku
    ichibu: dict[str, int]
    gakusei: int
    shogai_kafu: int
    fuyo: Fuyo
    koujo: Koujo
    tokutei_shinzoku: tuple[Part, ...]

    @property
    def month(self) -> date:
        return parse_month(self.starts) or date.max


@cache
def kijun(path: Path = MAPPINGS / "menjo_kijun.yaml") -> tuple[Kijun, ...]:
    """The constants of every period, in order. DefinitionError NP-1101 when the first entry lacks one, an entry says nothing or something
    unknown, or they are not in order."""
    said: dict[str, Any] = {}
    found: list[Kijun] = []
    try:
        for entry in read_yaml(path) or ():
            said = said | entry
            found.append(Kijun.model_validate(said))
            if not {"from", "basis"} < set(entry):
                raise _odd(path, "each entry with from, basis and what changes")
    except ValidationError as error:
        raise _odd(path, error.errors()[0]["msg"]) from None
    if not found or not all(a.starts < b.starts for a, b in pairwise(found)) or any(set(k.ichibu) != set(PARTS) for k in found):
        raise _odd(path, "periods in order, each with all partial kinds")
    return tuple(found)


def _odd(path: Path, why: str) -> DefinitionError:
    return DefinitionError("NP-1101", file=path.name, why=why)


def kijun_of(month: date, table: tuple[Kijun, ...] | None = None) -> Kijun | None:
    """The constants for a month applied for; None before the first period."""
    known = [k for k in (kijun() if table is None else table) if k.month <= month]
    return known[-1] if known else None
