"""Encoding: what cannot be written holds its row and names the field; a file is written whole or not at all."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from etl.core.codec.columns import arrow_schema, from_values
from etl.core.codec.decode import Decoder, split
from etl.core.codec.encode import encode_csv, encode_fixed, encode_rows, end_file
from etl.core.codec.kinds import RowError
from etl.core.codec.writers import write
from etl.core.errors import DefinitionError, Refused
from etl.core.mapping.fields import Field, Record
from etl.core.mapping.layout import layouts

KOKUHO = layouts()["kokuho_shikaku_hoken"]
ROW = {
    "atena_no": "000000012003609", "setai_no": "000000050001881", "ku_code": "141372", "kiso_nenkin_no": "3100850006",
    "shubetsu_code": "1", "acquired_on": date(1994, 8, 6), "shutoku_jiyu_code": "01", "lost_on": None,
    "soushitsu_jiyu_code": None, "shubetsu_henkou_on": None, "henkou_kbn": "3",
}  # fmt: skip
HEADER = {"shichoson_code": "141305", "month": date(2025, 9, 1), "created_on": date(2025, 9, 30), "version": 1}
TRAILER = {"shichoson_code": "141305", "count": 1, "hash_total": 12003609}


def table(*rows: dict) -> pa.Table:
    return pa.Table.from_arrays(
        [from_values(f, [{**ROW, **r}[f.name] for r in rows]) for f in KOKUHO.columns], schema=arrow_schema(KOKUHO.data)
    )


def test_一件の形() -> None:
    data = encode_fixed(KOKUHO, HEADER, table({}), TRAILER)
    assert data.split(b"\r\n")[1] == b"200000001200360900000005000188114137231008500061706080601".ljust(73) + b"3" + b" " * 26
    assert split(data, KOKUHO, "x").header == HEADER


@pytest.mark.parametrize(("change", "kind"), [
    ({"acquired_on": None}, "required"),
    ({"acquired_on": date(1868, 1, 24)}, "outside_era"),
    ({"ku_code": "141305"}, "unknown_code"),
    ({"ku_code": "14137"}, "unknown_code"),
    ({"ku_code": "1413720"}, "length"),
    ({"kiso_nenkin_no": "31008500061"}, "length"),
    ({"kiso_nenkin_no": "31008-5000"}, "not_number"),
    ({"kiso_nenkin_no": "0000000000"}, "zeros"),
    ({"atena_no": "0"}, "zeros"),
    ({"kiso_nenkin_no": "３１００８５０００６"}, "not_expressible"),
])  # fmt: skip
def test_書けない行は保留して項目を示す(change: dict, kind: str) -> None:
    field = next(iter(change))
    data, held = encode_rows(KOKUHO, table({}, change, {}))
    assert held == [RowError(3, (field,), (kind,))]
    assert data == encode_rows(KOKUHO, table({}, {}))[0]
    with pytest.raises(Refused) as refused:
        encode_fixed(KOKUHO, HEADER, table({}, change, {}), TRAILER)
    assert (refused.value.line, refused.value.item, refused.value.facts["kind"]) == (3, field, kind)


def test_数字は左に零を補う() -> None:
    data, held = encode_rows(KOKUHO, table({"atena_no": "12003609"}))
    assert not held and data == encode_rows(KOKUHO, table({}))[0]


def test_ヘッダーの誤りは書かない() -> None:
    with pytest.raises(Refused):
        encode_fixed(KOKUHO, {**HEADER, "version": 100}, table({}), TRAILER)
    with pytest.raises(DefinitionError):
        encode_fixed(KOKUHO, {**HEADER, "colour": "red"}, table({}), TRAILER)
    with pytest.raises(DefinitionError):
        encode_fixed(KOKUHO, HEADER, table({}).drop_columns("lost_on"), TRAILER)


@pytest.mark.parametrize(("kind", "size", "text", "held"), [
    ("zenkaku", 8, "髙﨑①㈱", None),
    ("zenkaku", 8, "\ue000外字", None),
    ("zenkaku", 8, "五文字以上だ", "length"),
    ("zenkaku", 8, "𠮷野", "not_expressible"),
    ("zenkaku", 8, "ABC", "not_expressible"),
    ("zenkaku", 8, "한글", "not_expressible"),
    ("hankaku", 8, "ﾀﾞ ｱ", None),
    ("hankaku", 8, "タ", "not_expressible"),
    ("hankaku", 8, "ｱ\t", "not_expressible"),
    ("text", 8, "A漢ｱ", None),
    ("text", 8, "¢", "not_expressible"),  # the codec alone would write ￠
    ("text", 8, "漢字漢字A", "length"),
    ("jis", 8, "漢字～", None),
    ("jis", 8, "髙", "not_expressible"),
])  # fmt: skip
def test_文字(kind: str, size: int, text: str, held: str | None) -> None:
    field = Field(name="x", label="x", type=kind, at=1, size=size)
    cells, bad = write(field, pa.array(["", text, None]))
    assert [k for k, mask in bad.items() if mask[1]] == ([held] if held else [])
    assert not any(mask[0] or mask[2] for mask in bad.values())
    if not held:
        assert Decoder(Record(name="data", size=size, fields=(field,))).decode(cells.copy()).column(0).to_pylist() == [
            None,
            text,
            None,
        ]
    assert b"?" not in cells.tobytes()


@pytest.mark.parametrize(("kind", "size", "value", "held"), [
    ("int", 3, 999, None), ("int", 3, 1000, "length"), ("int", 3, -1, "length"),
    ("yen", 4, -999, None), ("yen", 4, -1000, "length"), ("yen", 4, 9999, None),
    ("year", 4, 10_000, "length"), ("month", 6, date(2025, 9, 2), "length"),
])  # fmt: skip
def test_数(kind: str, size: int, value: object, held: str | None) -> None:
    field = Field(name="x", label="x", type=kind, at=1, size=size)
    cells, bad = write(field, from_values(field, [value]))
    assert [k for k, mask in bad.items() if mask[0]] == ([held] if held else [])
    if not held:
        assert Decoder(Record(name="data", size=size, fields=(field,))).decode(cells.copy()).column(0).to_pylist() == [value]


def test_CSVも書けない行を拒む() -> None:
    fuka = layouts()["ikou_fuka"]
    good = {"kiso_nenkin_no": "3100850006", "kanyu_on": date(2023, 8, 6), "dattai_on": None}
    for change, kind in (({"kanyu_on": None}, "required"), ({"kiso_nenkin_no": "310"}, "length")):
        rows = [good, {**good, **change}]
        columns = [from_values(f, [r[f.name] for r in rows]) for f in fuka.columns]
        with pytest.raises(Refused) as refused:
            encode_csv(fuka, pa.Table.from_arrays(columns, schema=arrow_schema(fuka.data)))
        assert (refused.value.line, refused.value.facts["kind"]) == (3, kind)


def test_終了ファイルの形() -> None:
    assert end_file("A.dat", b"x", 0) == (
        b'{"file": "A.dat", "bytes": 1, "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "count": 0}'
    )
