"""事前審査の表示: an application's persons and income to the outcome of ``menjo.precheck``, with its arithmetic in words.

A row is an application and a 相当年度: todoke_code, menjo_code, juri_on, birth_on, shitsugyo_flag, lacks_head; its months (from_month to
to_month) and those of them that may be applied for (first_month to last_month), None where there are none; soutou_year and persons, None when
no income is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from etl.core.dates import month_after, nendo, wareki_month
from etl.core.law import menjo
from etl.core.law.kijitsu import kijitsu
from etl.core.law.kijun import PARTS
from etl.core.law.menjo import Bounds, Line, Person, Shotoku, Verdict
from etl.core.law.shinsei import NENDO
from etl.core.mapping.layout import codes

ITEMS = tuple(Shotoku.__dataclass_fields__)
STUDENTS = "42"  # 届書
NO_PAPERS, UNKNOWN_PERSON = "2", "3"  # 回答区分
OUTSIDE = "審査せず"
PART_SHORT = {name: name.removesuffix("免除") for name in menjo.PART_NAMES.values()}


class Months(NamedTuple):
    """From month to month, as their first days; none when the last is before the first."""

    first: date
    last: date

    def within(self, other: Months) -> Months | None:
        both = Months(max(self.first, other.first), min(self.last, other.last))
        return both if both.first <= both.last else None

    def __str__(self) -> str:
        first, last = wareki_month(self.first), wareki_month(self.last)
        return first if first == last else f"{first}から{last}まで"


def kind(row: dict[str, Any]) -> str:
    """The 免除種類 applied for."""
    return menjo.STUDENT if row["todoke_code"] == STUDENTS else row["menjo_code"] or ""


def _nendo(row: dict[str, Any]) -> Months | None:
    """The months of the row's 相当年度."""
    if row["soutou_year"] is None:
        return None
    begins = kijitsu().calendar_month(NENDO[row["todoke_code"]], row["juri_on"])
    return Months(date(row["soutou_year"], begins, 1), month_after(date(row["soutou_year"], begins, 1), 11))


def judged(row: dict[str, Any]) -> Months | None:
    """The months of the row's 相当年度 that are applied for and may be."""
    year = _nendo(row)
    return year.within(Months(row["first_month"], row["last_month"])) if year and row["first_month"] else None


def outside(row: dict[str, Any]) -> tuple[Months, ...]:
    """The months that are applied for and may not be (any more, or yet), of all the application."""
    if not row["from_month"]:
        return ()
    named = Months(row["from_month"], row["to_month"])
    if not row["first_month"]:
        return (named,)
    sides = Months(named.first, month_after(row["first_month"], -1)), Months(month_after(row["last_month"], 1), named.last)
    return tuple(found for side in sides if (found := side.within(named)))


def verdict(row: dict[str, Any]) -> Verdict | None:
    """Of the months that may be applied for; None when there are none."""
    months, persons = judged(row), _persons(row)
    return menjo.precheck(kind(row), persons, *months, row["birth_on"], bool(row["shitsugyo_flag"])) if months else None


def _persons(row: dict[str, Any]) -> tuple[Person, ...]:
    """Without an answer, without papers or undeclared there is no income to speak of."""
    found = []
    for person in row["persons"] or ():
        usable = person["answered"] and person["kaitou_code"] not in (NO_PAPERS, UNKNOWN_PERSON) and not person["mishinkoku"]
        income = Shotoku(**{name: person["income"][name] for name in ITEMS}) if usable else None
        found.append(Person(person["kankei_code"], income))
    return (*found, Person(menjo.HEAD, None)) if row["lacks_head"] else tuple(found)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """The row of the list: outcome, arithmetic, and what is still missing."""
    found, months = verdict(row), judged(row)
    return row | {
        "nendo": "" if row["soutou_year"] is None else nendo(row["soutou_year"]), "months": str(months or ""),
        "outside": "\n".join(map(str, outside(row))), "outcome": outcome(found, months),
        **{f"part_{code}": found.parts.get(code, "") if found else "" for code in PARTS},
        "arithmetic": "\n".join(arithmetic(found.lines if found else ())), "remarks": "\n".join(remarks(row, found, months)),
    }  # fmt: skip


def listed(row: dict[str, Any]) -> dict[str, Any]:
    """``shown`` for the narrow columns of a list."""
    found = shown(row)
    return found | {
        "outside": found["outside"].replace("から", "から\n"), "outcome": found["outcome"].replace("（", "\n（"),
        "remarks": found["remarks"].replace("（", "\n（").replace("、", "、\n"),
    }  # fmt: skip


def outcome(found: Verdict | None, months: Months | None) -> str:
    """The answer, and until when if not for all the months."""
    if not found or not months:
        return OUTSIDE
    short = found.outcome == menjo.DEFERRED and found.until and found.until < months.last
    return f"{found.outcome}（{wareki_month(found.until)}まで）" if short and found.until else found.outcome


def arithmetic(lines: tuple[Line, ...]) -> Iterator[str]:
    """The limits one by one; those of 一部免除 only of persons who are not within 全額, because everybody who is, is within them too."""
    fine = {line.kankei_code for line in lines if line.what in (menjo.FULL_NAME, menjo.GROUND_NAME) and line.holds}
    yield from (_step(line) for line in lines if line.what not in PART_SHORT)
    parts = [line for line in lines if line.what in PART_SHORT and line.kankei_code not in fine]
    for who, these in groupby(parts, lambda line: line.kankei_code):
        known = list(these)
        yield f"{codes('kankei')[who]} 一部免除\n　所得 {_yen(known[0].figure)}"
        yield from (f"　{PART_SHORT[line.what]} {_sign(line)} {_yen(_decisive(line))}" for line in known)


def _step(line: Line) -> str:
    """本人 全額・納付猶予, then 所得 670,000 ≦ 限度 670,000, then how far the limit is from the figure; below it the ground, if there is one."""
    if line.what == menjo.GROUND_NAME:
        return f"　{line.what} {_sign(line)} 限度 {_yen(line.limit)}"
    spare = Bounds(line.limit.low - line.figure.high, line.limit.high - line.figure.low)
    who = codes("kankei")[line.kankei_code]
    return f"{who} {line.what}\n　所得 {_yen(line.figure)} {_sign(line)} 限度 {_yen(line.limit)}\n　差 {_yen(spare)}"


def _sign(line: Line) -> str:
    """？ where the answer lies between the bounds."""
    return "≦" if line.holds else "？" if line.may_hold else "＞"


def _decisive(line: Line) -> Bounds:
    """The end of the limit that settles it; both where nothing does."""
    low, high = line.limit
    return Bounds(low, low) if line.holds else line.limit if line.may_hold else Bounds(high, high)


def _yen(amount: Bounds) -> str:
    """What is known as a bound only has both ends."""
    return f"{amount.high:,}" if amount.low == amount.high else f"{amount.low:,}～{amount.high:,}"


def remarks(row: dict[str, Any], answer: Verdict | None, months: Months | None) -> list[str]:
    """Why nothing, or less, can be said."""
    found = []
    for person in row["persons"] or ():
        who = codes("kankei")[person["kankei_code"]]
        if not person["answered"]:
            found.append(f"{who}：回答待ち")
        elif person["kaitou_code"] in (NO_PAPERS, UNKNOWN_PERSON):
            found.append(f"{who}：{codes('kaitou')[person['kaitou_code']]}")
        elif person["mishinkoku"]:
            found.append(f"{who}：未申告")
    if row["lacks_head"]:
        found.append("世帯主：宛名番号が書かれていません")
    if not row["from_month"]:
        found.append("申請する期間が分かりません（免除始期・終期・免除年度）")
    return found + _of_age(row, answer, months) + _of_jobless(row, answer, months)


def _of_age(row: dict[str, Any], answer: Verdict | None, months: Months | None) -> list[str]:
    """Why 納付猶予 ends before the months do, or cannot begin, whatever the income and whoever lost work."""
    if not answer or not months or kind(row) == menjo.STUDENT:
        return []
    last = menjo.deferred_until(row["birth_on"], *months)
    if last is None:
        return (
            [f"納付猶予：なし（{_end_of_deferment(month_after(months.first, -1))}まで）"] if kind(row) == menjo.DEFERMENT else []
        )
    return [f"納付猶予：{wareki_month(last)}まで（{_end_of_deferment(last)}）"] if last < months.last and answer.until else []


def _end_of_deferment(last: date) -> str:
    following = month_after(last, 1)
    return f"{kijitsu().age('yuyo', following)}歳に達する月の前の月" if kijitsu().holds("yuyo", following) else "制度の終わる月"


def _of_jobless(row: dict[str, Any], answer: Verdict | None, months: Months | None) -> list[str]:
    """失業特例 leaves out the income of whoever lost work; the application does not say who: what the answer would be for each."""
    best = (menjo.FULL, menjo.DEFERRED) if kind(row) in (menjo.DEFERMENT, menjo.STUDENT) else (menjo.FULL,)
    if not row["shitsugyo_flag"] or not answer or not months or answer.outcome in best:
        return []
    persons, answers = _persons(row), []
    for one in persons:
        without = menjo.precheck(kind(row), tuple(p for p in persons if p is not one), *months, row["birth_on"])
        answers.append(f"{codes('kankei')[one.kankei_code]}なら{outcome(without, months)}")
    return [f"失業特例：誰の失業かを確認（{'、'.join(answers)}）"]
