"""入力票のセル: 項目として読むか、セルの名前を示して断る。直して読むことはしない。"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import kit
import pytest
from openpyxl.utils import get_column_letter

from etl.core.codec.decode import Decoder
from etl.core.codec.jpsfile import read_jps
from etl.core.codec.keyed import keyed_medium
from etl.core.errors import SourceError
from etl.edge import form
from tests.faults import damage
from tests.rules.test_form import LAYOUT, NAME, TWO, Change, bytes_of, filled

FORM = f"{form.ROW_SHEET}!"
COLUMNS = [f.label for f in form.form_columns(LAYOUT)]


def _at(column: str) -> str:
    """The cell of a column in the first row of the form, as its error names it."""
    return f"{FORM}{get_column_letter(COLUMNS.index(column) + 1)}2"


#: how somebody keyed a cell; what the medium then says, the item that is 隔離 (!), or the form refused (✕) with the cell's name
CELLS = kit.table(r"""
| 事例                                       | 項目         | セル             | 結果     |
|--------------------------------------------|--------------|------------------|----------|
| 年月日は文字                               | 該当年月日   | '20260102        | 20260102 |
| 区切りのある年月日                         | 該当年月日   | '2026/1/2        | 20260102 |
| 区切りのある年月日（ハイフン）             | 該当年月日   | '2026-01-02      | 20260102 |
| 年月日のセル                               | 該当年月日   | 日 2026-01-02    | 20260102 |
| 時刻のある年月日のセル                     | 該当年月日   | 時 2026-01-02T01:00 | ✕     |
| 8桁の数                                    | 該当年月日   | 数 20260102      | 20260102 |
| 日付のシリアル値                           | 該当年月日   | 数 46024         | ✕        |
| 区切りの混ざった年月日                     | 該当年月日   | '2026/1-2        | !        |
| 年月だけの年月日                           | 該当年月日   | '2026/1          | !        |
| 和暦は読まない                             | 該当年月日   | 'R8.1.2          | !        |
| 全角の数字は読まない                       | 該当年月日   | '２０２６０１０２ | !       |
| 暦にない日                                 | 該当年月日   | '2026/2/29       | !        |
| 年月は文字                                 | 始期         | '202601          | 202601   |
| 区切りのある年月                           | 始期         | '2026/1          | 202601   |
| 区切りのある年月（12月）                   | 始期         | '2026-12         | 202612   |
| 年月日は年月でない                         | 始期         | '2026/1/2        | !        |
| 8桁は年月でない                            | 始期         | '20260102        | !        |
| ない月                                     | 始期         | '2026/13         | !        |
| 月の初日のセルは年月                       | 始期         | 日 2026-01-01    | 202601   |
| 月の途中の日のセルは年月でない             | 始期         | 日 2026-01-02    | ✕        |
| 6桁の数                                    | 始期         | 数 202601        | 202601   |
| 桁のそろった数                             | 基礎年金番号 | 数 3100000009    | 3100000009 |
| 先頭の0が落ちた数                          | 基礎年金番号 | 数 310000009     | ✕        |
| 小数                                       | 基礎年金番号 | 数 3100000009.5  | ✕        |
| 負の数                                     | 基礎年金番号 | 数 -310000009    | ✕        |
| 0だけの基礎年金番号                        | 基礎年金番号 | '0000000000      | !        |
| 0だけの個人番号                            | 個人番号     | '000000000000    | !        |
| 日付のセルの番号                           | 基礎年金番号 | 日 2026-01-02    | ✕        |
| コードは0を補う                            | 届書種別     | 数 1             | 01       |
| コードの真偽値                             | 届書種別     | 真 1             | ✕        |
| 氏名の数                                   | 漢字氏名     | 数 46024         | ✕        |
| 氏名の日付                                 | 漢字氏名     | 日 2026-01-02    | ✕        |
| カナの数                                   | カナ氏名     | 数 46024         | ✕        |
| カナの日付                                 | カナ氏名     | 日 2026-01-02    | ✕        |
| 数式                                       | 漢字氏名     | ="架"&"空"       | ✕        |
| 数式（年月日）                             | 該当年月日   | =TODAY()         | ✕        |
| エラー値                                   | 漢字氏名     | 誤 #N/A          | ✕        |
| 項目の中の改行                             | カナ氏名     | 'ｶｸｳ\n ｲﾁﾛｳ     | !        |
| 項目の中のタブ                             | カナ氏名     | 'ｶｸｳ\tｲﾁﾛｳ      | !        |
| 表計算の書き方の改行                       | カナ氏名     | 'ｶｸｳ_x000A_ｲﾁﾛｳ | !        |
| 氏名の中の見えない文字                     | 漢字氏名     | '架\u200b空     | !        |
| 前後の空白は項目ではない                   | カナ氏名     | ' ｶｸｳ ｲﾁﾛｳ□      | ｶｸｳ ｲﾁﾛｳ |
""")


def _keyed(said: str) -> Any:
    """The value of a cell as the table writes it."""
    kind, value = (said[0], said[1:].strip()) if said[0] != "'" else ("'", said[1:])
    made: dict[str, Callable[[str], Any]] = {
        "'": lambda v: v.encode("ascii", "backslashreplace").decode("unicode_escape").replace("□", "\u3000"),
        "数": lambda v: float(v) if "." in v else int(v), "日": date.fromisoformat, "時": datetime.fromisoformat,
        "真": lambda v: bool(int(v)), "誤": str, "=": lambda v: f"={v}",
    }  # fmt: skip
    return made[kind](value)


@pytest.mark.parametrize("case", CELLS, ids=[c["事例"] for c in CELLS])
def test_セルは項目として読むか断る(tmp_path: Path, case: dict[str, str]) -> None:
    field = next(f for f in LAYOUT.columns if f.label == case["項目"])
    path = filled(tmp_path / NAME, [{**TWO[0], case["項目"]: _keyed(case["セル"])}], None, 合計件数="1")
    if case["結果"] == "✕":
        with path.open("rb") as source, pytest.raises(SourceError) as error:
            form.read_form(source, NAME, LAYOUT)
        told = str(error.value)
        assert (error.value.code, error.value.line, error.value.item) == ("NP-1147", 2, field.label)
        assert _at(case["項目"]) in told and (len(case["セル"]) < 5 or case["セル"][1:].strip() not in told)
        return
    with path.open("rb") as source:
        head, rows = form.read_form(source, NAME, LAYOUT)
    medium = read_jps(bytes_of(keyed_medium(LAYOUT, head, rows)), LAYOUT, NAME, "14130")
    decoder, (_, block) = Decoder(LAYOUT.data), next(iter(medium.blocks()))
    wrong = [item for _, item, _ in decoder.check(block)]
    if case["結果"] == "!":
        assert wrong == [field.name]
    else:
        assert (wrong, block[0, field.slice].tobytes().decode("shift_jis").rstrip()) == ([], case["結果"])


#: what else is done to a form, and where the error says it is (None: read like any other)
SHEETS: dict[str, tuple[Change, str | None]] = {
    "明細の結合": (lambda _, sheet: sheet.merge_cells("C2:C3"), f"{FORM}C2:C3"),
    "見出しの結合": (lambda top, _: top.merge_cells("B1:C1"), f"{form.HEAD_SHEET}!B1:C1"),
    "使わない所の結合": (lambda _, sheet: sheet.merge_cells("A900:B900"), f"{FORM}A900:B900"),
    "見出しの数式": (lambda top, _: top.cell(1, 2, "=TODAY()"), f"{form.HEAD_SHEET}!B1"),
    "入力者が数": (lambda top, _: top.cell(5, 2, 901), f"{form.HEAD_SHEET}!B5"),
    "見出しが二つ": (lambda top, _: (top.cell(9, 1, "入力者"), top.cell(9, 2, "b")), "「入力者」が二つ"),
    "隠した行": (lambda _, sheet: setattr(sheet.row_dimensions[3], "hidden", True), None),
    "隠した列": (lambda _, sheet: setattr(sheet.column_dimensions["C"], "hidden", True), None),
    "隠したシート": (lambda top, _: setattr(top, "sheet_state", "hidden"), None),
}


@pytest.mark.parametrize("name", SHEETS)
def test_シートの体裁(tmp_path: Path, name: str) -> None:
    change, where = SHEETS[name]
    with filled(tmp_path / NAME, TWO, change).open("rb") as source:
        if where is None:
            assert len(form.read_form(source, NAME, LAYOUT)[1]) == 2
            return
        with pytest.raises(SourceError, match="NP-1147") as error:
            form.read_form(source, NAME, LAYOUT)
    assert where in str(error.value)


MAKERS = kit.table(r"""
| 事例                     | 入力者                  | 断る |
|--------------------------|-------------------------|------|
| 利用者名                 | sousa01                 |      |
| 漢字の名前               | 架空　太郎              |      |
| 64文字                   | 64                      |      |
| 65文字                   | 65                      | ○    |
| 改行                     | sousa01\n承認待ち 0 件 | ○    |
| 表計算の書き方の改行     | sousa01_x000D_hanako    | ○    |
| タブ                     | sousa01\thanako        | ○    |
| 見えない文字             | sousa\u200b01          | ○    |
| 右から左への上書き       | \u202esousa01          | ○    |
| 12桁の数字               | 000000000060            | ○    |
| 空白のある12桁           | 0000 0000 0060          | ○    |
| ハイフンのある12桁       | 甲0000-0000-0060        | ○    |
| 全角の12桁               | ００００００００００６０ | ○   |
| アラビアの12桁           | \u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0666\u0660 | ○ |
| 11桁の数字               | 00000000006             |      |
| キリル文字               | s\u043eusa01            | ○    |
""")


@pytest.mark.parametrize("case", MAKERS, ids=[c["事例"] for c in MAKERS])
def test_入力者は一覧の1行に収まる名前(tmp_path: Path, case: dict[str, str | None]) -> None:
    said = (case["入力者"] or "").encode("ascii", "backslashreplace").decode("unicode_escape")
    user = "a" * int(said) if said in ("64", "65") else said
    with filled(tmp_path / NAME, TWO, None, 入力者=user).open("rb") as source:
        if not case["断る"]:
            assert form.read_form(source, NAME, LAYOUT)[0]["keyed_by"] == user
            return
        with pytest.raises(SourceError, match="NP-1147") as error:
            form.read_form(source, NAME, LAYOUT)
    assert f"{form.HEAD_SHEET}!B5" in str(error.value) and user not in str(error.value)


SHEET = "xl/worksheets/sheet2.xml"
Part = Callable[[bytes], bytes]


def _cells(name: bytes, count: int) -> Part:
    return lambda data: data.replace(b"</sheetData>", name * count + b"</sheetData>")


#: what is done to a part of the xlsx, and what the refusal names
BOMBS: dict[str, tuple[str, Part, str]] = {
    "展開すると51MB": (SHEET, lambda data: data + os.urandom(25_500_000).hex().encode(), "展開すると50,000,000バイト"),
    "千倍に膨らむ": (SHEET, lambda data: data + b" " * 40_000_000, "200倍"),
    "行が多い": (
        SHEET,
        lambda data: data.replace(b"</sheetData>", _numbered(b'<row r="%d" ht="%d"/>', 100_001) + b"</sheetData>"),
        "100,000行",
    ),
    "行の番号が20億": (SHEET, _cells(b'<row r="2000000000"/>', 1), "番号"),
    "行の番号が文字": (SHEET, _cells(b'<row r="abc"/>', 1), "番号"),
    "行の番号が0": (SHEET, _cells(b'<row r="0"/>', 1), "番号"),
    "セルの番号がない列": (SHEET, _cells(b'<row r="9"><c r="XFDZZZ1"/></row>', 1), "番号"),
    "セルの番号が最後の列の次": (SHEET, _cells(b'<row r="9"><c r="XFE9"/></row>', 1), "番号"),
    "文字が多い": (
        SHEET,
        _cells(b'<row r="9"><c r="A9" t="inlineStr"><is><t>' + b"1" * 32_768 + b"</t></is></c></row>", 1),
        "32,767文字",
    ),
    "定義のあるXML": ("xl/styles.xml", lambda data: b'<!DOCTYPE a [<!ENTITY b "c">]>' + data.partition(b"?>")[2], "DTD"),
    "ブックのない入れ物": (
        "[Content_Types].xml",
        lambda data: data.replace(b"sheet.main", b"sheet.other"),
        "xlsx として開けません",
    ),
    "途中で切れたXML": (SHEET, lambda data: data[: len(data) // 2], "xlsx として開けません"),
    "五千桁の数": (SHEET, _cells(b'<row r="2"><c r="A2"><v>' + b"9" * 5_000 + b"</v></c></row>", 1), "xlsx として開けません"),
}


#: where else a sheet may lie: what it is called is said by the book
PLACES = ("xl/worksheets/sheet2.XML", "xl/worksheets/sheet2.dat", "xl/worksheets/sheet2.png", "xl/other/sheet2.xml", "xl/明細")


@pytest.mark.parametrize("place", PLACES)
def test_シートがどこにどんな名前であっても上限は同じ(tmp_path: Path, place: str) -> None:
    path = filled(tmp_path / NAME, TWO, None)
    damage.move(path, SHEET, place)
    assert len(form.read_form(io.BytesIO(path.read_bytes()), NAME, LAYOUT)[1]) == 2, "it is read from there"
    damage.repack(path, {place: BOMBS["行の番号が20億"][1]})
    with path.open("rb") as source, pytest.raises(SourceError, match="行又はセルの番号が正しくありません"):
        form.read_form(source, NAME, LAYOUT)


def test_画像や印刷の設定が入っていても読める(tmp_path: Path) -> None:
    path = filled(tmp_path / NAME, TWO, None)
    with ZipFile(path, "a") as book:
        for name in ("xl/media/image1.png", "xl/printerSettings/printerSettings1.bin"):
            book.writestr(name, os.urandom(5_000))
    assert len(form.read_form(io.BytesIO(path.read_bytes()), NAME, LAYOUT)[1]) == 2


def _numbered(form: bytes, count: int) -> bytes:
    return b"".join(form % (n, n * 7919 % 100_003) for n in range(10, 10 + count))


@pytest.mark.parametrize("name", BOMBS)
def test_上限を超える入力票はその上限を示して断る(tmp_path: Path, name: str) -> None:
    part, change, told = BOMBS[name]
    path = filled(tmp_path / NAME, TWO, None)
    damage.repack(path, {part: change})
    with path.open("rb") as source, pytest.raises(SourceError, match="NP-1147") as error:
        form.read_form(source, NAME, LAYOUT)
    assert told in error.value.sentence
