"""進達: what a record says of a 届書 and what speaks against it (規則第9条; 評価書 Ⅲ-5 リスク3 論理チェック). Pure.

A record carries what its 届書 may carry and nothing else (``items`` of todoke.yaml; P59); of 個人番号 and 基礎年金番号 the one that is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from etl.core.dates import month_after
from etl.core.law.eigyoubi import next_business_day
from etl.core.law.todoke import REPORT, Todoke, todoke
from etl.core.mapping.houkoku import houkoku
from etl.core.mapping.layout import leaving

KISO, NUMBER = "kiso_nenkin_no", "kojin_id"  # 個人番号 is the vault's id here
ALWAYS = ("youshiki_code", "uketsuke_no", "todoke_code", "juri_on")
SHOKKEN = "職権"
UNCHECKED = "突合1 の点検がまだ済んでいない"
UNIDENTIFIED = "基礎年金番号も個人番号も分からない"
MISSING = "必要な項目がない（{}）"
#: what stands before what, as (earlier, later, may be the same day, how it is said)
IN_ORDER: tuple[tuple[str, str, str], ...] = (
    ("birth_on", "gaitou_on", "該当年月日が生年月日より前"),
    ("birth_on", "shibou_on", "死亡年月日が生年月日より前"),
    ("birth_on", "shoshin_on", "初診日が生年月日より前"),
    ("shibou_on", "juri_on", "死亡年月日が受理年月日より後"),
    ("shoshin_on", "juri_on", "初診日が受理年月日より後"),
    ("from_month", "to_month", "終期が始期より前"),
)
#: 届書 that are filed before the day that they are about: 出産予定日, 任意加入・付加 from a day to come
AHEAD = ("07", "08", "21", "22", "23", "33")
LATER = "該当年月日が受理年月日より後"


#: how 突合1 says that a 届書 names neither, or not the one that it needs
_IDENTITY = ("個人番号又は基礎年金番号", "基礎年金番号", "個人番号")


@dataclass(frozen=True)
class Point:
    """What speaks against a record. ``item``: its item, or empty. ``holds``: it does not go (エラー); else somebody looks at it (アラート)."""

    item: str
    said: str
    holds: bool


def record(row: Mapping[str, Any]) -> dict[str, Any]:
    """The items of the record of one candidate (``sql/shintatsu/candidates``), 個人番号 as the vault's id; what it may not carry is None."""
    about = todoke()[row["todoke_code"]]
    out: dict[str, Any] = dict.fromkeys(f.name if f.name != "kojin_no" else NUMBER for f in leaving()[REPORT].columns)
    out |= {name: row.get(name) for name in ALWAYS} | {"youshiki_code": f"9{row['todoke_code']}0000"}
    months = _months(row)
    given = {"menjo_code": row["menjo_code"] or about.menjo, **months}
    out |= {item: given.get(item, row.get(item)) for item in about.items}
    if row["idou_approval_id"] is not None:
        out["bikou"] = SHOKKEN
    return out | _identity(row, about)


def _identity(row: Mapping[str, Any], about: Todoke) -> dict[str, Any]:
    """基礎年金番号 where it is known, else 個人番号; both where the 届書 needs both, and no 個人番号 where it needs the other one (死亡届)."""
    kiso, number = KISO in about.needs, "kojin_no" in about.needs
    said = number if kiso else not row[KISO]
    number_of = row["kojin_id"] if said else None
    return {KISO: row[KISO], NUMBER: number_of}


def _months(row: Mapping[str, Any]) -> dict[str, date | None]:
    """始期 and 終期: as the 届書 says them, or as they follow: 法定免除 from the month before 該当年月日, of an application the 年度 of its kind."""
    start, end = row["menjo_from_month"], row["menjo_to_month"]
    if row["todoke_code"] == "31" and start is None and row["gaitou_on"]:
        start = month_after(row["gaitou_on"], -1)
    if row["todoke_code"] in ("41", "42"):
        if start is None and row["menjo_year"]:
            start = date(row["menjo_year"], row["nendo_from"], 1)
        if start and end is None:
            end = month_after(start, (11 - start.month + row["nendo_from"]) % 12)
    return {"from_month": start, "to_month": end}


def points(row: Mapping[str, Any], made: Mapping[str, Any]) -> list[Point]:
    """What speaks against the record ``made`` of a candidate, エラー first. What cannot be written is told by the codec."""
    return [*_errors(row, made), *_alerts(row, made)]


def _errors(row: Mapping[str, Any], made: Mapping[str, Any]) -> Iterator[Point]:
    if row["unchecked"]:
        yield Point("", UNCHECKED, True)
    identified = made[KISO] or made[NUMBER]
    lacks = [label for label in row["missing"] if not (identified and label in _IDENTITY)]  # 宛名 or 年金基本 may know it
    if lacks:
        yield Point("", MISSING.format("・".join(lacks)), True)
    if not identified:
        yield Point(KISO, UNIDENTIFIED, True)


def _alerts(row: Mapping[str, Any], made: Mapping[str, Any]) -> Iterator[Point]:
    for finding in row["findings"]:
        yield Point("", finding, False)
    for earlier, later, said in IN_ORDER:
        if made[earlier] and made[later] and made[earlier] > made[later]:
            yield Point(later, said, False)
    if made["gaitou_on"] and made["gaitou_on"] > row["juri_on"] and row["todoke_code"] not in AHEAD:
        yield Point("gaitou_on", LATER, False)
    if not made[KISO] and made[NUMBER]:
        yield Point(KISO, "基礎年金番号が分からない（個人番号で報告する）", False)
    if row["shien_flag"]:
        yield Point("address", "支援措置対象者の世帯（紙には住所を出さない）", False)


def review_ends(day: date) -> date:
    """The last day of 内容確認・修正期間 of a report that is opened on this day (P85); by the calendar none goes before it."""
    for _ in range(houkoku().kakunin):
        day = next_business_day(day + timedelta(days=1))
    return day


def next_opened(after: date) -> date:
    """The day after this one on which a report is opened by the calendar."""
    return next(day for n in range(1, 62) if (day := after + timedelta(days=n)).day in houkoku().hiraku)
