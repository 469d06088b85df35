"""所得附票の内容: an application and the income that its review reads, as the texts of one page. Never a 個人番号, never a decision.

It is an annex to the application that the person signed, not that application: no addressee, no room for a stamp or a signature.
The address of a 支援措置対象者, and of everybody in the household of one whom we hold, is not shown: the page may reach the one they
are protected from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from etl.core.dates import nendo, wareki, wareki_month
from etl.core.law import shinsa
from etl.core.law.kijun import PARTS
from etl.core.law.menjo import DEFERMENT, HEAD, PART_NAMES, STUDENT
from etl.core.mapping.layout import codes, layouts

TITLES = {"41": "国民年金保険料　免除・納付猶予申請書　所得附票", "42": "国民年金保険料　学生納付特例申請書　所得附票"}
PROTECTED = "支援措置のため表示しません"
UNKNOWN = "（宛名がありません）"
WAITING, UNDECLARED = "回答待ち", "未申告"
NOTES = (
    "この附票は本人の申請書に添えるもので、申請書に代わるものではありません。承認・却下は日本年金機構が決定します。",
    "所得は市民税の回答によるもので、事前審査は所得だけを見た参考です。分からない控除や年齢がどうであっても限度額以内なら「確実」、それによって限度額以内となり得るなら「可能」です。",
    "個人番号は印字しません。この用紙は1枚ごとに印刷の記録（職員・日時・処理事由・宛名番号）に残ります。",
)
LABEL, ITEM = 0.17, 0.32  # shares of a table's width that its labels take


@dataclass(frozen=True)
class Table:
    """A block of cells under a title; ``widths``: shares of its width; ``grey``: columns that hold labels; ``head``: the first row, too;
    ``figures``: all but labels are set to the right."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    grey: tuple[int, ...] = (0,)
    head: bool = False
    figures: bool = False


BLANK = Table("", (), ())


@dataclass(frozen=True)
class Form:
    """One page: ``bands`` from top to bottom, the tables of a band side by side; ``lead``: sentences above them; ``size``: of the text, or as much
    smaller as it takes."""

    title: str
    corner: tuple[str, ...]
    bands: tuple[tuple[Table, ...], ...]
    notes: tuple[str, ...]
    lead: tuple[str, ...] = ()
    size: float = 9.0


def form(row: dict[str, Any], made_on: date) -> Form:
    """The page of one application: its columns, ``people`` (宛名 of everybody who counts) and ``years`` (income per 相当年度)."""
    years = [_income(year) for year in row["years"]]
    years += [BLANK] * (len(years) > 1 and len(years) % 2)
    reviews = [shinsa.shown(row | year) for year in row["years"]]
    bands: list[tuple[Table, ...]] = [(_applicant(row, row["people"][0]),), (_family(row["people"][1:]),), (_asked_for(row),)]
    bands += [tuple(years[n : n + 2]) for n in range(0, len(years), 2)]
    bands += [(_review(row, reviews),)]
    remarks = [f"備考　{text}" for text in _remarks(reviews)]
    corner = (
        f"受付番号　{row['uketsuke_no']}",
        f"受理　{wareki(row['juri_on'])}　{codes('uketsuke_ku')[row['uketsuke_ku_code']]}",
        f"出力　{wareki(made_on)}",
    )
    return Form(TITLES[row["todoke_code"]], corner, tuple(b for b in bands if b[0].rows), (*remarks, *NOTES))


def _applicant(row: dict[str, Any], person: dict[str, Any]) -> Table:
    number = row["kiso_nenkin_no"]
    return Table("申請する人", (
        ("基礎年金番号", f"{number[:4]}-{number[4:]}" if number else "", "宛名番号", row["atena_no"]),
        ("フリガナ", person["name_kana"] or row["name_kana"], "生年月日", wareki(row["birth_on"])),
        ("氏名", _name(person), "性別", codes("sex")[row["sex_code"]]),
        ("住所", _address(person), "学校名" if row["todoke_code"] == "42" else "", row["gakko_name"] or ""),
    ), (LABEL, 0.45, 0.13, 0.25), (0, 2))  # fmt: skip


def _family(people: list[dict[str, Any]]) -> Table:
    rows = [
        (codes("kankei")[p["kankei_code"]], f"{p['name_kana'] or ''}\n{_name(p)}".strip(), _birth(p), _address(p)) for p in people
    ]  # fmt: skip
    head = ("", "フリガナ・氏名", "生年月日", "住所")
    return Table("配偶者・世帯主", (head, *rows) if rows else (), (0.12, 0.3, 0.2, 0.38), (0,), head=True)


def _asked_for(row: dict[str, Any]) -> Table:
    first, last = row["menjo_from_month"], row["menjo_to_month"] or row["menjo_from_month"]
    months = (
        f"{wareki_month(first)} から {wareki_month(last)} まで"
        if first
        else nendo(row["menjo_year"])
        if row["menjo_year"]
        else ""
    )
    kind = shinsa.kind(row)
    return Table("申請の内容", (
        ("申請する期間", months, "免除等の種類", codes("menjo").get(kind, "")),
        ("継続審査", "希望する" if row["keizoku_flag"] else "希望しない", "失業等の特例", "あり" if row["shitsugyo_flag"] else "なし"),
        *([("世帯主", _head(row), "", "")] if kind not in (STUDENT, DEFERMENT) else []),
    ), (LABEL, 0.4, LABEL, 0.26), (0, 2))  # fmt: skip


def _head(row: dict[str, Any]) -> str:
    """The 世帯主; 本人 or 配偶者 may be 世帯主 too, and then counts once."""
    if row["lacks_head"]:
        return "書かれていません"
    found = next(p["kankei_code"] for p in row["people"] if p["atena_no"] == row["setainushi_atena_no"])
    return "上の欄のとおり" if found == HEAD else codes("kankei")[found]


def _income(year: dict[str, Any]) -> Table:
    """A year's answers, a column per person."""
    persons, data = year["persons"], layouts()["shotoku_kaitou"].data
    rows = [("単位：円・人", *(codes("kankei")[p["kankei_code"]] for p in persons)), ("回答", *map(_answer, persons))]
    rows.append(("賦課年度", *(nendo(p["income"]["fuka_year"]) if p["answered"] else "" for p in persons)))
    rows += [(data.field(item).label, *(_value(item, p) for p in persons)) for item in shinsa.ITEMS]
    share = (1 - ITEM) / len(persons)
    return Table(
        f"所得　相当年度 {nendo(year['soutou_year'])}",
        tuple(rows),
        (ITEM, *[share] * len(persons)),
        (0,),
        head=True,
        figures=True,
    )


def _answer(person: dict[str, Any]) -> str:
    if not person["answered"]:
        return WAITING
    return UNDECLARED if person["mishinkoku"] else codes("kaitou")[person["kaitou_code"]]


def _value(item: str, person: dict[str, Any]) -> str:
    value = person["income"][item] if person["answered"] else None
    if value is None:
        return ""
    known = layouts()["shotoku_kaitou"].data.field(item).codes
    return codes(known)[value] if known else ("あり" if value else "なし") if isinstance(value, bool) else f"{value:,}"


def _review(row: dict[str, Any], reviews: list[dict[str, Any]]) -> Table:
    """What the income says of each year; 一部免除 only where it is applied for."""
    parts = PARTS if shinsa.kind(row) not in (STUDENT, DEFERMENT) else ()
    head = ("相当年度", "審査した月", "結果", *(PART_NAMES[code] for code in parts))
    rows = [(r["nendo"], r["months"], r["outcome"], *(r[f"part_{code}"] or "―" for code in parts)) for r in reviews]
    widths = (0.12, 0.26, 0.29, *(0.11,) * len(parts)) if parts else (LABEL, 0.4, 0.43)
    return Table("事前審査（参考）", (head, *rows), widths, (0,), head=True)


def _remarks(reviews: list[dict[str, Any]]) -> list[str]:
    """What may not be applied for, and what the review lacks: what is so in several years, once."""
    found = [f"申請できない月　{'、'.join(reviews[0]['outside'].splitlines())}"] if reviews[0]["outside"] else []
    years: dict[str, list[str]] = {}
    for review in reviews:
        if review["remarks"]:
            years.setdefault("　".join(review["remarks"].splitlines()), []).append(review["nendo"])
    return found + [f"{'・'.join(same)}　{text}" for text, same in years.items()]


def _name(person: dict[str, Any]) -> str:
    """氏名, with the 通称 of a foreign resident."""
    name: str | None = person["name"]
    return UNKNOWN if name is None else name + (f"（通称　{person['tsusho']}）" if person["tsusho"] else "")


def _address(person: dict[str, Any]) -> str:
    if person["name"] is None:
        return ""
    return PROTECTED if person["protected"] else f"{person['address']}　{person['katagaki'] or ''}".rstrip("　")


def _birth(person: dict[str, Any]) -> str:
    return wareki(date.fromisoformat(person["birth_on"])) if person["birth_on"] else ""
