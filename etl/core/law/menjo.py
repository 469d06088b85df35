"""免除等の事前審査: compare the income with the limits of an application. Pure, and never a decision: 日本年金機構 decides (P31).

The figures are those of 国民年金法施行令. 別添2 lacks items that lower the figure of a partial exemption (小規模企業共済等掛金控除, 雑損失の繰越,
肉用牛の免税所得): there the figure is known from above only, and the lower bound is 0. If anything needed is missing, the answer is 判定不能.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pydantic import Field as Attr
from pydantic import ValidationError

from etl.core.dates import parse_month
from etl.core.errors import DefinitionError
from etl.core.law.kijitsu import kijitsu
from etl.core.mapping.fields import Frozen
from etl.core.mapping.layout import read_yaml
from etl.definitions import MAPPINGS

FULL, DEFERRED, PARTLY, NO, UNKNOWN = "全額可", "猶予可", "一部の可能性", "不可", "判定不能"
DEFERMENT, STUDENT = "30", "40"  # 免除種類
APPLICANT, SPOUSE, HEAD = "1", "2", "3"  # 本人との関係
#: 一部免除 from the strictest to the loosest
PARTS = ("21", "22", "23")


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
    """The constants of a period, in yen; ``starts`` is its first month (YYYY-MM)."""

    starts: str = Attr(alias="from", pattern=r"^\d{4}-\d\d$")
    basis: str
    zengaku: Zengaku
    ichibu: dict[str, int]
    gakusei: int
    shogai_kafu: int
    fuyo: Fuyo
    koujo: Koujo


@cache
def kijun(path: Path = MAPPINGS / "menjo_kijun.yaml") -> tuple[Kijun, ...]:
    """All periods in order. DefinitionError NP-1101 when an entry lacks a constant or they are not in order."""
    try:
        found = tuple(Kijun.model_validate(entry) for entry in read_yaml(path))
    except ValidationError as error:
        raise DefinitionError("NP-1101", file=path.name, why=error.errors()[0]["msg"]) from None
    if (
        not found
        or [k.starts for k in found] != sorted({k.starts for k in found})
        or any(set(k.ichibu) != set(PARTS) for k in found)
    ):
        raise DefinitionError("NP-1101", file=path.name, why="periods in order, each with all partial kinds")
    return found


def kijun_of(month: date) -> Kijun | None:
    """The constants for a month applied for; None before the first period."""
    known = [k for k in kijun() if (parse_month(k.starts.replace("-", "")) or date.max) <= month]
    return known[-1] if known else None


@dataclass(frozen=True)
class Shotoku:
    """Income of one person and 相当年度: the items of 別添2, in yen or persons; None where the answer has none."""

    goukei_shotoku_yen: int | None = None
    ippan_fuyo: int | None = None
    rojin_fuyo: int | None = None
    tokutei_fuyo: int | None = None
    nensho_fuyo: int | None = None
    koujo_haiguu_flag: bool | None = None
    shogai_fuyo: int | None = None
    tokubetsu_shogai_fuyo: int | None = None
    honnin_shogai_code: str | None = None
    honnin_kafu_code: str | None = None
    honnin_gakusei_flag: bool | None = None
    jun_sonshitsu_yen: int | None = None
    zasson_koujo_yen: int | None = None
    iryohi_koujo_yen: int | None = None
    shakai_hoken_koujo_yen: int | None = None
    haiguu_tokubetsu_koujo_yen: int | None = None


class Missing(NamedTuple):
    """Items that 別添2 lacks; given only when the applicant's papers show them."""

    shoukibo_kyousai_yen: int = 0  # 小規模企業共済等掛金控除
    zasson_kurikoshi_yen: int = 0  # 雑損失の繰越
    menzei_yen: int = 0  # 肉用牛の免税所得


class Bounds(NamedTuple):
    """A figure in yen: at least ``low``, at most ``high``."""

    low: int
    high: int


def dependants(s: Shotoku) -> int | None:
    """扶養親族等の数: 控除対象配偶者 and 扶養親族 of all kinds (令第6条の7). None when a count is missing."""
    counts = (s.ippan_fuyo, s.rojin_fuyo, s.tokutei_fuyo, s.nensho_fuyo, s.koujo_haiguu_flag)
    return None if None in counts else sum(int(c or 0) for c in counts)


def full_figure(s: Shotoku) -> int | None:
    """The income for 全額免除, 納付猶予 and the 135万円 ground: before losses carried over, no deductions (令第6条の11)."""
    return s.goukei_shotoku_yen


def full_limit(k: Kijun, s: Shotoku) -> int | None:
    """(扶養親族等の数 + 1) x 35万円 + 32万円 (法第90条第1項第1号、令第6条の7)."""
    number = dependants(s)
    return None if number is None else (number + 1) * k.zengaku.per_person + k.zengaku.base


def partial_figure(k: Kijun, s: Shotoku, missing: Missing | None = None) -> Bounds | None:
    """The income for 一部免除 and 学生納付特例: after losses carried over, minus deductions (令第6条の12).

    With ``missing`` it is exact. None when an item of 別添2 that it needs is not given.
    """
    flags = (s.honnin_shogai_code, s.honnin_kafu_code, s.honnin_gakusei_flag)
    yen = (s.jun_sonshitsu_yen, s.zasson_koujo_yen, s.iryohi_koujo_yen, s.shakai_hoken_koujo_yen, s.haiguu_tokubetsu_koujo_yen)
    others = (s.shogai_fuyo, s.tokubetsu_shogai_fuyo)
    if s.goukei_shotoku_yen is None or None in flags or None in yen or None in others:
        return None
    own = {"1": k.koujo.shogai, "2": k.koujo.tokubetsu_shogai}.get(s.honnin_shogai_code or "", 0)
    own += {"1": k.koujo.kafu, "2": k.koujo.hitorioya}.get(s.honnin_kafu_code or "", 0) + (
        k.koujo.gakusei if s.honnin_gakusei_flag else 0
    )
    family = (s.shogai_fuyo or 0) * k.koujo.shogai + (s.tokubetsu_shogai_fuyo or 0) * k.koujo.tokubetsu_shogai
    known = s.goukei_shotoku_yen - sum(y or 0 for y in yen) - own - family
    if missing is None:
        return Bounds(0, max(known, 0))
    exact = max(known - sum(missing), 0)
    return Bounds(exact, exact)


def partial_limit(k: Kijun, s: Shotoku, base: int) -> int | None:
    """base + 38万円 per dependant, 48万円 if 老人, 63万円 if 特定 (令第6条の8の2、第6条の9、第6条の9の2). None when a count is missing."""
    number = dependants(s)
    if number is None:
        return None
    rojin, tokutei = s.rojin_fuyo or 0, s.tokutei_fuyo or 0
    return base + (number - rojin - tokutei) * k.fuyo.ippan + rojin * k.fuyo.rojin + tokutei * k.fuyo.tokutei


def has_ground(s: Shotoku) -> bool:
    """Whether 障害者・寡婦・ひとり親 of 法第90条第1項第3号 applies to the person."""
    return s.honnin_shogai_code in ("1", "2") or s.honnin_kafu_code in ("1", "2")


class Line(NamedTuple):
    """One step of the arithmetic: person, name of the limit, figure and limit in yen (difference = limit - figure.high)."""

    kankei_code: str
    what: str
    figure: Bounds
    limit: int

    @property
    def holds(self) -> bool:
        """Surely within the limit."""
        return self.figure.high <= self.limit

    @property
    def may_hold(self) -> bool:
        return self.figure.low <= self.limit


class Person(NamedTuple):
    """Somebody whose income counts; ``shitsugyo``: jobless, the income is left out (規則第77条の7)."""

    kankei_code: str
    shotoku: Shotoku | None
    shitsugyo: bool = False


class Verdict(NamedTuple):
    """事前審査の結果 and its arithmetic."""

    outcome: str
    lines: tuple[Line, ...]


def precheck(menjo_code: str, persons: tuple[Person, ...], month: date, age: int, missing: Missing | None = None) -> Verdict:
    """The answer that the income gives. ``persons``: 本人 and the others whose income counts (法第90条・第90条の2: 配偶者, 世帯主);
    ``age``: of 本人 in ``month``, the first.

    判定不能 whenever something is missing that the kind applied for needs.
    """
    counted, k = [p for p in persons if not p.shitsugyo], kijun_of(month)
    if k is None or any(p.shotoku is None for p in counted):
        return Verdict(UNKNOWN, ())
    if menjo_code == STUDENT:
        return _student(counted, k, missing)
    full = [_full(k, p) for p in counted]
    if None in full:
        return Verdict(UNKNOWN, ())
    lines = tuple(line for found in full if found for line in found)
    fine = {p.kankei_code: any(line.holds for line in found or ()) for p, found in zip(counted, full, strict=True)}
    if menjo_code != DEFERMENT and all(fine.values()):
        return Verdict(FULL, lines)
    if age < kijitsu().age("yuyo", month) and all(ok for code, ok in fine.items() if code != HEAD):
        return Verdict(DEFERRED, lines)
    if menjo_code == DEFERMENT:
        return Verdict(NO, lines)
    parts = [_part(k, p, k.ichibu[PARTS[-1]], "4分の1免除", missing) for p in counted]
    if None in parts:
        return Verdict(UNKNOWN, lines)
    loosest = tuple(line for line in parts if line)
    return Verdict(PARTLY if all(line.may_hold for line in loosest) else NO, lines + loosest)


def _full(k: Kijun, person: Person) -> tuple[Line, ...] | None:
    """The lines by one of which the person may be within 全額; None when an item is missing."""
    s = person.shotoku
    if s is None or None in (s.honnin_shogai_code, s.honnin_kafu_code):
        return None
    if (figure := full_figure(s)) is None or (limit := full_limit(k, s)) is None:
        return None
    found = (Line(person.kankei_code, "全額・納付猶予", Bounds(figure, figure), limit),)
    return found + (
        (Line(person.kankei_code, "障害者・寡婦・ひとり親", Bounds(figure, figure), k.shogai_kafu),) if has_ground(s) else ()
    )


def _part(k: Kijun, person: Person, base: int, what: str, missing: Missing | None) -> Line | None:
    s = person.shotoku
    if s is None or (figure := partial_figure(k, s, missing)) is None or (limit := partial_limit(k, s, base)) is None:
        return None
    return Line(person.kankei_code, what, figure, limit)


def _student(counted: list[Person], k: Kijun, missing: Missing | None) -> Verdict:
    """学生納付特例 looks at 本人 alone (法第90条の3)."""
    found = [_part(k, p, k.gakusei, "学生納付特例", missing) for p in counted if p.kankei_code == APPLICANT]
    if None in found:
        return Verdict(UNKNOWN, ())
    lines = tuple(line for line in found if line)
    if all(line.holds for line in lines):
        return Verdict(DEFERRED, lines)
    return Verdict(UNKNOWN if all(line.may_hold for line in lines) else NO, lines)
