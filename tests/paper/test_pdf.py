"""紙（PDF）: the printable lists, read back from the file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

from etl.core.paper.cells import Alarm
from etl.edge import pdf
from etl.edge.pdf import font

COLUMNS = ("宛名番号", "氏名", "異動年月日", "件数", "備考欄")


def texts(path: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(path).pages]


def printed(tmp_path: Path, rows: Sequence[Sequence[pdf.Cell]], columns: Sequence[str] = ("内容",), **more: Sequence[str]) -> str:
    """Everything that stands on the pages, without the line ends."""
    (tmp_path / "p.pdf").write_bytes(pdf.meisai_pdf("一覧", columns, rows, **more))
    return "".join(texts(tmp_path / "p.pdf")).replace("\n", "")


def test_a_list_can_be_read_back(tmp_path: Path) -> None:
    rows = [("000000000000001", "ネンキン　タロウ", date(2025, 9, 30), 1234567, None)]
    text = printed(tmp_path, rows, COLUMNS, notes=("起案者 sousa01",), head=("対象　宮前区", "令和7年9月"))
    for wanted in (
        "一覧",
        "対象　宮前区",
        "令和7年9月",
        "1 件",
        "備考　起案者 sousa01",
        *COLUMNS,
        "令和7年9月30日",
        "取扱注意",
        "1,234,567",
        "1 / 1",
    ):
        assert wanted in text
    assert "000000000000001" in text and "ネンキン　タロウ" in text and "None" not in text


def test_boxes_to_sign_in_and_what_is_overdue_in_red(tmp_path: Path) -> None:
    text = printed(tmp_path, [(Alarm("超過"),), ("期限内",)], signs=("課長", "係長", "担当"))
    content = PdfReader(tmp_path / "p.pdf").pages[0].get_contents()
    assert content is not None and all(word in text for word in ("課長", "係長", "担当", "超過", "期限内"))
    assert content.get_data().count(b".75 0 0 rg") == 1
    assert "課長" not in printed(tmp_path, [("超過",)])


def test_title_and_head_repeat_on_every_page(tmp_path: Path) -> None:
    (tmp_path / "p.pdf").write_bytes(
        pdf.meisai_pdf("資格異動一覧", COLUMNS, [(f"{n:015}", "年金太郎", date(2025, 9, 1), n, "") for n in range(1234)])
    )
    pages = texts(tmp_path / "p.pdf")
    assert len(pages) > 10 and "1,234 件" in pages[0] and "件\n" not in pages[1].replace("件数\n", "")
    for number, text in enumerate(pages, 1):
        assert "資格異動一覧" in text and "宛名番号" in text and f"{number} / {len(pages)}" in text
    assert all("".join(pages).count(f"{n:015}") == 1 for n in range(1234))


def test_the_font_is_embedded_as_a_subset(tmp_path: Path) -> None:
    printed(tmp_path, [("漢字かなカナ",)])
    fonts = [f.get_object() for f in PdfReader(tmp_path / "p.pdf").pages[0]["/Resources"]["/Font"].values()]
    ours = [f for f in fonts if f["/BaseFont"].endswith("+IPAexGothic")]
    assert ours and all("/FontFile2" in f["/FontDescriptor"] for f in ours)
    assert (tmp_path / "p.pdf").stat().st_size < 200_000


def test_landscape_only_when_the_columns_need_it(tmp_path: Path) -> None:
    for columns, wide in ((2, False), (12, True)):
        printed(tmp_path, [("国民年金第１号被保険者",) * columns], [f"列{n}" for n in range(columns)])
        box = PdfReader(tmp_path / "p.pdf").pages[0].mediabox
        assert (box.width > box.height) is wide and {round(box.width), round(box.height)} == {595, 842}


def test_same_input_same_bytes(tmp_path: Path) -> None:
    for n in "12":
        (tmp_path / n).write_bytes(
            pdf.meisai_pdf("一覧", COLUMNS, [("1", "𠀋", date(2025, 9, 1), 5, None)] * 100, ("注",), ("区",))
        )
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_long_texts_wrap_and_go_on_over_pages(tmp_path: Path) -> None:
    long = "国民年金事務処理" * 1_250
    (tmp_path / "p.pdf").write_bytes(pdf.meisai_pdf("一覧", ("番号", "内容"), [("1", long), ("2", "x" * 3_000)]))
    pages = texts(tmp_path / "p.pdf")
    text = "".join(pages)
    assert len(pages) > 5 and all(text.count(c) == long.count(c) for c in "国民金事務")
    assert text.count("x") == 3_000


def test_no_line_begins_with_a_full_stop() -> None:
    font.font()
    assert font.wrap("年金事務。資格。", 4) == ["年金事", "務。資", "格。"] and font.wrap("。。。", 1) == ["。"] * 3


def test_many_columns_stay_on_the_paper(tmp_path: Path) -> None:
    plan = pdf._List("一覧", [f"とても長い見出し{n}" for n in range(30)], [["国民年金第１号被保険者"] * 30])
    assert sum(plan.sizes) <= plan.width + 0.01 and min(plan.sizes) > plan.size + 2 * pdf.PAD


def test_an_empty_list_says_so(tmp_path: Path) -> None:
    text = printed(tmp_path, [], COLUMNS)
    assert "0 件" in text and "該当なし" in text and "1 / 1" in text


@pytest.mark.parametrize("bad", ["<b>太字</b>", "&amp;<br/>", "=1+1", "(a\\)b", "%%EOF", "Ω%s{0}"])
def test_markup_is_text(tmp_path: Path, bad: str) -> None:
    assert bad in printed(tmp_path, [(bad,)])


def test_control_characters_steer_nothing(tmp_path: Path) -> None:
    text = printed(tmp_path, [("あ\x00\x1b[2Jい\u202eう\ud800\nえ",)], notes=("注\x07",))
    assert "〓" not in text and not any(ord(c) < 32 for c in text)
    assert all(c in text for c in "あいうえ")


def test_what_the_font_lacks_is_shown_and_counted(tmp_path: Path) -> None:
    text = printed(tmp_path, [("\ue000田", 1), ("\U0002ffff〓", 2)], ("氏名", "件数"), head=("\uf8ff",))
    assert "〓田" in text and "備考　〓 は印刷できない文字です（3 文字）" in text


def test_rare_kanji_of_the_font_can_be_copied(tmp_path: Path) -> None:
    assert "𠀋田" in printed(tmp_path, [("𠀋田",)])


def test_a_row_of_another_length_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="zip"):
        (tmp_path / "p.pdf").write_bytes(pdf.meisai_pdf("一覧", ("一", "二"), [("1",)]))
    assert not list(tmp_path.iterdir())
