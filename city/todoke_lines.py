"""The text on a medium of 届書, as 日本年金機構 of the city reads it: every line, every cell, what the cells of a record owe each other.

Rules of its own, from docs/interfaces.md (進達) and the 届書 of 国民年金法施行規則. ``ValueError`` names the line, the item and the rule, never a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

PREFECTURE, CITY = "31", "14"  # 神奈川 by our own code, and as a 市区町村コード begins
JIS = ((0x8140, 0x84BE), (0x889F, 0x9FFC), (0xE040, 0xEAA4))

#: era digit -> the first day, the last day, the year before its first
ERAS = {
    "1": (date(1868, 1, 25), date(1912, 7, 29), 1867), "3": (date(1912, 7, 30), date(1926, 12, 24), 1911),
    "5": (date(1926, 12, 25), date(1989, 1, 7), 1925), "7": (date(1989, 1, 8), date(2019, 4, 30), 1988), "9": (date(2019, 5, 1), date.max, 2018),
}  # fmt: skip

#: what only some 届書 say -> the 届書種別 that may say it (施行規則); of the others the cells are empty
SAY = {
    "sex_code": "01 03 07", "gaitou_on": "01 02 03 04 05 07 08 21 22 23 31 32 33 34 35 62", "jiyu_code": "01 02 03 07 08 31 32",
    "shubetsu_code": "01 03 07", "menjo_code": "31 33 34 35 41 42", "from_month": "31 32 33 34 36 41 42", "to_month": "31 32 33 34 36 41 42",
    "keizoku_flag": "41", "shitsugyo_flag": "41 42", "gakko_name": "42", "nenkin_code": "51 52 53 54 56 58 59 60 61 62",
    "shousho_no": "57 59 62", "seikyusha_name": "06 53 54 55 56", "seikyusha_zokugara": "06 53 54 55 56", "shibou_on": "06 53 54 55 56",
    "shoshin_on": "52", "shindansho_flag": "52 58 60", "new_name_kana": "04", "new_name": "04", "prev_name": "01 03 04", "prev_address": "05",
}  # fmt: skip
#: what a 届書 must say before it can be decided
MUST = {
    "gaitou_on": "01 02 03 04 05 07 08 21 22 23 31 32 33 34 35", "jiyu_code": "01 02 03 07 08 31 32", "shubetsu_code": "01 03 07",
    "menjo_code": "31 33 34 41 42", "from_month": "31 33 34 36 41 42", "to_month": "33 34 41 42", "gakko_name": "42",
    "nenkin_code": "51 52 53 54 58 60 61", "shousho_no": "57", "shibou_on": "06 53 54 55 56", "seikyusha_name": "53 54 55 56",
    "seikyusha_zokugara": "53 54 55 56", "shoshin_on": "52", "shindansho_flag": "52 58 60", "new_name_kana": "04", "new_name": "04",
    "kiso_nenkin_no": "06",
}  # fmt: skip
KINDS = "01|02|03|04|05|06|07|08|09|21|22|23|31|32|33|34|35|36|41|42|51|52|53|54|55|56|57|58|59|60|61|62|63"


def need(holds: bool, rule: str) -> None:
    if not holds:
        raise ValueError(rule)


def text(data: bytes, number: str) -> tuple[date, list[dict[str, str]]]:
    """作成年月日 and the records of the file."""
    need(data.endswith(b"\r\n"), "file: its last line does not end")
    lines = [_characters(line, n) for n, line in enumerate(data[:-2].split(b"\r\n"), 1)]
    need(len(lines) > 5, "file: no records")
    created_on = _first(lines[0].split(","), number)
    need(lines[1] == "[kanri]" and lines[2] == ",001" and lines[4] == "[data]", "file: not [kanri], one office, [data]")
    _sender(lines[3].split(","), lines[0].split(",")[:3])
    records = [_record(line.split(","), n, created_on) for n, line in enumerate(lines[5:], 6)]
    order = [(r["todoke_code"], r["uketsuke_no"]) for r in records]
    need(order == sorted(order), "file: not in the order of 届書種別, 受付番号")
    need(len({no for _, no in order}) == len(order), "file: a 受付番号 stands twice")
    return created_on, records


def _characters(line: bytes, n: int) -> str:
    """One byte: JIS X 0201; two: JIS X 0208 level 1 and 2, and of these only what is assigned."""
    at = 0
    while at < len(line):
        one = line[at]
        if 0x20 <= one <= 0x7E or 0xA1 <= one <= 0xDF:
            at += 1
            continue
        two = int.from_bytes(line[at : at + 2], "big")
        need(at + 1 < len(line) and line[at + 1] not in (0x7F, 0xFD, 0xFE, 0xFF), f"line {n}: half a character")
        need(any(low <= two <= high for low, high in JIS), f"line {n}: a character of none of both levels")
        try:
            line[at : at + 2].decode("shift_jis")
        except UnicodeDecodeError:
            raise ValueError(f"line {n}: no such character") from None
        at += 2
    return line.decode("cp932")


def _first(cells: list[str], number: str) -> date:
    need(
        len(cells) == 6 and cells[0] == PREFECTURE and re.fullmatch("[0-9]{2}", cells[1]) is not None, "line 1: 都道府県, 郡市区"
    )
    need(re.fullmatch(CITY + "[0-9]{4}", cells[2]) is not None, "line 1: 市区町村コード")
    need(cells[3] == number, "line 1: 媒体通番 is not that of the medium")
    need(re.fullmatch("20[0-9]{6}", cells[4]) is not None and cells[5] == "22223", "line 1: 作成年月日, 代表届書コード")
    try:
        return date(int(cells[4][:4]), int(cells[4][4:6]), int(cells[4][6:]))
    except ValueError:
        raise ValueError("line 1: 作成年月日 is no day") from None


def _sender(cells: list[str], same: list[str]) -> None:
    need(len(cells) == 8 and cells[:3] == same, "line 4: not the office of line 1")
    need(re.fullmatch("[0-9]{3}", cells[3]) is not None and re.fullmatch("[0-9]{4}", cells[4]) is not None, "line 4: 郵便番号")
    for cell, most, item in zip(cells[5:], (75, 50, 25), ("所在地", "名称", "所属長"), strict=True):
        need(0 < _bytes(cell) <= most, f"line 4: {item}")


def _bytes(text: str) -> int:
    return len(text.encode("cp932"))


# ---- cells -----------------------------------------------------------------------------------------------------------------------


def _pattern(form: str) -> Callable[[list[str]], str]:
    def of(cells: list[str]) -> str:
        text = "".join(cells)
        need(re.fullmatch(form, text) is not None, "not in its form")
        return text

    return of


def _split(*sizes: int) -> Callable[[list[str]], str]:
    def of(cells: list[str]) -> str:
        need(
            [len(cell) for cell in cells] == list(sizes) and all(re.fullmatch("[0-9]+", cell) for cell in cells),
            "not so many digits",
        )
        return "".join(cells)

    return of


def _day(cells: list[str]) -> str:
    need(cells[0] in ERAS and re.fullmatch("[0-9]{6}", cells[1]) is not None, "not an era and YYMMDD")
    first, last, before = ERAS[cells[0]]
    try:
        day = date(before + int(cells[1][:2]), int(cells[1][2:4]), int(cells[1][4:]))
    except ValueError:
        raise ValueError("no such day") from None
    need(first <= day <= last, "not a day of its era")
    return day.isoformat()


def _month(cells: list[str]) -> str:
    need(cells[0] in ERAS and re.fullmatch("[0-9]{4}", cells[1]) is not None, "not an era and YYMM")
    first, last, before = ERAS[cells[0]]
    try:
        month = date(before + int(cells[1][:2]), int(cells[1][2:]), 1)
    except ValueError:
        raise ValueError("no such month") from None
    need(first.replace(day=1) <= month <= last, "not a month of its era")
    return month.isoformat()[:7]


def _name(space: str, most: int) -> Callable[[list[str]], str]:
    def of(cells: list[str]) -> str:
        need(_bytes(cells[0]) <= most, "too many bytes")
        parts = cells[0].split(space)
        need(len(parts) == 2 and all(parts) and not re.search(r"\s", "".join(parts)), "not one space between two names")
        need(space != " " or _bytes(cells[0]) == len(cells[0]), "not one byte each")
        return cells[0]

    return of


def _words(most: int | None = None) -> Callable[[list[str]], str]:
    def of(cells: list[str]) -> str:
        need(most is None or _bytes(cells[0]) <= most, "too many bytes")
        need(not cells[0].startswith('"'), "in quotes")
        return cells[0]

    return of


def _kojin_no(cells: list[str]) -> str:
    """12 digits; the last makes the sum of the others, weighed 6 5 4 3 2 7 6 5 4 3 2, one of 11."""
    text = cells[0]
    need(re.fullmatch("[0-9]{12}", text) is not None, "not 12 digits")
    rest = sum(int(digit) * weight for digit, weight in zip(text, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=False)) % 11
    need(int(text[11]) == (0 if rest <= 1 else 11 - rest), "its check digit")
    return text


#: item -> how many cells it has, and what these may be. In the order of the record
CELLS: dict[str, tuple[int, Callable[[list[str]], str]]] = {
    "youshiki_code": (1, _pattern("9[0-9]{2}0000")), "uketsuke_no": (1, _pattern("[0-9]{15}")), "todoke_code": (1, _pattern(KINDS)),
    "juri_on": (2, _day), "kiso_nenkin_no": (2, _split(4, 6)), "kojin_no": (1, _kojin_no), "name_kana": (1, _name(" ", 25)),
    "name": (1, _name("\u3000", 24)), "birth_on": (2, _day), "sex_code": (1, _pattern("[012]")), "postal_code": (2, _split(3, 4)),
    "address": (1, _words(74)), "gaitou_on": (2, _day), "jiyu_code": (1, _pattern("0[1-69]|5[1-9]|7[1-6]")), "shubetsu_code": (1, _pattern("[145]")),
    "menjo_code": (1, _pattern("[01]0|2[0-3]|[3456]0")), "from_month": (2, _month), "to_month": (2, _month), "keizoku_flag": (1, _pattern("[01]")),
    "shitsugyo_flag": (1, _pattern("[01]")), "gakko_name": (1, _words()), "nenkin_code": (1, _pattern("[0-9]{4}")), "shousho_no": (1, _words()),
    "seikyusha_name": (1, _words()), "seikyusha_zokugara": (1, _words()), "shibou_on": (2, _day), "shoshin_on": (2, _day),
    "shindansho_flag": (1, _pattern("[01]")), "new_name_kana": (1, _name(" ", 25)), "new_name": (1, _name("\u3000", 24)),
    "prev_name": (1, _name("\u3000", 24)), "prev_address": (1, _words(74)), "bikou": (1, _words()),
}  # fmt: skip
ALWAYS = ("youshiki_code", "uketsuke_no", "todoke_code", "juri_on", "name_kana", "name", "birth_on", "address")
WIDTH = sum(width for width, _ in CELLS.values())


def _record(cells: list[str], n: int, created_on: date) -> dict[str, str]:
    need(len(cells) == WIDTH, f"line {n}: not {WIDTH} cells")
    record, at = {}, 0
    for item, (width, form) in CELLS.items():
        mine, at = cells[at : at + width], at + width
        try:
            record[item] = form(mine) if any(mine) else ""
        except ValueError as error:
            raise ValueError(f"line {n}: {item}: {error}") from None
    try:
        _agrees(record, created_on)
    except ValueError as error:
        raise ValueError(f"line {n}: {error}") from None
    return record


def _agrees(record: dict[str, str], created_on: date) -> None:
    """What the items of a record owe each other."""
    kind = record["todoke_code"]
    for item in ALWAYS:
        need(bool(record[item]), f"{item}: missing")
    need(record["youshiki_code"] == f"9{kind}0000", "youshiki_code: not that of its 届書種別")
    for item, kinds in SAY.items():
        need(not record[item] or kind in kinds.split(), f"{item}: its 届書 does not say this")
    for item, kinds in MUST.items():
        need(bool(record[item]) or kind not in kinds.split(), f"{item}: its 届書 must say this")
    need(bool(record["kiso_nenkin_no"]) != bool(record["kojin_no"]), "not one of 基礎年金番号 and 個人番号")
    need(record["juri_on"] <= created_on.isoformat(), "juri_on: after 作成年月日")
    need((kind, record["jiyu_code"]) not in (("02", "51"), ("02", "53")), "jiyu_code: nobody reports this")
    by_office = record["uketsuke_no"].startswith("9")
    need(record["bikou"] == ("職権" if by_office else ""), "bikou: not 職権 of what the city found itself, and nothing else")
    need(not by_office or (kind, record["jiyu_code"]) == ("02", "52"), "uketsuke_no: the city reports 国外転出 alone by itself")
