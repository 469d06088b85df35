"""A mapping that is not whole is refused, and what it says is refused with its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from etl.core.errors import DefinitionError
from etl.core.mapping.city import ZONE, city
from etl.core.mapping.layout import Arriving, arriving, codes, codes_on, layouts, load_layout
from etl.core.mapping.registry import transfers
from etl.definitions import MAPPINGS

FIXED = """
dataset: tiny
title: 小さなファイル
direction: in
status: stand-in
source: test
from: 試験
basis: 試験
file: {name: "TINY_{city}_{business_on:yyyymmdd}.dat", format: fixed, encoding: cp932, newline: crlf, record: 10}
key: [no]
keep: {file: 30 days, rows: permanent}
load: {into: {tiny: {title: 小}}, reader: by_hash}
header:
  - {at: 1, size: 1, name: record_kbn, label: 区分, type: const, value: "1"}
  - {at: 2, size: 9, name: filler, label: 予備, type: filler}
data:
  - {at: 1, size: 1, name: record_kbn, label: 区分, type: const, value: "2"}
  - {at: 2, size: 5, name: no, label: 番号, type: digits, required: true}
  - {at: 7, size: 1, name: sex_code, label: 性別, type: code, codes: sex}
  - {at: 8, size: 3, name: filler, label: 予備, type: filler}
trailer:
  - {at: 1, size: 1, name: record_kbn, label: 区分, type: const, value: "3"}
  - {at: 2, size: 9, name: count, label: 件数, type: int}
"""


def load(folder: Path, text: str, name: str = "tiny"):
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return load_layout(path, MAPPINGS / "codes")


def test_正しい定義は読める(tmp_path: Path) -> None:
    layout = load(tmp_path, FIXED)
    assert isinstance(layout, Arriving)
    assert [f.name for f in layout.columns] == ["no", "sex_code"]
    assert layout.keep["file"].days == 30 and layout.load.table == "tiny"
    assert layout.quarantine_limit.share == 0.01 and layout.quarantine_limit.rows == 10


@pytest.mark.parametrize(("before", "after", "why"), [
    ("title: 小さなファイル", "title: 小さなファイル\ncolour: red", "Extra inputs"),
    ("key: [no]", "key: [no]\nkey: [no]", "key written twice"),
    ("label: 番号, type: digits", "label: 番号, label: 番号, type: digits", "key written twice"),
    ("at: 7, size: 1", "at: 8, size: 1", "gap"),
    ("at: 7, size: 1", "at: 6, size: 1", "overlap"),
    ("at: 8, size: 3", "at: 8, size: 4", "end at byte 11"),
    ("at: 8, size: 3", "at: 8, size: 2", "end at byte 9"),
    ("at: 7, size: 1", "size: 1", "at and size"),
    ("type: digits, required: true", "type: number, required: true", "unknown type"),
    ("type: digits, required: true", "type: date8, required: true", "takes 8 bytes"),
    ("type: digits, required: true", "type: digits5, required: true", "CSV type"),
    ("type: digits, required: true", "type: zenkaku, required: true", "even number"),
    ("type: digits, required: true", "type: digits, required: maybe", "bool"),
    ("codes: sex", "codes: planets", "FileNotFoundError"),
    ("codes: sex", "codes: jiyu", "2 bytes"),
    (", codes: sex", "", "`codes` belongs"),
    ('value: "2"', 'value: "22"', "not 1 bytes"),
    (', value: "2"', "", "`value` belongs"),
    ("name: sex_code", "name: no", "used twice"),
    ("key: [no]", "key: [nobody]", "no stored field"),
    ("key: [no]", "key: [filler]", "no stored field"),
    ("key: [no]", "key: [no]\ncode_days: [no]", "code_days"),
    ("key: [no]", "key: [no]\ncode_days: [nobody]", "code_days"),
    ("file: 30 days,", "file: a while,", "number of days, months or years"),
    ("record: 10", "record: 11", "the record at 11"),
    ("format: fixed", "format: xml", "'csv' or 'todoke'"),
    ("encoding: cp932", "encoding: utf-8", "encoding and newline"),
    ("from: 試験", "to: 試験", "Field required"),
    ("basis: 試験\n", "", "Field required"),
    ("reader: by_hash", "reader: by_hash, drops: [nobody]", "no stored field"),
    ("reader: by_hash", "reader: by_hash, drops: [no]", "dropped and needed"),
    ("reader: by_hash", "reader: by_hash, by: sex_code", "several tables"),
    ("{tiny: {title: 小}}", "{tiny: {title: 小}, other: {title: 他}}", "several tables"),
    ("reader: by_hash", "reader: guess", "'by_hash', 'csv'"),
    ("reader: by_hash", "reader: csv", "csv reads csv"),
    ("key: [no]", "key: []", "need one"),
    ("{business_on:yyyymmdd}", "{month:yyyymm}", "no business_on"),
    ("key: [no]", "key: [no]\nstream: {by: sex_code, names: {\"1\": main}}", "no required item of the header"),
    ("reader: by_hash", "reader: by_hash, then: idou", "keep.kouho"),
    ("reader: by_hash}", "reader: by_hash, new_by: sex_code}\nnot_content: [sex_code]", "not content"),
    ("reader: by_hash", "reader: by_hash, adds: {sex_code: bytes}", "called sex_code"),
    ("name: sex_code", "name: order", "called order"),
    ("name: sex_code", "name: row_key", "called row_key"),
    ("name: sex_code", f"name: {'x' * 64}", "longer than 63"),
    ("into: {tiny:", f"into: {{{'x' * 61}:", "longer than 63"),
    *[("{tiny: {title: 小}}, reader: by_hash", f"{{tiny: {{title: 小, only: {tiny}}}, other: {{title: 他{other}}}}}, by: sex_code, reader: by_hash{more}", why)
      for tiny, other, more, why in (
          ('["1"]', "", ", versions: true", "neither `versions` nor `new_by`"), ('["1"]', "", ", new_by: no", "neither `versions` nor `new_by`"),
          ('["1"]', ', only: ["1", "2"]', "", "leads to one"), ('["1", "7"]', "", "", "codes of sex_code: 7"),
          ('["1"]', ', only: ["2"]', "", "codes of sex_code: 0"), ('["1"]', ', only: ["0", "2"]', "", "rows without sex_code enter no table"),
      )],
    ("label: 件数, type: int", "label: 件数, type: int, sums: nobody", "no stored field"),
    ("dataset: tiny", "dataset: other", "differs from the file name"),
    ("  - {at: 1, size: 1, name: record_kbn, label: 区分, type: const, value: \"3\"}\n", "", "gap"),
    ("data:\n", "data:\n  - 番号\n", "valid dictionary"),
    ("file: {name:", "file: nanika\nnanika: {name:", "valid dictionary"),
    (FIXED, "", "not a mapping"),
    (FIXED, "a: [", "expected"),
])  # fmt: skip
def test_正しくない定義は拒む(tmp_path: Path, before: str, after: str, why: str) -> None:
    assert before in FIXED
    with pytest.raises(DefinitionError) as refused:
        load(tmp_path, FIXED.replace(before, after, 1))
    assert why in refused.value.facts["why"] and refused.value.code == "NP-1101"


CSV = """
dataset: tiny
title: 小さなファイル
direction: out
status: stand-in
source: test
file: {name: "TINY_{city}.csv", format: csv, encoding: utf-8, bom: none, newline: crlf, quote: rfc4180, header: labels}
key: [no]
keep: {file: 30 days}
data:
  - {name: no, label: 番号, type: digits5, required: true}
  - {name: on, label: 日, type: date10}
"""


@pytest.mark.parametrize(("before", "after", "why"), [
    ("label: 日", "label: 番号", "label used twice"),
    ("type: date10", "type: zenkaku", "must fit a CSV"),
    ("type: date10", "type: date10, person: true", "belongs to digits"),
    ("label: 日,", "label: 日, at: 1, size: 3,", "date10 takes 10"),
    ("bom: none, ", "", "csv file has"),
    ("data:", "header:\n  - {name: x, label: x, type: text}\ndata:", "header"),
    ("key: [no]", "key: [no]\nbasis: 試験", "Extra inputs"),
])  # fmt: skip
def test_正しくないCSVの定義は拒む(tmp_path: Path, before: str, after: str, why: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        load(tmp_path, CSV.replace(before, after, 1))
    assert why in refused.value.facts["why"]


@pytest.mark.parametrize("text", [
    '"1": 男\n"1": 女', "1: 男", '"1": 男\n"02": 女', "[]", '"１": 男', "{}", '"1": ""', '"1": 7', '"1": {from: 2026-10-01}', '"1": {label: 男}',
    '"1": {label: 男, from: 2026-10}', '"1": {label: 男, from: "2026-10-01"}', '"1": {label: 男, since: 2026-10-01}',
    '"1": {label: 男, from: 2026-10-02, until: 2026-10-01}',
])  # fmt: skip
def test_正しくないコード表は拒む(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError):
        codes("bad", tmp_path)


def test_コードは書かれた期間だけ有効で_読むときはどれも分かる(tmp_path: Path) -> None:
    words = '"1": 男\n"2": {label: 女, from: 2026-10-01}\n"3": {label: 旧, until: 2026-09-30}\n"4": {label: 臨時, from: 2026-09-30, until: 2026-10-01}'
    (tmp_path / "list.yaml").write_text(words, encoding="utf-8")
    assert codes("list", tmp_path) == {"1": "男", "2": "女", "3": "旧", "4": "臨時"}
    days = [date(2026, 9, 29), date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 2)]
    assert ["".join(codes_on("list", day, tmp_path)) for day in days] == ["13", "134", "124", "12"]


def test_全ての定義とコード表が読める() -> None:
    assert len(layouts()) >= 10
    assert all(codes(p.stem) for p in (MAPPINGS / "codes").glob("*.yaml"))


def test_外へ出す相手と根拠と保存期間が書かれている() -> None:
    assert all(layout.keep.get("file") for layout in layouts().values())
    assert all(layout.basis and layout.sender for layout in arriving().values())
    assert all(row.basis and row.recipient for row in transfers().values())
    assert layouts()["juki_idou"].not_content == ("saishin_flag",)


def test_人を表す番号は全ての定義でそう書かれている() -> None:
    for layout in layouts().values():
        for field in (f for r in layout.records for f in r.fields if not f.sums):
            of_person = field.label.endswith(("宛名番号", "基礎年金番号"))
            assert field.person == of_person, f"{layout.dataset}.{field.name}"


def test_国保への移転は資格の項目だけ() -> None:
    for name in ("kokuho_shikaku_hoken", "kokuho_shikaku_shunou"):
        words = {f.name for f in layouts()[name].columns}
        assert not words & {"kojin_no", "name", "name_kana", "address", "birth_on", "menjo_code"}


def test_市の定義() -> None:
    assert city() == {"code": "141305", "name": "川崎市", "timezone": "Asia/Tokyo"}
    assert ZONE.key == city()["timezone"]


def test_定義は一度だけ読む() -> None:
    """With and without the default it is the same: a process parses no page twice."""
    assert layouts() is layouts(MAPPINGS)


@pytest.mark.parametrize(("text", "item"), [
    ("- a", None), ('code: "141305"\nname: 市', "timezone"), ('code: "141305"\nname: 市\ntimezone: Asia/Nowhere', "timezone"),
    ('code: "141305"\nname: 市\ntimezone: ../x', "timezone"), ('code: "141305"\nname: 市\ntimezone: Asia', "timezone"),
    ('code: "14130"\nname: 市\ntimezone: Asia/Tokyo', "code"), ("code: 141305\nname: 市\ntimezone: Asia/Tokyo", "code"),
])  # fmt: skip
def test_正しくない市の定義は拒む(tmp_path: Path, text: str, item: str | None) -> None:
    (tmp_path / "city.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as refused:
        city(tmp_path / "city.yaml")
    assert (refused.value.code, refused.value.item) == ("NP-1101", item)
