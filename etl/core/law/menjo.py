"""免除等の事前審査: compare the income with the limits of an application. Pure, and never a decision: 日本年金機構 decides (P31).

The figures are those of 国民年金法施行令. 別添2 lacks items that lower the figure of 一部免除 and 学生納付特例, and the ages that raise their limit
(``Missing``): there both are known as bounds only. What is said holds wherever in its bounds the truth lies, and if anything else that is
needed is missing, the answer is 判定不能.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from etl.core.dates import month_after, reach
from etl.core.law.kijitsu import kijitsu
from etl.core.law.kijun import PARTS, Kijun, Part, kijun_of

FULL, DEFERRED, PARTLY, NO, UNKNOWN = "全額可", "猶予可", "一部の可能性", "不可", "判定不能"
SURE, POSSIBLE = "確実", "可能"  # of a partial exemption, besides NO
DEFERMENT, STUDENT = "30", "40"  # 免除種類
APPLICANT, SPOUSE, HEAD = "1", "2", "3"  # 本人との関係
PART_NAMES = dict(zip(PARTS, ("4分の3免除", "半額免除", "4分の1免除"), strict=True))
FULL_NAME, GROUND_NAME, STUDENT_NAME = "全額・納付猶予", "障害者・寡婦・ひとり親", "学生納付特例"


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
    """Items of one person that 別添2 lacks; None unless the person's papers show them."""

    shoukibo_kyousai_yen: int | None = None  # 小規模企業共済等掛金控除
    zasson_kurikoshi_yen: int | None = None  # 雑損失の繰越
    menzei_yen: int | None = None  # 肉用牛の免税所得
    tokutei_shinzoku_yen: int | None = None  # 特定親族特別控除, from the months on of ``Kijun.tokutei_shinzoku``
    koukousei_fuyo: int | None = None  # 控除対象扶養親族 of 16 to 18, among ippan_fuyo
    rojin_haiguu_flag: bool | None = None  # whether the 控除対象配偶者 is 70 or more


NO_PAPERS = Missing()


class Bounds(NamedTuple):
    """An amount in yen: at least ``low``, at most ``high``."""

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


def partial_figure(k: Kijun, s: Shotoku, part: Part = "ichibu", papers: Missing = NO_PAPERS) -> Bounds | None:
    """The income for 一部免除 and 学生納付特例: after losses carried over, minus deductions (令第6条の12).

    Known from above only until the papers show all that lowers it. None when an item of 別添2 that it needs is not given.
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
    lowering = [papers.shoukibo_kyousai_yen, papers.zasson_kurikoshi_yen, papers.menzei_yen]
    lowering += [papers.tokutei_shinzoku_yen] if part in k.tokutei_shinzoku else []
    high = max(s.goukei_shotoku_yen - sum(y or 0 for y in (*yen, *lowering)) - own - family, 0)
    return Bounds(0 if None in lowering else high, high)


def partial_limit(k: Kijun, s: Shotoku, base: int, papers: Missing = NO_PAPERS) -> Bounds | None:
    """base + 38万円 per dependant, 48万円 if 老人 or a spouse of 70 or more, 63万円 if 特定 or 16 to 18 (令第6条の8の2、第6条の9、第6条の9の2).

    None when a count is missing.
    """
    number = dependants(s)
    if number is None:
        return None
    ippan, rojin, tokutei = s.ippan_fuyo or 0, s.rojin_fuyo or 0, s.tokutei_fuyo or 0
    low = base + (number - rojin - tokutei) * k.fuyo.ippan + rojin * k.fuyo.rojin + tokutei * k.fuyo.tokutei
    young = _between(papers.koukousei_fuyo, ippan)
    old = _between(papers.rojin_haiguu_flag, int(s.koujo_haiguu_flag or False))
    more = [y * (k.fuyo.tokutei - k.fuyo.ippan) + o * (k.fuyo.rojin - k.fuyo.ippan) for y, o in zip(young, old, strict=True)]
    return Bounds(low + more[0], low + more[1])


def _between(shown: int | None, most: int) -> tuple[int, int]:
    """How many of ``most`` at least and at most."""
    return (0, most) if shown is None else (min(shown, most),) * 2


def has_ground(s: Shotoku) -> bool:
    """Whether 障害者・寡婦・ひとり親 of 法第90条第1項第3号 applies to the person."""
    return s.honnin_shogai_code in ("1", "2") or s.honnin_kafu_code in ("1", "2")


class Line(NamedTuple):
    """One step of the arithmetic: person, name of the limit, figure and limit in yen."""

    kankei_code: str
    what: str
    figure: Bounds
    limit: Bounds

    @property
    def holds(self) -> bool:
        """Surely within the limit."""
        return self.figure.high <= self.limit.low

    @property
    def may_hold(self) -> bool:
        return self.figure.low <= self.limit.high


class Person(NamedTuple):
    """Somebody whose income counts; ``papers``: what the person's own papers show besides."""

    kankei_code: str
    shotoku: Shotoku | None
    papers: Missing = NO_PAPERS


class Verdict(NamedTuple):
    """事前審査の結果 and its arithmetic. ``parts``: 一部免除 each, where it was looked at; ``until``: the last month of 納付猶予."""

    outcome: str
    lines: tuple[Line, ...] = ()
    parts: Mapping[str, str] = MappingProxyType({})
    until: date | None = None


def precheck(
    menjo_code: str, persons: tuple[Person, ...], first: date, last: date, birth_on: date, shitsugyo: bool = False
) -> Verdict:
    """The answer that the income gives for the months ``first`` to ``last`` (of one 年度: their limits are the same).

    ``persons``: 本人 and the others whose income counts (法第90条・第90条の2: 配偶者, 世帯主); ``birth_on``: of 本人. 判定不能 whenever
    something is missing that the kind applied for needs. ``shitsugyo``: somebody among them has lost work (規則第77条の7), it is not said
    who: what holds with everybody's income holds the more without that person's, and nothing is ruled out.
    """
    found = _precheck(menjo_code, persons, first, last, birth_on)
    if not shitsugyo:
        return found
    parts = {code: POSSIBLE if word == NO else word for code, word in found.parts.items()}
    return found._replace(outcome=found.outcome if found.outcome in (FULL, DEFERRED) else UNKNOWN, parts=parts)


def _precheck(menjo_code: str, persons: tuple[Person, ...], first: date, last: date, birth_on: date) -> Verdict:
    k = kijun_of(first)
    if k is None or any(p.shotoku is None for p in persons):
        return Verdict(UNKNOWN)
    if menjo_code == STUDENT:
        return _student(k, [p for p in persons if p.kankei_code == APPLICANT])
    full = [_full(k, p) for p in persons]
    if None in full:
        return Verdict(UNKNOWN)
    lines = tuple(line for found in full if found for line in found)
    fine = {p.kankei_code: any(line.holds for line in found or ()) for p, found in zip(persons, full, strict=True)}
    if menjo_code != DEFERMENT and all(fine.values()):
        return Verdict(FULL, lines)
    until = deferred_until(birth_on, first, last) if all(ok for code, ok in fine.items() if code != HEAD) else None
    if menjo_code == DEFERMENT:
        return Verdict(DEFERRED if until else NO, lines, until=until)
    parts, partly = _parts(k, persons)
    outcome = DEFERRED if until else UNKNOWN if not parts else NO if parts[PARTS[-1]] == NO else PARTLY
    return Verdict(outcome, lines + partly, parts, until)


def deferred_until(birth_on: date, first: date, last: date) -> date | None:
    """The last of these months for which 納付猶予 can be had: all before the month of reaching its age (平成16年法律第104号附則第19条、
    平成26年法律第64号附則第14条). None when the first is none."""
    found, month = None, first
    while month <= last and kijitsu().holds("yuyo", month) and month < _reached(birth_on, kijitsu().age("yuyo", month)):
        found, month = month, month_after(month, 1)
    return found


def _reached(birth_on: date, age: int) -> date:
    """The month of reaching an age, as its first day."""
    return reach(birth_on, age).replace(day=1)


def _full(k: Kijun, person: Person) -> tuple[Line, ...] | None:
    """The lines by one of which the person may be within 全額; None when an item is missing."""
    s = person.shotoku
    if s is None or None in (s.honnin_shogai_code, s.honnin_kafu_code):
        return None
    if (figure := full_figure(s)) is None or (limit := full_limit(k, s)) is None:
        return None
    return (Line(person.kankei_code, FULL_NAME, Bounds(figure, figure), Bounds(limit, limit)), *_ground(k, person))


def _ground(k: Kijun, person: Person) -> tuple[Line, ...]:
    """The ground of 障害者・寡婦・ひとり親, if the person has it: for 全額 and 納付猶予, and for 一部免除 and 学生納付特例 as well
    (法第90条の2第1項第2号・第90条の3第1項第2号)."""
    s = person.shotoku
    if s is None or not has_ground(s) or (figure := full_figure(s)) is None:
        return ()
    return (Line(person.kankei_code, GROUND_NAME, Bounds(figure, figure), Bounds(k.shogai_kafu, k.shogai_kafu)),)


def _part(k: Kijun, person: Person, part: Part, bases: Mapping[str, int]) -> tuple[Line, ...] | None:
    """A line for each of the limits with these names; None when an item is missing."""
    s = person.shotoku
    if s is None or (figure := partial_figure(k, s, part, person.papers)) is None:
        return None
    limits = {what: partial_limit(k, s, base, person.papers) for what, base in bases.items()}
    found = tuple(Line(person.kankei_code, what, figure, limit) for what, limit in limits.items() if limit)
    return found if len(found) == len(bases) else None


def _parts(k: Kijun, persons: tuple[Person, ...]) -> tuple[dict[str, str], tuple[Line, ...]]:
    """一部免除 each: 確実 when everybody is surely within its limit, 可能 when everybody may be. Nothing when an item is missing."""
    bases = {PART_NAMES[code]: k.ichibu[code] for code in PARTS}
    found = [_part(k, p, "ichibu", bases) for p in persons]
    if None in found:
        return {}, ()
    lines = tuple(line for one in found if one for line in one)
    grounds = {p.kankei_code for p in persons if any(line.holds for line in _ground(k, p))}
    words = {}
    for code, what in PART_NAMES.items():
        these = [line for line in lines if line.what == what and line.kankei_code not in grounds]
        sure, possible = all(line.holds for line in these), all(line.may_hold for line in these)
        words[code] = SURE if sure else POSSIBLE if possible else NO
    return words, lines


def _student(k: Kijun, applicant: list[Person]) -> Verdict:
    """学生納付特例 looks at 本人 alone (法第90条の3)."""
    found = [_part(k, p, "gakusei", {STUDENT_NAME: k.gakusei}) for p in applicant]
    if None in found:
        return Verdict(UNKNOWN)
    lines = tuple(line for one in found if one for line in one)
    if all(line.holds for line in lines):
        return Verdict(DEFERRED, lines)
    return Verdict(UNKNOWN if all(line.may_hold for line in lines) else NO, lines)
