"""免除等の事前審査の事例のための道具: incomes, papers and persons from a few words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from etl.core.law import menjo
from etl.core.law.menjo import APPLICANT, HEAD, SPOUSE, Missing, Person, Shotoku, Verdict

PLAIN = Shotoku(0, 0, 0, 0, 0, False, 0, 0, "0", "0", False, 0, 0, 0, 0, 0)
NONE_MORE = Missing(0, 0, 0, 0, 0, False)  # the papers show that there is nothing of what 別添2 lacks
JULY = date(2025, 7, 1)


def check(
    kind: str, *persons: Person, age: int = 40, first: date = JULY, last: date | None = None, jobless: bool = False
) -> Verdict:
    """事前審査 of one month (or more) for an applicant who is so old in it."""
    return menjo.precheck(kind, persons, first, last or first, date(first.year - age, first.month, 1), jobless)


NAMES = {"若年": "koukousei_fuyo", "老配": "rojin_haiguu_flag"}


def with_fuyo(text: str | None) -> tuple[Shotoku, Missing]:
    cells = {k: int(v) for k, v in (c.split("=") for c in (text or "").split())}
    counts: dict[str, Any] = {f"{k}_fuyo": v for k, v in cells.items() if k not in ("haiguu", *NAMES)}
    papers: dict[str, Any] = {NAMES[k]: bool(v) if k == "老配" else v for k, v in cells.items() if k in NAMES}
    return replace(PLAIN, **counts, koujo_haiguu_flag="haiguu" in cells), Missing(**papers)


SPECIAL = {"障害": {"honnin_shogai_code": "1"}, "寡婦": {"honnin_kafu_code": "1"}, "ひとり親": {"honnin_kafu_code": "2"}}


def person(kankei: str, text: str | None) -> list[Person]:
    if not text:
        return []
    if text in ("なし", "不明"):
        return [Person(kankei, None if text == "なし" else replace(PLAIN, goukei_shotoku_yen=None))]
    digits = "".join(c for c in text if c.isdigit())
    word = text.removeprefix(digits)
    income = replace(PLAIN, goukei_shotoku_yen=int(digits), **SPECIAL.get(word, {}))
    return [Person(kankei, income, NONE_MORE if word == "書類" else Missing())]


def persons(case: dict[str, str]) -> list[Person]:
    return [*person(APPLICANT, case["本人"]), *person(SPOUSE, case["配偶者"]), *person(HEAD, case["世帯主"])]
