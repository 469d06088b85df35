"""封: what was sealed comes out whole, or not at all: cut, reordered, swapped, lengthened or bent streams are refused."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.core.errors import KokunenError
from etl.edge import crypt
from etl.edge.crypt import Label, stream

KEY = bytes(range(32))


def label(clear: bytes, name: str = "X.dat", dataset: str = "juki_idou") -> Label:
    return Label(dataset, name, hashlib.sha256(clear).hexdigest(), {"more": 1})


def sealed(folder: Path, clear: bytes, key: bytes = KEY, about: Label | None = None) -> bytes:
    crypt.seal(io.BytesIO(clear), folder / "sealed", key, about or label(clear))
    return (folder / "sealed").read_bytes()


def code_of(work: Callable[[], object]) -> str | None:
    try:
        work()
    except KokunenError as error:
        return error.code
    return None


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of 16 bytes: all edges are near."""
    monkeypatch.setattr(stream, "CHUNK", 16)


SIZES = (0, 1, 15, 16, 17, 31, 32, 33, 48, 100)


@pytest.mark.parametrize("size", SIZES)
def test_どの長さも元に戻る(tmp_path: Path, size: int) -> None:
    clear = bytes(i % 251 for i in range(size))
    found, out = sealed(tmp_path, clear), io.BytesIO()
    read = crypt.unseal(io.BytesIO(found), KEY, label(clear), out)
    assert out.getvalue() == clear
    assert (read.bytes, read.sealed_bytes, read.sealed_sha256) == (size, len(found), hashlib.sha256(found).hexdigest())
    assert len(found) == len(label(clear).line) + 7 + size + 16 * max(1, -(-size // 16))
    assert clear[:8] not in found or size < 8
    assert [p.name for p in tmp_path.iterdir()] == ["sealed"] and (tmp_path / "sealed").stat().st_mode & 0o777 == 0o600


def pieces(found: bytes) -> list[bytes]:
    """The line with the prefix, then the chunks."""
    head = found.index(b"\n") + 1 + 7
    return [found[:head], *(found[i : i + 32] for i in range(head, len(found), 32))]


#: what is done to a stream of three chunks, the last one whole
BENT: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "最後の1バイトが無い": lambda p: [*p[:-1], p[-1][:-1]],
    "最後の塊が無い": lambda p: p[:-1],
    "塊が一つも無い": lambda p: p[:1],
    "途中の塊が無い": lambda p: [p[0], p[1], p[3]],
    "塊の順が違う": lambda p: [p[0], p[2], p[1], p[3]],
    "塊が二度ある": lambda p: [p[0], p[1], p[1], p[2], p[3]],
    "最後の塊が二度ある": lambda p: [*p, p[3]],
    "後ろに1バイト": lambda p: [*p, b"\0"],
    "後ろに塊": lambda p: [*p, bytes(32)],
    "見出しが違う": lambda p: [b"KNHOKAN2" + p[0][8:], *p[1:]],
    "見出しが途中": lambda p: [p[0][:-1]],
    "見出しの行が無い": lambda p: [p[0][-7:], *p[1:]],
    "行の言うことが違う": lambda p: [p[0].replace(b'"more": 1', b'"more": 2'), *p[1:]],
    "行に足してある": lambda p: [p[0].replace(b'"more": 1', b'"more": 1, "x": 1'), *p[1:]],
    "空": lambda p: [],
    "前の番号が違う": lambda p: [p[0][:-1] + bytes([p[0][-1] ^ 1]), *p[1:]],
}


@pytest.mark.parametrize("what", BENT)
def test_壊れた封は何も出さない(tmp_path: Path, what: str) -> None:
    clear = bytes(range(48))
    bent, out = b"".join(BENT[what](pieces(sealed(tmp_path, clear)))), tmp_path / "clear"
    assert code_of(lambda: crypt.open_into(io.BytesIO(bent), out, KEY, label(clear))) == "NP-3203"
    assert not out.exists() and [p.name for p in tmp_path.iterdir()] == ["sealed"], "not even half of it"


def test_どの1ビットが変わっても開かない(tmp_path: Path) -> None:
    clear = bytes(range(40))
    stream = sealed(tmp_path, clear)
    for at in range(len(stream)):
        for bit in range(8):
            bent = stream[:at] + bytes([stream[at] ^ 1 << bit]) + stream[at + 1 :]
            assert code_of(lambda bent=bent: crypt.unseal(io.BytesIO(bent), KEY, label(clear))) == "NP-3203", (at, bit)


def test_別の鍵_別のデータセット_別の名前_別の内容では開かない(tmp_path: Path) -> None:
    clear = b"canary" * 9
    stream = sealed(tmp_path, clear)
    others = [
        (bytes(32), label(clear)), (KEY, label(clear, dataset="uketsuke")), (KEY, label(clear, name="Y.dat")), (KEY, label(b"else")),
        (KEY, label(clear, name='X.dat","', dataset="juki_idou")),
    ]  # fmt: skip
    assert [code_of(lambda k=k, a=a: crypt.unseal(io.BytesIO(stream), k, a)) for k, a in others] == ["NP-3203"] * len(others)


def test_同じ鍵の二つの封を混ぜても開かない(tmp_path: Path) -> None:
    """A key is for one stream; even so their chunks do not fit each other."""
    clear = bytes(range(48))
    one, two = (pieces(sealed(tmp_path, clear)) for _ in range(2))
    assert one[0] != two[0]
    for at in range(1, 4):
        mixed = b"".join([*one[:at], two[at], *one[at + 1 :]])
        assert code_of(lambda mixed=mixed: crypt.unseal(io.BytesIO(mixed), KEY, label(clear))) == "NP-3203"


def test_読む間に変わったものは封をしない(tmp_path: Path) -> None:
    assert code_of(lambda: sealed(tmp_path, b"other bytes", about=label(b"as it was"))) == "NP-3204"
    assert list(tmp_path.iterdir()) == []


@given(
    clear=st.binary(max_size=200),
    cut=st.integers(0, 400),
    flip=st.integers(0, 400),
    bit=st.integers(0, 7),
    key=st.binary(min_size=32, max_size=32),
)
@settings(max_examples=150, deadline=None)
def test_元に戻るか_何も出さないか(
    tmp_path_factory: pytest.TempPathFactory, clear: bytes, cut: int, flip: int, bit: int, key: bytes
) -> None:
    folder = tmp_path_factory.mktemp("seal")
    stream = sealed(folder, clear, key)
    out = io.BytesIO()
    crypt.unseal(io.BytesIO(stream), key, label(clear), out)
    assert out.getvalue() == clear
    if cut < len(stream):
        assert code_of(lambda: crypt.unseal(io.BytesIO(stream[:cut]), key, label(clear))) == "NP-3203"
    if flip < len(stream):
        bent = bytearray(stream)
        bent[flip] ^= 1 << bit
        assert code_of(lambda: crypt.open_into(io.BytesIO(bytes(bent)), folder / "clear", key, label(clear))) == "NP-3203"
        assert not (folder / "clear").exists()
