"""紙: what people print, opened again as they would open it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from etl.core.paper.cells import Alarm, Cell, Heading, cell_text
from etl.core.paper.pages import ResultSheet
from etl.core.paper.resulttext import result_text
from etl.core.paper.width import lines, width
from etl.edge import paper
from tests.paper import papers
from tests.paper.papers import SHEET, SLIP, cells, first, labelled


def _sheet(xlsx: Path, text: Path, page: ResultSheet) -> None:
    xlsx.write_bytes(paper.shori_kekka(page))
    text.write_text(result_text(page), encoding="utf-8")


def test_soujusho_says_what_is_handed_over(tmp_path: Path) -> None:
    (tmp_path / "s.xlsx").write_bytes(paper.soujusho(SLIP))
    found = labelled(tmp_path / "s.xlsx")
    assert found["情報の名称"] == SLIP.title and found["引渡先"] == SLIP.recipient and found["根拠"] == SLIP.basis
    assert found["対象年月"] == "令和7年9月分" and found["版"] == "第01版" and found["件数"] == "123,456 件"
    assert found["媒体番号"] == "第12号" and found["媒体種別"] == "フラッシュメモリ" and found["暗号化方式"].startswith("AES-256")
    assert found["封入ファイル名"] == SLIP.archive_name and found["元ファイル名"] == SLIP.file_name
    text = "\n".join(str(v) for row in cells(tmp_path / "s.xlsx") for v in row)
    assert "作成年月日　令和7年10月3日" in text and "パスワードは別経路で連絡" in text
    assert SLIP.sha256 in text and SLIP.archive_sha256 in text
    assert all(word in text for word in ("引渡者", "受領者", "所属", "氏名（自署）", "令和　　年　　月　　日"))


def test_soujusho_leaves_out_what_is_empty(tmp_path: Path) -> None:
    (tmp_path / "s.xlsx").write_bytes(paper.soujusho(replace(SLIP, archive_sha256="")))
    assert "処理事由" not in labelled(tmp_path / "s.xlsx")
    assert [row[0] for row in cells(tmp_path / "s.xlsx")].count("同 SHA-256") == 1
    (tmp_path / "s.xlsx").write_bytes(paper.soujusho(replace(SLIP, version=2, reason="資格喪失の訂正")))
    assert labelled(tmp_path / "s.xlsx")["処理事由"] == "資格喪失の訂正"


def test_soujusho_is_one_a4_page(tmp_path: Path) -> None:
    (tmp_path / "s.xlsx").write_bytes(paper.soujusho(SLIP))
    sheet = first(tmp_path / "s.xlsx")
    assert sheet.page_setup.paperSize == 9 and sheet.page_setup.orientation == "portrait"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight or 1) == (1, 1)
    points = sum(sheet.row_dimensions[n].height or 15 for n in range(1, sheet.max_row + 1))
    assert points < 842 - 72 * 1.5, "so that nothing is shrunk"


def test_shori_kekka_counts(tmp_path: Path) -> None:
    _sheet(tmp_path / "k.xlsx", tmp_path / "k.txt", SHEET)
    rows = {row[1].split("\n")[0]: row for row in cells(tmp_path / "k.xlsx") if len(row) > 2}
    accepted, refused, waiting, duplicate = (rows[f.name] for f in SHEET.files)
    assert accepted[2:] == ["受理", 1550000, 120, 3456, 1500000, 12, 46412, "一致", 1540000, "100.6%"]
    assert refused[1].endswith("NP-2012 隔離が上限を超えました") and refused[2] == "拒否" and refused[9:] == ["―"] * 3
    assert (waiting[2], duplicate[2]) == ("待機", "重複受信")
    assert duplicate[10:] == [0, "―"], "no ratio to an empty file"
    assert rows["JUKISHOU_141305_20250930_01.csv"][2:] == ["第01版", 42, papers.HASH]
    failed = [row[2] for row in cells(tmp_path / "k.xlsx") if row[0] == "住民異動連携ファイル" and len(row) == 5]
    assert failed == ["不合格", "注意"]
    assert rows["X_隔離・注意一覧.xlsx"][0] == "隔離・注意一覧" and rows["X_隔離・注意一覧.xlsx"][-1] == 12


def test_shori_kekka_head_and_foot(tmp_path: Path) -> None:
    _sheet(tmp_path / "k.xlsx", tmp_path / "k.txt", SHEET)
    found = labelled(tmp_path / "k.xlsx")
    assert found["処理名"] == "住民異動の取込（juki_daily）" and found["対象期間"] == "令和7年9月30日"
    assert found["結果"] == "拒否したファイルあり、待機中のファイルあり、不合格の検証あり、注意の検証あり"
    assert found["開始・終了"] == "令和7年9月30日 22:15:03 から 令和7年10月1日 00:17:09 まで（2時間02分06秒）"
    assert found["処理者"] == "sousa01（国民年金・福祉医療課）　端末 term-07" and found["処理事由"] == "夜間の定例処理"
    assert (
        found["実行番号"] == f"{SHEET.run_id}（この期間の2回目）"
        and found["次にすること"] == "1. 一覧を見る"
        and found[""] == "2. 承認を待つ"
    )
    assert found["承認待ちの起案"] == "7 件" and found["監査連鎖の先頭"] == papers.HASH and found["監査記録"] == "第1,234号"


def test_counts_that_do_not_balance_stand_out(tmp_path: Path) -> None:
    wrong = replace(SHEET.files[0], new=121)
    _sheet(tmp_path / "k.xlsx", tmp_path / "k.txt", replace(SHEET, files=(wrong,), findings=()))
    assert labelled(tmp_path / "k.xlsx")["結果"] == "件数不一致"
    assert "不一致" in (tmp_path / "k.txt").read_text("utf-8")


def test_a_run_with_nothing_due(tmp_path: Path) -> None:
    nothing = replace(
        SHEET, files=(), outputs=(), findings=(), lists=(), audit_event_id=None, audit_hash="", period="2025-09", finished_at=None
    )
    _sheet(tmp_path / "k.xlsx", tmp_path / "k.txt", nothing)
    found = labelled(tmp_path / "k.xlsx")
    assert (found["結果"], found["対象期間"]) == ("正常終了", "令和7年9月")
    assert (tmp_path / "k.txt").read_text("utf-8").count("なし") == 4


def test_meisai_keeps_zeros_and_repeats_its_head(tmp_path: Path) -> None:
    rows = [(f"{n:015}", date(2025, 9, 30), n, None, "=SUM(A1)") for n in range(200)]
    heads = ("宛名番号", "異動年月日", "件数", "空", "内容")
    (tmp_path / "m.xlsx").write_bytes(paper.meisai("資格異動 起案一覧", heads, rows, ("起案者 sousa01",)))
    sheet = first(tmp_path / "m.xlsx")
    found = cells(tmp_path / "m.xlsx")
    assert found[:4] == [
        ["資格異動 起案一覧"],
        ["200 件"],
        ["備考　起案者 sousa01"],
        ["宛名番号", "異動年月日", "件数", "空", "内容"],
    ]
    assert found[5] == ["000000000000001", datetime(2025, 9, 30), 1, "", "'=SUM(A1)"]
    assert sheet["B6"].number_format == '[$-411]ggge"年"m"月"d"日"' and sheet.auto_filter.ref == "A4:E204"
    assert sheet.oddHeader.right.text.strip() == "取扱注意"
    assert len(found) == 204 and sheet.print_title_rows == "$4:$4" and sheet.freeze_panes == "A5"
    assert sheet.oddFooter.center.text == "&P / &N" and sheet.page_setup.paperSize == 9


def test_meisai_goes_on_to_the_next_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "ROWS_OF_A_SHEET", 10)
    (tmp_path / "m.xlsx").write_bytes(paper.meisai("一覧", ("番号",), [(f"{n:05}",) for n in range(25)]))
    book = load_workbook(tmp_path / "m.xlsx")
    got = [row[0] for sheet in book for row in sheet.iter_rows(min_row=4, values_only=True) if row[0]]
    assert book.sheetnames == ["明細1", "明細2", "明細3"] and [v for v in got if v.isdigit()] == [f"{n:05}" for n in range(25)]


@pytest.mark.parametrize(("widths", "boxes"), [((20, 20, 20, 20), 3), ((4, 4, 4, 30), 3), ((30,), 0)])
def test_meisai_has_boxes_to_sign_in_where_there_is_room(tmp_path: Path, widths: tuple[int, ...], boxes: int) -> None:
    """Under the head lines, each broad enough; what is overdue is seen at once."""
    rows = [tuple(Alarm("超" * (w // 2)) for w in widths)]
    made = paper.meisai("期限一覧", [f"列{n}" for n in range(len(widths))], rows, (), ("対象",), ("課長", "係長", "担当"))
    (tmp_path / "m.xlsx").write_bytes(made)
    sheet = load_workbook(tmp_path / "m.xlsx").worksheets[0]
    found = [v for row in sheet.iter_rows(values_only=True) for v in row if v in ("課長", "係長", "担当")]
    assert len(found) == boxes
    alarms = [c for row in sheet.iter_rows() for c in row if str(c.value).startswith("超")]
    assert {c.fill.fgColor.rgb for c in alarms} == {"FFFCE4D6"} and all(c.font.bold for c in alarms)


def test_meisai_without_rows(tmp_path: Path) -> None:
    (tmp_path / "m.xlsx").write_bytes(paper.meisai("一覧", ("宛名番号", "理由"), []))
    assert cells(tmp_path / "m.xlsx") == [["一覧"], ["0 件"], ["宛名番号", "理由"]]


def test_same_input_same_bytes(tmp_path: Path) -> None:
    for n in "12":
        (tmp_path / f"s{n}").write_bytes(paper.soujusho(SLIP))
        _sheet(tmp_path / f"k{n}", tmp_path / f"t{n}", SHEET)
        (tmp_path / f"m{n}").write_bytes(paper.meisai("一覧", ("宛名番号",), [("000000000000001",)]))
    assert all((tmp_path / f"{p}1").read_bytes() == (tmp_path / f"{p}2").read_bytes() for p in "sktm")
    (tmp_path / "s.xlsx").write_bytes(paper.soujusho(SLIP))
    assert load_workbook(tmp_path / "s.xlsx").properties.created == datetime(2000, 1, 1)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM", "＝1", "＋1", "－1", "＠A", "﹢1", "﹣1", "−1", "﹦1", "﹫A", "\t1", "\r=1", " =1", "　＝1", "\u200b=1", "\ufeff=1", "\n-1"],
)  # fmt: skip
def test_what_could_become_a_formula_is_guarded(text: str) -> None:
    assert paper.guard(text).startswith("'") and "\t" not in paper.guard(text)


@pytest.mark.parametrize("text", ["", "0012", "ー", "―", "A=1", "山-川", "'=1", "第1号\n第3号"])
def test_what_cannot_stays_as_it_is(text: str) -> None:
    assert paper.guard(text) == text


@given(st.text())
def test_no_cell_begins_like_a_formula(text: str) -> None:
    shown = paper.guard(text)
    assert unicodedata.normalize("NFKC", shown).lstrip()[:1] not in ("=", "+", "-", "@", "\u2212")
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") and c != "\n" for c in shown)


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    bad = ("=cmd|'/c calc'!A0", "http://example.invalid", "1E5", "_x0041_", "x" * 40_000, "\x00\x1b[2J")
    (tmp_path / "m.xlsx").write_bytes(paper.meisai("=1&A&P", ("＝見出し",), [(text,) for text in bad], ("@注",)))
    sheet = first(tmp_path / "m.xlsx")
    values = [c for row in sheet.iter_rows() for c in row if c.value not in (None, "")]
    assert {c.data_type for c in values} == {"s"} and not any(c.hyperlink for c in values)
    assert sheet["A1"].value == "'=1&A&P" and sheet.oddHeader.left.text.strip() == "=1&&A&&P"
    assert "_x0041_" in {c.value for c in values}


def test_no_text_of_a_list_is_cut(tmp_path: Path) -> None:
    """A row is as high as its lines, also those that a cell breaks itself; a note goes on over lines; no row is higher than one can be."""
    cells = [["一\n二\n三", "漢" * 60], ["一", "\n".join("字" * 60)]]
    (tmp_path / "m.xlsx").write_bytes(paper.meisai("一覧", ("短い", "長い"), cells, ("注" * 80,)))
    sheet = first(tmp_path / "m.xlsx")
    assert sheet.column_dimensions["A"].width < 40  # its longest line, not all of them
    assert [sheet.row_dimensions[n].height for n in (3, 5, 6)] == [15 * 2, 6 + 14 * 3, 408.75]


HEAD = Heading(
    "国民年金・福祉医療課",
    "sousa01",
    datetime(2026, 10, 30, 13, 5, tzinfo=UTC),
    "夜間の定例処理",
    "5b1f0f5e",
    "対象 令和8年10月30日",
).lines


def test_over_a_list_stands_who_made_it_when_and_why(tmp_path: Path) -> None:
    (tmp_path / "m.xlsx").write_bytes(paper.meisai("一覧", ("番号",), [("1",)], ("注",), HEAD))
    assert [row[0] for row in cells(tmp_path / "m.xlsx")] == [
        "一覧",
        "対象 令和8年10月30日",
        "川崎市 国民年金・福祉医療課　作成者 sousa01　作成日時 令和8年10月30日 22:05:00",
        "処理事由 夜間の定例処理　実行番号 5b1f0f5e",
        "1 件",
        "備考　注",
        "番号",
        "1",
    ]


def test_a_short_list_has_room_for_its_title_and_notes(tmp_path: Path) -> None:
    """A merged cell is as wide as its columns and grows by itself in no spreadsheet."""
    title, note = "影響する移転一覧（国民年金被保険者資格情報）", "注" * 100
    (tmp_path / "m.xlsx").write_bytes(paper.meisai(title, ("月", "件"), [("9月", 1)], (note, "次の注")))
    sheet = first(tmp_path / "m.xlsx")
    wide = sum(d.width * (d.max - d.min + 1) for d in sheet.column_dimensions.values())
    assert wide * 7 >= width(title) * 16 / 10 * 6.7, "the title, 16 points high, stands in one line"
    assert sheet.row_dimensions[3].height >= 15 * width(note) / wide and sheet.row_dimensions[4].height in (None, 15)


def test_a_broad_list_stays_readable_in_print(tmp_path: Path) -> None:
    """A4 across holds some 145 columns at 10 points; at most a third more, so that nothing is printed below 7 points."""
    row = ["000000012003609", date(2026, 10, 30), *["氏名フリガナの空白、資格がない月がある" * 3] * 14]
    (tmp_path / "m.xlsx").write_bytes(paper.meisai("受付処理簿", [f"列{n}" for n in range(16)], [row]))
    sheet = first(tmp_path / "m.xlsx")
    sizes = [d.width * (d.max - d.min + 1) for d in sheet.column_dimensions.values()]
    assert sum(sizes) <= 145 / 0.7 and sizes[0] > 15 + 2, "and a number stays in one line"


def test_a_text_breaks_at_its_own_line_ends() -> None:
    assert lines("一\n二三\n", 2) == ["一", "二", "三", ""] and lines("", 4) == [""]
    assert lines("漢", 1) == ["漢"], "a line holds a character at least"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(date(2019, 5, 1), "令和元年5月1日"), (date(1867, 1, 1), "1867-01-01"), (1234, "1,234"), (None, ""), ("01", "01"),
     (datetime(2026, 10, 30, 15, 0, tzinfo=UTC), "令和8年10月31日 00:00:00")],
)  # fmt: skip
def test_cells_are_read_in_wareki(value: Cell, shown: str) -> None:
    assert cell_text(value) == shown


def test_a_day_before_the_calendar_of_spreadsheets_is_text(tmp_path: Path) -> None:
    (tmp_path / "m.xlsx").write_bytes(paper.meisai("一覧", ("生年月日",), [(date(1899, 12, 31),), (date(1901, 1, 1),)]))
    assert [row[0] for row in cells(tmp_path / "m.xlsx")][3:] == ["明治32年12月31日", datetime(1901, 1, 1)]
