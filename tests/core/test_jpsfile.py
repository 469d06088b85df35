"""Media files of 日本年金機構 (.DTA): what is read, what refuses a file whole with both numbers, and never a value of a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import kit
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.core.codec.decode import Decoder, JpsFile, decode_one, read_jps
from etl.core.codec.encode import encode_jps
from etl.core.errors import Refused, SourceError
from etl.core.mapping.layout import layouts
from tests.core.rows import rows, table

LAYOUT = layouts()["kikou_kekka"]
SAMPLE = Path(__file__).resolve().parents[1] / "golden/samples/inbox/kikou_kekka/KIKOUKEKKA_20250930_001.DTA"
FILE = SAMPLE.read_bytes()
OURS, DAY = "14130", date(2025, 9, 30)
PREAMBLE, WIDTH = 96, 500
SLOW = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])


def read(data: bytes) -> JpsFile:
    return read_jps(np.frombuffer(data, np.uint8), LAYOUT, SAMPLE.name, OURS)


def table_of(opened: JpsFile, rows_per_block: int = 4) -> pa.Table:
    decoder = Decoder(LAYOUT.data)
    return pa.Table.from_batches([decoder.decode(b) for _, b in opened.blocks(rows_per_block)], schema=decoder.schema)


def at(line: int) -> int:
    """Where a line begins; the first record after the preamble is line 1."""
    return PREAMBLE + (line - 1) * WIDTH


def put(data: bytes, start: int, text: bytes) -> bytes:
    return data[:start] + text + data[start + len(text) :]


def change(part: str, line: int, field: str, text: bytes) -> Callable[[bytes], bytes]:
    """Other bytes in a field of the preamble (line 0) or of a record."""
    place = getattr(LAYOUT, part).field(field).slice
    assert len(text) <= place.stop - place.start
    return lambda data: put(data, (at(line) if line else 0) + place.start, text)


def all_records(text: bytes) -> Callable[[bytes], bytes]:
    def changed(data: bytes) -> bytes:
        for line in range(1, 14):
            data = put(data, at(line) + 1, text)
        return data

    return changed


# ---- what is read ----------------------------------------------------------------------------------------------------------


def test_見本は誤りなく読めて同じバイトに書ける() -> None:
    opened = kit.medium(SAMPLE)
    assert (opened.count, opened.preamble["baitai_no"], opened.preamble["created_on"]) == (11, 1, DAY)
    assert [e for _, b in opened.blocks() for e in Decoder(LAYOUT.data).check(b)] == []
    header = decode_one(LAYOUT.header, opened.records[0].tobytes())
    assert encode_jps(LAYOUT, opened.preamble, [(header, table_of(opened))]) == FILE


def test_行番号は前文の次のレコードが1() -> None:
    opened = kit.medium(SAMPLE)
    assert [lines.tolist() for lines, _ in opened.blocks(5)] == [[2, 3, 4, 5, 6], [7, 8, 9, 10, 11], [12]]
    assert [bytes(b[0]) for _, b in opened.blocks(5)] == [FILE[at(n) : at(n + 1)] for n in (2, 7, 12)]


@SLOW
@given(st.lists(rows(LAYOUT.data), min_size=1, max_size=3), st.integers(0, 999), st.sampled_from(("70", "71")))
def test_符号化して復号すると元の行に戻る(groups: list[list[dict[str, Any]]], number: int, code: str) -> None:
    for group in groups:
        for row in group:
            row["shichoson_code5"] = OURS
    edge = {"shichoson_code5": OURS, "tsuchi_code": code, "baitai_code": None, "created_on": DAY}
    preamble = {"teishutsu_moto_id": OURS, "baitai_no": number, "created_on": DAY}
    opened = read(encode_jps(LAYOUT, preamble, [(edge, table(LAYOUT.data, group)) for group in groups]))
    assert opened.preamble == {**preamble, "file_count": len(groups)}
    assert [e for _, b in opened.blocks() for e in Decoder(LAYOUT.data).check(b)] == []
    assert table_of(opened).to_pylist() == [row for group in groups for row in group]
    lines = [line for found, _ in opened.blocks(3) for line in found.tolist()]
    starts = [1 + sum(len(g) + 2 for g in groups[:n]) for n in range(len(groups))]
    assert lines == [first + 1 + i for first, group in zip(starts, groups, strict=True) for i in range(len(group))]


def test_書けない行は媒体の行番号で断る() -> None:
    header, row = decode_one(LAYOUT.header, FILE[at(1) : at(2)]), table_of(read(FILE)).slice(0, 1)
    bad = table(LAYOUT.data, [{**row.to_pylist()[0], "name": "髙"}])
    with pytest.raises(Refused) as refused:
        encode_jps(LAYOUT, {"teishutsu_moto_id": OURS, "baitai_no": 1, "created_on": DAY}, [(header, row), (header, bad)])
    assert (refused.value.code, refused.value.line, refused.value.item) == ("NP-1130", 5, "name")


def test_格納件数は1か組の数() -> None:
    two = FILE + FILE[at(1) :]
    for count in (b"000001", b"000002"):
        assert read(change("preamble", 0, "file_count", count)(two)).count == 22


def test_データのない組も読める() -> None:
    empty = change("trailer", 2, "count", b"000000000")(FILE[: at(2)] + FILE[at(13) :])
    opened = read(empty)
    assert opened.count == 0 and list(opened.blocks()) == []


# ---- what refuses a file whole -----------------------------------------------------------------------------------------------

NAME = LAYOUT.data.field("name").slice.start
#: 事例: (what is done to the sample, code, line, what the sentence shows)
REFUSED: dict[str, tuple[Callable[[bytes], bytes], str, int | None, tuple[str, ...]]] = {
    "0バイト": (lambda d: b"", "NP-1140", None, ("（0 バイト",)),
    "前文の途中まで": (lambda d: d[:50], "NP-1140", None, ("（50 バイト", "前文 96")),
    "前文だけ": (lambda d: d[:96], "NP-1140", None, ("（96 バイト",)),
    "前文とヘッダーだけ": (lambda d: d[:596], "NP-1140", None, ("（596 バイト",)),
    "1バイト多い": (lambda d: d + b" ", "NP-1140", None, ("（6597 バイト", "余り 1 バイト")),
    "最後が改行": (lambda d: d + b"\r\n", "NP-1140", None, ("（6598 バイト", "余り 2 バイト")),
    "1バイト足りない": (lambda d: d[:-1], "NP-1140", None, ("（6595 バイト", "余り 499 バイト")),
    "漢字の1バイト目で切れる": (lambda d: d[: at(3) + NAME + 1], "NP-1140", None, ("余り 76 バイト",)),
    "トレーラーがない": (lambda d: d[: at(13)], "NP-1141", 12, ()),
    "ヘッダーがない": (lambda d: d[:PREAMBLE] + d[at(2) :], "NP-1141", 1, ()),
    "ヘッダーが続く": (lambda d: d[: at(2)] + d[at(1) :], "NP-1141", 2, ()),
    "データの間にヘッダー": (lambda d: put(d, at(5), d[at(1) : at(2)]), "NP-1141", 5, ()),
    "トレーラーの後にデータ": (lambda d: d + d[at(2) : at(3)], "NP-1141", 14, ()),
    "トレーラーが続く": (lambda d: d + d[at(13) :], "NP-1141", 14, ()),
    "二組目にトレーラーがない": (lambda d: d + d[at(1) : at(13)], "NP-1141", 25, ()),
    "知らないレコード区分": (lambda d: put(d, at(4), b"4"), "NP-1141", 4, ()),
    "ヘッダーが他市": (lambda d: put(d, at(1) + 1, b"14150"), "NP-1142", 1, ("全 13 件中 1 件",)),
    "データ2件が他市": (lambda d: put(put(d, at(6) + 1, b"14150"), at(9) + 1, b"14100"), "NP-1142", 6, ("全 13 件中 2 件",)),
    "トレーラーが他市": (lambda d: put(d, at(13) + 1, b"14131"), "NP-1142", 13, ("全 13 件中 1 件",)),
    "全部が他市": (all_records(b"14150"), "NP-1142", 1, ("全 13 件中 13 件",)),
    "ヘッダーの作成年月日": (change("header", 1, "created_on", b"20250929"), "NP-1143", 1, ("前文 2025-09-30", "レコード 2025-09-29")),
    "トレーラーの作成年月日": (change("trailer", 13, "created_on", b"20251001"), "NP-1143", 13, ("前文 2025-09-30", "レコード 2025-10-01")),
    "前文の作成年月日": (change("preamble", 0, "created_on", b"20250901"), "NP-1143", 1, ("前文 2025-09-01", "レコード 2025-09-30")),
    "合計件数が少ない": (change("trailer", 13, "count", b"000000010"), "NP-1144", 13, ("トレーラー 10 件", "ファイル 11 件")),
    "データが1件抜けた": (lambda d: d[: at(5)] + d[at(6) :], "NP-1144", 12, ("トレーラー 11 件", "ファイル 10 件")),
    "二組目の合計件数": (lambda d: change("trailer", 26, "count", b"000000022")(d + d[at(1) :]), "NP-1144", 26, ("トレーラー 22 件", "ファイル 11 件")),
    "ファイル格納件数": (change("preamble", 0, "file_count", b"000002"), "NP-1145", None, ("前文 2 件", "ファイル 1 件")),
    "格納件数が組より多い": (lambda d: change("preamble", 0, "file_count", b"000003")(d + d[at(1) :]), "NP-1145", None, ("前文 3 件", "ファイル 2 件")),
    "漢字氏名の前のシフトコード": (change("data", 3, "ki1", b"\x1b(B"), "NP-1146", 3, ("データ 11 件中 1 件",)),
    "漢字氏名の後のシフトコード": (change("data", 12, "ko1", b"\x1b$B"), "NP-1146", 12, ("データ 11 件中 1 件",)),
    "漢字住所の前のシフトコード": (change("data", 2, "ki2", b"   "), "NP-1146", 2, ("データ 11 件中 1 件",)),
    "2件の漢字住所の後": (
        lambda d: change("data", 9, "ko2", b"\x1b(I")(change("data", 4, "ko2", b"\x1b(I")(d)), "NP-1146", 4, ("データ 11 件中 2 件",)
    ),
    "前文の媒体通番が数字でない": (change("preamble", 0, "baitai_no", b"0A1"), "NP-1114", None, ("not_number",)),
    "前文の作成年月日が暦にない": (change("preamble", 0, "created_on", b"20250931"), "NP-1114", None, ("not_a_day",)),
    "前文の格納件数が数字でない": (change("preamble", 0, "file_count", b"     1"), "NP-1114", None, ("not_number",)),
    "前文の予備が空白でない": (change("preamble", 0, "yobi1", b"X"), "NP-1114", None, ("not_blank",)),
    "ヘッダーの通知内容コード": (change("header", 1, "tsuchi_code", b"99"), "NP-1114", 1, ("unknown_code",)),
    "ヘッダーの年金保険者コード": (change("header", 1, "hokensha_code", b"001"), "NP-1114", 1, ("const",)),
    "トレーラーの合計金額": (change("trailer", 13, "kingaku2", b"X"), "NP-1114", 13, ("not_number",)),
    "前文の媒体通番がない": (change("preamble", 0, "baitai_no", b"   "), "NP-1114", None, ("required",)),
    "前文の作成年月日がない": (change("preamble", 0, "created_on", b" " * 8), "NP-1114", None, ("required",)),
    "前文の格納件数がない": (change("preamble", 0, "file_count", b" " * 6), "NP-1114", None, ("required",)),
    "ヘッダーの作成年月日がない": (change("header", 1, "created_on", b" " * 8), "NP-1114", 1, ("required",)),
    "トレーラーの合計件数がない": (change("trailer", 13, "count", b" " * 9), "NP-1114", 13, ("required",)),
}  # fmt: skip


def private(data: bytes) -> set[str]:
    """Every text of a person in the sample: numbers, names, addresses, birth dates."""
    names = (
        "kiso_nenkin_no",
        "name",
        "name_kana",
        "address",
        "address_kana",
        "uketsuke_no",
        "kojin_no",
        "birth_on",
        "postal_code",
    )
    return {str(r[n]) for r in table_of(read(data)).to_pylist() for n in names if r[n]}


PRIVATE = private(FILE)


def refusal(data: bytes) -> SourceError:
    with pytest.raises(SourceError) as refused:
        read(data)
    shown = f"{refused.value} {refused.value!r} {refused.value.to_json()}"
    assert not [p for p in PRIVATE if p in shown]
    return refused.value


@pytest.mark.parametrize("case", REFUSED)
def test_媒体をまるごと拒む(case: str) -> None:
    damage, code, line, shown = REFUSED[case]
    error = refusal(damage(FILE))
    assert (error.code, error.line, error.file, error.exit_status) == (code, line, SAMPLE.name, 10)
    assert all(text in error.sentence for text in shown), error.sentence


def test_空のファイルは開くときにも拒む(tmp_path: Path) -> None:
    (tmp_path / SAMPLE.name).write_bytes(b"")
    with pytest.raises(SourceError, match="NP-1140"):
        kit.medium(tmp_path / SAMPLE.name)


def test_どこで切れても拒む() -> None:
    """Every edge of a record and beside it, and every byte of one record: kanji are cut in their middle as well."""
    edges = {at(line) + beside for line in range(1, 14) for beside in (-1, 0, 1)}
    for size in sorted(edges | set(range(at(3), at(4))) | set(range(0, PREAMBLE, 7)) | {len(FILE) - 1}):
        assert refusal(FILE[:size]).code == ("NP-1141" if size >= at(3) and (size - PREAMBLE) % WIDTH == 0 else "NP-1140"), size
