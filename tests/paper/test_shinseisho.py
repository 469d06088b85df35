"""所得附票（PDF）: one page each whatever it holds, nothing cut, read back from the file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from etl.core.law.shinsa import ITEMS
from etl.core.paper.shinseisho import BLANK, Form, Table, form
from etl.edge import pdf
from etl.edge.pdf.shinseisho import HEIGHT, _Page

SMALLEST = 6.0  # points: what a reader can still read
WIDEST = "漢" * 25  # 氏名 and 通称 of the register have 25 characters


def person(code: str, yen: int) -> dict[str, Any]:
    income = {
        **dict.fromkeys(ITEMS, 0),
        "goukei_shotoku_yen": yen,
        "honnin_shogai_code": "2",
        "honnin_kafu_code": "0",
        "fuka_year": 2025,
    }
    return {"kankei_code": code, "answered": True, "kaitou_code": "1", "mishinkoku": False, "income": income}


def application(years: int, name: str, address: str, katagaki: str) -> dict[str, Any]:
    people = [
        {"kankei_code": code, "atena_no": f"{code:>015}", "name": name, "tsusho": name, "name_kana": "ｶ" * 40, "address": address,
         "katagaki": katagaki, "birth_on": "1990-01-01", "protected": False}
        for code in "123"
    ]  # fmt: skip
    return {
        "uketsuke_no": "000000000000070", "todoke_code": "41", "menjo_code": "20", "menjo_year": None, "menjo_from_month": date(2022, 7, 1),
        "menjo_to_month": date(2026, 6, 1), "from_month": date(2022, 7, 1), "to_month": date(2026, 6, 1),
        "first_month": date(2022, 8, 1), "last_month": date(2026, 6, 1), "keizoku_flag": True, "shitsugyo_flag": True, "gakko_name": None, "juri_on": date(2025, 9, 24),
        "uketsuke_ku_code": "900001", "atena_no": "000000000000001", "name_kana": "ｶ" * 40, "birth_on": date(1990, 1, 1), "sex_code": "2",
        "kiso_nenkin_no": "3100000001", "lacks_head": False, "setainushi_atena_no": "000000000000003", "people": people,
        "years": [{"soutou_year": 2022 + n, "persons": [person(code, 99_999_999_999) for code in "123"]} for n in range(years)],
    }  # fmt: skip


def test_the_fullest_application_is_one_readable_page() -> None:
    fullest = application(4, WIDEST, "県" * 40, "荘" * 30)
    for one in (p for year in fullest["years"] for p in year["persons"]):  # a remark for each of them
        one["answered"] = False
    page = _Page(form(fullest, date(2025, 9, 25)))
    assert page.size >= SMALLEST and page._layout() <= HEIGHT


def test_nothing_is_cut_and_every_form_has_a_page_of_its_own(tmp_path: Path) -> None:
    forms = [form(application(n, WIDEST, "県" * 40, "荘" * 30), date(2025, 9, 25)) for n in (1, 3, 4)]
    (tmp_path / "p.pdf").write_bytes(pdf.shinseisho_pdf(forms))
    pages = [p.extract_text() for p in PdfReader(tmp_path / "p.pdf").pages]
    assert len(pages) == 3
    for years, text in zip((1, 3, 4), pages, strict=True):
        assert (
            text.count("漢") == 3 * 2 * 25
            and text.count("県") == 3 * 40
            and text.count("荘") == 3 * 30
            and text.count("ｶ") == 3 * 40
        )
        assert text.count("99,999,999,999") == 3 * years and "大師支所" in text


def test_a_character_that_the_font_lacks_is_shown_and_counted(tmp_path: Path) -> None:
    (tmp_path / "p.pdf").write_bytes(pdf.shinseisho_pdf([form(application(1, "\ue000\ue001", "県", "荘"), date(2025, 9, 25))]))
    text = PdfReader(tmp_path / "p.pdf").pages[0].extract_text().replace("\n", "")
    assert text.count("〓〓") == 6 and "印刷できない文字です（12 文字）" in text


@given(st.lists(st.lists(st.text("漢字カナ1,", max_size=60), min_size=2, max_size=2), min_size=1, max_size=60))
def test_any_form_fits_its_page(rows: list[list[str]]) -> None:
    table = Table("表", tuple((a, b) for a, b in rows), (0.3, 0.7))
    assert _Page(Form("所得附票", ("右上",), ((table,), (table, BLANK)), ("備考",)))._layout() <= HEIGHT


@pytest.mark.parametrize("todoke", ["41", "42"])
def test_nobody_beside_the_applicant_no_empty_table(todoke: str) -> None:
    alone = application(1, "架空", "県", "荘")
    alone = {**alone, "todoke_code": todoke, "people": alone["people"][:1], "setainushi_atena_no": alone["atena_no"]}
    assert [band[0].title for band in form(alone, date(2025, 9, 25)).bands] == [
        "申請する人",
        "申請の内容",
        "所得　相当年度 令和4年度",
        "事前審査（参考）",
    ]


def test_each_partial_exemption_of_each_year_is_told() -> None:
    *_, [review] = form(application(2, "架空", "県", "荘"), date(2025, 9, 25)).bands
    assert review.rows == (
        ("相当年度", "審査した月", "結果", "4分の3免除", "半額免除", "4分の1免除"),
        ("令和4年度", "令和4年8月から令和5年6月まで", "判定不能", "可能", "可能", "可能"),
        ("令和5年度", "令和5年7月から令和6年6月まで", "判定不能", "可能", "可能", "可能"),
    )


@pytest.mark.parametrize(("todoke", "menjo"), [("41", "30"), ("42", "40")])
def test_no_partial_exemption_where_none_is_applied_for(todoke: str, menjo: str) -> None:
    *_, [review] = form(
        application(1, "架空", "県", "荘") | {"todoke_code": todoke, "menjo_code": menjo}, date(2025, 9, 25)
    ).bands
    assert review.rows[0] == ("相当年度", "審査した月", "結果")


def test_what_the_page_is_not_stands_on_it() -> None:
    page = form(application(1, "架空", "県", "荘"), date(2025, 9, 25))
    assert page.title.endswith("所得附票") and "備考　申請できない月　令和4年7月" in page.notes
    assert any("申請書に代わるものではありません" in note for note in page.notes)
