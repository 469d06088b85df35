"""Every field type of the interfaces: tables of what is accepted, and the column readers against their scalar twins on any bytes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from etl.core.codec.cells import parser, refusal
from etl.core.codec.decode import Decoder, decode_one, hash_total, row_errors
from etl.core.codec.kinds import KINDS, RowError
from etl.core.codec.records import kind_of
from etl.core.dates import format_wareki7
from etl.core.errors import catalogue
from etl.core.mapping.fields import IN_ERAS, SIZES, Field, Record

#: type | cell | value (None: not set) or the kind of the error
TABLE = """
digits    | 00123      | 00123
digits    | ␣␣␣␣␣      | None
digits    | ␣0123      | !not_number
digits    | 0012x      | !not_number
digits    | 00000      | 00000
int       | 00123      | 123
int       | 00000      | 0
int       | ␣␣␣␣␣      | None
int       | ␣␣123      | !not_number
int       | -0123      | !not_number
yen       | 0012345678 | 12345678
yen       | -000000012 | -12
yen       | -          | !not_number
yen       | ␣␣␣␣␣␣␣␣␣␣ | None
yen       | 00000-0012 | !not_number
year      | 2025       | 2025
year      | ␣␣␣␣       | None
year      | 202␣       | !not_number
year      | 0000       | !not_number
month     | 202509     | 2025-09-01
month     | 000000     | None
month     | ␣␣␣␣␣␣     | None
month     | 202513     | !not_a_day
month     | 202500     | !not_a_day
month     | 2025-9     | !not_number
month7    | 2025-09    | 2025-09-01
month7    | 0000-00    | None
month7    | ␣␣␣␣␣␣␣    | None
month7    | 2025-13    | !not_a_day
month7    | 2025/09    | !not_number
date8     | 20250930   | 2025-09-30
date8     | 20240229   | 2024-02-29
date8     | 20250229   | !not_a_day
date8     | 19000229   | !not_a_day
date8     | 20000229   | 2000-02-29
date8     | 20250931   | !not_a_day
date8     | 20251301   | !not_a_day
date8     | 20250900   | !not_a_day
date8     | 00000101   | !not_a_day
date8     | 00010101   | 0001-01-01
date8     | 99991231   | 9999-12-31
date8     | 00000000   | None
date8     | ␣␣␣␣␣␣␣␣   | None
date8     | 2025093␣   | !not_number
date10    | 2025-09-30 | 2025-09-30
date10    | 0000-00-00 | None
date10    | ␣␣␣␣␣␣␣␣␣␣ | None
date10    | 2025-02-29 | !not_a_day
date10    | 2025/09/30 | !not_number
wareki7   | 5640107    | 1989-01-07
wareki7   | 5640108    | !outside_era
wareki7   | 1450730    | 1912-07-30
wareki7   | 1450731    | !outside_era
wareki7   | 3010730    | 1912-07-30
wareki7   | 3010729    | !outside_era
wareki7   | 3151225    | 1926-12-25
wareki7   | 3151226    | !outside_era
wareki7   | 5011225    | 1926-12-25
wareki7   | 7010108    | 1989-01-08
wareki7   | 7010107    | !outside_era
wareki7   | 7310430    | 2019-04-30
wareki7   | 7310501    | !outside_era
wareki7   | 9010501    | 2019-05-01
wareki7   | 9010430    | !outside_era
wareki7   | 1010125    | 1868-01-25
wareki7   | 1010124    | !outside_era
wareki7   | 9000501    | !outside_era
wareki7   | 9070230    | !not_a_day
wareki7   | 2010101    | !outside_era
wareki7   | 0000000    | !outside_era
wareki7   | ␣␣␣␣␣␣␣    | None
wareki7   | 507␣101    | !not_number
ts14      | 20250930040000 | 2025-09-30 04:00:00
ts14      | 20250930235959 | 2025-09-30 23:59:59
ts14      | 20250930240000 | !not_a_time
ts14      | 20250930046000 | !not_a_time
ts14      | 20250931040000 | !not_a_time
ts14      | 00000000000000 | !not_a_time
ts14      | ␣␣␣␣␣␣␣␣␣␣␣␣␣␣ | None
time8     | 23:59:59   | 23:59:59
time8     | 24:00:00   | !not_a_time
time8     | 12-00-00   | !not_a_time
time8     | ␣␣␣␣␣␣␣␣   | None
flag      | 1          | True
flag      | 0          | False
flag      | ␣          | None
flag      | 2          | !unknown_code
code      | 141305     | !unknown_code
code      | 141313     | 141313
code      | ␣␣␣␣␣␣     | None
kojin_no  | 000000000060   | 000000000060
kojin_no  | 000000000051   | 000000000051
kojin_no  | 000000000061   | !check_digit
kojin_no  | 000000000015   | !check_digit
kojin_no  | ␣␣␣␣␣␣␣␣␣␣␣␣   | None
kojin_no  | 00000000006␣   | !not_number
kojin_no  | 000000000000   | !zeros
zokugara  | 02000000   | 02000000
zokugara  | 12209900   | 12209900
zokugara  | 00000000   | 00000000
zokugara  | 03000000   | !unknown_code
zokugara  | 00020000   | !unknown_code
zokugara  | ␣␣␣␣␣␣␣␣   | None
text3     | 392        | 392
text3     | A␣␣        | A
text      | ｶﾅ漢字␣␣   | ｶﾅ漢字
text      | ␣漢□字     | ␣漢□字
text      | □□         | None
text      | ␣□␣        | None
text3     | □␣         | None
hankaku   | ｶﾅ␣A␣␣     | ｶﾅ␣A
hankaku   | カナ       | !not_hankaku
hankaku   | ␣␣␣        | None
zenkaku   | 漢字□□     | 漢字
zenkaku   | □漢□□      | □漢
zenkaku   | □□         | None
zenkaku   | ␣␣         | !not_zenkaku
zenkaku   | 漢AB       | !not_zenkaku
"""


def field(kind: str, size: int, **more: Any) -> Field:
    codes = {"codes": "ku"} if kind == "code" else {}
    value = {"value": "1" * size} if kind == "const" else {}
    return Field(name="x", label="x", type=kind, at=1, size=size, **codes, **value, **more)


def read(f: Field, *cells: bytes) -> tuple[list[Any], list[str | None]]:
    """Values and kinds of these cells, in one block."""
    record = Record(name="data", size=f.size, fields=(f,))
    block = np.frombuffer(b"".join(cells), np.uint8).reshape(len(cells), -1)
    kinds: list[str | None] = [None] * len(cells)
    for row, _, kind in Decoder(record).check(block):
        kinds[row] = kind
    return (Decoder(record).decode(block).column(0).to_pylist() if f.stored else [None] * len(cells)), kinds


@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_型ごとの読み方(line: str) -> None:
    kind, cell, want = (part.strip().replace("␣", " ").replace("□", "　") for part in line.split("|"))
    data = cell.encode("cp932")
    values, kinds = read(field(kind, len(data)), data)
    got = f"!{kinds[0]}" if kinds[0] else str(values[0])
    assert got == want
    assert not (kinds[0] and values[0] is not None)


#: of an item that means a person
PERSON = """
000000000000001 | 000000000000001
100000000000000 | 100000000000000
000000000000000 | !zeros
␣␣␣␣␣␣␣␣␣␣␣␣␣␣␣ | None
00000000000000␣ | !not_number
"""


@pytest.mark.parametrize("line", PERSON.strip().splitlines())
def test_どなたかの番号は0だけではない(line: str) -> None:
    cell, want = (part.strip().replace("␣", " ") for part in line.split("|"))
    values, kinds = read(field("digits", 15, person=True), cell.encode())
    assert (f"!{kinds[0]}" if kinds[0] else str(values[0])) == want
    in_csv = Field(name="x", label="x", type="digits15", person=True)
    assert refusal(in_csv, cell.strip()) == kinds[0] or kinds[0] == "not_number"


@pytest.mark.parametrize("required", [False, True])
def test_どなたかの番号の列も一件ずつの読み手と一致する(required: bool) -> None:
    f = field("digits", 3, person=True, required=required)
    cells = [f"{n:03}".encode() for n in range(1000)] + [b"   ", b" 00", b"00 ", b"0x0"]
    assert read(f, *cells)[1] == [kind_of(f, c) for c in cells]


@pytest.mark.parametrize(
    ("kind", "size"), [("digits", 5), ("date8", 8), ("zenkaku", 4), ("flag", 1), ("zokugara", 8), ("kojin_no", 12)]
)
def test_必須項目の未設定は誤り(kind: str, size: int) -> None:
    blank = "　　".encode("cp932") if kind == "zenkaku" else b" " * size
    assert read(field(kind, size, required=True), blank)[1] == ["required"]
    assert read(field(kind, size), blank)[1] == [None]


def test_固定値と予備と他の市区町村は行の誤り() -> None:
    fields = (
        Field(name="kbn", label="区分", type="const", at=1, size=1, value="2"),
        Field(name="shichoson_code", label="市", type="digits", at=2, size=6, required=True),
        Field(name="filler", label="予備", type="filler", at=8, size=3),
    )
    record = Record(name="data", size=10, fields=fields)
    block = np.frombuffer(b"2141305   9141305   2131001   2141305 x 2      xxx", np.uint8).reshape(5, 10)
    found = Decoder(record, city="141305").check(block)
    assert found == [(1, "kbn", "const"), (2, "shichoson_code", "other_city"), (3, "filler", "not_blank"),
                     (4, "shichoson_code", "required"), (4, "filler", "not_blank")]  # fmt: skip
    assert row_errors(2, found)[-1] == RowError(6, ("shichoson_code", "filler"), ("required", "not_blank"))
    assert Decoder(record, city="141305").check(block, [4, 0, 2]) == [found[1], found[3], found[4]]
    assert Decoder(record).check(block[2:3].copy()) == []


def test_シフトコードは決まったバイト() -> None:
    assert read(field("shift_in", 3), b"\x1b$B", b"\x1b(J")[1] == [None, "const"]
    assert read(field("shift_out", 3), b"\x1b(J", b"   ")[1] == [None, "const"]


SCALAR = sorted(set(SIZES) - {"text", "text3", "const", "filler", "shift_in", "shift_out", *IN_ERAS})
DEFAULT_SIZE = {"digits": 5, "int": 18, "yen": 11, "hankaku": 6, "zenkaku": 6, "jis": 6, "code": 6}
BYTES = st.sampled_from(b" 0123456789-:\x00\x7f\x80\xa0\xfd\x81\x40\xb1\x1b").map(lambda b: bytes((b,)))
DIGITS = st.sampled_from(b"0123456789").map(lambda b: bytes((b,)))


@pytest.mark.parametrize("kind", SCALAR)
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_列の読み手は一件ずつの読み手と一致する(kind: str, data: st.DataObject) -> None:
    size = SIZES[kind] or DEFAULT_SIZE[kind]
    f = field(kind, size, required=data.draw(st.booleans()))
    one = st.lists(DIGITS | BYTES, min_size=size, max_size=size) | st.lists(DIGITS, min_size=size, max_size=size)
    cells = [b"".join(c) for c in data.draw(st.lists(one, min_size=1, max_size=6))]
    values, kinds = read(f, *cells)
    assert kinds == [kind_of(f, c) for c in cells]
    for cell, value, wrong in zip(cells, values, kinds, strict=True):
        if wrong:
            assert value is None
        elif kind not in ("digits", "zenkaku", "jis", "hankaku"):
            assert value == parser(f)(cell.decode("ascii"))


@settings(deadline=None, max_examples=300)
@given(day=st.dates(date(1, 1, 1), date(9999, 12, 31)), wrong=st.integers(0, 99_999_999))
@example(date(9999, 12, 31), 99991232)
@example(date(1, 1, 1), 10100)
def test_年月日は暦のとおり(day: date, wrong: int) -> None:
    values, kinds = read(field("date8", 8), f"{day:%Y}".zfill(4).encode() + f"{day:%m%d}".encode(), f"{wrong:08}".encode())
    try:
        expected = datetime.strptime(f"{wrong:08}", "%Y%m%d").date()
    except ValueError:
        expected = None
    assert values == [day, expected] and kinds == [None, None if expected or not wrong else "not_a_day"]


def test_全ての暦日と和暦が読める() -> None:
    days = np.arange("1868-01-25", "2118-01-01", dtype="datetime64[D]")
    cells = [format_wareki7(d).encode() for d in days.tolist()]
    values, kinds = read(field("wareki7", 7), *cells)
    assert not any(kinds) and values == days.tolist()


def test_合計は10の18乗で折り返す() -> None:
    big = np.full(5, 999_999_999_999_999, dtype=np.int64)
    assert hash_total(np.append(big, -1)) == 5 * 999_999_999_999_999 % 10**18
    assert hash_total(np.full(2, 10**18 - 1, dtype=np.int64)) == (2 * (10**18 - 1)) % 10**18


def test_一件だけ読む() -> None:
    fields = (Field(name="a", label="a", type="int", at=1, size=3), Field(name="b", label="b", type="date8", at=4, size=8))
    assert decode_one(Record(name="header", size=11, fields=fields), b"01220250930") == {"a": 12, "b": date(2025, 9, 30)}


def test_誤りの種類は全て番号を持つ() -> None:
    assert set(KINDS.values()) == {code for code in catalogue() if code.startswith("NP-12")}
