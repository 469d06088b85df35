"""Every byte and every pair of bytes against Python's cp932 codec, with our listed exceptions and no other."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from etl.core.codec import chars
from etl.core.codec.decode import Decoder
from etl.core.codec.writers import write
from etl.core.mapping.fields import Field, Record


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
    assert Decoder(record("text", 2)).gaiji(block).tolist() == [1] * 1880
    assert Decoder(record("text", 2)).gaiji(
        np.frombuffer("ア".encode("cp932") + b"\x81\xf0", np.uint8).reshape(-1, 2)
    ).tolist() == [0, 0]
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
