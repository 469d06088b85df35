"""事前審査の表示: an application's persons and income to the outcome of ``menjo.precheck``, with its arithmetic in words."""

from __future__ import annotations

from typing import Any

from etl.core.dates import nendo
from etl.core.law import menjo
from etl.core.law.menjo import Line, Person, Shotoku, Verdict
from etl.core.mapping.layout import codes

ITEMS = tuple(Shotoku.__dataclass_fields__)
NO_PAPERS, UNKNOWN_PERSON = "2", "3"  # 回答区分


def verdict(row: dict[str, Any]) -> Verdict:
    """Of one application and 相当年度: todoke_code, menjo_code, shitsugyo, lacks_head, first_month, age and persons."""
    persons = [_person(row, p) for p in row["persons"]]
    if row["lacks_head"]:
        persons.append(Person(menjo.HEAD, None))
    kind = menjo.STUDENT if row["todoke_code"] == "42" else row["menjo_code"] or ""
    return menjo.precheck(kind, tuple(persons), row["first_month"], row["age"])


def _person(row: dict[str, Any], person: dict[str, Any]) -> Person:
    """Without an answer, without papers or undeclared there is no income to speak of."""
    usable = person["answered"] and person["kaitou_code"] not in (NO_PAPERS, UNKNOWN_PERSON) and not person["mishinkoku"]
    income = Shotoku(**{name: person["income"][name] for name in ITEMS}) if usable else None
    return Person(person["kankei_code"], income, row["shitsugyo"] and person["kankei_code"] == menjo.APPLICANT)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """The row of the list: outcome, arithmetic, and what is still missing."""
    found = verdict(row)
    return row | {
        "nendo": nendo(row["soutou_year"]), "outcome": found.outcome, "arithmetic": "\n".join(map(arithmetic, found.lines)),
        "remarks": "\n".join(remarks(row)),
    }  # fmt: skip


def arithmetic(line: Line) -> str:
    """本人 全額・納付猶予, then 所得 670,000 ≦ 限度 670,000, then the difference; a figure known from above only begins with 0～."""
    who, low, high = codes("kankei")[line.kankei_code], line.figure.low, line.figure.high
    figure = f"{high:,}" if low == high else f"{low:,}～{high:,}"
    return f"{who} {line.what}\n　所得 {figure} {'≦' if line.holds else '＞'} 限度 {line.limit:,}\n　差 {line.limit - high:,}"


def remarks(row: dict[str, Any]) -> list[str]:
    """Why nothing, or less, can be said."""
    found = []
    for person in row["persons"]:
        who = codes("kankei")[person["kankei_code"]]
        if not person["answered"]:
            found.append(f"{who}：回答待ち")
        elif person["kaitou_code"] in (NO_PAPERS, UNKNOWN_PERSON):
            found.append(f"{who}：{codes('kaitou')[person['kaitou_code']]}")
        elif person["mishinkoku"]:
            found.append(f"{who}：未申告")
    if row["lacks_head"]:
        found.append("世帯主：宛名番号が書かれていません")
    return found + (["失業特例：本人の所得を除きました"] if row["shitsugyo"] else [])
