"""入力票: 紙の一覧を入力した xlsx は、媒体と同じ点検を受け、入力者とは別の職員の承認で取り込まれる。"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import kit
import openpyxl
import pytest
from kit import DAY, no
from openpyxl.worksheet.worksheet import Worksheet

from etl import approve, cli
from etl.core.codec.decode import Decoder
from etl.core.codec.jpsfile import read_jps
from etl.core.codec.keyed import keyed_medium
from etl.core.mapping.layout import layouts
from etl.edge import form
from etl.site import Site
from tests.conftest import After
from tests.core.test_jpsfile import FILE, read

LAYOUT = layouts()["kikou_kekka"]
NAME = f"KIKOUKEKKA_{DAY:%Y%m%d}_901.xlsx"
HEAD = {"作成年月日": DAY.isoformat(), "媒体通番": "901", "市町村コード": "14130", "合計件数": "2", "入力者": "sousa01"}
ROW: dict[str, Any] = {
    "生年月日": "1990-01-01", "性別": "1", "カナ氏名": "ｶｸｳ ｲﾁﾛｳ", "漢字氏名": "架空　一郎", "漢字住所": "神奈川県川崎市川崎区架空町１－１", "届書種別": "01",
    "処理結果": "01", "返戻理由": "00", "処理年月日": DAY.isoformat(), "該当年月日": DAY.isoformat(), "職権区分": "0",
}  # fmt: skip
Change = Callable[[Worksheet, Worksheet], Any]


def keyed(site: Site, rows: list[dict[str, Any]], change: Change | None = None, name: str = NAME, **head: Any) -> Path:
    """The empty form, filled in, in the inbox."""
    path = site.inbox / "kikou_kekka" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return filled(path, rows, change, **head)


@cache
def _empty() -> bytes:
    return form.empty_form(LAYOUT)


def filled(path: Path, rows: list[dict[str, Any]], change: Change | None, **head: Any) -> Path:
    path.write_bytes(_empty())
    book = openpyxl.load_workbook(path)
    top, sheet = book[form.HEAD_SHEET], book[form.ROW_SHEET]
    for line in top.iter_rows(max_col=1):
        if line[0].value in HEAD:
            top.cell(line[0].row, 2, {**HEAD, **head}[line[0].value])
    place = {cell.value: cell.column for cell in sheet[1]}
    for at, row in enumerate(rows, 2):
        for label, value in {**ROW, **row}.items():
            sheet.cell(at, place[label], value)
    if change:
        change(top, sheet)
    book.save(path)
    return path


def rows_of(site: Site) -> list[tuple[Any, ...]]:
    """Results without what says where they came from."""
    return kit.query(
        site, "select line, kiso_nenkin_no, birth_on, sex_code, name_kana, name, address, todoke_code, kekka_code, henrei_code, shori_on, gaitou_on, "
        "uketsuke_no, kojin_id is not null, shokken_flag, created_on, tsuchi_code, shichoson_code5 from pension.kikou_kekka order by line",
    )  # fmt: skip


TWO = [{"受付番号(進達時)": no(1), "基礎年金番号": kit.kiso(1)}, {"個人番号": kit.kojin_no(2), "職権区分": "1"}]


def test_別の職員が承認するまで待ち_承認されると媒体と同じ行になる(site: Site) -> None:
    keyed(site, TWO)
    waiting = kit.only(kit.run(site, "kikou_kekka", DAY))
    assert (waiting["outcome"], waiting["code"]) == ("waiting", "NP-2026") and rows_of(site) == []
    with pytest.raises(Exception, match="NP-2030"):
        approve.decide(site, "teisei", None, "sousa01")  # who keyed it
    kit.approve_all(site, "teisei")
    assert kit.only(kit.run(site, "kikou_kekka", DAY))["counts"]["new"] == 2
    by_hand = rows_of(site)
    kit.kekka(site, [{"uketsuke_no": no(1), "kiso_nenkin_no": kit.kiso(1)}, {"kojin_no": kit.kojin_no(2), "shokken_flag": True}])
    assert kit.run(site, "kikou_kekka", DAY)["error"] is None
    assert rows_of(site) == sorted(by_hand * 2)


def test_夜間の実行が起案しても_入力者は承認できない(site: Site) -> None:
    keyed(site, TWO)
    kit.run(site, "kikou_kekka", DAY, user="airflow")
    with pytest.raises(Exception, match="NP-2030"):
        approve.decide(site, "teisei", None, "sousa01")


def run_by_hirai(site: Site) -> None:
    """A form keyed by sousa01; hirai01's run found it."""
    keyed(site, TWO)
    kit.run(site, "kikou_kekka", DAY, user="hirai01")


@pytest.mark.parametrize("user", ["hirai01", "ＨＩＲＡＩ０１", "sousa01", "Sousa 01"])
def test_入力票は入力者も実行した職員も承認できない(after: After, user: str) -> None:
    site = after(run_by_hirai)
    for decision in ("approved", "rejected"):
        with pytest.raises(Exception, match="NP-2030"):
            approve.decide(site, "teisei", None, user, decision)
    assert kit.approve_all(site, "teisei")["approved"] == 1


def test_承認の後に書き換えた入力票は改めて承認を待つ(site: Site) -> None:
    keyed(site, TWO)
    kit.run(site, "kikou_kekka", DAY)
    kit.approve_all(site, "teisei")
    keyed(site, [TWO[0], {**TWO[1], "性別": "2"}])
    assert kit.only(kit.run(site, "kikou_kekka", DAY))["code"] == "NP-2026"


def test_数と日付のセルも読める(site: Site) -> None:
    keyed(
        site,
        [
            {
                "生年月日": date(1990, 1, 1),
                "届書種別": 1,
                "処理結果": 1,
                "返戻理由": 0,
                "性別": 1,
                "職権区分": False,
                "処理年月日": "2025/09/24",
            }
        ],
        合計件数=1,
        媒体通番=901,
    )
    kit.run(site, "kikou_kekka", DAY)
    kit.approve_all(site, "teisei")
    assert kit.only(kit.run(site, "kikou_kekka", DAY))["counts"]["new"] == 1


def _cell(column: str, value: Any) -> Change:
    def change(_: Worksheet, sheet: Worksheet) -> None:
        sheet.cell(2, {c.value: c.column for c in sheet[1]}[column], value)

    return change


REFUSED = {
    "紙の件数と行の数が違う": ({"合計件数": "3"}, None, "NP-1144"),
    "よその市町村": ({"市町村コード": "14100"}, None, "NP-1142"),
    "日が名前と違う": ({"作成年月日": "2025-09-25"}, None, "NP-2007"),
    "通番が名前と違う": ({"媒体通番": "902"}, None, "NP-2007"),
    "作成年月日が日付でない": ({"作成年月日": "2025-13-01"}, None, "NP-1114"),
    "入力者がない": ({"入力者": None}, None, "NP-1147"),
    "列を消した": ({}, lambda _, sheet: sheet.delete_cols(3), "NP-1147"),
    "シートの名前を変えた": ({}, lambda _, sheet: setattr(sheet, "title", "別"), "NP-1147"),
}


NO_BOOK = {"空": b"", "壊れたzip": b"PK\x03\x04 not a workbook", "ゼロ": b"\x00" * 5000}
WRONG = [
    ("生年月日", "1990-02-30"), ("届書種別", "99"), ("漢字氏名", "髙橋"), ("カナ氏名", "カクウ"), ("漢字氏名", "長" * 26), ("個人番号", "00000000001X"),
    ("基礎年金番号", "12345678901"),
]  # fmt: skip


def _numbered(site: Site, number: int, change: Change | None = None, **head: Any) -> Path:
    """A form under a 媒体通番 of its own."""
    return keyed(site, TWO, change, NAME.replace("901", str(number)), **{"媒体通番": str(number), **head})


@pytest.fixture(scope="module")
def refused(town: Site) -> dict[str, tuple[str, str | None]]:
    """Outcome and code of each form that is no good, of one run; none of them left a row."""
    cases = {_numbered(town, n, change, **head).name: case for n, (case, (head, change, _)) in enumerate(REFUSED.items(), 901)}
    for n, (case, data) in enumerate(NO_BOOK.items(), 921):
        path = _numbered(town, n)
        path.write_bytes(data)
        cases[path.name] = case
    found = {cases[f["name"]]: (f["outcome"], f["code"]) for f in kit.run(town, "kikou_kekka", DAY)["files"]}
    assert rows_of(town) == []
    return found


@pytest.mark.parametrize("name", REFUSED)
def test_入力票を丸ごと拒否する(refused: dict[str, tuple[str, str | None]], name: str) -> None:
    assert refused[name] == ("refused", REFUSED[name][2])


@pytest.mark.parametrize("name", NO_BOOK)
def test_xlsxでないものは断る(refused: dict[str, tuple[str, str | None]], name: str) -> None:
    assert refused[name][1] == "NP-1147"


@pytest.fixture(scope="module")
def taken_in(town: Site, refused: Any) -> dict[tuple[str, str], tuple[dict[str, int], list[tuple[Any, ...]]]]:
    """Of each form with a wrong cell, approved and taken in: its counts, and line and item of what was quarantined."""
    names = {case: _numbered(town, n, _cell(*case)).name for n, case in enumerate(WRONG, 931)}
    kit.run(town, "kikou_kekka", DAY)
    kit.approve_all(town, "teisei")
    counts = {f["name"]: f["counts"] for f in kit.run(town, "kikou_kekka", DAY)["files"]}
    lines = "select line, fields[1] from ledger.quarantine join ledger.file using (file_id) where name = :n"
    return {case: (counts[name], kit.query(town, lines, n=name)) for case, name in names.items()}


@pytest.mark.parametrize(("column", "value"), WRONG)
def test_誤った項目は行と項目を示して隔離される(
    taken_in: dict[tuple[str, str], tuple[dict[str, int], list[tuple[Any, ...]]]], column: str, value: str
) -> None:
    counts, lines = taken_in[column, value]
    assert (counts["quarantined"], counts["new"]) == (1, 1)
    item = next(f.name for f in LAYOUT.columns if f.label == column)
    assert lines == [(2, item)]  # row 2 of the sheet


def test_見本の媒体を入力し直すと同じレコードになる() -> None:
    opened = read(FILE)
    decoder, rows = Decoder(LAYOUT.data), []
    for _, block in opened.blocks(100):
        for record in block:
            texts = {f.name: bytes(record[f.slice]) for f in LAYOUT.columns}
            rows.append({n: _said(n, raw) for n, raw in texts.items()})
    head = {"created_on": "20250930", "baitai_no": "1", "shichoson_code5": "14130", "count": str(len(rows)), "tsuchi_code": "70"}
    again = read_jps(bytes_of(keyed_medium(LAYOUT, head, rows)), LAYOUT, "form", "14130")
    for (_, a), (_, b) in zip(opened.blocks(100), again.blocks(100), strict=True):
        assert decoder.check(b) == [] and (a == b).all()


def _said(name: str, raw: bytes) -> str:
    """What somebody would key from a field's bytes."""
    if LAYOUT.data.field(name).type == "jis":
        return (b"\x1b$B" + raw + b"\x1b(B").decode("iso2022_jp").rstrip("\u3000").translate({0x2212: 0xFF0D, 0x301C: 0xFF5E})
    return raw.decode("shift_jis").rstrip()


def bytes_of(data: bytes) -> Any:
    import numpy as np

    return np.frombuffer(data, np.uint8)


def test_入力票は命令で作れる(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("KOKUNEN_HOME", str(site.home))
    assert cli.main(["form", "kikou_kekka"]) == 0
    path = site.home / "outbox" / "form" / "処理結果一覧_入力票.xlsx"
    assert str(path) in capsys.readouterr().out
    book = openpyxl.load_workbook(path)
    assert [c.value for c in book[form.ROW_SHEET][1]] == [f.label for f in form.form_columns(LAYOUT)]
    assert len(book[form.ROW_SHEET].data_validations.dataValidation) == sum(bool(f.codes) for f in form.form_columns(LAYOUT))
