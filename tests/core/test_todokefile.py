"""届書ファイル（進達）の文字・日付・区切り。1文字ずつ、1項目ずつ、書けるか、縮退するか、保留か。"""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

import kit
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.core.codec import todokefile
from etl.core.codec.columns import arrow_schema, from_values
from etl.core.codec.digits import make_kojin_no
from etl.core.codec.todokefile import Changed, Held, Written
from etl.core.errors import DefinitionError, Refused
from etl.core.mapping.layout import leaving

LAYOUT = leaving()["shintatsu"]
ROW: dict[str, Any] = {
    "youshiki_code": "9010000", "uketsuke_no": "202611100000001", "todoke_code": "01", "juri_on": date(2026, 11, 10),
    "kiso_nenkin_no": "3100000001", "name_kana": "ｶｸｳ ｲﾁﾛｳ", "name": "架空　一郎", "birth_on": date(1990, 1, 1), "address": "川崎市川崎区架空町１",
}  # fmt: skip
SENDER = {
    "todofuken": "31", "gunshiku": "13", "city": "141305", "baitai_no": 7, "created_on": date(2026, 11, 16), "yubin3": "210", "yubin4": "8577",
    "shozaichi": "川崎市", "meishou": "国民年金・福祉医療課", "shozokuchou": "川崎市長",
}  # fmt: skip


def table(*rows: dict[str, Any]) -> pa.Table:
    full = [{**ROW, **r} for r in rows]
    return pa.Table.from_arrays(
        [from_values(f, [r.get(f.name) for r in full]) for f in LAYOUT.columns], schema=arrow_schema(LAYOUT.data)
    )


def encoded(**cells: Any) -> Written:
    return todokefile.encode(LAYOUT, table(cells))


def cells_of(written: Written) -> list[str]:
    return written.body.decode("cp932").removesuffix("\r\n").split(",")


def cell(item: str, value: Any) -> str:
    """The one cell (or the cells, joined by /) of an item that could be written; else the kind of what is wrong."""
    written = encoded(**{item: value})
    if written.held:
        return written.held[0].kind
    at = 0
    for field in LAYOUT.columns:
        size = todokefile.width(field)
        if field.name == item:
            return "/".join(cells_of(written)[at : at + size])
        at += size
    raise AssertionError(item)


# 項目の書き方。年号は 1 明治 3 大正 5 昭和 7 平成 9 令和
CELLS = kit.table("""
| 項目           | 値                | 書かれるもの      |
|----------------|-------------------|-------------------|
| kiso_nenkin_no | 3100000001        | 3100/000001       |
| kiso_nenkin_no |                   | /                 |
| kiso_nenkin_no | 0000000000        | zeros             |
| kiso_nenkin_no | 310000001         | length            |
| postal_code    | 2108577           | 210/8577          |
| birth_on       | 1912-07-29        | 1/450729          |
| birth_on       | 1912-07-30        | 3/010730          |
| birth_on       | 1926-12-24        | 3/151224          |
| birth_on       | 1926-12-25        | 5/011225          |
| birth_on       | 1989-01-07        | 5/640107          |
| birth_on       | 1989-01-08        | 7/010108          |
| birth_on       | 2019-04-30        | 7/310430          |
| birth_on       | 2019-05-01        | 9/010501          |
| birth_on       | 1868-01-24        | outside_era       |
| birth_on       |                   | required          |
| from_month     | 2019-04-01        | 7/3104            |
| from_month     | 2019-05-01        | 9/0105            |
| from_month     | 1989-01-01        | 5/6401            |
| from_month     | 2026-10-01        | 9/0810            |
| name_kana      | ｶｸｳ ｲﾁﾛｳ          | ｶｸｳ ｲﾁﾛｳ          |
| name_kana      | ｶｸｳｲﾁﾛｳ           | spaces            |
| name_kana      | ｶｸｳ ｲﾁ ﾛｳ         | spaces            |
| name_kana      | ｶｸｳ　ｲﾁﾛｳ         | not_hankaku       |
| name_kana      | カクウ イチロウ   | not_hankaku       |
| name_kana      | ABCDEFGHIJKL MNOPQRSTUVWX  | ABCDEFGHIJKL MNOPQRSTUVWX |
| name_kana      | ABCDEFGHIJKLM MNOPQRSTUVWX | length            |
| name           | 架空　一郎        | 架空　一郎        |
| name           | 架空一郎          | spaces            |
| name           | 架空 一郎         | spaces            |
| name           | 架空　一　郎      | spaces            |
| name           | 架空　一 郎       | spaces            |
| name           | 一二三四五六　七八九十一 | 一二三四五六　七八九十一 |
| name           | 一二三四五六七　七八九十一 | length          |
| name           |                   | required          |
| address        | 川崎市1-1,2       | separator         |
| gakko_name     | "架空"大学        | separator         |
| gakko_name     | 架空，大学        | 架空，大学        |
| kojin_no       | 000000000027      | check             |
| sex_code       | 9                 | unknown_code      |
| nenkin_code    | 5350              | 5350              |
| shindansho_flag | true             | 1                 |
| shindansho_flag | false            | 0                 |
""")


@pytest.mark.parametrize("case", CELLS, ids=[f"{c['項目']}={c['値'] or '未設定'}" for c in CELLS])
def test_項目の書き方(case: dict[str, str | None]) -> None:
    item, said, wanted = case["項目"] or "", case["値"], case["書かれるもの"]
    value: Any = said
    if said and item.endswith(("_on", "_month")):
        value = date.fromisoformat(said)
    if item == "kojin_no":
        value, wanted = make_kojin_no("00000000002"), make_kojin_no("00000000002")
    if said in ("true", "false"):
        value = said == "true"
    assert cell(item, value) == wanted


# 対象にない文字は縮退して一覧に出す。縮退形のない文字のある記録は保留
FORMS = kit.table("""
| 事例                     | 書くもの     | 書かれるもの | 縮退 |
|--------------------------|--------------|--------------|------|
| 第一水準                 | 高橋　花     | 高橋　花     |      |
| 第三水準（縮退形あり）   | 渡邊　鷗     | 渡邊　鴎     | ある |
| 第三水準（縮退形なし）   | 渡邊　鸙     | not_expressible |   |
| はしごだか               | 髙橋　花     | 高橋　花     | ある |
| たつさき                 | 山﨑　花     | 山崎　花     | ある |
| つちよし（面の外）       | 𠮷田　花     | 吉田　花     | ある |
| 第二水準の邊はそのまま   | 渡邊　花     | 渡邊　花     |      |
| 異体字セレクタ           | 葛󠄀城　花     | 葛城　花     | ある |
| 互換漢字                 | 神田　花     | 神田　花     | ある |
| 分かれた濁点             | か\u3099田　花 | が田　花   | ある |
| 全角の負号（同じ文字）   | １−２　花    | １－２　花   |      |
| 波ダッシュ（同じ文字）   | １〜２　花   | １～２　花   |      |
| 丸数字                   | ①田　花      | not_expressible |   |
| かっこ株                 | ㈱田　花     | not_expressible |   |
| 外字                     | \ue000田　花 | not_expressible |   |
| 面の外の外字             | \U00100000田　花 | not_expressible | |
| ハングル                 | 김田　花     | not_expressible |   |
| 簡体字                   | 汉田　花     | not_expressible |   |
""")


@pytest.mark.parametrize("case", FORMS, ids=[str(c["事例"]) for c in FORMS])
def test_文字と縮退(case: dict[str, str | None]) -> None:
    said = (
        (case["書くもの"] or "").encode("unicode_escape").decode("ascii").replace("\\\\", "\\").encode().decode("unicode_escape")
    )
    if case["事例"] == "互換漢字":
        said = "\ufa19田　花"
    written = encoded(name=said)
    if case["書かれるもの"] == "not_expressible":
        assert written.held == (Held(0, "name", "not_expressible"),) and not written.body and not written.changed
        return
    assert cell("name", said) == case["書かれるもの"]
    wanted = (Changed(0, "name", said, case["書かれるもの"] or ""),) if case["縮退"] else ()
    assert written.changed == wanted


def allowed(data: bytes) -> bool:
    """An independent reading of the ranges of the target."""
    at = 0
    while at < len(data):
        one = data[at]
        if 0x20 <= one <= 0x7E or 0xA1 <= one <= 0xDF:
            at += 1
            continue
        pair = int.from_bytes(data[at : at + 2], "big")
        if not (0x8140 <= pair <= 0x84BE or 0x889F <= pair <= 0x9FFC or 0xE040 <= pair <= 0xEAA4):
            return False
        at += 2
    return True


# 末尾の空白は読む側が落とす。書かない。空白だけは、ないのと同じ
@pytest.mark.parametrize(
    ("item", "said", "wanted"),
    [
        ("address", "川崎市 ", "川崎市"), ("address", "川崎市 \U000e0100", "川崎市"), ("address", "　", "required"), ("gakko_name", " ", ""),
        ("gakko_name", "架空　大学 ", "架空　大学"), ("name", "架空　一郎 ", "架空　一郎"), ("name", "架空　", "spaces"), ("name_kana", "ｶｸｳ ", "spaces"),
    ],
)  # fmt: skip
def test_末尾の空白は書かない(item: str, said: str, wanted: str) -> None:
    assert cell(item, said) == wanted
    chosen = table({item: said})
    written = todokefile.encode(LAYOUT, chosen)
    if not written.held:
        data = todokefile.frame(LAYOUT, written.body, SENDER)
        assert todokefile.read_again(data, "x", LAYOUT) == todokefile.as_written(LAYOUT, chosen)


def test_どの文字も_対象の文字になるか保留になる() -> None:
    """Every code point that Unicode assigns, alone. What is written lies in the ranges, and is the character itself or a form of it."""
    same = other = 0
    for code in range(0x20, 0x110000):
        char = chr(code)
        if unicodedata.category(char) in ("Cs", "Cn", "Cc") or code >= 0xF0000:
            continue
        try:
            made = todokefile.written(char)
        except ValueError:
            continue
        data = made.encode("cp932")
        assert allowed(data), hex(code)
        same, other = same + (made == char), other + (made != char)
    assert same == 158 + 6879 and 0 < other < 1500  # JIS X 0201 without controls; JIS X 0208


VALUES = {
    "kiso_nenkin_no": st.none() | st.from_regex(r"\A31[0-9]{8}\Z"),
    "birth_on": st.dates(date(1868, 1, 25), date(2117, 12, 31)),
    "from_month": st.none() | st.dates(date(1868, 2, 1), date(2117, 12, 31)).map(lambda d: d.replace(day=1)),
    "gakko_name": st.none()
    | st.text(st.sampled_from("ＡＢ架空大学１－・ｱｲ1-() 高"), min_size=1, max_size=20).map(str.strip).filter(bool),
    "shindansho_flag": st.none() | st.booleans(),
    "nenkin_code": st.none() | st.sampled_from(["5350", "6450"]),
}


@given(st.lists(st.fixed_dictionaries(VALUES), max_size=5))
def test_書いたものを読むと同じ(rows: list[dict[str, Any]]) -> None:
    chosen = table(*rows) if rows else table({}).slice(0, 0)
    written = todokefile.encode(LAYOUT, chosen)
    assert not written.held
    data = todokefile.frame(LAYOUT, written.body, SENDER)
    assert todokefile.read_again(data, "x", LAYOUT) == chosen
    assert data.endswith(b"\r\n") and b"\n" not in data.replace(b"\r\n", b"") and data.count(b"\r\n") == 5 + len(rows)


def test_保留の記録だけが抜け_ほかは出る() -> None:
    written = todokefile.encode(LAYOUT, table({}, {"name": "架空"}, {"uketsuke_no": "202611100000003"}))
    assert written.rows == (0, 2) and [h.row for h in written.held] == [1]
    assert [line.split(b",")[1] for line in written.body.splitlines()] == [b"202611100000001", b"202611100000003"]


def test_頭の行() -> None:
    data = todokefile.frame(LAYOUT, b"", SENDER)
    assert data.decode("cp932").split("\r\n") == [
        "31,13,141305,007,20261116,22223", "[kanri]", ",001", "31,13,141305,210,8577,川崎市,国民年金・福祉医療課,川崎市長", "[data]", "",
    ]  # fmt: skip
    with pytest.raises(Refused, match="NP-1130"):
        todokefile.frame(LAYOUT, b"", {**SENDER, "meishou": "①"})
    with pytest.raises(DefinitionError, match="NP-1102"):
        todokefile.frame(LAYOUT, b"", {k: v for k, v in SENDER.items() if k != "meishou"})


BROKEN = {
    "行末がない": lambda data: data.removesuffix(b"\r\n"),
    "LF だけ": lambda data: data.replace(b"\r\n", b"\n"),
    "読めない文字": lambda data: data + b"\x81\r\n",
    "項目が足りない": lambda data: data + b"1,2\r\n",
    "年号がない": lambda data: data.replace(b",7,020101,", b",,020101,"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_壊れたものは読めない(how: str) -> None:
    data = todokefile.frame(LAYOUT, encoded().body, SENDER)
    with pytest.raises(ValueError):  # noqa: PT011 - the kinds are the reader's own
        todokefile.read_again(BROKEN[how](data), "x", LAYOUT)
