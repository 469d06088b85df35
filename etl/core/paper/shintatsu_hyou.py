"""進達の一覧と送り状: the lists by which a report is looked through, and the sheets that go with its medium: 総括表, 送付書, label.

Of a household under 支援措置 no address stands on any of them; no 個人番号 on any.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from etl.core.codec.todokefile import Changed, expressible
from etl.core.dates import wareki, wareki_month
from etl.core.law.shintatsu import NUMBER, Point
from etl.core.law.todoke import DATASET, REPORT
from etl.core.mapping.fields import Field
from etl.core.mapping.houkoku import houkoku
from etl.core.mapping.layout import DAYS, codes, layouts, leaving
from etl.core.paper.cells import Alarm, Cell, cell_text
from etl.core.paper.shinseisho import PROTECTED, Form, Table
from etl.core.paper.shintatsu import WHERE

CHECKED, CHANGED, FIXED = "進達確認リスト", "進達変更一覧", "進達確定一覧"
HELD, REDUCED = "進達保留・除外一覧", "進達縮退一覧"
FORMS, SUMMARY, LETTER, LABEL = "進達帳票", "進達総括表", "進達送付書", "媒体ラベル"
SIGNS = ("担当者", "確認者", "決裁")
GOES, HOLDS, LEFT_OUT = "報告", "保留", "除外"
NOTES = (
    "扱い：報告＝このまま確定すると報告する。保留＝このままでは報告できない。除外＝この回だけ除いた。",
    "直すときは、受付の新しい改訂を取り込む。この回だけ除くときは kokunen shintatsu leave-out。確定の前に、もう一度開始すると、作り直す。",
    "期限は受理から14日（国民年金法施行規則第9条）。過ぎたものは強調する。",
)
REDUCED_NOTE = "報告先の文字集合（JIS X 0208 第1・第2水準）にない文字を、縮退して記録する。登録した氏名・住所は変わらない。"
OPENER = "7-Zip など、AES-256 の ZIP に対応したプログラム"


class Looked(Protocol):
    """A candidate as people look at it: its row and record, what speaks against it, what is written otherwise, what becomes of it."""

    @property
    def row(self) -> dict[str, Any]: ...
    @property
    def record(self) -> dict[str, Any]: ...
    @property
    def points(self) -> tuple[Point, ...]: ...
    @property
    def changed(self) -> tuple[Changed, ...]: ...
    @property
    def held(self) -> bool: ...
    @property
    def left_out(self) -> bool: ...


HEADS = (
    "受付番号", "届書コード", "届書", "受理年月日", "期限", "改訂", "フリガナ・氏名", "生年月日", "基礎年金番号", "該当年月日・期間", "事由", "扱い", "確認事項",
)  # fmt: skip
HELD_HEADS = ("受付番号", "届書コード", "届書", "受理年月日", "期限", "フリガナ・氏名", "扱い", "項目", "理由")
CHANGED_HEADS = ("受付番号", "届書コード", "届書", "フリガナ", "変更", "項目", "前", "後", "理由・入力者・確認者", "取込日時")
REDUCED_HEADS = ("受付番号", "届書コード", "届書", "項目", "登録の文字", "報告する文字", "縮退した文字")


def checked(found: Iterable[Looked], on: date) -> list[tuple[Cell, ...]]:
    """A line for each candidate, with all that was found."""
    return [
        (
            *_start(c), c.row["juri_on"], _due(c, on), _revision(c), _named(c), c.row["birth_on"], c.record["kiso_nenkin_no"], _when(c), _why(c),
            Alarm(HOLDS) if _fate(c) == HOLDS else _fate(c), _said(c),
        )
        for c in found
    ]  # fmt: skip


def held(found: Iterable[Looked], on: date) -> list[tuple[Cell, ...]]:
    """What does not go, and why: an item a line of the cell."""
    return [
        (*_start(c), c.row["juri_on"], _due(c, on), _named(c), _fate(c), *_reasons(c)) for c in found if c.held or c.left_out
    ]  # fmt: skip


def reduced(found: Iterable[Looked]) -> list[tuple[Cell, ...]]:
    """The texts that are written in their 縮退 form, one a line."""
    lines: list[tuple[Cell, ...]] = []
    for c in found:
        for one in c.changed:
            before, after = (PROTECTED,) * 2 if c.row["shien_flag"] and one.item in WHERE else (one.before, one.after)
            lines.append((*_start(c), _label(one.item), before, after, _lacking(before)))
    return lines


#: of an intake, what says nothing about the 届書 itself
BOOKED = ("rev", "nyuryoku_user", "kakunin_user", "honnin_kakunin_code")
OTHER_NUMBER = "（番号が異なる）"


def changed(rows: Iterable[dict[str, Any]]) -> list[tuple[Cell, ...]]:
    """What was done since the report was opened (``sql/shintatsu/changes``): a revision with each item that is another one, or that somebody was left
    out or came back."""
    return [
        (row["uketsuke_no"], row["todoke_code"], codes("todoke").get(row["todoke_code"] or "", ""), row["name_kana"], *_change(row), row["at"])
        for row in rows
    ]  # fmt: skip


def _change(row: dict[str, Any]) -> tuple[Cell, ...]:
    if row["rev"] is None:
        return LEFT_OUT if row["out"] else "除外の取消し", "", "", "", row["why"]
    before, after = row["before"], row["after"]
    fields = [f for f in layouts()[DATASET].data.stored if f.name not in BOOKED]
    names = {f.name: NUMBER if f.name == "kojin_no" else f.name for f in fields}
    other = [f for f in fields if before[names[f.name]] != after[names[f.name]]]
    values = ["\n".join(_of_intake(f, side[names[f.name]]) for f in other) for side in (before, after)]
    who = f"入力 {after['nyuryoku_user']}・確認 {after['kakunin_user'] or 'なし'}"
    return f"改訂 第{before['rev']}版→第{after['rev']}版", "\n".join(f.label for f in other), *values, who


def _of_intake(field: Field, value: Any) -> str:
    """An item of an intake as the database tells it; of a 個人番号 only that it is another one."""
    if value is None:
        return "―"
    if field.name == "kojin_no":
        return OTHER_NUMBER
    if field.type == "month":
        return wareki_month(date.fromisoformat(value))
    if field.type in DAYS:
        return cell_text(date.fromisoformat(value))
    if isinstance(value, bool):
        return "あり" if value else "なし"
    return f"{value} {codes(field.codes).get(value, '')}".rstrip() if field.codes else str(value)


def counts(found: Sequence[Looked], on: date) -> str:
    """How many, by what becomes of them."""
    fates = Counter(_fate(c) for c in found)
    overdue = sum(c.row["due_on"] < on for c in found)
    return f"候補 {len(found):,} 件（{'、'.join(f'{fate} {fates[fate]:,}' for fate in (GOES, HOLDS, LEFT_OUT))}）　期限超過 {overdue:,} 件"


def _fate(c: Looked) -> str:
    return LEFT_OUT if c.left_out else HOLDS if c.held else GOES


def _start(c: Looked) -> tuple[Cell, ...]:
    code = c.row["todoke_code"]
    return c.row["uketsuke_no"], code, codes("todoke")[code]


def _due(c: Looked, on: date) -> Cell:
    due: date = c.row["due_on"]
    return Alarm(cell_text(due)) if due < on else due


def _revision(c: Looked) -> str:
    if c.row["idou_approval_id"] is not None:
        return "職権"
    return ("再進達 " if c.row["again"] else "") + f"第{c.row['rev']}版"


def _named(c: Looked) -> str:
    return "\n".join(t for t in (c.row["name_kana"], c.row["name"]) if t)


def _when(c: Looked) -> str:
    record = c.record
    day = [wareki(record[item]) for item in ("gaitou_on", "shibou_on", "shoshin_on") if record[item]]
    months = [wareki_month(record[item]) if record[item] else "" for item in ("from_month", "to_month")]
    return "\n".join([*day, *(["～".join(months)] if any(months) else [])])


def _why(c: Looked) -> str:
    for item, words in (("jiyu_code", "jiyu"), ("menjo_code", "menjo")):
        if c.record[item]:
            return f"{c.record[item]} {codes(words).get(c.record[item], '')}".rstrip()
    return c.record["nenkin_code"] or ""


def _said(c: Looked) -> str:
    left_out = [f"除外：{c.row['left_out_why']}"] if c.left_out else []
    return "\n".join(left_out + [f"{'保留' if p.holds else '確認'}：{p.said}" for p in c.points])


def _reasons(c: Looked) -> tuple[str, str]:
    if c.left_out:
        return "", c.row["left_out_why"] or ""
    points = [p for p in c.points if p.holds]
    return "\n".join(_label(p.item) for p in points), "\n".join(p.said for p in points)


def _label(item: str) -> str:
    return leaving()[REPORT].labels.get("kojin_no" if item == "kojin_id" else item, "")


def _lacking(text: str) -> str:
    """The characters with their code points: a printer may lack them, too."""
    found = dict.fromkeys(c for c in unicodedata.normalize("NFC", text) if not expressible(c))
    return "" if text == PROTECTED else "、".join(f"{c}（U+{ord(c):04X}）" for c in found)


@dataclass(frozen=True)
class Medium:
    """What goes on a medium: which file to whom; ``kinds``, ``wards``: records by 届書種別 and by 受付区; ``numbered``: with 個人番号;
    ``shokken``: found by the city itself."""

    addressee: str
    baitai_no: int
    created_on: date
    name: str
    sha256: str
    kinds: Counter[str]
    wards: Counter[str]
    numbered: int
    shokken: int

    @property
    def total(self) -> int:
        return self.kinds.total()

    @property
    def number(self) -> str:
        return f"{self.baitai_no:03}"


def summary(of: Medium) -> Form:
    """電子媒体総括表: how many of each 届書, which file, with the place of the seal."""
    kinds = [(code, codes("todoke")[code], f"{n:,}") for code, n in sorted(of.kinds.items())]
    wards = [(codes("uketsuke_ku")[ku], f"{n:,}") for ku, n in sorted(of.wards.items())]
    more = [("（うち個人番号を記録）", f"{of.numbered:,}"), ("（うち職権による報告）", f"{of.shokken:,}")]
    return Form(
        "国民年金届書報告書　電子媒体総括表", _corner(of), ((_sender(),), (
            Table("届書の種別ごとの件数", (("コード", "届書", "件数"), *kinds, ("", "合計", f"{of.total:,}")), (0.19, 0.61, 0.2), (0, 1), head=True, figures=True),
            Table("受付区ごとの件数", (("受付区", "件数"), *wards, ("合計", f"{of.total:,}"), *more), (0.7, 0.3), (0,), head=True, figures=True),
        ), (_file(of),), (_stamps(("担当者", "確認者", "所属長")),)), (), (f"{of.addressee}　御中", "次のとおり届書を電子媒体で報告します。"), 10.5,
    )  # fmt: skip


def letter(of: Medium) -> Form:
    """送付書: what is in the envelope, how it is opened, and the receipt that comes back."""
    what = Table("送付するもの", (
        ("電子媒体（CD-R）", f"1枚　媒体通番 {of.number}　届書 {of.total:,} 件"),
        ("電子媒体総括表", "1通"),
        ("媒体の中", f"DATA.ZIP（AES-256 で暗号化した ZIP）と README.TXT\n届書のファイル {of.name}"),
        ("開き方", f"{OPENER}で開いてください。\nWindows のエクスプローラーでは、ダブルクリックしても開けません。"),
        ("パスワード", "別の経路でお知らせします。この書面と媒体には記載していません。"),
        ("読めないとき", "使用せずに、送付元へご連絡ください。"),
    ), (0.26, 0.74))  # fmt: skip
    back = Table("受領書（記入して返送してください）", (
        ("媒体通番・件数", f"{of.number}　・　{of.total:,} 件"),
        ("受領年月日", "令和　　　年　　　月　　　日"),
        ("受領番号", ""),
        ("受領者（所属・氏名）", "　　　　　　　　　　　　　　　　　　　　　　　　　　　　印"),
    ), (0.26, 0.74))  # fmt: skip
    return Form(
        "国民年金届書報告書　送付書", _corner(of), ((_sender(),), (what,), (back,)), (),
        (f"{of.addressee}　御中", "国民年金法第12条第4項及び国民年金法施行規則第9条の規定により、届書を電子媒体で報告します。ご査収ください。"), 11.5,
    )  # fmt: skip


def label(of: Medium) -> Form:
    """What is written on the disc, and the label of its case."""
    about = houkoku().teishutsu
    same = (("提出元", about.meishou), ("提出元ＩＤ", about.moto_id), ("媒体通番", of.number))
    case = (*same, ("届書の件数", f"{of.total:,} 件"), ("作成年月日", wareki(of.created_on)), ("あて先", of.addressee))
    return Form(
        "媒体ラベル", (), (
            (Table("媒体の表面（油性ペンで書く、又は印刷する）", same, (0.3, 0.7)),),
            (Table("ケースのラベル（切り取って貼る）", case, (0.3, 0.7)),),
        ), ("個人の氏名・番号、パスワードは、媒体にもケースにも書かない。",), (), 16.0,
    )  # fmt: skip


def _corner(of: Medium) -> tuple[str, ...]:
    return f"作成年月日　{wareki(of.created_on)}", f"媒体通番　{of.number}"


def _sender() -> Table:
    about = houkoku().teishutsu
    place = f"〒{about.yubin[:3]}-{about.yubin[3:]}　{about.shozaichi}"
    return Table("提出元", (
        ("名称", about.meishou, "提出元ＩＤ", about.moto_id),
        ("所在地", place, "都道府県・郡市区", f"{about.todofuken} ・ {about.gunshiku}"),
        ("所属長", f"{about.shozokuchou}　　　　　　　　　　印", "担当・電話", ""),
    ), (0.13, 0.46, 0.2, 0.21), (0, 2))  # fmt: skip


def _file(of: Medium) -> Table:
    return Table("ファイル", (
        ("ファイル名", of.name), ("件数", f"{of.total:,} 件"), ("DATA.ZIP の SHA-256", of.sha256), ("媒体", "CD-R 1枚（ISO 9660、AES-256 の ZIP）"),
    ), (0.2, 0.8))  # fmt: skip


def _stamps(names: Sequence[str]) -> Table:
    return Table("確認", (tuple(names), ("\n\n",) * len(names)), (1 / len(names),) * len(names), (), head=True)


#: what goes with a medium besides 進達帳票
SHEETS: dict[str, Callable[[Medium], Form]] = {SUMMARY: summary, LETTER: letter, LABEL: label}
