"""進達帳票の内容: what stands on the page of one record, box by box (P7). The same for paper as for the file: the texts in the writing of the target.

Never a 個人番号, only that the medium has it. Of a household under 支援措置 no address: the page is read at more desks than the medium.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

from etl.core.codec.todokefile import SAME, written
from etl.core.dates import format_wareki7, wareki, wareki_month
from etl.core.law.todoke import REPORT, todoke
from etl.core.mapping.fields import Field
from etl.core.mapping.layout import codes, leaving
from etl.core.paper.chouhyou import chouhyou
from etl.core.paper.shinseisho import PROTECTED

Shape = Literal["digits", "day", "month", "code", "choice", "text"]
SHAPES: dict[str, Shape] = {"era_day": "day", "era_month": "month", "code": "code", "flag": "choice"}
#: 0 and 1 in words
FLAGS = {"keizoku_flag": ("希望しない", "希望する"), "shitsugyo_flag": ("なし", "あり"), "shindansho_flag": ("なし", "あり")}
PERSON = ("kiso_nenkin_no", "name_kana", "name", "birth_on", "sex_code", "postal_code", "address")
#: what would tell where somebody lives
WHERE = ("postal_code", "address", "prev_address")
ON_MEDIUM, NOT_TOLD = "媒体に記録（紙には記載しない）", "記載なし"
NOTHING = "この届書には、上の欄のほかに報告する項目はありません。"
ACCEPTED = "上記のとおり届書を受理しましたので、報告します。"
FOUND = "届出がないため、上記のとおり市が職権で確認しましたので、報告します。"
NARROW, WIDE = 0.5, 1.0  # shares of the width
NONE = ("", "")


@dataclass(frozen=True)
class Box:
    """An item: its label, how it is filled in, its share of the row; ``groups``: digits in a row; ``choices``: of which one is ringed; ``size``: of
    its text."""

    item: str
    label: str
    shape: Shape
    share: float = NARROW
    groups: tuple[int, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    size: float = 10.0


@dataclass(frozen=True)
class Sheet:
    """The page of a 届書, empty: ``sections`` are titles with rows of boxes."""

    code: str
    youshiki: str
    title: str
    word: str
    basis: str
    sections: tuple[tuple[str, tuple[tuple[Box, ...], ...]], ...]


@dataclass(frozen=True)
class Page:
    """What is written into it: item -> (digits, words). ``place``: how-manieth of how many."""

    code: str
    uketsuke_no: str
    ku: str
    juri: str
    sentence: str
    values: dict[str, tuple[str, str]]
    bikou: str
    place: tuple[int, int]


@cache
def sheet(code: str) -> Sheet:
    """The empty page of a 届書種別."""
    about, page = todoke()[code], chouhyou()[code]
    fields = {f.name: f for f in leaving()[REPORT].columns}

    def box(item: str, share: float = NARROW, size: float = 10.0, label: str = "") -> Box:
        return _box(fields[item], label or page.labels.get(item, fields[item].label), share, size)

    sex = "sex_code" in about.items
    number = Box("kojin_no", "個人番号", "text", size=8.5)
    name = box("name", NARROW if sex else WIDE, 13.0, "氏名")
    person = (
        (box("kiso_nenkin_no"), number),
        (box("name_kana", size=11.0, label="フリガナ"), box("birth_on")),
        (name, box("sex_code")) if sex else (name,),
        (box("postal_code", 0.37), box("address", 0.63)),
    )
    items = [box(item) for item in about.items if item not in PERSON]
    sections = ((f"Ａ　{page.person}", person), ("Ｂ　届出の内容", _rows(items)))
    return Sheet(code, f"9{code}0000", page.title, codes("todoke")[code], about.basis, sections)


def _box(field: Field, label: str, share: float, size: float) -> Box:
    if field.split or field.type.startswith("digits"):
        groups = field.split or (int(field.type.removeprefix("digits")),)
        return Box(field.name, label, "digits", share, tuple(groups))
    if field.name == "sex_code":
        return Box(field.name, label, "choice", share, choices=tuple((c, w) for c, w in codes("sex").items() if c != "0"))
    if field.type == "flag":
        return Box(field.name, label, "choice", share, choices=tuple(zip("10", reversed(FLAGS[field.name]), strict=True)))
    length = len(next(iter(codes(field.codes)))) if field.codes else 0
    return Box(field.name, label, SHAPES.get(field.type, "text"), share, (length,) if length else (), size=size)


def _rows(boxes: list[Box]) -> tuple[tuple[Box, ...], ...]:
    """Two boxes in a row where both are short, 始期 and 終期 side by side; a long text, and what is left over, has a row of its own."""
    rows: list[tuple[Box, ...]] = []
    for box in boxes:
        half = box.shape != "text" or box.item in ("shousho_no", "seikyusha_zokugara")
        if half and rows and len(rows[-1]) == 1 and rows[-1][0].share == NARROW and box.item != "from_month":
            rows[-1] = (*rows[-1], box)
        else:
            rows.append((box if half else Box(box.item, box.label, box.shape, WIDE, size=12.0),))
    return tuple(rows)


def page(row: dict[str, Any], place: tuple[int, int]) -> Page:
    """The page of one record that was fixed (``sql/shintatsu/forms``)."""
    fields = {f.name: f for f in leaving()[REPORT].columns}
    boxes = [b.item for _, rows in sheet(row["todoke_code"]).sections for each in rows for b in each]
    values = {item: _value(fields[item], row[item]) for item in boxes if item != "kojin_no"}
    values["kojin_no"] = ("", ON_MEDIUM if row["has_number"] else NOT_TOLD)
    if row["protected"]:
        values |= {item: ("", PROTECTED if item != "postal_code" else "") for item in WHERE if item in values}
    notes = [written(row["bikou"] or "")]
    if reduced := [fields[item].label for item in _reduced(row, boxes)]:
        notes.append(f"縮退した文字で記録した項目：{'・'.join(reduced)}")
    return Page(
        row["todoke_code"], row["uketsuke_no"], codes("uketsuke_ku")[row["ku_code"]], wareki(row["juri_on"]),
        FOUND if row["shokken"] else ACCEPTED, values, "\n".join(n for n in notes if n), place,
    )  # fmt: skip


def _reduced(row: dict[str, Any], boxes: list[str]) -> list[str]:
    """The texts that the target cannot have as the register writes them."""
    shown = [b for b in boxes if b != "kojin_no" and not (row["protected"] and b in WHERE)]
    return [item for item in shown if isinstance(row[item], str) and written(row[item]) != row[item].translate(SAME)]


def _value(field: Field, value: Any) -> tuple[str, str]:
    """As digits, and in words."""
    if value is None or value == "":
        return NONE
    if isinstance(value, bool):
        return str(int(value)), ""
    if isinstance(value, date):
        digits, month = format_wareki7(value), field.type == "era_month"
        return (digits[:5], wareki_month(value)) if month else (digits, wareki(value))
    if field.codes:
        return value, codes(field.codes).get(value, "")
    if field.split or field.type.startswith("digits"):
        return value, ""
    return "", written(value)
