"""産前産後免除 and 育児期間免除: the months that a birth gives, and whether an intake names such months. Pure.

Sources: 国民年金法第88条の2 (産前産後), 国民年金法第88条の3 (育児期間). No item says 単胎 or 多胎, 父, 母 or 養親, so an intake is right when it names the months of any of
them; what fits none is a finding for a person, never a refusal. A month is counted by the birthday itself, not by the day before.
Of a child of 29 February that is 1 March (``add_years``).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from etl.core.dates import add_years, month_after
from etl.core.law.kijitsu import kijitsu
from etl.core.law.todoke import todoke
from etl.core.mapping.layout import dated_codes

SANZEN_SANGO, IKUJI = "33", "34"
WOMAN = "2"
FINDINGS = {SANZEN_SANGO: "産前産後免除の月が出産(予定)日と合わない", IKUJI: "育児期間免除の月が出生日と合わない"}


class Months(NamedTuple):
    """The first and the last month, as their first days."""

    first: date
    last: date


@dataclass(frozen=True)
class Told:
    """What an intake of 33 or 34 says, and what is known of its person: the months in which a 資格 of 種別 1 begins and ends, and the last
    month of a registered 産前産後免除 around the birth."""

    todoke_code: str
    gaitou_on: date
    sex_code: str
    first: date
    last: date | None
    begins: Collection[date] = ()
    ends: Collection[date] = ()
    sango_until: date | None = None


def sanzen_sango(shussan_on: date, tatai: bool) -> Months | None:
    """産前産後 by 出産(予定)日; None when the law began later."""
    before = kijitsu().months("sanzen_tatai" if tatai else "sanzen", shussan_on)
    after = kijitsu().months("sango", shussan_on)
    return _in_force(SANZEN_SANGO, Months(month_after(shussan_on, -before), month_after(shussan_on, after)))


def ikuji(shussei_on: date, haha: bool, sango_until: date | None = None) -> Months | None:
    """育児期間 of a child, of its mother from the month after 産前産後 (``sango_until``: its last month, where it is known); None when no month
    is left. A later beginning never moves the end."""
    last = month_after(add_years(shussei_on, kijitsu().years("ikuji", shussei_on)), -1)
    if not haha:
        return _in_force(IKUJI, Months(month_after(shussei_on, 0), last))
    first = month_after(sango_until or month_after(shussei_on, kijitsu().months("sango", shussei_on)), 1)
    most = month_after(first, kijitsu().months("ikuji_haha", shussei_on) - 1)
    return _in_force(IKUJI, Months(first, min(last, most)))


def finding(told: Told) -> str | None:
    """What stands in the 点検票 when the months are those of no birth on that day."""
    agrees = _agrees_birth if told.todoke_code == SANZEN_SANGO else _agrees_child
    return None if agrees(told) else FINDINGS[told.todoke_code]


def _agrees_birth(told: Told) -> bool:
    return any(_same(told, sanzen_sango(told.gaitou_on, tatai)) for tatai in (False, True))


def _agrees_child(told: Told) -> bool:
    """As its mother, or from the month of 出生 (縁組) on: to the end as its father, to any month before it as an adopter, whose child was
    born on a day that no item tells. A woman does not have the months of a father."""
    mother, whole = ikuji(told.gaitou_on, haha=True, sango_until=told.sango_until), ikuji(told.gaitou_on, haha=False)
    if _same(told, mother):
        return True
    if whole is None or not _begins(told, whole) or (told.last and not told.first <= told.last <= whole.last):
        return False
    return told.sex_code != WOMAN or told.last != whole.last


def _same(told: Told, months: Months | None) -> bool:
    """These months, or those of them in which there is a 資格."""
    if months is None or not _begins(told, months):
        return False
    return told.last in (None, months.last) or (told.last in told.ends and told.first <= told.last <= months.last)


def _begins(told: Told, months: Months) -> bool:
    return told.first == months.first or (told.first in told.begins and months.first <= told.first <= months.last)


def _in_force(todoke_code: str, months: Months) -> Months | None:
    """Not before the law began."""
    began = dated_codes("menjo")[todoke()[todoke_code].menjo or ""].since or date.min
    return Months(max(months.first, began), months.last) if months.last >= began else None
