"""Every byte and every pair of bytes against Python's cp932 codec, with our listed exceptions and no other."""

from __future__ import annotations

import unicodedata

import kit
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from etl.core.codec import chars
from etl.core.codec.cells import parser
from etl.core.codec.decode import Decoder
from etl.core.codec.digits import holds_kojin_no
from etl.core.codec.keyed import keyed_medium, written
from etl.core.codec.kinds import KINDS
from etl.core.codec.writers import write
from etl.core.law.shukutai import reduced
from etl.core.mapping.fields import SIZES, Field, Record
from etl.core.mapping.layout import layouts


def record(kind: str, size: int, **more: object) -> Record:
    return Record(name="data", size=size, fields=(Field(name="x", label="x", type=kind, at=1, size=size, **more),))


def codec(data: bytes) -> str | None:
    try:
        return data.decode("cp932")
    except UnicodeDecodeError:
        return None


PAIRS = np.arange(65_536, dtype=">u2").view(np.uint8).reshape(-1, 2)


def expected_zenkaku(pair: bytes) -> str | None:
    """One two-byte character of the codec; U+3000 alone is blank."""
    text = codec(pair)
    return text if text is not None and len(text) == 1 and text != "　" else None


def test_全角は65536通りの2バイトが標準のcp932と一致する() -> None:
    decoder = Decoder(record("zenkaku", 2))
    got = decoder.decode(PAIRS).column(0).to_pylist()
    assert got == [expected_zenkaku(p.tobytes()) for p in PAIRS]
    wrong = {row for row, _, _ in decoder.check(PAIRS)}
    assert wrong == {i for i, p in enumerate(PAIRS) if len(codec(p.tobytes()) or "") != 1}


@pytest.mark.parametrize(("before", "after"), [("あ", "い"), ("", "い"), ("あ", ""), ("×", "Ω")])
def test_全角は前後にほかの文字があっても同じ(before: str, after: str) -> None:
    decoder, size = Decoder(record("zenkaku", 6)), 6
    cells = [(before.encode("cp932") + p.tobytes() + after.encode("cp932") + b"\x81\x40" * 3)[:size] for p in PAIRS]
    block = np.frombuffer(b"".join(cells), np.uint8).reshape(-1, size)
    want = [
        None if len(codec(p.tobytes()) or "") != 1 else (before + codec(p.tobytes()) + after).rstrip("　") or None for p in PAIRS
    ]
    assert decoder.decode(block).column(0).to_pylist() == want


def test_半角は256通りの1バイトが標準のcp932と一致する() -> None:
    cells = np.array([[ord("a"), b, ord("b")] for b in range(256)], dtype=np.uint8)
    refused = {*range(0x00, 0x20), 0x7F, 0x80, 0xA0, 0xFD, 0xFE, 0xFF, *range(0x81, 0xA0), *range(0xE0, 0xFD)}
    decoder = Decoder(record("hankaku", 3))
    assert {row for row, _, _ in decoder.check(cells)} == refused
    assert decoder.decode(cells).column(0).to_pylist() == [
        None if b in refused else f"a{codec(bytes((b,)))}b" for b in range(256)
    ]


@pytest.mark.parametrize("kind", ["text", "text3"])
def test_混在は1バイトと2バイトの全てが標準のcp932と一致する(kind: str) -> None:
    single = [bytes((0x41, b, 0x42)) for b in range(256)]
    double = [p.tobytes() + b"A" for p in PAIRS]
    block = np.frombuffer(b"".join(single + double), np.uint8).reshape(-1, 3)
    refused = set("\x80\uf8f0\uf8f1\uf8f2\uf8f3\x7f") | {chr(c) for c in range(0x20)}

    def want(data: bytes) -> str | None:
        text = codec(data)
        return None if text is None or refused & set(text) else text.rstrip(" ")

    decoder = Decoder(record(kind, 3))
    assert decoder.decode(block).column(0).to_pylist() == [want(c.tobytes()) for c in block]
    assert {row for row, _, _ in decoder.check(block)} == {i for i, c in enumerate(block) if want(c.tobytes()) is None}


def test_外字は私用領域に移り数えられる() -> None:
    pairs = [bytes((lead, trail)) for lead in range(0xF0, 0xFA) for trail in (*range(0x40, 0x7F), *range(0x80, 0xFD))]
    block = np.frombuffer(b"".join(pairs), np.uint8).reshape(-1, 2)
    decoder = Decoder(record("zenkaku", 2))
    assert decoder.decode(block).column(0).to_pylist() == [chr(0xE000 + i) for i in range(len(pairs))]
    assert decoder.gaiji(block).tolist() == [1] * 1880
    good = np.array([len(codec(p.tobytes()) or "") == 1 for p in PAIRS])
    found = decoder.gaiji(PAIRS, good)
    assert (found.sum(), np.count_nonzero(found)) == (1880, 1880)
    assert not decoder.gaiji(PAIRS, np.arange(0x8140, 0x9FFC)).any()


@pytest.mark.parametrize(
    ("char", "code"), [("～", "8160"), ("∥", "8161"), ("－", "817c"), ("￠", "8191"), ("￡", "8192"), ("￢", "81ca")]
)
def test_波線などはcp932のとおり(char: str, code: str) -> None:
    assert chars.decode_mixed(bytes.fromhex(code)) == char


@pytest.mark.parametrize(("kind", "size"), [("zenkaku", 2), ("hankaku", 1)])
def test_書ける文字は標準のcp932と同じバイトになり書けない文字は保留になる(kind: str, size: int) -> None:
    units = [chr(c) for c in range(1, 0x10000) if not 0xD800 <= c < 0xE000] + ["𠮷", "🏠"]
    field = Field(name="x", label="x", type=kind, at=1, size=size)
    cells, held = write(field, pa.array(units))

    def want(char: str) -> bytes | None:
        try:
            data = char.encode("cp932")
        except UnicodeEncodeError:
            return None
        printable = char not in chars.NOT_CP932 and char >= " " and char != "\x7f"
        return data if len(data) == size and printable and data.decode("cp932") == char else None

    expected = [want(c) for c in units]
    assert [bool(h) for h in held["not_expressible"]] == [e is None for e in expected]
    assert all(cells[i].tobytes() == e for i, e in enumerate(expected) if e is not None)


def test_JISX0208は6879文字でcp932の文字になる() -> None:
    decoder = Decoder(record("jis", 2))
    got = [t for t in decoder.decode(PAIRS).column(0).to_pylist() if t]
    assert len(got) == len(set(got)) == 6878  # and U+3000, which is padding
    some = np.frombuffer(b"".join(map(bytes.fromhex, ("2141", "3021", "7426"))), np.uint8).reshape(-1, 2)
    assert decoder.decode(some).column(0).to_pylist() == ["～", "亜", "熙"]


JIS_PAIRS = [bytes((row, cell)) for row in range(0x21, 0x7F) for cell in range(0x21, 0x7F)]
CP932_INSTEAD = {"〜": "～", "‖": "∥", "−": "－", "¢": "￠", "£": "￡", "¬": "￢"}


def iso2022(pair: bytes) -> str | None:
    """What Python's own JIS X 0208 makes of a pair; None where nothing is assigned."""
    try:
        return (b"\x1b$B" + pair + b"\x1b(B").decode("iso2022_jp")
    except UnicodeDecodeError:
        return None


def test_JISX0208は8836通りの区点が標準と一致しcp932の6字だけが違う() -> None:
    block = np.frombuffer(b"".join(JIS_PAIRS), np.uint8).reshape(-1, 2)
    standard = [iso2022(p) for p in JIS_PAIRS]
    decoder = Decoder(record("jis", 2))
    got = decoder.decode(block).column(0).to_pylist()
    assert got == [None if c == "　" else CP932_INSTEAD.get(c or "", c) for c in standard]
    assert set(CP932_INSTEAD) <= set(standard)
    unassigned = [i for i, c in enumerate(standard) if c is None]
    assert len(unassigned) == 8836 - 6879
    assert decoder.check(block) == [(i, "x", "bad_char") for i in unassigned]


def test_JISX0208の外の2バイトは読まない() -> None:
    inside = set(JIS_PAIRS)
    found = Decoder(record("jis", 2)).check(PAIRS)
    assert {i for i, p in enumerate(PAIRS) if p.tobytes() not in inside} <= {row for row, _, _ in found}
    kinds = {PAIRS[row].tobytes(): kind for row, _, kind in found}
    wanted = {
        "2020": "not_zenkaku",
        "b1b2": "not_zenkaku",
        "1b28": "control_char",
        "217f": "control_char",
        "8ea0": "bad_char",
        "2921": "bad_char",
    }
    assert {p: kinds[bytes.fromhex(p)] for p in wanted} == wanted


def test_JISX0208の文字は全て元の区点に書ける() -> None:
    pairs = [p for p in JIS_PAIRS if iso2022(p)]
    text = [CP932_INSTEAD.get(iso2022(p) or "", iso2022(p)) for p in pairs]
    field = Field(name="x", label="x", type="jis", at=1, size=2)
    cells, held = write(field, pa.array(text))
    assert not any(mask.any() for mask in held.values())
    assert [c.tobytes() for c in cells] == pairs
    known = set(text)
    others = [chr(c) for c in range(1, 0x10000) if not 0xD800 <= c < 0xE000 and chr(c) not in known] + ["𠮷"]
    assert write(field, pa.array(others))[1]["not_expressible"].all()


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("8141 8180", None),
        ("2020 2020", "not_zenkaku"),  # one-byte spaces are no padding here
        ("4182 a020", "bad_char"),  # one byte too many before it: halves all along
        ("8141 4182", "bad_char"),  # the second half of 82A0 is cut off at the edge
        ("8141 85a0", "bad_char"),  # a hole of the codec
        ("8141 80a0", "bad_char"),
        ("8141 8100", "control_char"),
        ("8141 0041", "control_char"),
        ("8140 0000", "control_char"),
    ],
)
def test_全角の誤りの種類(cell: str, kind: str | None) -> None:
    data = bytes.fromhex(cell)
    block = np.frombuffer(data, np.uint8).reshape(1, -1)
    found = Decoder(record("zenkaku", len(data))).check(block)
    assert [k for _, _, k in found] == ([kind] if kind else [])


# ---- Unicode ------------------------------------------------------------------------------------------------------------------

UNICODE = kit.table("""
| 事例                                 | 符号          | 誤り         | 外字 |
|--------------------------------------|---------------|--------------|------|
| 漢字                                 | 6F22          |              | 0    |
| 第2面の漢字                          | 20BB7         |              | 0    |
| 第3面の漢字（拡張H、Unicode 15.0）   | 31350         |              | 0    |
| 拡張I（Unicode 15.1）                | 2EBF0         |              | 0    |
| 全角の空白                           | 3000          |              | 0    |
| 改行しない空白                       | A0            |              | 0    |
| 結合する濁点                         | 3099          |              | 0    |
| 外字（第0面、CP932のF040）           | E000          |              | 1    |
| 外字（第0面の終わり）                | F8FF          |              | 1    |
| 外字（第15面の初め）                 | F0000         |              | 1    |
| 外字（第15面の終わり）               | FFFFD         |              | 1    |
| 外字（第16面の初め、MJ+）            | 100000        |              | 1    |
| 外字（第16面の終わり）               | 10FFFD        |              | 1    |
| 異体字セレクタ（標準）の初め         | FE00          |              | 1    |
| 異体字セレクタ（標準）の終わり       | FE0F          |              | 1    |
| 漢字異体字セレクタの初め             | E0100         |              | 1    |
| 漢字異体字セレクタの終わり           | E01EF         |              | 1    |
| 改行                                 | A             | control_char |      |
| 復帰                                 | D             | control_char |      |
| タブ                                 | 9             | control_char |      |
| 削除                                 | 7F            | control_char |      |
| 次の行                               | 85            | control_char |      |
| 見えないハイフン                     | AD            | control_char |      |
| 幅のない空白                         | 200B          | control_char |      |
| 幅のない接合子                       | 200D          | control_char |      |
| 右から左への上書き                   | 202E          | control_char |      |
| 行の区切り                           | 2028          | control_char |      |
| 段落の区切り                         | 2029          | control_char |      |
| 途中のBOM                            | FEFF          | control_char |      |
| 札の文字                             | E0041         | control_char |      |
| 置換文字                             | FFFD          | bad_char     |      |
| 割り当てのない符号                   | 378           | bad_char     |      |
| 漢字の面の割り当てのない符号         | 2FFF0         | bad_char     |      |
| 漢字異体字セレクタの次               | E01F0         | bad_char     |      |
| 文字でない符号（第0面）              | FDD0          | bad_char     |      |
| 文字でない符号（第0面の終わり）      | FFFF          | bad_char     |      |
| 文字でない符号（第15面の終わり）     | FFFFE         | bad_char     |      |
| 文字でない符号（第16面の終わり）     | 10FFFF        | bad_char     |      |
| 片割れの代理符号                     | D800          | bad_char     |      |
| 片割れの代理符号の終わり             | DFFF          | bad_char     |      |
""")
CSV_TEXT = parser(Field(name="x", label="x", type="text"))


def _read(parse: object, text: str) -> tuple[str | None, str | None]:
    """(value, kind of the error); any other exception, and a kind that is none, fails the test."""
    try:
        return parse(text), None  # type: ignore[operator]
    except ValueError as error:
        return None, next(kind for kind in KINDS if kind == str(error))


@pytest.mark.parametrize("case", UNICODE, ids=[c["事例"] for c in UNICODE])
def test_文字の項目に置ける文字(case: dict[str, str]) -> None:
    char = chr(int(case["符号"], 16))
    for text in (f"架{char}空", f"{char}空", f"架{char}"):
        assert _read(CSV_TEXT, text) == ((None, case["誤り"]) if case["誤り"] else (text, None))
    if not case["誤り"]:
        assert pc.count_substring_regex(pa.array([f"架{char}空"]), chars.GAIJI).to_pylist() == [int(case["外字"])]


ANY = st.text(st.characters(exclude_categories=()) | st.sampled_from("\u200b\ufeff\ufffd\ud800\u3000 \n\ue000\U000e0100０0-/"))


@settings(deadline=None, max_examples=300)
@given(text=ANY)
@example("\U0002fffe")
def test_文字の項目はそのまま読めるか誤りになる(text: str) -> None:
    value, kind = _read(CSV_TEXT, text)
    if kind:
        unseen = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cn", "Cs", "Zl", "Zp") or c == "\ufffd"}
        assert unseen
    else:
        assert value == (text.rstrip(" ") if text.strip() else None)
        text.encode("utf-8")


@pytest.mark.parametrize(
    "kind", [*sorted(set(SIZES) - {"const", "filler", "shift_in", "shift_out", "zenkaku", "jis", "digits"}), "digits10"]
)
@settings(deadline=None, max_examples=100)
@given(text=ANY)
def test_どの型もどの文字で誤り以外の例外を起こさない(kind: str, text: str) -> None:
    codes = {"codes": "ku"} if kind == "code" else {}
    _read(parser(Field(name="x", label="x", type=kind, **codes)), text)


@settings(deadline=None, max_examples=100)
@given(texts=st.lists(ANY, min_size=20, max_size=20))
def test_入力票はどの文字でも媒体になる(texts: list[str]) -> None:
    layout = layouts()["kikou_kekka"]
    fields = [f for f in layout.columns if f.name not in ("created_on", "tsuchi_code", "shichoson_code5")]
    row = {f.name: written(f, text) for f, text in zip(fields, texts, strict=False)}
    head = {"created_on": "20261101", "baitai_no": "901", "shichoson_code5": "14130", "count": "1", "tsuchi_code": "70"}
    made = keyed_medium(layout, head, [row])
    data = np.frombuffer(made, np.uint8)[layout.preamble.size :].reshape(-1, 500)[1:2]
    decoder = Decoder(layout.data)
    wrong = {name for _, name, _ in decoder.check(data)}
    for name, value in decoder.decode(data).to_pylist()[0].items():
        if isinstance(value, str) and name in row and name not in wrong:
            assert value == row[name].rstrip(" \u3000")


@pytest.mark.parametrize(
    ("text", "whether"),
    [("123456789012", True), ("1234 5678 9012", True), ("1234-5678-9012", True), ("１２３４５６７８９０１２", True), ("٠١٢٣٤٥٦٧٨٩٠١", True),
     ("甲1234ー5678ー9012乙", True), ("1234\u200b5678\u20119012", True), ("①②③④⑤⑥⑦⑧⑨①②③", True), ("12345678901", False), ("sousa01", False), ("", False)],
)  # fmt: skip
def test_12桁の数字はどの文字でも個人番号とみなす(text: str, whether: bool) -> None:
    assert holds_kojin_no(text) is whether


SAME = kit.table("""
| 事例                       | 一方         | 他方           | 同じ |
|----------------------------|--------------|----------------|------|
| 字形の違い（縮退の表）     | 髙﨑         | 高崎           | ○    |
| 異体字セレクタ             | 葛\U000e0100飾 | 葛飾        | ○    |
| 標準の異体字               | 神\ufe00    | 神             | ○    |
| 互換漢字                   | \ufa19      | 神             | ○    |
| 合成と分解                 | か\u3099    | が             | ○    |
| セレクタの後の濁点         | か\ufe00\u3099 | が         | ○    |
| 別の字                     | 高崎         | 高橋           |      |
| 全角と半角                 | Ａ           | A              |      |
| 外字                       | \ue000      | 高             |      |
""")


@pytest.mark.parametrize("case", SAME, ids=[c["事例"] for c in SAME])
def test_文字の比べ方(case: dict[str, str]) -> None:
    one, other = (case[side].encode("ascii", "backslashreplace").decode("unicode_escape") for side in ("一方", "他方"))
    assert (reduced(one) == reduced(other)) is bool(case["同じ"])


@settings(deadline=None, max_examples=200)
@given(text=ANY)
def test_比べる形はもう一度作っても同じ(text: str) -> None:
    assert reduced(reduced(text)) == reduced(text)
