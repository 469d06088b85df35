"""進達帳票（PDF）: a page for each record of every 届書, nothing cut, read back from the file; the sheets that go with a medium are one page each."""

from __future__ import annotations

import io
import re
from collections import Counter
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader

from etl.core.law.todoke import todoke
from etl.core.mapping.layout import codes, layouts
from etl.core.paper import shintatsu_hyou as hyou
from etl.core.paper.chouhyou import chouhyou
from etl.core.paper.shinseisho import PROTECTED
from etl.core.paper.shintatsu import ON_MEDIUM, WHERE, page, sheet
from etl.edge.pdf.shinseisho import HEIGHT, _Page
from etl.edge.pdf.shintatsu import BOTTOM, STAMP, Office, _Form, chouhyou_pdf

OFFICE = Office("日本年金機構川崎年金事務所", "架空課", "架空市長", "令和8年11月16日", "KNTODOKE_3101_20261116_001.CSV")
ALWAYS = ("uketsuke_no", "ku_code", "juri_on", "kiso_nenkin_no", "bikou")
FULL: dict[str, Any] = {
    "uketsuke_no": "000000000000070", "ku_code": "900001", "juri_on": date(2026, 11, 10), "kiso_nenkin_no": "3100000001", "name_kana": "ｶｸｳ " + "ｲ" * 21,
    "name": "架空　" + "氏" * 9, "birth_on": date(1980, 12, 31), "sex_code": "2", "postal_code": "2108577", "address": "県" * 37,
    "gaitou_on": date(2026, 11, 1), "jiyu_code": "04", "shubetsu_code": "5", "menjo_code": "50", "from_month": date(2026, 7, 1),
    "to_month": date(2027, 6, 1), "keizoku_flag": True, "shitsugyo_flag": False, "gakko_name": "校" * 120, "nenkin_code": "6350",
    "shousho_no": "証" * 20, "seikyusha_name": "請" * 60, "seikyusha_zokugara": "続" * 20, "shibou_on": date(2026, 10, 30),
    "shoshin_on": date(2019, 5, 1), "shindansho_flag": True, "new_name_kana": "ｱﾀﾗｼ " + "ｲ" * 20, "new_name": "新　" + "氏" * 10,
    "prev_name": "旧　" + "氏" * 10, "prev_address": "府" * 37, "bikou": "備" * 200,
}  # fmt: skip


def record(code: str, **more: Any) -> dict[str, Any]:
    """The fullest record that a 届書 may carry."""
    carried = {*todoke()[code].items, *ALWAYS}
    row = {item: value if item in carried else None for item, value in FULL.items()}
    return {**row, "todoke_code": code, "has_number": True, "shokken": False, "protected": False, **more}


def printed(*rows: dict[str, Any]) -> list[str]:
    """The texts of the pages."""
    data = chouhyou_pdf("進達帳票", OFFICE, (page(row, (n, len(rows))) for n, row in enumerate(rows, 1)))
    return [p.extract_text().replace("\n", "") for p in PdfReader(io.BytesIO(data)).pages]


@pytest.mark.parametrize("code", codes("todoke"))
def test_どの届書にも1枚の帳票があり何も切れない(code: str) -> None:
    (text,) = printed(record(code))
    assert chouhyou()[code].title in text
    assert f"【{codes('todoke')[code]}】" in text
    items = todoke()[code].items
    for item, filler, times in (
        ("address", "県", 37),
        ("prev_address", "府", 37),
        ("gakko_name", "校", 121),
        ("seikyusha_name", "請", 60),
    ):
        if item in items:
            assert text.count(filler) >= times, item
    assert text.count("備") >= 200
    assert "年金事務所" in text
    assert "市区町村" in text
    assert "印" in text
    assert not re.search("[0-9]{12}(?![0-9]{3})", text.replace(FULL["uketsuke_no"], ""))


@pytest.mark.parametrize("code", codes("todoke"))
def test_欄は印の上で終わる(code: str) -> None:
    form = _Form(sheet(code), OFFICE)
    assert form.below - 44 - 40 > BOTTOM + 22 + STAMP + 26
    assert sorted(b.box.item for b in form.boxes) == sorted({"kiso_nenkin_no", "kojin_no", *todoke()[code].items})


def test_日付は和暦と元号の番号で書く() -> None:
    values = page(record("41", to_month=date(2019, 4, 1)), (1, 1)).values
    assert values["from_month"] == ("90807", "令和8年7月")
    assert values["to_month"] == ("73104", "平成31年4月")
    assert values["birth_on"] == ("5551231", "昭和55年12月31日")
    assert page(record("01", gaitou_on=date(2019, 5, 1)), (1, 1)).values["gaitou_on"] == ("9010501", "令和元年5月1日")


def test_コードには言葉が並び有無は丸で囲む番号になる() -> None:
    values = page(record("41", menjo_code="21"), (1, 1)).values
    assert (values["menjo_code"], values["keizoku_flag"], values["shitsugyo_flag"]) == (
        ("21", "4分の3免除"),
        ("1", ""),
        ("0", ""),
    )
    assert page(record("41", keizoku_flag=None), (1, 1)).values["keizoku_flag"] == ("", "")


def test_個人番号は媒体にあることだけを書く() -> None:
    assert page(record("01"), (1, 1)).values["kojin_no"] == ("", ON_MEDIUM)
    assert page(record("01", has_number=False), (1, 1)).values["kojin_no"] == ("", "記載なし")


def test_支援措置対象者の世帯の住所は書かない() -> None:
    made = page(record("05", protected=True), (1, 1))
    assert {item: made.values[item] for item in WHERE} == {
        "postal_code": ("", ""), "address": ("", PROTECTED), "prev_address": ("", PROTECTED),
    }  # fmt: skip
    (text,) = printed(record("05", protected=True))
    assert "県" not in text
    assert "府" not in text.replace("都道府県", "")


def test_縮退した文字は報告する文字で書き項目を備考に言う() -> None:
    made = page(record("04", name="髙﨑　彩", prev_name="架空　彩", bikou=None), (1, 1))
    assert (made.values["name"][1], made.bikou) == ("高崎　彩", "縮退した文字で記録した項目：漢字氏名")
    hidden = page(record("05", address="髙津", protected=True, bikou=None), (1, 1))
    assert hidden.bikou == ""


def test_職権の報告は届出がないことを言う() -> None:
    (text,) = printed(record("02", shokken=True, bikou="職権"))
    assert "職権で確認しました" in text
    assert "受理しました" not in text


def test_同じ記録からは同じ紙ができる() -> None:
    rows = [record(code) for code in ("01", "41", "01")]
    first, second = (chouhyou_pdf("進達帳票", OFFICE, (page(r, (1, 3)) for r in rows)) for _ in range(2))
    assert first == second
    fonts = {
        str(f.get_object()["/BaseFont"]) for p in PdfReader(io.BytesIO(first)).pages for f in p["/Resources"]["/Font"].values()
    }
    assert any("IPAexGothic" in name for name in fonts)  # inside the file


def test_総括表と送付書とラベルはすべての届書があっても1枚に読める() -> None:
    kinds = Counter(dict.fromkeys(codes("todoke"), 12345))
    medium = hyou.Medium("日本年金機構川崎年金事務所", 7, date(2026, 11, 16), "KNTODOKE_3101_20261116_007.CSV", "0" * 64, kinds,
                         Counter(dict.fromkeys(codes("uketsuke_ku"), 9)), 5, 6)  # fmt: skip
    for form in (hyou.summary(medium), hyou.letter(medium), hyou.label(medium)):
        drawn = _Page(form)
        assert drawn._layout() <= HEIGHT
        assert drawn.size >= 8
    cells = [cell for band in hyou.summary(medium).bands for table in band for row in table.rows for cell in row]
    assert f"{12_345 * len(codes('todoke')):,}" in cells
    assert "0" * 64 in cells


def test_変更一覧は項目ごとに前と後を並べ番号の値を出さない() -> None:
    items = [f.name for f in layouts()["uketsuke"].data.stored]
    before = {
        **dict.fromkeys(items),
        "kojin_id": 1,
        "rev": 1,
        "nyuryoku_user": "u1",
        "menjo_from_month": "2026-07-01",
        "keizoku_flag": False,
    }
    after = {
        **before,
        "kojin_id": 2,
        "rev": 3,
        "menjo_from_month": None,
        "keizoku_flag": True,
        "gaitou_on": "2026-11-01",
        "menjo_code": "20",
    }
    same = {"todoke_code": "41", "name_kana": "ｶｸｳ ｱﾔ", "at": None}
    revised = {"uketsuke_no": "1", "rev": 3, "out": None, "why": None, "before": before, "after": after, **same}
    said = {"uketsuke_no": "1", "rev": None, "out": False, "why": "届いた", "before": None, "after": None, **same}
    (first, second) = hyou.changed([revised, said])
    assert first[4] == "改訂 第1版→第3版"
    shown = [str(cell).split("\n") for cell in first[5:8]]
    assert list(zip(*shown, strict=True)) == [
        ("個人番号", "（番号が異なる）", "（番号が異なる）"), ("該当年月日", "―", "令和8年11月1日"), ("免除種類", "―", "20 全額免除"),
        ("免除始期", "令和8年7月", "―"), ("継続申請", "なし", "あり"),
    ]  # fmt: skip
    assert second[4:9] == ("除外の取消し", "", "", "", "届いた")
